"""What tests share: tables, and a small model that fits whatever signals there are."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detector import explain, model, signals
from detector.document import Document
from detector.tables import Tables

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from detector.audit.results import Results
    from detector.sources.crawls.record import Record

# Written for the tests: long enough to be scored, and about nothing that any signal looks for.
PLAIN = """The bench by the canal

Every Tuesday my neighbour Harold walks to the bench by the canal and counts the boats. Last week there were nine,
and two of them were painted green. He writes the number in a small notebook that his daughter gave him in 2011.

On the way home he buys bread from the bakery on Mill Street. The baker, Mrs. Okafor, keeps a rye loaf back for him
because he once repaired her shutters and would not take any money. It costs 3.40 now, which he thinks is fair.

In winter the canal freezes near the lock. Children throw stones to hear the ice ring, and Harold stays at home with
the radio. He told me that he misses the sound of the engines more than the sun, and I believe him.
"""

# Pushes of the small model: enough that outcomes differ, and nothing learned.
_CURVES = {
    "place": {"knots": [0, 1, 4], "pushes": [0, 1.5, 3]},
    "habit": {"knots": [0, 1, 4], "pushes": [0, 0.8, 2]},
    "trust": {"knots": [0, 1, 4], "pushes": [0, -0.5, -1.5]},
    "crawl": {"knots": [0, 1, 4], "pushes": [0, 1, 3]},
}


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The current model's tables, or empty ones in a checkout without a model."""
    current = model.models_folder() / "CURRENT"
    return Tables.load(model.current_model()) if current.is_file() else Tables({})


@pytest.fixture(scope="session")
def plain_text() -> str:
    """About 140 words of honest English."""
    return PLAIN


@pytest.fixture(scope="session")
def _tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    words = sorted(set(Document.from_text(PLAIN).tokens.word))
    (folder / "vocabulary.txt").write_text("\n".join(words), "utf-8")
    values = {
        name: signal.measure(Document.from_text(PLAIN), Tables.load(folder)).value
        for name, signal in signals.registry().items()
    }
    model.write(
        folder,
        name="tiny",
        version="1.2.3",
        content={
            "bias": -0.5,
            "curves": {n: _CURVES[s.KIND] for n, s in explain.known().items() if s.KIND in _CURVES},
            "certain": ["injected_anchor"],
            "thresholds": {"review": 0.5, "reject": 0.8},
            "canaries": [{"text": PLAIN, "values": values}],
        },
    )
    return folder


@pytest.fixture
def tiny_model(_tiny: Path, tmp_path: Path) -> Path:
    """The folder of a small model: a curve for every signal that may push, one canary. The test may damage it."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in _tiny.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def look(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Results]:
    """Audits records in this process: look(records, model=..., ignore=...) gives the results."""
    import pyarrow as pa

    from detector.audit import page
    from detector.audit.across import look_across
    from detector.audit.local import DuckTables
    from detector.audit.results import Results
    from detector.audit.run import RunFolder, part_name, write_table
    from detector.audit.worker import Settings

    def results(
        records: Sequence[Record], *, model: Path = tiny_model, ignore: tuple[str, ...] = ()
    ) -> Results:
        settings = Settings(model=str(model), ignore=ignore)
        detector = settings.load()
        run = RunFolder(tmp_path_factory.mktemp("run"))
        run.begin({"version": "", "model": {}, "inputs": {}, "options": {}})
        rows = [page.answer(n, record, detector, settings.reading) for n, record in enumerate(records)]
        write_table(pa.Table.from_batches([page.to_batch(rows)]), run.pages / part_name(0))
        with DuckTables(run, workers=1, megabytes=500) as tables:
            groups = look_across(tables, settings)
        run.note(state="done", thresholds={"review": 0.5, "reject": 0.8}, groups=groups)
        return Results.open(run.path)

    return results


def pytest_configure(config: pytest.Config) -> None:
    """Tests, and the processes they start, keep what they remember in a folder of their own."""
    folder = tempfile.TemporaryDirectory(prefix="detector-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME"] = folder.name
    # a shell that starts the tests in the background has them ignore ^C, and so would every process they interrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser or a web server may meet a machine too busy to answer in time: it has a second try, and
    the summary names those that needed it. No other test has one.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()) or "wordpress" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


BROWSER = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
    " --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; skipped where it, or playwright, is not installed."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
        path = next(filter(None, found), playwright.chromium.executable_path)
        if not Path(path).exists():
            pytest.skip("Chromium is not installed")
        chromium = playwright.chromium.launch(executable_path=path, args=BROWSER)
        yield chromium
        chromium.close()
