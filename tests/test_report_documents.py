"""Documents in the page: every character of every text once, and counts that a reader would get."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from report_pages import COUNCIL, LINE, RECORDS, SAID, Page, read_page, read_table, run

from cleaner.boilerplate import TRUNCATIONS
from cleaner.config import Config
from cleaner.model import DUPLICATE, LEDGER, TEXTS, VIEWS
from cleaner.passages.cluster import MEMBERS
from cleaner.report import REPORT
from cleaner.report.documents import REPORT_DOCUMENTS, DocumentIndex, pack_documents
from cleaner.tallies import tally_spans
from cleaner.words import find_words


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over articles that have something of all."""
    return run(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def page(output: Path) -> Page:
    """Its page."""
    return read_page(output / REPORT)


def words_of(text: str, spans: list[Any]) -> int:
    """Count the words of a text that begin in one of some spans."""
    begins = [begin for begin, _ in find_words(text)]
    return sum(any(span[0] <= at < span[1] for span in spans) for at in begins)


def test_columns(output: Path, page: Page) -> None:
    """All columns of the list are as long as there are documents with text, in their order."""
    index = page.decode("documents")
    chunks = index.pop("chunks")
    assert {len(column) for column in index.values()} == {len(RECORDS) - 1}
    assert chunks == [0]
    assert index["source"] == [f"feed.jsonl#{at}" for at in range(1, len(RECORDS))]
    rows = {row["document_id"]: row for row in read_table(output, "documents")}
    outlets = page.decode("overview")["outlets"]
    for at, name in enumerate(index["id"]):
        for column in ("title", "published", "url", "language", "truncated"):
            assert index[column][at] == rows[name][column]
        assert outlets[index["outlet"][at]]["outlet"] == rows[name]["outlet"]


def test_spans_are_those_of_the_ledger(output: Path, page: Page) -> None:
    """Spans cover a text exactly once, in order, and say what the ledger says of them."""
    ledger: dict[str, list[dict[str, Any]]] = {}
    for row in read_table(output, "ledger"):
        ledger.setdefault(row["document_id"], []).append(row)
    index, details = page.decode("documents"), page.decode("texts-0")
    for name, detail in zip(index["id"], details, strict=True):
        text, spans = detail["text"], detail["spans"]
        assert [spans[0][0], spans[-1][1]] == [0, len(text)]
        assert all(left[1] == right[0] for left, right in pairwise(spans))
        for span, row in zip(spans, ledger[name], strict=True):
            begin, end, kind, reason, rule, score, evidence, views, relation, cluster = span[:10]
            found = (begin, end, kind, reason, rule, relation, cluster, *span[10:13])
            names = ("begin", "end", "kind", "reason", "rule", "relation", "cluster_id")
            partner = ("partner_document", "partner_begin", "partner_end")
            assert found == tuple(row[key] for key in (*names, *partner))
            assert [bool(views & bit) for bit in (1, 2, 4)] == [row[view] for view in VIEWS]
            assert evidence == (row["evidence"] or "")
            for rounded, exact in ((score, row["score"]), (span[13], row["similarity"])):
                assert rounded == (None if exact is None else round(exact, 4))


def test_counts(page: Page) -> None:
    """Words, kept ones and shared ones are what one counts in the spans; kinds what was removed."""
    index, details = page.decode("documents"), page.decode("texts-0")
    kinds = [kind["kind"] for kind in page.decode("overview")["kinds"]]
    copied = {row[0] for row in page.decode("members-0")[0]}
    for number, detail in enumerate(details):
        text, spans = detail["text"], detail["spans"]
        kept = [span for span in spans if span[7] & 1]
        shared = [span for span in spans if span[9] is not None or span[2] == DUPLICATE]
        if number in copied:
            shared = [span for span in spans if span[7] & 2]
        assert index["words"][number] == len(find_words(text))
        assert index["keptWords"][number] == words_of(text, kept)
        assert index["sharedWords"][number] == words_of(text, shared)
        removed = {span[2] for span in spans if not span[7] & 1}
        assert {kinds[kind] for kind in index["kinds"][number]} == removed


def test_both_sides_of_a_copy_are_shared(page: Page) -> None:
    """The copy that stays shares as many words as the one that goes."""
    shared = page.decode("documents")["sharedWords"]
    assert shared[0] == shared[1] == 84
    assert shared[2] == len(find_words(COUNCIL)) + len(find_words(SAID))
    assert shared[6] == 0


def test_positions_are_code_points(page: Page) -> None:
    """A character beyond the first plane is one position, as in all tables."""
    details = page.decode("texts-0")
    bridges, others = details[2], details[6]
    assert bridges["text"].startswith("\U0001f309\U0001f309 ")
    (begin, end), *_ = [span[:2] for span in bridges["spans"] if span[9] is not None]
    assert bridges["text"][begin:end].strip() == COUNCIL
    assert [others["text"][s[0] : s[1]].strip() for s in others["spans"] if not s[7]] == [LINE]


def pack(
    texts: list[dict[str, Any]], spans: list[dict[str, Any]], members: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Pack documents."""
    batch = pa.RecordBatch.from_pylist(texts, schema=TEXTS)
    ledger = pa.Table.from_pylist(spans, schema=LEDGER)
    cut = [{"document_id": "a", "truncated": "feed", "truncated_evidence": []}]
    found = pack_documents(
        batch,
        Config(),
        ledger,
        pa.Table.from_batches([tally_spans(batch, Config(), ledger)]),
        pa.Table.from_pylist(cut, schema=TRUNCATIONS),
        pa.Table.from_pylist(members, schema=MEMBERS),
    )
    assert found.schema == REPORT_DOCUMENTS
    return list(found.to_pylist())


def test_inputs_without_text_are_left_out() -> None:
    """What was set aside is no document; spans are put in order, whatever order they came in."""
    texts = [
        {"document_id": "a", "outlet": "o", "text": "one two", "path": "x", "record": 1},
        {"document_id": "b", "outlet": "o", "text": "", "rejection": "no_text"},
    ]
    about = {"document_id": "a", "kept": True, "full": True, "kind": "main"}
    spans = [about | {"begin": 3, "end": 7}, about | {"begin": 0, "end": 3}]
    (row,) = pack(texts, spans, [])
    assert (row["document_id"], row["truncated"], row["words"], row["kinds"]) == (
        "a",
        "feed",
        2,
        [],
    )
    detail = msgspec.json.decode(row["detail"])
    assert [span[:2] for span in detail["spans"]] == [[0, 3], [3, 7]]


@pytest.mark.parametrize(("level", "expected"), [("document", 2), ("sentence", 0)])
def test_shared_words_of_copies(level: str, expected: int) -> None:
    """The main content of a whole article with copies is shared; its boilerplate is not."""
    texts = [{"document_id": "a", "outlet": "o", "text": "one two share"}]
    spans = [
        {"document_id": "a", "begin": 0, "end": 8, "kept": True, "kind": "main"},
        {"document_id": "a", "begin": 8, "end": 13, "kept": False, "kind": "share"},
    ]
    (row,) = pack(texts, spans, [{"document_id": "a", "level": level}])
    assert (row["words"], row["kept_words"], row["shared_words"]) == (3, 2, expected)
    assert row["kinds"] == ["share"]


def test_lines_that_were_removed() -> None:
    """Only what fell because its outlet repeats it is listed, on one line."""
    texts = [{"document_id": "a", "outlet": "o", "text": "Read\n  on\nShare\nText"}]
    about = {"document_id": "a", "kept": False, "kind": "outlet_line"}
    spans = [
        about | {"begin": 0, "end": 9, "rule": "outlet_repeats"},
        about | {"begin": 9, "end": 15, "rule": "en.share"},
    ]
    (row,) = pack(texts, spans, [])
    assert row["repeated"] == ["Read on"]


LIMITS = [
    (9, set(), "abcde"),
    (2, set(), "ab"),
    (2, {"d"}, "ad"),
    (1, {"d"}, "d"),
    (1, {"b", "e"}, "be"),
    (3, {"a", "b"}, "abc"),
    (0, set(), ""),
]


@pytest.mark.parametrize(("max_documents", "wanted", "expected"), LIMITS)
def test_limit(max_documents: int, wanted: set[str], expected: str) -> None:
    """The first documents are listed up to a number, and those that are wanted whatever it is."""
    index = DocumentIndex(["o"], [])
    about = {"outlet": "o", "kinds": [], "words": 1, "kept_words": 1, "shared_words": 0}
    about |= dict.fromkeys(("source", "title", "published", "url", "language", "truncated"))
    rows = [about | {"document_id": name, "detail": name.encode()} for name in "abcde"]
    details = list(index.collect(rows, max_documents, wanted))
    assert b"".join(details).decode() == expected
    assert "".join(index.columns([])["id"]) == expected
    assert index.numbers == {name: at for at, name in enumerate(expected)}
