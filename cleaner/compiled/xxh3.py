"""XXH3 with 64 bits and seed 0, compiled: what `xxhash.xxh3_64_intdigest` gives.

Source: Collet, xxHash 0.8; doc/xxhash_spec.md there names the steps as they are named here.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cleaner.compiled.arrays import Bytes, UInt64s
from cleaner.compiled.machine import load_uint32, load_uint64, multiply_folded

_SECRET = np.frombuffer(
    bytes.fromhex(
        "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578"
        "825ad07dccff7221b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea3"
        "71644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931"
        "c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
        "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
    ),
    dtype=np.uint8,
)
_P32_1, _P32_2, _P32_3 = np.uint64(0x9E3779B1), np.uint64(0x85EBCA77), np.uint64(0xC2B2AE3D)
_P64_1, _P64_2 = np.uint64(0x9E3779B185EBCA87), np.uint64(0xC2B2AE3D27D4EB4F)
_P64_3, _P64_4 = np.uint64(0x165667B19E3779F9), np.uint64(0x85EBCA77C2B2AE63)
_P64_5 = np.uint64(0x27D4EB2F165667C5)
_AVALANCHE, _RRMXMX = np.uint64(0x165667919E3779F9), np.uint64(0x9FB21C651E98DF25)
_LOW_32 = np.uint64(0xFFFFFFFF)
_STRIPE_BYTES, _STRIPES_A_BLOCK = 64, 16


@njit(inline="always")
def _flip(at: int) -> np.uint64:
    return load_uint64(_SECRET, at) ^ load_uint64(_SECRET, at + 8)


@njit(inline="always")
def _shift_xor(value: np.uint64, bits: int) -> np.uint64:
    return value ^ (value >> np.uint64(bits))


@njit(inline="always")
def _rotate(value: np.uint64, bits: int) -> np.uint64:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@njit(inline="always")
def _swap_bytes(value: np.uint64) -> np.uint64:
    value = ((value >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)) | (
        (value & np.uint64(0x00FF00FF00FF00FF)) << np.uint64(8)
    )
    value = ((value >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)) | (
        (value & np.uint64(0x0000FFFF0000FFFF)) << np.uint64(16)
    )
    return _rotate(value, 32)


@njit(inline="always")
def _avalanche(value: np.uint64) -> np.uint64:
    return _shift_xor(_shift_xor(value, 37) * _AVALANCHE, 32)


@njit(inline="always")
def _from_byte(low: np.uint64, byte: int) -> np.uint64:
    return low >> np.uint64(8 * byte & 63)


@njit(inline="always")
def _begin_1_to_3(low: np.uint64, size: int) -> np.uint64:
    mixed = (
        (low & np.uint64(0xFF)) << np.uint64(16)
        | (_from_byte(low, size >> 1) & np.uint64(0xFF)) << np.uint64(24)
        | _from_byte(low, size - 1) & np.uint64(0xFF)
        | np.uint64(size << 8)
    )
    return mixed ^ load_uint32(_SECRET, 0) ^ load_uint32(_SECRET, 4)


@njit(inline="always")
def _begin_4_to_8(low: np.uint64, size: int) -> np.uint64:
    mixed = (_from_byte(low, size - 4) & _LOW_32) + (low << np.uint64(32))
    mixed ^= _flip(8)
    return mixed ^ _rotate(mixed, 49) ^ _rotate(mixed, 24)


@njit(inline="always")
def _choose(mask: np.uint64, one: np.uint64, other: np.uint64) -> np.uint64:
    """Return one number if all bits of a mask are set, the other if none is."""
    return other ^ (one ^ other) & mask


@njit(inline="always")
def hash_9_to_16(data: Bytes, at: int, size: int) -> np.uint64:
    """Return the hash of 9 to 16 bytes of an array of uint8."""
    low = load_uint64(data, at) ^ _flip(24)
    high = load_uint64(data, at + size - 8) ^ _flip(40)
    mixed = np.uint64(size) + _swap_bytes(low) + high + multiply_folded(low, high)
    return _avalanche(mixed)


@njit(inline="always")
def _mix_16(data: Bytes, at: int, secret_at: int) -> np.uint64:
    return multiply_folded(
        load_uint64(data, at) ^ load_uint64(_SECRET, secret_at),
        load_uint64(data, at + 8) ^ load_uint64(_SECRET, secret_at + 8),
    )


@njit
def _hash_17_to_128(data: Bytes, at: int, size: int) -> np.uint64:
    mixed = np.uint64(size) * _P64_1
    for step in range((size - 1) // 32, -1, -1):
        mixed += _mix_16(data, at + 16 * step, 32 * step)
        mixed += _mix_16(data, at + size - 16 * (step + 1), 32 * step + 16)
    return _avalanche(mixed)


@njit
def _hash_129_to_240(data: Bytes, at: int, size: int) -> np.uint64:
    mixed = np.uint64(size) * _P64_1
    for step in range(8):
        mixed += _mix_16(data, at + 16 * step, 16 * step)
    mixed = _avalanche(mixed)
    for step in range(8, size // 16):
        mixed += _mix_16(data, at + 16 * step, 16 * (step - 8) + 3)
    return _avalanche(mixed + _mix_16(data, at + size - 16, 136 - 17))


@njit
def _accumulate(lanes: UInt64s, data: Bytes, at: int, secret_at: int) -> None:
    for lane in range(8):
        value = load_uint64(data, at + 8 * lane)
        key = value ^ load_uint64(_SECRET, secret_at + 8 * lane)
        lanes[lane ^ 1] += value
        lanes[lane] += (key & _LOW_32) * (key >> np.uint64(32))


@njit
def _hash_longer(data: Bytes, at: int, size: int) -> np.uint64:
    lanes = np.array([_P32_3, _P64_1, _P64_2, _P64_3, _P64_4, _P32_2, _P64_5, _P32_1])
    for stripe in range((size - 1) // _STRIPE_BYTES):
        in_block = stripe % _STRIPES_A_BLOCK
        _accumulate(lanes, data, at + _STRIPE_BYTES * stripe, 8 * in_block)
        if in_block == _STRIPES_A_BLOCK - 1:
            for lane in range(8):
                key = load_uint64(_SECRET, 128 + 8 * lane)
                lanes[lane] = (_shift_xor(lanes[lane], 47) ^ key) * _P32_1
    _accumulate(lanes, data, at + size - _STRIPE_BYTES, 121)
    mixed = np.uint64(size) * _P64_1
    for pair in range(4):
        mixed += multiply_folded(
            lanes[2 * pair] ^ load_uint64(_SECRET, 11 + 16 * pair),
            lanes[2 * pair + 1] ^ load_uint64(_SECRET, 19 + 16 * pair),
        )
    return _avalanche(mixed)


@njit(inline="always")
def hash_1_to_8(low: np.uint64, size: int) -> np.uint64:
    """Return the hash of 1 to 8 bytes, the lowest of a number; others do not matter.

    Both ways to hash them are gone as one that differs in its numbers: so no processor has to
    foresee how long a word is, and vectors of words are hashed at once. (The first shift of short
    ones, by 33 bits, moves all of them out.)
    """
    is_short = np.uint64(0) - np.uint64(size <= 3)
    mixed = _choose(is_short, _begin_1_to_3(low, size), _begin_4_to_8(low, size))
    mixed *= _choose(is_short, _P64_2, _RRMXMX)
    shift = _choose(is_short, np.uint64(29), np.uint64(35))
    mixed ^= (mixed >> shift) + (np.uint64(size) & ~is_short)
    mixed *= _choose(is_short, _P64_3, _RRMXMX)
    return mixed ^ (mixed >> _choose(is_short, np.uint64(32), np.uint64(28)))


@njit
def hash_long(data: Bytes, at: int, size: int) -> np.uint64:
    """Return the hash of more than 16 bytes of an array of uint8."""
    if size <= 128:
        return _hash_17_to_128(data, at, size)
    if size <= 240:
        return _hash_129_to_240(data, at, size)
    return _hash_longer(data, at, size)
