"""Know news agencies by their names, and mask the names in a stretch of text.

What agencies are called, and the words that stand around a credit, are data (`agencies.toml`).
Some 400 names are looked for at once by RE2; each one found becomes a run of one private character,
as long as the name, so that what a credit looks like can be said without naming agencies.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Sequence
from importlib import resources
from typing import Any

import msgspec

from cleaner.patterns import compile_late

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CLEAR, AMBIGUOUS = "\ue000", "\ue001"
_STRAIGHT = str.maketrans(
    dict.fromkeys("‐‑‒–—―−－", "-")
    | dict.fromkeys("（【［〔《〈❲", "(")
    | dict.fromkeys("）】］〕》〉❳", ")")
    | dict.fromkeys("‘’‛′`´ʼ", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u3000\u200b\u200e\u200f\ufeff\t\n\r", " ")
    | {"：": ":", "／": "/", "＝": "=", "．": ".", "，": ",", "；": ";", "｜": "|", "⁄": "/"}
    | dict.fromkeys((CLEAR, AMBIGUOUS), " ")
)
"""One character for one, so that positions stay."""
UNSPACED = compile_late(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_REPEATS = re.compile(r"\.\{\d+,\d+\}")
AGENCIES = f"[{CLEAR}{AMBIGUOUS}]+"
OTHER = f"[^{CLEAR}{AMBIGUOUS}]"
_EDGE = rf"[^\w{CLEAR}{AMBIGUOUS}]*"
_JOIN = compile_late(
    r" ?[/,;&+|=-] ?(?:(?:and|und|et|y|e|и|та) )?"
    r"| (?:and|und|et|y|e|i|og|och|en|ja|и|та|і|ve|și|a|with) "
)
"""Between the agencies of a list."""
SIGN = r"^[ (\[\])*_|/·•>.~\"-]*"
_REST = r"(?P<rest>(?:[ |,/·•:(-].{0,100}?)?)[ (\[\])*_|/·•>.~\"-]*"
_MAX_KIND_CHARS = 24
_MEMORY_BYTES = 64 << 20


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[agency]]` table; the head of the file says what its fields mean."""

    name: str
    names: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    clear_in: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    press_release: bool = False


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: tuple[str, ...]
    by: tuple[str, ...]
    kinds_before: tuple[str, ...]
    kinds_after: tuple[str, ...]
    picture: tuple[str, ...]


class _Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contributed: tuple[str, ...]


class AgencyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `agencies.toml` holds."""

    agency: tuple[Agency, ...]
    words: _Words
    phrases: _Phrases


class Mention(msgspec.Struct, frozen=True):
    """An agency's name in a stretch of text; `is_clear` if it can mean nothing else."""

    begin: int
    end: int
    agency: Agency
    is_clear: bool


class Stretch(msgspec.Struct, frozen=True):
    """A part of a block: as it stands but for signs, and with agencies masked."""

    begin: int
    plain: str
    masked: str
    mentions: tuple[Mention, ...]


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


class AgencyBook:
    """All agencies, and the patterns that are made of the words around them.

    `contributed`, `line` and `by` match masked text: a phrase that says an agency helped, a line
    that is a source, a line that is a byline.
    """

    def __init__(self, file: AgencyFile) -> None:
        import re2

        options = re2.Options()
        options.longest_match = True
        options.max_mem = _MEMORY_BYTES
        self._spelled: dict[str, tuple[Agency, bool]] = {}
        for agency in file.agency:
            self._spelled.update(dict.fromkeys(map(str.casefold, agency.names), (agency, True)))
            self._spelled.update(dict.fromkeys(agency.abbreviations, (agency, True)))
            self._spelled.update(dict.fromkeys(agency.ambiguous, (agency, False)))
        exact = [w for a in file.agency for w in (*a.abbreviations, *a.ambiguous)]
        names = [name for agency in file.agency for name in agency.names]
        self._names: Any = re2.compile(f"(?:{_any(exact)})|(?i:{_any(names)})", options)

        signatures = [
            (agency, pattern.replace("{names}", ".{3,90}"))
            for agency in file.agency
            for pattern in agency.signatures
        ]
        self._signatures = [(agency, compile_late(text, re.I)) for agency, text in signatures]
        widened = (_REPEATS.sub(".*", text) for _, text in signatures)
        self._any_signature: Any = re2.compile(f"(?i){'|'.join(widened)}")

        words = file.words
        self._before = compile_late(
            rf"(?i:\b(?:the|l'|la|dell'|dall') ?)?(?i:(?<!\w)(?:{_any(words.kinds_before)}) )?"
            r"(?:(?<![\w/.])[a-z]{2,5}/(?:[a-z]{2,5}/)?)?$"
        )
        self._after = compile_late(
            rf"(?: ?(?i:{_any(words.kinds_after)})\b)?(?:[/-](?:[a-z]{{2,5}}|AFX|TMN)\b){{0,3}}"
        )
        phrases = "|".join(
            f"(?:{pattern.replace('{agencies}', AGENCIES).replace('{edge}', _EDGE)})"
            for pattern in file.phrases.contributed
        )
        self.contributed = compile_late(phrases, re.I)
        self._pictures = words.picture
        sources, by = _any(words.source), _any(words.by)
        self.line = compile_late(
            rf"{SIGN}(?P<source>(?i:{sources}) ?[:=-] ?)?(?P<agencies>{AGENCIES}){_REST}$"
        )
        self.by = compile_late(
            rf"{SIGN}(?i:{by})(?: ?[:/|] ?| )(?P<names>(?:{OTHER}{{2,90}}?(?: ?[,|/-] ?| ))?)"
            rf"(?P<agencies>{AGENCIES}){_REST}$"
        )

    @functools.cached_property
    def _picture(self) -> re.Pattern[str]:
        unspaced = [word for word in self._pictures if UNSPACED.search(word)]
        spaced = [word for word in self._pictures if word not in unspaced]
        return re.compile(rf"(?<![^\W_])(?:{_any(spaced)})(?![^\W_])|{_any(unspaced)}", re.I)

    def read(self, text: str, begin: int, end: int, language: str | None) -> Stretch | None:
        """Mask the agencies in a part of a text; None if it names none and holds no signature."""
        raw = text[begin:end].replace("\u00a0", " ")
        mentions = []
        for match in self._names.finditer(raw):
            first, last = match.span()
            if _goes_on(raw, first - 1, first) or _goes_on(raw, last, last - 1):
                continue
            written = match[0]
            known = self._spelled.get(written) or self._spelled.get(written.casefold())
            if known is None:
                continue
            agency, is_clear = known
            is_clear = is_clear or (language is not None and language in agency.clear_in)
            mentions.append(Mention(first, last, agency, is_clear))
        if not mentions and self._any_signature.search(raw) is None:
            return None
        plain = raw.translate(_STRAIGHT)
        return Stretch(begin, plain, self._mask(plain, mentions), tuple(mentions))

    def _mask(self, plain: str, mentions: Sequence[Mention]) -> str:
        """Put a run of one character for each agency, or several that are listed."""
        runs: list[tuple[int, int, bool]] = []
        for mention in mentions:
            line = plain[max(0, mention.begin - _MAX_KIND_CHARS) : mention.begin]
            kind = self._before.search(line)
            begin = mention.begin - (len(kind[0]) if kind else 0)
            sign = self._after.match(plain, mention.end)
            end = sign.end() if sign else mention.end
            is_clear = mention.is_clear
            if runs and begin <= runs[-1][1]:
                begin = runs[-1][1]
            if runs and _JOIN.fullmatch(plain, runs[-1][1], begin):
                begin, _, was_clear = runs.pop()
                is_clear = is_clear or was_clear
            runs.append((begin, end, is_clear))
        masked: list[str] = []
        at = 0
        for begin, end, is_clear in runs:
            masked += [plain[at:begin], (CLEAR if is_clear else AMBIGUOUS) * (end - begin)]
            at = end
        return "".join([*masked, plain[at:]])

    def find_signature(self, plain: str) -> tuple[Agency, tuple[int, int]] | None:
        """Return the agency whose copy alone says what a text says, and where."""
        for agency, pattern in self._signatures:
            match = pattern.search(plain)
            if match is not None:
                return agency, match.span()
        return None

    def is_picture(self, stretch: Stretch) -> bool:
        """Tell whether a line is about a picture, a chart or a film."""
        return self._picture.search(stretch.masked) is not None


def _goes_on(text: str, outside: int, inside: int) -> bool:
    """Tell whether a word goes on beyond the edge of a match."""
    if not 0 <= outside < len(text):
        return False
    joined = text[outside].isalnum() and text[inside].isalnum()
    return joined and not (UNSPACED.match(text[outside]) or UNSPACED.match(text[inside]))


@functools.lru_cache(maxsize=1)
def read_agencies() -> AgencyFile:
    """Read `agencies.toml`."""
    entry = resources.files("cleaner.passages") / "agencies.toml"
    data = tomllib.loads(entry.read_text(encoding="utf-8"))
    return msgspec.convert(data, AgencyFile)


@functools.lru_cache(maxsize=1)
def load_agencies() -> AgencyBook:
    """Read the agencies of the package, once in a process."""
    return AgencyBook(read_agencies())
