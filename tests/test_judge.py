"""Judging documents: a pass judges again only what rests on something else than before."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaner.boilerplate import JUDGED, REPEATED_LINES, judge_documents
from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.model import TEXTS

CONFIG = Config()
TEXT = (
    "Advertisement\nThe council voted for the tram line after a debate of nine hours.\n"
    "All about trams\nWork on the line begins in spring, and it is to open in four years."
)
ROW = {"document_id": "d", "outlet": "courier.example", "mime": "text/plain", "language": "en"}
LINES = pa.Table.from_pylist(
    [
        {
            "outlet": "courier.example",
            "line_hash": 1,
            "is_mask": False,
            "anywhere": True,
            "strength": 0.5,
        }
    ],
    schema=REPEATED_LINES,
)


def judge(
    text: str = TEXT, lines: pa.Table | None = None, earlier: pa.Table | None = None, **about: str
) -> pa.Table:
    """Return the rows of `JUDGED` of a document."""
    row = ROW | about | split_text(text, "en")
    batch = pa.RecordBatch.from_pylist([row], schema=TEXTS)
    repeated = REPEATED_LINES.empty_table() if lines is None else lines
    known = JUDGED.empty_table() if earlier is None else earlier
    return pa.Table.from_batches([judge_documents(batch, CONFIG, repeated, known)])


def with_other_verdicts(judged: pa.Table) -> pa.Table:
    """Return rows of `JUDGED` with verdicts that no rule would give."""
    (row,) = judged.to_pylist()
    for verdict in row["verdicts"]:
        verdict["reason"] = "from_before"
    return pa.Table.from_pylist([row], schema=JUDGED)


def test_what_rests_on_the_same_is_not_judged_again() -> None:
    """The verdicts of the pass before stand, whatever they are."""
    earlier = with_other_verdicts(judge())
    assert judge(earlier=earlier) == earlier


@pytest.mark.parametrize(
    "about", [{"text": f"{TEXT} So it goes."}, {"title": "All about trams"}, {"outlet": "Other"}]
)
def test_what_rests_on_something_else_is_judged_again(about: dict[str, str]) -> None:
    """Another text, title or outlet gives the verdicts that it would give at first."""
    assert judge(earlier=with_other_verdicts(judge()), **about) == judge(**about)


def test_other_lines_of_the_outlet_are_something_else() -> None:
    """What an outlet repeats is told from all its documents; a pass may tell it otherwise."""
    earlier = with_other_verdicts(judge())
    assert judge(lines=LINES, earlier=earlier) == judge(lines=LINES)


def test_changed_verdicts_hold_once() -> None:
    """Verdicts that a person changed have no basis: the next pass judges anew."""
    (row,) = with_other_verdicts(judge()).to_pylist()
    earlier = pa.Table.from_pylist([row | {"basis": None}], schema=JUDGED)
    assert judge(earlier=earlier) == judge()
