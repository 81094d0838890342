"""What is carried from one pass to the next is what would be made anew."""

from pathlib import Path
from typing import Any

import engine_kernels
import pyarrow as pa
import pytest
from engine_kernels import FOUND, ROWS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.engines import LocalEngine, Lookup, carrying, local, read_rows
from cleaner.engines.digests import digest_rows


@pytest.fixture(autouse=True)
def always_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables would be worked on again."""
    monkeypatch.setattr(local, "_CARRIED_BYTES", 0)


KEYS = st.lists(st.sampled_from(["a", "b", "c", "d", "ü", ""]), max_size=12)
TABLES = st.tuples(KEYS, KEYS)


def as_batch(keys: list[str], first: int) -> pa.RecordBatch:
    """Make rows with keys, numbered by what a key has had before."""
    rows = [{"key": key, "at": first + keys[:at].count(key)} for at, key in enumerate(keys)]
    return pa.RecordBatch.from_pylist(rows, schema=ROWS)


def find(engine: LocalEngine, tables: tuple[list[str], list[str]], **options: Any) -> pa.Table:
    """Look the rows of one table up in the other; keys follow each other."""
    source, side = tables
    engine.write("t", [as_batch(sorted(source), 0)], ROWS)
    engine.write("side", [as_batch(side, 5)], ROWS)
    engine.map_batches(
        engine_kernels.find_values,
        None,
        source="t",
        target="found",
        schema=FOUND,
        group_by=["key"],
        order_by=["at"],
        lookups=[Lookup("side", "key", ("key",))],
        **options,
    )
    return pa.Table.from_batches(engine.read("found"), FOUND)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(passes=st.lists(TABLES, min_size=2, max_size=4))
def test_carried_is_made_anew(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    passes: list[tuple[list[str], list[str]]],
) -> None:
    """Whatever changes between passes, each pass gives what it would give alone, in that order."""
    monkeypatch.setattr(carrying, "_BATCH_ROWS", 3)
    with LocalEngine(workers=1, work_folder=tmp_path) as engine:
        for tables in passes:
            carried = find(engine, tables, carry=["key"])
            with LocalEngine(workers=1, work_folder=tmp_path) as other:
                alone = find(other, tables)
            assert carried.to_pylist() == alone.to_pylist()


def test_only_changed_groups_are_worked_on(tmp_path: Path) -> None:
    """A group is given to the kernel again if one of its rows changed, or what they look up."""
    told: dict[str, tuple[int, int]] = {}
    with LocalEngine(
        workers=1, work_folder=tmp_path, advance=lambda stage, *step: told.update({stage: step})
    ) as engine:
        numbers = []
        for tables in (
            (["a", "a", "b", "c"], ["b", "c"]),
            (["a", "a", "b", "c"], ["b", "c"]),
            (["a", "b", "c"], ["b", "c"]),
            (["a", "b", "c"], ["b", "c", "c"]),
            (["c", "d"], ["c", "c"]),
        ):
            find(engine, tables, carry=["key"])
            numbers.append(told["found"][1])
    assert numbers == [4, 0, 1, 1, 1]


def test_groups_without_a_result_are_carried_whatever_refines_it(tmp_path: Path) -> None:
    """A change in what refines results counts for groups that have one, and only for them."""
    told: dict[str, tuple[int, int]] = {}
    side = [("a", 1), ("b", 2)]
    with LocalEngine(
        workers=1, work_folder=tmp_path, advance=lambda stage, *step: told.update({stage: step})
    ) as engine:
        numbers, results = [], []
        for keys, refined in (
            (["a", "b", "c"], side),
            (["a", "b", "c"], [("a", 1), ("b", 3), ("c", 4)]),
            (["a", "b", "c", "c"], [("a", 1), ("b", 3), ("c", 5)]),
            (["a", "b", "c", "c"], [("a", 6), ("b", 3), ("c", 7)]),
        ):
            engine.write("t", [as_batch(keys, 0)], ROWS)
            rows = [{"key": key, "at": at} for key, at in refined]
            engine.write("side", [pa.RecordBatch.from_pylist(rows, schema=ROWS)], ROWS)
            engine.map_batches(
                engine_kernels.list_known,
                None,
                source="t",
                target="found",
                schema=FOUND,
                carry=["key"],
                lookups=[Lookup("side", "key", ("key",), refines=True)],
            )
            numbers.append(told["found"][1])
            results.append([row["values"] for row in read_rows(engine, "found")])
    assert numbers == [3, 1, 2, 1]
    assert results == [[[1], [2]], [[1], [3]], [[1], [3]], [[6], [3]]]


NESTED = pa.schema(
    [
        pa.field("text", pa.large_string()),
        pa.field("name", pa.string()),
        pa.field("number", pa.int64()),
        pa.field("share", pa.float64()),
        pa.field("is_good", pa.bool_()),
        pa.field("parts", pa.list_(pa.struct([("begin", pa.int64()), ("kind", pa.string())]))),
    ]
)
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | st.sampled_from(["", "x", "y\x00"]),
        "name": st.none() | st.sampled_from(["", "x"]),
        "number": st.none() | st.integers(-1, 1),
        "share": st.none() | st.sampled_from([0.0, 0.5]),
        "is_good": st.none() | st.booleans(),
        "parts": st.none()
        | st.lists(
            st.none()
            | st.fixed_dictionaries({"begin": st.integers(0, 1), "kind": st.none() | st.just("x")}),
            max_size=3,
        ),
    }
)


@given(rows=st.lists(ROW, max_size=8), cut=st.integers(0, 8))
def test_digests(rows: list[dict[str, Any]], cut: int) -> None:
    """Rows have the same digest if their values are the same, wherever they stand."""
    table = pa.Table.from_pylist(rows, NESTED)
    digests = digest_rows(table).tolist()
    parts = pa.concat_tables([table.slice(cut), table.slice(0, cut)])
    assert digest_rows(parts).tolist() == digests[cut:] + digests[:cut]
    for one, digest in zip(rows, digests, strict=True):
        for other, another in zip(rows, digests, strict=True):
            assert (one == other) == (digest == another)


TEXTS = st.lists(st.none() | st.text(max_size=30), min_size=1, max_size=12)


@given(TEXTS, st.integers(0, 12), st.sampled_from([pa.string(), pa.large_string()]))
def test_digests_of_texts(texts: list[str | None], begin: int, kind: pa.DataType) -> None:
    """Texts have the same digest if they are the same, wherever they stand."""
    found = digest_rows(pa.table({"text": pa.array(texts, kind)})).tolist()
    assert [[a == b for a in found] for b in found] == [[a == b for a in texts] for b in texts]
    part = pa.table({"text": pa.array(texts, kind)}).slice(begin)
    assert digest_rows(part).tolist() == found[begin:]
