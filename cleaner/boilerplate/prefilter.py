r"""Tell quickly which of many patterns could hit a line: RE2 asks all of them at once.

Python's `re` needs a second to compile the cues of one language, and tries them one by one. RE2
compiles them in 50 ms and matches a set of them in one linear pass, whatever a hostile line holds;
but it has no assertions, and its classes are ASCII. So each pattern is widened to what RE2 can say
(`widen`), and `re` has the last word on those it widened and that come through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_BEYOND_ASCII = r"\x{80}-\x{10FFFF}"
_CLASSES = {
    "w": rf"\w{_BEYOND_ASCII}",
    "d": rf"\d{_BEYOND_ASCII}",
    "s": rf"\s\x{{0B}}\x{{1C}}-\x{{1F}}{_BEYOND_ASCII}",
    "S": rf"\S{_BEYOND_ASCII}",
    "W": rf"\W{_BEYOND_ASCII}",
    "D": rf"\D{_BEYOND_ASCII}",
}
_NARROWER = re.compile(r"\\[bBwWdDsS]|\(\?(?!:)")
"""What a pattern must not hold for RE2's answer to be `re`'s too."""
_MEMORY_BYTES = 256 << 20
"""What an automaton may take; one language's takes 10 to 30 MB."""
_ASSERTION = re.compile(r"\(\?(?:<?[=!])")


def widen(pattern: str) -> str:
    r"""Return an RE2 pattern that hits at least what a pattern of `re` hits.

    Assertions and word boundaries are dropped, and classes take in everything beyond ASCII.

    >>> widen(r"\bshare(?! prices)\w")
    'share[\\w\\x{80}-\\x{10FFFF}]'
    """
    out: list[str] = []
    at, in_class, dropped = 0, False, 0
    while at < len(pattern):
        part, length = _read(pattern, at, in_class)
        if part == "[" and not in_class:
            in_class = True
        elif part == "]" and in_class:
            in_class = False
        elif not in_class and part.startswith("("):
            if dropped or _ASSERTION.match(pattern, at):
                dropped += 1
        elif not in_class and part == ")" and dropped:
            dropped -= 1
            at += length
            continue
        if not dropped:
            out.append(part)
        at += length
    return "".join(out)


def _read(pattern: str, at: int, in_class: bool) -> tuple[str, int]:
    """Return the next part of a pattern in RE2's words, and how long it was."""
    char = pattern[at]
    if char != "\\" or at + 1 == len(pattern):
        return char, 1
    escaped = pattern[at + 1]
    if escaped in _CLASSES:
        return (_CLASSES[escaped] if in_class else f"[{_CLASSES[escaped]}]"), 2
    if escaped in "uUx":
        digits = {"u": 4, "U": 8, "x": 2}[escaped]
        return rf"\x{{{pattern[at + 2 : at + 2 + digits]}}}", 2 + digits
    if escaped in "bB" and not in_class:
        return "", 2
    if escaped == "Z":
        return r"\z", 2
    return pattern[at : at + 2], 2


class Prefilter:
    """Many patterns as one automaton.

    Args:
        patterns: Patterns of `re`; one that RE2 cannot take is always a candidate.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        self._set: Any = re2.Set.SearchSet(options)
        self._members: list[tuple[int, bool]] = []
        self._always: list[tuple[int, bool]] = []
        for index, pattern in enumerate(patterns):
            try:
                self._set.Add(widen(pattern))
                self._members.append((index, _NARROWER.search(pattern) is None))
            except re2.error:
                self._always.append((index, False))
        if self._members:
            self._set.Compile()

    def candidates(self, line: str) -> list[tuple[int, bool]]:
        """Return the indexes of the patterns that could hit a line, and whether they surely do."""
        found = (self._set.Match(line) or []) if self._members else []
        return sorted([*self._always, *(self._members[at] for at in found)])
