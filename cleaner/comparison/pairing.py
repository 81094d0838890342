"""Find each document of a run in the other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.comparison.fates import Codes, CommonText, Positions
from cleaner.comparison.folder import RunFolder
from cleaner.comparison.texts import TextChange, compare_texts, list_common

_PLACE = ("path", "record", "source_id", "url")
_TEXT_CHARS = 1 << 26
"""Characters of texts that are held at the same time, more or less."""


class Pairing(msgspec.Struct, frozen=True, eq=False):
    """The documents of both runs: those of run A in its order, then those that only run B has.

    Attributes:
        row_a, row_b: `(num_documents,)`: the row of each in the two runs, -1 where it is not.
        number_b: For each row of run B, which of these documents it is.
    """

    row_a: Codes
    row_b: Codes
    number_b: Codes


def pair_documents(a: RunFolder, b: RunFolder, renamed: Mapping[str, str]) -> Pairing:
    """Pair documents by id, and those whose id changed by where they stand.

    An id is a digest of place and content. Those left over are paired, in this order, by place and
    text, by file and text (a record with another number), and by place: the URL, else the file and
    the identifier or number of the record.

    Args:
        a: One run.
        b: The other one.
        renamed: For labels of inputs in run A, those of the same inputs in run B.
    """
    ids_a, ids_b = (run.documents["document_id"].combine_chunks() for run in (a, b))
    found = pc.fill_null(pc.index_in(ids_a, value_set=ids_b), -1)
    row_b: Codes = found.to_numpy(zero_copy_only=False).astype(np.int32)
    left_a = np.flatnonzero(row_b < 0)
    left_b = np.setdiff1d(np.arange(b.num_documents), row_b[row_b >= 0])
    keyed_a, keyed_b = _describe(a, left_a, renamed), _describe(b, left_b, {})
    for key in (_place_and_text, _file_and_text, _place):
        _pair_by(key, keyed_a, keyed_b, row_b)
    only_b = np.array(sorted(keyed_b), np.int32)
    numbers = np.full(b.num_documents, -1, np.int32)
    is_paired = row_b >= 0
    numbers[row_b[is_paired]] = np.flatnonzero(is_paired)
    numbers[only_b] = a.num_documents + np.arange(len(only_b))
    return Pairing(
        row_a=np.concatenate([np.arange(a.num_documents), np.full(len(only_b), -1)]).astype(
            np.int32
        ),
        row_b=np.concatenate([row_b, only_b]).astype(np.int32),
        number_b=numbers,
    )


_Described = tuple[str, str, int]
"""Place, file and digest of the text of a document."""


def _describe(run: RunFolder, rows: Positions, renamed: Mapping[str, str]) -> dict[int, _Described]:
    """Return by what documents can be found again, by row."""
    found = {}
    table = run.documents.select(list(_PLACE)).take(pa.array(rows))
    for row, about in zip(rows.tolist(), table.to_pylist(), strict=True):
        path = renamed.get(about["path"], about["path"])
        place = about["url"] or f"{path}#{about['source_id'] or about['record']}"
        found[row] = (place, path, int(run.digest[row]))
    return found


def _place_and_text(about: _Described) -> Any:
    return about[0], about[2]


def _file_and_text(about: _Described) -> Any:
    return about[1], about[2]


def _place(about: _Described) -> Any:
    return about[0]


def _pair_by(
    key: Callable[[_Described], Any],
    left_a: dict[int, _Described],
    left_b: dict[int, _Described],
    row_b: Codes,
) -> None:
    """Pair what has the same key, in order, and take it out of what is left."""
    waiting: dict[Any, list[int]] = {}
    for row, about in sorted(left_b.items(), reverse=True):
        waiting.setdefault(key(about), []).append(row)
    for row, about in sorted(left_a.items()):
        if rows := waiting.get(key(about)):
            row_b[row] = rows.pop()
            del left_a[row], left_b[int(row_b[row])]


TextChanges = Mapping[int, Sequence[TextChange]]
"""Where the texts of documents differ, by the documents' numbers in the pairing."""


def find_text_changes(a: RunFolder, b: RunFolder, pairing: Pairing) -> TextChanges:
    """Find where the texts of documents differ."""
    both = np.flatnonzero((pairing.row_a >= 0) & (pairing.row_b >= 0))
    is_other = a.digest[pairing.row_a[both]] != b.digest[pairing.row_b[both]]
    changes = {}
    for numbers in cut_into_portions(a, b, pairing, both[is_other].tolist()):
        texts_a = a.read_texts(pairing.row_a[numbers].tolist())
        texts_b = b.read_texts(pairing.row_b[numbers].tolist())
        for number in numbers:
            text_a, text_b = texts_a[pairing.row_a[number]], texts_b[pairing.row_b[number]]
            changes[number] = compare_texts(text_a, text_b)
    return changes


def cut_into_portions(
    a: RunFolder, b: RunFolder, pairing: Pairing, numbers: list[int]
) -> list[list[int]]:
    """Cut a list of documents into portions whose texts can be held at the same time."""
    portions: list[list[int]] = []
    room = 0
    for number in numbers:
        for run, row in ((a, pairing.row_a[number]), (b, pairing.row_b[number])):
            room -= int(run.offset[row + 1] - run.offset[row]) if row >= 0 else 0
        if room < 0 or not portions:
            portions.append([])
            room = _TEXT_CHARS
        portions[-1].append(number)
    return portions


def list_common_text(
    a: RunFolder, b: RunFolder, pairing: Pairing, changes: TextChanges
) -> tuple[CommonText, Positions]:
    """List what the texts of documents have in common: all, or what is around changes.

    Returns:
        The stretches, ordered by document, and the number of the document of each.
    """
    is_paired = (pairing.row_a >= 0) & (pairing.row_b >= 0)
    is_paired[list(changes)] = False
    same = np.flatnonzero(is_paired)
    begin_a, begin_b = a.offset[pairing.row_a[same]], b.offset[pairing.row_b[same]]
    length = a.offset[pairing.row_a[same] + 1] - begin_a
    parts = []
    for number, found in changes.items():
        row_a, row_b = pairing.row_a[number], pairing.row_b[number]
        first_a, first_b = int(a.offset[row_a]), int(b.offset[row_b])
        num_chars = int(a.offset[row_a + 1]) - first_a, int(b.offset[row_b + 1]) - first_b
        parts += [
            (number, first_a + at_a, first_b + at_b, num_common)
            for at_a, at_b, num_common in list_common(found, *num_chars)
        ]
    rest = np.array(parts, np.int64).reshape(-1, 4).T
    numbers, begin_a, begin_b, length = (
        np.concatenate(pair) for pair in zip((same, begin_a, begin_b, length), rest, strict=True)
    )
    order = np.argsort(numbers, kind="stable")
    order = order[length[order] > 0]
    return CommonText(begin_a[order], begin_b[order], length[order]), numbers[order]
