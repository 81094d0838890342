r"""Tell quickly which of many patterns could hit a line: RE2 asks all of them at once.

Python's `re` needs a second to compile the cues of one language, and tries them one by one. RE2
compiles them in 50 ms and matches a set of them in one linear pass, whatever a hostile line holds;
but it has no assertions, and its classes are ASCII. So each pattern is widened to what RE2 can say
(`widen`), and `re` has the last word on those it widened and that come through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PARTS = re.compile(r"\\(?:u.{4}|U.{8}|x..|.)?|\((?:\?<?[=!])?|[\[\])]|[^\\\[\]()]+", re.DOTALL)
_ASSERTIONS = frozenset(["(?=", "(?!", "(?<=", "(?<!"])


def widen(pattern: str) -> str:
    r"""Return an RE2 pattern that hits at least what a pattern of `re` hits.

    Assertions and word boundaries are dropped, and classes take in everything beyond ASCII.

    >>> widen(r"\bshare(?! prices)\w")
    'share[\\w\\x{80}-\\x{10FFFF}]'
    """
    out: list[str] = []
    in_class, dropped = False, 0
    for part in _PARTS.findall(pattern):
        if not in_class and part[0] == "(":
            if dropped or part in _ASSERTIONS:
                dropped += 1
        elif not in_class and part == ")" and dropped:
            dropped -= 1
            continue
        elif part in ("[", "]"):
            in_class = part == "["
        if not dropped:
            out.append(_widen_part(part, in_class) if part[0] == "\\" else part)
    return "".join(out)


def _widen_part(part: str, in_class: bool) -> str:
    """Return what is escaped in RE2's words."""
    escaped = part[1:2]
    if escaped in _CLASSES:
        return _CLASSES[escaped] if in_class else f"[{_CLASSES[escaped]}]"
    if escaped and escaped in "uUx":
        return rf"\x{{{part[2:]}}}"
    if part in (r"\b", r"\B") and not in_class:
        return ""
    return r"\z" if part == r"\Z" else part


def _by_line(wide: str) -> str:
    r"""Take the beginning and the end of a text for those of any line in it.

    >>> _by_line(r"\A(?:world|news)\z")
    '(?m)^(?:world|news)$'
    """
    ends = {r"\A": "^", r"\z": "$"}
    return "(?m)" + _ESCAPED.sub(lambda found: ends.get(found[0], found[0]), wide)


class Prefilter:
    r"""Many patterns at once.

    Patterns for the beginning of a line are one automaton: it stops at the first character that
    none of them goes on with. For patterns that may begin anywhere such an automaton would have
    too many states; of them only those are tried whose letters stand in the line. They can be asked
    for many lines at once, with newlines between them: what could hit one of the lines is found.

    Args:
        patterns: Patterns of `re` by number; one that RE2 cannot take is always a candidate.
        opening: All of them begin with `\A`.
    """

    def __init__(self, patterns: Mapping[int, str], *, opening: bool = False) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        self._matcher: Any = re2.Set.MatchSet(options) if opening else re2.Filter()
        self._members: list[tuple[int, bool]] = []
        self._always: list[tuple[int, bool]] = []
        for number, pattern in patterns.items():
            try:
                wide = widen(pattern)
                self._matcher.Add(wide) if opening else self._matcher.Add(_by_line(wide), options)
                self._members.append((number, _NARROWER.search(pattern) is None))
            except re2.error:
                self._always.append((number, False))
        if self._members:
            self._matcher.Compile()

    def candidates(self, line: bytes) -> list[tuple[int, bool]]:
        """Return the numbers of the patterns that could hit a line, and whether they surely do.

        Args:
            line: The line in UTF-8.
        """
        found = self._matcher.Match(line) if self._members else None
        if not found:
            return self._always
        return [*self._always, *(self._members[at] for at in found)]
