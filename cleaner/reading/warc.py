"""Articles in web archives: WARC responses, and the plain text of WET.

The frame of a record is read here and not by fastwarc 2.0.1, because of what that does with
the samples in hand (measured): a file cut inside a record's head, at 1,963 of the 5,120 bytes of
warcio's `example.warc`, ends without any sign; a page that says `gzip` and is not (29 of 29 in
`clueweb-quirk`) loses its first 10 kB; a false chunk header loses the page; and the first broken
record head loses the rest of the file. Each of these must be a rejection, or no loss at all.
"""

from __future__ import annotations

import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from cleaner.model import Document, Rejection
from cleaner.reading.decoding import decode_bytes, repair_text
from cleaner.reading.fields import clean_line, name_outlet
from cleaner.reading.formats import HEAD_BYTES, is_binary, looks_like_html
from cleaner.reading.input_file import InputFile
from cleaner.reading.metadata import parse_language
from cleaner.reading.streams import MAX_DOCUMENT_BYTES, InputStream, reject_too_large

_MAX_HEAD_BYTES = 1024 * 1024
_SKIP_BYTES = 1024 * 1024
_PIECE_BYTES = 4096
"""What is fed to a decoder at a time, so that little memory is lost to a bomb before it shows."""
_GZIP_NAMES = ("gzip", "x-gzip")
_MAGIC = dict.fromkeys(_GZIP_NAMES, b"\x1f\x8b") | {"zstd": b"\x28\xb5\x2f\xfd"}
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_VERSION = re.compile(rb"WARC/\d")
_STATUS = re.compile(r"HTTP/\d\S*\s+(\d{3})\b")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


class _Record(msgspec.Struct, frozen=True):
    """A record: its head by lower-case name, and its block, None if that is not wanted."""

    head: dict[str, str]
    block: bytes | None

    @property
    def kind(self) -> str:
        return self.head.get("warc-type", "unknown").lower()


def read_warc(
    reader: io.BufferedReader, stream: InputStream, file: InputFile, encoding: str | None
) -> Iterator[Document | Rejection]:
    """Yield the articles of a file, then one rejection for all records that are none.

    A `response` with status 200 that is HTML or plain text is an article, so is a `conversion`,
    and so is a page that was stored as a `resource` without its HTTP head.
    """
    others: Counter[str] = Counter()
    number = 1
    for record in _read_records(reader):
        source = f"{file.label}#{number}"
        if isinstance(record, Rejection):
            if record.reason == "no_record":
                detail = f"no WARC head before record {number}, where one should begin"
                yield Rejection(file.label, "broken_file", detail)
                continue
            # Where compressed data breaks off, its `damage` says so for the whole file.
            if record.reason != "truncated_file":
                yield Rejection(source, record.reason, record.detail)
            elif not stream.damage:
                detail = f"record {number}: {record.detail}"
                yield Rejection(file.label, record.reason, detail)
        elif isinstance(found := _make_document(record, source, number, file, encoding), str):
            others[found] += 1
        else:
            yield found
        number += 1
    if others:
        listed = ", ".join(f"{num} {what}" for what, num in sorted(others.items()))
        yield Rejection(file.label, "not_an_article_record", listed)


def _read_records(reader: io.BufferedReader) -> Iterator[_Record | Rejection]:
    """Yield records; after something broken go on at the next line that begins a record.

    `no_record` stands for bytes between two records that belong to neither.
    """
    while True:
        line = _next_line(reader)
        if line and not _VERSION.match(line):
            while line and not _VERSION.match(line):
                line = reader.readline(_MAX_HEAD_BYTES)
            yield Rejection("", "no_record", "")
        if not line:
            return
        head, is_whole = _read_head(reader)
        if not is_whole:
            yield Rejection("", "truncated_file", "the file ends inside the head of this record")
            return
        length = head.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or len(length) > 15:
            yield Rejection("", "broken_record", f"its Content-Length is {length[:40]!r}")
            continue
        num_bytes = int(length)
        is_wanted = head.get("warc-type", "").lower() in ("response", "resource", "conversion")
        block = reader.read(num_bytes) if is_wanted and num_bytes <= MAX_DOCUMENT_BYTES else None
        num_read = _skip(reader, num_bytes) if block is None else len(block)
        if num_read < num_bytes:
            detail = f"the file ends after {num_read:,} of its {num_bytes:,} bytes"
            yield Rejection("", "truncated_file", detail)
        elif is_wanted and block is None:
            yield reject_too_large("")
        else:
            yield _Record(head, block)


def _make_document(
    record: _Record, source: str, number: int, file: InputFile, encoding: str | None
) -> Document | Rejection | str:
    """Return the document of a record, or in words what kind of record it is instead."""
    if record.block is None:
        return f"{record.kind} records"
    url = record.head.get("warc-target-uri", "").strip("<> ")
    body, notes = record.block, []
    media_type = record.head.get("content-type", "")
    if record.kind == "response":
        first, http, body = _split_http(body)
        status = _STATUS.match(first)
        if status is None:
            return "responses without HTTP status"
        if status[1] != "200":
            return f"responses with status {status[1]}"
        if "chunked" in http.get("transfer-encoding", "").lower():
            body, is_sound = _join_chunks(body)
            notes += [] if is_sound else ["chunked transfer broke off"]
        for name in reversed(http.get("content-encoding", "").lower().split(",")):
            body, is_sound = _decompress(body, name.strip())
            if not body and not is_sound:
                detail = f"its {clean_line(name.strip())} content broke off at its beginning"
                return Rejection(source, "truncated_file", detail)
            notes += [] if is_sound else [f"{name.strip()} content broke off"]
        if len(body) > MAX_DOCUMENT_BYTES:
            return reject_too_large(source)
        media_type = http.get("content-type", "")
    if record.head.get("warc-truncated"):
        notes.append(f"cut by the crawler: {clean_line(record.head['warc-truncated'])}")
    if url.partition("?")[0].endswith("/robots.txt"):
        return "robots.txt"
    mime = _judge_type(media_type, body)
    if mime is None or (record.kind == "resource" and not _is_stored_page(url, mime)):
        plain_type = media_type.partition(";")[0].strip().lower()
        return f"{record.kind} records of type {clean_line(plain_type[:60]) or 'unknown'}"
    if not body.strip():
        return "empty pages"
    is_html = mime == "text/html"
    charset = _CHARSET.search(media_type)
    text, more = decode_bytes(
        body, encoding=encoding, html=is_html, declared=charset[1] if charset else None
    )
    payload, repairs = repair_text(text, html=is_html)
    outlet, outlet_from = name_outlet(None, url, file)
    return Document(
        source=source,
        path=file.label,
        record=number,
        source_id=record.head.get("warc-record-id", "").strip("<> ") or None,
        outlet=outlet,
        outlet_from=outlet_from,
        url=url or None,
        language=parse_language(record.head.get("warc-identified-content-language")),
        mime=mime,
        payload=payload,
        notes=(*notes, *more, *repairs),
    )


def _judge_type(media_type: str, body: bytes) -> str | None:
    """Return what a body is, `text/html` or `text/plain`, or None if it is neither."""
    name, head = media_type.partition(";")[0].strip().lower(), body[:HEAD_BYTES]
    if name in _HTML_TYPES or name == "text/plain":
        if is_binary(head) and b"charset=utf-16" not in media_type.lower().encode():
            return None
        is_html = name in _HTML_TYPES or looks_like_html(head.decode("latin-1"))
        return "text/html" if is_html else "text/plain"
    if name in ("", "application/octet-stream") and looks_like_html(head.decode("latin-1")):
        return "text/html"
    return None


def _is_stored_page(url: str, mime: str) -> bool:
    return mime == "text/html" and url.startswith(("http:", "https:"))


def _next_line(reader: io.BufferedReader) -> bytes:
    """Return the next line that is not blank, b"" at the end."""
    while (line := reader.readline(_MAX_HEAD_BYTES)) and not line.strip():
        pass
    return line


def _read_head(reader: io.BufferedReader | io.BytesIO) -> tuple[dict[str, str], bool]:
    """Return the fields up to a blank line, the first of each name, and whether that came."""
    head: dict[str, str] = {}
    name, num_bytes = "", 0
    while (line := reader.readline(_MAX_HEAD_BYTES)) and num_bytes < _MAX_HEAD_BYTES:
        num_bytes += len(line)
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text.strip():
            return head, line.endswith(b"\n")
        if text[0] in " \t" and name:
            head[name] = f"{head[name]} {text.strip()}".strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        head.setdefault(name, value.strip())
    return head, False


def _split_http(block: bytes) -> tuple[str, dict[str, str], bytes]:
    """Return the status line, the fields by lower-case name, and the body."""
    reader = io.BytesIO(block)
    first = reader.readline(_MAX_HEAD_BYTES).decode("latin-1")
    head, _ = _read_head(reader)
    return first, head, reader.read()


def _skip(reader: io.BufferedReader, num_bytes: int) -> int:
    """Read over bytes, and return how many there were."""
    num_left = num_bytes
    while num_left and (chunk := reader.read(min(num_left, _SKIP_BYTES))):
        num_left -= len(chunk)
    return num_bytes - num_left


def _join_chunks(body: bytes) -> tuple[bytes, bool]:
    r"""Undo chunked transfer; a body that is not chunked at all comes back as it is.

    >>> _join_chunks(b"3\r\nabc\r\n0\r\n\r\n"), _join_chunks(b"<p>plain")
    ((b'abc', True), (b'<p>plain', True))
    """
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK_HEAD.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts), True
        end = match.end() + size
        if end < len(body) and body[end : end + 1] not in (b"\r", b"\n"):
            break
        parts.append(body[match.end() : end])
        if end >= len(body):
            return b"".join(parts), end == len(body)
        at = end + (2 if body[end : end + 2] == b"\r\n" else 1)
    if not parts:
        return body, True
    return b"".join((*parts, body[at:])), at == len(body)


def _decompress(body: bytes, name: str) -> tuple[bytes, bool]:
    """Undo a content encoding; a body that does not have it comes back as it is.

    Many archives keep the field of the encoding and store the body decoded.

    Returns:
        The body, cut soon after `MAX_DOCUMENT_BYTES`, and whether all of it could be decoded.
    """
    for engine in _make_engines(name):
        decoded, is_sound = bytearray(), True
        try:
            for at in range(0, len(body), _PIECE_BYTES):
                decoded += engine.decode(body[at : at + _PIECE_BYTES])
                if len(decoded) > MAX_DOCUMENT_BYTES:
                    return bytes(decoded), True
        except engine.error:
            is_sound = False
        # Only gzip says what it is: of plain text the others decode some garbage first.
        if decoded and (is_sound or name in _GZIP_NAMES):
            return bytes(decoded), is_sound and engine.is_done()
    return (b"", False) if body.startswith(_MAGIC.get(name, ())) else (body, True)


class _Engine(msgspec.Struct, frozen=True):
    """A way to decompress: what decodes a piece, tells whether the end was there, and is raised."""

    decode: Callable[[bytes], bytes]
    is_done: Callable[[], bool]
    error: type[Exception]


class _Members:
    """Decompresses the members of a gzip body or the frames of a zstd body, one after the other.

    What follows the last of them is left out.
    """

    def __init__(self, make: Callable[[], Any], magic: bytes | None) -> None:
        self._make = make
        self._magic = magic
        self._member = make()
        self._rest = b""

    def decode(self, data: bytes) -> bytes:
        data = self._rest + data
        decoded = b""
        while data:
            if self._member.eof:
                if self._magic is None or not data.startswith(self._magic):
                    break
                self._member = self._make()
            decoded += self._member.decompress(data)
            data = self._member.unused_data
        # A few bytes may be the begin of a magic number; more of them are none.
        self._rest = data[: len(self._magic or b"")]
        return decoded

    def is_done(self) -> bool:
        return bool(self._member.eof)


def _make_engines(name: str) -> Iterator[_Engine]:
    """Yield the ways to decompress what a content encoding may mean."""
    # By the standard `deflate` has a zlib head, by habit none.
    for window_bits in (31,) if name in _GZIP_NAMES else (15, -15) if name == "deflate" else ():
        members = _Members(partial(zlib.decompressobj, window_bits), _MAGIC.get(name))
        yield _Engine(members.decode, members.is_done, zlib.error)
    if name == "br":
        import brotli  # type: ignore[import-untyped]

        brotlis = brotli.Decompressor()
        yield _Engine(brotlis.process, brotlis.is_finished, brotli.error)
    elif name == "zstd":
        import zstandard

        frames = _Members(zstandard.ZstdDecompressor().decompressobj, _MAGIC[name])
        yield _Engine(frames.decode, frames.is_done, zstandard.ZstdError)
