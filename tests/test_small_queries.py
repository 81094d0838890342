"""SQLite gives what DuckDB gives, for every query of a run."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from test_pipeline import CONFIG, CORPORA, FEW, make_corpus

from cleaner import api
from cleaner.engines import LocalEngine
from cleaner.engines.small_queries import as_table, query_small
from cleaner.model import Document
from cleaner.pipeline import clean

EVERYTHING = pa.schema(
    {
        "text": pa.string(),
        "number": pa.int64(),
        "share": pa.float64(),
        "is_so": pa.bool_(),
        "notes": pa.list_(pa.string()),
        "long": pa.large_string(),
    }
)


class BothEngine(LocalEngine):
    """Asks each query of both, and compares."""

    def sql(self, query: str, *, target: str, schema: pa.Schema) -> None:
        """Store what a query gives."""
        _, rows = query_small(query, self._tables_of(query))
        assert listed(as_table(rows, schema)) == listed(self._query(query, schema).table), target
        super().sql(query, target=target, schema=schema)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return what a query gives."""
        names, rows = query_small(query, self._tables_of(query))
        large = self._query(query, None).table
        assert listed(as_table(rows, large.schema)) == listed(large), query
        assert names == large.column_names
        return super().rows(query)


def listed(table: pa.Table) -> list[str]:
    """List rows in an order that does not depend on the engine."""
    return sorted(map(repr, table.to_pylist()))


@FEW
@given(CORPORA)
def test_both_give_the_same_rows(corpus: list[Document]) -> None:
    """All that a run asks on the way to its ledger."""
    with BothEngine(workers=1) as engine:
        clean(corpus, CONFIG, engine)
        assert engine.count("ledger")


def test_both_give_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is asked to write a run, and to plant copies in it."""
    monkeypatch.setattr(api, "LocalEngine", BothEngine)
    for seed in range(4):
        for document in make_corpus(seed):
            path = tmp_path / "in" / document.outlet / f"{seed}{document.path}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(document.payload, encoding="utf-8")
    result = api.clean_corpus(tmp_path / "in", tmp_path / "out", workers=1)
    assert result.num_matches


def test_values_come_back_as_they_were() -> None:
    """Nulls, NUL characters, the largest numbers, booleans and lists."""
    rows = [
        {"text": "a\0b", "number": 2**63 - 1, "share": 0.1, "is_so": True, "notes": ["ü", None],
         "long": ""},
        {"text": "", "number": -(2**63), "share": -0.0, "is_so": False, "notes": [], "long": "x"},
        dict.fromkeys(EVERYTHING.names),
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=EVERYTHING)
    names, found = query_small("SELECT * FROM t", {"t": table})
    assert names == EVERYTHING.names
    assert as_table(found, EVERYTHING).equals(table)


def test_only_named_columns_are_loaded_and_rows_counted_without_any() -> None:
    """A query of no column counts the rows; the median is known; nothing gives an empty table."""
    table = pa.table({"number": [1, 2, 4, None], "other": [[1], [2], [3], [4]]})
    assert query_small("SELECT count(*) AS n FROM t", {"t": table}) == (["n"], [(4,)])
    assert query_small("SELECT median(number) AS m FROM t", {"t": table})[1] == [(2,)]
    nothing = query_small("SELECT number FROM t WHERE number > 9", {"t": table})[1]
    schema = pa.schema({"number": pa.int64()})
    assert as_table(nothing, schema) == schema.empty_table()
