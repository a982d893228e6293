"""The figures of a training run as pictures: plain SVG, drawn from metrics.json and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

Figures = Mapping[str, Any]
Scale = Callable[[float], float]

WIDTH, ROW = 720, 24
FONT = "font-family='system-ui, sans-serif' font-size='12' fill='#1f2328'"
# Okabe and Ito, "Color Universal Design" (2008): told apart by all eyes, and by shape besides.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")
CONTESTANTS = ("detector", "TF-IDF")  # in this order, before others
DASHES = ("", "7 4", "2 3", "10 3 2 3", "1 4")


def all_plots(f: Figures) -> dict[str, str]:
    """Every picture that the figures allow, by file name."""
    plots: dict[str, tuple[str, Callable[[Figures], str]]] = {
        "reliability.svg": ("reliability", reliability),
        "recall.svg": ("contest", recall),
        "distributions.svg": ("distributions", distributions),
        "places.svg": ("places", places),
    }
    return {name: draw(f) for name, (key, draw) in plots.items() if key in f}


def in_order(names: Iterable[str], first: Sequence[str]) -> list[str]:
    """The names, those of `first` first."""
    return sorted(names, key=lambda n: (first.index(n) if n in first else len(first), n))


# --- the pictures ----------------------------------------------------------------------------------------------------


def reliability(f: Figures) -> str:
    """Score against share of rejected pages, with intervals; on the diagonal a score means what it says."""
    r = f["reliability"]
    left, top, side = 60, 46, 360
    x, y = _scale((0, 1), (left, left + side)), _scale((0, 1), (top + side, top))
    parts = _frame(x, y, {k / 5: f"{k / 5:.0%}" for k in range(6)})
    parts.append(_line([(x(0), y(0)), (x(1), y(1))], "#8c959f", "4 4"))
    for k, (name, what) in enumerate((("all", "all pages"), ("real", "without spoiled pages"))):
        bins = r[name]["bins"]
        for b in bins:
            parts.append(_line([(x(b["score"]), y(b["low"])), (x(b["score"]), y(b["high"]))], COLOURS[k]))
        parts.append(_line([(x(b["score"]), y(b["rejected"])) for b in bins], COLOURS[k], DASHES[k], 2))
        parts += [_dot(x(b["score"]), y(b["rejected"]), COLOURS[k]) for b in bins]
        at = top + 10 + 50 * k
        parts.append(_line([(left + side + 24, at), (left + side + 50, at)], COLOURS[k], DASHES[k], 2))
        parts.append(_text(left + side + 56, at + 4, what))
        parts.append(
            _text(left + side + 56, at + 22, f"{r[name]['pages']:,} pages, error {r[name]['error']:.3f}")
        )
    parts += _axes("score", "pages rejected by editors", left, top, side, side)
    return _picture("Do scores mean what they say?", parts, top + side + 50)


def recall(f: Figures) -> str:
    """What is found against false alarms on honest pages, for the kinds of pages that matter most."""
    c = f["contest"]
    sets = [s for s in ("judged reject", "farms", "hollow, own pairs", "hollow, unseen") if s in c["pages"]]
    rates = [math.log(rate) for rate in c["curves"]["rates"]]
    ticks = {rates[0]: ""} | {math.log(t): name for t, name in ((0.001, "0.1%"), (0.01, "1%"), (0.1, "10%"))}
    side, gap, left, top = 250, 84, 60, 82
    parts: list[str] = []
    for k, name in enumerate(sets):
        across, down = left + (k % 2) * (side + gap), top + (k // 2) * (side + gap)
        x, y = _scale((rates[0], rates[-1]), (across, across + side)), _scale((0, 1), (down + side, down))
        parts += _frame(x, y, ticks | {rates[-1]: ""})
        for n, scorer in enumerate(in_order(c["scorers"], CONTESTANTS)):
            found = c["curves"][scorer][name]
            parts.append(
                _line([(x(a), y(b)) for a, b in zip(rates, found, strict=True)], COLOURS[n], DASHES[n], 2)
            )
            if k == 0:
                parts.append(
                    _line([(left + n * 130, 44), (left + 26 + n * 130, 44)], COLOURS[n], DASHES[n], 2)
                )
                parts.append(_text(left + 32 + n * 130, 48, scorer))
        parts.append(_text(across, down - 8, f"{name}, {c['pages'][name]} pages", weight="600"))
        parts += _axes(
            "false alarms on honest pages", "found" if k % 2 == 0 else "", across, down, side, side
        )
    return _picture("Found, by false alarms", parts, top + math.ceil(len(sets) / 2) * (side + gap) - 30)


def distributions(f: Figures) -> str:
    """Where the scores of each group lie: a row of squares, the darker the more of its pages."""
    d = f["distributions"]
    left, top, right = 190, 62, 30
    names = sorted(d, key=lambda n: sum(k * share for k, share in enumerate(d[n])))
    bars = len(next(iter(d.values()), [1]))
    wide = (WIDTH - left - right) / bars
    parts = []
    for row, name in enumerate(names):
        y = top + row * ROW
        parts.append(_text(left - 10, y + 16, name, "end"))
        for k, share in enumerate(d[name]):
            if share > 0:
                title = f"<title>{escape(name)}, scores {k / bars:.2f} to {(k + 1) / bars:.2f}: {share:.1%}</title>"
                parts.append(
                    f"<rect x='{left + k * wide:.1f}' y='{y + 2}' width='{wide - 1:.1f}' height='{ROW - 5}' "
                    f"fill='{COLOURS[0]}' fill-opacity='{0.06 + 0.94 * math.sqrt(share):.2f}'>{title}</rect>"
                )
    end = top + len(names) * ROW
    for k in range(6):
        parts.append(_text(left + k / 5 * (WIDTH - left - right), end + 18, f"{k / 5:.1f}", "middle"))
    for name, logit in sorted(f["thresholds"].items()):
        at = left + (WIDTH - left - right) / (1 + math.exp(-logit))
        parts.append(_line([(at, top - 6), (at, end)], COLOURS[1], DASHES[1], 1.5))
        parts.append(_text(at, top - 12, name, "middle"))
    parts.append(_text((left + WIDTH - right) / 2, end + 38, "score", "middle"))
    return _picture("Where the scores of each group lie", parts, end + 52)


def places(f: Figures) -> str:
    """For each signal the share of places it marks: of those that generators damaged, and of those quoted."""
    p = f["places"]
    kinds = (
        ("planted", "damaged by a generator"),
        ("written", "quoted in own pairs"),
        ("quoted", "quoted by readers"),
    )
    names = [n for n in sorted(p) if any(p[n][kind]["places"] for kind, _ in kinds)]
    left, top, right, thick = 150, 60, 60, 9
    x = _scale((0, 1), (left, WIDTH - right))
    parts: list[str] = []
    y = top
    for name in names:
        rows = [(k, p[name][kind]) for k, (kind, _) in enumerate(kinds) if p[name][kind]["places"]]
        parts.append(_text(left - 10, y + len(rows) * (thick + 2) / 2 + 4, name, "end"))
        for k, share in rows:
            parts.append(
                f"<rect x='{left}' y='{y}' width='{max(1.0, x(share['share']) - left):.1f}' height='{thick}' "
                f"fill='{COLOURS[k]}'><title>{escape(name)}: {share['share']:.0%}</title></rect>"
            )
            middle = y + thick / 2
            parts.append(_line([(x(share["low"]), middle), (x(share["high"]), middle)], "#1f2328"))
            y += thick + 2
        y += 10
    for k in range(6):
        parts.insert(0, _line([(x(k / 5), top - 4), (x(k / 5), y)], "#d8dee4"))
        parts.append(_text(x(k / 5), y + 16, f"{k / 5:.0%}", "middle"))
    for k, (_, what) in enumerate(kinds):
        parts.append(f"<rect x='{left + k * 185}' y='32' width='12' height='12' fill='{COLOURS[k]}'/>")
        parts.append(_text(left + 18 + k * 185, 42, what))
    return _picture("Places that each signal finds", parts, y + 30)


# --- how to draw -----------------------------------------------------------------------------------------------------


def _picture(title: str, parts: Sequence[str], height: float) -> str:
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0f}' width='{WIDTH}' "
        f"height='{height:.0f}' role='img' aria-label='{escape(title)}' {FONT}>\n"
        f"<rect width='100%' height='100%' fill='#ffffff'/>\n{_text(16, 22, title, weight='600')}\n{body}\n</svg>\n"
    )


def _scale(values: tuple[float, float], pixels: tuple[float, float]) -> Scale:
    (a, b), (p, q) = values, pixels
    return lambda v: p + (v - a) / (b - a) * (q - p)


def _frame(x: Scale, y: Scale, across: Mapping[float, str]) -> list[str]:
    """Grid lines: across at the ticks, with their names below; up at every fifth of 1."""
    left, right = x(min(across)), x(max(across))
    parts = [_line([(x(t), y(0)), (x(t), y(1))], "#d8dee4") for t in across]
    parts += [_text(x(t), y(0) + 16, name, "middle") for t, name in across.items()]
    for k in range(6):
        parts.append(_line([(left, y(k / 5)), (right, y(k / 5))], "#d8dee4"))
        parts.append(_text(left - 6, y(k / 5) + 4, f"{k / 5:.0%}", "end"))
    return parts


def _axes(x_name: str, y_name: str, left: float, top: float, wide: float, high: float) -> list[str]:
    parts = [_text(left + wide / 2, top + high + 34, x_name, "middle")]
    if y_name:
        at, middle = left - 46, top + high / 2
        parts.append(
            f"<text x='{at:.1f}' y='{middle:.1f}' text-anchor='middle' "
            f"transform='rotate(-90 {at:.1f} {middle:.1f})'>{escape(y_name)}</text>"
        )
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str, dash: str = "", width: float = 1) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f" stroke-dasharray='{dash}'" if dash else ""
    return f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='{width}'{dashes}/>"


def _dot(x: float, y: float, colour: str) -> str:
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>"


def _text(x: float, y: float, words: str, anchor: str = "start", weight: str = "400") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-weight='{weight}'>{escape(words)}</text>"
    )
