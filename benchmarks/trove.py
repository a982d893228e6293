"""datatrove's four quality filters on ready texts, on request. Run by an interpreter that has datatrove and spacy.

    python trove.py TEXTS.jsonl

For each line of standard input it filters all texts once, as a pipeline does (the first filter that drops a text is
its last), and prints [[processor seconds, wall seconds] of each text] and how many are kept, as one line of JSON.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from importlib import import_module
from pathlib import Path


def main(path: Path) -> None:
    """Answer requests until there are no more."""
    document = import_module("datatrove.data").Document
    filters = import_module("datatrove.pipeline.filters")
    chain = [
        filters.GopherRepetitionFilter(),
        filters.GopherQualityFilter(),
        filters.C4QualityFilter(filter_no_terminal_punct=False),
        filters.FineWebQualityFilter(),
    ]

    def keeps(text: str) -> bool:
        given = document(text=text, id="page")
        try:
            return all(step.filter(given) is True for step in chain)
        except Exception:  # noqa: BLE001  a text that a filter cannot take is not kept
            return False

    texts = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for text in texts[:3]:
        keeps(text)  # first calls import and load
    print("ready", flush=True)
    for _ in sys.stdin:
        times, kept = [], 0
        for text in texts:
            cpu, wall = time.process_time(), time.perf_counter()
            kept += keeps(text)
            times.append((time.process_time() - cpu, time.perf_counter() - wall))
        print(json.dumps({"times": times, "kept": kept}), flush=True)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main(Path(sys.argv[1]))
