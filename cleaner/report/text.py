"""How numbers and article text are shown: harmless, in one piece, and not too long."""

from __future__ import annotations

import re

from cleaner.model import WHITESPACE

MAX_LINE_CHARS = 200
"""Titles, names, paths and details are cut here (by hand: two to three lines of a card)."""

_BIDI_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def format_count(number: int) -> str:
    """Write a whole number with thousands separators.

    >>> format_count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def format_quantity(number: int, noun: str) -> str:
    """Write a number with its noun; the plural is the noun and an s.

    >>> format_quantity(1, "outlet"), format_quantity(2000, "outlet")
    ('1 outlet', '2,000 outlets')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def format_percent(part: float, whole: float = 1) -> str:
    """Write a share with one decimal; what is not all or nothing never looks like it.

    >>> format_percent(1, 3), format_percent(99_999, 100_000), format_percent(1, 100_000)
    ('33.3%', '>99.9%', '<0.1%')
    """
    if not whole:
        return "0.0%"
    shown = f"{100 * part / whole:.1f}%"
    if shown == "0.0%" and part > 0:
        return "<0.1%"
    if shown == "100.0%" and part < whole:
        return ">99.9%"
    return shown


def show_text(text: str) -> str:
    r"""Replace what would not show, or would change how the text around it shows.

    Controls of writing direction become visible placeholders; control characters, lone surrogates
    and non-characters become U+FFFD. Markup is left alone: the template escapes it.

    >>> show_text("a\u202eb\x00c\r\nd")
    'a[U+202E]b\ufffdc\nd'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNPRINTABLE.sub("\ufffd", text)
    return _BIDI_CONTROL.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def show_line(text: str, max_chars: int = MAX_LINE_CHARS) -> str:
    r"""Show a text on one line, cut to a length.

    >>> show_line(" one\n two "), show_line("abcdef", 4)
    ('one two', 'abc…')
    """
    line = show_text(" ".join(text[: 10 * max_chars].split()))
    is_cut = len(line) > max_chars or len(text) > 10 * max_chars
    return f"{line[: max_chars - 1].rstrip()}…" if is_cut else line


def show_name(name: str) -> str:
    """Show a name in snake_case as words.

    >>> show_name("cookie_notice"), show_name("whitespace")
    ('cookie notice', 'white space')
    """
    return "white space" if name == WHITESPACE else show_line(name.replace("_", " "))
