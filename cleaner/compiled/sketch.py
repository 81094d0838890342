"""A count-min sketch of one row over pairs of numbers: what a pair weighs in all, at least.

Source: Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch and its
applications", 2005.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

from cleaner.compiled.arrays import Bools, Bytes, Int32s
from cleaner.compiled.deferred import compile_later

_INTS = types.Array(types.int32, 1, "C", readonly=True)
_MOST = 255


@njit(inline="always")
def _slot(left: np.int32, right: np.int32, shift: np.uint64) -> np.uint64:
    """Return the slot of a pair: the highest bits of its hash."""
    value = (np.uint64(left) << np.uint64(32)) | np.uint64(right)
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    value = (value ^ (value >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
    return value >> shift


@compile_later(types.void(_INTS, _INTS, _INTS, types.uint64, types.uint8[::1]))
def add_weights(
    lefts: Int32s, rights: Int32s, weights: Int32s, shift: np.uint64, slots: Bytes
) -> None:
    """Add the weights of pairs to their slots, up to 255 each.

    Args:
        lefts: One number of each pair, from 0 on, `(num_pairs,) int32`.
        rights: The other one.
        weights: From 0 to 255, `(num_pairs,) int32`.
        shift: 64 less the bits of a slot's number.
        slots: The sum of each slot, `(num_slots,) uint8`.
    """
    for row in range(len(lefts)):
        slot = _slot(lefts[row], rights[row], shift)
        slots[slot] = min(np.int64(slots[slot]) + weights[row], _MOST)


@compile_later(
    types.void(_INTS, _INTS, types.int64, types.uint64, types.uint8[::1], types.boolean[::1])
)
def find_heavy(
    lefts: Int32s, rights: Int32s, least: int, shift: np.uint64, slots: Bytes, is_heavy: Bools
) -> None:
    """Tell which pairs may weigh enough.

    Args:
        lefts: One number of each pair, from 0 on, `(num_pairs,) int32`.
        rights: The other one.
        least: What is enough, 255 at most.
        shift: 64 less the bits of a slot's number.
        slots: The sum of each slot, `(num_slots,) uint8`.
        is_heavy: The result, `(num_pairs,) bool`.
    """
    for row in range(len(lefts)):
        is_heavy[row] = slots[_slot(lefts[row], rights[row], shift)] >= least
