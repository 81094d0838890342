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
SHARED = f"{BODY}\n{BODY}\n(Reuters, AFP)"


def list_of(
    texts: dict[str, str], removed: tuple[str, ...] = (), kind: str = "credit", **about: str
) -> pa.RecordBatch:
    """List the credits of documents.

    Args:
        texts: Texts by document.
        removed: Lines that are boilerplate.
        kind: What they were judged to be.
        **about: Further fields of `TEXTS`, for all documents.
    """
    rows: list[dict[str, Any]] = []
    judged = []
    for name, text in texts.items():
        rows.append({"document_id": name} | split_text(text, "en") | about)
        verdicts = [
            {"begin": b["begin"], "end": b["end"]}
            | {"kind": kind if text[b["begin"] : b["end"]] in removed else "main"}
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


@pytest.mark.parametrize(("kind", "num_credits"), [("byline", 1), ("caption", 0)])
def test_what_a_line_was_judged_to_be_counts(kind: str, num_credits: int) -> None:
    """A name on a line of its own is the writer's if it was judged a byline, else a picture's."""
    found = list_of({"a": f"{BODY}\nReuters\n{BODY}"}, removed=("Reuters",), kind=kind)
    assert found.column("agency").to_pylist() == ["Reuters"] * num_credits


def test_author_is_looked_at() -> None:
    """An agency in the author field is a credit, where the text says nothing."""
    (row,) = list_of({"a": BODY}, author="Reuters").to_pylist()
    assert (row["agency"], row["form"]) == ("Reuters", "author_field")
    assert list_of({"a": BODY}, author="Jane Roe").num_rows == 0


@pytest.mark.parametrize(("text", "others"), [(SIGNED, ()), (SHARED, ("Agence France-Presse",))])
def test_rows_are_credits(text: str, others: tuple[str, ...]) -> None:
    """A row read back is the credit that was found, others and all."""
    (row,) = list_of({"a": text}).to_pylist()
    found = read_credit(row)
    assert found == find_agency(text, language="en")
    assert found.others == others


def test_batch_limits_do_not_matter() -> None:
    """Documents have the same credits one by one or together."""
    texts = {"a": BODY, "b": SIGNED, "c": SHARED}
    together = list_of(texts).to_pylist()
    apart = [row for name in texts for row in list_of({name: texts[name]}).to_pylist()]
    assert apart == together
