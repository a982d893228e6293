"""scrape_debris: what machines leave behind, and what only looks like it."""

from __future__ import annotations

import pytest

from detector.document import Document
from detector.signals.scrape_debris import measure
from detector.tables import Tables

TABLES = Tables({})
PROSE = (
    "Windmills turn into the wind by themselves, because a small wheel at the back drives the cap around. The miller"
    " only sets the sails and listens to the stones."
)


def found(text: str) -> list[str]:
    document = Document.from_text(text)
    return [text[s.start : s.end] for s in measure(document, TABLES).spans]


@pytest.mark.parametrize(
    ("debris", "span"),
    [
        ("Call [Insert Phone Number] for a tour of the mill.", "[Insert Phone Number]"),
        ("Lorem ipsum dolor sit amet is all the sign says.", "Lorem ipsum dolor sit amet"),
        ("The best mill in %town_name% is open again.", "%town_name%"),
        ("Flour is {ground|milled|crushed} between stones.", "{ground|milled|crushed}"),
        ("Welcome to {{ site.mill }} and its garden.", "{{ site.mill }}"),
        ("Sure, here is a text about windmills in spring", "Sure, here is a text about windmills in spring"),
        ("As an AI language model, I cannot visit mills.", "As an AI language model, I cannot"),
        ("The map says: invalid API key, as it often does.", "invalid API key"),
        ("The millerâ€™s wife ran the shop for years.", "â€™"),
        ("The stones</span> are from France, and heavy.", "</span>"),
        ("Mill q8ZkT0vX3bA9LmQ2sYw7RfJ4cHd6GnUe5PoItKxVzB1EyWaSj0NdMq it said.", None),
    ],
)
def test_leftovers(debris: str, span: str | None) -> None:
    text = f"{PROSE}\n\n{debris}\n\n{PROSE}"
    assert found(text) == [span or "q8ZkT0vX3bA9LmQ2sYw7RfJ4cHd6GnUe5PoItKxVzB1EyWaSj0NdMq"]


def test_numbers_that_alternate_between_head_and_text() -> None:
    body = "The sails are turned by hand on small mills, and by a wheel on the larger ones near the coast."
    lines = [f"{n}. {'Setting the Sails' if n % 2 else body}" for n in range(1, 7)]
    text = f"{PROSE}\n\n" + "\n\n".join(lines)
    assert found(text) == [text[text.index("1. ") :]]
    assert measure(Document.from_text(text), TABLES).value == 2


def test_ordinary_numbered_lists_are_fine() -> None:
    steps = "\n".join(
        f"{n}. Lift the stone with the crane and turn it over, then clean the furrows." for n in range(1, 8)
    )
    mixed = "\n".join(
        ["1. Lift the stone", "2. Clean it", "3. Put it back, and let it run empty.", "4. Listen"]
    )
    assert found(f"{PROSE}\n\n{steps}\n\n{mixed}") == []


def test_a_label_of_the_platform_on_its_own_line() -> None:
    assert found(f"Windmills\n\nShare this post\n\n{PROSE}") == ["Share this post"]
    assert found(f"Windmills\n\n{PROSE} Please share this post with the miller.") == []


def test_a_line_broken_in_mid_sentence() -> None:
    lines = [PROSE] * 5 + [PROSE.rstrip(".") + " and to the heavy"]
    assert found("\n".join([*lines, "gears.", PROSE])) == ["gears."]


def test_text_set_in_short_lines_is_fine() -> None:
    words = (PROSE + " ") * 6
    lines = [words[i : i + 60] for i in range(0, len(words), 60)]
    assert found("\n".join(lines)) == []


def test_apostrophes_lost_everywhere() -> None:
    assert found(f"{PROSE} It doesnt turn today. The miller says you dont need it.") == ["doesnt", "dont"]
    assert found(f"{PROSE} It doesnt turn today. The miller's son says you dont need it.") == []


@pytest.mark.parametrize(
    "text",
    [
        'The sign read "Your Name Here" for years, and nobody minded.',
        "“As an AI language model, I cannot tell you,” the phone said.",
        "He [the miller] was 60% deaf, and 40% of his guests knew it.",
        "See [your booking](https://mill.example/booking) for the time.",
        "Set {a, b} has two members, and the price rose by 5% in 1998.",
        "Put the sack here. Your stones are here as well.",
    ],
)
def test_quiet(text: str) -> None:
    assert found(f"{PROSE}\n\n{text}\n\n{PROSE}") == []


def test_prose_without_full_stops_is_debris() -> None:
    line = (
        "The ferry leaves the pier at six and the cranes stand still until the boats come back in the evening"
    )
    text = "\n\n".join(
        f"{line} on day {n} of the week" for n in "one two three four five six seven eight".split()
    )
    evidence = measure(Document.from_text(text), Tables({}, {}))
    assert evidence.value == 2.0
    assert measure(Document.from_text(text.replace("\n", ".\n")), Tables({}, {})).value == 0


def test_short_lines_without_full_stops_are_no_prose() -> None:
    text = "\n\n".join(f"Room {n} has a lamp" for n in range(80))
    assert measure(Document.from_text(text), Tables({}, {})).value == 0
