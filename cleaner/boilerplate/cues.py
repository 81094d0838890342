"""Cues: phrases that boilerplate is made of, kept as data, one TOML file a language.

A cue has a scope that says how much it takes to believe it. `line`: the whole block is the phrase,
and that decides. `start`, `end`: the block begins or ends with it, and is not long. `phrase`: it
occurs somewhere, which is evidence and no more: articles about paywalls quote what paywalls say.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from cleaner.errors import ConfigError
from cleaner.model import BOILERPLATE_KINDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRAIGHT = str.maketrans(
    dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_SPACES = re.compile(r"\s+")
_EDGES = re.compile(r"^[^\w\"'(\[@#$€£¥]+|[\s.!:…>→|。！：；;,،]+$")
_MAX_CUE_CHARS = 2_000
"""Longer blocks are searched for cues in their first and last characters only."""


def normalize_line(text: str) -> str:
    """Bring a block to the form that cue patterns are written for.

    NFKC, case folded, straight quotes and dashes, single spaces; bullets, arrows and emoji before
    the first word and closing punctuation after the last are dropped.

    >>> normalize_line("▶ Read  More…")
    'read more'
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_STRAIGHT)
    return _EDGES.sub("", _SPACES.sub(" ", folded).strip())


class _CueEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[cue]]` table of a cue file."""

    id: str
    kind: Literal[BOILERPLATE_KINDS]  # type: ignore[valid-type]
    scope: Literal["line", "start", "end", "phrase"]
    patterns: tuple[str, ...]
    why: str
    hits_wrongly: str
    heading: bool = False
    max_words: int = 40


class _CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cue file as a whole."""

    language: str
    cue: tuple[_CueEntry, ...] = ()
    months: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()
    date_words: tuple[str, ...] = ()
    byline_words: tuple[str, ...] = ()
    address_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase rule: what it is evidence of, and where it must stand."""

    rule: str
    kind: str
    reason: str
    scope: str
    heading: bool
    max_words: int
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Language:
    """The cues of one language, and the words its date lines, bylines and pleas are made of.

    Patterns are compiled when a document of the language turns up: all languages take a second.
    """

    code: str
    entries: tuple[_CueEntry, ...]
    date_words: frozenset[str]
    byline_words: tuple[str, ...]
    address_words: frozenset[str]

    @functools.cached_property
    def cues(self) -> tuple[Cue, ...]:
        """All cues of the language, compiled."""
        return tuple(_compile(self.code, entry, f"{self.code}.toml") for entry in self.entries)

    @functools.cached_property
    def _any(self) -> Mapping[str, re.Pattern[str]]:
        """One pattern a scope that tells quickly whether any cue of it can hit."""
        return {
            scope: re.compile("|".join(f"(?:{c.pattern.pattern})" for c in cues))
            for scope in ("line", "start", "end", "phrase")
            if (cues := [c for c in self.cues if c.scope == scope])
        }

    def find(self, line: str, num_words: int) -> list[Cue]:
        """Return the cues that hit a normalised line, decisive ones first."""
        return [
            cue
            for scope, pattern in self._any.items()
            if pattern.search(line)
            for cue in self.cues
            if cue.scope == scope
            and (scope in ("line", "phrase") or num_words <= cue.max_words)
            and cue.pattern.search(line)
        ]


@dataclass(frozen=True)
class CueBook:
    """All cues that a run knows, by language."""

    languages: Mapping[str, Language]

    def speaking(self, code: str | None) -> Sequence[Language]:
        """Return the languages to judge a document by: its own and English, or all of them.

        English stands on pages of every language (`Share`, `Newsletter`). A document of unknown
        language, or of one that has no cue file, is judged by all files.
        """
        if code in self.languages:
            return tuple(self.languages[c] for c in dict.fromkeys((code, "en")))
        return tuple(self.languages.values())


def _compile(language: str, entry: _CueEntry, where: str) -> Cue:
    body = "|".join(f"(?:{pattern})" for pattern in entry.patterns)
    frames = {"line": r"\A(?:%s)\Z", "start": r"\A(?:%s)", "end": r"(?:%s)\Z", "phrase": r"(?:%s)"}
    try:
        pattern = re.compile(frames[entry.scope] % body)
    except re.error as cause:
        message = f"{where}: cue {entry.id!r} has a broken pattern: {cause}"
        raise ConfigError(message) from cause
    if pattern.search(""):
        message = f"{where}: cue {entry.id!r} would hit an empty line"
        raise ConfigError(message)
    return Cue(
        _rule(language, entry),
        entry.kind,
        entry.id,
        entry.scope,
        entry.heading,
        entry.max_words,
        pattern,
    )


def _parse(source: str, where: str) -> _CueFile:
    try:
        return msgspec.convert(tomllib.loads(source), _CueFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as cause:
        message = f"{where} is no cue file: {cause}"
        raise ConfigError(message) from cause


def _rule(language: str, entry: _CueEntry) -> str:
    return f"{language}.{entry.kind}.{entry.id}"


def is_disabled(rule: str, disabled: Sequence[str]) -> bool:
    """Tell whether a rule, or a family that it belongs to, is among the disabled ones."""
    return any(rule == name or rule.startswith(f"{name}.") for name in disabled)


@functools.lru_cache(maxsize=8)
def load_cues(files: tuple[str, ...] = (), disabled: tuple[str, ...] = ()) -> CueBook:
    """Read the built-in cue files and further ones.

    A further file of a language that is already there adds to it.

    Args:
        files: Paths of further cue files.
        disabled: Rules to leave out, whole (`en.paywall.asks_to_sign_up`) or by family
            (`en.paywall`).

    Raises:
        ConfigError: If a file cannot be read or is no cue file.
    """
    folder = resources.files("cleaner.boilerplate") / "cues"
    sources = [
        (str(entry.name), entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    for path in files:
        try:
            sources.append((path, Path(path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as cause:
            message = f"cannot read the cue file {path}: {cause}"
            raise ConfigError(message) from cause
    parsed: dict[str, list[_CueFile]] = {}
    for where, source in sources:
        file = _parse(source, where)
        parsed.setdefault(file.language, []).append(file)
        if where in files:
            for entry in file.cue:
                _compile(file.language, entry, where)
    return CueBook({code: _merge(code, group, disabled) for code, group in parsed.items()})


def _merge(code: str, files: Sequence[_CueFile], disabled: Sequence[str]) -> Language:
    return Language(
        code=code,
        entries=tuple(
            entry
            for file in files
            for entry in file.cue
            if not is_disabled(_rule(code, entry), disabled)
        ),
        date_words=frozenset(
            word
            for file in files
            for phrase in (*file.months, *file.weekdays, *file.date_words)
            for word in normalize_line(phrase).split()
        ),
        byline_words=tuple(word for file in files for word in file.byline_words),
        address_words=frozenset(word for file in files for word in file.address_words),
    )


def cue_rules(book: CueBook) -> frozenset[str]:
    """Return the names of all cues, and of the families they belong to."""
    names: set[str] = set()
    for code, language in book.languages.items():
        for entry in language.entries:
            parts = _rule(code, entry).split(".")
            names.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
    return frozenset(names)
