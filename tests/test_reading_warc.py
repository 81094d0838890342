"""Articles in WARC and WET files, whole and broken."""

import gzip
import zlib
from pathlib import Path

import pytest
import zstandard

from cleaner.config import ReadConfig
from cleaner.model import Document, Rejection
from cleaner.reading import plan_inputs, read_documents

PAGE = b"<!doctype html><html><body><p>News of the day</p></body></html>"


def record(kind: str, block: bytes, *head: str, url: str = "http://www.a.org/x") -> bytes:
    """Build one WARC record."""
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Target-URI: {url}", *head]
    text = "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""])
    return text.encode() + block + b"\r\n\r\n"


def response(body: bytes, *head: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """Build a response to a request for a page."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *head, "", ""]
    return record("response", "\r\n".join(lines).encode() + body)


def read(folder: Path, raw: bytes, name: str = "x.warc") -> tuple[list[Document], list[Rejection]]:
    """Read the bytes of a WARC file."""
    (folder / name).write_bytes(raw)
    [file] = plan_inputs([str(folder / name)], ReadConfig()).files
    items = list(read_documents(file, ReadConfig()))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Rejection)]


def test_pages_are_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    """Each article has the number of its record; one line tells what else there was."""
    raw = b"".join([
        record("warcinfo", b"software: x"),
        response(PAGE),
        record("request", b"GET / HTTP/1.1\r\n\r\n"),
        record("request", b"GET / HTTP/1.1\r\n\r\n"),
        response(b"\x89PNG", kind="image/png"),
        response(PAGE, status="404 Not Found"),
        record("response", b"HTTP/1.1 200\r\nContent-Type: text/plain\r\n\r\nUser-agent: *",
               url="http://a.org/robots.txt"),
        response(b"\x89PNG\0\0\0\0", kind="text/html"),
        response(b" "),
        record("revisit", b""),
    ])  # fmt: skip
    [document], [rejection] = read(tmp_path, raw)
    assert document == Document(
        source="x.warc#2", path="x.warc", record=2, outlet="a.org", outlet_from="url",
        mime="text/html", payload=PAGE.decode(), url="http://www.a.org/x",
    )  # fmt: skip
    assert rejection == Rejection(
        "x.warc",
        "not_an_article_record",
        "1 empty pages, 2 request records, 1 response records of type image/png, "
        "1 response records of type text/html, 1 responses with status 404, 1 revisit records, "
        "1 robots.txt, 1 warcinfo records",
    )


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_by_record(tmp_path: Path, pack: object) -> None:
    """One gzip member or zstd frame a record is what crawlers write."""
    raw = b"".join(pack(response(PAGE)) for _ in range(3))  # type: ignore[operator]
    documents, rejections = read(tmp_path, raw)
    assert [d.source for d in documents] == ["x.warc#1", "x.warc#2", "x.warc#3"]
    assert rejections == []


def test_wet_and_stored_pages(tmp_path: Path) -> None:
    """Extracted text is an article with a language, a page without HTTP head is one too."""
    raw = b"".join([
        record("conversion", "Größe".encode(), "Content-Type: text/plain",
               "WARC-Identified-Content-Language: deu", "WARC-Record-ID: <urn:1>"),
        record("resource", PAGE, "Content-Type: text/html"),
        record("resource", PAGE, "Content-Type: text/html", url="urn:pageinfo"),
    ])  # fmt: skip
    documents, [rejection] = read(tmp_path, raw)
    assert [(d.mime, d.payload, d.language, d.source_id) for d in documents] == [
        ("text/plain", "Größe", "deu", "urn:1"),
        ("text/html", PAGE.decode(), None, None),
    ]
    assert rejection.detail == "1 resource records of type text/html"


def brotli(data: bytes) -> bytes:
    """Compress as servers do."""
    import brotli as library  # type: ignore[import-untyped]

    return bytes(library.compress(data))


def raw_deflate(data: bytes) -> bytes:
    """Compress without the head that the standard asks for."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def chunked(data: bytes) -> bytes:
    """Cut into two chunks."""
    return b"5;x=y\r\n" + data[:5] + b"\r\n%X\r\n" % len(data[5:]) + data[5:] + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (gzip.compress(PAGE, mtime=0), ["Content-Encoding: gzip"]),
        (PAGE, ["Content-Encoding: gzip"]),
        (zlib.compress(PAGE), ["Content-Encoding: deflate"]),
        (raw_deflate(PAGE), ["Content-Encoding: deflate"]),
        (PAGE, ["Content-Encoding: deflate"]),
        (brotli(PAGE), ["Content-Encoding: br"]),
        (PAGE, ["Content-Encoding: br"]),
        (zstandard.compress(PAGE), ["Content-Encoding: zstd"]),
        (chunked(PAGE), ["Transfer-Encoding: chunked"]),
        (PAGE, ["Transfer-Encoding: chunked"]),
        (chunked(brotli(gzip.compress(PAGE, mtime=0))), [
            "Transfer-Encoding: Chunked", "Content-Encoding: gzip, br"]),
    ],
)  # fmt: skip
def test_encodings_are_undone_where_they_are(tmp_path: Path, body: bytes, head: list[str]) -> None:
    """A page comes out whole, whether the archive kept its encoding or only the field."""
    [document], rejections = read(tmp_path, response(body, *head))
    assert (document.payload, document.notes, rejections) == (PAGE.decode(), (), [])


def test_encodings_that_break_off(tmp_path: Path) -> None:
    """What could be decoded stays, with a note."""
    long = PAGE * 500
    cut = gzip.compress(long, mtime=0)
    damaged = cut[:-8] + b"damaged!"
    [document], _ = read(tmp_path, response(chunked(PAGE)[:40], "Transfer-Encoding: chunked"))
    assert (PAGE.decode().startswith(document.payload), document.notes) == (
        True, ("chunked transfer broke off",),
    )  # fmt: skip
    noisy = gzip.compress(b"".join(b"<p>%d</p>" % (n * n) for n in range(9999)))
    [document], _ = read(
        tmp_path, response(noisy[:-8] + b"damaged!", "Content-Encoding: gzip"), "y.warc"
    )
    assert document.notes == ("gzip content broke off",)
    assert len(damaged) < 4096  # Too short for its beginning to be saved: no page is left.
    _, [rejection] = read(tmp_path, response(damaged, "Content-Encoding: gzip"), "z.warc")
    assert (rejection.reason, rejection.detail) == (
        "truncated_file", "its gzip content broke off at its beginning",
    )  # fmt: skip


LONG = b"<html><body>" + b"".join(b"<p>Ferry %d left.</p>" % (n * n) for n in range(30_000))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(LONG, mtime=0)),
        ("deflate", zlib.compress(LONG)),
        ("br", brotli(LONG)),
        ("zstd", zstandard.compress(LONG * 9)),
    ],
)
def test_cut_encodings_are_noted(tmp_path: Path, name: str, body: bytes) -> None:
    """A crawler's limit ends a body inside its encoding: what there is stays, with a note."""
    raw = response(body[: len(body) * 2 // 3], f"Content-Encoding: {name}")
    [document], rejections = read(tmp_path, raw)
    assert LONG.decode().startswith(document.payload[:9000])
    assert (document.notes, rejections) == ((f"{name} content broke off",), [])
    _, [rejection] = read(
        tmp_path, response(zstandard.compress(LONG)[:99], "Content-Encoding: zstd")
    )
    assert rejection.reason == "truncated_file"


@pytest.mark.parametrize("name", ["gzip", "zstd"])
@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 5, 7, 4096])
def test_all_members_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, piece_bytes: int
) -> None:
    """A body of several members or frames is one page, wherever the pieces it is fed in end."""
    monkeypatch.setattr("cleaner.reading.warc._PIECE_BYTES", piece_bytes)
    compress = gzip.compress if name == "gzip" else zstandard.compress
    parts = [b"<p>" + b"x" * size for size in range(40)]
    body = b"".join(compress(part) for part in parts) + b"junk" * 30
    [document], _ = read(tmp_path, response(body, f"Content-Encoding: {name}"))
    assert (document.payload, document.notes) == (b"".join(parts).decode(), ())


def test_charset_of_the_header(tmp_path: Path) -> None:
    """The HTTP header says how the page is encoded."""
    [document], _ = read(
        tmp_path, response("<html>Прага".encode("cp1251"), kind="text/html; charset=windows-1251")
    )
    assert (document.payload, document.notes) == ("<html>Прага", ("decoded as windows-1251",))


def test_wherever_a_file_is_cut(tmp_path: Path) -> None:
    """A cut between records is none; anywhere else the whole records stay and one line says so."""
    one = response(PAGE)
    for cut in range(1, len(one)):
        documents, rejections = read(tmp_path, one + one[:cut])
        if cut >= len(one) - 4:
            assert (len(documents), rejections) == (2, []), cut
        elif cut < len("WARC/1"):
            assert [r.reason for r in rejections] == ["broken_file"], cut
        else:
            assert len(documents) == 1
            assert [(r.source, r.reason) for r in rejections] == [("x.warc", "truncated_file")]
            assert "record 2: the file ends" in rejections[0].detail
    packed = gzip.compress(one) + gzip.compress(one)
    documents, [rejection] = read(tmp_path, packed[:-30])
    assert (len(documents), rejection.reason) == (1, "truncated_file")
    assert "the gzip data breaks off" in rejection.detail


def test_after_broken_records_reading_goes_on(tmp_path: Path) -> None:
    """Junk between records and a head without length cost nothing but themselves."""
    raw = response(PAGE) + b"junk\nmore junk\n" + response(PAGE)
    raw += b"WARC/1.0\r\nWARC-Type: response\r\n\r\n" + response(PAGE)
    documents, rejections = read(tmp_path, raw)
    assert [d.source for d in documents] == ["x.warc#1", "x.warc#2", "x.warc#4"]
    assert rejections == [
        Rejection(
            "x.warc", "broken_file", "no WARC head before record 2, where one should begin"
        ),
        Rejection("x.warc#3", "broken_record", "its Content-Length is ''"),
    ]  # fmt: skip


def test_odd_line_ends_and_folded_heads(tmp_path: Path) -> None:
    """Heads that end in LF, or go on in a second line, are read."""
    raw = response(PAGE).replace(b"\r\n", b"\n").replace(b"Type: response", b"Type:\n response")
    size = len(PAGE) + len(b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n")
    old = b"Content-Length: %d" % (size + 3)
    [document], _ = read(tmp_path, raw.replace(old, b"Content-Length: %d" % size))
    assert document.payload == PAGE.decode()
