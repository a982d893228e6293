"""The draft of a letter to the author: what a good editor would write, in plain and kind words.

It tells what is in the text and what to do about it, and nothing of how that was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from detector.document import Document
from detector.report.layout import one_line, shorten
from detector.report.word import paragraph

_POINTS = 6
_LEAST = 0.3  # log-odds; what pushes less is not worth an author's time
_PLACES = 3  # quoted for a point
_QUOTED = 90  # characters of a place
_NAMED = 120  # characters of a title or a name

Mood = Literal["accept", "edit", "decline"]
_MOODS: Mapping[str, Mood] = {
    "accepted": "accept", "needs_edits": "edit", "rejected": "decline",
    "publish": "accept", "review": "edit", "reject": "decline",
}  # fmt: skip


class Advice(NamedTuple):
    """What to tell an author about a signal. quotes: whether its places mean something to a reader."""

    wrong: str
    do: str
    quotes: bool = True


ADVICE: Mapping[str, Advice] = {
    "affiliate_pitch": Advice(
        "Prices, guarantees and calls to buy stand close together, so that the text reads like an advertisement.",
        "Please say what the product does and for whom, and leave the selling to the shop.",
    ),
    "contradicted_claim": Advice(
        "Health authorities or good studies say something else.",
        "Please correct it or take it out.",
    ),
    "doorway": Advice(
        "The name of the place or the subject comes back in full where “here” or “it” would do.",
        "Please name it once and write the rest for a reader who knows where they are.",
    ),
    "fake_authority": Advice(
        "Readers cannot find out who is speaking.",
        "Please give the name and the qualification, or the study with its year, or leave the sentence out.",
    ),
    "health_evidence": Advice(
        "Readers who think about a treatment will want to know more than the text tells them.",
        "Please say who wrote it and from which sources, what can go wrong, who should not have the treatment, and "
        "what else there is.",
    ),
    "hidden_text": Advice(
        "The file holds words that readers would not see.",
        "Please take them out, or show them.",
    ),
    "hollow_prose": Advice(
        "This part reads well and stays general; it would fit many other articles.",
        "Please add what you know at first hand: an example, a figure with its source, a case in which the advice "
        "does not help.",
    ),
    "injected_anchor": Advice(
        "These words do not belong to the sentences around them.",
        "Please take them out; the text reads better without them.",
    ),
    "keyword_stuffing": Advice(
        "The same phrase comes back so often that a reader notices.",
        "Please use it once or twice and then say “it”, or build the sentence in another way.",
    ),
    "link_profile": Advice(
        "The words of the link do not tell a reader where it leads or why to follow it.",
        "Please link a source that supports your point, under words that name it, or take the link out.",
    ),
    "near_duplicate": Advice(
        "The text says the same thing twice.",
        "Please keep the version that you like better and take out the other.",
    ),
    "plug": Advice(
        "A business is recommended that the article is not about.",
        "Please take this out, or tell us what connects you with it, so that we can say so.",
    ),
    "readability": Advice(
        "Some of the sentences ask a lot of their readers.",
        "Please cut the long ones in two, and choose the plain word where there is one.",
        quotes=False,
    ),
    "repeated_title": Advice(
        "The title is printed again in the text.",
        "Once at the top is enough; please take the others out.",
    ),
    "scrape_debris": Advice(
        "Something was left over that is not meant for readers.",
        "Please take it out, or fill in what is missing.",
    ),
    "snippet_stitch": Advice(
        "Sentences break off, or do not follow from one another.",
        "Please finish them and show how one leads to the next.",
    ),
    "spun_phrase": Advice(
        "Some words are not those that a reader expects in their place.",
        "Please read these sentences aloud, and put the usual word where one sounds odd.",
    ),
    "stitched": Advice(
        "The article seems to begin again at this point.",
        "Please make one text of the parts, with one introduction and one end.",
    ),
    "template_filler": Advice(
        "These sentences would fit an article on any subject.",
        "Please take them out, or say what they mean for this one.",
    ),
    "thin_specifics": Advice(
        "There is little here that a reader could check or use.",
        "Please add names, figures, doses, prices or dates, and say where you have them from.",
    ),
    "trust": Advice(
        "Readers will want to know who stands behind the text.",
        "Please add your name and background, your sources and the date.",
        quotes=False,
    ),
    "unsupported_claim": Advice(
        "This is a strong claim, and nothing stands behind it yet.",
        "Please name the study or the authority, how large the effect is and what can go wrong; or put it more "
        "carefully.",
    ),
    "wording_honest": Advice(
        "The wording could be closer to how you would tell it to somebody you know.",
        "Please use your own words and your own examples.",
        quotes=False,
    ),
    "wording_spam": Advice(
        "Some of the wording is so common in articles on this subject that readers pass over it.",
        "Please say it as you would to a friend who asks you.",
        quotes=False,
    ),
    "anchor_ring": Advice(
        "The same words link to the same address in many other articles.",
        "Please take the link out, or link a source under words that name it.",
    ),
    "duplicate_title": Advice(
        "We have another page with this title.",
        "Please choose a title that tells what is different here.",
    ),
    "site_clone": Advice(
        "Nearly the same text has been published elsewhere.",
        "Please send us something that has not appeared yet.",
    ),
    "slot_template": Advice(
        "Other articles have these sentences too, with another place or product in them.",
        "Please write what is true of this one only.",
    ),
    "spun_sibling": Advice(
        "Another article tells the same in the same order.",
        "Please tell it from your own experience, in an order of your own.",
    ),
}
_ANYTHING = Advice("This place needs another look.", "Please go over it once more.")

_OPENINGS: Mapping[Mood, tuple[str, str]] = {  # with points, and without
    "accept": (
        "We enjoyed reading it and would like to publish it. Before it goes online, could you look at a few small "
        "things?",
        "We enjoyed reading it and would like to publish it. There is nothing that you need to change.",
    ),
    "edit": (
        "We would like to publish it, and some places need your hand first. Could you go through the list below and "
        "send us a new version?",
        "We would like to publish it, and we have a few questions first. We will write to you about them soon.",
    ),
    "decline": (
        "We have read it with care, and we are sorry to say that we cannot publish it as it is. You will want to know "
        "why, so here is what stood in the way:",
        "We have read it with care, and we are sorry to say that it does not fit what we publish at the moment.",
    ),
}
_CLOSINGS: Mapping[Mood, str] = {
    "accept": "Thank you for your work. We hope to read more from you.",
    "edit": "If you see any of this differently, please tell us; we may have read a place in a way that you did not "
    "mean. We look forward to the new version.",
    "decline": "We know how much work a text is, and this is about this text only. If you would like to write about "
    "something that you know at first hand, we will gladly read it.",
}
_UNREAD: Mapping[str, str] = {
    "too_short": "It is too short for us to judge. Could you send us the full text?",
    "not_english": "We publish in English only. Could you send us an English version?",
    "no_prose": "We found hardly any running text in it. Could you send us the article itself, as a Word file or in "
    "your e-mail?",
    "unreadable": "We could not open it. Could you send it again, as a Word file or in your e-mail?",
}


def draft(
    submission: Mapping[str, Any],
    verdict: Mapping[str, Any],
    document: Document,
    *,
    matches: Sequence[Mapping[str, Any]] = (),
    feedback: Sequence[Mapping[str, Any]] = (),
) -> str:
    """A letter to the author of a submission, as plain text; the same input gives the same letter.

    submission, verdict, feedback (events of kind "fine" and "missed"), matches: as the desk's interface has them.
    The tone follows the submission's state, or the verdict's outcome while nobody has decided.
    """
    printed = (document.text[block.start : block.end] for block in document.blocks if block.kind == "title")
    titles = (submission.get("title"), document.title, next(printed, ""))
    title = next(filter(None, (_plain(title, _NAMED) for title in titles)), "")
    thanks = f"Thank you for sending us {f'“{title}”' if title else 'your article'}."
    mood = _MOODS.get(str(submission.get("state"))) or _MOODS.get(str(verdict.get("outcome")))
    if mood is None:
        reason = str(verdict.get("reason")).partition(":")[0]
        parts = [f"{thanks} {_UNREAD.get(reason, _UNREAD['unreadable'])}"]
    else:
        found = _points(verdict, feedback)
        if mood == "accept":  # what cannot be pointed at is no small correction
            found = [point for point in found if point.places and _advice(point).quotes]
        points = [_write(point, document) for point in found[:_POINTS]]
        points += _likeness(matches, submission, document)
        parts = [
            f"{thanks} {_OPENINGS[mood][0 if points else 1]}",
            *(f"{n}. {point}" for n, point in enumerate(points, 1)),
            _CLOSINGS[mood],
        ]
    name = _first_name(_plain(submission.get("author"), _NAMED))
    editor = _plain(submission.get("assignee"), _NAMED) or "The editors"
    parts = [f"Dear {name}," if name else "Hello,", *parts, f"With kind regards,\n{editor}"]
    return "\n\n".join(parts) + "\n"


def _plain(text: object, length: int) -> str:
    """Text from outside on one line, without what a reader cannot see."""
    return shorten("".join(c for c in one_line(str(text or "")) if c.isprintable()), length)


# --- whom it is written to ------------------------------------------------------------------------------------------

_TITLE = re.compile(r"(?:dr|prof|professor|mr|mrs|ms|mx|miss)\.?", re.IGNORECASE)
_NO_PERSON = re.compile(
    r"\b(?:team|editors?|editorial|admin|marketing|agency|media|group|clinic|staff|office|ltd|inc|llc|seo|content)\b",
    re.IGNORECASE,
)


def _first_name(author: str) -> str:
    """How to address somebody: "Ruth" of "Palmer, Ruth", "Dr Palmer" of "Dr Ruth Palmer", "" of an address."""
    last, comma, first = author.partition(",")
    words = (f"{first} {last}" if comma and len(first.split()) == 1 else last).split()
    if (
        not words
        or _NO_PERSON.search(author)
        or not all(re.fullmatch(r"[^\W\d_][\w.'’-]*", w) for w in words)
    ):
        return ""
    if _TITLE.fullmatch(words[0]):
        return f"{words[0]} {words[-1]}" if len(words) > 1 else ""
    return words[0]


# --- what is wrong --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Place:
    """A stretch of the text; says, instead: what was found there; partner: where the same is said, -1 for nowhere."""

    start: int
    end: int
    says: str = ""
    instead: Sequence[str] = ()
    partner: int = -1


@dataclass(slots=True)
class _Point:
    """One thing to tell. note: what an editor wrote about it."""

    signal: str
    places: list[_Place]
    note: str = ""


def _points(verdict: Mapping[str, Any], feedback: Sequence[Mapping[str, Any]]) -> list[_Point]:
    """What editors marked, then the findings from the strongest on, without those that editors call fine."""
    live = [event for event in feedback if not event.get("undone_at")]
    fine = [event for event in live if event.get("kind") == "fine"]
    points = [
        _Point(
            str(event.get("signal") or ""),
            [_Place(int(event.get("start") or 0), int(event.get("end") or 0))],
            _plain(event.get("note"), 500),
        )
        for event in live
        if event.get("kind") == "missed"
    ]
    findings = [f for f in verdict.get("findings", ()) if f["push"] >= _LEAST and f["signal"] in ADVICE]
    for finding in sorted(findings, key=lambda f: -f["push"]):
        said = [event for event in fine if event.get("signal") == finding["signal"]]
        spans = [span for span in finding["spans"] if not any(_covers(event, span) for event in said)]
        if spans or not (said or finding["spans"]):
            places = [_place(span, str(verdict.get("id"))) for span in spans]
            points.append(_Point(finding["signal"], places))
    return points


def _covers(fine: Mapping[str, Any], span: Mapping[str, Any]) -> bool:
    """Whether an editor's "this is fine" is about a place; without a place it is about all."""
    start, end = fine.get("start") or 0, fine.get("end") or 0
    return start == end or bool(start < span["end"] and span["start"] < end)


def _place(span: Mapping[str, Any], id: str) -> _Place:
    partner = span.get("partner") or {}
    there = int(partner["start"]) if partner.get("id") == id else -1
    return _Place(span["start"], span["end"], span.get("says") or "", span.get("instead") or (), there)


def _advice(point: _Point) -> Advice:
    return ADVICE.get(point.signal, _ANYTHING)


def _write(point: _Point, document: Document) -> str:
    """A point as a paragraph of the letter: where, what, and what to do."""
    advice = _advice(point)
    parts = []
    quotes = list(_quotes(point, document)) if advice.quotes else []
    if quotes:
        more = len(quotes) - _PLACES
        where = "; ".join(quotes[:_PLACES])
        rest = (
            f"; and {'one more place' if more == 1 else f'{more} more places'} like these" if more > 0 else ""
        )
        parts.append(f"{where[0].upper()}{where[1:]}{rest}.")
    parts.append(advice.wrong)
    if point.signal == "contradicted_claim":
        parts += dict.fromkeys(place.says for place in point.places[:_PLACES] if place.says)
    return " ".join([*parts, *filter(None, [point.note]), advice.do])


def _quotes(point: _Point, document: Document) -> Iterator[str]:
    """The places of a point, those that were named as the other one of a pair left out."""
    named: set[int] = set()
    for place in point.places:
        words = _plain(document.text[place.start : place.end], _QUOTED)
        if not words or place.start in named:
            continue
        quote = f"paragraph {paragraph(document, place.start)}, “{words}”"
        if place.instead:
            quote += f" (perhaps “{_plain(place.instead[0], _QUOTED)}”)"
        if place.partner >= 0:
            named.add(place.partner)
            quote += f" (and again in paragraph {paragraph(document, place.partner)})"
        yield quote


def _likeness(
    matches: Sequence[Mapping[str, Any]], submission: Mapping[str, Any], document: Document
) -> Iterator[str]:
    """What to say of the nearest other text: a published one is named, what others sent us is not."""
    published = [match for match in matches if match.get("kind") == "archive"]
    for match in (*published, *matches)[:1]:
        share = float(match.get("likeness") or 0)
        much = "Nearly all of it" if share >= 0.8 else "A large part of it" if share >= 0.4 else "Some of it"
        how = "stands word for word in" if match.get("how") == "copied" else "is told in much the same way in"
        title, url = _plain(match.get("title"), _NAMED), _plain(match.get("url"), 500)
        if published:
            other = " ".join(
                filter(None, (f"“{title}”" if title else "a published article", url and f"({url})"))
            )
        elif match.get("author") and match.get("author") == submission.get("author"):
            other = f"what you sent us before, “{title}”" if title else "what you sent us before"
        else:
            other = "another text that we have"
        passages = match.get("passages") or ()
        quote = ""
        if passages:
            start, end = int(passages[0]["start"]), int(passages[0]["end"])
            words = _plain(document.text[start:end], _QUOTED)
            quote = f", for instance paragraph {paragraph(document, start)}, “{words}”" if words else ""
        yield (
            f"{much} {how} {other}{quote}. We publish what is new to readers, so please replace these parts with your "
            "own experience, or quote them and name the source."
        )
