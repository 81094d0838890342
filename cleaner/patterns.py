"""Regular expressions that are compiled when they are first asked for: most runs need few."""

from __future__ import annotations

import functools
import re
from typing import Any, cast


def compile_late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what stands for a pattern, and compiles it on its first use.

    For those that take milliseconds to compile and that few texts need. It has all methods and
    attributes of a pattern; to functions of `re` it is none.

    >>> compile_late("[0-9]+").findall("5 to 12")
    ['5', '12']
    """
    return cast("re.Pattern[str]", _LatePattern(pattern, flags))


class _LatePattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(*self._given)

    def __getattr__(self, name: str) -> Any:
        """Take a method from the compiled pattern, and keep it: it is looked up here but once."""
        value = getattr(self._compiled, name)
        setattr(self, name, value)
        return value
