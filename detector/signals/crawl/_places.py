"""Where two pages are alike, for people: places on the page, the text side by side, what stands in the slots."""

from __future__ import annotations

from dataclasses import dataclass

from detector.signals.crawl._likeness import FEW, Page, Sentence, alike, opcodes

PLACES = 8  # that are shown of one pair
SEGMENTS = 40  # of the text side by side
SHOWN = 160  # characters of a stretch that is the same on both sides


@dataclass(frozen=True)
class Place:
    """A place on the page and the one it corresponds to on its partner."""

    begins: int
    ends: int
    there_begins: int
    there_ends: int
    says: str


@dataclass(frozen=True)
class Difference:
    """A stretch of both texts: `left` of the page, `right` of its partner; one of them may be empty."""

    left: str
    right: str
    same: bool


@dataclass(frozen=True)
class Slot:
    """Where a pattern is filled: the place on the partner, what stands there, and what the page has instead."""

    at: int
    there: str
    here: str


@dataclass(frozen=True)
class Comparison:
    """What a pair of pages shows."""

    places: tuple[Place, ...]
    differences: tuple[Difference, ...]
    slots: tuple[Slot, ...]


class Pair:
    """A page (left) and its partner (right), sentence by sentence."""

    def __init__(self, page: Page, partner: Page) -> None:
        self.page, self.partner = page, partner
        known = {s.exact: s for s in reversed(partner.sentences)}
        self.verbatim = [(s, known[s.exact]) for s in page.sentences if s.exact in known]
        copied = {s.exact for s, _ in self.verbatim}
        left, right = ([s for s in p.sentences if s.exact not in copied] for p in (page, partner))
        self.retold = sorted(alike(left, right), key=lambda pair: pair[0].begins)

    def differences(self) -> tuple[Difference, ...]:
        """The sentences of both that correspond, word by word, in the order of the page."""
        found: list[Difference] = []
        for here, there in sorted(self.verbatim + self.retold, key=lambda pair: pair[0].begins):
            self._add(found, here, there)
            if len(found) >= SEGMENTS:
                break
        return tuple(found[:SEGMENTS])

    def _add(self, found: list[Difference], here: Sentence, there: Sentence) -> None:
        left_at, right_at = here.begins, there.begins
        for op in opcodes(here.word, there.word):
            last = op.src_end == len(here.word) and op.dest_end == len(there.word)
            left_to = (
                here.ends if last else (here.start[op.src_end] if op.src_end < len(here.word) else here.ends)
            )
            right_to = (
                there.ends
                if last
                else (there.start[op.dest_end] if op.dest_end < len(there.word) else there.ends)
            )
            left, right = _line(self.page.text[left_at:left_to]), _line(self.partner.text[right_at:right_to])
            same = op.tag == "equal"
            if same and found and found[-1].same:
                before = found.pop()
                left, right = f"{before.left} {left}", f"{before.right} {right}"
            found.append(Difference(_cut(left) if same else left, _cut(right) if same else right, same))
            left_at, right_at = left_to, right_to

    def slots(self, *, context: bool) -> tuple[Slot, ...]:
        """The exchanges of a few words for a few; with the next word, where both have it, if `context`."""
        found = []
        for here, there in self.retold:
            for op in opcodes(here.word, there.word):
                gone, come = op.src_end - op.src_start, op.dest_end - op.dest_start
                if op.tag == "equal" or not (0 < gone <= FEW and 0 < come <= FEW):
                    continue
                more = int(
                    context
                    and max(gone, come) < FEW
                    and op.src_end < len(here.word)
                    and op.dest_end < len(there.word)
                )
                found.append(
                    Slot(
                        there.start[op.dest_start],
                        _line(
                            self.partner.text[there.start[op.dest_start] : there.end[op.dest_end - 1 + more]]
                        ),
                        _line(self.page.text[here.start[op.src_start] : here.end[op.src_end - 1 + more]]),
                    )
                )
        return tuple(found)

    def copied_places(self) -> tuple[Place, ...]:
        """The longest stretches of sentences that both have one after the other."""
        runs: list[list[tuple[Sentence, Sentence]]] = []
        order = {s.begins: k for k, s in enumerate(self.page.sentences)}
        for pair in self.verbatim:
            before = runs[-1][-1] if runs else None
            follows = before is not None and order[pair[0].begins] == order[before[0].begins] + 1
            if before is not None and follows and pair[1].begins > before[1].begins:
                runs[-1].append(pair)
            else:
                runs.append([pair])
        runs.sort(key=lambda run: (run[0][0].begins - run[-1][0].ends, run[0][0].begins))
        return tuple(
            Place(
                run[0][0].begins,
                run[-1][0].ends,
                run[0][1].begins,
                run[-1][1].ends,
                "The same words stand there.",
            )
            for run in sorted(runs[:3], key=lambda run: run[0][0].begins)
        )

    def retold_places(self, says: str) -> tuple[Place, ...]:
        """The sentences with the most exchanges. says: with {here} and {there} for the words of the first of them."""
        found = []
        for here, there in self.retold:
            swaps = [
                (
                    here.start[op.src_start],
                    here.end[op.src_end - 1],
                    there.start[op.dest_start],
                    there.end[op.dest_end - 1],
                )
                for op in opcodes(here.word, there.word)
                if 0 < op.src_end - op.src_start <= FEW
                and 0 < op.dest_end - op.dest_start <= FEW
                and op.tag != "equal"
            ]
            if swaps:
                shown = [
                    (_line(self.page.text[a:b]), _line(self.partner.text[c:d])) for a, b, c, d in swaps[:3]
                ]
                told = "; ".join(says.format(here=one, there=two) for one, two in shown)
                found.append(
                    (len(swaps), Place(here.begins, here.ends, there.begins, there.ends, f"{told}."))
                )
        found.sort(key=lambda item: (-item[0], item[1].begins))
        return tuple(sorted((place for _, place in found[:PLACES]), key=lambda place: place.begins))


def _line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    return f"{text[: SHOWN // 2].rsplit(' ', 1)[0]} … {text[-SHOWN // 2 :].split(' ', 1)[-1]}"
