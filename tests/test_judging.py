"""Which pairs are offered to be judged: the least sure ones, and a sample of those accepted."""

import heapq
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.passages.judgements import mark_evidence, was_merged
from cleaner.passages.verify import MATCHES
from cleaner.quality.judging import offer_pairs

EVIDENCE = [None, "5 outlets in 1 day", mark_evidence(None, "different", was_accepted=True)]
MATCH = st.fixed_dictionaries(
    {
        "left_document": st.sampled_from("abc"),
        "right_document": st.sampled_from("abc"),
        **{f"{side}_begin": st.integers(0, 9) for side in ("left", "right")},
        **{f"{side}_end": st.integers(10, 19) for side in ("left", "right")},
        "score": st.integers(-3, 3).map(lambda at: 0.6 + at * 2e-10) | st.floats(0, 1),
        "accepted": st.booleans(),
        "relation": st.sampled_from(["passage", "template"]),
        "evidence": st.sampled_from(EVIDENCE),
    }
)


def draw(row: dict[str, Any], seed: int) -> int:
    """Return a match's place among all, by the names of its sides."""
    sides = sorted(
        (row[f"{side}_document"], row[f"{side}_begin"], row[f"{side}_end"])
        for side in ("left", "right")
    )
    name = " ".join(f"{document}:{begin}-{end}" for document, begin, end in sides)
    return xxhash.xxh3_64_intdigest(f"{seed} {name}".encode())


@given(st.lists(MATCH, max_size=12), st.integers(0, 4), st.integers(0, 4), st.integers(0, 1))
def test_offer(rows: list[dict[str, Any]], num_borderline: int, num_sample: int, seed: int) -> None:
    """Ordering all matches, one by one, by distance and draw chooses the same pairs."""
    table = pa.Table.from_pylist(rows, schema=MATCHES)
    listed = table.to_pylist()
    by_distance = (
        (round(abs(row["score"] - 0.6), 9), draw(row, seed), at) for at, row in enumerate(listed)
    )
    by_draw = ((draw(row, seed), at) for at, row in enumerate(listed) if was_merged(row))
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(table, Path(folder) / "matches.parquet")
        found = offer_pairs(
            Path(folder), 0.6, num_borderline=num_borderline, num_sample=num_sample, seed=seed
        )
    nearest = heapq.nsmallest(num_borderline, by_distance)
    assert found.borderline == [listed[at] for *_, at in nearest]
    assert found.sample == [listed[at] for _, at in heapq.nsmallest(num_sample, by_draw)]
    assert found.num_accepted == sum(was_merged(row) for row in listed)
