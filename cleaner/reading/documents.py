"""Read one planned input: one document of a text or page, many of a container."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cleaner.config import ReadConfig
from cleaner.model import Document, Rejection
from cleaner.reading.decoding import decode_bytes, repair_text
from cleaner.reading.fields import Record, make_document
from cleaner.reading.input_file import InputFile
from cleaner.reading.json_records import read_json, read_json_lines
from cleaner.reading.parquet import read_parquet
from cleaner.reading.streams import (
    MAX_DOCUMENT_BYTES,
    InputStream,
    open_source,
    open_stream,
    reject_too_large,
)
from cleaner.reading.warc import read_warc


def read_documents(file: InputFile, config: ReadConfig) -> Iterator[Document | Rejection]:
    """Stream what one input holds, in its order; memory is bounded by its largest document.

    Whatever is wrong with the input becomes a `Rejection`, after what could be read. Standard input
    can only be read in the process that planned it.
    """
    try:
        if file.format == "parquet":
            for item in read_records(file, config, names=set(file.fields.values())):
                yield _make_document(item, file)
            return
        reader, stream = open_stream(file.path)
        with reader:
            if file.format in ("text", "html"):
                yield from _read_single(reader, file, config.encoding)
            elif file.format in ("warc", "wet"):
                yield from read_warc(reader, stream, file, config.encoding)
            else:
                for item in _read_json_file(reader, stream, file, config.encoding):
                    yield _make_document(item, file)
            if stream.damage:
                yield Rejection(file.label, "truncated_file", stream.damage)
    except OSError as cause:
        yield reject_unreadable(file.label, cause)


def read_records(
    file: InputFile, config: ReadConfig, *, names: set[str] | None = None
) -> Iterator[Record | Rejection]:
    """Stream the records of a JSONL, JSON or Parquet file as they are.

    Args:
        file: The input.
        config: How bytes become text.
        names: The fields that are needed, where leaving out others saves work; None for all.

    Raises:
        OSError: If it cannot be read.
    """
    if file.format == "parquet":
        source = open_source(file.path)
        try:
            yield from read_parquet(source, file.label, names)
        finally:
            if file.path is not None:
                source.close()
        return
    reader, stream = open_stream(file.path)
    with reader:
        yield from _read_json_file(reader, stream, file, config.encoding)


def _make_document(item: Record | Rejection, file: InputFile) -> Document | Rejection:
    if isinstance(item, Rejection):
        return item
    try:
        return make_document(item, file)
    except Exception as problem:  # Whatever a record holds, it must not stop the run.
        detail = repair_text(f"{type(problem).__name__}: {problem}"[:200])[0]
        return Rejection(f"{file.label}#{item.number}", "broken_record", detail)


def reject_unreadable(label: str, cause: OSError) -> Rejection:
    """Say that the system would not give a file."""
    return Rejection(label, "unreadable_file", f"cannot be read: {cause.strerror or cause}")


def _read_json_file(
    reader: io.BufferedReader, stream: InputStream, file: InputFile, encoding: str | None
) -> Iterator[Record | Rejection]:
    read = read_json if file.format == "json" else read_json_lines
    return read(reader, stream, file.label, encoding)


def _read_single(
    reader: io.BufferedReader, file: InputFile, encoding: str | None
) -> Iterator[Document | Rejection]:
    raw = reader.read(MAX_DOCUMENT_BYTES + 1)
    if len(raw) > MAX_DOCUMENT_BYTES:
        yield reject_too_large(file.label)
        return
    is_html = file.format == "html"
    text, notes = decode_bytes(raw, encoding=encoding, html=is_html)
    payload, repairs = repair_text(text, html=is_html)
    if not payload.strip():
        yield Rejection(file.label, "no_text", "only white space")
        return
    yield Document(
        source=file.label,
        path=file.label,
        record=0,
        outlet=file.outlet,
        outlet_from=file.outlet_from,
        mime="text/html" if is_html else "text/plain",
        payload=payload,
        notes=notes + repairs,
    )
