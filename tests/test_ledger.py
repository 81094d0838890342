"""Ledgers: views, what is left, and laying the ledger of a pass over the one before."""

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.ledger import (
    ADD_MEMBERS_SQL,
    ANY_REMOVED_SQL,
    cut_texts,
    leave_out_known,
    overlay,
    translate,
    translate_partners,
    view_text,
)
from cleaner.model import LEDGER, TEXTS
from cleaner.passages.cluster import MEMBERS
from cleaner.passages.verify import MATCHES

CONFIG = Config()
FLAGS = ("unique", "full", "originals")


def span(begin: int, end: int, views: str = "ufo", **values: Any) -> dict[str, Any]:
    """Make a row of the ledger of document `d`; `views` holds the first letters of its views."""
    row = {"document_id": "d", "begin": begin, "end": end, "kind": "main", "reason": "is_main"}
    return row | {flag: flag[0] in views for flag in FLAGS} | values


def ledger(rows: list[dict[str, Any]]) -> pa.Table:
    """Make a table of ledger rows."""
    return pa.Table.from_pylist(rows, schema=LEDGER)


def lay_over(
    before: list[dict[str, Any]], later: list[dict[str, Any]], config: Config = CONFIG
) -> list[dict[str, Any]]:
    """Lay the later rows over those before."""
    batch = pa.RecordBatch.from_pylist(before, schema=LEDGER)
    return list(overlay(batch, config, ledger(later)).to_pylist())


def cut(text: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of texts that a ledger leaves of document `d`."""
    texts = [{"document_id": "d", "language": "en", "text": text, "title": "T"}]
    batch = pa.RecordBatch.from_pylist(texts, schema=TEXTS)
    (row,) = cut_texts(batch, CONFIG, ledger(rows)).to_pylist()
    return dict(row)


def test_view_text() -> None:
    """A view is its spans put together."""
    rows = [span(0, 2, "uf"), span(2, 4, "f"), span(4, 6, "ufo")]
    assert [view_text("aabbcc", rows, view) for view in FLAGS] == ["aacc", "aabbcc", "cc"]


def test_cut_text_is_like_an_input() -> None:
    """What is left is the unique view with its own lines; all else is as before."""
    rest = cut("One.\nTwo.\nThree.", [span(0, 4), span(4, 9, "f"), span(9, 16)])
    assert rest["text"] == "One.\nThree."
    assert [(b["begin"], b["end"], b["in_extraction"]) for b in rest["blocks"]] == [
        (0, 4, -1),
        (5, 11, -1),
    ]
    assert (rest["title"], rest["language"]) == ("T", "en")


@pytest.mark.parametrize("rows", [[], [span(0, 3, "f")]], ids=["no ledger", "all cut"])
def test_nothing_left_is_an_empty_text(rows: list[dict[str, Any]]) -> None:
    """A document of which nothing is left stays, without text and blocks."""
    rest = cut("One", rows)
    assert (rest["text"], rest["blocks"]) == ("", [])


def test_order_of_ledger_rows_does_not_matter() -> None:
    """Rows are put in order before they are read."""
    assert cut("abcd", [span(3, 4), span(1, 3, ""), span(0, 1)])["text"] == "ad"


@st.composite
def ledgers(draw: st.DrawFn, length: int) -> list[dict[str, Any]]:
    """Draw spans that cover a text of this length, some of them in clusters."""
    limits = sorted({0, length} | draw(st.sets(st.integers(0, length), max_size=6)))
    rows = []
    for begin, end in pairwise(limits):
        views = draw(st.sampled_from(["", "f", "uf", "ufo"]))
        cluster = draw(st.sampled_from([None, "one", "two"]))
        reason = draw(st.sampled_from(["is_main", "representative"]))
        rows.append(span(begin, end, views, cluster_id=cluster, reason=reason))
    return rows


@st.composite
def passes(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], str, list[dict[str, Any]]]:
    """Draw a text with its ledger, and what that leaves with a ledger of its own."""
    text = "".join(chr(ord("a") + at) for at in range(draw(st.integers(0, 24))))
    before = draw(ledgers(len(text)))
    rest = view_text(text, before, "unique")
    return text, before, rest, draw(ledgers(len(rest)))


@settings(max_examples=200)
@given(passes())
def test_overlay_composes(drawn: Any) -> None:
    """One ledger says what two say after each other, and covers the text once."""
    text, before, rest, later = drawn
    rows = lay_over(before, later)
    limits = [row["begin"] for row in rows] + [len(text)]
    assert [row["end"] for row in rows] == limits[1:]
    assert limits[0] == 0
    assert view_text(rest, later, "unique") == view_text(text, rows, "unique")
    assert view_text(text, before, "full") == view_text(text, rows, "full")
    assert [row["kept"] for row in rows] == [row["unique"] for row in rows]


@settings(max_examples=200)
@given(passes())
def test_overlay_keeps_what_was_said(drawn: Any) -> None:
    """What a pass does not change keeps its reason; what it removes has the pass's."""
    text, before, rest, later = drawn
    said = {at: row for row in before for at in range(row["begin"], row["end"])}
    changes = {rest[at]: row for row in later for at in range(row["begin"], row["end"])}
    for row in lay_over(before, later):
        for at in range(row["begin"], row["end"]):
            change = changes.get(text[at])
            is_original = said[at]["originals"] and (change is None or change["originals"])
            assert row["originals"] == is_original
            if change is None:
                expected = said[at]
            elif not change["unique"]:
                expected = change
                assert row["unique"] is False
            else:
                is_new = said[at]["cluster_id"] is None and change["cluster_id"] is not None
                expected = change if is_new else said[at]
            assert (row["reason"], row["cluster_id"]) == (
                expected["reason"],
                expected["cluster_id"],
            )


def test_overlay_of_several_documents() -> None:
    """Each document gets its own changes, and one without any is left as it is."""
    before = [span(0, 4), span(0, 4, document_id="e"), span(0, 4, "", document_id="f")]
    later = [span(0, 2, "f", document_id="e"), span(2, 4, document_id="e"), span(0, 4)]
    rows = lay_over(before, later)
    assert [(row["document_id"], row["begin"], row["end"], row["unique"]) for row in rows] == [
        ("d", 0, 4, True),
        ("e", 0, 2, False),
        ("e", 2, 4, True),
        ("f", 0, 4, False),
    ]


@pytest.mark.parametrize("view", FLAGS)
def test_overlay_fills_kept(view: str) -> None:
    """`kept` follows the view of the run after the overlay too."""
    config = CONFIG.replace(output={"view": view})
    rows = lay_over([span(0, 2)], [span(0, 1, "f"), span(1, 2, "uf")], config)
    assert [row["kept"] for row in rows] == [row[view] for row in rows]


@settings(max_examples=200)
@given(passes(), st.data())
def test_translated_extents_hold_the_same_text(drawn: Any, data: st.DataObject) -> None:
    """A stretch of what is left is, without what was cut, the same stretch of the whole text."""
    text, before, rest, _ = drawn
    if not rest:
        return
    begin = data.draw(st.integers(0, len(rest) - 1))
    end = data.draw(st.integers(begin + 1, len(rest)))
    member = {"document_id": "d", "begin": begin, "end": end}
    member |= {"partner_document": "d", "partner_begin": begin, "partner_end": end}
    batch = pa.RecordBatch.from_pylist([member], schema=MEMBERS)
    (row,) = translate(batch, CONFIG, ledger(before)).to_pylist()
    shown = text[row["begin"] : row["end"]]
    assert "".join(char for char in shown if char in rest) == rest[begin:end]
    assert (shown[0], shown[-1]) == (rest[begin], rest[end - 1])
    assert (row["partner_begin"], row["partner_end"]) == (row["begin"], row["end"])


def test_matches_are_translated_on_both_sides() -> None:
    """Each side of a match is read by its own document's ledger."""
    rows = [
        span(0, 5, ""),
        span(5, 9),
        span(0, 2, "", document_id="e"),
        span(2, 9, document_id="e"),
    ]
    match = {"left_document": "d", "left_begin": 0, "left_end": 2}
    match |= {"right_document": "e", "right_begin": 1, "right_end": 3}
    batch = pa.RecordBatch.from_pylist([match], schema=MATCHES)
    (row,) = translate(batch, CONFIG, ledger(rows)).to_pylist()
    assert (row["left_begin"], row["left_end"]) == (5, 7)
    assert (row["right_begin"], row["right_end"]) == (3, 5)


def test_partners_are_translated_alone() -> None:
    """The spans of a pass stay as they are; a span without a place at its partner has none."""
    changes = [
        span(0, 1, partner_document="e", partner_begin=0, partner_end=3),
        span(1, 2, partner_document="e"),
        span(2, 3),
    ]
    whole = [span(0, 4, "", document_id="e"), span(4, 9, document_id="e")]
    batch = pa.RecordBatch.from_pylist(changes, schema=LEDGER)
    rows = translate_partners(batch, CONFIG, ledger(whole)).to_pylist()
    assert [(row["begin"], row["partner_begin"], row["partner_end"]) for row in rows] == [
        (0, 4, 7),
        (1, None, None),
        (2, None, None),
    ]


def query(sql: str, **tables: pa.Table) -> list[dict[str, Any]]:
    """Run a query over tables."""
    with LocalEngine(workers=1) as engine:
        for name, table in tables.items():
            engine.write(name, table.to_batches(), table.schema)
        return engine.rows(sql)


@pytest.mark.parametrize(("views", "number"), [("uf", 0), ("f", 1)])
def test_removed_spans_are_counted(views: str, number: int) -> None:
    """A pass has removed something when a span is gone from its unique view."""
    (row,) = query(ANY_REMOVED_SQL, pass_ledger=ledger([span(0, 1), span(1, 2, views)]))
    assert row["num_removed"] == number


@pytest.mark.parametrize(
    ("changes", "is_new"),
    [
        ({}, False),
        ({"right_begin": 2, "right_end": 9}, False),
        ({"right_begin": 3, "right_end": 9}, True),
        ({"left_begin": 2, "left_end": 4}, True),
        ({"right_document": "f"}, True),
        ({"level": "document"}, True),
    ],
)
def test_known_matches_are_left_out(changes: dict[str, Any], is_new: bool) -> None:
    """A match that touches a known one of the same documents on both sides is not listed again."""
    known = {
        "level": "sentence",
        "left_document": "d",
        "left_begin": 0,
        "left_end": 2,
        "right_document": "e",
        "right_begin": 1,
        "right_end": 3,
    }
    batch = pa.RecordBatch.from_pylist([known | changes], schema=MATCHES)
    left = leave_out_known(batch, Config(), pa.Table.from_pylist([known], schema=MATCHES))
    assert left.num_rows == is_new


def test_members_are_added_if_the_ledger_speaks_of_them() -> None:
    """Clusters that are new and used come in, known ones and unused ones do not."""

    def members(*names: str) -> pa.Table:
        rows = [{"cluster_id": name, "document_id": at} for name in names for at in "de"]
        return pa.Table.from_pylist(rows, schema=MEMBERS)

    rows = query(
        ADD_MEMBERS_SQL,
        ledger=ledger([span(0, 1, cluster_id="known"), span(1, 2, cluster_id="used")]),
        members=members("known", "old"),
        new_members=members("known", "used", "unused"),
    )
    assert [row["cluster_id"] for row in rows] == ["known", "known", "old", "old", "used", "used"]
