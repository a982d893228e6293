"""Remains of the machine: platform text, placeholders, unfilled slots, chat-bot answers, broken lists and encodings.

Why it matters
    Nobody who read the page left these in. Scraped and mass-published text carries the platform's labels, the
    template's empty slots and the tool's answers with it (Google spam policies, "scaled content abuse", "scraping").

Fires on
    Each kind has a weight of 1 (a stray label) to 3 (an unfilled slot, a chat-bot's answer, an encoded tail); the
    value is the sum over kinds, each at its strongest place. Prose with hardly a full stop is one, of weight 2.

    Example:
        Thank you for choosing ⟦[Insert Company Name]⟧ for your move. Our vans are clean.

    Example:
        The violin is older than most people think. It came from northern Italy.

        ⟦As an AI language model, I cannot⟧ play it myself.

    Example:
        Boats ⟦{rot|decay|spoil}⟧ from the inside when the bilge stays wet.

Quiet on
    Forms to fill in, quoted brackets, editorial insertions, sums of money, code blocks, numbered lists.

    Example:
        "He [the skipper] never saw it," she said. The list has [1] a rope and [2] an anchor, 40% less than in 2019.

Blind spots
    A scraper that cleans up after itself. Boilerplate of a platform not seen before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise

from detector.document import BODY, Document, Span
from detector.patterns import regex
from detector.signals._cues import Cues, cue
from detector.tables import Tables
from detector.verdict import Evidence

KIND = "place"
SAYS = "The text carries remains of a platform, a template or a tool that nobody took out."


_CUES = Cues(
    cue(
        "filler",
        3.0,
        "Filler text of a template.",
        "lorem here-4",
        r"\blorem ipsum\b(?: dolor sit amet)?|\b(?:add|insert|put|write|place|upload|drop) (?:your|an?|the) (?:\w+ )?"
        r"(?:image|photo|picture|text|title|logo|content|link|video|heading|description)s? here\b"
        r"|\byour (?:\w+ )?(?:name|image|logo|text|title|photo|company|heading|content|ad|brand) here\b",
    ),
    cue(
        "chat",
        3.0,
        "The answer of a chat-bot, copied with the text.",
        "ai-2 cutoff-2 update-3 regenerate here-2 here's-2 know-2 fulfill-3",
        r"\bas an ai(?: \w+){0,2} ?(?:model|assistant|chatbot)?,? I (?:can ?not|can['’]t|do not|don['’]t|am)\b"
        r"|\bmy (?:knowledge cutoff|last (?:knowledge )?update)\b|\bregenerate response\b"
        r"|\b(?:sure|certainly|of course|absolutely)[,!] here(?:['’]s| is| are)\b[^.\n]{0,80}"
        r"|\bhere(?:['’]s| is) (?:the|your|an?) (?:rewritten|revised|reworded|paraphrased|expanded"
        r"|seo[- ]\w+|requested)"
        r" [^.\n]{0,60}|(?<![\w.,] )\bhere(?:['’]s| is) (?:the|your) (?:full |complete |final )?"
        r"(?:article|blog post)\b(?= \w|[:.])"
        r"|\blet me know if you(?:['’]d| would) like me to\b[^.\n]{0,60}"
        r"|\bI (?:cannot|can['’]t|can not) fulfill (?:this|that|your) request\b",
    ),
    cue(
        "farewell",
        1.0,
        "The farewell of a chat-bot, or of an answer from somewhere else.",
        "helps-3 meets-4",
        r"\bI hope (?:this|that) (?:helps|article (?:helps|meets))\b[^\n]{0,60}(?=\s*\Z)",
    ),
    cue(
        "error",
        2.0,
        "An error message of a program.",
        "api-1 quota-3 fatal mysql failed-1 javascript-2 undefined browser allow-3",
        r"\b(?:invalid|missing|incorrect) api key\b|\bapi key (?:is )?(?:invalid|missing|not valid|expired)\b"
        r"|\bexceeded your (?:\w+ )?quota\b|\bfatal error:|\bmysql_\w+|\b(?:video|image|content) failed to load\b"
        r"|\bplease enable javascript\b|\bundefined (?:index|variable|offset)\b|\bbrowser does not support\b"
        r"|\bthe site won['’]?t allow us\b",
    ),
    cue(
        "code",
        2.0,
        "Code of the page, shown as text.",
        "import const function",
        r"import \{?[\w ,]{1,60}\}? from ['\"][^'\"\n]{1,80}['\"]|const \w{1,40} = [^\n]{1,60}"
        r"|function \w{2,40}\(\w*\) ?\{",
    ),
)
# Signs and code: tried on pages that have one of the signs, or of the words if that is what they are.
_TRACES = tuple(
    (kind, weight, signs.split(), regex(pattern, re.I), says)
    for kind, weight, signs, pattern, says in (
        (
            "placeholder",
            3.0,
            "[",
            r"\[(?:insert|add|enter|put|type|your|company|business|clinic|brand|city|town|product|keyword|phone"
            r"|website|link to)"
            r"\b[^\[\]\n]{0,50}\](?!\()",
            "A placeholder that was never filled in.",
        ),
        (
            "slot",
            3.0,
            "{",
            r"\{(?:\{(?!--)[^{}\n]{1,60}\}\}|[^{}|\n]{1,40}(?:\|[^{}|\n]{0,40})+\})",
            "A slot that was never replaced.",
        ),
        ("slot", 3.0, "${", r"\$\{\w[\w.]{1,30}\}", "A slot that was never replaced."),
        ("slot", 3.0, "<%", r"<%=?[^%\n]{1,60}%>", "A slot that was never replaced."),
        ("slot", 3.0, "%", r"%(?<![\w%]%)[a-z][a-z_]{2,24}%(?!\w)", "A slot that was never replaced."),
        (
            "code",
            2.0,
            "</ <div <span <br <p>",
            r"</?(?:div|span|p|br|strong|em|ul|li|h[1-6]|iframe|script)\b[^<>\n]{0,120}>",
            "Code of the page, shown as text.",
        ),
        (
            "code",
            2.0,
            "[",
            r"\[/?[a-z]{2,12}_[a-z_]{2,20}\b[^\]\n]{0,120}\]",
            "Code of the page, shown as text.",
        ),
        (
            "code",
            2.0,
            "&",
            r"&(?:amp|nbsp|quot|rsquo|ldquo|rdquo|lt|gt|#\d{2,5});",
            "Code of the page, shown as text.",
        ),
        (
            "label",
            1.0,
            "posted",
            r"(?-i:[Pp])osted (?:on|by)\b[^\n|]{3,40}\|[^\n]*",
            "A label of the platform.",
        ),
        ("label", 1.0, "|", r"\| *\d+ words\b *\|[^\n]{0,60}", "A label of the platform."),
        (
            "encoding",
            2.0,
            "â€ Â€ Ã© Ã¨ Ã¢ ã© ã¨ ã¢ ï» \ufffd",
            r"(?:â€[\w™œ\"“”˜¢¦\x80-\x9f]?|Ã[©¨¢ª®´»§¼¶¤]|ï»¿|\ufffd)",
            "Letters broken by a wrong encoding.",
        ),
    )
)

# A line that is made of such words only is a label of the platform.
_LABELS = frozenset(
    "blog article articles post posts page share shares print email comment comments reply tweet pin views read more"
    " menu search login register tags tag category categories archive archives author published updated uncategorized"
    " admin next previous subscribe related likes advertisement advertisements sponsored skip to content no body link"
    " copy save report flag download entry story this a leave the and by on in".split()
)
_TELLING = frozenset(
    "blog article post share print comment comments reply tweet advertisement uncategorized admin archive"
    " archives".split()
)
_LOST = frozenset(
    "dont doesnt didnt isnt arent wasnt werent youre youve youll theyre theyve weve wouldnt couldnt shouldnt havent"
    " hasnt thats whats heres theres".split()
)
_NUMBERED = regex(r"\n[ \t]*(\d{1,3})[.)][ \t]+(\S[^\n]*)")
_ELSEWHERE = frozenset({"code", "hidden", "furniture"})
_JOIN_US = regex(
    r"(?:get|sign up|subscribe|join|follow|enter your email|stay)\b[^\n]{0,60}?\b(?:newsletters?|updated?|updates|inbox"
    r"|tips|latest"
    r"|mailing list|subscribers|social media|instagram|facebook)\b[^\n]{0,60}$",
    re.I,
)
_CALLS = frozenset("get sign subscribe join follow enter stay".split())  # with which `_JOIN_US` begins
_CONTRACTED = regex(r"['’](?<=[a-z]['’])(?:s|t|re|ve|ll|d|m)\b", re.I)
_LONG_WORD = regex(r"(?<![\w/.=&?#-])[A-Za-z0-9+/%]{48,}={0,2}")
LONG_WORD = 40
_MARK = regex(r"[.!?…:;]")
UNMARKED = 70  # words to a mark that ends a sentence or a clause; honest pages have no more than 59
LEAST, PARAGRAPH = 150, 25  # words that all long paragraphs have together, and each of them
MOST = 5  # spans of one kind


def measure(document: Document, tables: Tables) -> Evidence:
    """The weights of the kinds of remains, added up; places strongest first."""
    found: list[tuple[float, Span]] = []
    value = 0.0
    kinds = (_traces, _labels, _lines, _words, _unmarked)
    for weight, spans in chain.from_iterable(kind(document) for kind in kinds):
        if spans:
            value += weight
            found += [(weight, span) for span in spans[:MOST]]
    found.sort(key=lambda f: (-f[0], f[1].start))
    return Evidence(value, tuple(span for _, span in found))


Found = Iterator[tuple[float, list[Span]]]


def _traces(document: Document) -> Found:
    text, types = document.text, document.tokens.types
    found = [(c.kind, c.weight, start, end, c.says) for c, start, end in _CUES.find(document)]
    for kind, weight, signs, pattern, says in _TRACES:
        if any(sign in types if sign.isalnum() else sign[0] in text and sign in text for sign in signs):
            found += [(kind, weight, *m.span(), says) for m in pattern.finditer(text)]
    outside = [b for b in document.blocks if b.kind in _ELSEWHERE] if found else []
    kinds: dict[str, tuple[float, list[Span]]] = {}
    for kind, weight, start, end, says in found:
        if document.in_quotes(start, end) or any(b.start <= start < b.end for b in outside):
            continue
        kinds.setdefault(kind, (weight, []))[1].append(Span(start, end, says))
    yield from kinds.values()


def _labels(document: Document) -> Found:
    """Short lines of platform words, and the call to subscribe that closes an article."""
    tokens, text = document.tokens, document.text
    words = tokens.word
    telling = {tokens.block[i] for i in tokens.among(_TELLING)}
    calling = {tokens.block[i] for i in tokens.among(_CALLS)}
    spans, calls = [], []
    for index in sorted(telling | calling):
        first, last = document.block_tokens[index]
        if last - first > 24 or not (index in telling or words[first] in _CALLS):
            continue
        block = document.blocks[index]
        here = words[first:last]
        if last - first <= 5 and index in telling and all(w in _LABELS or w.isdigit() for w in here):
            spans.append(Span(block.start, block.end, "A label of the platform."))
        elif block.kind in BODY and _JOIN_US.match(text, tokens.start[first], block.end):
            calls.append(
                Span(block.start, block.end, "The platform's call to subscribe stands in the article.")
            )
    yield 1.0, spans
    yield 0.5, calls


def _lines(document: Document) -> Found:
    """Numbers that alternate between heading and text, and lines broken off in mid-sentence."""
    spans: list[Span] = []
    run: list[re.Match[str]] = []
    for item in [*_NUMBERED.finditer(document.text), None]:
        if item and (not run or _goes_on(run[-1], item)):
            run.append(item)
            continue
        if len(run) >= 4 and sum(map(_is_text, run)) >= len(run) // 2:
            says = "The numbers of this list alternate between a heading and its text."
            spans.append(Span(run[0].start(1), run[-1].end(), says))
        run = [item] if item else []
    yield 2.0, spans
    text = document.text
    paragraphs = [b for b in document.blocks if b.kind == "paragraph"]
    breaks = [
        Span(b.start, b.end, "The line before breaks off in mid-sentence, and this one goes on.")
        for a, b in pairwise(paragraphs)
        if text[b.start].islower()
        and text[a.end - 1].islower()
        and a.end - a.start >= 60
        and b.start - a.end < 4
    ]
    yield 1.0, breaks if len(breaks) * 8 <= len(paragraphs) else []  # else a text set in short lines


def _goes_on(item: re.Match[str], following: re.Match[str]) -> bool:
    return int(following[1]) == int(item[1]) + 1 and _is_head(item) != _is_head(following)


def _is_head(item: re.Match[str]) -> bool:
    return len(item[2]) < 70 and not item[2].rstrip().endswith((".", "!", "?"))


def _is_text(item: re.Match[str]) -> bool:
    return len(item[2]) >= 90 and item[2].rstrip().endswith((".", "!", "?"))


def _words(document: Document) -> Found:
    """Encoded tails and apostrophes that were lost everywhere."""
    tokens = document.tokens
    if len(tokens) and (tokens.ends - tokens.starts).max() >= LONG_WORD:
        tails = [
            Span(m.start(), m.end(), "An encoded string, not a word.")
            for m in _LONG_WORD.finditer(document.text)
            if any(map(str.isdigit, m.group())) and not m.group().islower()
        ]
        yield 2.0, tails
    lost = _LOST.intersection(tokens.types)
    if len(lost) >= 2 and not _CONTRACTED.search(document.text):
        at = tokens.among(lost)
        yield (
            min(1.0, len(at) / 4),
            [
                document.token_span(i, i + 1, "The apostrophe is lost, here and elsewhere on the page.")
                for i in at
            ],
        )


def _unmarked(document: Document) -> Found:
    """The longest paragraph, if the page's paragraphs have hardly a full stop."""
    blocks = document.blocks
    asked = [
        (last - first, blocks[index])
        for index, (first, last) in document.block_tokens.items()
        if blocks[index].kind == "paragraph" and last - first >= PARAGRAPH
    ]
    words = sum(size for size, _ in asked)
    if words < LEAST or sum(document.text.count(".", b.start, b.end) for _, b in asked) * UNMARKED >= words:
        return
    marks = sum(len(_MARK.findall(document.text, b.start, b.end)) for _, b in asked)
    if marks * UNMARKED < words:
        longest = max(asked, key=lambda a: a[0])[1]
        says = "Hardly a full stop here, nor in the rest of the page."
        yield 2.0, [Span(longest.start, longest.end, says)]
