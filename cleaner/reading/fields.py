"""Records of JSONL, JSON and Parquet: which field is what, and what document they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from cleaner.config import FIELD_ROLES
from cleaner.model import Document, Rejection
from cleaner.reading.decoding import decode_bytes, repair_text
from cleaner.reading.formats import has_tags, looks_like_html
from cleaner.reading.input_file import InputFile
from cleaner.reading.metadata import find_outlet, join_authors, parse_date, parse_language

NUM_SAMPLED_RECORDS = 100

_ALTERNATIVES: Mapping[str, str] = {
    "text": "text body articlebody articletext content maintext fulltext plaintext rawtext "
    "cleanedtext textcontent contenttext bodytext bodyplain storytext story document paragraphs "
    "article",
    "html": "html rawhtml htmlcontent contenthtml bodyhtml htmlbody pagehtml htmlsource "
    "sourcehtml page rawcontent content",
    "id": "id docid documentid articleid guid uuid storyid recordid itemid key",
    "url": "url link canonicalurl sourceurl articleurl pageurl weburl permalink href uri",
    "outlet": "outlet publisher newspaper sitename site source publication outletname sourcename "
    "sourcedomain domain medium media journal",
    "title": "title headline articletitle pagetitle name",
    "author": "author authors byline creator writer",
    "date": "published publishedat datepublished publishdate publicationdate pubdate "
    "publishedtime publishtime publisheddate datepublish date datetime createdat created "
    "timestamp time",
    "language": "language lang langcode languagecode",
}
"""Names by role, in order of preference, without case, `_`, `-` and blanks."""
_SUMMARIES = frozenset(
    "abstract dek description excerpt intro introduction lead metadescription preview snippet "
    "standfirst subtitle summary teaser".split()
)
"""Names of fields that hold less than the article, if the user takes one for the text."""
SUMMARY_NOTE = "the text field holds a summary"
"""Note on a document whose text was read from such a field."""


class Record(msgspec.Struct, frozen=True):
    """One record of a container, with its number from 1 and what was repaired in its bytes."""

    number: int
    values: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def guess_fields(
    records: Sequence[Mapping[str, Any]], given: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Map roles to fields by their names and values.

    Args:
        records: The first records of a file.
        given: Fields that the user named, by role; a file that lacks one is guessed at.

    Returns:
        The field of each role that has one, in the order of `FIELD_ROLES`; and all field names
        that there are, in the order in which they come.
    """
    names = tuple(dict.fromkeys(name for record in records for name in record))
    by_plain_name: dict[str, str] = {}
    for name in names:
        by_plain_name.setdefault(_plain_name(name), name)
    fields = {role: name for role, name in given.items() if has_field(records, name)}
    for role in ("html", *(role for role in FIELD_ROLES if role != "html")):
        for alternative in () if role in fields else _ALTERNATIVES[role].split():
            name = by_plain_name.get(alternative, "")
            values = [value for record in records if (value := record.get(name)) is not None]
            if name not in fields.values() and _fits(role, values):
                fields[role] = name
                break
    for role, name in given.items():
        if role not in ("text", "html"):
            fields.setdefault(role, name)  # It may come in later records.
    if "html" not in fields and "text" in fields and "text" not in given:
        values = [record.get(fields["text"]) for record in records]
        if _are_pages([value for value in values if value]):
            fields["html"] = fields.pop("text")
    return {role: fields[role] for role in FIELD_ROLES if role in fields}, names


def has_field(records: Iterable[Mapping[str, Any]], name: str) -> bool:
    """Whether any record has a field; `meta.url` is the field `url` in the object `meta`."""
    missing = object()
    return any(_get(record, name, missing) is not missing for record in records)


def make_document(record: Record, file: InputFile) -> Document | Rejection:
    """Turn a record into a document by the field mapping of its file."""
    source = f"{file.label}#{record.number}"
    fields, notes = file.fields, list(record.notes)

    def get(role: str) -> Any:
        return _get(record.values, fields[role]) if role in fields else None

    def get_line(role: str) -> str | None:
        value = get(role)
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            return None
        return clean_line(str(value))

    role = next((role for role in ("html", "text") if _is_filled(get(role))), None)
    if role is None:
        tried = [fields[role] for role in ("html", "text") if role in fields]
        detail = f"no text in the field {' or '.join(map(repr, tried))}"
        return Rejection(source, "no_text", detail)
    if _plain_name(fields[role].rpartition(".")[2]) in _SUMMARIES:
        notes.append(SUMMARY_NOTE)
    payload = get(role)
    if isinstance(payload, bytes):
        payload, more = decode_bytes(payload, html=role == "html")
        notes += more
    is_html = has_tags(payload) if role == "html" else looks_like_html(payload)
    payload, more = repair_text(payload, html=is_html)
    published, note = parse_date(get("date"))
    url, outlet = get_line("url"), join_authors(get("outlet"))
    outlet, outlet_from = name_outlet(clean_line(outlet or ""), url, file)
    return Document(
        source=source,
        path=file.label,
        record=record.number,
        source_id=get_line("id"),
        outlet=outlet,
        outlet_from=outlet_from,
        url=url,
        title=get_line("title"),
        author=clean_line(join_authors(get("author")) or ""),
        published=published,
        language=parse_language(get("language")),
        mime="text/html" if is_html else "text/plain",
        payload=payload,
        notes=tuple(notes) + more + ((note,) if note else ()),
    )


def name_outlet(field: str | None, url: str | None, file: InputFile) -> tuple[str, str]:
    """Say which outlet a document is of, and how that is known: field, URL, or layout."""
    if field:
        return (find_outlet(field) or field) if "://" in field else field, "field"
    if url and (outlet := find_outlet(url)):
        return outlet, "url"
    return file.outlet, file.outlet_from


def clean_line(text: str) -> str | None:
    """Return a value of metadata as one line of sound characters, or None if it says nothing."""
    return " ".join(repair_text(text, html=True)[0].split()) or None


def _plain_name(name: str) -> str:
    return "".join(char for char in name.lower() if char not in "_- ")


def _get(record: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """Return the value of a field; a name that exists as it stands beats a dotted way."""
    if name in record:
        return record[name]
    value: Any = record
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return default
        value = value[part]
    return value


def _is_filled(value: object) -> bool:
    return isinstance(value, (str, bytes)) and bool(value.strip())


def _fits(role: str, values: list[Any]) -> bool:
    """Whether the values under a name can be what the name promises."""
    if role == "html":
        return _are_pages([value for value in values if value])
    if role == "text":
        return any(map(_is_filled, values)) and all(isinstance(v, (str, bytes)) for v in values)
    kinds: dict[str, tuple[type, ...]] = {
        "id": (str, int),
        "outlet": (str, Mapping),
        "author": (str, list, Mapping),
    }
    if role == "date":
        return any(value and not isinstance(value, (Mapping, list, bool)) for value in values)
    return any(value != "" and isinstance(value, kinds.get(role, (str,))) for value in values)


def _are_pages(values: list[Any]) -> bool:
    """Whether most values are HTML, and all are text."""
    if not values or not all(isinstance(value, (str, bytes)) for value in values):
        return False
    texts = (v.decode("latin-1") if isinstance(v, bytes) else v for v in values)
    return 2 * sum(map(looks_like_html, texts)) > len(values)
