"""The file of verdicts: what a person said of pairs of passages, and how precise that makes a run.

One JSON object a line, sorted by the sources of the two documents, to be read, edited and shared.
The first line says what the file is. It holds no text: a passage is named by its document, its
place, its number of words and a digest of them, so that a verdict on words that changed since is
known to be stale.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pyarrow as pa

from cleaner.boilerplate.outlet import lower_bound
from cleaner.errors import ConfigError, OutputError
from cleaner.passages.judgements import (
    BOILERPLATE,
    DIFFERENT,
    JUDGEMENTS,
    LEVELS,
    PLACED,
    SAME,
    digest_words,
)
from cleaner.words import fold_words

VERDICTS_FILE = "verdicts.jsonl"
NOT_JUDGED = "not judged; `clean judge`"
"""What stands for the precision of a run of which nobody judged a sample."""
VERDICTS = (SAME, DIFFERENT, BOILERPLATE)
_FORMAT, _VERSION = "cleaner verdicts", 1
HEADER = {"format": _FORMAT, "version": _VERSION}
"""The first line of a file of verdicts."""
_MAX_BYTES = 1 << 30
_Position = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1 << 40)]
_Name = Annotated[str, msgspec.Meta(min_length=1)]


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the two passages of a verdict.

    Attributes:
        document: The document's id, and `source` where it stands.
        begin, end: Its place in the document's text, in code points.
        words: Its number of words.
        digest: What `judgements.digest_words` gives of its folded words.
    """

    document: _Name
    source: str
    begin: _Position
    end: _Count
    words: _Count
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class VerdictLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A verdict, as its line has it.

    Attributes:
        verdict: `same`, `different` or `boilerplate`.
        left, right: The two passages.
        level: What the match was: `document`, `sentence` or `quotation`.
        sample: The pair was drawn by chance among the accepted ones, so it counts for precision.
        note: What a person wants to remember of it.
    """

    verdict: Literal["same", "different", "boilerplate"]
    left: Side
    right: Side
    level: Literal["document", "sentence", "quotation"]
    sample: bool = False
    note: str = ""

    @property
    def pair(self) -> tuple[tuple[str, int, int], ...]:
        """What was judged, whichever side is the left one."""
        sides = ((side.document, side.begin, side.end) for side in (self.left, self.right))
        return tuple(sorted(sides))


class Verdicts(msgspec.Struct, frozen=True):
    """A file of verdicts as it was read.

    Attributes:
        num_bytes, sha256: Size and digest of the file.
        lines: The verdicts, and `numbers` the number of the line that each stands in.
    """

    num_bytes: int
    sha256: str
    lines: tuple[VerdictLine, ...]
    numbers: tuple[int, ...]


def describe_side(document: str, source: str, text: str, begin: int, end: int) -> Side:
    """Name a passage of a document's text as a verdict does."""
    words = fold_words(text[begin:end])
    return Side(
        document=document,
        source=source,
        begin=begin,
        end=end,
        words=max(1, len(words)),
        digest=digest_words(words),
    )


def read_verdicts(name: str | Path | None) -> Verdicts | None:
    """Read a file of verdicts; None where none is named.

    Raises:
        ConfigError: If it cannot be read or a line is wrong; says which one, what is wrong with it
            and what to write.
    """
    if name is None:
        return None
    path = Path(name)
    try:
        if path.stat().st_size > _MAX_BYTES:
            message = f"{path} is larger than any file of verdicts; nothing was read"
            raise ConfigError(message)
        raw = path.read_bytes()
    except OSError as cause:
        message = (
            f"cannot read the verdicts in {path}: {cause.strerror}; `clean judge` writes them to "
            f"{VERDICTS_FILE} beside the output folder"
        )
        raise ConfigError(message) from cause
    return _parse(raw, path)


def _parse(raw: bytes, path: Path) -> Verdicts:
    lines: list[VerdictLine] = []
    numbers: list[int] = []
    seen: dict[object, int] = {}
    header, *rest = raw.removeprefix(codecs.BOM_UTF8).split(b"\n")
    _check_header(header, path)
    for number, line in enumerate(rest, start=2):
        if not line.strip():
            continue
        try:
            verdict = msgspec.json.decode(line, type=VerdictLine)
            problem = _find_problem(verdict)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
            message = f"{path}:{number}: {_explain(str(cause))}"
            raise ConfigError(message) from cause
        first = seen.setdefault(verdict.pair, number)
        if first != number:
            problem = f"the same pair is judged in line {first}; keep one of the two lines"
        if problem:
            message = f"{path}:{number}: {problem}"
            raise ConfigError(message)
        lines.append(verdict)
        numbers.append(number)
    digest = hashlib.sha256(raw).hexdigest()
    return Verdicts(len(raw), digest, tuple(lines), tuple(numbers))


def _check_header(line: bytes, path: Path) -> None:
    expected = json.dumps(HEADER)
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        message = f"{path}:1: this is no file of verdicts; its first line must be {expected}"
        raise ConfigError(message)
    if header.get("version") != _VERSION:
        message = (
            f"{path}:1: version {header.get('version')} of the format is not known here; this "
            f"version of `clean` reads {expected}"
        )
        raise ConfigError(message)


def _find_problem(verdict: VerdictLine) -> str:
    for name in ("left", "right"):
        side = getattr(verdict, name)
        if side.begin >= side.end:
            return f"{name}: begin {side.begin} is not below end {side.end}; swap them"
    if verdict.left.document == verdict.right.document:
        return (
            f"both sides are of the document {verdict.left.document}; a verdict is about two "
            "documents: leave the line out"
        )
    return ""


_ADVICE = {
    "`$.verdict`": f"write one of {', '.join(VERDICTS)}",
    "`$.level`": f"write one of {', '.join(LEVELS)}",
    "`$.sample`": "write true or false",
    "begin`": "write a position in characters, from 0",
    "end`": "write a position in characters, above begin",
    "words`": "write the number of words, or judge the pair anew",
    "digest`": "write the 16 hexadecimal digits that it had, or judge the pair anew",
    "missing required": "see docs/formats.md for all fields",
    "unknown field": "leave it out; only `note` is free text",
    "JSON": "write one JSON object a line, or leave the line out",
}


def _explain(problem: str) -> str:
    """Turn msgspec's message into one that says what to write instead."""
    advice = next((text for mark, text in _ADVICE.items() if mark in problem), "")
    return f"{problem}; {advice}" if advice else problem


def list_judgements(verdicts: Verdicts | None) -> Iterator[pa.RecordBatch]:
    """Yield verdicts as rows of `judgements.JUDGEMENTS`; their number is that of the line."""
    if verdicts is None:
        return
    rows = []
    for number, line in zip(verdicts.numbers, verdicts.lines, strict=True):
        row: dict[str, Any] = {
            "number": number,
            "verdict": line.verdict,
            "level": line.level,
            "is_sample": line.sample,
        }
        for name in ("left", "right"):
            side: Side = getattr(line, name)
            row |= {f"{name}_{key}": getattr(side, key) for key in _SIDE_KEYS}
            row[f"{name}_num_words"] = side.words
        rows.append(row)
    yield pa.RecordBatch.from_pylist(rows, schema=JUDGEMENTS)


_SIDE_KEYS = ("document", "source", "begin", "end", "digest")


def change_verdicts(
    path: Path, change: Callable[[dict[object, VerdictLine]], object]
) -> tuple[VerdictLine, ...]:
    """Change a file of verdicts, which appears whole or not at all.

    It is read anew each time, so what somebody else wrote into it meanwhile is kept.

    Args:
        path: The file; it need not be there yet.
        change: Changes the verdicts by `VerdictLine.pair`, in place.

    Returns:
        All verdicts in it.

    Raises:
        ConfigError: If what is there is no file of verdicts.
        OutputError: If it cannot be written.
    """
    found = read_verdicts(path) if path.exists() else None
    by_pair: dict[object, VerdictLine] = {line.pair: line for line in found.lines} if found else {}
    change(by_pair)
    lines = tuple(sorted(by_pair.values(), key=_place))
    _replace(path, render_verdicts(lines))
    return lines


def _place(line: VerdictLine) -> tuple[object, ...]:
    return tuple(
        (side.source, side.document, side.begin, side.end) for side in (line.left, line.right)
    )


def render_verdicts(lines: Iterable[VerdictLine]) -> bytes:
    """Return verdicts as their file has them."""
    parts = [json.dumps(HEADER).encode()]
    for line in lines:
        fields = msgspec.to_builtins(line)
        kept = {key: value for key, value in fields.items() if value not in ("", False)}
        parts.append(json.dumps(kept, ensure_ascii=False).encode("utf-8"))
    return b"\n".join(parts) + b"\n"


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place of another one, which keeps its permissions."""
    final = path.resolve()
    half_done = final.with_name(f".{final.name}-{os.getpid()}")
    try:
        try:
            with half_done.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if final.exists():
                shutil.copymode(final, half_done)
            os.replace(half_done, final)
        finally:
            half_done.unlink(missing_ok=True)
    except OSError as cause:
        problem = cause.strerror or cause
        message = f"cannot write the verdicts to {path}: {problem}; choose another --verdicts file"
        raise OutputError(message) from cause


class Precision(msgspec.Struct, frozen=True):
    """How many accepted pairs are right, by those that a person judged of a random sample.

    Attributes:
        judged: Pairs of the sample that were judged.
        same: Those that are the same; `boilerplate` counts as wrong, for nobody copied there.
        value: The share of them.
        low, high: Its 95 % confidence interval.
    """

    judged: int
    same: int
    value: float
    low: float
    high: float


def confidence_interval(count: int, whole: int) -> tuple[float, float]:
    """Return the ends of the 95 % confidence interval of a share, to four digits.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927). The
    interval for a share is the mirror image of that for the rest.

    >>> confidence_interval(47, 50)
    (0.8378, 0.9794)
    """
    return round(lower_bound(count, whole), 4), round(1 - lower_bound(whole - count, whole), 4)


def measure_precision(judged: int, same: int) -> Precision | None:
    """Return the precision that a judged sample speaks for; None where nothing was judged.

    >>> measure_precision(50, 47)
    Precision(judged=50, same=47, value=0.94, low=0.8378, high=0.9794)
    """
    if not judged:
        return None
    return Precision(judged, same, round(same / judged, 4), *confidence_interval(same, judged))


def count_sample(
    lines: Iterable[VerdictLine], documents: AbstractSet[str] | None = None
) -> Precision | None:
    """Measure precision by the sampled verdicts on pairs of some documents, or of all."""
    sample = [
        line
        for line in lines
        if line.sample
        and (documents is None or {line.left.document, line.right.document} <= documents)
    ]
    return measure_precision(len(sample), sum(line.verdict == SAME for line in sample))


def count_uses(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, int], Precision | None]:
    """Count what became of the verdicts of a run.

    Args:
        rows: Groups of verdicts: `verdict`, `status` (see `judgements.PLACED_JUDGEMENTS`),
            `is_sample`, `was_accepted` (1 or 0 by the match that it met, None if it met none), and
            their number `n`.

    Returns:
        Numbers of verdicts by `applied`, `stale`, `no_document` and `no_match`; and the precision
        of what the run accepts without them. A pair that was sampled and is not accepted any more
        says nothing of that. The text of boilerplate is gone before anything is matched, so of such
        pairs it is taken that they would still be accepted.
    """
    counts: dict[str, int] = {}
    judged = num_same = 0
    for row in rows:
        status = row["status"]
        if status == PLACED:
            is_idle = row["verdict"] == SAME and row["was_accepted"] is None
            status = "no_match" if is_idle else "applied"
            if row["is_sample"] and (row["was_accepted"] or row["verdict"] == BOILERPLATE):
                judged += row["n"]
                num_same += row["n"] if row["verdict"] == SAME else 0
        counts[status] = counts.get(status, 0) + row["n"]
    return dict(sorted(counts.items())), measure_precision(judged, num_same)
