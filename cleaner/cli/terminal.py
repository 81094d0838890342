"""What may reach a terminal: names and texts of strangers must be shown, never obeyed."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""Replace what a terminal would obey rather than show, but for the ends of lines.

    >>> printable("red: \x1b[31m, reversed: \u202e")
    'red: �[31m, reversed: �'
    """
    return "".join(
        char if char.isprintable() or char == "\n" or unicodedata.category(char) == "Zs" else "�"
        for char in text
    )
