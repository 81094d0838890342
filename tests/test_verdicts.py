"""Verdicts: the file that holds them, and what a run makes of them."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import replace

from cleaner.api import clean_corpus
from cleaner.boilerplate import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.errors import ConfigError, OutputError
from cleaner.ledger import cut_extents, view_text
from cleaner.model import LEDGER, TEXTS, Document
from cleaner.passages.judgements import (
    CONSTRAINTS,
    JUDGED_LINKS,
    PLACED_JUDGEMENTS,
    Constraints,
    apply_judgements,
    digest_words,
    find_passage,
    link_judged,
    list_must_links,
    list_uses,
    part_members,
    place_judgements,
    strike_judged,
    was_merged,
)
from cleaner.pipeline import clean, name_document
from cleaner.quality.verdicts import (
    Precision,
    Side,
    VerdictLine,
    Verdicts,
    change_verdicts,
    count_sample,
    count_uses,
    describe_side,
    list_judgements,
    measure_precision,
    read_verdicts,
)
from cleaner.words import fold_words

CONFIG = Config()
FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
COUNCIL = (
    "The council voted to keep the old wooden bridge open to buses for another winter, against the "
    "advice of its own engineers."
)
OWN = {
    "a": "In Port Ellory the market opened early because of the storm, and most of the stalls sold "
    "out before ten.",
    "b": "A museum of lighthouse lamps has moved into the former school on the hill, where it will "
    "stay until the spring.",
    "c": "Farmers along the coast road lost a third of their apples, said the union, which asks "
    "for help from the county.",
}
CLUB = "Members of the harbour club read tomorrow what the whole town will read the week after."
HEADER = '{"format": "cleaner verdicts", "version": 1}'


def make_side(document: str = "aa", **changes: Any) -> Side:
    """Make one side of a verdict."""
    values: dict[str, Any] = {"source": f"{document}.txt", "begin": 0, "end": len(FERRY)}
    words = fold_words(FERRY)
    values |= {"words": len(words), "digest": digest_words(words)}
    return Side(document=document, **(values | changes))


def make_line(left: str = "aa", right: str = "bb", **changes: Any) -> VerdictLine:
    """Make a verdict."""
    values: dict[str, Any] = {"verdict": "same", "level": "sentence"}
    return VerdictLine(left=make_side(left), right=make_side(right), **(values | changes))


def store(path: Path, *lines: VerdictLine) -> tuple[VerdictLine, ...]:
    """Add verdicts to a file."""
    return change_verdicts(path, lambda known: known.update({line.pair: line for line in lines}))


# The file.


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What was stored is there, in the order of sources, whatever order it was stored in."""
    lines = [make_line("aa", "bb", note="see p. 4"), make_line("aa", "cc"), make_line("b0", "cc")]
    paths = [tmp_path / "one.jsonl", tmp_path / "other.jsonl"]
    store(paths[0], *lines)
    for line in reversed(lines):
        store(paths[1], line)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    found = read_verdicts(paths[0])
    assert found is not None
    assert (found.lines, found.numbers) == (tuple(lines), (2, 3, 4))


def test_file_says_what_it_is_and_holds_no_text(tmp_path: Path) -> None:
    """The first line names the format; a passage is named by its place and a digest."""
    path = tmp_path / "verdicts.jsonl"
    side = describe_side("aa", "aa.txt", FERRY, 4, 9)
    store(path, VerdictLine(verdict="same", left=side, right=make_side("bb"), level="sentence"))
    first, second = path.read_text().splitlines()
    assert first == HEADER
    assert "ferry" not in second
    assert json.loads(second)["left"] == {
        "document": "aa", "source": "aa.txt", "begin": 4, "end": 9, "words": 1,
        "digest": digest_words(["ferry"]),
    }  # fmt: skip


def test_hand_edited_files_are_read(tmp_path: Path) -> None:
    """Another order, empty lines, ends of lines of Windows and a byte order mark do no harm."""
    path = tmp_path / "verdicts.jsonl"
    lines = store(path, make_line("aa", "bb"), make_line("aa", "cc"))
    head, one, other = path.read_text().splitlines()
    path.write_text(f"\ufeff{head}\r\n{other}\r\n\r\n{one}", encoding="utf-8", newline="")
    found = read_verdicts(path)
    assert found is not None
    assert (found.lines, found.numbers) == (lines[::-1], (2, 4))


def edit(line: str, **changes: Any) -> str:
    """Change fields of a line; None takes one out."""
    fields = json.loads(line) | changes
    return json.dumps({key: value for key, value in fields.items() if value is not None})


LINE = json.dumps(
    {
        "verdict": "same",
        "left": {"document": "aa", "source": "a", "begin": 1, "end": 2, "words": 1,
                 "digest": "0" * 16},
        "right": {"document": "bb", "source": "b", "begin": 1, "end": 2, "words": 1,
                  "digest": "0" * 16},
        "level": "sentence",
    }
)  # fmt: skip
LEFT, RIGHT = json.loads(LINE)["left"], json.loads(LINE)["right"]


@pytest.mark.parametrize(
    ("lines", "number", "wrong", "advice"),
    [
        ([], 1, "no file of verdicts", f"its first line must be {HEADER}"),
        (["[" * 100_000], 1, "no file of verdicts", HEADER),
        ([LINE], 1, "no file of verdicts", HEADER),
        (['{"format": "cleaner verdicts", "version": 2}'], 1, "version 2", HEADER),
        ([HEADER, LINE, "same, I think"], 3, "JSON is malformed", "one JSON object a line"),
        ([HEADER, "[" * 100_000], 2, "", ""),
        ([HEADER, edit(LINE, verdict="maybe")], 2, "maybe", "same, different, boilerplate"),
        ([HEADER, edit(LINE, level="word")], 2, "word", "document, sentence, quotation"),
        ([HEADER, edit(LINE, sample="yes")], 2, "sample", "true or false"),
        ([HEADER, edit(LINE, right=None)], 2, "right", "docs/formats.md"),
        ([HEADER, edit(LINE, text="The ferry")], 2, "text", "leave it out"),
        ([HEADER, edit(LINE, left=LEFT | {"begin": -1})], 2, "left.begin", "from 0"),
        ([HEADER, edit(LINE, left=LEFT | {"begin": 2})], 2, "left: begin 2", "below end 2"),
        ([HEADER, edit(LINE, left=LEFT | {"digest": "12"})], 2, "digest", "16 hexadecimal"),
        ([HEADER, edit(LINE, left=LEFT | {"words": 0})], 2, "words", "number of words"),
        ([HEADER, edit(LINE, left=RIGHT)], 2, "both sides", "two documents"),
        ([HEADER, LINE, "", edit(LINE, left=RIGHT, right=LEFT, verdict="different")], 4,
         "judged in line 2", "keep one"),
    ],
)  # fmt: skip
def test_wrong_line_is_refused(
    tmp_path: Path, lines: list[str], number: int, wrong: str, advice: str
) -> None:
    """The message names file and line, says what is wrong, and what to write instead."""
    path = tmp_path / "verdicts.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(ConfigError) as refused:
        read_verdicts(path)
    message = str(refused.value)
    assert message.startswith(f"{path}:{number}: ")
    assert wrong in message
    assert advice in message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A file that was named must be there; where none is named there is none."""
    with pytest.raises(ConfigError, match=r"none\.jsonl: No such file.*clean judge"):
        read_verdicts(tmp_path / "none.jsonl")
    assert read_verdicts(None) is None


def test_run_refuses_a_wrong_file_before_any_work(tmp_path: Path) -> None:
    """Nothing is written where verdicts cannot be read."""
    (tmp_path / "a.txt").write_text(FERRY)
    config = Config().replace(match={"verdicts": str(tmp_path / "a.txt")})
    with pytest.raises(ConfigError, match=r"a\.txt:1: this is no file of verdicts"):
        clean_corpus([tmp_path], tmp_path / "out", config=config, workers=1)
    assert not (tmp_path / "out").exists()


def test_broken_off_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is there whole: the new one, or the one before."""
    path = tmp_path / "verdicts.jsonl"
    store(path, make_line())
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match=r"No space left.*--verdicts"):
        store(path, make_line("aa", "cc"))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_write_keeps_what_others_wrote_and_allowed(tmp_path: Path) -> None:
    """The file is read anew for each change, and keeps its permissions."""
    path = tmp_path / "verdicts.jsonl"
    store(path, make_line("aa", "bb"))
    path.chmod(0o640)
    text = path.read_text()
    path.write_text(text.replace('"same"', '"different"'))
    lines = store(path, make_line("aa", "cc"))
    assert [line.verdict for line in lines] == ["different", "same"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_precision_has_wilson_limits() -> None:
    """The limits are those that Wilson's formula gives; a share of nothing has none."""
    assert measure_precision(0, 0) is None
    assert measure_precision(10, 0) == Precision(10, 0, 0.0, 0.0, 0.2775)
    assert measure_precision(10, 10) == Precision(10, 10, 1.0, 0.7225, 1.0)
    assert measure_precision(50, 47) == Precision(50, 47, 0.94, 0.8378, 0.9794)


def test_only_the_sample_counts() -> None:
    """Pairs that were chosen for being doubtful say nothing of all; boilerplate is no copy."""
    lines = [
        make_line("aa", "bb", sample=True),
        make_line("aa", "cc", sample=True, verdict="boilerplate"),
        make_line("aa", "dd", verdict="different"),
        make_line("aa", "ee", sample=True, verdict="different"),
    ]
    found = [count_sample(lines), count_sample(lines, {"aa", "bb", "cc"})]
    assert [(p.judged, p.same) for p in found if p] == [(3, 1), (2, 1)]


@pytest.mark.parametrize(
    ("verdict", "status", "was_accepted", "expected", "precision"),
    [
        ("same", "placed", 1, "applied", (1, 1)),
        ("same", "placed", 0, "applied", None),
        ("same", "placed", None, "no_match", None),
        ("different", "placed", 1, "applied", (1, 0)),
        ("different", "placed", None, "applied", None),
        ("boilerplate", "placed", None, "applied", (1, 0)),
        ("same", "stale", None, "stale", None),
        ("boilerplate", "no_document", None, "no_document", None),
    ],
)
def test_uses_are_counted(
    verdict: str,
    status: str,
    was_accepted: int | None,
    expected: str,
    precision: tuple[int, int] | None,
) -> None:
    """Each verdict has one fate; a sampled pair counts while the run would still accept it."""
    row = {"verdict": verdict, "status": status, "is_sample": True, "was_accepted": was_accepted}
    counts, found = count_uses([row | {"n": 1}, row | {"is_sample": False, "n": 2}])
    assert counts == {expected: 3}
    assert (found and (found.judged, found.same)) == precision


# Where the passages stand now.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FERRY, (0, len(FERRY))),
        (FERRY.upper().replace(",", "–"), (0, len(FERRY))),
        (f"Corrected. {FERRY}", (11, 10 + len(FERRY))),
        (f"{COUNCIL}\n{FERRY}\n{FERRY}", None),
        (FERRY.replace("noon", "nine"), None),
        ("", None),
    ],
)
def test_passage_is_found_by_its_words(text: str, expected: tuple[int, int] | None) -> None:
    """A passage is where it was, or where its words stand once; other words are not it."""
    words = fold_words(FERRY)
    assert find_passage(text, 0, len(FERRY), digest_words(words), len(words)) == expected


def make_rows(schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
    """Make a batch; what a row leaves out is null."""
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


@pytest.mark.parametrize(
    ("found", "texts", "status"),
    [
        (("a", "b"), (FERRY, FERRY), "placed"),
        (("z", "b"), (FERRY, FERRY), "placed"),
        (("a", None), (FERRY, ""), "no_document"),
        (("a", "b"), (FERRY, COUNCIL), "stale"),
        (("a", "a"), (FERRY, FERRY), "stale"),
    ],
)
def test_judgements_are_placed(
    found: tuple[str | None, ...], texts: tuple[str, str], status: str
) -> None:
    """Both passages must be there with their words; the document of the smaller id is the left."""
    verdicts = Verdicts(0, "", (make_line(),), (7,))
    (row,) = (row for batch in list_judgements(verdicts) for row in batch.to_pylist())
    row |= {"left_found": found[0], "right_found": found[1]}
    table = make_rows(
        TEXTS, ({"document_id": n, "text": t} for n, t in zip(found, texts, strict=True) if n)
    )
    batch = pa.RecordBatch.from_pylist([row])
    (placed,) = place_judgements(batch, CONFIG, pa.Table.from_batches([table])).to_pylist()
    assert (placed["number"], placed["status"]) == (7, status)
    if status == "placed":
        names = [name for name in found if name]
        assert [placed["left_document"], placed["right_document"]] == sorted(names)
        assert (placed["left_begin"], placed["left_end"]) == (0, len(FERRY))


def test_extents_follow_a_cut() -> None:
    """Positions move up by what was cut before them; of what was cut itself nothing is left."""
    spans = [(0, 10, True), (10, 30, False), (30, 50, True)]
    ledger = pa.Table.from_batches(
        [
            make_rows(LEDGER, ({"document_id": name, "begin": b, "end": e, "unique": is_left}
                               for name in "ab" for b, e, is_left in spans))
        ]
    )  # fmt: skip
    batch = placed(judgement(5, 35, 0, 10), judgement(12, 25, 0, 10), judgement(30, 50, 40, 50))
    found = cut_extents(as_batch(batch), CONFIG, ledger).to_pylist()
    names = ("left_begin", "left_end", "right_begin", "right_end")
    assert [tuple(row[n] for n in names) for row in found] == [(5, 15, 0, 10), (10, 30, 20, 30)]


# What follows for matches, blocks and units.


def judgement(*extents: int, verdict: str = "different", level: str = "sentence") -> dict[str, Any]:
    """Make a placed judgement on the documents a and b."""
    names = ("left_begin", "left_end", "right_begin", "right_end")
    row = {"number": 2, "verdict": verdict, "level": level, "is_sample": False}
    row |= {"status": "placed", "left_document": "a", "right_document": "b"}
    return row | dict(zip(names, extents, strict=True))


def placed(*rows: dict[str, Any]) -> pa.Table:
    """Make a table of placed judgements."""
    return pa.Table.from_batches([make_rows(PLACED_JUDGEMENTS, rows)])


def as_batch(table: pa.Table) -> pa.RecordBatch:
    """Return a small table as a batch."""
    (batch,) = table.to_batches()
    return batch


_LINK = {"level": "sentence", "left_order": 0, "right_order": 0}
LINKS = [
    _LINK | {"left_begin": 0, "left_end": 50, "right_begin": 100, "right_end": 150},
    _LINK | {"left_begin": 50, "left_end": 100, "right_begin": 150, "right_end": 200},
]


NO_LINKS = pa.Table.from_pylist([], JUDGED_LINKS)


def matches(**changes: Any) -> pa.RecordBatch:
    """Make a match of two sentences between a and b, and the same one between a and c."""
    row: dict[str, Any] = {
        "left_document": "a", "left_begin": 0, "left_end": 100,
        "right_document": "b", "right_begin": 100, "right_end": 200,
        "level": "sentence", "relation": "passage", "evidence": "two outlets", "accepted": True,
        "links": LINKS,
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([row | changes, row | {"right_document": "c"}])


WHOLE = (0, 100, 100, 200)


@pytest.mark.parametrize(
    ("judged", "changes", "expected"),
    [
        (judgement(*WHOLE), {}, (False, "passage", 0)),
        (judgement(*WHOLE, verdict="same"), {"accepted": False}, (True, "passage", 2)),
        (judgement(*WHOLE, verdict="same"), {"relation": "variant"}, (True, "passage", 2)),
        (judgement(*WHOLE, verdict="same"), {"relation": "wire"}, (True, "wire", 2)),
        (judgement(*WHOLE, verdict="same", level="document"),
         {"relation": "template", "level": "document", "accepted": False}, (True, "copy", 2)),
        (judgement(50, 100, 150, 200), {}, (False, "passage", 0)),
        (judgement(51, 100, 151, 200), {}, (True, "passage", 1)),
        (judgement(51, 100, 151, 200, verdict="same"), {"accepted": False}, (False, "passage", 2)),
        (judgement(0, 200, 0, 200), {}, (False, "passage", 0)),
        (judgement(0, 300, 0, 300), {}, (False, "passage", 0)),
        (judgement(200, 300, 100, 200), {}, (True, "passage", 2)),
        (judgement(*WHOLE, verdict="boilerplate"), {}, (True, "passage", 2)),
        (judgement(*WHOLE), {"level": "document", "links": [LINKS[0] | {"level": "document"}]},
         (True, "passage", 1)),
    ],
)  # fmt: skip
def test_matches_are_settled(
    judged: dict[str, Any], changes: dict[str, Any], expected: tuple[bool, str, int]
) -> None:
    """What was judged of a match, or of half of it, decides; other pairs stay as they are.

    A judgement on a part takes the links in that part only, and one on passages says nothing of
    whole documents.
    """
    batch = matches(**changes)
    found, other = apply_judgements(batch, CONFIG, placed(judged), NO_LINKS).to_pylist()
    assert (found["accepted"], found["relation"], len(found["links"])) == expected
    assert other == batch.to_pylist()[1]


def test_different_outdoes_same() -> None:
    """Where two judgements on one match contradict each other, nothing is merged."""
    table = placed(judgement(*WHOLE, verdict="same"), judgement(0, 90, 100, 190))
    found, _ = apply_judgements(matches(), CONFIG, table, NO_LINKS).to_pylist()
    assert (found["accepted"], found["links"]) == (False, [])


@pytest.mark.parametrize("is_accepted", [True, False])
@pytest.mark.parametrize("verdict", ["same", "different"])
def test_evidence_remembers_the_run(verdict: str, is_accepted: bool) -> None:
    """What was decided without the judgement can be told from the match that it changed."""
    batch = matches(accepted=is_accepted)
    found, other = apply_judgements(
        batch, CONFIG, placed(judgement(*WHOLE, verdict=verdict)), NO_LINKS
    ).to_pylist()
    assert found["accepted"] is (verdict == "same")
    assert [was_merged(row) for row in (found, other)] == [is_accepted, True]


def test_uses_are_listed() -> None:
    """A judgement is used by the match that it is about, not by one that only holds it."""
    table = placed(judgement(*WHOLE), judgement(51, 100, 151, 200) | {"number": 3})
    assert list_uses(matches(accepted=False), CONFIG, table).to_pylist() == [
        {"number": 2, "was_accepted": 0}
    ]


def test_must_links_are_units() -> None:
    """Of a match that was judged the same, each pair of linked units must stay together."""
    table = placed(judgement(*WHOLE, verdict="same"))
    rows = list_must_links(matches(), CONFIG, table).to_pylist()
    assert [(r["verdict"], r["left_begin"], r["right_end"]) for r in rows] == [
        ("same", 0, 150), ("same", 50, 200),
    ]  # fmt: skip
    assert {(r["left_document"], r["right_document"]) for r in rows} == {("a", "b")}


def unit(document: str, begin: int, end: int, level: str = "sentence") -> dict[str, Any]:
    """Make a unit as clusters have them."""
    return {"document_id": document, "begin": begin, "end": end, "level": level}


def constrain(*rows: dict[str, Any]) -> Constraints:
    """Make constraints of judgements."""
    fields = [{name: row[name] for name in CONSTRAINTS.names} for row in rows]
    return Constraints(pa.Table.from_batches([make_rows(CONSTRAINTS, fields)]))


@pytest.mark.parametrize(
    ("one", "other", "level", "expected"),
    [
        (unit("a", 0, 50), unit("b", 100, 150), "sentence", True),
        (unit("b", 100, 150), unit("a", 0, 50), "sentence", True),
        (unit("a", 75, 125), unit("b", 175, 225), "sentence", True),
        (unit("a", 76, 126), unit("b", 175, 225), "sentence", False),
        (unit("a", 0, 50), unit("b", 0, 50), "sentence", False),
        (unit("a", 0, 50), unit("c", 100, 150), "sentence", False),
        (unit("a", 0, 900), unit("b", 0, 900), "sentence", True),
        (unit("a", 0, 900, "document"), unit("b", 0, 900, "document"), "sentence", False),
        (unit("a", 0, 900, "document"), unit("b", 0, 900, "document"), "document", True),
        (unit("a", 0, 50), unit("b", 100, 150), "document", True),
    ],
)
def test_units_are_kept_apart(
    one: dict[str, Any], other: dict[str, Any], level: str, expected: bool
) -> None:
    """Units that lie in two passages judged different are, whichever is asked about first."""
    constraints = constrain(judgement(*WHOLE, level=level))
    assert constraints.is_apart(one, other) is expected
    assert constraints.is_together(one, other) is False


def test_units_are_kept_together() -> None:
    """Only the very units of a match that was judged the same must be in one cluster."""
    constraints = constrain(judgement(*WHOLE, verdict="same"))
    assert constraints
    assert not constrain()
    assert constraints.is_together(unit("b", 100, 200), unit("a", 0, 100))
    assert not constraints.is_together(unit("b", 100, 199), unit("a", 0, 100))
    assert not constraints.is_apart(unit("b", 100, 200), unit("a", 0, 100))


def test_copies_are_parted_from_what_was_judged() -> None:
    """A member that must not be beside another one leaves; the representative never does."""
    rows = [
        unit(document, 100 if document == "b" else 0, 200 if document == "b" else 100)
        | {"cluster_id": cluster, "is_representative": document == chosen}
        for cluster, chosen in (("one", "b"), ("other", "c"))
        for document in "abc"
    ]
    table = pa.Table.from_batches([make_rows(CONSTRAINTS, [judgement(*WHOLE)])])
    found = part_members(pa.RecordBatch.from_pylist(rows), CONFIG, table).to_pylist()
    assert [(row["cluster_id"], row["document_id"]) for row in found] == [
        ("one", "b"), ("one", "c"), ("other", "c"), ("other", "a"),
    ]  # fmt: skip


HOURS = (("a", 7), ("b", 6))


@pytest.mark.parametrize(
    ("level", "extents", "expected"),
    [
        ("document", (0, 42, 0, 42), [((0, 41), (0, 41))]),
        ("sentence", (0, 42, 0, 42), [((0, 18), (0, 18)), ((19, 42), (19, 42))]),
        ("sentence", (0, 18, 0, 42), [((0, 18), (0, 18))]),
        ("sentence", (9, 42, 9, 42), [((19, 42), (19, 42))]),
        ("quotation", (0, 42, 0, 42), []),
    ],
)
def test_same_passages_are_linked(
    level: str, extents: tuple[int, ...], expected: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """Units most of which was judged are linked where one covers the other, figures or not."""
    texts = {name: f"At {hour} the sun rose. At 9 the cock did crow." for name, hour in HOURS}
    verdict = {"begin": 0, "end": 42, "kind": "main"}
    tables = [
        make_rows(TEXTS, ({"document_id": n, "text": texts[n], "language": "en"} for n in texts)),
        make_rows(JUDGED, ({"document_id": n, "verdicts": [verdict]} for n in texts)),
    ]
    batch = as_batch(placed(judgement(*extents, verdict="same", level=level), judgement(*extents)))
    config = Config().replace(match={"sentence_coverage": 0.75})
    rows = link_judged(batch, config, *map(pa.Table.from_batches, ([t] for t in tables)))
    found = [
        ((r["left_begin"], r["left_end"]), (r["right_begin"], r["right_end"]))
        for r in rows.to_pylist()
    ]
    assert found == expected


def test_judged_boilerplate_is_struck() -> None:
    """Main content inside a passage becomes boilerplate, and blocks are cut at its limits."""
    main = {"kind": "main", "reason": "no_rule_hit", "rule": "no_rule_hit", "score": 0.6,
            "evidence": ""}  # fmt: skip
    verdicts = [main | {"begin": 0, "end": 40}, main | {"begin": 42, "end": 60},
                main | {"begin": 62, "end": 90, "kind": "legal"}]  # fmt: skip
    row = {"verdicts": verdicts, "basis": 1}
    batch = make_rows(JUDGED, (row | {"document_id": name} for name in "abc"))
    table = placed(judgement(10, 80, 0, 30, verdict="boilerplate"), judgement(0, 90, 0, 90))
    one, other, third = strike_judged(batch, CONFIG, table).to_pylist()
    assert [(v["begin"], v["end"], v["kind"], v["reason"]) for v in one["verdicts"]] == [
        (0, 10, "main", "no_rule_hit"),
        (10, 40, "not_main_content", "judged_boilerplate"),
        (42, 60, "not_main_content", "judged_boilerplate"),
        (62, 90, "legal", "no_rule_hit"),
    ]
    assert [(v["end"], v["rule"]) for v in other["verdicts"]][:2] == [
        (30, "verdicts"), (40, "no_rule_hit")
    ]  # fmt: skip
    assert third["verdicts"] == verdicts
    assert [one["basis"], other["basis"], third["basis"]] == [None, None, 1]


# The whole run.


def article(name: str, *paragraphs: str, **more: Any) -> Document:
    """Make an article of an outlet of its own."""
    path = f"{name}.txt"
    return Document(
        source=path, path=path, record=0, outlet=name, outlet_from="folder", mime="text/plain",
        payload="\n\n".join(paragraphs), language="en", **more,
    )  # fmt: skip


class Run:
    """A run over articles, and what it found.

    Args:
        documents: The articles.
        lines: What was judged before.
    """

    def __init__(self, documents: Sequence[Document], *lines: VerdictLine) -> None:
        self.name_of = {name_document(document): document.outlet for document in documents}
        self.text_of = {document.outlet: document.payload for document in documents}
        verdicts = Verdicts(0, "", lines, tuple(range(2, len(lines) + 2)))
        self.tables: dict[str, list[dict[str, Any]]] = {}
        with LocalEngine(workers=1) as engine:
            clean(documents, CONFIG, engine, judgements=list_judgements(verdicts))
            for name in ("ledger", "matches", "members", "placed_judgements"):
                batches = engine.read(name)
                self.tables[name] = [row for batch in batches for row in batch.to_pylist()]

    def spans(self, outlet: str) -> list[dict[str, Any]]:
        """Return the ledger of an outlet's article."""
        rows = (r for r in self.tables["ledger"] if self.name_of[r["document_id"]] == outlet)
        return sorted(rows, key=lambda row: int(row["begin"]))

    def unique(self, outlet: str) -> str:
        """Return what the unique view has of an outlet's article."""
        return view_text(self.text_of[outlet], self.spans(outlet), "unique")

    def clusters(self) -> list[frozenset[str]]:
        """Return the outlets of each cluster."""
        found: dict[str, set[str]] = {}
        for row in self.tables["members"]:
            found.setdefault(row["cluster_id"], set()).add(self.name_of[row["document_id"]])
        return sorted(map(frozenset, found.values()), key=sorted)

    def judge(self, verdict: Any, *outlets: str) -> VerdictLine:
        """Judge the match of two articles."""
        (row,) = self.found(*outlets)
        sides = []
        for side in ("left", "right"):
            document = row[f"{side}_document"]
            outlet = self.name_of[document]
            extent = row[f"{side}_begin"], row[f"{side}_end"]
            sides.append(describe_side(document, f"{outlet}.txt", self.text_of[outlet], *extent))
        return VerdictLine(verdict=verdict, left=sides[0], right=sides[1], level=row["level"])

    def found(self, *outlets: str) -> list[dict[str, Any]]:
        """Return the matches between two articles."""
        return [
            row
            for row in self.tables["matches"]
            if {self.name_of[row[f"{side}_document"]] for side in ("left", "right")} == {*outlets}
        ]


THREE = [article(name, OWN[name], FERRY) for name in "abc"]


def test_nothing_is_judged_by_default() -> None:
    """Without verdicts the passage that three articles share is one cluster."""
    run = Run(THREE)
    assert run.clusters() == [frozenset("abc")]
    assert run.tables["placed_judgements"] == []


def test_different_passages_are_in_no_cluster() -> None:
    """Two passages that were judged different both stay."""
    documents = THREE[:2]
    before = Run(documents)
    assert sorted(FERRY in before.unique(name) for name in "ab") == [False, True]
    run = Run(documents, before.judge("different", "a", "b"))
    assert run.clusters() == []
    assert [run.unique(name) for name in "ab"] == [run.text_of[name] for name in "ab"]
    (match,) = run.found("a", "b")
    assert match["accepted"] is False


def test_different_passages_are_not_joined_by_a_third() -> None:
    """Two of three equal passages judged different: the third is with one of them only."""
    before = Run(THREE)
    for outlets in (("a", "b"), ("a", "c"), ("b", "c")):
        (row,) = before.found(*outlets) or [None]
        if row is None:  # Of equal passages only some pairs are compared.
            continue
        run = Run(THREE, before.judge("different", *outlets))
        assert [cluster for cluster in run.clusters() if {*outlets} <= cluster] == []
        assert len(run.clusters()) == 1
        assert sum(FERRY in run.unique(name) for name in "abc") == 2


VARIANTS = [
    article("a", f"{FERRY} Of its 214 passengers 11 were hurt, and 203 went home by bus.", COUNCIL),
    article("b", f"{FERRY} Of its 245 passengers 12 were hurt, and 233 went home by bus.", COUNCIL),
]


def test_same_articles_are_one_cluster() -> None:
    """Articles with other figures are variants, and both stay; judged the same, one goes."""
    before = Run(VARIANTS)
    assert {row["relation"] for row in before.found("a", "b")} == {"variant"}
    assert [before.unique(name) for name in "ab"] == [before.text_of[name] for name in "ab"]
    run = Run(VARIANTS, before.judge("same", "a", "b"))
    assert run.clusters() == [frozenset("ab")]
    assert sorted(bool(run.unique(name)) for name in "ab") == [False, True]


def test_same_passages_are_one_cluster() -> None:
    """A passage with another figure stays in both articles; judged the same, one copy goes."""
    hurt = "Of the passengers {} were taken to the hospital in the harbour town, most of them cold."
    documents = [
        article(name, OWN[name], COUNCIL if name == "a" else CLUB, OWN["c"][::-1] * (name == "a"),
                hurt.format(number))
        for name, number in (("a", 214), ("b", 245))
    ]  # fmt: skip
    before = Run(documents)
    assert {row["relation"] for row in before.found("a", "b")} == {"variant"}
    assert before.clusters() == []
    run = Run(documents, before.judge("same", "a", "b"))
    assert run.clusters() == [frozenset("ab")]
    assert sorted("hospital" in run.unique(name) for name in "ab") == [False, True]


def test_confirming_changes_nothing() -> None:
    """To judge the same what the run takes for the same leaves every span as it was."""
    longer = article("d", OWN["a"], f"{FERRY[:-1]}, and another one that lay in the coal store.")
    documents = [*THREE, longer, article("e", CLUB, f"{COUNCIL} {FERRY}")]
    before = Run(documents)
    pairs = {
        tuple(sorted(before.name_of[row[f"{side}_document"]] for side in ("left", "right")))
        for row in before.tables["matches"]
        if row["accepted"]
    }
    lines = [before.judge("same", *pair) for pair in pairs if len(before.found(*pair)) == 1]
    assert len(lines) > 3
    assert Run(documents, *lines).tables["ledger"] == before.tables["ledger"]


def test_judged_boilerplate_is_removed() -> None:
    """Both passages go, from all views, with the verdict for a reason."""
    documents = [article(name, OWN[name], CLUB) for name in "ab"]
    run = Run(documents, Run(documents).judge("boilerplate", "a", "b"))
    for name in "ab":
        (span,) = (s for s in run.spans(name) if s["rule"] == "verdicts")
        assert run.text_of[name][span["begin"] : span["end"]].strip() == CLUB
        assert (span["kind"], span["reason"]) == ("not_main_content", "judged_boilerplate")
        assert (span["unique"], span["full"], span["originals"]) == (False, False, False)
        assert run.unique(name) == OWN[name]
    assert run.clusters() == []


def test_judged_boilerplate_raises_no_alarm(tmp_path: Path) -> None:
    """What a person has decided is no rule that should be looked at."""
    chance = random.Random(1)
    words = "market lamp union hall coast stall apple school county orchestra harbour".split()
    records, lines = [], []

    def write(num_sentences: int) -> str:
        sentences = (" ".join(chance.choices(words, k=12)) for _ in range(num_sentences))
        return " ".join(f"{sentence.capitalize()}." for sentence in sentences)

    shared = [write(3) for _ in range(3)]
    for number in range(6):
        text = f"{write(6)}\n\n{shared[number // 2]}"
        records.append({"text": text, "outlet": "Courier", "language": "en", "id": str(number)})
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records))
    for number in range(0, 6, 2):
        sides = []
        for at in (number, number + 1):
            text = records[at]["text"]
            source = f"feed.jsonl#{at + 1}"
            begin = text.index(shared[number // 2])
            sides.append(describe_side(f"unknown{at}", source, text, begin, len(text)))
        lines.append(
            VerdictLine(verdict="boilerplate", left=sides[0], right=sides[1], level="sentence")
        )
    path = tmp_path / "verdicts.jsonl"
    store(path, *lines)
    config = Config().replace(match={"verdicts": str(path)})
    result = clean_corpus([tmp_path / "feed.jsonl"], tmp_path / "out", config=config, workers=1)
    assert result.verdicts == {"applied": 3}
    assert result.removed["not_main_content"] > 0.2 * result.num_chars
    assert "verdicts" not in {alarm.rule for alarm in result.alarms}


def test_stale_verdict_is_not_applied() -> None:
    """A verdict on words that changed is told, not applied; on words that moved it is applied."""
    documents = [article(name, OWN[name], FERRY) for name in "ab"]
    line = Run(documents).judge("different", "a", "b")
    changed = [documents[0], article("b", OWN["b"], FERRY.replace("noon", "nine"))]
    moved = [documents[0], article("b", COUNCIL, OWN["b"], FERRY)]
    gone = [documents[0], article("c", OWN["c"], FERRY)]
    status = []
    for corpus in (changed, moved, gone):
        (row,) = Run(corpus, line).tables["placed_judgements"]
        status.append(row["status"])
    assert status == ["stale", "placed", "no_document"]
    assert Run(moved, line).clusters() == []
    assert Run(gone, line).clusters() == [frozenset("ac")]


def test_order_of_documents_and_verdicts_does_not_matter() -> None:
    """The ledger is the same whatever came first."""
    documents = [*THREE, *(article(f"{a.outlet}2", a.payload, COUNCIL) for a in VARIANTS)]
    before = Run(documents)
    pairs = {
        tuple(sorted(before.name_of[row[f"{side}_document"]] for side in ("left", "right")))
        for row in before.tables["matches"]
    }
    chosen = sorted(pair for pair in pairs if len(before.found(*pair)) == 1)
    verdicts = ("different", "same", "boilerplate")
    lines = [before.judge(verdicts[at % 3], *pair) for at, pair in enumerate(chosen)]
    assert len(lines) > 2

    def ledger(run: Run) -> list[dict[str, Any]]:
        return sorted(run.tables["ledger"], key=lambda row: (row["document_id"], row["begin"]))

    expected = ledger(Run(documents, *lines))
    for seed in range(2):
        chance = random.Random(seed)
        chance.shuffle(documents)
        chance.shuffle(lines)
        assert ledger(Run(documents, *lines)) == expected


def read_corpus(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield outlet and text of each document of a corpus."""
    for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["outlet"], row["text"]


def test_cleaned_corpus_stays_as_it_is(tmp_path: Path) -> None:
    """A corpus cleaned anew with the same verdicts loses nothing more."""
    documents = [article("a", OWN["a"], FERRY), article("b", OWN["b"], COUNCIL, FERRY)]
    line = Run(documents).judge("different", "a", "b")
    source = tmp_path / "in"
    for document in documents:
        (source / document.outlet).mkdir(parents=True)
        (source / document.outlet / document.path).write_text(document.payload)
    first = clean_corpus([source], tmp_path / "first", workers=1)
    assert first.clusters
    rows = [json.loads(text) for text in first.corpus.read_text().splitlines()]
    named = {row["outlet"]: row["id"] for row in rows}
    path = tmp_path / "verdicts.jsonl"
    store(path, rename(line, named))
    config = Config().replace(match={"verdicts": str(path)})
    judged = clean_corpus([source], tmp_path / "judged", config=config, workers=1)
    assert (judged.verdicts, judged.clusters) == ({"applied": 1}, {})
    again = clean_corpus([judged.corpus], tmp_path / "again", config=config, workers=1)
    assert again.verdicts == {"applied": 1}
    assert list(read_corpus(tmp_path / "again")) == list(read_corpus(tmp_path / "judged"))


def rename(line: VerdictLine, ids: dict[str, str], **changes: Any) -> VerdictLine:
    """Say the same of documents that have other ids, by outlet, since they lie elsewhere."""
    sides = {
        name: replace(side, document=ids[side.source.removesuffix(".txt")])
        for name, side in (("left", line.left), ("right", line.right))
    }
    return replace(line, **sides, **changes)


def test_manifest_states_the_quality(tmp_path: Path) -> None:
    """Beside digest and fate of the verdicts stands the precision, or that nobody judged it."""
    documents = [article(name, OWN[name], FERRY) for name in "ab"]
    line = Run(documents).judge("same", "a", "b")
    source = tmp_path / "in.jsonl"
    source.write_text(
        "".join(
            json.dumps({"text": d.payload, "outlet": d.outlet, "language": "en"}) + "\n"
            for d in documents
        )
    )
    clean_corpus([source], tmp_path / "first", workers=1)
    first = json.loads((tmp_path / "first" / "manifest.json").read_text())
    assert first["quality"]["precision"] == "not judged; `clean judge`"
    assert first["verdicts"] is None
    rows = [json.loads(row) for row in (tmp_path / "first/corpus.jsonl").read_text().splitlines()]
    ids = {row["outlet"]: row["id"] for row in rows}
    path = tmp_path / "verdicts.jsonl"
    store(path, rename(line, ids, sample=True), make_line("gone", "too"))
    config = Config().replace(match={"verdicts": str(path)})
    result = clean_corpus([source], tmp_path / "second", config=config, workers=1)
    manifest = json.loads((tmp_path / "second" / "manifest.json").read_text())
    assert result.precision == measure_precision(1, 1)
    assert manifest["quality"]["precision"] == {
        "judged": 1, "same": 1, "value": 1.0, "low": 0.2065, "high": 1.0
    }  # fmt: skip
    found = read_verdicts(path)
    assert found is not None
    assert manifest["verdicts"] == {
        "bytes": path.stat().st_size,
        "sha256": found.sha256,
        "counts": {"applied": 1, "no_document": 1},
    }
