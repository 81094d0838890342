"""Documents from JSONL, JSON, Parquet, text and HTML files."""

import gzip
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from cleaner.config import ReadConfig
from cleaner.model import Document, Rejection
from cleaner.reading import documents as reading
from cleaner.reading import plan_inputs, read_documents, streams
from cleaner.reading.fields import Record, guess_fields, has_field
from cleaner.reading.input_file import InputFile
from cleaner.reading.json_records import _split_objects

Read = tuple[list[Document], list[Rejection]]


def read(path: Path, **config: Any) -> Read:
    """Plan and read one file."""
    settings = ReadConfig(**config)
    items = [
        item
        for file in plan_inputs([str(path)], settings).files
        for item in read_documents(file, settings)
    ]
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Rejection)]


def write_lines(path: Path, *records: object) -> Path:
    """Write records as JSONL."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_a_full_record(tmp_path: Path) -> None:
    """Each field finds its place, by its usual names."""
    record = {
        "_id": 7, "headline": "A\ntitle", "articleBody": "The text.", "link": "https://a.org/x",
        "authors": ["Ann", "Bo"], "datePublished": "2024-10-17", "lang": "en-GB",
        "site_name": "The A",
    }  # fmt: skip
    documents, rejections = read(write_lines(tmp_path / "x.jsonl", record))
    expected = Document(
        source="x.jsonl#1", path="x.jsonl", record=1, outlet="The A", outlet_from="field",
        mime="text/plain", payload="The text.", source_id="7", url="https://a.org/x",
        title="A title", author="Ann, Bo", published="2024-10-17", language="en",
    )  # fmt: skip
    assert (documents, rejections) == ([expected], [])


def test_records_are_counted_with_the_broken_ones(tmp_path: Path) -> None:
    """The number is the line, so that a person finds the record."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        b'{"text": "one"}\n\n{"text": broken}\n["text"]\n{"text": " "}\n{"text": "six \\ud800"}'
        + b'\n{"text": ' + b"[" * 100_000 + b"\n"
    )  # fmt: skip
    documents, rejections = read(path)
    assert [(d.source, d.payload, d.notes) for d in documents] == [
        ("x.jsonl#1", "one", ()),
        ("x.jsonl#6", "six \ufffd", ("1 lone surrogates replaced",)),
    ]
    assert [(r.source, r.reason) for r in rejections] == [
        ("x.jsonl#3", "broken_json"),
        ("x.jsonl#4", "broken_json"),
        ("x.jsonl#5", "no_text"),
        ("x.jsonl#7", "broken_json"),
    ]
    assert "must be an object {...}, not list" in rejections[1].detail
    assert rejections[2].detail == "no text in the field 'text'"
    assert rejections[3].detail == "nested too deeply"


def test_outlet_falls_back_from_field_to_url_to_name(tmp_path: Path) -> None:
    """The record's own word counts most, then its URL, then where the file lies."""
    path = write_lines(
        tmp_path / "herald.jsonl.gz",
        {"text": "a", "outlet": "Sun", "url": "https://news.bbc.co.uk/1"},
        {"text": "a", "outlet": "", "url": "https://news.bbc.co.uk/1"},
        {"text": "a", "url": "/1"},
        {"text": "a", "outlet": "https://www.cnn.com"},
    )
    outlets = [(d.outlet, d.outlet_from) for d in read(path)[0]]
    assert outlets == [
        ("Sun", "field"), ("bbc.co.uk", "url"), ("herald", "file"), ("cnn.com", "field"),
    ]  # fmt: skip


def test_html_is_preferred_and_text_fills_in(tmp_path: Path) -> None:
    """A page beats a text that somebody extracted; where it is empty the text counts."""
    page = "<html><body><p>Page</p></body></html>"
    path = write_lines(
        tmp_path / "x.jsonl", {"text": "Text", "raw_html": page}, {"text": "Text", "raw_html": ""}
    )
    assert [(d.mime, d.payload) for d in read(path)[0]] == [
        ("text/html", page), ("text/plain", "Text"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([{"Full_Text": "a", "page": "A3"}], {"text": "Full_Text"}),
        ([{"body": "<p>a</p><p>b</p><p>c</p>"}], {"html": "body"}),
        ([{"text": ["a"], "content": "b"}], {"text": "content"}),
        ([{"text": 3}], {}),
        ([{"text": "a", "date": {"at": 3}, "timestamp": 3}], {"text": "text", "date": "timestamp"}),
        ([{"text": "a", "source": None}, {"text": "a", "source": "b"}],
         {"text": "text", "outlet": "source"}),
    ],
)  # fmt: skip
def test_fields_are_guessed_by_name_and_value(
    records: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    """A name counts only if its values can be what it says."""
    assert guess_fields(records, {})[0] == expected


def test_given_fields_win_and_may_be_nested(tmp_path: Path) -> None:
    """A field that the user names beats the guess; dots lead into objects."""
    record = {"text": "no", "m": {"t": "yes", "u": "https://a.org"}, "a.b": "dotted"}
    path = write_lines(tmp_path / "x.jsonl", record)
    [document], _ = read(path, fields={"text": "m.t", "url": "m.u", "title": "a.b"})
    assert (document.payload, document.outlet, document.title) == ("yes", "a.org", "dotted")


def test_nested_names_do_not_reach_into_texts() -> None:
    """A dotted name ends where there is no object."""
    assert not has_field([{"a": "b"}], "a.b")
    assert has_field([{"a": {"b": None}}], "a.b")


def test_json_array_and_object(tmp_path: Path) -> None:
    """A JSON file is its objects, wherever the lines break; a broken one takes no other along."""
    path = tmp_path / "x.json"
    path.write_text('[{"text": "a{\\"]"},\n {"text": \n nul}, {"text": "c", "d": [{}]}]')
    documents, [rejection] = read(path)
    assert [(d.source, d.payload) for d in documents] == [("x.json#1", 'a{"]'), ("x.json#3", "c")]
    assert (rejection.source, rejection.reason) == ("x.json#2", "broken_json")
    path.write_text('{"text":\n "one"}')
    assert [d.payload for d in read(path)[0]] == ["one"]


def test_json_that_ends_early(tmp_path: Path) -> None:
    """Whole objects are read, the last one is reported."""
    path = tmp_path / "x.json"
    path.write_text('[\n{"text": "a"}, {"text": "b')
    documents, [rejection] = read(path)
    assert [d.payload for d in documents] == ["a"]
    assert (rejection.source, rejection.reason) == ("x.json#2", "truncated_file")


MARKS = st.text('ab"\\{}[],', max_size=6)
VALUES = st.one_of(MARKS, st.lists(MARKS, max_size=3), st.dictionaries(MARKS, MARKS, max_size=3))


@given(st.lists(st.dictionaries(MARKS, VALUES, max_size=4), max_size=4), st.booleans())
def test_json_is_cut_at_its_objects(objects: list[dict[str, Any]], pretty: bool) -> None:
    """Whatever the objects hold, they come out whole and in order."""
    raw = json.dumps(objects, indent=1 if pretty else None).encode()
    parts = _split_objects(io.BufferedReader(io.BytesIO(raw)))  # type: ignore[arg-type]
    assert [json.loads(part or b"") for part in parts] == objects


def test_truncated_jsonl_gz(tmp_path: Path) -> None:
    """All whole lines are read; the half line belongs to the truncation."""
    lines = b"".join(b'{"text": "number %d"}\n' % n for n in range(50_000))
    path = tmp_path / "x.jsonl.gz"
    packed = gzip.compress(lines)
    path.write_bytes(packed[: len(packed) // 2])
    documents, rejections = read(path)
    assert documents[-1].payload == f"number {len(documents) - 1}"
    assert len(documents) > 1000
    assert [(r.source, r.reason) for r in rejections] == [("x.jsonl.gz", "truncated_file")]


def test_utf16_records(tmp_path: Path) -> None:
    """JSONL in UTF-16 is read, with a note on each document."""
    path = tmp_path / "x.jsonl"
    path.write_bytes('{"text": "Größe"}\n{"text": "zwei"}\n'.encode("utf-16"))
    documents, _ = read(path)
    assert [(d.payload, d.notes) for d in documents] == [
        ("Größe", ("decoded as utf-16",)), ("zwei", ("decoded as utf-16",)),
    ]  # fmt: skip


def test_too_large_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that no article can fill is set aside, and the next one read."""
    path = write_lines(tmp_path / "x.jsonl", {"text": "a"}, {"text": "b" * 99}, {"text": "c"})
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 50)
    documents, [rejection] = read(path)
    assert [d.source for d in documents] == ["x.jsonl#1", "x.jsonl#3"]
    assert (rejection.source, rejection.reason) == ("x.jsonl#2", "too_large")


def test_parquet(tmp_path: Path) -> None:
    """Columns are mapped as fields are, moments of time are understood, bytes are decoded."""
    path = tmp_path / "x.parquet"
    moment = datetime(2024, 10, 17, 13)
    table = pa.table(
        {
            "body": pa.array(["a", "b", None]),
            "published": pa.array([moment, None, moment], pa.timestamp("ns", "Europe/Paris")),
            "meta": [{"url": "https://a.org"}] * 3,
            "unused": [1, 2, 3],
        }
    )
    parquet.write_table(table, path)
    documents, [rejection] = read(path, fields={"url": "meta.url"})
    assert [(d.source, d.payload, d.published, d.outlet) for d in documents] == [
        ("x.parquet#1", "a", "2024-10-17T13:00:00Z", "a.org"),
        ("x.parquet#2", "b", None, "a.org"),
    ]
    assert (rejection.source, rejection.reason) == ("x.parquet#3", "no_text")
    parquet.write_table(pa.table({"text": [b"Gr\xc3\xbcn"]}), path)
    assert [d.payload for d in read(path)[0]] == ["Grün"]


def test_parquet_values_that_python_cannot_hold(tmp_path: Path) -> None:
    """A date too far off, text that is no UTF-8 and nested nanoseconds cost no row."""
    path = tmp_path / "x.parquet"
    broken = pa.StringArray.from_buffers(
        2, pa.array([0, 1, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xffo")
    )
    table = pa.table(
        {
            "text": ["a", "b"],
            "date": pa.array([2**60, 1], pa.timestamp("us")),
            "time": pa.array([1, 2], pa.time64("ns")),
            "note": broken,
            "list": pa.array([[1], [2]], pa.list_(pa.timestamp("ns"))),
        }
    )
    parquet.write_table(table, path)
    documents, rejections = read(path)
    assert [(d.payload, d.published) for d in documents] == [
        ("a", None), ("b", "1970-01-01T00:00:00Z"),
    ]  # fmt: skip
    assert rejections == []


def test_a_failure_costs_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record on which reading fails is set aside, and the others are read."""
    (tmp_path / "x.jsonl").write_text('{"text": "a"}\n{"text": "b"}\n')
    make = reading.make_document

    def fail(record: Record, file: InputFile) -> Document | Rejection:
        if record.number == 1:
            raise RecursionError
        return make(record, file)

    monkeypatch.setattr(reading, "make_document", fail)
    documents, [rejection] = read(tmp_path / "x.jsonl")
    assert [d.source for d in documents] == ["x.jsonl#2"]
    assert (rejection.source, rejection.reason) == ("x.jsonl#1", "broken_record")


def test_broken_parquet(tmp_path: Path) -> None:
    """A file cut in half is set aside while planning, beside one that can be read."""
    parquet.write_table(pa.table({"text": ["a" * 9999]}), tmp_path / "x.parquet")
    raw = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(raw[: len(raw) // 2])
    (tmp_path / "a.txt").write_text("a")
    [rejection] = plan_inputs([str(tmp_path)], ReadConfig()).rejections
    assert (rejection.reason, rejection.detail[:40]) == (
        "broken_file", "no sound Parquet file from its beginning",
    )  # fmt: skip


def test_text_and_html_files(tmp_path: Path) -> None:
    """A file that holds one document has no record number; its encoding is noted."""
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"one\r\ntwo"))
    [document], rejections = read(tmp_path / "a.txt.gz")
    expected = Document(
        source="a.txt.gz", path="a.txt.gz", record=0, outlet="a", outlet_from="file",
        mime="text/plain", payload="one\ntwo", notes=("line ends normalised",),
    )  # fmt: skip
    assert (document, rejections) == (expected, [])
    (tmp_path / "b.txt").write_bytes(b'<html><meta charset="windows-1252">Gr\xfcn')
    [document], _ = read(tmp_path / "b.txt")
    assert (document.mime, document.notes) == ("text/html", ("decoded as windows-1252",))


def test_truncated_text_gives_its_beginning(tmp_path: Path) -> None:
    """What could be decompressed is a document, and the loss is reported beside it."""
    text = " ".join(map(str, range(100_000)))
    packed = gzip.compress(text.encode())
    (tmp_path / "a.txt.gz").write_bytes(packed[: len(packed) // 2])
    [document], [rejection] = read(tmp_path / "a.txt.gz")
    assert text.startswith(document.payload)
    assert (rejection.source, rejection.reason) == ("a.txt.gz", "truncated_file")


def test_a_file_that_vanished(tmp_path: Path) -> None:
    """What goes away between planning and reading is reported and does not raise."""
    (tmp_path / "a.txt").write_text("a")
    [file] = plan_inputs([str(tmp_path / "a.txt")], ReadConfig()).files
    (tmp_path / "a.txt").unlink()
    assert list(read_documents(file, ReadConfig())) == [
        Rejection("a.txt", "unreadable_file", "cannot be read: No such file or directory")
    ]


def test_plan_is_described(tmp_path: Path) -> None:
    """The mapping can be shown before anything is read."""
    plan = plan_inputs([str(write_lines(tmp_path / "x.jsonl", {"body": "a"}))], ReadConfig())
    assert [(file.label, file.format, dict(file.fields)) for file in plan.files] == [
        ("x.jsonl", "jsonl", {"text": "body"})
    ]
