"""A finished run, as reports and exports read it: page by page, never all at once."""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from detector.errors import SourceError

_ROWS = 500


class Results:
    """What lies in the folder of a finished run. info: run.json (see `detector.audit.run`)."""

    def __init__(self, folder: Path, info: dict[str, Any]) -> None:
        self.folder = folder
        self.info = info
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": str(folder / ".work"),
            }
        )
        for name in ("pages", "verdicts"):
            self._view(name, folder / name / "*.parquet")
        for name in ("groups", "members", "recurring"):
            self._view(name, folder / f"{name}.parquet")

    @classmethod
    def open(cls, folder: str | Path) -> Results:
        """Raises SourceError when no run lies there, or one that is not finished."""
        path = Path(folder)
        try:
            info = json.loads((path / "run.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{path}: no results of an audit there; name the folder given to --output."
            ) from error
        if not isinstance(info, dict) or info.get("state") != "done":
            raise SourceError(
                f"{path}: the audit is not finished; run it again, it goes on where it stopped."
            )
        try:
            return cls(path, info)
        except duckdb.Error as error:
            raise SourceError(
                f"{path}: the results are damaged ({error}); run the audit again in a new folder."
            ) from error

    def _view(self, name: str, files: Path) -> None:
        where = f"{glob.escape(str(files.parent))}/{files.name}".replace("'", "''")
        self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{where}')")

    def __len__(self) -> int:
        """How many pages."""
        return int(self.sql("SELECT count(*) AS n FROM verdicts")["n"][0].as_py())

    def sql(self, query: str) -> pa.Table:
        """The rows of a query over verdicts, pages, groups, members and recurring."""
        try:
            return self._connection.cursor().sql(query).to_arrow_table()
        except duckdb.Error as error:
            raise SourceError(
                f"{self.folder}: the results are damaged ({error}); run the audit again."
            ) from error

    def _list(self, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sql(query).to_pylist()
        return found

    def rows(self, *, with_text: bool = False) -> Iterator[dict[str, Any]]:
        """The pages in the order of the crawl: the contract's verdict, and row, host, place, time, page_outcome,
        page_score, and the text on demand."""
        verdict = {"thresholds": self.info["thresholds"], "model": self.info["model"]}
        texts = self._stored("pages", ["row", "text"]) if with_text else None
        for row in self._stored("verdicts"):
            if texts is not None:
                page = next(texts, None)
                if page is None or page["row"] != row["row"]:
                    raise SourceError(
                        f"{self.folder}: pages and verdicts differ; run the audit again in a new folder."
                    )
                row["text"] = page["text"]
            yield row | verdict

    def _stored(self, name: str, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of a folder's parts, which are written in the order of the crawl."""
        for part in sorted((self.folder / name).glob("part-*.parquet")):
            try:
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches(_ROWS, columns=columns):
                        yield from batch.to_pylist()
            except (OSError, pa.ArrowException) as error:
                raise SourceError(
                    f"{part} is damaged ({error}); run the audit again in a new folder."
                ) from error

    def hosts(self) -> list[dict[str, Any]]:
        """Per host its pages by outcome and their mean score, the most rejected first."""
        outcomes = ", ".join(
            f"CAST(count(*) FILTER (outcome = '{o}') AS INT) AS {o}"
            for o in ("publish", "review", "reject", "unscored")
        )
        return self._list(
            f"""SELECT host, CAST(count(*) AS INT) AS pages, {outcomes}, avg(score) AS mean_score FROM verdicts
                GROUP BY host ORDER BY reject DESC, review DESC, pages DESC, host"""
        )

    def groups(self) -> list[dict[str, Any]]:
        """The groups found across pages, the largest first."""
        return self._list('SELECT * FROM groups ORDER BY "group"')

    def members(self, group: int, limit: int | None = None) -> list[dict[str, Any]]:
        """The pages of a group in the order of the crawl, with what the comparison with their partners shows."""
        few = f"LIMIT {int(limit)}" if limit is not None else ""
        return self._list(
            f"""SELECT m.*, v.id, v.url, v.title, v.outcome FROM members m JOIN verdicts v ON v.row = m.row
                WHERE m."group" = {int(group)} ORDER BY m.row {few}"""
        )

    def recurring(self) -> list[dict[str, Any]]:
        """Sentences that come back over pages, the most frequent first."""
        return self._list("SELECT * FROM recurring ORDER BY pages DESC, host, text")
