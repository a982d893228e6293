"""What a finished audit found of a crawl's plants, beside plain MinHash: `python -m benchmarks.crawl measure`."""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.crawl.plants import NEAR
from benchmarks.crawl.text import grams, words

PAIRS_OF_A_GROUP = 5000  # judged; of larger groups as many drawn at random
PURE, COVERED = (
    0.9,
    0.5,
)  # a found group is a planted one: share of its pages that are, share of the planted pages in it
MINHASH = {"threshold": 0.75, "permutations": 128, "gram": 5}  # as datatrove does it

Pair = tuple[str, str]


class Truth:
    """truth.jsonl and texts.jsonl.gz of a crawl, by URL."""

    def __init__(self, folder: Path) -> None:
        with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
            self.rows: dict[str, dict[str, Any]] = {row["url"]: row for row in map(json.loads, lines)}
        with gzip.open(folder / "texts.jsonl.gz", "rt", encoding="utf-8") as lines:
            told = [json.loads(line) for line in lines]
        self.text = {row["url"]: row["text"] for row in told}
        self.title = {row["url"]: " ".join(row["title"].split()) for row in told}
        self._named = {
            name: url
            for url, row in self.rows.items()
            for name in (url, row["file"], f"folder/{row['file']}")
        }
        self._likeness: dict[Pair, float] = {}

    def url(self, row: Mapping[str, Any]) -> str | None:
        """Which page a row answers, by its URL or the path of its file."""
        return self._named.get(row["url"] or "") or self._named.get(row["id"])

    def planted(self, kind: str) -> dict[str, list[str]]:
        """Group -> its planted pages."""
        found: dict[str, list[str]] = defaultdict(list)
        for url, row in self.rows.items():
            if row["kind"] == kind:
                found[row["group"]].append(url)
        return dict(found)

    def likeness(self, one: str, other: str) -> float:
        """Exact Jaccard index of the word triples of two pages' texts."""
        pair = (min(one, other), max(one, other))
        if pair not in self._likeness:
            left, right = grams(self.text[one]), grams(self.text[other])
            self._likeness[pair] = len(left & right) / max(1, len(left | right))
        return self._likeness[pair]


class Found:
    """The groups of a run, in URLs of the truth."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.results = import_module("detector.audit.results").Results.open(folder)
        self.urls: dict[int, str] = {}
        self.flagged: dict[str, set[str]] = defaultdict(set)  # signal -> pages with that finding
        self.outcomes: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        self.unknown: list[str] = []
        self.errors = 0
        for row in self.results.rows():
            url = truth.url(row)
            if url is None:
                self.unknown.append(row["id"])
                continue
            seen[url] += 1
            self.urls[row["row"]] = url
            self.errors += row["error"] is not None
            self.outcomes[row["outcome"]] += 1
            for finding in row["findings"]:
                self.flagged[finding["signal"]].add(url)
        self.missing = sorted(set(truth.rows) - set(seen))
        self.doubled = sorted(url for url, count in seen.items() if count > 1)

    @cached_property
    def groups(self) -> dict[str, dict[int, list[str]]]:
        """kind -> group -> its pages."""
        found: dict[str, dict[int, list[str]]] = defaultdict(dict)
        kinds = {g["group"]: g["kind"] for g in self.results.groups()}
        for member in self._members:
            if member["row"] in self.urls:
                found[kinds[member["group"]]].setdefault(member["group"], []).append(self.urls[member["row"]])
        return found

    @cached_property
    def _members(self) -> list[dict[str, Any]]:
        return self.results.sql('SELECT "group", "row", partner FROM members').to_pylist()  # type: ignore[no-any-return]

    def named(self, kind: str) -> set[Pair]:
        """Pairs of a page and the partner that it is shown beside."""
        own = self.groups[kind]
        return {
            _pair(self.urls[m["row"]], self.urls[m["partner"]])
            for m in self._members
            if m["group"] in own
            and m["partner"] in self.urls
            and m["row"] in self.urls
            and m["partner"] != m["row"]
        }

    def pairs(self, kind: str) -> set[Pair]:
        """All pairs of pages that stand in one group; of large groups a sample."""
        found: set[Pair] = set()
        rng = random.Random(0)
        for members in self.groups[kind].values():
            if len(members) * (len(members) - 1) // 2 <= PAIRS_OF_A_GROUP:
                found.update(_pair(*pair) for pair in combinations(members, 2))
            else:
                found.update(_pair(*rng.sample(members, 2)) for _ in range(PAIRS_OF_A_GROUP))
        return found


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def minhash(text: Mapping[str, str]) -> set[Pair]:
    """The pairs of texts that plain MinHash finds: no verification, as it is usually run."""
    datasketch = import_module("datasketch")
    size, permutations = int(MINHASH["gram"]), int(MINHASH["permutations"])
    index = datasketch.MinHashLSH(threshold=MINHASH["threshold"], num_perm=permutations)
    found: set[Pair] = set()
    for url, said in text.items():
        runs = grams(said, size) or frozenset([tuple(words(said))])
        one = datasketch.MinHash(num_perm=permutations)
        one.update_batch([" ".join(run).encode() for run in runs])
        found.update(_pair(url, other) for other in index.query(one))
        index.insert(url, one)
    return found


# --- the measures ------------------------------------------------------------------------------------------


def share(part: int, whole: int) -> dict[str, Any]:
    """A count out of a count; the share is None of nothing."""
    return {"of": whole, "found": part, "share": round(part / whole, 4) if whole else None}


def clones(truth: Truth, pairs: set[Pair], named: set[Pair]) -> dict[str, Any]:
    """Recall of planted copies and technical duplicates, precision of everything found by exact likeness."""
    wanted = {
        kind: {
            _pair(url, partner)
            for url, row in truth.rows.items()
            if row["kind"] == kind
            for partner in row["partners"]
        }
        for kind in ("clone", "technical")
    }
    right = {pair for pair in pairs if truth.likeness(*pair) >= NEAR}
    bands: dict[str, list[bool]] = defaultdict(list)
    for pair in wanted["clone"]:
        bands[f"{min(int(truth.likeness(*pair) * 20) / 20, 0.95):.2f}+"].append(pair in pairs)
    return {
        "recall, planted copies": share(len(wanted["clone"] & pairs), len(wanted["clone"])),
        "recall, technical duplicates": share(len(wanted["technical"] & pairs), len(wanted["technical"])),
        "recall by likeness": {band: share(sum(hits), len(hits)) for band, hits in sorted(bands.items())},
        "precision, pairs named": share(sum(truth.likeness(*p) >= NEAR for p in named), len(named)),
        "precision, all pairs of a group": share(len(right), len(pairs)),
        "pairs of pages half rewritten": sum(_same(truth, pair, "half") for pair in pairs),
        "missed": [list(pair) for pair in sorted(wanted["clone"] - pairs)],
        "wrong": [[*pair, round(truth.likeness(*pair), 3)] for pair in sorted(pairs - right)],
    }


def _same(truth: Truth, pair: Pair, kind: str) -> bool:
    """Whether two pages belong to one planted group of a kind."""
    one, other = (truth.rows[url]["group"] for url in pair)
    return bool(one) and one == other and str(one).startswith(f"{kind}-")


def siblings(truth: Truth, pairs: set[Pair], named: set[Pair]) -> dict[str, Any]:
    """Recall of spun pages; precision of pairs, where pairs that nobody planted are to be read."""
    planted = truth.planted("spun")
    in_group = {url for pair in pairs if _same(truth, pair, "spun") for url in pair}
    pages = [url for members in planted.values() for url in members]
    wanted = {_pair(*pair) for members in planted.values() for pair in combinations(members, 2)}

    def judged(found: set[Pair]) -> dict[str, Any]:
        right = {p for p in found if _same(truth, p, "spun")}
        other_plant = {
            p
            for p in found - right
            if any(_same(truth, p, k) for k in ("clone", "technical", "half", "template"))
        }
        wild = {
            p for p in found - right - other_plant if not any(truth.rows[url]["kind"] == "spun" for url in p)
        }
        known = len(found) - len(wild) - len(other_plant)
        return {
            "without pairs nobody planted": share(len(right), known),
            "with them counted as wrong": share(len(right), known + len(wild)),
            "of one template, or copies": len(other_plant),
        }

    return {
        "recall, pages": share(sum(url in in_group for url in pages), len(pages)),
        "recall, pairs": share(len(wanted & pairs), len(wanted)),
        "precision, pairs named": judged(named),
        "precision, all pairs of a group": judged(pairs),
        "missed": sorted(set(pages) - in_group),
        "to read": [
            [*p, round(truth.likeness(*p), 3), truth.rows[p[0]]["source"], truth.rows[p[1]]["source"]]
            for p in sorted(pairs) if not _same(truth, p, "spun")
        ],
    }  # fmt: skip


def slot_templates(truth: Truth, groups: Iterable[Sequence[str]], flagged: set[str]) -> dict[str, Any]:
    """Planted pages in a group that is mostly of their template, and pages nobody planted that are in any group."""
    planted = truth.planted("template")
    hit: set[str] = set()
    grouped: set[str] = set()
    right = 0
    groups = list(groups)
    for members in groups:
        grouped.update(members)
        names = Counter(truth.rows[url]["group"] for url in members if truth.rows[url]["kind"] == "template")
        name, count = names.most_common(1)[0] if names else ("", 0)
        if count >= PURE * len(members):
            right += 1
            hit.update(url for url in members if truth.rows[url]["group"] == name)
    pages = {url for members in planted.values() for url in members}
    covered = sum(sum(u in hit for u in members) >= COVERED * len(members) for members in planted.values())
    stray = sorted(grouped - pages)
    everyone = {url for url, row in truth.rows.items() if _innocent(row)}
    honest = [url for url in stray if url in everyone]
    return {
        "recall, pages": share(len(hit), len(pages)),
        "templates found": share(covered, len(planted)),
        "pages with the finding": share(len(pages & flagged), len(pages)),
        "groups of one template": share(right, len(groups)),
        "honest pages in a group": share(len(honest), len(everyone)),
        "honest pages with the finding": share(len(flagged & everyone), len(everyone)),
        "farm pages, copies and spun pages in a group": len(stray) - len(honest),
        "missed": sorted(pages - hit),
        "to read": [[url, truth.rows[url]["kind"], truth.rows[url]["source"]] for url in stray],
    }


def _innocent(row: Mapping[str, Any]) -> bool:
    """Whether a page is honest and nothing in the crawl was copied or spun from it."""
    bad = ("farm", "spun", "template", "clone", "technical")
    return row["kind"] not in bad and not row["role"].startswith("original")


def rings(truth: Truth, groups: Iterable[Sequence[str]], flagged: set[str]) -> dict[str, Any]:
    """Money sites whose pushing pages are found, and groups that are none."""
    planted = truth.planted("ring")
    covered: dict[str, set[str]] = defaultdict(set)
    false: list[dict[str, Any]] = []
    for members in groups:
        names = Counter(truth.rows[url]["group"] for url in members if truth.rows[url]["kind"] == "ring")
        name, count = names.most_common(1)[0] if names else ("", 0)
        if count >= PURE * len(members):
            covered[name].update(members)
        else:
            roles = Counter(
                truth.rows[url]["group"].partition("-")[0] or truth.rows[url]["kind"] for url in members
            )
            false.append({"pages": len(members), "roles": dict(roles), "first": list(members[:3])})
    pages = {url for members in planted.values() for url in members}
    found = {
        name
        for name, members in planted.items()
        if len(covered[name] & set(members)) >= COVERED * len(members)
    }
    return {
        "rings": share(len(found), len(planted)),
        "pages": share(sum(len(covered[n] & set(m)) for n, m in planted.items()), len(pages)),
        "pages with the finding": share(len(pages & flagged), len(pages)),
        "false rings": len(false),
        "missed": sorted(set(planted) - found),
        "to read": false,
    }


def titles(truth: Truth, groups: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Planted pages of one title found together; a found group is right if its pages do bear one title."""
    groups = [set(members) for members in groups]
    planted = truth.planted("same title")
    whole = [name for name, members in planted.items() if any(set(members) <= group for group in groups)]
    same = [g for g in groups if len({truth.title[url].lower() for url in g}) == 1]
    return {
        "groups found whole": share(len(whole), len(planted)),
        "groups with one title": share(len(same), len(groups)),
        "missed": sorted(set(planted) - set(whole)),
    }


def measure(output: Path, folder: Path, *, with_minhash: bool = True) -> dict[str, Any]:
    """All figures of a run."""
    truth = Truth(folder if (folder / "truth.jsonl").is_file() else folder / "truth")
    found = Found(output, truth)
    report: dict[str, Any] = {
        "rows": {
            "pages of the crawl": len(truth.rows), "rows": len(found.results), "missing": len(found.missing),
            "doubled": len(found.doubled), "unknown": len(found.unknown), "errors": found.errors,
            "outcomes": dict(found.outcomes), "examples": [*found.missing[:3], *found.doubled[:3], *found.unknown[:3]],
        },
        "clones": clones(truth, found.pairs("site_clone"), found.named("site_clone")),
        "slot templates": slot_templates(truth, found.groups["slot_template"].values(), found.flagged["slot_template"]),
        "spun siblings": siblings(truth, found.pairs("spun_sibling"), found.named("spun_sibling")),
        "rings": rings(truth, found.groups["anchor_ring"].values(), found.flagged["anchor_ring"]),
        "titles": titles(truth, found.groups["duplicate_title"].values()),
    }  # fmt: skip
    if with_minhash:
        pairs = minhash(truth.text)
        clusters = _clusters(pairs)
        report["MinHash"] = {
            "clones": clones(truth, pairs, pairs),
            "slot templates": slot_templates(truth, clusters, set()),
            "spun siblings": siblings(truth, pairs, pairs),
        }
    return report


def _clusters(pairs: Iterable[Pair]) -> list[list[str]]:
    """Pages joined by pairs."""
    parent: dict[str, str] = {}

    def root(url: str) -> str:
        while parent.setdefault(url, url) != url:
            parent[url] = url = parent[parent[url]]
        return url

    for one, other in pairs:
        parent[root(one)] = root(other)
    found: dict[str, list[str]] = defaultdict(list)
    for url in parent:
        found[root(url)].append(url)
    return list(found.values())


# --- as a table --------------------------------------------------------------------------------------------


def table(report: Mapping[str, Any]) -> str:
    """The figures as Markdown, MinHash beside the audit's own."""
    rows = report["rows"]
    lines = [
        f"{rows['rows']:,} rows for {rows['pages of the crawl']:,} pages: {rows['missing']} missing, "
        f"{rows['doubled']} doubled, "
        f"{rows['unknown']} unknown, {rows['errors']} with an error. Outcomes: {rows['outcomes']}",
        "",
        "| what | audit | plain MinHash |",
        "| --- | ---: | ---: |",
    ]
    other = report.get("MinHash", {})
    for part in ("clones", "slot templates", "spun siblings", "rings", "titles"):
        theirs = dict(_flat(other.get(part, {})))
        lines += [
            f"| {part}: {name} | {value} | {theirs.get(name, '')} |" for name, value in _flat(report[part])
        ]
    return "\n".join(lines) + "\n"


def _flat(part: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found = []
    for name, value in part.items():
        if isinstance(value, list):
            continue
        if isinstance(value, dict) and "share" not in value:
            found += _flat(value, f"{before}{name}: ")
        elif isinstance(value, dict):
            told = "–" if value["share"] is None else f"{value['share']:.3f}"
            found.append((before + name, f"{told} ({value['found']:,}/{value['of']:,})"))
        else:
            found.append((before + name, str(value)))
    return found


def run(options: argparse.Namespace) -> None:
    """Print the table; the whole report, with what is to be read, goes to a file."""
    report = measure(options.output, options.truth, with_minhash=not options.no_minhash)
    if options.report:
        options.report.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(table(report), end="")
