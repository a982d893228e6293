"""`detector score`: pages in, verdicts out, in the format asked for."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from detector import settings
from detector.commands.console import destination, say, wants_color, width, writing
from detector.errors import SourceError, UsageError
from detector.report import Run
from detector.settings import GATES, Settings

if TYPE_CHECKING:
    from detector.acceptance import Acceptance, Baseline, Record
    from detector.document import Document, Unreadable
    from detector.score import Detector
    from detector.sources import Reading
    from detector.verdict import Evidence, Outcome, Verdict

MET, FAILED = 1, 2  # exit codes: --fail-on is met; a source that was named could not be read at all


def score(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    # one page needs no second thread for linear algebra, and starting them takes a third of numpy's import
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen, origins = chosen_settings(options)
    if options.show_config:
        with writing():
            sys.stdout.write(settings.describe(chosen, origins) + "\n")
        return 0
    if not all(options.sources or [""]):
        raise UsageError("name a SOURCE: an address, a file, a folder, or - for standard input.")
    _spare_sources(options)

    with _without_collecting():
        from detector.report import open_report
        from detector.score import Detector
        from detector.sources import Reading

        accepted = _Accepted(chosen, options.write_baseline)
        detector = Detector.load(
            chosen.model, base_rate=chosen.base_rate, ignore=chosen.ignore, accept=accepted
        )
    reading = Reading(chosen.careful, options.allow_private, chosen.site)
    gate = GATES.get(chosen.fail_on or "", frozenset())
    run = _Run(options.sources, reading, gate, output=options.output)
    name = str(options.output or "standard output")
    # half a surrogate pair has no UTF-8; as a backslash escape it is valid JSON
    errors = "backslashreplace" if chosen.format in ("json", "jsonl", "sarif") else "replace"
    with contextlib.ExitStack() as files:  # opened before the work begins, so that none is in vain
        out = files.enter_context(destination(options.output, errors=errors))
        if options.write_baseline:
            accepted.write_to(
                files.enter_context(destination(options.write_baseline, errors="backslashreplace"))
            )
        report = open_report(
            chosen.format,
            out,
            many=run.may_be_many,
            with_text=chosen.with_text,
            color=wants_color(options.color if options.output is None else bool(options.color)),
            width=width(),
            base_rate=chosen.base_rate,
            run=run,
        )
        with _progress(run, seen=options.output is not None or not sys.stdout.isatty()) as advance:
            for item in run:
                verdict, document = _answer(detector, item, debug=options.debug)
                run.count(verdict)
                with writing(name):
                    report.add(verdict, document)
                accepted.add(verdict, document)
                advance()
        with writing(name):
            report.close()
            out.flush()
        with writing(str(options.write_baseline)):
            accepted.close()
    if run.may_be_many or run.tally.total() > 1:
        say(run.summary())
    return run.exit_code


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """What is loaded here stays to the end: to look for garbage in it again and again takes an eighth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def chosen_settings(options: argparse.Namespace) -> tuple[Settings, Mapping[str, str]]:
    """What the command line says, else the file, else the defaults; and for each field where it comes from."""
    file = options.config
    if file is None and not options.no_config:
        with contextlib.suppress(FileNotFoundError):  # the working directory has been deleted
            file = settings.find(Path.cwd())
    values: dict[str, Any] = {} if file is None else settings.read(file)
    origins = dict.fromkeys(values, str(file))
    for name in Settings._fields:
        if name not in options:
            continue
        given = getattr(options, name)
        if name == "ignore":
            given = [signal.strip() for names in given for signal in names.split(",") if signal.strip()]
        given = settings.check(name.replace("_", "-"), given, Path(), "--")
        if name == "ignore" and name in values:
            given = tuple(dict.fromkeys((*values[name], *given)))
            origins[name] += " and the command line"
        else:
            origins[name] = "the command line"
        values[name] = given
    return Settings(**values), origins


def _spare_sources(options: argparse.Namespace) -> None:
    """Raise UsageError when a file of results would take the place of a source."""
    results = [path for path in (options.output, options.write_baseline) if path is not None]
    for path in results:
        for source in options.sources:
            with contextlib.suppress(OSError, ValueError):
                if path.samefile(source):
                    raise UsageError(f"{path} is a source; name another file to write to.")
    if len(results) == 2 and os.path.realpath(results[0]) == os.path.realpath(results[1]):
        raise UsageError(f"{results[0]} cannot hold both the report and the baseline; name two files.")


class _Accepted:
    """What earlier runs and the pages themselves have accepted, and what this run writes for later ones."""

    def __init__(self, chosen: Settings, write: Path | None) -> None:
        self._baseline: Baseline | None = None
        self._comments = chosen.allow_comments
        self._record: Record | None = None
        self._out: TextIO | None = None
        self._rewritten = bool(chosen.baseline and write and chosen.baseline.resolve() == write.resolve())
        # the file that is written for the first time may stand in the settings already
        if chosen.baseline and (chosen.baseline.exists() or not self._rewritten):
            from detector.acceptance import Baseline

            self._baseline = Baseline(chosen.baseline)

    def write_to(self, out: TextIO) -> None:
        """Keep what is found, for the baseline that `close` writes."""
        from detector.acceptance import Record

        self._record, self._out = Record(), out

    def __call__(self, document: Document, evidence: Mapping[str, Evidence]) -> Mapping[str, tuple[str, ...]]:
        """See `detector.score.Accept`."""
        if self._baseline is None and "detector:" not in document.text:
            return {}  # most runs and pages: nothing need be loaded
        return self._acceptance(document, evidence)

    @cached_property
    def _acceptance(self) -> Acceptance:
        from detector.acceptance import Acceptance

        return Acceptance(self._baseline, comments=self._comments, say=say)

    def add(self, verdict: Verdict, document: Document | None) -> None:
        """Take note of a verdict for the baseline that is to be written."""
        if self._record is not None and document is not None:
            self._record.add(verdict, document)

    def close(self) -> None:
        """Write the new baseline, and say what is wrong with the old one."""
        if self._record is not None and self._out is not None:
            self._record.write(self._out)
        if self._baseline is not None and not self._rewritten:
            for complaint in self._baseline.complaints():
                say(complaint)


class _Run(Run):
    """The documents of all sources, in order, and what came of them."""

    def __init__(
        self, names: Sequence[str], reading: Reading, gate: frozenset[Outcome], *, output: Path | None
    ) -> None:
        self.names = names
        self.tally: Counter[Outcome] = Counter()
        self._reading = reading
        self._gate = gate
        self._output = output
        self._unread = 0
        self._failed = False

    def __iter__(self) -> Iterator[Document | Unreadable]:
        from detector.document import Unreadable
        from detector.sources import read_sources

        for name in self.names:
            self.source = name
            try:
                for item in read_sources([name], sys.stdin.buffer if sys.stdin else None, self._reading):
                    if isinstance(item, Unreadable) and item.id == name:
                        self._fail(name, item.message)
                    if not self._is_output(item.id):
                        yield item
            except SourceError as error:
                self._fail(name, str(error))
                yield Unreadable(name, error.kind, str(error))

    def _is_output(self, id: str) -> bool:
        """Whether a page is the report of an earlier run, left in the folder that is read."""
        if self._output is None or not self._output.is_file():
            return False
        file = self.locate(id)
        return file is not None and file.samefile(self._output)

    def _fail(self, name: str, message: str) -> None:
        self._failed = True
        say(message if name in message else f"{name}: {message}")

    def count(self, verdict: Verdict) -> None:
        """Take note of a verdict."""
        self.tally[verdict.outcome] += 1
        self._unread += verdict.error is not None

    @property
    def may_be_many(self) -> bool:
        """Whether the sources are such that several verdicts may come, however many do: decides the shape of JSON."""
        only = self.names[0]
        return len(self.names) != 1 or only.lower().endswith((".jsonl", ".ndjson")) or Path(only).is_dir()

    @property
    def exit_code(self) -> int:
        """See `Run.exit_code`."""
        if self._failed:
            return FAILED
        return MET if any(self.tally[outcome] for outcome in self._gate) else 0

    def locate(self, id: str) -> Path | None:
        """See `Run.locate`."""
        folder = Path(self.source).is_dir()
        if not folder and id != self.source:
            return None
        # os.path, because a row's id may be too long for a file name, and Path raises for that
        path = os.path.join(self.source, id) if folder else id  # noqa: PTH118
        return Path(path) if os.path.isfile(path) else None  # noqa: PTH113

    def summary(self) -> str:
        """See `Run.summary`."""
        from detector.verdict import OUTCOMES

        counts = ", ".join(f"{self.tally[outcome]} {outcome}" for outcome in OUTCOMES)
        unreadable = f" (of these {self._unread} could not be read)" if self._unread else ""
        total = self.tally.total()
        return f"{total} input{'s' if total != 1 else ''}: {counts}{unreadable}"


def _answer(
    detector: Detector, item: Document | Unreadable, *, debug: bool
) -> tuple[Verdict, Document | None]:
    """The verdict on one input. A fault of ours on one page costs that page's verdict, never the run."""
    from detector.document import Document, Unreadable

    document = item if isinstance(item, Document) else None
    try:
        return detector.answer(item), document
    except Exception as error:
        if debug:
            raise
        message = f"a fault of detector itself ({type(error).__name__}: {error})"
        say(f"{item.id}: {message}; --debug shows where")
        return detector.answer(Unreadable(item.id, "internal", message, item.url, item.title)), None


@contextlib.contextmanager
def _progress(run: _Run, *, seen: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error for many inputs, when a person looks there and no text scrolls by already."""
    if not (run.may_be_many and seen and sys.stderr and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from detector.sources import count_sources

    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scoring", total=count_sources(run.names))
        yield lambda: bar.advance(task)
