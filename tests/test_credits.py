"""Credits: which documents an agency had a part in, as a table beside them."""

from typing import Any

import pyarrow as pa
import pytest

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages.agency import find_agency
from cleaner.passages.credits import CREDITS, list_credits, read_credit

BODY = "The harbour council approved the narrow bridge near the ancient mill on Friday."
SIGNED = f"LONDON, March 5 (Reuters) - {BODY}\n{BODY}"
SHARED = f"{BODY}\nReporting by Jane Roe; additional reporting by AFP and dpa."


def list_of(texts: dict[str, str], removed: tuple[str, ...] = (), **about: str) -> pa.RecordBatch:
    """List the credits of documents.

    Args:
        texts: Texts by document.
        removed: Lines that are boilerplate.
        **about: Further fields of `TEXTS`, for all documents.
    """
    rows: list[dict[str, Any]] = []
    judged = []
    for name, text in texts.items():
        rows.append({"document_id": name} | split_text(text, "en") | about)
        verdicts = [
            {"begin": b["begin"], "end": b["end"]}
            | {"kind": "credit" if text[b["begin"] : b["end"]] in removed else "main"}
            for b in rows[-1]["blocks"]
        ]
        judged.append({"document_id": name, "verdicts": verdicts})
    batch = pa.RecordBatch.from_pylist(rows, schema=TEXTS)
    return list_credits(batch, Config(), pa.Table.from_pylist(judged, schema=JUDGED))


def test_only_documents_with_a_credit_are_listed() -> None:
    """Each document that names an agency is one row, with where it does so."""
    batch = list_of({"a": BODY, "b": SIGNED, "c": ""})
    (row,) = batch.to_pylist()
    assert (row["document_id"], row["agency"], row["form"]) == ("b", "Reuters", "dateline")
    assert "Reuters" in SIGNED[row["begin"] : row["end"]]
    assert batch.schema == CREDITS


def test_removed_lines_are_looked_at() -> None:
    """A credit line that was judged boilerplate still says who wrote the text."""
    text = f"{BODY}\n{BODY}\n(Reuters)"
    (row,) = list_of({"a": text}, removed=("(Reuters)",)).to_pylist()
    assert row["agency"] == "Reuters"


def test_author_is_looked_at() -> None:
    """An agency in the author field is a credit, where the text says nothing."""
    (row,) = list_of({"a": BODY}, author="Reuters").to_pylist()
    assert (row["agency"], row["form"]) == ("Reuters", "author_field")
    assert list_of({"a": BODY}, author="Jane Roe").num_rows == 0


@pytest.mark.parametrize("text", [SIGNED, SHARED])
def test_rows_are_credits(text: str) -> None:
    """A row read back is the credit that was found, others and all."""
    batch = list_of({"a": text})
    blocks = split_text(text, "en")["blocks"]
    expected = find_agency(
        text, [(b["begin"], b["end"], "main") for b in blocks], author=None, language="en"
    )
    assert [read_credit(row) for row in batch.to_pylist()] == ([expected] if expected else [])
    assert expected is not None


def test_batch_limits_do_not_matter() -> None:
    """Documents have the same credits one by one or together."""
    texts = {"a": BODY, "b": SIGNED, "c": SHARED}
    together = list_of(texts).to_pylist()
    apart = [row for name in texts for row in list_of({name: texts[name]}).to_pylist()]
    assert apart == together
