"""Judging documents: a pass judges again only what rests on something else than before."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


_LINES = st.sampled_from(
    [
        "The council voted for the tram line after a debate of nine hours.",
        "Work on the line begins in spring, and it is to open in four years, the mayor said.",
        "Advertisement",
        "Comments",
        "About the author",
        "Read more",
        "Jane Doe",
        "By Jane Doe",
        "12 March 2024",
        "All about trams",
        "Home | News | Sport",
        "Sign up for our newsletter to get the best stories.",
        "© 2024 Courier",
        "A (Jane Doe / Ostrel)",
        "",
    ]
)


@given(st.lists(_LINES, max_size=9), st.sampled_from([None, "All about trams"]), st.booleans())
def test_what_was_left_is_judged_as_if_it_were_new(
    lines: list[str], title: str | None, is_page: bool
) -> None:
    """The pass after gets the verdicts that it would give, whether it looks again or not."""
    about: dict[str, Any] = {} if title is None else {"title": title}
    first = judge_row(ROW | about | _split("\n".join(lines), is_page=is_page))
    (row,) = first.to_pylist()
    kept = [verdict for verdict in row["verdicts"] if verdict["kind"] == "main"]
    text = "\n".join(lines)
    rest = "\n".join(text[verdict["begin"] : verdict["end"]] for verdict in kept)
    again = ROW | about | split_text(rest, "en")
    assert judge_row(again, first).column("verdicts") == judge_row(again).column("verdicts")
    assert is_page or row["rest"] is not None


def _split(text: str, *, is_page: bool) -> dict[str, Any]:
    """Return what is known of a text, or of a page of the same lines, every third one a link."""
    found = split_text(text, "en")
    if is_page:
        for number, block in enumerate(found["blocks"]):
            block |= {"tag": "p", "main": 0.9, "link_ratio": float(number % 3 == 0)}
    return found


def judge_row(row: dict[str, Any], earlier: pa.Table | None = None) -> pa.Table:
    """Return the row of `JUDGED` of a row of `TEXTS`."""
    batch = pa.RecordBatch.from_pylist([row], schema=TEXTS)
    known = JUDGED.empty_table() if earlier is None else earlier
    return pa.Table.from_batches(
        [judge_documents(batch, CONFIG, REPEATED_LINES.empty_table(), known)]
    )


def test_what_was_left_is_not_looked_at_again() -> None:
    """Unless the outlet repeats some of it."""
    first = with_other_verdicts(judge())
    (row,) = first.to_pylist()
    rest = TEXT.partition("\n")[2]
    (again,) = judge(rest, earlier=first).to_pylist()
    assert {verdict["reason"] for verdict in again["verdicts"]} == {"from_before"}
    assert again["rest"] == row["rest"]
    assert judge(rest, lines=LINES, earlier=first) == judge(rest, lines=LINES)
    assert judge(rest, earlier=first, title="All about trams") == judge(
        rest, title="All about trams"
    )
