"""Tell formats apart: by content first, by name where the content could be several things."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from cleaner.patterns import compile_late
from cleaner.reading.decoding import find_byte_order_mark

READABLE = "text, HTML, JSONL, JSON, Parquet and WARC/WET files, also as .gz or .zst"

HEAD_BYTES = 64 * 1024
"""What is looked at of each file."""

MAX_CONTROL_RATIO = 0.02
"""A head with a larger share of control characters is binary. Chosen by hand: random bytes have
0.1, UTF-16 has 0.5, and text with a stray form feed or NUL must stay text."""

MIN_HTML_TAGS = 3
"""A fragment without `<html>` is HTML from this many tags on; chosen by hand, so that plain text
with one pasted link stays text. It wrongly hits plain text that quotes three pieces of HTML."""


class SetAside(NamedTuple):
    """Why an input is not read."""

    reason: str
    detail: str


_CONVERT = "convert it to text, HTML or JSONL"
_UNPACK = "unpack it and give the files in it"
_EXPORT = "export it as JSONL or Parquet"
_NO_TEXT = "it holds no text"

_MAGIC = (
    (b"%PDF-", "a PDF file", "extract its text first, with pdftotext for one"),
    (b"PK\x03\x04", "a ZIP file or an office document", f"{_UNPACK}, or {_CONVERT}"),
    (b"\xd0\xcf\x11\xe0", "an old office document", _CONVERT),
    (b"{\\rtf", "an RTF file", _CONVERT),
    (b"7z\xbc\xaf", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a", "a RAR archive", _UNPACK),
    (b"BZh91AY&SY", "a bzip2 file", "decompress it, or use .gz or .zst"),
    (b"\xfd7zXZ", "an xz file", "decompress it, or use .gz or .zst"),
    (b"\x04\x22\x4d\x18", "an LZ4 file", "decompress it, or use .gz or .zst"),
    (b"filedesc://", "an ARC file", "convert it with `warcio recompress`"),
    (b"ARROW1", "an Arrow file", "save it as Parquet"),
    (b"SQLite format 3", "a SQLite database", _EXPORT),
    (b"\x89PNG", "an image", _NO_TEXT),
    (b"\xff\xd8\xff", "an image", _NO_TEXT),
    (b"GIF8", "an image", _NO_TEXT),
    (b"RIFF", "an image, audio or video file", _NO_TEXT),
    (b"OggS", "an audio file", _NO_TEXT),
    *((b"ID3" + version, "an audio file", _NO_TEXT) for version in (b"\x02", b"\x03", b"\x04")),
)

_TABLE = ("a table", _EXPORT)
_MARKUP = ("an XML file (a feed, a sitemap)", "fetch the pages that it lists, or convert it")
_CODE = ("a program or settings file", "it holds no articles; give other files")
_BY_SUFFIX = {
    **dict.fromkeys((".csv", ".tsv", ".xls", ".xlsx", ".ods"), _TABLE),
    **dict.fromkeys((".xml", ".rss", ".atom", ".rdf", ".svg"), _MARKUP),
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".epub"), ("an office document", _CONVERT)),
    **dict.fromkeys((".zip", ".tar", ".7z", ".rar", ".wacz"), ("an archive", _UNPACK)),
    **dict.fromkeys(
        (".css", ".js", ".ts", ".py", ".sh", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".sql"),
        _CODE,
    ),
    **dict.fromkeys((".cdx", ".cdxj", ".idx", ".ipynb", ".log", ".srt", ".vtt"), _CODE),
}
"""Text-like files that are no articles. Where the content has a magic number of its own, that
counts and not the name."""

_COMPRESSION_SUFFIXES = (".gz", ".zst", ".zstd")
_FORMAT_SUFFIXES = (
    ".txt", ".text", ".md", ".markdown", ".rst", ".html", ".htm", ".xhtml", ".shtml", ".json",
    ".jsonl", ".ndjson", ".jl", ".parquet", ".pq", ".warc", ".wet", ".wat", ".arc",
)  # fmt: skip

_README = re.compile(r"readme(?![^\W_])", re.IGNORECASE)
_DOCUMENTATION = re.compile(
    r"(?:LICEN[SC]E|COPYING)(?:[-_][A-Z0-9]+)*|CHANGE(?:LOG|S)|HISTORY|CONTRIBUTING"
    r"|CODE_OF_CONDUCT|AUTHORS|NOTICE|SECURITY|CITATION|SOURCES|MANIFEST|INSTALL"
)
_LICENCE = re.compile(r"licen[sc]e|copying|changelog|contributing", re.IGNORECASE)
_DOCUMENTATION_SUFFIXES = {"", "md", "txt", "rst"}
_COMMENTS = r"\s*(?:<!--(?:[^-]|-(?!->))*-->\s*|<\?xml[^>]*>\s*)*"
"""A comment has one end only, so that a page full of comments is matched in one way."""
_PAGE = re.compile(_COMMENTS + r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_LATE_PAGE = re.compile(r"<(?:!doctype\s+html|html|body)(?:\s[^<>]*)?>", re.IGNORECASE)
_LATE_PAGE_WITHIN = 2000
_XML = re.compile(_COMMENTS + r"<(?:rss|feed|urlset|sitemapindex|svg|rdf)\b", re.I | re.S)
_ELEMENTS = r"(?:p|div|a|h[1-6]|ul|ol|li|span|article|section|table|td|blockquote|figure)"
_TAG = compile_late(
    rf"</{_ELEMENTS}\s*>|<{_ELEMENTS}\s+[a-z-]+\s*=|^[ \t]{{0,20}}<{_ELEMENTS}>",
    re.I | re.MULTILINE,
)
_ANY_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\[\s*\{|\[\s*\]\s*\Z|\{\s*[\"}])")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"


def detect_format(head: bytes, name: str, *, trust_text: bool = False) -> str | SetAside:
    """Tell what a file is from its first decompressed bytes and its name.

    Args:
        head: Up to `HEAD_BYTES`, and for JSONL the whole first line.
        name: The file name; empty for standard input.
        trust_text: Whether the user named an encoding, so that NULs may belong to it.

    Returns:
        A format as `InputFile.format` names it, or the reason to leave the file alone.

    >>> detect_format(b"<!DOCTYPE html><p>News", "a.txt")
    'html'
    """
    if not head.strip():
        return SetAside("empty_file", "the file is empty" if not head else "only white space")
    for magic, kind, advice in _MAGIC:
        if head.startswith(magic):
            return SetAside("unsupported_format", f"{kind}: {advice}")
    if head.startswith(b"PAR1"):
        return "parquet"
    if re.match(rb"\s*WARC/\d", head):
        return "wet" if b"WARC-Type: conversion" in head else "warc"
    suffix = _suffixes(name)[-1:] or [""]
    encoding = find_byte_order_mark(head)
    if encoding:
        head = head.decode(encoding, errors="ignore").lstrip("\ufeff").encode()
    elif not trust_text and is_binary(head):
        known = _BY_SUFFIX.get(suffix[0])
        if known:
            return SetAside("unsupported_format", f"{known[0]}: {known[1]}")
        return SetAside("binary_file", "its bytes are no text in any encoding; if it is UTF-16 "
                        "without a byte order mark, give the encoding")  # fmt: skip
    if found := _detect_json(head, suffix[0]):
        return found  # Before HTML, of which records may be full.
    start = head.decode("latin-1")
    if looks_like_html(start) or (suffix[0] in (".html", ".htm", ".xhtml") and has_tags(start)):
        return "html"
    if suffix[0] in _BY_SUFFIX:
        kind, advice = _BY_SUFFIX[suffix[0]]
        return SetAside("unsupported_format", f"{kind}: {advice}")
    if _XML.match(start):
        return SetAside("unsupported_format", f"{_MARKUP[0]}: {_MARKUP[1]}")
    return "text"


def is_binary(head: bytes) -> bool:
    """Whether bytes have more control characters than text has."""
    num_control = len(head) - len(head.translate(None, _CONTROL))
    return num_control > MAX_CONTROL_RATIO * len(head)


def looks_like_html(text: str) -> bool:
    """Whether a text is the source of a page, or of a part of one.

    >>> looks_like_html("Write <p> to begin a paragraph."), looks_like_html("<p>One</p>" * 3)
    (False, True)
    """
    text = text[:HEAD_BYTES]
    if "<" not in text:
        return False
    if _PAGE.match(text):
        return True
    if text.lstrip()[:1] == "<" and _LATE_PAGE.search(text[:_LATE_PAGE_WITHIN]):
        return True
    return len(list(itertools.islice(_TAG.finditer(text), MIN_HTML_TAGS))) == MIN_HTML_TAGS


def has_tags(text: str) -> bool:
    """Whether there is at least one tag."""
    return _ANY_TAG.search(text, 0, HEAD_BYTES) is not None


def is_documentation(name: str) -> bool:
    """Whether a file in a folder describes the folder and is no article.

    Only whole names count, and most of them only in capitals: `license-plates-stolen.txt` and
    `SECURITY COUNCIL VOTES.txt` are news, `history.com.jsonl` is an outlet.
    """
    stem, _, suffix = name.partition(".")
    if _README.match(name):
        return True
    found = _DOCUMENTATION.fullmatch(stem) or _LICENCE.fullmatch(stem)
    return bool(found) and suffix.lower() in _DOCUMENTATION_SUFFIXES


def strip_suffixes(name: str) -> str:
    """Return a file name without the suffixes of compression and format.

    >>> strip_suffixes("guardian.co.uk.jsonl.gz")
    'guardian.co.uk'
    """
    known = (*_COMPRESSION_SUFFIXES, *_FORMAT_SUFFIXES)
    while (suffix := PurePosixPath(name).suffix).lower() in known and suffix:
        name = name[: -len(suffix)]
    return name


def needs_first_line(head: bytes) -> bool:
    """Whether the head may be the beginning of a JSONL file with a very long first line."""
    return head.lstrip()[:1] == b"{" and b"\n" not in head.lstrip()


def _detect_json(head: bytes, suffix: str) -> str | None:
    start = head.lstrip()
    if suffix in (".jsonl", ".ndjson", ".jl") and start[:1] != b"[":
        return "jsonl"
    if not _JSON.match(head):
        return "json" if suffix == ".json" and start[:1] in (b"[", b"{") else None
    if start.startswith(b"{"):
        try:
            first = json.loads(start.partition(b"\n")[0])
        except (ValueError, RecursionError):
            first = None
        if isinstance(first, dict):
            return "jsonl"
    return "json"


def _suffixes(name: str) -> list[str]:
    """Return the suffixes in lower case, without those of compression."""
    found = [suffix.lower() for suffix in PurePosixPath(name).suffixes]
    while found and found[-1] in _COMPRESSION_SUFFIXES:
        found.pop()
    return found
