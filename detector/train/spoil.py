"""Generators of spoiled text: honest pages damaged in the ways spammers damage them, with the places marked.

Each generator is a family of its own, so that whole families can be held out. All take plain text whose paragraphs are
separated by blank lines, and a random generator; none draws anything from elsewhere.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

from detector.document import WORD

Substitute = Callable[[str, random.Random], str | None]


@dataclass(frozen=True)
class Mark:
    """A place that a generator damaged: text[start:end], in the way of `signal`."""

    start: int
    end: int
    signal: str


@dataclass(frozen=True)
class Spoiled:
    """A spoiled text, where it was damaged, and by which family. html: it is a web page; links: target of each mark."""

    text: str
    marks: tuple[Mark, ...]
    family: str
    html: bool = False
    links: tuple[str, ...] = ()


# --- spinners: words replaced by wrong ones --------------------------------------------------------------------------


def dictionary_spinner(table: Mapping[str, Sequence[str]]) -> Substitute:
    """Replaces single words by entries of a thesaurus, whatever the context."""

    def substitute(word: str, rng: random.Random) -> str | None:
        found = table.get(word)
        return rng.choice(found) if found else None

    return substitute


def spin(
    text: str,
    substitute: Substitute,
    rate: float,
    rng: random.Random,
    family: str,
    phrases: Mapping[str, Sequence[str]] | None = None,
) -> Spoiled:
    """Replace about `rate` of the words where the spinner knows a substitute; with `phrases`, fixed expressions too."""
    edits = [
        (m.start(), m.end(), rng.choice((phrases or {})[m.group().lower()]))
        for m in (_any_of(tuple(phrases)).finditer(text) if phrases else ())
    ]
    taken = {k for start, end, _ in edits for k in range(start, end)}
    words = [m for m in WORD.finditer(text) if m.start() not in taken]
    open_to = [m for m in words if substitute(m.group().lower(), rng) is not None]
    missing = rate * len(words) - sum(len(new.split()) for _, _, new in edits)
    chance = min(1.0, max(0.0, missing / max(1, len(open_to))))
    for match in open_to:
        new = substitute(match.group().lower(), rng) if rng.random() < chance else None
        if new is not None and new != match.group().lower():
            edits.append((match.start(), match.end(), new))
    return _edited(text, [(a, b, like(text[a:b], new)) for a, b, new in sorted(edits)], "spun_phrase", family)


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE)


_PREPOSITIONS = ("in", "on", "at", "for", "of", "to", "with", "from", "by", "about")
_CLAUSES = re.compile(
    r"(?<=[.!?] )((?:When|If|After|Before|Because|While|Although) [^,.\n]{15,90}), ([^,.\n]{15,120})\."
)


def translate(text: str, substitute: Substitute, rate: float, rng: random.Random, family: str) -> Spoiled:
    """What machine translation there and back leaves: clauses turned round, articles and prepositions lost or wrong,
    and the same substitute for a word wherever it stands. Only the substitutes are marked.
    """
    text = _CLAUSES.sub(
        lambda m: (
            m[0] if rng.random() < 0.5 else f"{m[2][0].upper()}{m[2][1:]}, {m[1][0].lower()}{m[1][1:]}."
        ),
        text,
    )
    words = list(WORD.finditer(text))
    chosen: dict[str, str | None] = {}
    for word in dict.fromkeys(m.group().lower() for m in words):
        chosen[word] = substitute(word, rng)
    open_to = [m for m in words if chosen[m.group().lower()] is not None]
    chance = min(1.0, rate * len(words) / max(1, len(open_to)))
    edits: list[tuple[int, int, str]] = []
    for m in words:
        word = m.group().lower()
        new = chosen[word] if rng.random() < chance else None
        if new is not None and new != word:
            edits.append((m.start(), m.end(), like(m.group(), new)))
        elif word in ("the", "a", "an") and m.group().islower() and rng.random() < rate:
            edits.append((m.start(), m.end() + (text[m.end() : m.end() + 1] == " "), ""))
        elif word in _PREPOSITIONS and rng.random() < rate:
            edits.append((m.start(), m.end(), like(m.group(), rng.choice(_PREPOSITIONS))))
    done = _edited(text, edits, "spun_phrase", family)
    kept = [
        m for m in done.marks if m.end > m.start and done.text[m.start : m.end].lower() not in _PREPOSITIONS
    ]
    return replace(done, marks=tuple(kept))


def _edited(text: str, edits: Sequence[tuple[int, int, str]], signal: str, family: str) -> Spoiled:
    """Apply sorted replacements (start, end, new) and mark what they put in."""
    pieces: list[str] = []
    marks: list[Mark] = []
    at = size = 0
    for start, end, new in edits:
        pieces += [text[at:start], new]
        size += start - at
        marks.append(Mark(size, size + len(new), signal))
        size += len(new)
        at = end
    return Spoiled("".join(pieces) + text[at:], tuple(marks), family)


def like(old: str, new: str) -> str:
    """`new` with the capitals of `old`."""
    if old.isupper() and len(old) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


# --- pasters: link phrases put where they do not belong --------------------------------------------------------------

STYLES = ("insert", "replace", "subject", "paragraph", "ending")


def paste(text: str, phrases: Sequence[str], style: str, rng: random.Random, count: int = 1) -> Spoiled:
    """Paste `count` phrases into different paragraphs.

    insert: between two words of a sentence; replace: over one to three words; subject: over the first words of a
    sentence, in lower case as queries are typed; paragraph: as a paragraph of its own; ending: as last words.
    """
    paragraphs = [m for m in re.finditer(r"[^\n]+", text) if len(WORD.findall(m.group())) >= 15]
    edits: list[tuple[int, int, str]] = []
    for place in sorted(rng.sample(paragraphs, min(count, len(paragraphs))), key=lambda m: m.start()):
        phrase = rng.choice(phrases)
        if rng.random() < 0.35:
            phrase = phrase.lower()
        elif rng.random() < 0.15:
            phrase = phrase.title()
        edits.append(_pasted(text, place.start(), place.end(), phrase, style, rng))
    return _trimmed(_edited(text, edits, "injected_anchor", f"paste_{style}"))


def _pasted(
    text: str, start: int, end: int, phrase: str, style: str, rng: random.Random
) -> tuple[int, int, str]:
    if style == "paragraph":
        return end, end, "\n\n" + phrase
    words = list(WORD.finditer(text, start, end))
    if style == "subject":
        starts = [
            k
            for k, w in enumerate(words[:-8])
            if w.start() == start or text[w.start() - 2 : w.start()] == ". "
        ]
        k = rng.choice(starts or [0])
        over = rng.choice((0, 1, 2, 3))
        if over == 0:
            return words[k].start(), words[k].start(), phrase + " "
        return words[k].start(), words[min(k + over, len(words)) - 1].end(), phrase
    if style == "ending":
        stops = [k for k, w in enumerate(words) if text[w.end() : w.end() + 1] == "."] or [len(words) - 1]
        k = rng.choice(stops)
        return words[k].end(), words[k].end(), " " + phrase
    k = rng.randrange(2, len(words) - 2)
    if style == "insert":
        return words[k].start(), words[k].start(), phrase + " "
    over = rng.choice((1, 1, 2, 2, 3))
    return words[k].start(), words[min(k + over - 1, len(words) - 1)].end(), phrase


def _trimmed(spoiled: Spoiled) -> Spoiled:
    """Marks without the white space at their ends."""
    marks = []
    for m in spoiled.marks:
        inside = spoiled.text[m.start : m.end]
        marks.append(
            Mark(
                m.start + len(inside) - len(inside.lstrip()),
                m.end - len(inside) + len(inside.rstrip()),
                m.signal,
            )
        )
    return Spoiled(spoiled.text, tuple(marks), spoiled.family)


# --- plugs: somebody else's business at the end of an article --------------------------------------------------------

# {name} a business, {town} a town, {thing} what the article is about; each is unlike the others.
PLUGS = (
    "Looking for help close to home? {name} in {town} offers {thing} and sees new clients on weekdays. Call them today"
    " to book a first visit.",
    "Not every provider is the same, and that is where {name} stands out. Their friendly staff in {town} will answer"
    " all your questions about {thing}. Visit their website to schedule an appointment.",
    "For people who live near {town}, {name} is well worth a call. They provide {thing} at fair rates, and their team"
    " takes time for each client. Contact {name} to learn more.",
    "Whatever your reason for considering {thing}, the experts at {name} can help you. Get in touch with them on"
    " 555-0142 or stop by their office in {town}.",
    "If all of this sounds like a lot, {name} can make it easy. The {town} company has helped many customers with"
    " {thing}, and it would be glad to help you too. Reach out to them for a free quote.",
    "One name comes up again and again when residents of {town} talk about {thing}: {name}. Book a consultation with"
    " their specialists and see the difference for yourself.",
    "So why wait? {name} is open six days a week in the heart of {town}. They specialise in {thing}, and their"
    " customers keep coming back. Call {name} now.",
    "We recommend {name}, a trusted provider of {thing} in {town}. Their website has everything you need to order or to"
    " arrange a visit.",
    "When it comes to {thing}, nobody does it quite like {name}. With locations around {town}, they have an appointment"
    " for you when you need one. Click through to their site to see current offers.",
    "Readers in {town} can turn to {name} for {thing}. Ask for a tour of their clinic, or send them a message and"
    " their coordinator will ring you back.",
)
TOWNS = (
    "Harrogate", "Plano, TX", "Ballarat", "Cork", "Tempe, AZ", "Swindon", "Hamilton, Ontario", "Boise", "Leicester",
    "Geelong", "Naperville, IL", "Dundee", "Wollongong", "Chester", "Tulsa, OK", "Norwich",
)  # fmt: skip


def plug(text: str, title: str, businesses: Sequence[str], rng: random.Random) -> Spoiled:
    """Push a third party's business at the end of an article, or before its last paragraph."""
    words = [w for w in WORD.findall(title.lower()) if len(w) > 4] or ["treatment"]
    paragraph = rng.choice(PLUGS).format(
        name=rng.choice(businesses), town=rng.choice(TOWNS), thing=" ".join(words[:2])
    )
    parts: list[tuple[str, str | None]] = [(p, None) for p in text.split("\n\n")]
    at = len(parts) if rng.random() < 0.8 else max(1, len(parts) - 1)
    parts.insert(at, (paragraph, "plug"))
    return _assembled(parts, {}, "plug")


# --- links that stay, and what nobody sees ---------------------------------------------------------------------------


def link(text: str, phrases: Sequence[str], style: str, rng: random.Random, count: int = 1) -> Spoiled:
    """Paste phrases as `paste` does, and leave the links on them: to one seller or several, home pages and others."""
    pasted = paste(text, phrases, style, rng, count)
    hosts = [f"{_syllables(rng)}.{rng.choice(('com', 'net', 'co.uk', 'org', 'shop'))}" for _ in pasted.marks]
    if rng.random() < 0.5:
        hosts = hosts[:1] * len(hosts)
    targets = []
    for mark, host in zip(pasted.marks, hosts, strict=True):
        words = "-".join(pasted.text[mark.start : mark.end].lower().split())
        targets.append(f"https://{host}/{rng.choice(('', '', words, f'blog/{words}', 'p?id=114'))}")
    return replace(pasted, family="link", links=tuple(targets))


def _syllables(rng: random.Random) -> str:
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.choice((2, 3, 4))))


HIDING = (
    '<div style="display:none">{}</div>',
    '<div style="position:absolute; left:-9999px">{}</div>',
    '<p style="font-size:0">{}</p>',
    '<div style="color:#fff;background-color:#fff">{}</div>',
    "<section hidden>{}</section>",
    '<p style="visibility:hidden">{}</p>',
)
# Letters of Cyrillic that look like the Latin ones.
_ALIKE = str.maketrans("aeopcxy", "аеорсху")
_WIDTHLESS = ("\u200b", "\u200c", "\u2060", "\ufeff")


def hide(text: str, phrases: Sequence[str], rng: random.Random) -> Spoiled:
    """Put a list of queries or links to sellers on the page where no reader sees it."""
    chosen = rng.sample(list(phrases), min(len(phrases), rng.choice((3, 5, 8, 12))))
    if rng.random() < 0.5:
        inside = rng.choice((", ", " | ", "<br>")).join(map(escape, chosen))
    else:
        inside = " ".join(
            f'<a href="https://{_syllables(rng)}.com/{"-".join(p.lower().split())}">{escape(p)}</a>'
            for p in chosen
        )
    parts = [f"<p>{escape(p)}</p>" for p in text.split("\n\n")]
    at = rng.choice((0, len(parts) // 2, len(parts)))
    parts.insert(at, rng.choice(HIDING).format(inside))
    return Spoiled("\n".join(parts), (Mark(0, 1, "hidden_text"),), "hide_block", html=True)


def disguise(text: str, rng: random.Random) -> Spoiled:
    """Change letters of some words for ones that look alike, or put invisible characters into them."""
    words = [m for m in re.finditer(r"[a-z]{5,}", text) if re.search("[aeopcxy]", m[0])]
    found = sorted(rng.sample(words, min(len(words), rng.choice((4, 10, 25)))), key=lambda m: m.start())
    pieces, marks, at, length = [], [], 0, 0
    alike = rng.random() < 0.5
    for m in found:
        cut = rng.randrange(1, len(m[0]) - 1)
        new = m[0].translate(_ALIKE) if alike else m[0][:cut] + rng.choice(_WIDTHLESS) + m[0][cut:]
        pieces += [text[at : m.start()], new]
        length += m.start() - at
        marks.append(Mark(length, length + len(new), "hidden_text"))
        length += len(new)
        at = m.end()
    return Spoiled("".join([*pieces, text[at:]]), tuple(marks), "hide_letters")


# --- repeats, stitches, titles ---------------------------------------------------------------------------------------


def repeat(text: str, reword: Substitute, rng: random.Random) -> Spoiled:
    """Say one to three paragraphs again further down, in other words: sentences shuffled, some words exchanged."""
    paragraphs = text.split("\n\n")
    long = [k for k, p in enumerate(paragraphs) if len(p.split()) >= 40]
    extra: dict[int, list[str]] = {}
    for k in rng.sample(long, min(len(long), rng.choice((1, 2, 3)))):
        sentences = re.split(r"(?<=[.!?])\s+", paragraphs[k])
        rng.shuffle(sentences)
        again = spin(" ".join(sentences), reword, rng.choice((0.0, 0.1, 0.25, 0.4)), rng, "").text
        extra.setdefault(rng.randrange(k, len(paragraphs)), []).append(again)
    return _assembled(
        [(p, None) for p in paragraphs],
        {k: [(p, "near_duplicate") for p in v] for k, v in extra.items()},
        "repeat",
    )


def stitch(texts: Sequence[str], title: str, rng: random.Random) -> Spoiled:
    """Put articles one after the other, as content mills do, with or without headings of their own and stock ones
    between them. Every article but the first is marked by its first part."""
    parts: list[tuple[str, str | None]] = []
    openings = ("Introduction to {}", "Understanding {}", "What is {}?", "{}", "A Guide to {}", "About {}")
    headings, own = rng.random() < 0.6, rng.random() < 0.5
    for number, text in enumerate(texts):
        shortest = 1 if own else 12  # words of a paragraph that stays
        article = [p for p in text.split("\n\n") if len(p.split()) >= shortest][: rng.choice((6, 10, 99))]
        if headings and title and rng.random() < 0.8:
            article.insert(0, rng.choice(openings).format(title))
        if rng.random() < 0.4:
            article.insert(len(article) - 1, "Conclusion")
        parts += [(p, "stitched" if number and k == 0 else None) for k, p in enumerate(article)]
    return _assembled(parts, {}, "stitch")


def print_title_again(text: str, title: str, rng: random.Random) -> Spoiled:
    """Print the title three times at the head, or in capitals, or again inside the text."""
    title = title.strip()
    style = rng.choice(("capitals", "thrice", "inside"))
    paragraphs = text.split("\n\n")
    if paragraphs and paragraphs[0].strip().lower() == title.lower():
        paragraphs = paragraphs[1:]
    if style == "inside":
        middle = len(paragraphs) // 2
        before, after = paragraphs[:middle], paragraphs[middle:]
    else:
        before, after = [], paragraphs
    first = title.upper() if style == "capitals" else title
    again = (title, "repeated_title")
    parts = [(first, None), *((p, None) for p in before), again, again, *((p, None) for p in after)]
    return _assembled(parts, {}, f"title_{style}")


def _assembled(
    parts: Sequence[tuple[str, str | None]],
    extra: Mapping[int, Sequence[tuple[str, str | None]]],
    family: str,
) -> Spoiled:
    """Join parts by blank lines, with more parts after some of them, and mark those that carry a signal."""
    out: list[str] = []
    marks: list[Mark] = []
    size = 0
    for k, part in enumerate(parts):
        for text, signal in (part, *extra.get(k, ())):
            if signal:
                marks.append(Mark(size, size + len(text), signal))
            out.append(text)
            size += len(text) + 2
    return Spoiled("\n\n".join(out), tuple(marks), family)


# --- the tables of the project ---------------------------------------------------------------------------------------


def read_table(path: Path) -> dict[str, list[str]]:
    """corpus/synonyms.tsv or corpus/phrasetable.tsv: honest form, TAB, wrong forms separated by |."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if "\t" in line)
    return {honest: wrong.split("|") for honest, wrong in rows}


def read_phrases(folder: Path) -> dict[str, list[str]]:
    """corpus/phrases/*.txt: the phrases of each kind of seller; lines that start with # are comments."""
    return {
        file.stem: [
            line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")
        ]
        for file in sorted(folder.glob("*.txt"))
    }
