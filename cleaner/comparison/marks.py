"""Mark which documents differ between two runs, and in which way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.comparison.fates import Positions
from cleaner.comparison.folder import RunFolder
from cleaner.comparison.pairing import Pairing

KINDS_OF_CHANGE = (
    *("added", "removed", "text", "page", "metadata", "moved", "into_corpus", "out_of_corpus"),
    *("truncation", "passages"),
)
"""What can change of a document, see `changes.DocumentChange`."""
PLACE = ("source", "path", "record")
METADATA = (
    *("source_id", "outlet", "outlet_from", "url", "title", "author", "published", "language"),
    *("mime", "notes"),
)
TRUNCATION = ("truncated", "truncated_evidence")
"""Columns of `documents.parquet`, by the kind of change that they show."""
_SEPARATOR = "\x1f"

Mask = npt.NDArray[np.bool_]


def mark_changes(
    a: RunFolder, b: RunFolder, pairing: Pairing, num_kept_chars: Sequence[Positions]
) -> dict[str, Mask]:
    """Tell for each kind of change which documents have it; nothing is said of passages yet.

    Args:
        a: One run.
        b: The other one.
        pairing: Their documents.
        num_kept_chars: For each run, how many characters of each document its corpus holds.

    Returns:
        By kind of change, `(num_documents,)` in the order of the pairing.
    """
    both = np.flatnonzero((pairing.row_a >= 0) & (pairing.row_b >= 0))
    rows_a, rows_b = pairing.row_a[both], pairing.row_b[both]
    before, after = (run.documents.take(pa.array(rows)) for run, rows in ((a, rows_a), (b, rows_b)))
    differs = {
        field: _differ(before[field], after[field])
        for field in ("document_id", *PLACE, *METADATA, *TRUNCATION)
    }
    has_other_text = a.digest[rows_a] != b.digest[rows_b]
    is_moved = np.logical_or.reduce([differs[field] for field in PLACE])
    was_in, is_in = num_kept_chars[0][rows_a] > 0, num_kept_chars[1][rows_b] > 0
    found = {
        "text": has_other_text,
        "page": differs["document_id"] & ~has_other_text & ~is_moved & ~differs["url"],
        "metadata": np.logical_or.reduce([differs[field] for field in METADATA]),
        "moved": is_moved,
        "into_corpus": ~was_in & is_in,
        "out_of_corpus": was_in & ~is_in,
        "truncation": np.logical_or.reduce([differs[field] for field in TRUNCATION]),
    }
    marks = {name: np.zeros(len(pairing.row_a), bool) for name in KINDS_OF_CHANGE}
    marks["added"], marks["removed"] = pairing.row_a < 0, pairing.row_b < 0
    for name, mask in found.items():
        marks[name][both] = mask
    return marks


def _differ(before: pa.ChunkedArray, after: pa.ChunkedArray) -> Mask:
    """Tell where two columns differ; null is a value like others."""
    if pa.types.is_list(before.type):
        before, after = (pc.binary_join(column, _SEPARATOR) for column in (before, after))
    is_null = pc.xor(pc.is_null(before), pc.is_null(after))
    is_other = pc.fill_null(pc.not_equal(before, after), False)
    found: Mask = pc.or_(is_null, is_other).to_numpy(zero_copy_only=False).astype(bool)
    return found
