"""The contract of engines: whatever runs the stages must do all of this, with the same bytes."""

import errno
import random
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from threading import Event, Thread
from time import sleep
from types import SimpleNamespace
from typing import Any

import engine_kernels
import msgspec
import numpy as np
import pyarrow as pa
import pytest
from engine_kernels import FOUND, GROUPS, MARKED, ROWS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner import compiled
from cleaner.engines import (
    Engine,
    Heavy,
    LocalEngine,
    Lookup,
    count_values,
    heavy,
    large_queries,
    local,
    parts,
    pool,
    tables,
)
from cleaner.engines.pool import Pool
from cleaner.engines.rows import all_rows, find_numbers, pack, unpack
from cleaner.engines.tables import Index, as_batch, store
from cleaner.errors import CleanerError, OutputError

ENGINES: dict[str, Callable[[Path], Any]] = {
    "local": lambda folder: LocalEngine(workers=1, work_folder=folder)
}
"""How to make each engine; a further one is added here and must pass everything below."""

MANY_KEYS = ["b", "a", "ü", None, "b", "a", "c", "ü", "b", None, "", "a"]
EDGES = pa.schema([("left", pa.string()), ("right", pa.string())])


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give each engine, and see that it leaves nothing behind."""
    folder = tmp_path / "work"
    folder.mkdir()
    with ENGINES[request.param](folder) as made:
        yield made
    assert list(folder.iterdir()) == []


@pytest.fixture
def tiny_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut tables into batches of two rows."""
    monkeypatch.setattr(local, "_BATCH_ROWS", 2)


@pytest.fixture
def in_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give even small tables to the pool of processes, and sort them as large ones."""
    monkeypatch.setattr(local, "_INLINE_BYTES", 0)


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no table stay in memory that has more than a few rows."""
    keep_on_disk(monkeypatch)


def keep_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what `on_disk` does from here on."""
    monkeypatch.setattr(tables, "_HELD_BYTES", 10)


def batch(keys: list[str | None], first: int = 0) -> pa.RecordBatch:
    """Make rows with keys, numbered."""
    rows = [{"key": key, "at": at} for at, key in enumerate(keys, first)]
    return pa.RecordBatch.from_pylist(rows, schema=ROWS)


def rows(engine: Engine, name: str, **options: Any) -> list[dict[str, Any]]:
    """Read a table."""
    return [row for part in engine.read(name, **options) for row in part.to_pylist()]


def test_write_and_read(engine: Engine) -> None:
    """Rows come back in the order in which they were written, over all batches."""
    engine.write("t", iter([batch(["b", "a"]), batch([]), batch(["c"], 2)]), ROWS)
    assert [row["key"] for row in rows(engine, "t")] == ["b", "a", "c"]
    assert rows(engine, "t", columns=["at"]) == [{"at": 0}, {"at": 1}, {"at": 2}]
    assert (engine.count("t"), engine.schema("t")) == (3, ROWS)


def test_count_values(engine: Engine) -> None:
    """Rows are counted by the value of a column, over all batches; those without one are not."""
    engine.write("t", iter([batch(["b", "a", None]), batch([]), batch(["b"], 3)]), ROWS)
    assert count_values(engine, "t", "key") == {"a": 1, "b": 2}


def test_empty_table(engine: Engine) -> None:
    """A table without rows is a table: it has a schema, and every step takes it."""
    engine.write("t", [], ROWS)
    assert (engine.count("t"), engine.schema("t"), rows(engine, "t")) == (0, ROWS, [])
    assert rows(engine, "t", order_by=["key"]) == []
    engine.map_batches(
        engine_kernels.list_groups, None, source="t", target="g", schema=GROUPS, group_by=["key"]
    )
    engine.sql("SELECT t.key AS left, t.key AS right FROM t", target="e", schema=EDGES)
    engine.components("e", "left", "right", target="c")
    assert (engine.count("g"), engine.count("c")) == (0, 0)
    assert engine.schema("g") == GROUPS
    assert engine.schema("c").names == ["unit", "component"]


@pytest.mark.parametrize("limit", [0, 1 << 30], ids=["large", "small"])
def test_order(engine: Engine, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Order is by code points, with nulls last, and the same for large tables as for small."""
    monkeypatch.setattr(local, "_INLINE_BYTES", limit)
    schema = ROWS.append(pa.field("text", pa.large_string()))
    keys = ["b", "B", "ä", "z", None, "a", "😀", "\uffee", ""]
    parts = pa.RecordBatch.from_pylist(
        [{"key": key, "at": -at, "text": key} for at, key in enumerate([*keys, "a"])], schema
    )
    engine.write("t", [parts], schema)
    found = list(engine.read("t", order_by=["key", "at"]))
    assert [row["key"] for part in found for row in part.to_pylist()] == [
        "", "B", "a", "a", "b", "z", "ä", "\uffee", "😀", None,
    ]  # fmt: skip
    assert [part.schema for part in found] == [schema]
    assert rows(engine, "t", order_by=["key", "at"], columns=["key", "at"])[2]["at"] == -9


def test_names(engine: Engine) -> None:
    """Tables are written over, renamed in place of others, and dropped."""
    engine.write("a", [batch(["x"])], ROWS)
    engine.write("b", [batch(["y"])], ROWS)
    engine.rename("a", "b")
    assert (engine.exists("a"), rows(engine, "b")) == (False, [{"key": "x", "at": 0}])
    engine.write("b", [batch(["z"])], ROWS)
    assert rows(engine, "b") == [{"key": "z", "at": 0}]
    engine.drop("b")
    assert not engine.exists("b")


@pytest.mark.parametrize("limit", [0, 1 << 30], ids=["pool", "inline"])
def test_stream(engine: Engine, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Batches are worked on as they come: results in order, failures stood in for."""
    monkeypatch.setattr(local, "_INLINE_BYTES", limit)

    def give() -> Iterator[pa.RecordBatch]:
        for at in range(8):
            yield batch(["die" if at == 3 and limit == 0 else "fine"], at)

    engine.map_stream(
        engine_kernels.misbehave,
        None,
        batches=give(),
        target="t",
        schema=MARKED,
        fallback=engine_kernels.mark_failed,
    )
    marks = [(row["at"], row["mark"]) for row in rows(engine, "t")]
    failed = "worker_died: the worker process died with status 7"
    assert marks == [(at, failed if at == 3 and limit == 0 else "done") for at in range(8)]


def test_empty_stream(engine: Engine) -> None:
    """No batches make a table without rows."""
    engine.map_stream(engine_kernels.misbehave, None, batches=[], target="t", schema=MARKED)
    assert (engine.count("t"), engine.schema("t")) == (0, MARKED)


def test_query_over_nothing(engine: Engine) -> None:
    """A query over empty tables gives an empty table of the schema that was asked for."""
    engine.write("t", [], ROWS)
    engine.sql("SELECT t.key AS left, t.key AS right FROM t JOIN t u ON t.at = u.at",
               target="e", schema=EDGES)  # fmt: skip
    assert (engine.count("e"), engine.schema("e")) == (0, EDGES)


@pytest.mark.usefixtures("tiny_batches")
def test_no_group_is_parted(engine: Engine) -> None:
    """Rows of one group stay together in batches of two; null is a group, and not the empty one."""
    engine.write("t", [batch(MANY_KEYS)], ROWS)
    engine.map_batches(
        engine_kernels.list_groups,
        None,
        source="t",
        target="g",
        schema=GROUPS,
        group_by=["key"],
        order_by=["at"],
    )
    found = rows(engine, "g")
    assert [(row["key"], row["at"]) for row in found] == [
        ("", [10]), ("a", [1, 5, 11]), ("b", [0, 4, 8]), ("c", [6]), ("ü", [2, 7]), (None, [3, 9]),
    ]  # fmt: skip
    assert [row["batch"] for row in found] == [4, 4, 3, 3, 3, 2]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.sampled_from(["a", "b", "c", None, "a\x00"]), max_size=30),
    limit=st.integers(1, 7),
)
def test_batches_do_not_matter(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, keys: list[str | None], limit: int
) -> None:
    """Whatever the batch limit, each group comes once, whole and in order."""
    monkeypatch.setattr(local, "_BATCH_ROWS", limit)
    engine.write("t", [batch(keys)], ROWS)
    engine.map_batches(
        engine_kernels.list_groups,
        None,
        source="t",
        target="g",
        schema=GROUPS,
        group_by=["key"],
        order_by=["at"],
    )
    expected = [
        (key, [at for at, other in enumerate(keys) if other == key])
        for key in sorted(set(keys), key=lambda key: (key is None, key or ""))
    ]
    assert [(row["key"], row["at"]) for row in rows(engine, "g")] == expected


@pytest.mark.parametrize(
    ("part_bytes", "held_bytes", "threads"),
    [(1 << 30, 1, 1), (200, 1, 1), (200, 500, 1), (200, 1, 3), (200, 1 << 30, 3)],
)
def test_parts(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    part_bytes: int,
    held_bytes: int,
    threads: int,
) -> None:
    """Rows of one value come together and in order, however many parts a table takes."""
    monkeypatch.setattr(local, "count_threads", lambda *_: threads)
    monkeypatch.setattr(parts, "_PART_BYTES", part_bytes)
    monkeypatch.setattr(parts, "_HELD_BYTES", held_bytes)
    monkeypatch.setattr(parts, "_MAX_FILES", 3)
    monkeypatch.setattr(parts, "_PIECE_ROWS", 7)
    schema = ROWS.append(pa.field("value", pa.int32()))
    values = [at * at % 11 - 3 for at in range(100)]
    given = [{"key": str(v), "at": at, "value": v} for at, v in enumerate(values)]
    engine.write("t", [pa.RecordBatch.from_pylist(given, schema)], schema)
    engine.write("side", [batch(["a"])], ROWS)
    engine.map_batches(
        engine_kernels.list_parts,
        None,
        source="t",
        target="g",
        schema=GROUPS,
        part_by="value",
        broadcast=["side"],
    )
    found = rows(engine, "g")
    expected = {v: [at for at in range(100) if values[at] == v] for v in sorted(set(values))}
    assert {int(row["key"]): row["at"] for row in found} == expected
    assert len(found) == len(expected)
    assert (max(row["batch"] for row in found) == 100) is (part_bytes > 200)
    engine.write("t", [], schema)
    engine.map_batches(
        engine_kernels.list_groups, None, source="t", target="g", schema=GROUPS, part_by="value"
    )
    assert rows(engine, "g") == []


@pytest.mark.parametrize(
    ("min_rows", "memory", "threads", "has_loops"),
    [
        (0, 1 << 30, 1, True),
        (0, 1 << 30, 2, True),
        (0, 1 << 12, 1, True),
        (0, 1, 1, True),
        (0, 1 << 30, 1, False),
        (1 << 30, 1 << 30, 1, True),
    ],
)
def test_light_pairs_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
    min_rows: int,
    memory: int,
    threads: int,
    has_loops: bool,
) -> None:
    """All rows of heavy pairs are stored, in order; of light ones few, where there is room."""
    monkeypatch.setattr(local, "count_threads", lambda *_: threads)
    monkeypatch.setattr(local, "_default_memory", lambda: memory)
    monkeypatch.setattr(parts, "_PART_BYTES", 100)
    monkeypatch.setattr(heavy, "_MIN_ROWS", min_rows)
    if not has_loops:
        monkeypatch.setattr(compiled, "load", lambda name: None)
    schema = pa.schema([("group", pa.int32()), ("at", pa.int64())])
    dice = random.Random(5)
    groups = {group: sorted(dice.sample(range(60), group % 7)) for group in range(254)}
    given = [{"group": group, "at": at} for group, ats in groups.items() for at in ats]
    with LocalEngine(workers=1) as own:
        own.write("t", [pa.RecordBatch.from_pylist(given, schema)], schema)
        own.map_heavy(
            engine_kernels.pair_up,
            None,
            source="t",
            target="pairs",
            schema=engine_kernels.PAIRS,
            by="group",
            heavy=Heavy("left", "right", "weight", 300),
        )
        found = rows(own, "pairs")
    pairs = engine_kernels.pair_up(pa.RecordBatch.from_pylist(given, schema), None).to_pylist()
    total: dict[tuple[int, int], int] = {}
    for pair in pairs:
        at = pair["left"], pair["right"]
        total[at] = total.get(at, 0) + pair["weight"]
    is_heavy = [total[pair["left"], pair["right"]] >= 300 for pair in pairs]
    assert 50 < sum(is_heavy) < len(pairs) / 4
    kept = iter(found)
    assert all(pair in kept for pair, is_kept in zip(pairs, is_heavy, strict=True) if is_kept)
    assert all(pair in pairs for pair in found)
    does_filter = has_loops and min_rows == 0 and memory > 1
    assert (len(found) < len(pairs)) is does_filter


def test_numbers(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are numbered in the order of a column, in memory as in files; other tables are not."""
    schema = ROWS.append(pa.field("number", pa.int32()))
    for _ in range(2):
        keys = ["b", "ü", "", "a"]
        given = [{"key": key, "at": at} for at, key in enumerate(keys)]
        engine.write("t", [pa.RecordBatch.from_pylist(given, schema)], schema)
        engine.number("t", order_by="key", column="number")
        assert [row["number"] for row in rows(engine, "t")] == [2, 3, 0, 1]
        assert [row["key"] for row in rows(engine, "t")] == keys
        keep_on_disk(monkeypatch)


def test_large_rows_end_a_batch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends where its text grows too long, but has a row at least."""
    monkeypatch.setattr(local, "_BATCH_BYTES", 200)
    monkeypatch.setattr(local, "_MIN_BATCH_BYTES", 1)
    schema = ROWS.append(pa.field("text", pa.large_string()))
    sizes = [1, 1, 1, 1, 500, 1, 1]
    given = [{"key": "k", "at": at, "text": "x" * size} for at, size in enumerate(sizes)]
    engine.write("t", [pa.RecordBatch.from_pylist(given, schema)], schema)
    engine.map_batches(engine_kernels.list_groups, None, source="t", target="g", schema=GROUPS)
    assert [row["at"] for row in rows(engine, "g")] == [[0, 1, 2, 3], [4], [5, 6]]


def test_large_lookups_end_a_batch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What rows look up counts as theirs, once where rows of one key follow each other."""
    monkeypatch.setattr(local, "_BATCH_BYTES", 700)
    monkeypatch.setattr(local, "_MIN_BATCH_BYTES", 1)
    schema = ROWS.append(pa.field("text", pa.large_string()))
    sides = [("a", 1), ("b", 500), ("c", 300), ("c", 300), ("d", 1), ("unused", 10_000)]
    wide = [{"key": key, "at": 0, "text": "x" * size} for key, size in sides]
    engine.write("side", [pa.RecordBatch.from_pylist(wide, schema)], schema)
    engine.write("t", [batch(["a", None, "b", "b", "c", "none", "d", "c", "a", "a", "d"])], ROWS)
    engine.map_batches(
        engine_kernels.list_batches,
        None,
        source="t",
        target="found",
        schema=FOUND,
        lookups=[Lookup("side", "key", ("key",))],
    )
    found = [row["values"] for row in rows(engine, "found")]
    assert found == [[0, 1, 2], [3, 4], [5, 6, 7], [8, 9, 10]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "ü", "", None]), max_size=9), max_size=4),
    st.sets(st.sampled_from(["a", "b", "ü", "", "none"])),
)
def test_index(tmp_path: Path, chunks: list[list[str | None]], wanted: set[str]) -> None:
    """What is found are the rows with a key, in the order of the table, however they stand."""
    batches = [batch(keys, 10 * number) for number, keys in enumerate(chunks)]
    table = pa.Table.from_batches(batches, ROWS)
    index = Index(table, "key", tmp_path)
    expected = [row for row in table.to_pylist() if row["key"] in wanted]
    asked = sorted(wanted)
    found = index.find(pa.array(asked, pa.string()))
    assert table.take(pa.array(found)).to_pylist() == expected
    sizes = [64 * sum(row["key"] == key for row in expected) for key in asked]
    column = pa.chunked_array([asked], pa.string())
    assert index.row_bytes(column).tolist() == sizes
    again = Index(table.take(pa.array(range(table.num_rows)[::-1], pa.int64())), "key", tmp_path)
    assert index.digests(column).tolist() == again.digests(column).tolist()


def test_workers_are_sent_what_they_work_on() -> None:
    """Of a slice the rows are sent that are in it, lists and structures included."""
    kind = pa.list_(pa.struct([("text", pa.string())]))
    table = pa.table({"rows": pa.array([[{"text": "x" * 100}]] * 10_000, kind)})
    packed = pack(table.slice(5000, 3))
    assert len(packed) < 2000
    assert unpack(packed).equals(table.slice(5000, 3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 35)), st.sampled_from([None, ("at",), ("at", "key")]))
def test_workers_read_files(
    tmp_path: Path, wanted: set[int], columns: tuple[str, ...] | None
) -> None:
    """Of a table in a file workers are told which rows and columns to read."""
    batches = [batch(MANY_KEYS, first) for first in (0, 12, 24)]
    with pytest.MonkeyPatch.context() as patch:
        keep_on_disk(patch)
        stored = store(batches, ROWS, tmp_path)
    numbers = find_numbers(np.array(sorted(wanted), dtype=np.int64))
    rows = msgspec.structs.replace(all_rows(stored), numbers=numbers, columns=columns)
    names = ROWS.names if columns is None else list(columns)
    expected = (
        pa.Table.from_batches(batches).select(names).take(pa.array(sorted(wanted), pa.int64()))
    )
    assert rows.pack() == (str(stored.path), numbers, columns)
    assert rows.read().to_pylist() == unpack(rows.pack()).to_pylist() == expected.to_pylist()


@pytest.mark.usefixtures("tiny_batches")
@pytest.mark.parametrize("places", [(), ("on_disk",), ("in_pool",), ("on_disk", "in_pool")])
def test_lookup(engine: Engine, request: pytest.FixtureRequest, places: tuple[str, ...]) -> None:
    """A kernel finds every row of its keys: none, one or several, in any script.

    It does so here and in a worker, in tables in memory and in files.
    """
    for place in places:
        request.getfixturevalue(place)
    engine.write("t", [batch(["b", "none", "ü", None, "b", "é", ""])], ROWS)
    engine.write("side", [batch(["ü", "b", "x", None, "b", "", "None"], 100)], ROWS)
    engine.map_batches(
        engine_kernels.find_values,
        None,
        source="t",
        target="found",
        schema=FOUND,
        lookups=[Lookup("side", "key", ("key",))],
    )
    assert [(row["key"], row["values"]) for row in rows(engine, "found")] == [
        ("b", [101, 104]), ("none", []), ("ü", [100]), (None, []), ("b", [101, 104]), ("é", []),
        ("", [105]),
    ]  # fmt: skip


def test_lookup_sees_a_new_table(engine: Engine) -> None:
    """A table that was written or renamed over is looked up as it is now."""
    engine.write("t", [batch(["a"])], ROWS)
    for number in (1, 2, 3):
        name = "other" if number == 3 else "side"
        engine.write(name, [batch(["a"], number)], ROWS)
        if number == 3:
            engine.rename("other", "side")
        engine.map_batches(
            engine_kernels.find_values,
            None,
            source="t",
            target="found",
            schema=FOUND,
            lookups=[Lookup("side", "key", ("key",))],
        )
        assert rows(engine, "found") == [{"key": "a", "values": [number]}]


def test_broadcast_and_order_of_tables(engine: Engine) -> None:
    """A kernel is given the configuration, whole tables, then what it looks up by its columns."""
    two = pa.schema([("at", pa.int64()), ("left", pa.string()), ("right", pa.string())])
    row = {"at": 1, "left": "a", "right": "b"}
    engine.write("t", [pa.RecordBatch.from_pylist([row], two)], two)
    engine.write("whole", [batch(["x"] * 5)], ROWS)
    engine.write("one", [batch(["a", "b", "c"])], ROWS)
    engine.write("none", [batch([])], ROWS)
    engine.map_batches(
        engine_kernels.count_sides,
        "settings",
        source="t",
        target="marked",
        schema=MARKED,
        broadcast=["whole"],
        lookups=[Lookup("one", "key", ("left", "right")), Lookup("none", "key", ("left",))],
    )
    assert rows(engine, "marked") == [{"at": 1, "mark": "settings 5 ['a', 'b'] 0"}]


def test_sql(engine: Engine) -> None:
    """A query joins and counts stored tables; a schema that is given is kept to."""
    engine.write("t", [batch(["a", "b", "a"])], ROWS)
    engine.write("names", [batch(["a", "b"], 10)], ROWS)
    schema = pa.schema([("key", pa.large_string()), ("n", pa.int32()), ("name", pa.int64())])
    engine.sql(
        """
        WITH counted AS (SELECT key, count(*) AS n FROM t GROUP BY key)
        SELECT c.key, c.n, m."at" AS name FROM counted c LEFT JOIN names m ON c.key = m.key
        """,
        target="joined",
        schema=schema,
    )
    assert engine.schema("joined") == schema
    assert rows(engine, "joined", order_by=["key"]) == [
        {"key": "a", "n": 2, "name": 10}, {"key": "b", "n": 1, "name": 11},
    ]  # fmt: skip
    key = pa.schema([("key", pa.string())])
    engine.sql('SELECT key FROM t WHERE "at" = 1', target="t", schema=key)
    assert rows(engine, "t") == [{"key": "b"}]
    assert engine.schema("t") == key


NODES = st.sampled_from([f"n{number}" for number in range(12)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NODES, NODES), max_size=20))
def test_components(engine: Engine, edges: list[tuple[str, str]]) -> None:
    """Components equal those found by spreading labels one edge at a time."""
    expected = {node: node for edge in edges for node in edge}
    for _ in expected:
        for left, right in edges:
            expected[left] = expected[right] = min(expected[left], expected[right])
    parts = [{"left": left, "right": right} for left, right in edges]
    engine.write("edges", [pa.RecordBatch.from_pylist(parts, EDGES)], EDGES)
    engine.components("edges", "left", "right", target="found")
    found = rows(engine, "found")
    assert len(found) == len(expected)
    assert {row["unit"]: row["component"] for row in found} == expected


def test_components_of_a_long_chain(engine: Engine) -> None:
    """A chain of 20,000 units in a bad order is one component, named by its smallest unit."""
    names = [f"{(7919 * at) % 20_000:05}" for at in range(20_000)]
    parts = [{"left": a, "right": b} for a, b in pairwise(names)]
    engine.write("edges", [pa.RecordBatch.from_pylist(parts, EDGES)], EDGES)
    engine.components("edges", "left", "right", target="found")
    assert {row["component"] for row in rows(engine, "found")} == {"00000"}


KEYS = st.lists(st.tuples(*[st.none() | st.integers(-2, 2)] * 2), max_size=12)
MEETING = pa.schema([("name", pa.string()), ("one", pa.int64()), ("two", pa.int64())])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS, st.integers(2, 5), st.sampled_from([1, 100]))
def test_pairs(engine: Engine, keys: list[tuple[int | None, ...]], most: int, size: int) -> None:
    """All pairs of a small bucket, star and chain by name of a large one, each pair once."""
    rows_of = [{"name": f"n{-at}", "one": k[0], "two": k[1]} for at, k in enumerate(keys)]
    parts = [rows_of[at : at + size] for at in range(0, len(rows_of), size)]
    engine.write("t", [pa.RecordBatch.from_pylist(part, MEETING) for part in parts], MEETING)
    expected: set[frozenset[str]] = set()
    num_skipped = 0
    for key in ("one", "two"):
        for value in range(-2, 3):
            names = sorted(row["name"] for row in rows_of if row[key] == value)
            all_pairs = pairs = set(combinations(names, 2))
            if len(names) > most:
                pairs = {*((names[0], name) for name in names[1:]), *pairwise(names)}
            num_skipped += len(all_pairs) - len(pairs)
            expected |= {frozenset(pair) for pair in pairs}
    skipped = engine.pairs("t", ["one", "two"], order_by="name", max_bucket=most, target="met")
    found = [frozenset(row.values()) for row in rows(engine, "met")]
    assert (len(found), set(found), skipped) == (len(expected), expected, num_skipped)
    assert engine.schema("met").names == ["left_name", "right_name"]


@pytest.mark.usefixtures("on_disk")
def test_spilled_tables_are_the_same(engine: Engine, tmp_path: Path) -> None:
    """A table that does not fit into memory is kept in a file, and nothing else changes."""
    batches = [batch(MANY_KEYS, first) for first in range(0, 60, 12)]
    engine.write("t", iter(batches), ROWS)
    assert [path.suffix for path in (tmp_path / "work").rglob("*") if path.is_file()] == [".arrow"]
    assert rows(engine, "t") == [row for part in batches for row in part.to_pylist()]
    assert len(rows(engine, "t", order_by=["key"])) == engine.count("t") == 60
    counted = engine.rows("SELECT key, count(*) AS n FROM t GROUP BY key")
    assert {row["key"]: row["n"] for row in counted}["ü"] == 10


@pytest.mark.usefixtures("on_disk")
def test_files_of_replaced_tables_go(engine: Engine, tmp_path: Path) -> None:
    """Only tables that there are take space on the disk; one under another name is still one."""

    def count_files() -> int:
        return len(list((tmp_path / "work").rglob("*.arrow")))

    for first in (0, 100, 200):
        engine.write("t", [batch(MANY_KEYS, first)], ROWS)
    assert count_files() == 1
    engine.rename("t", "u")
    engine.write("t", [batch(MANY_KEYS)], ROWS)
    assert (count_files(), rows(engine, "u")[0]["at"]) == (2, 200)
    engine.drop("t")
    engine.rename("u", "t")
    assert (count_files(), rows(engine, "t")[0]["at"]) == (1, 200)
    engine.drop("t")
    assert count_files() == 0


@pytest.mark.usefixtures("in_pool", "tiny_batches")
def test_worker_death(engine: Engine) -> None:
    """Only the row that a worker died of is replaced; its neighbours and the order stay."""
    engine.write("t", [batch(["x", "die", "x", "x"])], ROWS)
    engine.map_batches(
        engine_kernels.misbehave,
        None,
        source="t",
        target="done",
        schema=MARKED,
        fallback=engine_kernels.mark_failed,
    )
    assert [(row["at"], row["mark"]) for row in rows(engine, "done")] == [
        (0, "done"),
        (1, "worker_died: the worker process died with status 7"),
        (2, "done"),
        (3, "done"),
    ]


@pytest.mark.usefixtures("in_pool")
def test_timeout(engine: Engine) -> None:
    """Only the row that takes too long is replaced."""
    engine.write("t", [batch(["x", "loop"])], ROWS)
    engine.map_batches(
        engine_kernels.misbehave,
        None,
        source="t",
        target="done",
        schema=MARKED,
        fallback=engine_kernels.mark_failed,
        timeout_seconds=0.5,
    )
    assert [(row["at"], row["mark"]) for row in rows(engine, "done")] == [
        (0, "done"),
        (1, "timeout: it took a worker process too long"),
    ]


@pytest.mark.usefixtures("in_pool")
@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        ("die", CleanerError, "misbehave: the worker process died with status 7"),
        ("raise", ZeroDivisionError, "a bug"),
    ],
)
def test_failure_without_fallback(
    engine: Engine, key: str, error: type[Exception], message: str
) -> None:
    """A dead worker ends the run with a message, a bug with its own error; the engine goes on."""
    engine.write("t", [batch(["x", key])], ROWS)
    with pytest.raises(error) as caught:
        engine.map_batches(engine_kernels.misbehave, None, source="t", target="done", schema=MARKED)
    assert str(caught.value) == message
    assert not engine.exists("done")
    assert engine.count("t") == 2


@pytest.mark.usefixtures("in_pool", "tiny_batches")
def test_pool_gives_what_one_process_gives(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups, lookups and order are the same in the pool."""
    engine.write("t", [batch(MANY_KEYS)], ROWS)
    found = []
    for limit in (0, 1 << 30):
        monkeypatch.setattr(local, "_INLINE_BYTES", limit)
        engine.map_batches(
            engine_kernels.find_values,
            None,
            source="t",
            target="found",
            schema=FOUND,
            group_by=["key"],
            order_by=["at"],
            lookups=[Lookup("t", "key", ("key",))],
        )
        found.append(rows(engine, "found"))
    assert found[0] == found[1]
    assert [row["values"] for row in found[0]][-4:] == [[2, 7], [2, 7], [], []]


def test_error_leaves_nothing(tmp_path: Path) -> None:
    """The work folder goes too when the run ends in an error."""
    for make in ENGINES.values():
        with pytest.raises(KeyError), make(tmp_path) as engine:
            assert len(list(tmp_path.iterdir())) == 1
            engine.count("nothing")
        assert list(tmp_path.iterdir()) == []


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local engine tells how many rows of a stage are done, from none to all."""
    monkeypatch.setattr(local, "_BATCH_ROWS", 2)
    told: list[tuple[str, int, int]] = []
    with LocalEngine(
        workers=1, work_folder=tmp_path, advance=lambda *step: told.append(step)
    ) as engine:
        engine.write("t", [batch(["a", "b", "c"])], ROWS)
        engine.map_batches(engine_kernels.list_groups, None, source="t", target="g", schema=GROUPS)
    assert told == [("g", 0, 3), ("g", 2, 3), ("g", 3, 3)]


@pytest.mark.usefixtures("on_disk")
def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit on the disk ends the run with a message that says what to do."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pa.RecordBatchFileWriter, "write_batch", fail)
    with LocalEngine(work_folder=tmp_path) as engine, pytest.raises(OutputError, match="--output"):
        engine.write("t", [batch(["a"])], ROWS)
    assert list(tmp_path.iterdir()) == []


def test_interrupt_before_a_query_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query whose thread had not begun when the interrupt came is never asked."""
    begun: list[str] = []
    late: list[Thread] = []

    class LateThread(Thread):
        def start(self) -> None:
            late.append(self)
            raise KeyboardInterrupt

    monkeypatch.setattr(large_queries.threading, "Thread", LateThread)
    with pytest.raises(KeyboardInterrupt):
        large_queries._wait_for(lambda: begun.append("query"), lambda: None)  # type: ignore[arg-type, func-returns-value, return-value]
    (thread,) = late
    Thread.start(thread)
    thread.join()
    assert begun == []


def test_rows_from_everywhere_give_back_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of a mapped table are given back while rows of all its batches are taken."""
    given_back: list[int] = []
    monkeypatch.setattr(tables, "release_mapped", lambda: given_back.append(1))
    batches = [batch(["a", "b"], 2 * at) for at in range(100)]
    found = tables.take_rows(batches, np.arange(1, 200, 2), ROWS)
    assert found.column("at").to_pylist() == list(range(1, 200, 2))
    assert len(given_back) == 100 // tables._RELEASED_BATCHES


def test_threads_for_parts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small table is one part; of a large one as many are sorted at a time as memory allows."""
    table = pa.table({"value": range(100)})
    assert parts.count_threads(table, 8, 1 << 30) == 1
    monkeypatch.setattr(parts, "_PART_BYTES", 100)
    monkeypatch.setattr(parts, "_SORTING_BYTES", 1000)
    found = [parts.count_threads(table, 8, num_bytes) for num_bytes in (100, 6000, 1 << 30)]
    assert found == [1, 3, 8]


@pytest.mark.parametrize(("num_rows", "num_parts"), [(90, 1), (700, 7), (3000, 4 * 8)])
def test_parts_fit_into_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, num_rows: int, num_parts: int
) -> None:
    """A table is parted in memory, or into files that are; no part is much larger than wanted."""
    monkeypatch.setattr(parts, "_PART_BYTES", 800)
    monkeypatch.setattr(parts, "_HELD_BYTES", 6400)
    monkeypatch.setattr(parts, "_MAX_FILES", 4)
    made = []
    monkeypatch.setattr(parts, "remove_file", lambda path: made.append(path.name))
    table = pa.table({"value": range(num_rows)})
    found = [*parts.part_rows(table, "value", tmp_path)]
    assert (len(found), len(made)) == (num_parts, 4 * (num_rows == 3000))
    assert max(part.nbytes for part in found) <= 2 * 800
    assert sum(part.num_rows for part in found) == num_rows
    assert list(tmp_path.iterdir()) == []


def test_run_ahead_keeps_order_and_stops_at_errors() -> None:
    """Results come in the order of what they are made of; an error comes where its result would."""
    seen = parts.run_ahead(lambda at: (sleep(0.01 * (3 - at)), 6 // (2 - at))[1], range(4), 3)
    assert [next(seen), next(seen)] == [3, 6]
    with pytest.raises(ZeroDivisionError):
        next(seen)


def test_a_pool_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an interrupt left a lock of the pool locked, nobody waits for its end for ever."""
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 0.1)
    stopped, is_unlocked = [], Event()
    locked = Pool(1)
    locked._pool = SimpleNamespace(stop=lambda: stopped.append(1), join=is_unlocked.wait)
    locked.end(at_once=True)
    assert stopped
    is_unlocked.set()


def test_more_than_a_piece_holds_is_refused() -> None:
    """Arrow leaves a column of over 2 GB of text in pieces; the first is not taken for all."""
    left_in_pieces = pa.table({"key": pa.chunked_array([["a"], ["b"]])})
    with pytest.raises(CleanerError, match="2 GB"):
        as_batch(SimpleNamespace(combine_chunks=lambda: left_in_pieces))
