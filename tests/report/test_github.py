"""GitHub's annotations: at the very lines, the strongest first, and one command a line whatever a page says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detector.document import Document, Span
from detector.report import Run
from detector.report.github import GithubReport
from detector.verdict import Failure, Finding, ModelId, Thresholds, Verdict

COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*)(?:,\w+=[^,:\r\n]*)*)::([^\r\n]*)")


def written(run: Run, *pages: tuple[Verdict, Document | None]) -> str:
    out = io.StringIO()
    report = GithubReport(out, run)
    for verdict, document in pages:
        report.add(verdict, document)
    report.close()
    return out.getvalue()


def commands(run: Run, *pages: tuple[Verdict, Document | None]) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of every command, as GitHub reads them."""

    def plain(text: str) -> str:
        for code, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            text = text.replace(code, char)
        return text

    found = []
    for line in written(run, *pages).splitlines():
        command = COMMAND.fullmatch(line)
        assert command, line
        given = dict(pair.split("=", 1) for pair in command[2].split(","))
        found.append((command[1], {key: plain(value) for key, value in given.items()}, plain(command[3])))
    return found


def test_golden(bees: Any, checkout: Any, golden: Callable[[str, str], None]) -> None:
    pages = (
        (bees.verdict("publish"), bees.document()),
        (
            bees.verdict("review", id="bees.html", url="https://example.org/a"),
            bees.document("html", "bees.html"),
        ),
        (bees.verdict("unscored"), bees.document()),
        (bees.unreadable(), None),
        (bees.verdict(), bees.document()),
    )
    golden("reject.github.txt", written(checkout, *pages))


def test_a_place_of_a_text_file(bees: Any, checkout: Any) -> None:
    (level, where, message), *_ = commands(checkout, (bees.verdict(), bees.document()))
    assert level == "error"
    assert where == {
        "file": "drafts/bees.md",
        "line": "6",
        "endLine": "6",
        "col": "1",
        "endColumn": "35",
        "title": "near_duplicate (reject, 94 %)",
    }
    assert message == "Two passages say the same. Told twice. “In spring the colony grows quickly”"


def test_a_place_over_two_lines_has_no_columns(bees: Any, checkout: Any) -> None:
    where = commands(checkout, (bees.verdict(), bees.document()))[2][1]
    assert (where["line"], where["endLine"]) == ("3", "4")
    assert "col" not in where


def test_other_pages_get_one_annotation_with_quotes(bees: Any, checkout: Any) -> None:
    checkout.put("bees.html", b"<p>")
    page = (bees.verdict(id="bees.html"), bees.document("html", "bees.html"))
    (_, where, message), (level, _, _) = commands(checkout, page)
    assert where == {"file": "drafts/bees.html", "title": "reject, 94 %"}
    assert message.split("\n")[:3] == [
        "near_duplicate: Two passages say the same.",
        "  “In spring the colony grows quickly”",
        "  “As the colony grows fast in spring”",
    ]
    assert "plug" not in message
    assert level == "notice"


def test_a_page_without_a_file_is_named(bees: Any, checkout: Any) -> None:
    page = (
        bees.verdict(id="https://a.org/x", url="https://a.org/x"),
        bees.document("html", "https://a.org/x"),
    )
    (_, where, message), _ = commands(checkout, page)
    assert "file" not in where
    assert message.startswith("https://a.org/x\nnear_duplicate: ")


def test_what_could_not_be_read_is_a_warning(bees: Any, checkout: Any) -> None:
    checkout.put("broken.md", b"\x00")
    odd = bees.unreadable(id="row 7", error=Failure("x", "no text"))
    (_, where, message), (_, _, other), _ = commands(checkout, (bees.unreadable(), None), (odd, None))
    assert where == {"file": "drafts/broken.md", "title": "could not be read"}
    assert message == "broken.md: this is a picture, not a page"
    assert other == "row 7: no text"


def test_trust_descriptions_and_accepted_findings_are_no_annotations(bees: Any, checkout: Any) -> None:
    titles = [
        where["title"].split()[0] for _, where, _ in commands(checkout, (bees.verdict(), bees.document()))
    ]
    assert titles == ["near_duplicate", "near_duplicate", "injected_anchor", "reject,", "detector"]


def test_ten_of_a_level_the_strongest_first_then_the_sum(bees: Any, checkout: Any) -> None:
    pages = [
        (
            bees.verdict(
                outcome, findings=(Finding("plug", 1.0, push, f"{push}", (bees.span("In spring"),)),)
            ),
            document,
        )
        for document in [bees.document()] * 5
        for push in (0.5, 2.0, 1.0)
        for outcome in ("publish", "review", "reject")
    ]
    found = commands(checkout, *pages)
    assert [level for level, _, _ in found] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert [message.split()[0] for _, _, message in found[:10]] == ["2.0"] * 5 + ["1.0"] * 5
    assert found[-1][2] == "3 inputs: 1 reject; 16 weaker annotations are not shown"


def test_nothing_found(checkout: Any) -> None:
    assert written(checkout) == "::notice title=detector::3 inputs: 1 reject\n"


@settings(deadline=None)
@given(words=st.text(min_size=1, max_size=60), name=st.text(min_size=1, max_size=20))
def test_no_page_can_write_a_command(words: str, name: str) -> None:
    text = f"{words}\n::error::x%0A"
    finding = Finding("plug", 1.0, 1.0, words, (Span(0, len(text), words, (words,)),))
    model, thresholds = ModelId("m", "1", "0" * 64), Thresholds(0.5, 0.8)
    verdict = Verdict(name, None, None, "reject", 0.9, 0.0, (finding,), 130, "en", model, thresholds)
    lines = written(Run(), (verdict, Document(name, text, (), source="html"))).split("\n")
    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice", ""]
    assert not any("\r" in line for line in lines)


def test_a_path_with_marks_that_commands_use(bees: Any, checkout: Any) -> None:
    name = "50%, a:b.md"
    checkout.put(name, bees.text.encode())
    text = written(checkout, (bees.verdict(id=name), bees.document(id=name)))
    assert text.startswith("::error file=drafts/50%25%2C a%3Ab.md,line=6,")
