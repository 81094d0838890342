"""Plan a run's inputs: find files, name them, tell formats apart, map fields, refuse bad requests.

The plan depends on what there is, never on the order in which it was named or listed.
"""

from __future__ import annotations

import difflib
import glob
import itertools
import json
import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
from msgspec.structs import replace

from cleaner.config import ReadConfig
from cleaner.errors import InputError
from cleaner.model import Rejection
from cleaner.reading.decoding import is_known_encoding
from cleaner.reading.documents import read_records, reject_unreadable
from cleaner.reading.fields import NUM_SAMPLED_RECORDS, Record, guess_fields, has_field
from cleaner.reading.formats import (
    HEAD_BYTES,
    READABLE,
    SetAside,
    detect_format,
    is_documentation,
    needs_first_line,
    strip_suffixes,
)
from cleaner.reading.input_file import InputFile, ReadingPlan
from cleaner.reading.streams import MAX_DOCUMENT_BYTES, open_stream

_GLOB = re.compile(r"[*?\[]")
_NUM_LISTED = 10
_ALIKE = re.compile(r"\\(?=x[0-9a-f]{2})|#(?=[0-9]+$)")
r"""What would give two inputs one label: `\xff` is a byte that is no UTF-8, `a#1` record 1 of a."""
_RECORD_FORMATS = ("jsonl", "json", "parquet")


class _Candidate(msgspec.Struct, frozen=True):
    """A file that may become an input.

    Attributes:
        label: Its name in the output, so far.
        root: The file or folder that was asked for, as a whole path; None for standard input.
        below: Its path below that folder; empty if it was named directly.
        is_named: Whether the user named this very file, perhaps beside a folder with it.
    """

    path: Path | None
    label: str
    root: Path | None
    below: str = ""
    is_named: bool = False
    problem: SetAside | None = None


def plan_inputs(paths: Sequence[str], config: ReadConfig) -> ReadingPlan:
    """Find out what is to be read, and how.

    Args:
        paths: Folders, files, globs, and `-` for standard input.
        config: What to leave out, which fields to take, which encoding to assume.

    Raises:
        InputError: If a path does not exist, if a file that was named has no text, if no file has
            a field that was named, or if nothing is left to read.
    """
    if not paths:
        message = f"no input: give files or folders with {READABLE}"
        raise InputError(message)
    if config.encoding and not is_known_encoding(config.encoding):
        message = f"there is no encoding {config.encoding!r}; try utf-8 or windows-1252"
        raise InputError(message)
    found = _label_apart(_merge(_find_candidates(paths, config)))
    files: list[InputFile] = []
    rejections: list[Rejection] = []
    missing = dict(config.fields)
    known: dict[str, None] = {}
    for candidate in found:
        planned = _plan_file(candidate, config)
        if isinstance(planned, Rejection):
            rejections.append(planned)
            continue
        if planned.format in _RECORD_FORMATS:
            mapped = _map_fields(planned, candidate, config)
            known.update(dict.fromkeys(mapped.names))
            for role, name in config.fields.items():
                if role in missing and _has_field_anywhere(planned, mapped, name, config):
                    del missing[role]
            if mapped.problem:
                rejections.append(mapped.problem)
                continue
            planned = replace(planned, fields=mapped.fields)
        files.append(planned)
    if missing and known:
        role, name = next(iter(missing.items()))
        message = f"no record has the field {name!r} (--field {role}={name}){_suggest(name, known)}"
        raise InputError(message)
    if not files:
        raise InputError(_explain_nothing(paths, rejections))
    return ReadingPlan(tuple(files), tuple(sorted(rejections, key=lambda r: (r.source, r.reason))))


def _find_candidates(paths: Sequence[str], config: ReadConfig) -> Iterator[_Candidate]:
    for typed in paths:
        if typed == "-":
            yield _Candidate(None, "stdin", None, is_named=True)
        elif os.path.lexists(typed):
            yield from _find_below(typed, config)
        elif _GLOB.search(typed):
            matches = glob.glob(typed, recursive=True)
            if not matches:
                message = f"no file matches {typed!r}"
                raise InputError(message)
            for match in matches:
                yield from _find_below(match, config)
        else:
            raise InputError(_explain_missing(typed))


def _find_below(typed: str, config: ReadConfig) -> Iterator[_Candidate]:
    """Yield a named file, or the files of a folder.

    Real folders come before linked ones, and no folder comes twice, so links cannot loop.
    """
    root = Path(os.path.abspath(typed))
    if not root.is_dir():
        yield _check_kind(_Candidate(root, _make_label(root), root, is_named=True))
        return
    folders, links, seen = [root], list[Path](), set[tuple[int, int]]()
    while folders or links:
        folder = folders.pop() if folders else links.pop()
        below = folder.relative_to(root).as_posix() if folder != root else ""
        label = _make_label(root, below)
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            if folder != root and _is_output(folder):
                problem = SetAside(
                    "earlier_output", "what an earlier run wrote; name it to read it"
                )
                yield _Candidate(folder, label, root, below, problem=problem)
                continue
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as cause:
            problem = SetAside("unreadable_file", reject_unreadable(label, cause).detail)
            yield _Candidate(folder, label, root, below, problem=problem)
            continue
        for entry in entries:
            path = Path(entry.path)
            below = path.relative_to(root).as_posix()
            if entry.name.startswith(".") or _is_excluded(below, config.exclude):
                continue
            candidate = _Candidate(path, _make_label(root, below), root, below)
            try:
                if entry.is_dir():
                    (links if entry.is_symlink() else folders).append(path)
                    continue
            except OSError as cause:  # A link to itself, or into a folder that is closed to us.
                yield _set_aside(candidate, cause)
                continue
            if is_documentation(entry.name):
                problem = SetAside("documentation_file", "describes the folder, by its name")
                yield replace(candidate, problem=problem)
            else:
                yield _check_kind(candidate)
        links.sort(reverse=True)


def _is_output(folder: Path) -> bool:
    """Tell whether a run has written its output into a folder."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and manifest.get("tool") == "cleaner"


def _check_kind(candidate: _Candidate) -> _Candidate:
    """Set aside what cannot be opened twice, or at all: pipes, devices, broken links."""
    path = candidate.path
    try:
        if path is None or path.is_file():
            return candidate
        problem = SetAside("unsupported_format", "no regular file; to read a pipe, give - for it")
        if not path.exists():
            problem = SetAside("unreadable_file", "a link to a file that does not exist")
    except OSError as cause:
        return _set_aside(candidate, cause)
    return replace(candidate, problem=problem)


def _set_aside(candidate: _Candidate, cause: OSError) -> _Candidate:
    """Set aside what the system does not let us look at."""
    detail = reject_unreadable(candidate.label, cause).detail
    return replace(candidate, problem=SetAside("unreadable_file", detail))


def _is_excluded(below: str, patterns: Sequence[str]) -> bool:
    name = below.rpartition("/")[2]
    return any(fnmatchcase(below, p.rstrip("/")) or fnmatchcase(name, p) for p in patterns)


def _merge(candidates: Iterator[_Candidate]) -> list[_Candidate]:
    """Keep one candidate a file: the one with the longest way, whose folders tell the most."""
    by_file: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        key = os.path.realpath(candidate.path) if candidate.path else "-"
        by_file.setdefault(key, []).append(candidate)
    merged = []
    for same in by_file.values():
        best = min(same, key=lambda c: (-c.label.count("/"), c.label, str(c.root)))
        is_named = any(candidate.is_named for candidate in same)
        # A README that was named is wanted.
        is_doc = best.problem is not None and best.problem.reason == "documentation_file"
        problem = None if is_doc and is_named else best.problem
        merged.append(replace(best, is_named=is_named, problem=problem))
    return merged


def _label_apart(candidates: list[_Candidate]) -> list[_Candidate]:
    """Put folders above before the labels of inputs that share a name, and sort all by label.

    They are as many as it takes, so that labels tell nothing of the rest of the machine; and what
    was asked for decides, not which files lie in it, so that a new file renames no other.
    """
    above = {candidate.root: 0 for candidate in candidates}
    while True:
        labels = {c: _make_label(c.root, c.below, above[c.root]) for c in candidates}
        sharing: dict[str, set[Path | None]] = {}
        for candidate, label in labels.items():
            root = candidate.root
            sharing.setdefault(label, set()).add(root)
            sharing.setdefault(_make_label(root, "", above[root]), set()).add(root)
        roots = {root for shared in sharing.values() if len(shared) > 1 for root in shared}
        extensible = [root for root in roots if root and above[root] < len(root.parts) - 1]
        if not extensible:
            named = [replace(candidate, label=label) for candidate, label in labels.items()]
            return sorted(named, key=lambda c: c.label)
        for root in extensible:
            above[root] += 1


def _make_label(root: Path | None, below: str = "", num_above: int = 0) -> str:
    """Name a file by what was asked for, so many folders above it, and its path below it."""
    if root is None:
        return "stdin"
    parts = root.parts[-1 - num_above :]
    is_whole = len(parts) == len(root.parts)
    name = root.as_posix().rstrip("/") if is_whole else "/".join(parts)
    label = f"{name}/{below}" if below else name or "/"
    return _clean_name(_ALIKE.sub(lambda found: f"\\x{ord(found[0]):02x}", label))


def _clean_name(name: str) -> str:
    r"""Write bytes of a file name that are no UTF-8 as `\xNN`: no table could hold them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _plan_file(candidate: _Candidate, config: ReadConfig) -> InputFile | Rejection:
    """Look at the first bytes of a file."""
    if candidate.problem:
        return Rejection(candidate.label, *candidate.problem)
    name = candidate.path.name if candidate.path else ""
    try:
        reader, stream = open_stream(candidate.path)
        with reader:
            head = reader.read(HEAD_BYTES)
            if needs_first_line(head):
                head += reader.readline(MAX_DOCUMENT_BYTES)
            found = detect_format(head, name, trust_text=config.encoding is not None)
            if not head and stream.damage:
                found = SetAside("truncated_file", stream.damage)
            if found == "parquet" and stream.compression:
                detail = f"a Parquet file inside {stream.compression}: decompress it"
                found = SetAside("unsupported_format", detail)
    except OSError as cause:
        return reject_unreadable(candidate.label, cause)
    if isinstance(found, SetAside):
        return Rejection(candidate.label, *found)
    outlet, outlet_from = strip_suffixes(_clean_name(name)) or "stdin", "file"
    if "/" in candidate.below:
        outlet, outlet_from = _clean_name(candidate.below.partition("/")[0]), "folder"
    return InputFile(candidate.path, candidate.label, found, {}, outlet, outlet_from)


class _Mapping(msgspec.Struct, frozen=True):
    """What the first records of a file say about its fields."""

    fields: dict[str, str]
    names: tuple[str, ...]
    problem: Rejection | None
    records: tuple[Record, ...]


def _map_fields(file: InputFile, candidate: _Candidate, config: ReadConfig) -> _Mapping:
    """Map the fields of a file.

    Raises:
        InputError: If the user named this file and it has no text.
    """
    records: tuple[Record, ...] = ()
    try:
        items = list(itertools.islice(read_records(file, config), NUM_SAMPLED_RECORDS))
        records = tuple(item for item in items if isinstance(item, Record))
        values = [record.values for record in records]
        fields, names = guess_fields(values, config.fields)
    except OSError as cause:
        return _Mapping({}, (), reject_unreadable(file.label, cause), ())
    if "text" in fields or "html" in fields:
        return _Mapping(fields, names, None, records)
    broken = [item for item in items if isinstance(item, Rejection)]
    if not records and broken:
        return _Mapping({}, (), Rejection(file.label, broken[0].reason, broken[0].detail), ())
    if not records:
        return _Mapping({}, names, Rejection(file.label, "empty_file", "it has no records"), ())
    detail = (
        f"no field holds text or HTML; the fields are {', '.join(names[:40]) or 'none'}; "
        "say which one does: --field text=NAME"
    )
    if candidate.is_named:
        message = f"{file.label}: {detail}"
        raise InputError(message)
    return _Mapping({}, names, Rejection(file.label, "no_text_field", detail), records)


def _has_field_anywhere(file: InputFile, mapped: _Mapping, name: str, config: ReadConfig) -> bool:
    """Look for a field in the sample, and if it is not there, in all of the file."""
    if has_field((record.values for record in mapped.records), name):
        return True
    if len(mapped.records) < NUM_SAMPLED_RECORDS:
        return False
    items = read_records(file, config)
    return has_field((item.values for item in items if isinstance(item, Record)), name)


def _explain_missing(typed: str) -> str:
    """Say that a path does not exist, and which one is nearest to it."""
    if "://" in typed:
        return f"{typed} is a URL: nothing is fetched here; save the page and give the file"
    there = Path(typed)
    try:
        while not there.parent.exists() and there.parent != there:
            there = there.parent
        names = os.listdir(there.parent)
    except OSError:
        names = []
    close = difflib.get_close_matches(there.name, sorted(names), n=1, cutoff=0.5)
    guess = f"; did you mean {str(there.parent / close[0])!r}?" if close else ""
    return f"there is no {typed!r}{guess}"


def _suggest(name: str, known: dict[str, None]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    return f"{guess}; the fields are {', '.join(list(known)[:40])}"


def _explain_nothing(paths: Sequence[str], rejections: list[Rejection]) -> str:
    """Say why there is nothing to read, file by file."""
    asked = ", ".join(paths[:_NUM_LISTED])
    if not rejections:
        return (
            f"nothing to read in {asked}: no files but hidden or excluded ones; read are {READABLE}"
        )
    lines = [f"  {r.source}: {r.reason}: {r.detail}" for r in rejections[:_NUM_LISTED]]
    if len(rejections) > _NUM_LISTED:
        lines.append(f"  and {len(rejections) - _NUM_LISTED:,} more")
    return "\n".join([f"nothing to read in {asked}; read are {READABLE}; set aside were", *lines])
