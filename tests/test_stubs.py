"""Stubs: one form that a later run knows, whatever an outlet is called, wherever they stand."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.boilerplate import (
    JUDGED,
    LISTED_LINES,
    REPEATED_LINES,
    judge_documents,
    list_outlet_lines,
)
from cleaner.boilerplate.stubs import WithoutStubs, find_stubs, is_stub, write_stub
from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.extraction.lines import split_lines
from cleaner.model import TEXTS

CONFIG = Config()
STUB = "[2 sentences shared with Harbour Courier, 2024-10-17]"
ONE = "Nobody in the valley had ever seen such a crowded orchard before the frost."
TWO = "A tram line to the northern harbour will open soon, the mayor of the town said."
OUTLETS = st.one_of(st.text(), st.text("[] \n\r\t\x00\x85\u2028\u202e,ab", max_size=120))
DATES = st.sampled_from([None, "2024-10-17", "2024-10-17T13:00:00Z"])


@given(st.integers(1, 500), OUTLETS, DATES)
def test_every_stub_is_found(num_sentences: int, outlet: str, published: str | None) -> None:
    """What is written is found whole, on one line, and nothing around it."""
    stub = write_stub(num_sentences, outlet, published)
    assert len(stub.splitlines()) == 1
    assert is_stub(stub)
    text = f"[1] {ONE} {stub} {TWO}\n{stub}\n{stub} {stub}"
    assert [text[begin:end] for begin, end in find_stubs(text)] == [stub] * 4


WRITTEN = [
    (1, "a.example", None, "[1 sentence shared with a.example]"),
    (2, "a.example", "2024-10-17", "[2 sentences shared with a.example, 2024-10-17]"),
    (3, "a [b]\nc", "2024-10-17T13:00:00Z", "[3 sentences shared with a (b) c, 2024-10-17]"),
    (1, "\n\u202e", None, "[1 sentence shared with another outlet]"),
    (1, "x" * 99, None, f"[1 sentence shared with {'x' * 80}]"),
]


@pytest.mark.parametrize(("num_sentences", "outlet", "published", "stub"), WRITTEN)
def test_form(num_sentences: int, outlet: str, published: str | None, stub: str) -> None:
    """One sentence is singular, a date is given where it is known, a name stays on one line."""
    assert write_stub(num_sentences, outlet, published) == stub


OTHERS = [
    "[1 sentences shared with a]",
    "[2 sentence shared with a]",
    "[0 sentences shared with a]",
    "[02 sentences shared with a]",
    "[two sentences shared with a]",
    "(2 sentences shared with a)",
    "[2 sentences shared with ]",
    "[2 sentences shared with a\nb]",
    "[2 sentences shared with a [b]",
    "[2 Sentences shared with a]",
    "2 sentences shared with a",
    f"[2 sentences shared with {'a' * 200}]",
]


@pytest.mark.parametrize("text", OTHERS)
def test_other_brackets_are_none(text: str) -> None:
    """Only the very form counts."""
    assert find_stubs(text) == []
    assert not is_stub(text)


def judge(text: str, config: Config = CONFIG) -> list[tuple[str, str, str]]:
    """Return the text, kind and rule of what the judge makes of a text."""
    row = {"document_id": "d", "outlet": "o", "mime": "text/plain", "language": "en"}
    batch = pa.RecordBatch.from_pylist([row | split_text(text, "en")], schema=TEXTS)
    tables = REPEATED_LINES.empty_table(), JUDGED.empty_table()
    (judged,) = judge_documents(batch, config, *tables).to_pylist()
    return [(text[v["begin"] : v["end"]], v["kind"], v["rule"]) for v in judged["verdicts"]]


def test_stubs_are_notices() -> None:
    """On a line of their own and inside one; what stands around them is judged as if alone."""
    found = judge(f"{ONE}\n{STUB}\n{ONE[:-1]} {STUB} again. {TWO} {STUB}")
    assert [(part, kind) for part, kind, _ in found] == [
        (ONE, "main"),
        (STUB, "notice"),
        (ONE[:-1], "main"),
        (STUB, "notice"),
        (f"again. {TWO}", "main"),
        (STUB, "notice"),
    ]
    assert {rule for _, kind, rule in found if kind == "notice"} == {"stub_of_earlier_run"}


def test_stubs_change_no_other_verdict() -> None:
    """A line is judged by its neighbours, and a stub is none."""
    plain = f"Late\n{ONE}\n{TWO}\nThe end of a long day"
    marked = f"Late\n{STUB}\n{ONE} {STUB}\n{STUB} {TWO}\n{STUB}\nThe end of a long day"
    found = [verdict for verdict in judge(marked) if verdict[0] != STUB]
    assert found == judge(plain)


def test_rule_can_be_switched_off() -> None:
    """A disabled rule leaves the lines as they are."""
    config = CONFIG.replace(boilerplate={"disabled_rules": ["stub_of_earlier_run"]})
    text = f"{ONE} {STUB} {TWO}"
    assert [part for part, *_ in judge(text, config)] == [text]
    assert "stub_of_earlier_run" not in {rule for *_, rule in judge(f"{ONE}\n{STUB}", config)}


PIECES = st.sampled_from([ONE, TWO, "x", STUB, " ", "  ", "\n", "\n\n", "\t", "\u3000", "汉字。"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_texts_without_stubs(text: str) -> None:
    """Blocks hold what they held but for stubs, and verdicts come back to where they belong."""
    blocks = split_lines(text)
    found = WithoutStubs(text, blocks)
    assert find_stubs(found.text) == []
    parts = ["".join(text[b.begin : b.end].replace(STUB, "").split()) for b in blocks]
    kept = ["".join(found.text[b.begin : b.end].split()) for b in found.blocks]
    assert [part for part in kept if part] == [part for part in parts if part]
    verdicts = [{"kind": f"k{number}"} for number in range(len(found.blocks))]
    rows = found.spread(verdicts, {"kind": "stub"})
    limits = [at for row in rows for at in (row["begin"], row["end"])]
    assert limits == sorted(limits)
    said = [text[row["begin"] : row["end"]] for row in rows]
    assert all(part == part.strip() != "" for part in said)
    assert "".join("".join(said).split()) == "".join(text.split())
    assert all(
        (part == STUB) == (row["kind"] == "stub") for part, row in zip(said, rows, strict=True)
    )


def test_stubs_are_no_lines_of_an_outlet() -> None:
    """What a run wrote is never learnt as what an outlet repeats."""
    row = {"document_id": "d", "outlet": "o", "language": "en"}
    lines = [
        list_outlet_lines(
            pa.RecordBatch.from_pylist([row | split_text(text, "en")], schema=TEXTS), CONFIG
        )
        for text in (f"{ONE}\n{STUB}\n{TWO}", f"{ONE}\n{TWO}")
    ]
    assert lines[0].schema == LISTED_LINES
    assert lines[0].num_rows == 2
    assert lines[0].equals(lines[1])
