"""Cues: phrases that boilerplate is made of, kept as data, one TOML file a language.

A cue has a scope that says how much it takes to believe it. `line`: the whole block is the phrase,
and that decides. `start`, `end`: the block begins or ends with it, and is not long. `phrase`: it
occurs somewhere, which is evidence and no more: articles about paywalls quote what paywalls say.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
import unicodedata
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec
import xxhash

from cleaner.boilerplate.prefilter import Prefilter
from cleaner.errors import ConfigError
from cleaner.model import BOILERPLATE_KINDS
from cleaner.words import limit_marks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRAIGHT = {
    sign: straight
    for straight, signs in {"'": "‘’‚‛′`´", '"': "“”„‟«»″", "-": "‐‑‒–—―−"}.items()
    for sign in signs
}
_EDGES = re.compile(r"^[^\w\"'(\[【〈《@#$€£¥©]+")
_CLOSING = " .!:…>→|。！：；;,،"
_MAX_LINE_CHARS, _LONG_HEAD_CHARS = 10_000, 1_000
_MAX_CUE_WORDS = 400
"""Longer blocks are never furniture, whatever they say."""


def normalize_line(text: str) -> str:
    """Bring a block to the form that cue patterns are written for.

    NFKC, case folded, straight quotes and dashes, single spaces; bullets, arrows and emoji before
    the first word and closing punctuation after the last are dropped. Of a very long block, which
    no pattern is for, it is the beginning and a digest of the whole.

    >>> normalize_line("▶ Read  More…")
    'read more'
    """
    if len(text) > _MAX_LINE_CHARS:
        return (
            f"{normalize_line(text[:_LONG_HEAD_CHARS])} {xxhash.xxh3_64_hexdigest(text.encode())}"
        )
    return _strip(_fold(text))


def _fold(text: str) -> str:
    """Compose characters, fold their case, and make quotes and dashes straight."""
    if text.isascii():
        return text.lower().replace("`", "'")
    folded = limit_marks(unicodedata.normalize("NFKC", limit_marks(text))).casefold()
    for sign, straight in _STRAIGHT.items():
        if sign in folded:
            folded = folded.replace(sign, straight)
    return folded


def _strip(line: str) -> str:
    """Leave single spaces in a line, and drop signs before its first word and after its last."""
    line = " ".join(line.split())
    return (line if line[:1].isalnum() else _EDGES.sub("", line)).rstrip(_CLOSING)


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


_FRAMES = {"line": r"\A(?:%s)\Z", "start": r"\A(?:%s)", "end": r"(?:%s)\Z", "phrase": r"(?:%s)"}


class Cue(msgspec.Struct, frozen=True, dict=True):
    """One phrase rule: what it is evidence of, and where it must stand.

    `patterns`, `why` and `hits_wrongly` are what the file says.
    """

    rule: str
    kind: str
    reason: str
    scope: str
    heading: bool
    max_words: int
    patterns: tuple[str, ...]
    why: str
    hits_wrongly: str

    @property
    def framed(self) -> tuple[str, ...]:
        """The patterns, each with what says where it must stand."""
        return tuple(_FRAMES[self.scope] % pattern for pattern in self.patterns)


_compile = functools.cache(re.compile)
"""Patterns are compiled when they are first needed: most never are."""


class Language(msgspec.Struct, frozen=True, eq=False, dict=True):
    """The cues of one language, and the words its date lines, bylines and pleas are made of."""

    code: str
    cues: tuple[Cue, ...]
    calendar_words: frozenset[str]
    date_words: frozenset[str]
    byline_words: frozenset[str]
    address_words: frozenset[str]

    @functools.cached_property
    def _patterns(self) -> tuple[tuple[Cue, str], ...]:
        """All patterns, in the order of the file, each with its cue."""
        return tuple((cue, pattern) for cue in self.cues for pattern in cue.framed)

    @functools.cached_property
    def _opening(self) -> Prefilter:
        return Prefilter(self._of_scopes("line", "start"), opening=True)

    @functools.cached_property
    def _inside(self) -> Prefilter:
        return Prefilter(self._of_scopes("phrase"))

    @functools.cached_property
    def _closing(self) -> Prefilter:
        return Prefilter(self._of_scopes("end"))

    def _of_scopes(self, *scopes: str) -> dict[int, str]:
        patterns = enumerate(self._patterns)
        return {at: pattern for at, (cue, pattern) in patterns if cue.scope in scopes}

    @functools.cached_property
    def _max_closing_words(self) -> int:
        return max((cue.max_words for cue in self.cues if cue.scope == "end"), default=0)

    def may_hold_phrase(self, lines: Sequence[str]) -> bool:
        """Tell whether a cue of scope `phrase` could hit any of some normalised lines.

        None does in most documents, and to ask once is faster than line by line.
        """
        return bool(self._inside.candidates("\n".join(lines).encode()))

    def find(self, line: str, num_words: int, *, phrases: bool = True) -> list[Cue]:
        """Return the cues that hit a normalised line, in the order of the file.

        Args:
            line: The line.
            num_words: Its words.
            phrases: Whether to look for cues of scope `phrase`.
        """
        if num_words > _MAX_CUE_WORDS or len(line) > _MAX_LINE_CHARS:
            return []
        encoded = line.encode()
        candidates = [*self._opening.candidates(encoded)]
        if phrases:
            candidates += self._inside.candidates(encoded)
        if num_words <= self._max_closing_words:
            candidates += self._closing.candidates(encoded)
        return self._confirm(line, num_words, candidates)

    def find_phrases(self, line: str) -> list[Cue]:
        """Return the cues of scope `phrase` that hit a normalised line."""
        return self._confirm(line, 0, self._inside.candidates(line.encode()))

    def _confirm(
        self, line: str, num_words: int, candidates: Sequence[tuple[int, bool]]
    ) -> list[Cue]:
        """Return the cues of those patterns that do hit a line."""
        found: list[Cue] = []
        for at, is_certain in sorted(candidates):
            cue, pattern = self._patterns[at]
            is_short = cue.scope in ("line", "phrase") or num_words <= cue.max_words
            is_new = not found or found[-1] is not cue
            if is_new and is_short and (is_certain or _compile(pattern).search(line)):
                found.append(cue)
        return found


Languages = tuple[Language, ...]
"""The languages that a document is judged by."""


@functools.lru_cache(maxsize=256)
def gather_words(languages: Languages, sort: str) -> frozenset[str]:
    """Return the words of one sort (`date_words`, `byline_words`, ...) of all languages."""
    return frozenset().union(*(getattr(language, sort) for language in languages))


class CueBook:
    """All cues that a run knows, by language; a language is read when a document speaks it.

    Args:
        files: Paths of further cue files; they add to a language that is already there.
        disabled: Rules to leave out, whole (`en.paywall.asks_to_sign_up`) or by family
            (`en.paywall`).

    Raises:
        ConfigError: If one of the further files cannot be read or is no cue file.
    """

    def __init__(self, files: Sequence[str] = (), disabled: Sequence[str] = ()) -> None:
        folder = resources.files("cleaner.boilerplate") / "cues"
        self._builtin = {
            entry.name.removesuffix(".toml"): entry
            for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
            if entry.name.endswith(".toml")
        }
        self._further: dict[str, list[_CueFile]] = {}
        self._disabled = tuple(disabled)
        self._read: dict[str, Language] = {}
        self.digests: dict[str, tuple[int, str]] = {}
        """Size in bytes and SHA-256 of each further file as it was read."""
        for path in files:
            file, raw = _read_further(path)
            self.digests[path] = len(raw), hashlib.sha256(raw).hexdigest()
            self._further.setdefault(file.language, []).append(file)

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages that there are cues for."""
        return tuple(sorted({*self._builtin, *self._further}))

    def language(self, code: str) -> Language:
        """Return the cues of a language."""
        if code not in self._read:
            files = list(self._further.get(code, ()))
            if code in self._builtin:
                entry = self._builtin[code]
                files.insert(0, _parse(entry.read_text(encoding="utf-8"), entry.name))
            self._read[code] = _merge(code, files, self._disabled)
        return self._read[code]

    def speaking(self, code: str | None) -> Languages:
        """Return the languages to judge a document by.

        They are its own, as far as there are cues for it, and English, which stands on pages of
        every language (`Share`, `Newsletter`); for a document of unknown language, all.
        """
        if code is None:
            return tuple(self.language(known) for known in self.codes)
        return tuple(self.language(c) for c in dict.fromkeys((code, "en")) if c in self.codes)

    def rule_names(self) -> frozenset[str]:
        """Return the names of all cues, and of the families they belong to."""
        names: set[str] = set()
        for code in self.codes:
            for cue in self.language(code).cues:
                parts = cue.rule.split(".")
                names.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
        return frozenset(names)


def _make_cue(language: str, entry: _CueEntry) -> Cue:
    return Cue(
        rule=_rule(language, entry),
        kind=entry.kind,
        reason=entry.id,
        scope=entry.scope,
        heading=entry.heading,
        max_words=entry.max_words,
        patterns=entry.patterns,
        why=entry.why,
        hits_wrongly=entry.hits_wrongly,
    )


def _check(cue: Cue, where: str) -> None:
    """Refuse a cue of which a pattern is broken or hits everything."""
    try:
        hits_nothing = any(_compile(pattern).search("") for pattern in cue.framed)
    except re.error as cause:
        message = f"{where}: cue {cue.reason!r} has a broken pattern: {cause}"
        raise ConfigError(message) from cause
    if hits_nothing:
        message = f"{where}: cue {cue.reason!r} would hit an empty line"
        raise ConfigError(message)


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
    """Return the cue book for a configuration; the same one every time, as nothing in it changes.

    Raises:
        ConfigError: If a file cannot be read or is no cue file.
    """
    return CueBook(files, disabled)


def _read_further(path: str) -> tuple[_CueFile, bytes]:
    """Read a user's cue file, and check all that is taken on trust in the built-in ones."""
    try:
        raw = Path(path).read_bytes()
        source = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        message = f"cannot read the cue file {path}: {cause}"
        raise ConfigError(message) from cause
    file = _parse(source, path)
    for entry in file.cue:
        _check(_make_cue(file.language, entry), path)
    return file, raw


def _merge(code: str, files: Sequence[_CueFile], disabled: Sequence[str]) -> Language:
    return Language(
        code=code,
        cues=tuple(
            _make_cue(code, entry)
            for file in files
            for entry in file.cue
            if not is_disabled(_rule(code, entry), disabled)
        ),
        calendar_words=frozenset(
            word
            for file in files
            for phrase in (*file.months, *file.weekdays)
            for word in normalize_line(phrase).split()
        ),
        date_words=frozenset(
            word
            for file in files
            for phrase in (*file.months, *file.weekdays, *file.date_words)
            for word in normalize_line(phrase).split()
        ),
        byline_words=frozenset(word for file in files for word in file.byline_words),
        address_words=frozenset(word for file in files for word in file.address_words),
    )
