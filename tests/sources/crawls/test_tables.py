"""Tables of addresses with the pages beside them or in a column."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detector.document import Document
from detector.errors import SourceError
from detector.sources.crawls import Crawl, Record, open_crawl, read_stored

PAGE = (
    "<!DOCTYPE html><html><head><title>{0}</title></head><body><p>The gate at {0} squeaks.</p></body></html>"
)
HEADER = ["Address", "Content Type", "Status Code", "Status", "Title 1"]
SITE = "https://www.example.org"


def row(path: str, kind: str = "text/html; charset=UTF-8", status: int = 200) -> list[Any]:
    return [SITE + path, kind, status, "OK", "A title"]


def save_csv(path: Path, rows: list[list[Any]], *, encoding: str = "utf-8-sig", delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)


def save_xlsx(path: Path, rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    book.save(path)
    book.close()


def save_pages(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.html").write_text(PAGE.format(name), "utf-8")


def found(crawl: Crawl) -> dict[str | None, str | None]:
    """The place of every page's file by its address, None where it is missing."""
    return {r.url: r.place if r.problem is None else None for _, r in crawl.records()}


# names as the crawler's versions write them
NAMES = {
    "/": "original_https_www.example.org_",
    "/a/b-c": "original_https_www.example.org_a_b-c",
    "/a/b_c": "original_https_www.example.org_a_b_c",
    "/shop/?id=4&m_p=2": "original_https_www.example.org_shop_%3Fid%3D4%26m_p%3D2",
    "/café": "rendered_https_www_example_org_caf%C3%A9",
    "/page.html": "original_https_www.example.org_page.html",
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder as Screaming Frog exports it."""
    more = [
        row("/logo.png", "image/png"),
        row("/old", status=301),
        row("/gone", status=404),
        row("/missing"),
        row("/feed", "application/rss+xml"),
    ]
    save_csv(tmp_path / "internal_all.csv", [HEADER, *(row(path) for path in NAMES), *more])
    save_csv(tmp_path / "page_titles_all.csv", [["Address", "Title 1"], [SITE + "/", "x"]])
    save_pages(tmp_path / "page_source", *NAMES.values())
    return tmp_path


def test_an_export_of_screaming_frog(export: Path) -> None:
    crawl = open_crawl([str(export)])
    assert crawl.kind == "table with stored pages"
    assert len(crawl.files) == 1 + len(NAMES)
    places = found(crawl)
    assert places == {SITE + p: f"page_source/{n}.html" for p, n in NAMES.items()} | {SITE + "/missing": None}
    assert crawl.passed_over == {
        "further tables": 1,
        "images": 1,
        "redirects": 1,
        "errors (404)": 1,
        "data (JSON, XML, ...)": 1,
    }
    assert crawl.share == 1.0


def test_a_row_without_its_page_says_what_to_do(export: Path) -> None:
    (record,) = (r for _, r in open_crawl([str(export)]).records() if r.problem is not None)
    assert record.problem == (
        "internal_all.csv:11: no stored page for https://www.example.org/missing;"
        " save the page source of the same crawl beside the table."
    )
    assert record.id == SITE + "/missing"


def test_the_page_reads_as_the_one_at_its_address(export: Path) -> None:
    first = next(r for _, r in open_crawl([str(export)]).records())
    html = PAGE.format(NAMES["/"])
    assert first.read() == Document.from_html(html, SITE + "/", id=SITE + "/")


def test_table_and_pages_may_be_named_each_or_lie_beside_each_other(export: Path) -> None:
    expected = found(open_crawl([str(export)]))
    table, pages = str(export / "internal_all.csv"), str(export / "page_source")
    for names in ([table], [table, pages], [pages, table]):
        assert found(open_crawl(names)).keys() == expected.keys()
        assert [p is None for p in found(open_crawl(names)).values()] == [
            p is None for p in expected.values()
        ]


def test_a_workbook_with_a_line_above_its_header(tmp_path: Path) -> None:
    save_xlsx(
        tmp_path / "internal_html.xlsx", [["Internal - HTML"], HEADER, row("/"), [None] * 5, row("/a/b_c")]
    )
    save_pages(tmp_path, NAMES["/"], NAMES["/a/b_c"])
    assert found(open_crawl([str(tmp_path)])) == {SITE + p: f"{NAMES[p]}.html" for p in ("/", "/a/b_c")}


def test_the_page_as_its_scripts_left_it_is_preferred(tmp_path: Path) -> None:
    save_csv(tmp_path / "t.csv", [["URL"], [SITE + "/x"]])
    names = [f"{kind}_https_www.example.org_x" for kind in ("original", "rendered")]
    save_pages(tmp_path, *names)
    assert found(open_crawl([str(tmp_path)])) == {SITE + "/x": f"{names[1]}.html"}
    (tmp_path / "t.csv").unlink()
    crawl = open_crawl([str(tmp_path)])
    assert [r.id for _, r in crawl.records()] == [f"{names[1]}.html"]
    assert crawl.passed_over == {"second versions of a page": 1}


def test_a_mirror_and_a_list_of_its_addresses(tmp_path: Path) -> None:
    save_csv(
        tmp_path / "urls.csv",
        [["URL", "n"], ["https://e.org/a/?p=2#top", 1], ["http://e.org/b", 2]],
        delimiter=";",
    )
    save_pages(tmp_path / "e.org" / "a", "index")
    save_pages(tmp_path / "e.org", "b")
    assert found(open_crawl([str(tmp_path)])) == {
        "https://e.org/a/?p=2#top": "e.org/a/index.html",
        "http://e.org/b": "e.org/b.html",
    }


def test_long_names_that_were_cut(tmp_path: Path) -> None:
    url = SITE + "/" + "-".join(f"word{n}" for n in range(60))
    save_csv(tmp_path / "t.csv", [["Address"], [url]])
    save_pages(tmp_path, ("original_" + url.replace("://", "_").replace("/", "_"))[:200])
    assert list(found(open_crawl([str(tmp_path)])).values()) != [None]


def test_a_folder_of_pages_with_a_table_of_something_else(tmp_path: Path) -> None:
    save_csv(tmp_path / "prices.csv", [["url", "price"], ["https://other.org/x", 3]])
    save_pages(tmp_path, "one", "two")
    crawl = open_crawl([str(tmp_path)])
    assert [r.id for _, r in crawl.records()] == ["one.html", "two.html"]
    assert crawl.passed_over == {"tables without pages": 1}


def test_a_table_without_pages_is_refused(tmp_path: Path) -> None:
    save_csv(tmp_path / "urls.csv", [["url", "price"], ["https://other.org/x", 3]])
    for name in (tmp_path, tmp_path / "urls.csv"):
        with pytest.raises(SourceError, match="without their pages; give it with the folder"):
            open_crawl([str(name)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_pages_in_a_column(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [
        ["id", "url", "html"],
        ["a", "https://e.org/1", '<p>"café"\n; , ü</p>'],
        ["", "https://e.org/2", "<p>b"],
    ]
    save_csv(tmp_path / "pages", rows, encoding=encoding, delimiter=delimiter)
    crawl = open_crawl([str(tmp_path / "pages")])
    assert crawl.kind == "table of pages"
    first, second = (r for _, r in crawl.records())
    assert (first.id, first.place.rpartition(":")[2]) == ("a", "2")
    assert first.read().text.strip() == '"café" ; , ü'  # type: ignore[union-attr]
    assert second.id == "https://e.org/2"


def read(data: bytes, name: str = "t.csv") -> list[Record]:
    return [r for _, r in read_stored(name, io.BytesIO(data))]


def test_a_quotation_mark_that_never_closes_is_bounded() -> None:
    records = read(b'url,text\nhttps://e.org/1,ok\nhttps://e.org/2,"' + b"never closed\n" * 2_000_000)
    assert records[0].problem is None
    assert [r.problem is None for r in records] == [True, False]
    assert "quotation mark" in str(records[1].problem)


def test_a_workbook_that_defines_entities_is_refused(tmp_path: Path) -> None:
    save_xlsx(tmp_path / "a.xlsx", [["Address"], [SITE + "/"]])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data
            new.writestr(member.filename, data)
    (record,) = read((tmp_path / "b.xlsx").read_bytes(), "b.xlsx")
    assert record.problem is not None
