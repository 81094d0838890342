"""Compiled loops over the bytes of an Arrow string array: words, their hashes, signatures.

1. `_find_words` folds a text into scratch memory and notes where words begin and end there: ASCII
   a block of 64 bytes at a time, other characters one by one with the fold table.
2. Each folded word is hashed (`xxh3.py`), each window of word hashes gives a shingle hash.
3. Each shingle hash meets all permutations.

A text that holds what the table cannot decide is *hard*: its words are left to `cleaner.words`.
All of it gives the same bits as `plain.py`. Nothing here holds the interpreter's lock.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, types

from cleaner.compiled.arrays import Bools, Bytes, Int64s, UInt32s, UInt64s
from cleaner.compiled.deferred import compile_later
from cleaner.compiled.fold_table import (
    APOSTROPHE,
    ITSELF,
    LETTER,
    MARK,
    PAGE_CHARS,
    SEPARATOR,
    UNKNOWN,
    UNSPACED,
    FoldTable,
)
from cleaner.compiled.machine import (
    BLOCK,
    LANES,
    can_compress,
    count_low_zeros,
    count_ones,
    find_longer,
    fold_block,
    load_uint64,
    minimize_lanes,
    store_places,
    use_wide_vectors,
)
from cleaner.compiled.plain import FINALIZER, MULTIPLIER
from cleaner.compiled.xxh3 import hash_1_to_8, hash_9_to_16, hash_long

_BYTES_IN, _UINT32S_IN, _INT64S_IN, _UINT64S_IN = (
    types.Array(dtype, 1, "C", readonly=True)
    for dtype in (types.uint8, types.uint32, types.int64, types.uint64)
)
"""What is only read. Types are given, because for each mixture of others all would be compiled."""
_TABLE = types.NamedTuple((types.uint16[::1], types.uint32[::1], types.uint8[::1]), FoldTable)

HARD = -1
MAX_GROWTH = 10
"""Bytes that the fold of a character takes, for each of its own (U+FDFA)."""
_MAX_BYTES = (1 << 32) // MAX_GROWTH - BLOCK
"""Of a text: places in its fold are numbers of 32 bits."""
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_HIGH_BITS = np.uint64(0x8080808080808080)
_SQUARE = np.uint64(int(MULTIPLIER) ** 2 % 2**64)
_MAX_MARKS = 30
_FIRST_UNSPACED_BYTE = 0xE0
"""Characters before U+0800 have smaller ones in UTF-8."""
_PLACES_A_STEP = 8
"""Places that are noted without a look whether there are so many."""


class _Scratch(NamedTuple):
    """Memory for one text after the other.

    Attributes:
        folded: The folded words.
        edges: Where in `folded` words begin and end, in turn.
        places: Where in the text they do, in characters.
        longer: Which words have more than eight bytes.
        values: The first eight bytes of each word; later the polynomials of shingles.
        pairs: The polynomials of each word and the next.
    """

    folded: Bytes
    edges: UInt32s
    places: UInt32s
    longer: UInt32s
    values: UInt64s
    pairs: UInt64s


@njit(inline="always")
def _decode(text: Bytes, at: int) -> tuple[np.int64, int]:
    """Return the character whose bytes begin at a place, and how many they are."""
    lead = np.int64(text[at])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | np.int64(text[at + 1]) & 0x3F, 2
    if lead < 0xF0:
        code = (lead & 0x0F) << 12 | (np.int64(text[at + 1]) & 0x3F) << 6
        return code | np.int64(text[at + 2]) & 0x3F, 3
    code = (lead & 0x07) << 18 | (np.int64(text[at + 1]) & 0x3F) << 12
    return code | (np.int64(text[at + 2]) & 0x3F) << 6 | np.int64(text[at + 3]) & 0x3F, 4


@njit(inline="always")
def _look_up(table: FoldTable, code: np.int64) -> np.int64:
    page = np.int64(table.page_of[code // PAGE_CHARS])
    return np.int64(table.chars[page * PAGE_CHARS + code % PAGE_CHARS])


@njit(inline="always")
def _note_places(
    bits: np.uint64,
    num_places: int,
    places: UInt32s,
    shift: int,
    others: UInt32s | None,
    other_shift: int,
) -> int:
    """Add the places of bits that are set to others, and return the new number.

    Args:
        bits: 64 of them.
        num_places: Places that are there.
        places: Gets more, each plus `shift`, and has room for another `BLOCK` after them.
        shift: What stands at the first bit.
        others: Likewise, with another shift; None if there is no need.
        other_shift: That of the others.
    """
    num_later = num_places + count_ones(bits)
    if can_compress():
        store_places(bits, shift, places, num_places)
        if others is not None:
            store_places(bits, other_shift, others, num_places)
        return num_later
    to = np.uint64(num_places)  # unsigned: stored without a test for negative places
    while bits:
        for _ in range(_PLACES_A_STEP):  # those beyond the last are overwritten
            bit = count_low_zeros(bits)
            places[to] = shift + bit
            if others is not None:
                others[to] = other_shift + bit
            to += np.uint64(1)
            bits &= bits - np.uint64(1)
    return num_later


@njit
def _find_words(
    text: Bytes,
    begin: int,
    end: int,
    table: FoldTable,
    scratch: _Scratch,
    places: UInt32s | None,
) -> tuple[int, int]:
    """Fold a text, and note where its words are.

    Args:
        text: UTF-8 of many texts, `(num_bytes,) uint8`.
        begin: Where in it this text begins.
        end: Where it ends.
        table: The fold table.
        scratch: Gets `folded` and `edges`.
        places: Those of the scratch, if they are wanted, too.

    Returns:
        Number of words, or `HARD`; how many of them are unspaced characters.
    """
    if end - begin > _MAX_BYTES:
        return HARD, 0
    folded, edges = scratch.folded, scratch.edges
    at, to, num_edges = begin, BLOCK, 0
    num_later = begin  # what `at` is ahead of the place in characters
    num_unspaced = num_marks = last_rank = 0
    last_block = min(end, len(text) - BLOCK + 1)
    while at < end:
        if at < last_block:
            letters, apostrophes, beyond = fold_block(text, at, folded, to)
            before = letters << np.uint64(1) | np.uint64(num_edges & 1)
            stops = beyond | apostrophes & before
            if end - at < BLOCK:
                stops |= _ALL << np.uint64(end - at)
            changes = letters ^ before
            size = BLOCK
            if stops:
                size = count_low_zeros(stops)
                changes &= ~(_ALL << np.uint64(size))
            num_edges = _note_places(changes, num_edges, edges, to, places, at - num_later)
            at += size
            to += size
            if size:
                num_marks = last_rank = 0
            if size == BLOCK:
                continue
        while at < end:
            code, size = _decode(text, at)
            entry = _look_up(table, code)
            kind, num_bytes = entry & 7, entry >> 8 & 63
            if kind == UNKNOWN:
                return HARD, 0
            if kind == APOSTROPHE:
                after = SEPARATOR
                if at + size < end:
                    after = _look_up(table, _decode(text, at + size)[0]) & 7
                kind = MARK if num_edges & 1 and after in (LETTER, MARK) else SEPARATOR
            if num_edges & 1 != (kind in (LETTER, MARK)):
                edges[num_edges] = to
                if places is not None:
                    places[num_edges] = at - num_later
                num_edges += 1
                num_marks = last_rank = 0
            if kind != SEPARATOR:
                if kind == UNSPACED:
                    edges[num_edges] = to
                    if places is not None:
                        places[num_edges] = at - num_later
                    num_edges += 1
                if num_bytes == ITSELF:
                    for byte in range(size):
                        folded[to + byte] = text[at + byte]
                    to += size
                else:
                    offset = entry >> 14
                    for byte in range(num_bytes):
                        folded[to + byte] = table.folds[offset + byte]
                    to += num_bytes
                if kind == UNSPACED:
                    edges[num_edges] = to
                    if places is not None:
                        places[num_edges] = at - num_later + 1
                    num_edges += 1
                    num_unspaced += 1
                elif kind == MARK:
                    num_marks += 1
                elif num_bytes:
                    num_marks = 0
                if num_bytes and entry & 8:
                    last_rank = 0
                rank = entry >> 4 & 15
                if num_marks > _MAX_MARKS or 0 < rank < last_rank:
                    return HARD, 0
                last_rank = max(rank, last_rank)
            at += size
            num_later += size - 1
            if at < last_block and at + 8 <= end and not load_uint64(text, at) & _HIGH_BITS:
                break
    if num_edges & 1:
        edges[num_edges] = to
        if places is not None:
            places[num_edges] = at - num_later
        num_edges += 1
    return num_edges >> 1, num_unspaced


@njit
def _hash_words(scratch: _Scratch, num_words: int, hashes: UInt64s) -> bool:
    """Hash the folded words of a text; False if one is empty.

    Short words are hashed many at a time, then the longer ones one by one.
    """
    use_wide_vectors()
    folded, edges, longer = scratch.folded, scratch.edges, scratch.longer
    has_empty = False
    lows = scratch.values
    for word in range(num_words):
        lows[word] = load_uint64(folded, np.int64(edges[2 * word]))
    for word in range(num_words):
        size = np.int64(edges[2 * word + 1]) - np.int64(edges[2 * word])
        hashes[word] = hash_1_to_8(lows[word], size)
        has_empty |= size == 0
    if has_empty:
        return False
    num_longer = 0
    for first in range(0, num_words, BLOCK):
        bits = find_longer(edges, 2 * first, 8)
        if num_words - first < BLOCK:
            bits &= ~(_ALL << np.uint64(num_words - first))
        num_longer = _note_places(bits, num_longer, longer, first, None, 0)
    for number in range(num_longer):
        word = int(longer[number])
        at = np.int64(edges[2 * word])
        size = np.int64(edges[2 * word + 1]) - at
        if size > 16:
            hashes[word] = hash_long(folded, at, size)
        else:
            hashes[word] = hash_9_to_16(folded, at, size)
    return True


@njit
def _hash_windows(
    hashes: UInt64s, width: int, mixed: UInt32s, values: UInt64s, pairs: UInt64s
) -> int:
    """Hash and mix the shingles of a range of words into `mixed`, and return their number.

    Args:
        hashes: Of the words, `(num_words,) uint64`.
        width: Words a shingle.
        mixed: The result, with room for a number a shingle.
        values: Scratch for a number a shingle.
        pairs: Scratch for a number a word.
    """
    use_wide_vectors()
    width = min(width, len(hashes))
    num_windows = len(hashes) - width + 1 if width else 0
    for word in range(len(hashes) - 1):
        pairs[word] = hashes[word] * MULTIPLIER + hashes[word + 1]
    start, first = (hashes, 1) if width & 1 else (pairs, 2)
    for window in range(num_windows):
        values[window] = start[window]
    for at in range(first, width, 2):
        entering = pairs[at:]
        for window in range(num_windows):
            values[window] = values[window] * _SQUARE + entering[window]
    for window in range(num_windows):
        value = values[window]
        shingle = (value ^ (value >> np.uint64(32))) * FINALIZER
        mixed[window] = np.uint32(shingle >> np.uint64(32))
    for window in range(num_windows):
        mixed[window] = _mix(mixed[window])
    return num_windows


@njit(inline="always")
def _mix(value: np.uint32) -> np.uint32:
    """Apply MurmurHash3's 32-bit finalizer."""
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@njit
def _minimize(
    mixed: UInt32s, num_windows: int, multipliers: UInt32s, addends: UInt32s, signature: UInt32s
) -> None:
    """Lower a signature to the smallest value that each permutation gives."""
    num_whole = len(signature) // LANES * LANES
    for k in range(0, num_whole, LANES):
        minimize_lanes(mixed, num_windows, multipliers, addends, signature, k)
    for k in range(num_whole, len(signature)):
        for window in range(num_windows):
            permuted = np.uint32(multipliers[k] * mixed[window] + addends[k])
            signature[k] = min(signature[k], permuted)


@njit
def _scratch(num_bytes: int) -> _Scratch:
    """Return memory for a text of so many bytes."""
    most = num_bytes + BLOCK
    return _Scratch(
        np.empty(MAX_GROWTH * num_bytes + 2 * BLOCK, np.uint8),
        np.empty(most + 2 * BLOCK, np.uint32),
        np.empty(most, np.uint32),
        np.empty(most, np.uint32),
        np.empty(most, np.uint64),
        np.empty(most, np.uint64),
    )


@njit
def _hash_text(
    text: Bytes,
    begin: int,
    end: int,
    table: FoldTable,
    scratch: _Scratch,
    hashes: UInt64s,
    shingle_size: int,
    mixed: UInt32s,
) -> int:
    """Hash the shingles of a text into `mixed`, and return their number, or `HARD`."""
    num_words, num_unspaced = _find_words(text, begin, end, table, scratch, None)
    if num_words == HARD or not _hash_words(scratch, num_words, hashes):
        return HARD
    width = 2 * shingle_size - 1 if 2 * num_unspaced > num_words else shingle_size
    return _hash_windows(hashes[:num_words], width, mixed, scratch.values, scratch.pairs)


@compile_later(
    types.void(
        _BYTES_IN,
        _INT64S_IN,
        _TABLE,
        _UINT32S_IN,
        _UINT32S_IN,
        types.int64,
        types.int64,
        types.uint32[:, ::1],
        types.bool_[::1],
    )
)
def sign_texts(
    text: Bytes,
    offsets: Int64s,
    table: FoldTable,
    multipliers: UInt32s,
    addends: UInt32s,
    shingle_size: int,
    longest: int,
    signatures: UInt32s,
    is_hard: Bools,
) -> None:
    """Sign whole texts; see `cleaner.compiled.sign_texts`.

    Args:
        text: UTF-8 of all texts, `(num_bytes,) uint8`.
        offsets: Where each begins, and the end of the last, `(num_texts + 1,) int64`.
        table: The fold table.
        multipliers: Of the permutations, `(num_perm,) uint32`.
        addends: Of the permutations, `(num_perm,) uint32`.
        shingle_size: Words a shingle.
        longest: Bytes of the longest text.
        signatures: The result, `(num_texts, num_perm) uint32`, all `EMPTY`.
        is_hard: Set for texts that are not signed, `(num_texts,) bool`.
    """
    use_wide_vectors()
    scratch = _scratch(longest)
    hashes = np.empty(longest // 2 + 2, np.uint64)
    mixed = np.empty(longest // 2 + 2, np.uint32)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        num_windows = _hash_text(text, begin, end, table, scratch, hashes, shingle_size, mixed)
        if num_windows == HARD:
            is_hard[row] = True
        else:
            _minimize(mixed, num_windows, multipliers, addends, signatures[row])


@compile_later(
    types.void(
        _BYTES_IN,
        _INT64S_IN,
        _TABLE,
        types.int64,
        types.int64,
        types.uint32[::1],
        types.int64[::1],
        types.bool_[::1],
    )
)
def hash_shingles(
    text: Bytes,
    offsets: Int64s,
    table: FoldTable,
    shingle_size: int,
    longest: int,
    shingles: UInt32s,
    limits: Int64s,
    is_hard: Bools,
) -> None:
    """Hash the shingles of whole texts; see `cleaner.compiled.hash_shingles`.

    Args:
        text: UTF-8 of all texts, `(num_bytes,) uint8`.
        offsets: Where each begins, and the end of the last, `(num_texts + 1,) int64`.
        table: The fold table.
        shingle_size: Words a shingle.
        longest: Bytes of the longest text.
        shingles: The result, with room for all of them and four more each.
        limits: The result: where those of each text begin, `(num_texts + 1,) int64`.
        is_hard: Set for texts of which no shingle is given, `(num_texts,) bool`.
    """
    use_wide_vectors()
    scratch = _scratch(longest)
    hashes = np.empty(longest // 2 + 2, np.uint64)
    for row in range(len(offsets) - 1):
        begin, end, at = offsets[row], offsets[row + 1], limits[row]
        num_windows = _hash_text(
            text, begin, end, table, scratch, hashes, shingle_size, shingles[at:]
        )
        is_hard[row] = num_windows == HARD
        limits[row + 1] = at + max(0, num_windows)


@njit
def _skip_chars(text: Bytes, at: int, num_chars: int) -> int:
    """Return where the bytes begin of what stands some characters after a place."""
    while num_chars > 0:
        if num_chars >= 8 and at + 8 <= len(text) and not load_uint64(text, at) & _HIGH_BITS:
            at += 8
            num_chars -= 8
        else:
            at += _decode(text, at)[1]
            num_chars -= 1
    return at


@njit
def _has_unspaced(text: Bytes, begin: int, end: int) -> bool:
    """Tell whether a text can hold characters of a script without spaces."""
    has_any = False
    for at in range(begin, end):
        has_any |= text[at] >= _FIRST_UNSPACED_BYTE
    return has_any


@compile_later(
    types.void(
        _BYTES_IN,
        _INT64S_IN,
        _INT64S_IN,
        _INT64S_IN,
        _INT64S_IN,
        _TABLE,
        types.int64,
        types.Tuple((types.int64[::1], types.int64[::1], types.uint64[::1], types.int64[::1])),
        types.bool_[::1],
        types.bool_[::1],
    )
)
def find_words(
    text: Bytes,
    offsets: Int64s,
    span_limits: Int64s,
    span_begins: Int64s,
    span_ends: Int64s,
    table: FoldTable,
    longest: int,
    found: tuple[Int64s, Int64s, UInt64s, Int64s],
    is_unspaced: Bools,
    is_hard: Bools,
) -> None:
    """Find and hash the words in spans of texts; see `cleaner.compiled.find_words`.

    Args:
        text: UTF-8 of all texts, `(num_bytes,) uint8`.
        offsets: Where each begins, and the end of the last, `(num_texts + 1,) int64`.
        span_limits: Where in the next two the spans of each text begin, as `Spans` has it.
        span_begins: Where in its text each span begins.
        span_ends: Where it ends.
        table: The fold table.
        longest: Bytes of the longest text.
        found: The result: what a `Words` has, with room for all words.
        is_unspaced: Part of the result.
        is_hard: Set for texts of which no word is given.
    """
    begins, ends, hashes, word_limits = found
    use_wide_vectors()
    scratch = _scratch(longest)
    num_found = 0
    for row in range(len(offsets) - 1):
        begin, end, before = offsets[row], offsets[row + 1], num_found
        if _has_unspaced(text, begin, end):
            num_words, num_unspaced = _find_words(text, begin, end, table, scratch, scratch.places)
            is_unspaced[row] = 2 * num_unspaced > num_words
            is_hard[row] = num_words == HARD
        at, place = begin, 0
        for span in range(span_limits[row], span_limits[row + 1]):
            word_limits[span] = num_found
            if is_hard[row]:
                continue
            at = _skip_chars(text, at, span_begins[span] - place)
            end = _skip_chars(text, at, span_ends[span] - span_begins[span])
            num_words, _ = _find_words(text, at, end, table, scratch, scratch.places)
            if num_words == HARD or not _hash_words(scratch, num_words, hashes[num_found:]):
                is_hard[row] = True
                num_found = before
                for earlier in range(span_limits[row], span + 1):
                    word_limits[earlier] = before
                continue
            for word in range(num_words):
                begins[num_found + word] = span_begins[span] + scratch.places[2 * word]
                ends[num_found + word] = span_begins[span] + scratch.places[2 * word + 1]
            num_found += num_words
            at, place = end, span_ends[span]
    word_limits[len(span_begins)] = num_found


@compile_later(
    types.void(
        _UINT64S_IN,
        _INT64S_IN,
        _INT64S_IN,
        _INT64S_IN,
        types.int64,
        _UINT32S_IN,
        _UINT32S_IN,
        types.uint32[:, ::1],
    )
)
def sign_ranges(
    hashes: UInt64s,
    firsts: Int64s,
    lasts: Int64s,
    widths: Int64s,
    longest: int,
    multipliers: UInt32s,
    addends: UInt32s,
    signatures: UInt32s,
) -> None:
    """Sign ranges of words; see `cleaner.compiled.sign_ranges`.

    Args:
        hashes: Of words, `(num_words,) uint64`.
        firsts: Where in them each range begins, `(num_ranges,) int64`.
        lasts: Where it ends.
        widths: Words a shingle.
        longest: Words of the longest range.
        multipliers: Of the permutations, `(num_perm,) uint32`.
        addends: Of the permutations, `(num_perm,) uint32`.
        signatures: The result, `(num_ranges, num_perm) uint32`, all `EMPTY`.
    """
    use_wide_vectors()
    values, pairs = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    mixed = np.empty(longest, np.uint32)
    for row in range(len(firsts)):
        own = hashes[firsts[row] : lasts[row]]
        num_windows = _hash_windows(own, widths[row], mixed, values, pairs)
        _minimize(mixed, num_windows, multipliers, addends, signatures[row])
