"""Digests of the values in Arrow tables: 64 bits a row, the same wherever the row stands."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

UInt64s = npt.NDArray[np.uint64]
Int64s = npt.NDArray[np.int64]

_SHORT_BYTES = 24
"""Ids, names of outlets and dates are no longer; a multiple of eight."""
NULL = np.uint64(0x9FB21C651E98DF25)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FINALIZER = np.uint64(0xD6E8FEB86659FD93)


def mix(values: UInt64s) -> UInt64s:
    """Spread numbers over all 64 bits."""
    mixed = (values ^ (values >> np.uint64(32))) * _FINALIZER
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(32))


def combine(parts: Iterable[UInt64s]) -> UInt64s:
    """Return one digest for several of the same rows, one at least; their order counts."""
    total = np.zeros(1, dtype=np.uint64)
    for part in parts:
        total = mix(total * _MULTIPLIER + part)
    return total


def digest_rows(table: pa.Table) -> UInt64s:
    """Return a digest of each row's values, `(num_rows,) uint64`."""
    if not table.num_rows:
        return np.empty(0, dtype=np.uint64)
    return combine(digest_column(table.column(name)) for name in table.column_names)


def digest_column(column: pa.ChunkedArray) -> UInt64s:
    """Return a digest of each value, `(num_values,) uint64`."""
    return np.concatenate([_none(), *(_digest_values(chunk) for chunk in column.chunks)])


def _digest_values(values: pa.Array) -> UInt64s:
    """Return a digest of each value of an array, lists and structures included."""
    kind = values.type
    if pa.types.is_struct(kind):
        fields = values.flatten()
        found = combine([_digest_values(field) for field in fields]) if len(values) else _none()
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        found = _digest_lists(values)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        found = _digest_strings(values.cast(pa.large_binary()))
    elif pa.types.is_floating(kind):
        numbers = pc.fill_null(values, 0).to_numpy(zero_copy_only=False)
        found = mix(numbers.astype(np.float64).view(np.uint64))
    else:
        numbers = pc.fill_null(values.cast(pa.int64(), safe=False), 0).to_numpy(
            zero_copy_only=False
        )
        found = mix(numbers.view(np.uint64))
    if values.null_count:
        found = np.where(values.is_null().to_numpy(zero_copy_only=False), NULL, found)
    return found


def _digest_strings(values: pa.Array) -> UInt64s:
    """Return a digest of each string; those of names are made of all their bytes at once."""
    num_bytes = pc.fill_null(pc.binary_length(values), 0).to_numpy()
    is_short = num_bytes <= _SHORT_BYTES
    if is_short.all():
        return _digest_short(values, num_bytes)
    found = np.empty(len(values), dtype=np.uint64)
    found[is_short] = _digest_short(values.filter(pa.array(is_short)), num_bytes[is_short])
    coded = values.filter(pa.array(~is_short)).dictionary_encode()
    known = (text.as_buffer() for text in coded.dictionary)
    each = np.array([xxhash.xxh3_64_intdigest(text) for text in known], dtype=np.uint64)
    found[~is_short] = each[coded.indices.to_numpy()]
    return found


def _digest_short(values: pa.Array, num_bytes: Int64s) -> UInt64s:
    """Return a digest of each string of `_SHORT_BYTES` at most, its length included."""
    if not len(values):
        return _none()
    _, offsets, data = values.buffers()
    begins = np.frombuffer(offsets, dtype=np.int64)[values.offset :][: len(values)]
    first, last = begins[0], begins[-1] + num_bytes[-1]
    padded = np.zeros(last - first + _SHORT_BYTES, dtype=np.uint8)
    padded[: last - first] = np.frombuffer(data or b"", dtype=np.uint8)[first:last]
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SHORT_BYTES)[begins - first]
    windows[np.arange(_SHORT_BYTES) >= num_bytes[:, np.newaxis]] = 0
    return combine([*windows.view(np.uint64).T, num_bytes.astype(np.uint64)])


def _none() -> UInt64s:
    return np.empty(0, dtype=np.uint64)


def _digest_lists(values: pa.Array) -> UInt64s:
    sizes = pc.fill_null(pc.list_value_length(values), 0).to_numpy().astype(np.int64)
    begins = np.cumsum(sizes) - sizes
    places = np.arange(sizes.sum()) - np.repeat(begins, sizes)
    each = combine([_digest_values(values.flatten()), places.astype(np.uint64)])
    totals = np.concatenate([[np.uint64(0)], np.cumsum(each)])
    return mix(totals[begins + sizes] - totals[begins] + sizes.astype(np.uint64))


def sum_groups(digests: UInt64s, limits: Int64s) -> UInt64s:
    """Return a digest of each group of rows that follow each other, whatever their order in it."""
    begins = np.concatenate([[0], limits[:-1]]) if len(limits) else limits
    return np.add.reduceat(mix(digests), begins) if len(begins) else _none()
