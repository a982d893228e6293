"""datatrove's usual cleaning of a crawl: extraction, quality filters, MinHash. Run by an interpreter that has it.

    python trove.py CRAWL.jsonl WORKDIR WORKERS

prints one JSON object: seconds of each stage, pages kept by the filters, pages that MinHash would remove.
"""

from __future__ import annotations

import json
import logging
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

TIMEOUT = 20  # seconds for a page; with datatrove's own one second its extractor does not get started on a slow machine
BUCKETS = 14  # datatrove's own default, of 8 hashes each: a cutoff of about .72


def read(path: Path, key: str, data: Any, rank: int, world_size: int) -> Iterator[Any]:
    """Every world_size-th line as a document; `data` is what the step before gives: there is none."""
    del data
    document = import_module("datatrove.data").Document
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % world_size == rank:
                row = json.loads(line)
                yield document(text=row[key], id=row["id"])


def keep(path: Path, data: Iterable[Any], rank: int, world_size: int) -> Iterator[Any]:
    """Write what comes through and pass it on."""
    del world_size
    with path.with_name(f"{path.name}.{rank}").open("w", encoding="utf-8") as file:
        for document in data:
            file.write(json.dumps({"id": document.id, "text": document.text}) + "\n")
            yield document


def main(crawl: Path, folder: Path, workers: int) -> dict[str, Any]:
    """Run the stages one after the other."""
    run = import_module("datatrove.executor").LocalPipelineExecutor
    filters = import_module("datatrove.pipeline.filters")
    dedup = import_module("datatrove.pipeline.dedup")
    extract = import_module("datatrove.pipeline.extractors").Trafilatura
    seconds: dict[str, float] = {}

    def stage(name: str, pipeline: list[Any], tasks: int = workers) -> None:
        start = time.monotonic()
        run(
            pipeline,
            tasks=tasks,
            workers=workers,
            logging_dir=str(folder / "logs" / name),
            start_method="fork",
        ).run()
        seconds[name] = round(time.monotonic() - start, 1)

    def lines(name: str) -> int:
        return sum(1 for part in folder.glob(f"{name}.*") for _ in part.open(encoding="utf-8"))

    texts = folder / "texts"
    stage("extract", [partial(read, crawl, "html"), extract(timeout=TIMEOUT), partial(keep, texts)])
    with texts.open("w", encoding="utf-8") as whole:
        for part in sorted(folder.glob("texts.*")):
            whole.write(part.read_text("utf-8"))
    chain = [
        filters.GopherRepetitionFilter(),
        filters.GopherQualityFilter(),
        filters.C4QualityFilter(filter_no_terminal_punct=False),
        filters.FineWebQualityFilter(),
    ]
    stage("filters", [partial(read, texts, "text"), *chain, partial(keep, folder / "kept")])
    stage(
        "signatures", [partial(read, texts, "text"), dedup.MinhashDedupSignature(str(folder / "signatures"))]
    )
    stage(
        "buckets", [dedup.MinhashDedupBuckets(str(folder / "signatures"), str(folder / "buckets"))], BUCKETS
    )
    stage("clusters", [dedup.MinhashDedupCluster(str(folder / "buckets"), str(folder / "remove"))], 1)
    removed = sum(
        file.stat().st_size // struct.calcsize("<I") for file in (folder / "remove").glob("*.remove")
    )
    return {
        "seconds": seconds,
        "extracted": lines("texts"),
        "kept": lines("kept"),
        "removed by MinHash": removed,
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
