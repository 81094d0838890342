"""Words, word hashes and MinHash signatures of whole Arrow arrays, compiled where that pays.

Numba compiles each on first use and keeps the code beside the package. To start it takes most of a
second, so small inputs, and machines without it, are served by Python and NumPy (`plain.py`), with
the same bits.
"""

from __future__ import annotations

import functools
import importlib
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.compiled import plain
from cleaner.compiled.arrays import Float32s, Int64s, Spans, UInt32s, UInt64s, Words, join_words
from cleaner.compiled.fold_table import load_table

__all__ = [
    "Spans",
    "Words",
    "find_leaves",
    "find_words",
    "hash_shingles",
    "load",
    "sign_ranges",
    "sign_texts",
]

_MIN_BYTES = 1 << 20
"""Of text, all that a process has seen, one text as often as a stage looks at it. Python takes a
third of a second for it, Numba one to start; who has seen so much sees more in later passes."""
_num_bytes_seen = 0
_THREAD_BYTES = 1 << 22
"""Of text: fewer are signed before another thread has started."""


def sign_texts(texts: pa.Array, num_perm: int = 128, shingle_size: int = 5) -> UInt32s:
    """Sign whole texts.

    Args:
        texts: Array of strings; null counts as empty.
        num_perm: Length of a signature.
        shingle_size: Words a shingle.

    Returns:
        `(num_texts, num_perm) uint32`, bit by bit datasketch's `affine32` with seed 1 for the
        shingle hashes of `cleaner.passages.minhash`; rows without words are all ones.

    >>> one, other = sign_texts(pa.array(["The ferry sank.", "THE FERRY: sank"]))
    >>> bool((one == other).all())
    True
    """
    data, offsets = _bytes_of(texts)
    signatures = np.full((len(texts), num_perm), plain.EMPTY, dtype=np.uint32)
    is_hard = np.ones(len(texts), dtype=bool)
    if kernels := _find_kernels(offsets[-1] - offsets[0]):
        is_hard[:] = False
        longest = int(np.max(np.diff(offsets)))
        given = load_table()[1], *plain.permutations(num_perm), shingle_size, longest

        def sign(first: int, last: int) -> None:
            part = slice(first, last)
            kernels.sign_texts(
                data, offsets[first : last + 1], *given, signatures[part], is_hard[part]
            )

        limits = _cut_evenly(offsets)
        with ThreadPoolExecutor(len(limits) - 1) as threads:
            list(threads.map(sign, limits[:-1], limits[1:]))
    left = np.flatnonzero(is_hard)
    if len(left):
        rest = (text or "" for text in texts.take(pa.array(left)).to_pylist())
        signatures[left] = plain.sign_texts(rest, num_perm, shingle_size)
    return signatures


def _cut_evenly(offsets: Int64s) -> list[int]:
    """Cut texts into runs of about as many bytes, one for each core if they are many."""
    num_bytes = int(offsets[-1] - offsets[0])
    num_parts = max(1, min(pa.cpu_count(), num_bytes // _THREAD_BYTES))
    wanted = offsets[0] + num_bytes * np.arange(1, num_parts) // num_parts
    return [0, *np.searchsorted(offsets, wanted).tolist(), len(offsets) - 1]


def hash_shingles(texts: pa.Array, shingle_size: int = 5) -> tuple[UInt32s, Int64s]:
    """Hash the shingles of whole texts as signatures take them, some of them more than once.

    Args:
        texts: Array of strings; null counts as empty.
        shingle_size: Words a shingle.

    Returns:
        Their hashes, text after text, `(num_hashes,) uint32`; and where those of each text begin,
        `(num_texts + 1,) int64`.
    """
    data, offsets = _bytes_of(texts)
    is_hard = np.ones(len(texts), dtype=bool)
    limits = np.zeros(len(texts) + 1, dtype=np.int64)
    hashes = np.empty(int(offsets[-1] - offsets[0]) // 2 + 5 * len(texts) + 4, dtype=np.uint32)
    if kernels := _find_kernels(offsets[-1] - offsets[0]):
        longest = int(np.max(np.diff(offsets)))
        table = load_table()[1]
        kernels.hash_shingles(data, offsets, table, shingle_size, longest, hashes, limits, is_hard)
    left = np.flatnonzero(is_hard)
    if not len(left):
        return hashes[: limits[-1]], limits
    found = np.split(hashes[: limits[-1]], limits[1:-1])
    for row, text in zip(left.tolist(), texts.take(pa.array(left)).to_pylist(), strict=True):
        found[row] = plain.hash_shingles(text or "", shingle_size)
    return np.concatenate(found), np.cumsum([0, *map(len, found)])


def find_words(texts: pa.Array, spans: Spans) -> Words:
    """Find and hash the words in spans of texts.

    Args:
        texts: Array of strings.
        spans: Where to look. A word ends with its span.
    """
    data, offsets = _bytes_of(texts)
    kernels = _find_kernels(offsets[-1] - offsets[0])
    if not kernels:
        rows = enumerate(texts.to_pylist())
        return join_words(
            [_NO_WORDS, *(plain.find_words_in(text, spans.of_text(row)) for row, text in rows)]
        )
    num_spans = len(spans.begins)
    most = int(offsets[-1] - offsets[0] + num_spans) // 2 + 1
    begins, ends = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    hashes = np.empty(most, dtype=np.uint64)
    limits = np.zeros(num_spans + 1, dtype=np.int64)
    is_unspaced, is_hard = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
    kernels.find_words(
        data,
        offsets,
        spans.limits,
        spans.begins,
        spans.ends,
        load_table()[1],
        int(np.max(np.diff(offsets))),
        (begins, ends, hashes, limits),
        is_unspaced,
        is_hard,
    )

    def part(first: int, last: int) -> Words:
        own = limits[spans.limits[first] : spans.limits[last] + 1]
        chosen = slice(own[0], own[-1])
        arrays = begins[chosen], ends[chosen], hashes[chosen]
        return Words(*arrays, own - own[0], is_unspaced[first:last])

    parts = []
    done = 0
    for row in np.flatnonzero(is_hard).tolist():
        hard = plain.find_words_in(texts[row].as_py(), spans.of_text(row))
        parts += [part(done, row), hard]
        done = row + 1
    return join_words([*parts, part(done, len(texts))])


def sign_ranges(
    hashes: UInt64s, firsts: Int64s, lasts: Int64s, widths: Int64s, num_perm: int
) -> UInt32s:
    """Sign ranges of words; arrays are contiguous.

    Args:
        hashes: Of the words of all texts, `(num_words,) uint64`.
        firsts: Where in them each range begins, `(num_ranges,) int64`.
        lasts: Where it ends.
        widths: Words a shingle.
        num_perm: Length of a signature.

    Returns:
        `(num_ranges, num_perm) uint32`; rows of empty ranges are all `plain.EMPTY`.
    """
    kernels = _find_kernels(_BYTES_PER_WORD * int(np.sum(lasts - firsts)))
    if not kernels:
        return plain.sign_ranges(hashes, firsts, lasts, widths, num_perm)
    signatures = np.full((len(firsts), num_perm), plain.EMPTY, dtype=np.uint32)
    longest = int(np.max(lasts - firsts))
    kernels.sign_ranges(
        hashes, firsts, lasts, widths, longest, *plain.permutations(num_perm), signatures
    )
    return signatures


def find_leaves(
    columns: Float32s,
    feature: Int64s,
    threshold: Float32s,
    ruled_out: npt.NDArray[np.unsignedinteger[Any]],
) -> Int64s | None:
    """Find the leaf of each row in each tree; None if a process has not seen enough rows for that.

    Args:
        columns: Features, `(num_features, num_rows) float32`, contiguous.
        feature: The feature that each question asks about, `(num_questions, num_trees) int64`.
        threshold: The largest value that rules nothing out, likewise, `float32`.
        ruled_out: Leaves that larger ones rule out, a bit each, likewise; 0 for no question, which
            stands after all others.

    Returns:
        `(num_trees, num_rows) int64`, numbered within each tree.
    """
    num_rows = columns.shape[1]
    if ruled_out.itemsize > 4 or not _is_worth_a_start(_BYTES_PER_ROW * num_rows):
        return None
    kernels = load("trees")
    if kernels is None:
        return None
    leaves = np.empty((feature.shape[1], num_rows), dtype=np.int64)
    kernels.find_leaves(columns, feature, threshold, ruled_out.astype(np.uint32), leaves)
    return leaves


_BYTES_PER_ROW = 64
"""Of text: NumPy takes as long for them as for a row of features."""
_BYTES_PER_WORD = 6
_NO_WORDS = Words(
    np.empty(0, dtype=np.int64),
    np.empty(0, dtype=np.int64),
    np.empty(0, dtype=np.uint64),
    np.zeros(1, dtype=np.int64),
    np.empty(0, dtype=bool),
)


def _bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], Int64s]:
    """Return the UTF-8 that an array of strings refers to, and where in it each text begins."""
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    is_large = pa.types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    limits = np.frombuffer(offsets, np.int64 if is_large else np.int32)
    return (
        np.frombuffer(data or b"", np.uint8),
        limits[texts.offset : texts.offset + len(texts) + 1].astype(np.int64),
    )


def _find_kernels(num_bytes: int) -> ModuleType | None:
    """Return the compiled loops for so many bytes of text, once they are worth their start."""
    return _load_kernels() if _is_worth_a_start(num_bytes) else None


def _is_worth_a_start(num_bytes: int) -> bool:
    """Count bytes of text, and tell whether the process has seen enough of them."""
    global _num_bytes_seen
    _num_bytes_seen += num_bytes
    return num_bytes > 0 and _num_bytes_seen >= _MIN_BYTES


@functools.cache
def _load_kernels() -> ModuleType | None:
    """Return the compiled loops over texts, or None where they cannot be had."""
    if _version(unicodedata.unidata_version) < _version(load_table()[0]):
        return None
    return load("kernels")


@functools.cache
def load(name: str) -> ModuleType | None:
    """Return a module of compiled loops, or None where it cannot be had.

    Args:
        name: Of the module in this package.
    """
    try:
        return importlib.import_module(f"cleaner.compiled.{name}")
    except (ImportError, RuntimeError):  # No Numba, or no folder to keep the code in.
        return None


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
