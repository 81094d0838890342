"""Records of JSONL files, and of JSON files that hold one object or an array of objects.

A JSON file is cut into its objects by their braces as it streams, so that memory is bounded by one
object, and an object that is broken inside does not take the next ones with it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from cleaner.model import Rejection
from cleaner.reading.decoding import decode_bytes, find_byte_order_mark
from cleaner.reading.fields import Record
from cleaner.reading.streams import (
    MAX_DOCUMENT_BYTES,
    InputStream,
    RecodedStream,
    read_lines,
    reject_too_large,
)

_CHUNK_BYTES = 1024 * 1024
_OUTSIDE = re.compile(rb'["{}\[\]]')
_IN_STRING = re.compile(rb'["\\]')


def read_json_lines(
    reader: io.BufferedReader, stream: InputStream, label: str, encoding: str | None
) -> Iterator[Record | Rejection]:
    """Yield one record a line. A last line that breaks off with its file is left to `damage`."""
    reader, recoded = _read_as_utf8(reader, encoding)
    for number, line in enumerate(read_lines(reader), start=1):
        if line is None:
            yield reject_too_large(f"{label}#{number}")
        elif line.strip():
            record = _parse(line, number, label, recoded)
            is_cut = stream.damage and not line.endswith(b"\n")
            if not (is_cut and isinstance(record, Rejection)):
                yield record


def read_json(
    reader: io.BufferedReader, stream: InputStream, label: str, encoding: str | None
) -> Iterator[Record | Rejection]:
    """Yield the objects of a JSON file, be it one object, an array, or several in a row."""
    reader, recoded = _read_as_utf8(reader, encoding)
    number = 0
    for number, part in enumerate(_split_objects(reader), start=1):
        if part is not None:
            yield _parse(part, number, label, recoded)
        elif not stream.damage:
            detail = "the file ends inside this record, or a quotation mark is missing in it"
            yield Rejection(f"{label}#{number}", "truncated_file", detail)


def _parse(line: bytes, number: int, label: str, recoded: tuple[str, ...]) -> Record | Rejection:
    text, notes = decode_bytes(line)
    try:
        values: Any = json.loads(text)
    except RecursionError:
        return Rejection(f"{label}#{number}", "broken_json", "nested too deeply")
    except ValueError as cause:
        return Rejection(f"{label}#{number}", "broken_json", str(cause)[:200])
    if not isinstance(values, dict):
        detail = f"a record must be an object {{...}}, not {type(values).__name__}"
        return Rejection(f"{label}#{number}", "broken_json", detail)
    return Record(number, values, recoded + notes)


def _read_as_utf8(
    reader: io.BufferedReader, encoding: str | None
) -> tuple[io.BufferedReader, tuple[str, ...]]:
    """Return a reader of UTF-8 without byte order mark, and what was done for it."""
    marked = find_byte_order_mark(reader.peek(4)[:4])
    if marked == "utf-8":
        reader.read(3)
        return reader, ()
    name = marked or encoding
    if name is None or name.lower().replace("_", "-") in ("utf-8", "utf8"):
        return reader, ()
    return io.BufferedReader(RecodedStream(reader, name)), (f"decoded as {name}",)


def _split_objects(reader: io.BufferedReader) -> Iterator[bytes | None]:
    """Cut a JSON text into its outermost objects; None stands for one that does not end."""
    buffer, at, begin, depth, in_string = bytearray(), 0, 0, 0, False
    while True:
        match = (_IN_STRING if in_string else _OUTSIDE).search(buffer, at)
        if match is None:
            at = max(at, len(buffer))
            if not depth:
                at -= len(buffer)
                buffer.clear()
            chunk = reader.read(_CHUNK_BYTES)
            if not chunk or len(buffer) > MAX_DOCUMENT_BYTES:
                break
            buffer += chunk
            continue
        token, at = match[0], match.end()
        if token == b"\\":
            at += 1
        elif token == b'"':
            in_string = not in_string
        elif token in b"{[" and (depth or token == b"{"):
            begin = begin if depth else match.start()
            depth += 1
        elif token in b"}]" and depth:
            depth -= 1
            if not depth:
                yield bytes(buffer[begin:at])
                del buffer[:at]
                at = 0
    if depth:
        yield None
