"""Make `fold_table.npz`: what `cleaner.words` makes of every character, as data.

Run `python -m cleaner.compiled.make_table` after a change of `cleaner.words`, with the oldest
Python that the compiled path is to serve: what Unicode assigned later is looked up by no table.
"""

from __future__ import annotations

import unicodedata

import numpy as np

from cleaner.compiled.fold_table import (
    APOSTROPHE,
    ITSELF,
    LETTER,
    MARK,
    PAGE_CHARS,
    PATH,
    SEPARATOR,
    UNKNOWN,
    UNSPACED,
    FoldTable,
    pack,
)
from cleaner.words import find_words, fold_word

_NUM_CHARS = 0x110000
_MAX_KEPT_CLASS = 9
_LAST_RANK = 10
"""Of the iota below a letter (U+0345): it stands after all other marks, and folds to a letter."""


def classify(char: str) -> int:
    """Return the class of a character, from what `find_words` does with it."""
    if unicodedata.category(char) in ("Cn", "Cs"):
        return UNKNOWN
    if not find_words(char):
        return APOSTROPHE if len(find_words(f"a{char}a")) == 1 else SEPARATOR
    if len(find_words(char + char)) == 2:
        return UNSPACED
    return LETTER if char.isalnum() and char not in "\uff9e\uff9f" else MARK


def fold(char: str, kind: int) -> str:
    """Return what a character adds to a folded word."""
    if kind == UNSPACED:
        return fold_word(char)
    return fold_word(f"a{char}a")[1:-1] if kind in (LETTER, MARK) else ""


def rank(char: str) -> tuple[int, bool]:
    """Tell how normalizing moves a character.

    Returns:
        Its place among the marks of a letter as far as they are kept, 0 if it has none; whether
        marks before it stay before it.
    """
    decomposed = unicodedata.normalize("NFKD", char)
    classes = [unicodedata.combining(part) for part in decomposed]
    starters = [at for at, value in enumerate(classes) if value == 0]
    kept = {
        _LAST_RANK if decomposed[at] == "\u0345" else value
        for at, value in enumerate(classes)
        if at > (starters or [-1])[-1]
        and (0 < value <= _MAX_KEPT_CLASS or decomposed[at] == "\u0345")
    }
    if len(kept) > 1:
        raise ValueError(f"U+{ord(char):04X}: {kept}")
    return max(kept, default=0), classes[0] == 0


def make_table() -> FoldTable:
    """Return the table of the Python that runs."""
    chars = np.zeros(_NUM_CHARS, dtype=np.uint32)
    pool = bytearray()
    offsets: dict[bytes, int] = {}
    for code in range(_NUM_CHARS):
        char = chr(code)
        kind = classify(char)
        if kind in (SEPARATOR, UNKNOWN, APOSTROPHE):
            chars[code] = pack(kind)
            continue
        folded = fold(char, kind)
        place, is_starter = rank(char)
        if folded == char:
            chars[code] = pack(kind, is_starter, place, ITSELF, 0)
            continue
        encoded = folded.encode()
        if encoded not in offsets:
            offsets[encoded] = len(pool)
            pool += encoded
        chars[code] = pack(kind, is_starter, place, len(encoded), offsets[encoded])
    pages, page_of = np.unique(chars.reshape(-1, PAGE_CHARS), axis=0, return_inverse=True)
    return FoldTable(
        page_of.reshape(-1).astype(np.uint16),
        pages.reshape(-1),
        np.frombuffer(bytes(pool), dtype=np.uint8),
    )


def main() -> None:
    """Write the table to its place in the package."""
    table = make_table()
    version = np.array(unicodedata.unidata_version)
    np.savez_compressed(
        str(PATH),
        unicode_version=version,
        page_of=table.page_of,
        chars=table.chars,
        folds=table.folds,
    )


if __name__ == "__main__":
    main()
