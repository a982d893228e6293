"""Make a crawl: `python -m benchmarks.crawl make`."""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path

from benchmarks.crawl import store
from benchmarks.crawl.plan import Page, Plan
from benchmarks.crawl.plants import plant


def pages(data: Path | None, count: int, seed: int) -> list[Page]:
    """The pages of a crawl in crawl order."""
    plan = Plan(data, count, seed)
    plant(plan)
    short = count - len(plan.pages)
    for text in plan.reserve[: max(0, short)]:  # where less could be planted than was meant
        plan.add(plan.anywhere(), text.title, text.blocks, text.kind, text.id)
    found = plan.pages
    if len(found) > count:  # and where more was: pages that nothing refers to make room
        free = [p for p in found if not p.role and p.kind in ("honest", "farm")]
        gone = {id(p) for p in plan.rng.sample(free, len(found) - count)}
        found = [p for p in found if id(p) not in gone]
    plan.rng.shuffle(found)
    return found


def run(options: argparse.Namespace) -> None:
    """Write the crawl; a folder that is there already is left alone."""
    formats = options.formats.split(",")
    unknown = set(formats) - set(store.FORMATS)
    if unknown:
        raise ValueError(
            f"unknown format {', '.join(sorted(unknown))}: choose from {', '.join(store.FORMATS)}"
        )
    if options.to.exists() and any(options.to.iterdir()):
        raise FileExistsError(f"{options.to} is not empty: choose another folder")
    made = pages(options.data, options.pages, options.seed)
    unfinished = options.to.with_name(options.to.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    store.write(made, unfinished, formats, options.seed)
    facts = {
        "pages": len(made), "hosts": len({p.site.host for p in made}), "seed": options.seed, "formats": formats,
        "kinds": dict(Counter(p.kind for p in made).most_common()),
        "groups": dict(Counter(g.partition("-")[0] for g in sorted({p.group for p in made if p.group})).most_common()),
    }  # fmt: skip
    (unfinished / "crawl.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    if options.to.exists():
        options.to.rmdir()
    unfinished.rename(options.to)
    print(json.dumps(facts, indent=1))
