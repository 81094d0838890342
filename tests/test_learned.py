"""What later runs start from: it adds up, nothing counts twice, and a broken file is refused."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner import Config, RunResult, clean_corpus
from cleaner.boilerplate import learned
from cleaner.boilerplate.learned import (
    OUTLETS,
    list_learned_lines,
    read_learned,
    sample_witnesses,
)
from cleaner.engines import local
from cleaner.errors import ConfigError
from cleaner.writing.tables import write_parquet

FOOTER = "Write to us at the old pier, 9 Quay Road"
_VERBS = "mended painted carried followed opened watched visited rebuilt praised measured".split()
_THINGS = "ferry bridge orchard theatre museum station market lantern violin harbour".split()


def article(number: int) -> str:
    """Return a text of its own that ends with the outlet's footer."""
    paragraphs = [
        f"The {_THINGS[(number + other) % 10]} of {chr(97 + number)}{chr(97 + other)}ville was "
        f"{_VERBS[other]} before the first snow, and {chr(97 + other)}{chr(97 + number)}ton, which "
        f"had waited for {number + 2} winters, {_VERBS[number % 10]} it again."
        for other in range(5)
    ]
    return "\n\n".join([*paragraphs, FOOTER])


def write_feed(path: Path, numbers: range, outlet: str = "Courier") -> Path:
    """Write articles as a file of records."""
    records = [{"id": f"n{n}", "outlet": outlet, "text": article(n)} for n in numbers]
    path.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    return path


def run(paths: list[Path], output: Path, start: Path | None = None, **options: Any) -> RunResult:
    """Clean files, starting from what was learnt before."""
    config = Config().replace(boilerplate={"learned": str(start)} if start else {})
    return clean_corpus(paths, output, config=config, **({"workers": 1} | options))


def count_footers(output: Path) -> int:
    """Count the documents from which the footer was removed."""
    rules = pq.read_table(output / "ledger.parquet").column("rule").to_pylist()
    return rules.count("outlet_repeats")


def read_states(output: Path) -> list[dict[str, Any]]:
    """Read what a run learnt."""
    rows: list[dict[str, Any]] = pq.read_table(output / "outlets.parquet").to_pylist()
    return rows


def test_counts_add_up(tmp_path: Path) -> None:
    """Two documents of an outlet profit from what three earlier ones had; alone none is enough."""
    old, new = (
        write_feed(tmp_path / "a.jsonl", range(3)),
        write_feed(tmp_path / "b.jsonl", range(3, 5)),
    )
    run([old], tmp_path / "old")
    run([new], tmp_path / "alone")
    result = run([new], tmp_path / "new", tmp_path / "old")
    counts = [count_footers(tmp_path / name) for name in ("old", "alone", "new")]
    assert counts == [0, 0, 2]
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text("utf-8"))
    before = json.loads((tmp_path / "old" / "manifest.json").read_text("utf-8"))
    state = before["outputs"]["outlets.parquet"]
    assert manifest["learned"] == {"bytes": state["bytes"], "sha256": state["sha256"]}
    assert result.num_documents == 2


def test_same_documents_are_not_counted_twice(tmp_path: Path) -> None:
    """A run over the same documents from its own state learns and writes the same."""
    feed = write_feed(tmp_path / "feed.jsonl", range(4))
    run([feed], tmp_path / "first")
    run([feed], tmp_path / "second", tmp_path / "first" / "outlets.parquet")
    for name in ("ledger.parquet", "outlets.parquet", "corpus.jsonl"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert count_footers(tmp_path / "second") == 0


@pytest.mark.parametrize("num_documents", [4, 6])
def test_own_output_is_left_alone(tmp_path: Path, num_documents: int) -> None:
    """Cleaning a corpus with the state of the run that wrote it removes nothing more."""
    first = run([write_feed(tmp_path / "feed.jsonl", range(num_documents))], tmp_path / "first")
    again = run([first.corpus], tmp_path / "again", tmp_path / "first")
    assert again.removed == {}
    (state,) = read_states(tmp_path / "again")
    assert len(state["sample"]) == num_documents


def test_outlets_that_a_run_did_not_meet_stay(tmp_path: Path) -> None:
    """The state of a run holds the outlets of the one before, as they were."""
    run([write_feed(tmp_path / "a.jsonl", range(6), "Courier")], tmp_path / "a")
    run([write_feed(tmp_path / "b.jsonl", range(6), "Ledger")], tmp_path / "b", tmp_path / "a")
    courier, ledger = read_states(tmp_path / "b")
    assert (courier, ledger["outlet"]) == (read_states(tmp_path / "a")[0], "Ledger")
    assert [line["where"] for line in courier["repeated"]] == ["anywhere"]
    assert courier["num_documents"] == 6


def test_state_does_not_depend_on_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in another order, and two processes, give the same bytes."""
    feeds = [write_feed(tmp_path / f"{n}.jsonl", range(3 * n, 3 * n + 3)) for n in range(3)]
    run(feeds, tmp_path / "one")
    monkeypatch.setattr(local, "_INLINE_BYTES", 0)
    monkeypatch.setattr(local, "_BATCH_ROWS", 2)
    run(feeds[::-1], tmp_path / "two", workers=2)
    one, two = (tmp_path / name / "outlets.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_sample_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each outlet the documents with the smallest numbers are kept, so samples can be joined."""
    monkeypatch.setattr(learned, "MAX_SAMPLE", 3)
    numbers = {"a": [-5, -1, 2, 8], "b": [7]}
    rows = [{"outlet": o, "document": n} for o, found in numbers.items() for n in found]
    drawn = sample_witnesses(pa.RecordBatch.from_pylist(rows, learned.WITNESSES), Config())
    assert [row["document"] for row in drawn.to_pylist()] == [-5, -1, 2, 7]


def test_state_gives_the_lines_back(tmp_path: Path) -> None:
    """The lines that a state gives are those that were listed, and documents without any too."""
    run([write_feed(tmp_path / "feed.jsonl", range(4))], tmp_path / "out")
    found = read_learned(str(tmp_path / "out"))
    rows = [row for batch in list_learned_lines(found) for row in batch.to_pylist()]
    assert len({row["document"] for row in rows}) == 4
    assert {row["outlet"] for row in rows} == {"Courier"}
    assert min(row["from_tail"] for row in rows) == 0
    assert list(list_learned_lines(None)) == []


def spoil(path: Path, kind: str) -> None:
    """Make of a state a file that no run would write."""
    raw = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(raw[: len(raw) // 2])
    elif kind == "flipped":
        chance = random.Random(1)
        broken = bytearray(raw)
        for at in chance.sample(range(8, len(raw) // 2), 40):
            broken[at] ^= 0xFF
        path.write_bytes(bytes(broken))
    elif kind == "text":
        path.write_text("outlet,documents\n", encoding="utf-8")
    elif kind == "other table":
        pq.write_table(pa.table({"outlet": ["a"]}), path)
    elif kind == "unmarked":
        pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    else:
        rows = pq.read_table(path).to_pylist()
        line = rows[0]["sample"][0]["lines"][0]
        changes: dict[str, Any] = {"shape": 7, "from_tail": -1, "line_hash": None}
        if kind in changes:
            line[kind] = changes[kind]
        elif kind == "strength":
            rows[0]["repeated"][0]["strength"] = 2.0
        else:
            rows *= 2
        write_parquet([pa.RecordBatch.from_pylist(rows, schema=OUTLETS)], path, OUTLETS)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("truncated", "no Parquet file, or a broken one"),
        ("flipped", "broken one"),
        ("text", "no Parquet file"),
        ("other table", "not the outlets.parquet of a run"),
        ("unmarked", "not the outlets.parquet of a run"),
        ("shape", r"sample\.lines\.shape goes from"),
        ("from_tail", r"sample\.lines\.from_tail goes from -1"),
        ("line_hash", "has empty fields"),
        ("strength", r"repeated\.strength is no share"),
        ("twice", "an outlet is in it twice"),
    ],
)
def test_broken_state_is_refused(tmp_path: Path, kind: str, problem: str) -> None:
    """A file that is no state, or a spoilt one, is refused before anything is written."""
    feed = write_feed(tmp_path / "feed.jsonl", range(6))
    run([feed], tmp_path / "first")
    spoil(tmp_path / "first" / "outlets.parquet", kind)
    with pytest.raises(ConfigError, match=f"outlets.parquet is not what an earlier run.*{problem}"):
        run([feed], tmp_path / "second", tmp_path / "first")
    assert not (tmp_path / "second").exists()


def test_missing_state_is_refused(tmp_path: Path) -> None:
    """A folder without a state says what to name instead."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="name the output folder of a run"):
        read_learned(str(tmp_path / "empty"))
    assert read_learned(None) is None


def test_lines_that_vanish_raise_an_alarm(tmp_path: Path) -> None:
    """When lines that stood in all documents are gone, the run that learnt of them says so."""
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    for path, numbers in ((old, range(6)), (new, range(6, 12))):
        texts = [article(n).removesuffix(FOOTER) for n in numbers]
        ends = [f"{FOOTER}\n\nFerries of this week"] * 6 if path == old else ["The end of it"] * 6
        records = [
            {"id": str(n), "outlet": "Courier", "text": text + end}
            for n, text, end in zip(numbers, texts, ends, strict=True)
        ]
        path.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    assert run([old], tmp_path / "first").alarms == ()
    again = run([old], tmp_path / "again", tmp_path / "first")
    changed = run([new], tmp_path / "second", tmp_path / "first")
    assert again.alarms == ()
    assert [(alarm.kind, alarm.outlet) for alarm in changed.alarms] == [
        ("learned_lines_vanished", "Courier")
    ]


def test_columns_are_as_documented() -> None:
    """docs/formats.md names the columns of the file, and what stands in its lists."""
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    section = page.split("\n## outlets.parquet\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == OUTLETS.names
    for name in OUTLETS.names:
        if pa.types.is_list(OUTLETS.field(name).type):
            fields = OUTLETS.field(name).type.value_type
            assert [field.name for field in fields if f"`{field.name}`" not in section] == []
