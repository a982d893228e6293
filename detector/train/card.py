"""The figures of a training run in words: the model card, and the short table of the README."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from detector.train.measures import plots

Figures = dict[str, Any]


def page(f: Figures) -> str:
    """The model card, as Markdown: a section for everything that was measured."""
    f = json.loads(json.dumps(f, sort_keys=True))  # in one order, wherever the figures come from
    sections: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("judged", _judged),
        ("contest", _contest),
        ("unseen", _unseen),
        ("evasion", _evasion),
        ("honest", _honest),
        ("plain_english", _plain_english),
        ("families", _families),
        ("left_out", _left_out),
        ("schemes", _schemes),
        ("challengers", _challengers),
        ("spans", _spans),
        ("places", _places),
        ("repeats", _repeats),
        ("corpus", _corpus),
        ("reliability", _reliability),
        ("leakage", _leakage),
        ("crawl", _crawl),
    )
    parts = [_about(f), *(say(f[key]) for key, say in sections if key in f), _checks(f), _signals(f)]
    parts += [_agreement(f["agreement"])] if "agreement" in f else []
    parts += [_slices(f["slices"])] if "slices" in f else []
    return "\n\n".join([*parts, _sources(f["sources"])]) + "\n"


def write(folder: Path, figures: Figures) -> None:
    """Write the figures into a model's folder, with the card and the pictures that it shows."""
    (folder / "metrics.json").write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
    (folder / "card.md").write_text(page(figures), "utf-8")
    for name, picture in plots.all_plots(figures).items():
        (folder / name).write_text(picture, "utf-8")


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
    if "plain_english" in f:
        p = f["plain_english"]
        rows.append(
            (
                f"of them by learners of English or for them, {p['pages']} pages",
                f"{_share(p['rejected'])} / {_share(p['flagged'])}",
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
    if "unseen" in f:
        u = f["unseen"]
        rows.append(
            (
                "pairs that nothing was learned from: hollow flagged, good flagged, order right"
                f" ({u['pairs']} pairs)",
                f"{_pairs(u)}; TF-IDF {_pairs(u['baseline'])}",
            )
        )
    return "\n".join(_table(("what", "figure"), rows))


def _pairs(u: Figures) -> str:
    sides = ", ".join(f"{s['flagged']['count']}/{s['pages']}" for s in (u["hollow"], u["good"]))
    return f"{sides}, {u['in_order']['count']}/{u['pairs']}"


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
        f"{p['spoiled']:,} honest pages spoiled on purpose. Unless said otherwise every figure below is out of fold:",
        "what scored a page had seen no page of its site, and the signals that learn from text had met neither the",
        "spinner nor the phrase lists that spoiled it.",
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
                [row(name, key, difference) for name, key, difference in _MEASURES if key in j],
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


_MEASURES = (
    ("AUC, reject against accept", "auc", "auc_difference"),
    ("recall at 1 % false alarms", "recall_at_1_percent", "recall_difference"),
    ("recall at 0.1 %", "recall_at_0_1_percent", "recall_difference_at_0_1_percent"),
)


def _evasion(e: Figures) -> str:
    sides = [(name, e[name]) for name in ("judged", "spoiled") if name in e]

    def row(name: str, found: list[Figures]) -> tuple[object, ...]:
        first = found[0]
        return (
            name,
            *(f"{f['found']['share']:.2f} ({_signed(f['lost'])})" for f in found),
            f"{first['rejected']['share']:.2f} / {first['flagged']['share']:.2f}",
            first["changed"],
            first["unscored"],
        )

    rows = [row("clean", [s["clean"] for _, s in sides])]
    for kind, strengths in sides[0][1]["attacks"].items():
        rows += [row(f"{kind}: {s}", [side["attacks"][kind][s] for _, side in sides]) for s in strengths]
    rows.append(row("the one that works best, page by page", [s["best of all"] for _, s in sides]))
    header = (
        "attack",
        *(f"found, {n} ({s['pages']} pages)" for n, s in sides),
        "rejected / flagged",
        "changed",
        "unscored",
    )
    harmless = [
        (name, h["pages"], _share(h["rejected"]), _share(h["flagged"]), h["unscored"])
        for name, h in e["harmless"].items()
    ]
    return "\n".join(
        [
            "## Under attack",
            "",
            "Pages changed by somebody who knows the detector, scored by the models that never saw their sites: the",
            "share found at the level that 1 % of clean honest pages reach, and in brackets what the attack changes,",
            "with 95 % by resampling sites. The last columns are those of the pages judged by reading.",
            "",
            *_table(header, rows),
            "",
            "Honest pages that hold the like for honest reasons:",
            "",
            *_table(("honest pages with", "pages", "rejected", "flagged", "unscored"), harmless),
        ]
    )


def _signed(d: Figures) -> str:
    return f"{-d['value']:+.2f}, {-d['high']:+.2f} to {-d['low']:+.2f}"


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
        (
            name,
            s["pages"],
            f"{s['rejected']:.2f}",
            _with_interval(s["flagged"], s.get("flagged_interval")),
            f"{s['baseline_flagged']:.2f}",
        )
        for name, s in families.items()
    ]
    return "\n".join(
        [
            "## Spoiled pages, by families the model never saw",
            "",
            *_table(("way", "pages", "rejected", "flagged", "TF-IDF flags at the same false alarms"), rows),
        ]
    )


SETS = (
    *("honest", "judged reject", "judged accept", "farms"),
    *("hollow, own pairs", "good, own pairs", "hollow, unseen", "good, unseen"),
)


def _contest(c: Figures) -> str:
    names = plots.in_order(c["pages"], SETS)
    rows: list[tuple[Any, ...]] = []
    scorers = {n: c["scorers"][n] for n in plots.in_order(c["scorers"], plots.CONTESTANTS)}
    for name in names[1:]:
        ours = c["scorers"]["detector"][name]["at_1_percent"]
        rows.append(
            (
                name,
                c["pages"][name],
                f"{ours['low']:.2f} to {ours['high']:.2f}",
                *(_at_both(s[name]) for s in scorers.values()),
            )
        )
    if "auc" in c["scorers"]["detector"]:
        aucs = [f"{s['auc']:.3f}" for s in scorers.values()]
        rows.append(("AUC, judged reject against accept", "", "", *aucs))
    lines = [
        "## Beside other tools, on the same pages in one run",
        "",
        f"Share of pages found when 1 % / 0.1 % of {c['pages']['honest']:,} honest pages are flagged (0.1 % is very few"
        " pages: a rough",
        "figure). Detector and TF-IDF are out of fold; the pairs called unseen are scored by models of all pages, into",
        "which nothing of these pairs went. Of pages called good or accepted none should be found.",
        "",
        "![what is found, by false alarms](recall.svg)",
        "",
        *_table(("pages", "number", "95 % interval of the detector at 1 %", *scorers), rows),
    ]
    if c["filters"]:
        filters = {n: c["filters"][n] for n in plots.in_order(c["filters"], FILTERS)}
        dropped = [
            (
                name,
                *(
                    f"{d[name]['dropped']['share']:.2f} / {d[name]['detector']['share']:.2f}"
                    for d in filters.values()
                ),
            )
            for name in names
        ]
        lines += [
            "",
            "What datatrove's filters drop as they come, and, after the slash, what the detector finds when it flags",
            "as many honest pages as the filter drops:",
            "",
            *_table(("pages", *filters), dropped),
        ]
    if c["skipped"]:
        lines += ["", f"Not installed where this was measured: {', '.join(sorted(c['skipped']))}."]
    return "\n".join(lines)


FILTERS = ("Gopher quality", "Gopher repetition", "C4", "FineWeb", "any of the four")


def _at_both(found: Figures) -> str:
    return f"{found['at_1_percent']['share']:.2f} / {found['at_0_1_percent']['share']:.2f}"


def _unseen(u: Figures) -> str:
    b = u["baseline"]
    rows = [
        (
            name,
            ours["pages"],
            _share(ours["rejected"]),
            _share(ours["flagged"]),
            _share(theirs["flagged"]),
        )
        for name, ours, theirs in (
            ("good pages", u["good"], b["good"]),
            ("hollow pages", u["hollow"], b["hollow"]),
            *((f"main fault: {n}", s, b["by_fault"][n]) for n, s in u["by_fault"].items()),
        )
    ]
    return "\n".join(
        [
            "## Pairs that nothing was learned from",
            "",
            f"{u['pairs']} pairs of `corpus/unseen/`, scored by the model that ships.",
            f"{_share(u['in_order'])} of the pairs are in the right order, with TF-IDF {_share(b['in_order'])}.",
            "TF-IDF has learned from all real pages, and flags as many honest ones.",
            "",
            *_table(("", "pages", "rejected", "flagged", "TF-IDF flags"), rows),
        ]
    )


def _plain_english(p: Figures) -> str:
    return (
        f"Of {p['pages']:,} honest pages by learners of English or for them (essays, simplified news, pages of the"
        f" project's own in such English)\n{_share(p['rejected'])} are rejected and {_share(p['flagged'])} flagged."
    )


def _left_out(families: Figures) -> str:
    rows = [(name, s["pages"], _share(s["known"]), _share(s["left_out"])) for name, s in families.items()]
    return "\n".join(
        [
            "### A spinner, a way of pasting left out of everything",
            "",
            "No text signal above has met the spinner, or the phrase lists, of the page it is measured on. But the",
            "weights of the signals were fitted with pages of the same way from other sites. On the right they were",
            "fitted anew without a single page of it; flagged at the same false alarms.",
            "",
            *_table(("way", "pages", "flagged, known from other sites", "flagged, left out"), rows),
        ]
    )


def _schemes(schemes: Figures) -> str:
    words = {
        "plain": "pages dealt at random: the page's site and topic are known",
        "source": "source left out: no page of the site was seen (all other figures here)",
        "topic": "topic left out: no page of the topic was seen, though of its site",
    }
    sets = [n for n in ("judged", "farms", "hollow", "spoiled") if n in schemes["source"]]
    rows = [
        (
            words[name],
            f"{s['auc']:.3f}" if "auc" in s else "",
            *(_at_both(s[n]) for n in sets),
        )
        for name, s in schemes.items()
    ]
    return "\n".join(
        [
            "## What is held out",
            "",
            "The same pages, with the learned wording and the weights of all signals learned three times. The networks",
            "for swapped words and pasted phrases, the weights of hollow prose and the counts of plain English are",
            "those without the page's site throughout: they saw its topic. AUC on judged pages, and the share found",
            "at 1 % / 0.1 % false alarms on all honest pages.",
            "",
            *_table(("", "AUC", *sets), rows),
        ]
    )


def _challengers(challengers: Figures) -> str:
    sets = [n for n in ("judged", "farms", "hollow", "spoiled") if n in challengers["additive"]]
    rows = [
        (name, f"{s['auc']:.3f}" if "auc" in s else "", *(_at_both(s[n]) for n in sets))
        for name, s in challengers.items()
    ]
    return "\n".join(
        [
            "## Would an opaque model do better?",
            "",
            "All fitted on the same pages without each fold; AUC on judged pages, and the share found at 1 % / 0.1 %",
            "false alarms on all honest pages. The additive model is kept while it loses little: its account adds up.",
            "",
            *_table(("", "AUC", *sets), rows),
        ]
    )


def _places(places: Figures) -> str:
    def recall(x: Figures) -> str:
        return (
            f"{x['share']:.2f} ({x['low']:.2f} to {x['high']:.2f}) of {x['places']:,}" if x["places"] else ""
        )

    rows = [
        (
            name,
            recall(p["planted"]),
            recall(p["written"]),
            recall(p["quoted"]),
            f"{p['on_honest_pages_per_1000_words']:.3f}",
            f"{p['honest_pages']['share']:.1%}",
        )
        for name, p in places.items()
    ]
    return "\n".join(
        [
            "### Places of every signal",
            "",
            "Found of the places that a generator damaged (half of it covered), that the project's own texts quote,",
            "and that readers quoted (touched); and places marked on honest pages, most of which push little.",
            "",
            "![places that each signal finds](places.svg)",
            "",
            *_table(
                (
                    "signal",
                    "damaged",
                    "own quotes",
                    "readers' quotes",
                    "marked in 1,000 honest words",
                    "honest pages",
                ),
                rows,
            ),
        ]
    )


def _repeats(r: Figures) -> str:
    rows = [
        (kind, _share(s["near_duplicate"]), _share(s["stitched"])) for kind, s in r["honest_marked"].items()
    ]
    return "\n".join(
        [
            "### Repeats and stitches",
            "",
            f"Of passages said again in other words {_share(r['passages_found'])} are marked. Of"
            f" {r['stitched_pages']} pages stitched from several articles",
            f"{_share(r['seen_as_several'])} are seen to be several, and on {_share(r['articles_right'])} the number of"
            " articles is right. Honest pages wrongly marked:",
            "",
            *_table(("honest pages", "as repeating themselves", "as several articles"), rows),
        ]
    )


def _reliability(r: Figures) -> str:
    rows = [
        (
            b["pages"],
            f"{b['score']:.3f}",
            f"{b['rejected']:.3f} ({b['low']:.3f} to {b['high']:.3f})",
        )
        for b in r["all"]["bins"]
    ]
    return "\n".join(
        [
            "## Calibration",
            "",
            f"{r['all']['pages']:,} pages out of fold in ten equal-count bins, weighted so that publishable and",
            "rejectable pages are equal in sum; the calibration fitted on one half of the folds, measured on the rest.",
            f"Error {r['all']['error']:.3f}; on {r['real']['pages']:,} pages without the spoiled ones"
            f" {r['real']['error']:.3f}.",
            "",
            "![do scores mean what they say?](reliability.svg)",
            "",
            *_table(("pages", "mean score", "share of rejected pages"), rows),
            "",
            "![where the scores of each group lie](distributions.svg)",
        ]
    )


def _leakage(leakage: Figures) -> str:
    rows = [
        (
            name,
            s["classes"],
            s["pages"],
            *(f"{s[k]:.2f}" for k in ("chance", "score", "pushing", "signals", "words")),
        )
        for name, s in leakage.items()
    ]
    return "\n".join(
        [
            "## Leakage",
            "",
            "How well source, topic and genre of honest pages are told from the signals: balanced accuracy, pages",
            "dealt at random into five parts. A detector of faults should know little of either; sources differ in",
            "genre and length, which signals may see. The words of the page show what could be known.",
            "",
            *_table(
                ("", "classes", "pages", "chance", "the score", "signals that push", "all signals", "words"),
                rows,
            ),
        ]
    )


def _crawl(found: Figures) -> str:
    rows = [
        (name, g["pages"], f"{g['flagged_alone']} / {g['flagged']}", f"{g['rejected_alone']} / {g['rejected']}",
         ", ".join(f"{n} {count}" for n, count in g["seen"].items()))
        for name, g in sorted(found.items())
    ]  # fmt: skip
    head = ("pages", "how many", "flagged alone / in the crawl", "rejected alone / in the crawl", "seen")
    return "\n".join(
        [
            "## What only shows across pages",
            "",
            "All judged pages as one crawl, with copies, patterns, spun siblings and pushed links planted in it. "
            "Weights were fitted without the site of the page; a planted page counts by itself like the honest one "
            "whose "
            "place it took. An original that others copied or spun is honest, and flagged with its copies: nobody "
            "can tell who was first. Patterns and spinners are those of the training; `benchmarks/crawl` has others.",
            "",
            *_table(head, rows),
        ]
    )


def _slices(slices: Figures) -> str:
    lines = [
        "## By genre, topic, length and language",
        "",
        "Out of fold, thresholds chosen on the other half of the folds; slices of 20 pages or more of a side. Topics",
        "are clusters of pages by the words they share.",
    ]
    for dimension, rows in slices.items():
        cells = [
            (name, side, s["pages"], _share(s["rejected"]), _share(s["flagged"]))
            for name, sides in sorted(rows.items(), key=_by_number)
            for side, s in sorted(sides.items())
        ]
        lines += ["", *_table((dimension, "side", "pages", "rejected", "flagged"), cells)] if cells else []
    return "\n".join(lines)


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


def _by_number(row: tuple[str, Any]) -> tuple[int, str]:
    """Lengths by their number of words, everything else by name."""
    first = row[0].split(" ")[0]
    return int(first) if first.isdigit() else 0, row[0]


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(map(str, cells)) + " |" for cells in lines]


def _interval(x: dict[str, float]) -> str:
    return f"{x['value']:.3f} ({x['low']:.3f} to {x['high']:.3f})"


def _with_interval(value: float, interval: dict[str, float] | None) -> str:
    return f"{value:.2f}" + (f" ({interval['low']:.2f} to {interval['high']:.2f})" if interval else "")


def _share(x: dict[str, float]) -> str:
    return f"{x['count']} = {x['share']:.1%} ({x['low']:.1%} to {x['high']:.1%})"
