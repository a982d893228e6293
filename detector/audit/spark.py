"""A cluster: Spark's workers read and answer the files of a crawl, Spark SQL joins the pages.

OUT, and files that are named by their paths, must lie where the driver and all workers see them. Files named as Spark
names them (s3a://, hdfs://, file://) are read by Spark and handed over whole. Parts and rows do not depend on the
cluster, so a run may go on with other workers.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field
from functools import cached_property, partial
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from detector import __version__, errors, model
from detector.audit.audit import begin, finish
from detector.audit.guard import guard_of_this_process
from detector.audit.local import CHUNK_BYTES, CHUNK_RECORDS, JOIN_ROWS, SAVED, Rows, chunks
from detector.audit.run import RunFolder, part_name, whole, write_table
from detector.audit.schema import PAGES
from detector.audit.worker import Settings
from detector.errors import DetectorError, SourceError, UsageError
from detector.score import Detector
from detector.signals.crawl._tables import Function
from detector.sources.crawls import Crawl, StoredFile, is_live, kinds, open_crawl, read_stored
from detector.sources.crawls.record import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART_BYTES = (100_000, 64_000_000)  # of files that make a part: the least and the most
PARTS = 256  # of a crawl whose size lies between
FILES = 1_000  # of a part
STRIPES = 8  # parts of one large file; each of them reads it, and answers its own records
LONGEST = 2_000_000_000  # bytes of a file that Spark hands over
SHUFFLED = 32_000_000  # bytes of pages, packed as they are, for one task of a join
PATIENCE = 120  # seconds until a cluster must have taken the first task
TELL = 15.0  # seconds between lines of progress
PASSED_OVER = b"detector.passed_over"  # in the metadata of a part

_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_GLOB = re.compile(r"[\[\]{}*?\\]")


def audit(
    names: Sequence[str], output: Path, settings: Settings, *, master: str | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """Run it, or go on with it; returns what run.json says at the end.

    names: files, folders and lists of paths as `open_crawl` takes them, or addresses such as s3a://bucket/file.warc.gz
    and lists of them. master: as Spark writes it; None: what Spark is set to, or all cores of this machine.
    Raises DetectorError with one line that says what to do, whatever Spark meets.
    """
    output = output.resolve()
    if _GLOB.search(str(output)):
        raise UsageError(f"{output}: Spark takes [ ] {{ }} * ? in a path for a pattern; name another folder.")
    with Cluster(master, output, say) as cluster:
        uris = addresses(names)
        crawl = cluster.listed(uris) if uris else _stored(names)
        units = plan(crawl.files, stripes=0 if uris else STRIPES)
        run = begin(
            crawl, output, settings, engine="spark", options={"parts": [len(units), CHUNK_RECORDS]}, say=say
        )
        if run.info["state"] == "done":
            return run.info
        started = time.monotonic()
        cluster.check(run, crawl)
        shipped = cluster.ship(settings, run.info["model"]["sha256"])
        cluster.map(units, run, shipped, handed_over=bool(uris))
        passed_over = Counter(crawl.passed_over) + _passed_over(run)
        run.note(
            passed_over=dict(sorted(passed_over.items())),
            seconds_mapping=round(time.monotonic() - started, 1),
        )
        return finish(run, SparkTables(cluster.session, run), shipped, say=say)


@dataclass(frozen=True)
class Shipped(Settings):
    """Settings whose model is the name of what Spark has unpacked on every worker."""

    def here(self) -> Settings:
        """The same with the model's place on this worker."""
        from pyspark import SparkFiles

        return Settings(**asdict(self) | {"model": SparkFiles.get(str(self.model))})

    def load(self) -> Detector:
        """The detector they ask for. Raises ModelError."""
        return self.here().load()


# --- what is read ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A crawl of files that Spark knows."""

    kind: str
    files: tuple[StoredFile, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """What becomes one part: neighbouring files, the first of them at the place `first`, or a stripe of one."""

    part: int
    first: int
    files: tuple[StoredFile, ...]
    stripe: int = 0
    stripes: int = 1

    @property
    def size(self) -> int:
        """How many bytes it answers for."""
        return sum(file.size for file in self.files) // self.stripes

    def to_json(self) -> str:
        """As one line."""
        files = [
            [str(value) if isinstance(value, Path) else value for value in astuple(file)]
            for file in self.files
        ]
        return json.dumps(
            {"part": self.part, "first": self.first, "files": files}
            | {"stripe": self.stripe, "stripes": self.stripes}
        )

    @classmethod
    def from_json(cls, text: str) -> Unit:
        """What `to_json` wrote."""
        raw = json.loads(text)
        files = tuple(StoredFile(name, Path(path), *rest) for name, path, *rest in raw["files"])
        return cls(raw["part"], raw["first"], files, raw["stripe"], raw["stripes"])

    def records(self, passed_over: Counter[str]) -> Rows:
        """The records of its files with their rows; what is no page is counted."""
        crawl = Crawl("", self.files, Counter())
        for row, record in crawl.records():
            if (row & 0xFFFFFFFF) // CHUNK_RECORDS % self.stripes == self.stripe:
                yield (self.first << 32) + row, record
        if self.stripe == 0:
            passed_over.update(crawl.passed_over)


def plan(files: Sequence[StoredFile], *, stripes: int) -> list[Unit]:
    """What is read together: always the same for the same files. stripes: that a large file may have; 0: none."""
    least, most = PART_BYTES
    wanted = min(max(sum(file.size for file in files) // PARTS, least), most)
    units: list[Unit] = []
    waiting: list[StoredFile] = []

    def close(place: int) -> None:
        if waiting:
            units.append(Unit(len(units), place - len(waiting), tuple(waiting)))
            waiting.clear()

    for place, file in enumerate(files):
        parts = min(stripes or 1, file.size // wanted)
        if parts > 1 or file.size >= wanted:
            close(place)
            units += [Unit(len(units) + k, place, (file,), k, max(1, parts)) for k in range(max(1, parts))]
            continue
        waiting.append(file)
        if len(waiting) == FILES or sum(f.size for f in waiting) >= wanted:
            close(place + 1)
    close(len(files))
    return units


def addresses(names: Sequence[str]) -> list[str]:
    """The addresses that only Spark can read, named themselves or line by line in a list; none where paths are named.

    Raises UsageError where both are named, and for pages that would have to be fetched.
    """
    found: list[str] = []
    others = 0
    for name in names:
        if is_live(name):
            raise UsageError(f"{name}: would have to be fetched; --engine local does that.")
        lines = [name]
        if not _URI.match(name) and _is_list(Path(name)):
            text = Path(name).read_text("utf-8-sig", "replace")
            lines = [
                line.strip()
                for line in text.splitlines()
                if line.strip() and not line.lstrip().startswith("#")
            ]
        known = [line for line in lines if _URI.match(line)]
        found += known
        others += len(lines) - len(known)
    if found and others:
        raise UsageError(
            "name the files of a crawl either all by paths or all by addresses such as s3a:// and file://."
        )
    return list(dict.fromkeys(found))


def _is_list(path: Path) -> bool:
    try:
        return path.is_file() and kinds.kind_of(path) == kinds.PATHS
    except OSError:
        return False


def _stored(names: Sequence[str]) -> Crawl:
    crawl = open_crawl(names)
    if any(file.kind == kinds.ADDRESSES for file in crawl.files):
        raise UsageError(
            f"{' '.join(names)}: a table of addresses with stored pages; --engine local reads these."
        )
    files = [StoredFile(f.name, f.path.resolve(), f.size, f.mtime_ns, f.kind, f.url) for f in crawl.files]
    return Crawl(crawl.kind, files, Counter(crawl.passed_over))


# --- on the workers --------------------------------------------------------------------------------------------------

_WRITTEN = pa.schema([("part", pa.int64())])


def _probe(told: tuple[str, ...], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Which detector a worker has, and which of the driver's files it does not see."""
    for _ in batches:
        missing = [path for path in told if not Path(path).exists()]
        yield pa.RecordBatch.from_pylist([{"version": __version__, "missing": missing[0] if missing else ""}])


def _answer_stored(
    settings: Shipped, pages: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Read and answer units by their paths."""
    for batch in batches:
        for text in batch.column(0).to_pylist():
            unit, passed_over = Unit.from_json(text), Counter[str]()
            _write_part(unit.part, unit.records(passed_over), passed_over, settings, Path(pages))
            yield pa.RecordBatch.from_pylist([{"part": unit.part}], schema=_WRITTEN)


def _answer_handed_over(
    settings: Shipped, pages: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Answer files whose content comes with them; those of a part come one behind the other."""
    rows = (row for batch in batches for row in _one_by_one(batch))
    for part, files in groupby(rows, key=lambda row: row["part"]):
        passed_over: Counter[str] = Counter()
        records = (pair for file in files for pair in _records_of(file, passed_over))
        _write_part(part, records, passed_over, settings, Path(pages))
        yield pa.RecordBatch.from_pylist([{"part": part}], schema=_WRITTEN)


def _one_by_one(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """The rows of a batch, only one of them with its content as a Python object."""
    for k in range(batch.num_rows):
        yield {name: batch.column(name)[k].as_py() for name in batch.schema.names}


def _records_of(file: dict[str, Any], passed_over: Counter[str]) -> Rows:
    name, content = file["name"], file["content"]
    if content is None:
        problem = f"{name}: larger than the {LONGEST // 10**9} GB that Spark hands over; name it by a path."
        yield file["place"] << 32, Record(name, name, problem=problem, fault="too_large")
        return
    for number, record in read_stored(name, BytesIO(content), passed_over=passed_over):
        yield file["place"] << 32 | number, record


def _write_part(part: int, records: Rows, passed_over: Counter[str], settings: Shipped, pages: Path) -> None:
    guard = guard_of_this_process(settings.here())
    with whole(pages / part_name(part)) as file, pq.ParquetWriter(file, PAGES, compression="zstd") as writer:
        for chunk in chunks(records):
            writer.write_table(guard.rows(chunk))
        writer.add_key_value_metadata({PASSED_OVER: json.dumps(passed_over)})


def _mapped(function: Function, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if batch.num_rows:
            yield function(batch)


def _passed_over(run: RunFolder) -> Counter[str]:
    """What the workers have passed over, from the parts they have written."""
    found: Counter[str] = Counter()
    for file in run.pages.glob("part-*.parquet"):
        found.update(json.loads((pq.read_metadata(file).metadata or {}).get(PASSED_OVER, b"{}")))
    return found


# --- the cluster -----------------------------------------------------------------------------------------------------


class Cluster:
    """Spark, started when it is needed first. Use as a context manager: what Spark raises leaves it as one sentence."""

    def __init__(self, master: str | None, output: Path, say: Callable[[str], None]) -> None:
        self._master, self._say, self._output = master, say, output
        self._folder = Path(tempfile.mkdtemp(prefix="detector-spark-"))
        self._log = self._folder / "spark.log"

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            told = (
                _told(error, self._log)
                if isinstance(error, Exception) and not isinstance(error, DetectorError)
                else None
            )
        finally:
            if "session" in self.__dict__:
                _stop(self.session)
            shutil.rmtree(self._folder, ignore_errors=True)
        if told is not None:
            raise told from error

    @cached_property
    def session(self) -> SparkSession:
        """The connection to the cluster. Raises UsageError, SourceError."""
        try:
            from pyspark import SparkConf, SparkContext
            from pyspark.java_gateway import launch_gateway
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise UsageError(
                "--engine spark needs pyspark; install it with: pip install 'detector[spark]'"
            ) from error
        _look_for_java()
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        conf = SparkConf().setAppName(f"detector audit {self._output.name}")
        if self._master is not None:
            conf.setMaster(self._master)
        if (self._master or "local").startswith("local") and "PYSPARK_GATEWAY_PORT" not in os.environ:
            # one machine: nothing listens on the network
            for key, value in _ALONE.items():
                conf.set(key, value)
        for key, value in _SET.items():
            conf.set(key, value)
        with self._log.open("wb") as log:
            gateway = launch_gateway(
                conf,  # type: ignore[no-untyped-call]
                {"stdout": log, "stderr": log},
            )
        _look_for_master(gateway.jvm, self._master)
        context = SparkContext(conf=conf, gateway=gateway)
        context.setLogLevel("ERROR")
        return SparkSession(context)

    def listed(self, uris: Sequence[str]) -> Listed:
        """The files behind addresses, in their order. Raises SourceError."""
        self._say(f"looking for {len(uris):,} files")
        context = self.session.sparkContext
        paths = context._jvm.org.apache.hadoop.fs.Path  # type: ignore[union-attr]
        conf = context._jsc.hadoopConfiguration()
        full = {uri: paths(uri).getFileSystem(conf).makeQualified(paths(uri)).toString() for uri in uris}
        frame = self.session.read.format("binaryFile").load(list(full.values()))
        frame = frame.selectExpr("path", "length", "unix_micros(modificationTime) AS changed")
        known = {row["path"]: row for row in frame.collect()}
        if missing := [uri for uri in uris if full[uri] not in known]:
            raise SourceError(
                f"{missing[0]}: no file that Spark reads; name files, no folders and no patterns."
            )
        files = [
            StoredFile(
                uri, Path(full[uri]), known[full[uri]]["length"], 1000 * known[full[uri]]["changed"], "file"
            )
            for uri in uris
        ]
        self._paths = full
        return Listed("files of a cluster", tuple(files))

    def check(self, run: RunFolder, crawl: Crawl | Listed) -> None:
        """Raises SourceError when the workers have another detector, or do not see what they must."""
        told = [run.path / "run.json", *(file.path for file in crawl.files[:1] if isinstance(crawl, Crawl))]
        context = self.session.sparkContext
        waiting = threading.Timer(PATIENCE, context.cancelAllJobs)
        waiting.daemon = True
        waiting.start()
        try:
            tasks = context.defaultParallelism
            frame = self.session.range(0, tasks, 1, tasks)
            answers = frame.mapInArrow(
                partial(_probe, tuple(map(str, told))), "version string, missing string"
            ).collect()
        except Exception as error:
            if not waiting.is_alive():
                problem = f"{context.master} gives no worker within {PATIENCE} s"
                raise SourceError(
                    f"{problem}; see there whether any is alive and has the memory that is asked for."
                ) from error
            raise
        finally:
            waiting.cancel()
        for answer in answers:
            if answer["version"] != __version__:
                raise SourceError(
                    f"the workers have detector {answer['version']}, here it is {__version__}; install the same."
                )
            if answer["missing"]:
                raise SourceError(
                    f"the workers do not see {answer['missing']}; put it where all machines see it."
                )

    def ship(self, settings: Settings, digest: str) -> Shipped:
        """Send the model to the workers, once."""
        folder = Path(settings.model) if settings.model else model.current_model()
        name = f"model-{digest[:16]}"
        archive = shutil.make_archive(str(self._folder / name), "zip", folder)
        self.session.sparkContext.addArchive(f"{archive}#{name}")
        return Shipped(**asdict(settings) | {"model": name})

    def map(self, units: Sequence[Unit], run: RunFolder, settings: Shipped, *, handed_over: bool) -> None:
        """Answer all units and write the parts that are not there yet."""
        known = run.parts()
        todo = [unit for unit in units if unit.part not in known]
        if not todo:
            return
        with self._progress(units, run):
            if handed_over:
                self._map_handed_over(todo, run, settings)
                return
            rows = self.session.sparkContext.parallelize([(unit.to_json(),) for unit in todo], len(todo))
            frame = self.session.createDataFrame(rows, "unit string")
            frame.mapInArrow(partial(_answer_stored, settings, str(run.pages)), "part long").collect()

    def _map_handed_over(self, todo: Sequence[Unit], run: RunFolder, settings: Shipped) -> None:
        """Files of a part of many are brought together; one that is a part by itself stays where it was read."""
        conf = self.session.conf
        conf.set("spark.sql.execution.arrow.useLargeVarTypes", "true")
        conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1")
        conf.set("spark.sql.files.maxPartitionBytes", str(PART_BYTES[0]))
        conf.set("spark.sql.files.openCostInBytes", "65536")
        function = partial(_answer_handed_over, settings, str(run.pages))
        for alone in (True, False):
            units = [unit for unit in todo if (len(unit.files) == 1) is alone]
            if units:
                frame = self._contents(units)
                if not alone:
                    frame = frame.repartition(len(units), "part").sortWithinPartitions("part", "place")
                frame.mapInArrow(function, "part long").collect()
        for name, value in _SET.items():
            if name.startswith("spark.sql.execution.arrow."):
                conf.set(name, value)
        conf.set("spark.sql.execution.arrow.useLargeVarTypes", "false")

    def _contents(self, units: Sequence[Unit]) -> DataFrame:
        """part, place, name and content of the units' files; no content where it is too long."""
        from pyspark.sql.functions import broadcast

        files = [
            (unit.part, unit.first + k, file.name, self._paths[file.name], file.size)
            for unit in units
            for k, file in enumerate(unit.files)
        ]
        short = [file for file in files if file[-1] <= LONGEST]
        columns = "part long, place long, name string, path string, size long"
        long = self.session.createDataFrame([f for f in files if f[-1] > LONGEST], columns)
        frame = long.selectExpr("part", "place", "name", "CAST(NULL AS BINARY) AS content")
        if not short:
            return frame
        contents = self.session.read.format("binaryFile").load([file[3] for file in short])
        found = contents.where(f"length <= {LONGEST}").join(
            broadcast(self.session.createDataFrame(short, columns)), "path"
        )
        return found.select("part", "place", "name", "content").unionAll(frame)

    @contextmanager
    def _progress(self, units: Sequence[Unit], run: RunFolder) -> Iterator[None]:
        """A line now and then: what share of the crawl is answered, and the time that is left."""
        sizes = {unit.part: unit.size for unit in units}
        total, ended, started = sum(sizes.values()) or 1, threading.Event(), time.monotonic()
        before = sum(sizes[part] for part in run.parts())

        def tell() -> None:
            while not ended.wait(TELL):
                parts = run.parts()
                done, seconds = sum(sizes[part] for part in parts), time.monotonic() - started
                left = (
                    f", about {(total - done) / (done - before) * seconds / 60:.0f} min left"
                    if done > before
                    else ""
                )
                self._say(f"{len(parts):,} of {len(sizes):,} parts, {done / total:.0%}{left}")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


# Without them Spark asks for more than one machine has to give.
_ALONE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
}
_SET = {
    "spark.ui.showConsoleProgress": "false",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(JOIN_ROWS),
    "spark.sql.execution.arrow.maxBytesPerBatch": str(CHUNK_BYTES),
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.adaptive.enabled": "true",
}


def _look_for_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if shutil.which(str(Path(home) / "bin" / "java") if home else "java") is None:
        where = f"JAVA_HOME={home} holds none" if home else "there is none"
        raise UsageError(f"Spark needs Java, and {where}; install Java 17 or 21 and set JAVA_HOME.")


def _look_for_master(jvm: Any, master: str | None) -> None:
    """Raises SourceError when no standalone cluster answers there; Spark itself would try for minutes."""
    if master is None or not master.startswith("spark://"):
        return
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]

    for host, _, port in (place.rpartition(":") for place in master.removeprefix("spark://").split(",")):
        with contextlib.suppress(Py4JError, ValueError):
            link = jvm.java.net.Socket()
            link.connect(jvm.java.net.InetSocketAddress(host, int(port)), 10_000)
            link.close()
            return
    raise SourceError(f"{master}: no master answers there; start it, or correct --master.")


def _stop(session: SparkSession) -> None:
    """End it; that a cluster is gone already is no news to somebody who has been told why."""
    with contextlib.suppress(Exception):  # whatever the other side of a broken connection raises
        session.stop()


_OURS = re.compile(r"detector\.errors\.(\w+): (.+)")
_CAUSES = (
    (
        "PACKAGE_NOT_INSTALLED",
        "a package that Spark needs is not installed; say: pip install 'detector[spark]'",
    ),
    (
        "No module named 'detector",
        "the Python of the workers cannot import detector; install it there, or ship it (docs/spark.md)",
    ),
    (
        "PYTHON_VERSION_MISMATCH",
        "the workers have another version of Python; set PYSPARK_PYTHON to one like that of the driver",
    ),
    (
        "OutOfMemoryError",
        "Spark ran out of memory; give it more with spark.executor.memory or spark.driver.memory (docs/spark.md)",
    ),
    (
        "No FileSystem for scheme",
        "Spark does not know this kind of address; add its connector, for s3a hadoop-aws (docs/spark.md)",
    ),
    (
        "ClassNotFoundException: Class org.apache.hadoop.fs.s3a",
        "s3a:// needs hadoop-aws; add it with spark.jars.packages",
    ),
    (
        "No space left on device",
        "a disk of the cluster is full; set spark.local.dir to a larger one, or free the one of OUT",
    ),
    (
        "All masters are unresponsive",
        "the master does not answer any more; see whether it is alive, then run this again",
    ),
    ("Could not parse Master URL", "there is no such --master; write local[4], spark://HOST:7077 or yarn"),
)


def _told(error: Exception, log: Path) -> DetectorError | None:
    """What Spark has raised in one sentence; None for what is none of Spark's."""
    if type(error).__module__.split(".")[0] not in {"py4j", "pyspark"} and not isinstance(
        error, ConnectionError
    ):
        return None
    text = str(error)
    try:
        logged = log.read_text("utf-8", "replace")[-20_000:]
    except OSError:
        logged = ""
    if ours := _OURS.findall(text):
        kind, message = ours[-1]
        known = getattr(errors, kind, SourceError)
        return known(message.strip()) if issubclass(known, DetectorError) else SourceError(message.strip())
    if "PATH_NOT_FOUND" in text and (path := re.search(r"does not exist: (\S+?)\.? ", text)):
        return SourceError(f"{path[1]}: no such file; check the spelling.")
    for mark, says in _CAUSES:
        if mark in text or mark in logged:
            return SourceError(f"{says}.")
    causes = re.findall(r"(?:Caused by: |^)([\w.$]*(?:Exception|Error)[:\]].*)", text, re.MULTILINE)
    line = (causes[-1] if causes else text.strip().partition("\n")[0] or type(error).__name__)[:400]
    return SourceError(f"Spark gave up: {line}; what is done is kept, run the same again to go on.")


# --- the joins -------------------------------------------------------------------------------------------------------


class SparkTables:
    """Tables of one run as Parquet files beside it; whatever worker is lost, a table that is made is there."""

    explode, collect, slice = "explode", "collect_list", "slice"

    def __init__(self, session: SparkSession, run: RunFolder) -> None:
        from pyspark.sql.pandas.types import from_arrow_schema

        self._session, self._run = session, run
        self._type = from_arrow_schema
        self._fetched = 0

    def __enter__(self) -> SparkTables:
        self._run.work.mkdir(parents=True)
        size = sum(file.stat().st_size for file in self._run.pages.glob("part-*.parquet"))
        tasks = max(2 * self._session.sparkContext.defaultParallelism, size // SHUFFLED)
        self._session.conf.set("spark.sql.shuffle.partitions", str(tasks))
        self._view("pages", self._run.pages, self._type(PAGES))
        return self

    def __exit__(self, *_: object) -> None:
        self._session.catalog.clearCache()

    def sql(self, name: str, query: str) -> None:
        """Make the table `name` of a query."""
        self._keep(name, self._session.sql(query))

    def map(self, name: str, query: str, function: Function, schema: pa.Schema) -> None:
        """Make the table `name` of what `function` makes of the query's batches."""
        self._keep(name, self._session.sql(query).mapInArrow(partial(_mapped, function), self._type(schema)))

    def fetch(self, query: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch."""
        self._fetched += 1
        for file in self._write(f"fetched_{self._fetched}", self._session.sql(query)):
            yield from pq.ParquetFile(file).iter_batches(10_000)

    def save(self, name: str, query: str, renamed: Mapping[str, str] | None = None) -> None:
        """Write a query's rows to the run's folder, in their order; columns that SQL could not call so are renamed."""
        schema = SAVED[name]
        files = self._write(f"saved_{name}", self._session.sql(query))
        if name == "verdicts":  # as many files as it has
            for old in self._run.verdicts.glob("part-*.parquet"):
                old.unlink()
            targets = [(self._run.verdicts / part_name(k), [file]) for k, file in enumerate(files)]
        else:
            targets = [(self._run.path / f"{name}.parquet", files)]
        for target, sources in targets:
            with whole(target) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for batch in (b for source in sources for b in pq.ParquetFile(source).iter_batches(2_000)):
                    names = [(renamed or {}).get(column, column) for column in batch.schema.names]
                    writer.write_table(
                        pa.Table.from_batches([batch]).rename_columns(names).select(schema.names).cast(schema)
                    )

    def save_rows(self, name: str, schema: pa.Schema, found: Iterable[dict[str, Any]]) -> None:
        """Write rows to the run's folder."""
        write_table(pa.Table.from_pylist(list(found), schema=schema), self._run.path / f"{name}.parquet")

    def _keep(self, name: str, frame: DataFrame) -> None:
        self._write(name, frame)
        self._view(name, self._run.work / name, frame.schema)

    def _write(self, name: str, frame: DataFrame) -> list[Path]:
        """The files of a table, in the order of its rows."""
        folder = self._run.work / name
        frame.write.mode("overwrite").parquet(f"file://{folder}")
        return sorted(folder.glob("part-*.parquet"), key=number_of_task)

    def _view(self, name: str, folder: Path, schema: Any) -> None:
        self._session.read.schema(schema).parquet(f"file://{folder}").createOrReplaceTempView(name)


def number_of_task(file: Path) -> int:
    """The task that has written a file of Spark's."""
    return int(file.name.split("-")[1])
