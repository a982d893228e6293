"""A finished run, as reports and exports read it: page by page, never all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from detector.errors import SourceError

_ROWS = 500


class Results:
    """What lies in the folder of a finished run. info: run.json (see `detector.audit.run`)."""

    def __init__(self, folder: Path, info: dict[str, Any]) -> None:
        self.folder = folder
        self.info = info
        self._connection = duckdb.connect(
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
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
            raise SourceError(f"{path}: no results of an audit there; name the folder given to --output.") from error
        if not isinstance(info, dict) or info.get("state") != "done":
            raise SourceError(f"{path}: the audit is not finished; run it again, it goes on where it stopped.")
        try:
            return cls(path, info)
        except duckdb.Error as error:
            raise SourceError(f"{path}: the results are damaged ({error}); run the audit again in a new folder.") from error

    def _view(self, name: str, files: Path) -> None:
        where = str(files).replace("'", "''")
        self._connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{where}')")

    def __len__(self) -> int:
        """How many pages."""
        return int(self.sql("SELECT count(*) AS n FROM verdicts")["n"][0].as_py())

    def sql(self, query: str) -> pa.Table:
        """The rows of a query over verdicts, pages, groups, members and recurring."""
        return self._connection.cursor().sql(query).to_arrow_table()

    def rows(self, *, with_text: bool = False) -> Iterator[dict[str, Any]]:
        """The pages in the order of the crawl: the contract's verdict, and row, host, place, time, page_outcome,
        page_score, and the text on demand."""
        verdict = {"thresholds": self.info["thresholds"], "model": self.info["model"]}
        text = ", p.text AS text" if with_text else ""
        joined = "JOIN pages p ON p.row = v.row" if with_text else ""
        query = f"SELECT v.*{text} FROM verdicts v {joined} ORDER BY v.row"
        for batch in self._connection.cursor().sql(query).to_arrow_reader(_ROWS):
            for row in batch.to_pylist():
                yield row | verdict

    def hosts(self) -> list[dict[str, Any]]:
        """Per host its pages by outcome and their mean score, the most rejected first."""
        outcomes = ", ".join(
            f"CAST(count(*) FILTER (outcome = '{o}') AS INT) AS {o}" for o in ("publish", "review", "reject", "unscored")
        )
        return self.sql(
            f"""SELECT host, CAST(count(*) AS INT) AS pages, {outcomes}, avg(score) AS mean_score FROM verdicts
                GROUP BY host ORDER BY reject DESC, review DESC, pages DESC, host"""
        ).to_pylist()

    def groups(self) -> list[dict[str, Any]]:
        """The groups found across pages, the largest first."""
        return self.sql('SELECT * FROM groups ORDER BY "group"').to_pylist()

    def members(self, group: int, limit: int | None = None) -> list[dict[str, Any]]:
        """The pages of a group in the order of the crawl, with what the comparison with their partners shows."""
        few = f"LIMIT {int(limit)}" if limit is not None else ""
        return self.sql(
            f"""SELECT m.*, v.id, v.url, v.title, v.outcome FROM members m JOIN verdicts v ON v.row = m.row
                WHERE m."group" = {int(group)} ORDER BY m.row {few}"""
        ).to_pylist()

    def recurring(self) -> list[dict[str, Any]]:
        """Sentences that come back over pages, the most frequent first."""
        return self.sql("SELECT * FROM recurring ORDER BY pages DESC, host, text").to_pylist()


