"""The figures of a training run in words: the model card, and the short table of the README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Figures = dict[str, Any]


def page(f: Figures) -> str:
    """The model card, as Markdown."""
    parts = [
        _about(f),
        *([_judged(f["judged"])] if "judged" in f else []),
        _honest(f["honest"]),
        _families(f["families"]),
        _spans(f["spans"]),
        _corpus(f["corpus"]),
        _checks(f),
        _signals(f),
        *([_agreement(f["agreement"])] if "agreement" in f else []),
        _sources(f["sources"]),
    ]
    return "\n\n".join(parts) + "\n"


def summary(f: Figures) -> str:
    """The table that the README shows."""
    rows: list[tuple[str, str]] = []
    if "judged" in f:
        j = f["judged"]
        rows += [
            (
                f"AUC, reject against accept, {j['pages']['reject']} + {j['pages']['accept']} pages judged by reading",
                f"{_interval(j['auc'])}; TF-IDF + logistic regression {_interval(j['baseline_auc'])}",
            ),
            (
                f"recall of those rejects at 1 % false alarms, {j['pages']['negatives']:,} negatives",
                f"{_interval(j['recall_at_1_percent'])}; TF-IDF {_interval(j['baseline_recall_at_1_percent'])}",
            ),
        ]
    honest, c = f["honest"], f["corpus"]
    rows.append(
        (
            f"honest pages wrongly rejected / flagged, {honest['all']['pages']:,} pages",
            f"{_share(honest['all']['rejected'])} / {_share(honest['all']['flagged'])}",
        )
    )
    if "marketing" in honest:
        m = honest["marketing"]
        rows.append(
            (
                f"of them genuine clinics, {m['pages']} pages",
                f"{_share(m['rejected'])} / {_share(m['flagged'])}",
            )
        )
    rows += [
        (f"spoiled pages flagged: {name.replace('_', ' ')}, {s['pages']} pages", _beside(s))
        for name, s in _ways(f)
    ]
    rows += [
        (
            "pasted phrases wrongly seen in 1,000 honest words",
            f"{f['spans']['injected_anchor']['false_spans_per_1000_words']:.3f}",
        ),
        (
            f"the project's own pairs: hollow flagged, good flagged, order right ({c['pairs']} pairs)",
            f"{c['hollow_flagged']}/{c['hollow']}, {c['good_flagged']}/{c['good']}, {c['pairs_in_order']}/{c['pairs']}",
        ),
    ]
    return "\n".join(_table(("what", "figure"), rows))


def _ways(f: Figures) -> Iterator[tuple[str, Figures]]:
    """Families of one kind together: spin, paste, repeat, stitch, title."""
    kinds: dict[str, list[Figures]] = {}
    for name, s in f["families"].items():
        kinds.setdefault(name.split("_")[0], []).append(s)
    words = {
        "spin": "words swapped",
        "paste": "phrases pasted",
        "repeat": "repeated",
        "stitch": "stitched",
        "title": "titles",
        "link": "phrases pasted as links",
        "hide": "text hidden",
    }
    for kind, rows in kinds.items():
        pages = sum(r["pages"] for r in rows)
        mean = {k: sum(r[k] * r["pages"] for r in rows) / pages for k in ("flagged", "baseline_flagged")}
        yield words.get(kind, kind), {"pages": pages, **mean}


def _beside(s: Figures) -> str:
    return f"{s['flagged']:.2f}; TF-IDF {s['baseline_flagged']:.2f}"


def _about(f: Figures) -> str:
    p = f["pages"]
    lines = ["# Model card", ""]
    if "model" in f:
        m = f["model"]
        lines += [f"`{m['name']}` {m['version']}, sha256 `{m['sha256'][:16]}`.", ""]
    lines += [
        "An additive model over the signals of `detector/signals/`: it says how likely a careful editor of a health",
        "site would reject a page, and why. It is for English pages about health and beauty. It does not say who or",
        "what wrote a text, and it is no judgement of a person.",
        "",
        f"Learned from {p['honest']:,} honest and {p['rejected']:,} rejected pages of {p['sites']} sites, and from",
        f"{p['spoiled']:,} honest pages spoiled on purpose. Every figure below is out of fold: the page's whole site,",
        "the spinner and the phrase lists that spoiled it were unknown to the model that scored it.",
    ]
    return "\n".join(lines)


def _judged(j: Figures) -> str:
    def row(name: str, key: str, difference: str) -> tuple[str, str, str, str]:
        return name, _interval(j[key]), _interval(j[f"baseline_{key}"]), _interval(j[difference])

    return "\n".join(
        [
            "## Pages judged by reading",
            "",
            f"{j['pages']['reject']} reject, {j['pages']['accept']} accept, {j['pages']['review']} review;"
            f" {j['pages']['negatives']:,} negatives for recall.",
            f"Intervals of 95 % by resampling {j['sites']} sites. No page was scored by a model that saw its",
            "site, but the settings of training (weights, folds, the level of pasted phrases) were chosen with these",
            "figures in view: they are development figures, and a wholly new set may come out lower.",
            "",
            *_table(
                ("", "this model", "TF-IDF + logistic regression", "difference"),
                [
                    row("AUC, reject against accept", "auc", "auc_difference"),
                    row("recall at 1 % false alarms", "recall_at_1_percent", "recall_difference"),
                ],
            ),
            "",
            *_table(
                ("judged", "rejected", "review", "published", "unscored"),
                [
                    (v, o["reject"], o["review"], o["publish"], o["unscored"])
                    for v in ("reject", "review", "accept")
                    for o in (j["outcomes"][v],)
                ],
            ),
        ]
    )


def _honest(groups: Figures) -> str:
    rows = [(g, s["pages"], _share(s["rejected"]), _share(s["flagged"])) for g, s in groups.items()]
    return "\n".join(
        [
            "## Honest pages",
            "",
            "Thresholds chosen on one half of the sites, reported on the other; 95 % Wilson intervals.",
            "",
            *_table(("group", "pages", "rejected", "flagged (review or reject)"), rows),
        ]
    )


def _families(families: Figures) -> str:
    rows = [
        (name, s["pages"], f"{s['rejected']:.2f}", f"{s['flagged']:.2f}", f"{s['baseline_flagged']:.2f}")
        for name, s in families.items()
    ]
    return "\n".join(
        [
            "## Spoiled pages, by families the model never saw",
            "",
            *_table(("way", "pages", "rejected", "flagged", "TF-IDF flags at the same false alarms"), rows),
        ]
    )


def _spans(spans: Figures) -> str:
    pasted, spun = spans["injected_anchor"], spans["spun_phrase"]
    rows = [
        (n.removeprefix("paste_"), s["phrases"], f"{s['found']:.2f}") for n, s in pasted["recall"].items()
    ]
    return "\n".join(
        [
            "## Spans",
            "",
            *_table(("pasted as", "phrases", "found"), rows),
            "",
            f"Phrases wrongly seen: {pasted['false_spans_per_1000_words']:.3f} in 1,000 words, counted on"
            f" {pasted['honest_words']:,} honest words.",
            f"Swapped words: of {spun['shown']:,} shown, {spun['precision']:.2f} were a spinner's; of"
            f" {spun['planted']:,} planted, {spun['recall']:.2f} are shown.",
        ]
    )


def _corpus(c: Figures) -> str:
    return "\n".join(
        [
            "## The project's own pairs, each scored without itself",
            "",
            f"{c['hollow_flagged']} of {c['hollow']} hollow pages flagged, {c['hollow_rejected']} rejected;"
            f" {c['good_flagged']} of {c['good']} good pages flagged;",
            f"{c['pairs_in_order']} of {c['pairs']} pairs in the right order.",
        ]
    )


def _checks(f: Figures) -> str:
    known = f["known_triples"]
    return "\n".join(
        [
            "## Checks",
            "",
            f"Calibration error {f['calibration_error']:.3f} (ten equal-count bins). Word triples of honest pages that",
            f"the counts know: {known['out_of_fold']:.2f} out of fold,"
            f" {known['shipped']:.2f} with the tables that ship.",
        ]
    )


def _signals(f: Figures) -> str:
    worth = f["worth"]
    parts = ("judged", "farms", "spoiled", "hollow")
    rows = []
    for name, s in f["firing"].items():
        most = f"{s['most']:.1%} ({s['most_in']})" if s["most_in"] else ""
        lost = ["description", "", "", "", ""]
        if name in worth:
            lost = [f"{worth[name]['loss']:+.1f}", *(f"{100 * worth[name][p]:+.1f}" for p in parts)]
        rows.append((name, f"{s['honest']:.1%}", most, f"{s['rejected']:.1%}", *lost))
    before = ", ".join(f"{worth['all'][p]:.1%} ({p})" for p in parts)
    pages = next(iter(f["firing"].values()))["pages"]
    return "\n".join(
        [
            "## Signals",
            "",
            f"How often each sees anything on {pages:,} honest pages and on rejected ones, out of fold; and what is",
            "lost when the model is fitted without it: log-loss in thousandths of a nat"
            f" (with all signals {worth['all']['loss']:.0f}), and points of recall,",
            f"thresholds chosen anew. With all signals {before} are flagged; as thresholds move with every fit, a few",
            "points either way are noise, and the loss is the figure to trust.",
            "",
            *_table(
                (
                    "signal",
                    "fires on honest pages",
                    "most in",
                    "on rejected pages",
                    "lost without it: loss",
                    *parts,
                ),
                rows,
            ),
        ]
    )


def _agreement(a: Figures) -> str:
    return "\n".join(
        [
            "## Do readers agree with the account?",
            "",
            f"On {a['pages']} pages that readers rejected, drawn by a hash, with the account of the model that never",
            "saw the page. The learned wording has no name among the faults that readers tick.",
            "",
            *_table(
                ("", "share"),
                [
                    ("the strongest finding is a fault the reader named", _share(a["strongest_named"])),
                    (
                        "the strongest apart from the learned wording is",
                        _share(a["strongest_apart_from_wording_named"]),
                    ),
                    ("some finding is", _share(a["any_named"])),
                    (
                        f"places the reader quoted ({a['quotes']}) that a finding touches",
                        _share(a["quotes_touched"]),
                    ),
                ],
            ),
        ]
    )


def _sources(sides: Figures) -> str:
    rows = [
        (f"{source} ({side})", s["pages"], s["rejected"], s["flagged"])
        for side in ("rejectable", "honest")
        for source, s in sides[side].items()
    ]
    return "\n".join(
        ["## By source, left out whole", "", *_table(("source", "pages", "rejected", "flagged"), rows)]
    )


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(map(str, cells)) + " |" for cells in lines]


def _interval(x: dict[str, float]) -> str:
    return f"{x['value']:.3f} ({x['low']:.3f} to {x['high']:.3f})"


def _share(x: dict[str, float]) -> str:
    return f"{x['count']} = {x['share']:.1%} ({x['low']:.1%} to {x['high']:.1%})"
