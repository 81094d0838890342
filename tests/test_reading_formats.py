"""Formats by content and name."""

import gzip
import io

import pytest
import zstandard

from cleaner.reading import streams
from cleaner.reading.formats import (
    MAX_CONTROL_RATIO,
    SetAside,
    detect_format,
    is_binary,
    is_documentation,
    looks_like_html,
    strip_suffixes,
)
from cleaner.reading.streams import InputStream, read_lines

READABLE = [
    (b"Hello", "a.txt", "text"),
    (b"Hello", "a.html", "text"),
    (b"Hello", "a.pdf", "text"),
    (b"Hello <b>world</b>", "a.html", "html"),
    (b"\n<!-- x -->\n<!DOCTYPE html><p>", "a.txt", "html"),
    (b'<?xml version="1.0"?><html xmlns="x">', "a.xml", "html"),
    ("\ufeff<html>".encode("utf-16"), "a.txt", "html"),
    (b'{"a": 1}\n{"a": 2}', "a.json", "jsonl"),
    (b'{"text": "<p>a</p><p>b</p><p>c</p>"}\n', "a.txt", "jsonl"),
    (b'{broken\n{"a": 2}', "a.jsonl.gz", "jsonl"),
    (b'{"a":\n 1}', "a.txt", "json"),
    (b'[\n{"a": 1}]', "a.jsonl", "json"),
    (b'["a"]', "a.json", "json"),
    (b"[1] A footnote", "a.txt", "text"),
    (b"PAR1\x15\x04", "a.txt", "parquet"),
    (b"WARC/1.0\r\nWARC-Type: warcinfo", "a.txt", "warc"),
    (b"WARC/1.0\r\nWARC-Type: conversion", "a.txt", "wet"),
    (b"WARC/1.0 is a format", "", "warc"),
    (b"a\x1b$B\f" * 9, "a.txt", "text"),
]
SET_ASIDE = [
    (b"", "a.txt", "empty_file", "the file is empty"),
    (b" \n", "a.txt", "empty_file", "only white space"),
    (b"%PDF-1.4", "a.txt", "unsupported_format", "pdftotext"),
    (b"PK\x03\x04", "a.docx", "unsupported_format", "convert it to text"),
    (b"\x89PNG\r\n", "a", "unsupported_format", "an image"),
    (b"filedesc://a", "a.arc", "unsupported_format", "warcio recompress"),
    (b"a,b\n1,2", "a.csv", "unsupported_format", "export it as JSONL"),
    (b"<?xml version='1.0'?><rss>", "a.txt", "unsupported_format", "a feed"),
    (b"\x00\x01\x02\x03", "a.txt", "binary_file", "no text in any encoding"),
    (b"\x00\x01\x02\x03", "a.tar", "unsupported_format", "unpack it"),
]


@pytest.mark.parametrize(("head", "name", "expected"), READABLE)
def test_content_decides(head: bytes, name: str, expected: str) -> None:
    """The content says what a file is, and the name only where the content could be more."""
    assert detect_format(head, name) == expected


@pytest.mark.parametrize(("head", "name", "reason", "detail"), SET_ASIDE)
def test_unreadable_formats_are_set_aside(head: bytes, name: str, reason: str, detail: str) -> None:
    """What cannot be read is named, with what to do about it."""
    found = detect_format(head, name)
    assert isinstance(found, SetAside)
    assert found.reason == reason
    assert detail in found.detail


def test_named_encoding_makes_nuls_text() -> None:
    """UTF-16 without a mark is binary, unless the user says which encoding it is."""
    raw = "Hello".encode("utf-16-le")
    assert isinstance(detect_format(raw, "a.txt"), SetAside)
    assert detect_format(raw, "a.txt", trust_text=True) == "text"


def test_binary_begins_above_a_share_of_control_characters() -> None:
    """At the limit text is text, above it no more."""
    limit = int(1000 * MAX_CONTROL_RATIO)
    assert not is_binary(b"\0" * limit + b"a" * (1000 - limit))
    assert is_binary(b"\0" * (limit + 1) + b"a" * (999 - limit))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x<div>a</div><div>b</div>", False),
        ("x<div>a</div><div>b</div><p>c</p>", True),
        ('See <a href="x">this</a>.', False),
        ("Tags such as <p>, <div>, <a>, <ul> and <li> begin parts of a page.", False),
        ("The tag <html> opens a page, <body> its text.", False),
        ("<script>x</script><html lang='de'>", True),
        ("1 < 2", False),
    ],
)
def test_fragments_of_html(text: str, expected: bool) -> None:
    """Three tags make a fragment; text about HTML stays text."""
    assert looks_like_html(text) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("README.md", True), ("readme", True), ("README_de.txt", True), ("LICENSE", True),
        ("license.txt", True), ("LICENSE-MIT", True), ("CHANGELOG.md", True),
        ("license-plates-stolen.txt", False), ("readmeister.txt", False),
        ("history-of-x.txt", False), ("history.com.jsonl", False), ("NOTICE.md", True),
        ("SECURITY COUNCIL VOTES.txt", False), ("NOTICE-TO-READERS.html", False),
        ("sources.txt", False), ("security.html", False), ("COPYING", True),
    ],
)  # fmt: skip
def test_documentation_is_no_article(name: str, expected: bool) -> None:
    """Only what can hardly be a headline counts as documentation."""
    assert is_documentation(name) is expected


def test_suffixes_are_stripped() -> None:
    """Dots of a domain stay."""
    names = ["a.co.uk.jsonl.gz", "x.warc.wet.gz", "b.TXT", ".txt", "c.d"]
    assert [strip_suffixes(name) for name in names] == ["a.co.uk", "x", "b", ".txt", "c.d"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_decompression(pack: object) -> None:
    """Several members are one stream; a cut one gives what it holds, and says that it was cut."""
    text = b"".join(b"%d lines\n" % n for n in range(200_000))
    packed = pack(text) + pack(b"end")  # type: ignore[operator]
    whole = InputStream(io.BytesIO(packed))
    assert (whole.readall(), whole.damage) == (text + b"end", None)
    cut = InputStream(io.BytesIO(packed[: len(packed) // 2]))
    data = cut.readall()
    assert 1000 < len(data) < len(text) and text.startswith(data)
    assert f"data breaks off after {len(data):,} decompressed bytes" in str(cut.damage)


def test_padding_after_gzip_is_harmless_and_garbage_is_not() -> None:
    """Tapes pad with NULs; anything else is damage after the text."""
    padded = InputStream(io.BytesIO(gzip.compress(b"text") + b"\0" * 9))
    assert (padded.readall(), padded.damage) == (b"text", None)
    broken = InputStream(io.BytesIO(gzip.compress(b"text") + b"garbage"))
    assert broken.readall() == b"text"
    assert "damaged after 4 decompressed bytes" in str(broken.damage)


def test_lines_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line at the limit is read, a longer one is skipped to its end."""
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 4)
    assert list(read_lines(io.BytesIO(b"123\n1234\n12\n"))) == [b"123\n", None, b"12\n"]


def test_comments_are_passed_over_in_one_way() -> None:
    """Many comments before a text that is no page do not multiply the ways to match them."""
    assert not looks_like_html("<!---->" * 200 + "x")
    assert looks_like_html("<!-- a - b -- c -->" * 200 + "<html><body>")
