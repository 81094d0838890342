"""The fold table: what `cleaner.words` makes of every character, for code that is not Python.

Each character has a class, and what it adds to a folded word: itself, other characters, or nothing.
What cannot be told from one character alone is marked, and left to `cleaner.words`: normalizing
puts marks in order, and Python knows characters that are newer than the table.
"""

from __future__ import annotations

import functools
import importlib.resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SEPARATOR, LETTER, MARK, APOSTROPHE, UNSPACED, UNKNOWN = range(6)
"""Classes: what stands between words; a letter or digit; a mark that belongs to a word; what does
so between two letters; a word by itself; what Unicode has not assigned."""

ITSELF = 63
"""As length of a fold: the character is folded already."""
PAGE_CHARS = 256
PATH = importlib.resources.files("cleaner.compiled").joinpath("fold_table.npz")


class FoldTable(NamedTuple):
    """What is known of every character.

    Attributes:
        page_of: For each 256 characters the number of their page, `(4352,) uint16`.
        chars: Pages of packed entries (`pack`), `(256 * num_pages,) uint32`.
        folds: What characters are folded to, UTF-8, `(num_bytes,) uint8`.
    """

    page_of: npt.NDArray[np.uint16]
    chars: npt.NDArray[np.uint32]
    folds: npt.NDArray[np.uint8]


def pack(
    kind: int, is_starter: bool = True, rank: int = 0, num_bytes: int = 0, offset: int = 0
) -> int:
    """Pack what is known of a character into 32 bits.

    Args:
        kind: Its class.
        is_starter: Whether marks before it stay before it.
        rank: Its place among the kept marks of a letter; one that is smaller than that of the mark
            before it would move.
        num_bytes: Length of its fold, or `ITSELF`.
        offset: Where that is in `FoldTable.folds`.
    """
    return kind | is_starter << 3 | rank << 4 | num_bytes << 8 | offset << 14


@functools.cache
def load_table() -> tuple[str, FoldTable]:
    """Return the table, and the version of Unicode that it is made of."""
    with importlib.resources.as_file(PATH) as path, np.load(path) as arrays:
        table = FoldTable(arrays["page_of"], arrays["chars"], arrays["folds"])
        return str(arrays["unicode_version"]), table
