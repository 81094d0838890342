"""What became of characters and words, counted so that all parts add up."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.model import DUPLICATE, LEDGER, MAIN, TEXTS, TRUNCATED
from cleaner.tallies import TALLIES, name_part, tally_spans
from cleaner.words import find_words

PARTS = [
    ({"kind": MAIN, "originals": True, "relation": None}, "original"),
    ({"kind": MAIN, "originals": True, "relation": "wire"}, "original"),
    ({"kind": MAIN, "originals": False, "relation": "wire"}, "agency"),
    ({"kind": MAIN, "originals": False, "relation": "quote"}, "shared"),
    ({"kind": DUPLICATE, "originals": False, "relation": "passage"}, "shared"),
    ({"kind": DUPLICATE, "originals": False, "relation": "wire"}, "agency"),
    ({"kind": DUPLICATE, "originals": True, "relation": "self"}, "original"),
    ({"kind": TRUNCATED, "originals": False, "relation": None}, "original"),
    ({"kind": "share", "originals": False, "relation": None}, "boilerplate"),
    ({"kind": "whitespace", "originals": False, "relation": "wire"}, "boilerplate"),
]


@pytest.mark.parametrize(("span", "expected"), PARTS)
def test_part(span: dict[str, Any], expected: str) -> None:
    """Text is the outlet's own, an agency's, another document's, or no part of an article."""
    assert name_part(span) == expected


def tally(
    documents: dict[str, tuple[str, list[dict[str, Any]]]], published: str | None = None
) -> list[dict[str, Any]]:
    """Tally documents, given by text and spans."""
    texts = [
        {"document_id": name, "outlet": f"outlet of {name}", "published": published, "text": text}
        for name, (text, _) in documents.items()
    ]
    spans = [{"document_id": n} | span for n, (_, listed) in documents.items() for span in listed]
    batch = pa.RecordBatch.from_pylist(texts, schema=TEXTS)
    ledger = pa.Table.from_pylist(spans, schema=LEDGER)
    found = tally_spans(batch, Config(), ledger)
    assert found.schema == TALLIES
    return list(found.to_pylist())


def make_span(begin: int, end: int, kind: str = MAIN, **values: Any) -> dict[str, Any]:
    """Make a span that is kept if it is main content."""
    is_main = kind == MAIN
    span = {"begin": begin, "end": end, "kind": kind, "kept": is_main, "originals": is_main}
    return span | values


def test_word_belongs_where_it_begins() -> None:
    """A word over the border of two spans is counted once, in the first of them."""
    spans = [make_span(0, 6), make_span(6, 9, "share"), make_span(9, 14)]
    rows = tally({"a": ("one twothree four", spans)}, "2024-10-17T08:00:00Z")
    found = [(row["kind"], row["kept"], row["num_chars"], row["num_words"]) for row in rows]
    assert found == [("main", True, 11, 3), ("share", False, 3, 0)]
    assert {row["day"] for row in rows} == {"2024-10-17"}
    assert {(row["document_id"], row["outlet"]) for row in rows} == {("a", "outlet of a")}


def test_groups() -> None:
    """Text in clusters is counted apart from the rest, and undated documents have no day."""
    spans = [make_span(0, 4), make_span(4, 8, cluster_id="c"), make_span(8, 11)]
    found = [
        (row["is_clustered"], row["num_words"], row["day"])
        for row in tally({"a": ("one two six", spans)})
    ]
    assert found == [(False, 2, None), (True, 1, None)]


@given(
    st.text(alphabet="ab' \n好\U0001d11e", max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([MAIN, "share"])), max_size=5),
)
def test_nothing_is_lost(text: str, cuts: list[tuple[int, str]]) -> None:
    """All characters and words of a text are counted once, each with the kind it begins in."""
    limits = sorted({min(at, len(text)): kind for at, kind in cuts}.items())
    begins = [(0, MAIN), *((at, kind) for at, kind in limits if at)]
    ends = [*(at for at, _ in begins[1:]), len(text)]
    spans = [
        make_span(at, end, kind) for (at, kind), end in zip(begins, ends, strict=True) if at < end
    ]
    kinds = [kind for span in spans for kind in [span["kind"]] * (span["end"] - span["begin"])]
    rows = tally({"a": (text, spans), "b": ("", [])})
    assert {row["kind"]: row["num_chars"] for row in rows} == Counter(kinds)
    words = Counter(kinds[begin] for begin, _ in find_words(text))
    assert {row["kind"]: row["num_words"] for row in rows if row["num_words"]} == words
