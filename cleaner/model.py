"""The plain data that stages pass on: what a document, a block, a span and a match are.

Everything that crosses a stage is an Arrow table with one of the schemas at the end of this file;
the structs are the same things one at a time, for the code that looks at one document.

All positions are `begin`, `end`: half-open, in code points of the document's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SCHEMA_VERSION = 1
"""Version of every output table; it changes when a column changes its name, type or meaning."""

VIEWS = ("unique", "full", "originals")
"""`unique`: one copy of everything repeated. `full`: boilerplate gone, all copies kept.
`originals`: what an outlet did not take from another one."""

BOILERPLATE_KINDS = (
    "interface",
    "navigation",
    "promotion",
    "paywall",
    "newsletter",
    "donation",
    "advertisement",
    "related",
    "share",
    "comments",
    "cookie_notice",
    "legal",
    "notice",
    "byline",
    "dateline",
    "caption",
    "credit",
    "author_bio",
    "repeated_title",
    "repeated_text",
    "outlet_line",
    "not_main_content",
)
"""What a block is when it is not main content. `outlet_line`: a line that one outlet repeats over
its documents and that no more telling rule knows. `repeated_text`: text that a page gives twice."""

MAIN, DUPLICATE, WHITESPACE, TRUNCATED = "main", "duplicate", "whitespace", "truncated"
"""The other kinds of a span: main content, main content that stands in another document too, the
white space that a cut would leave at the edges of a text, and the main content of a document that
is left out because it holds only a part of its article."""


def as_row(record: Any) -> dict[str, Any]:
    """Return the fields of a record, without copying what they hold."""
    return msgspec.structs.asdict(record)


class Document(msgspec.Struct, frozen=True):
    """One article as it was found, before anything is judged.

    Attributes:
        source: Where it stands: a path that begins with the name of the folder or file that was
            asked for, and `#N` for the record number (from 1) inside a container.
        path: `source` without the record number.
        record: The record number in a container, 0 for a file that holds one document.
        source_id: The identifier that the input itself gives, if any.
        outlet: The newspaper or site, and `outlet_from` how it is known.
        outlet_from: `field`, `url`, `folder` or `file`.
        published: ISO 8601 in UTC, a date (`2024-10-17`) or a date and time
            (`2024-10-17T13:00:00Z`), so that its precision shows.
        language: A lower-case ISO 639 code without region, or None.
        mime: `text/plain` or `text/html`.
        payload: The decoded text or HTML source.
        notes: Repairs made while reading (`decoded as windows-1252`, `mojibake repaired`, ...).
    """

    source: str
    path: str
    record: int
    outlet: str
    outlet_from: str
    mime: str
    payload: str
    source_id: str | None = None
    url: str | None = None
    title: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None
    notes: tuple[str, ...] = ()


class Rejection(msgspec.Struct, frozen=True):
    """An input that was set aside, with a `reason` in snake_case and a sentence of detail."""

    source: str
    reason: str
    detail: str


class Block(msgspec.Struct, frozen=True):
    """A line of a text or a paragraph of a page: what a verdict is about.

    Attributes:
        tag: The HTML element that made the block, innermost last (`article/figure/figcaption`);
            empty where the HTML is gone.
        link_ratio: Share of the block's characters that are link text, in [0, 1].
        in_extraction: What trafilatura did with the block: 1 kept, 0 left out, -1 not asked.
        main: How likely the block is main content, as its page has it; -1 for no page.
        evidence: What speaks against it, as `block_model.Judgement.evidence` says it.
    """

    begin: int
    end: int
    tag: str = ""
    link_ratio: float = 0.0
    in_extraction: int = -1
    main: float = -1.0
    evidence: str = ""

    @property
    def is_first_heading(self) -> bool:
        """Whether the block is in an `h1`."""
        return "h1" in self.tag and "h1" in self.tag.split("/")


def only_first_heading(blocks: Iterable[Block]) -> int | None:
    """Return the position of the only block in an `h1`; None if there is none, or several."""
    found = [at for at, block in enumerate(blocks) if block.is_first_heading]
    return found[0] if len(found) == 1 else None


class Access(msgspec.Struct, frozen=True):
    """What a page declares of who may read its article, and of how long that is.

    Attributes:
        is_free: Whether it is free to read (`isAccessibleForFree`).
        tier: `free`, `metered` or `locked` (`article:content_tier`).
        gated_chars: Characters of running text in the parts that it declares not to be free; None
            if it names none, 0 if they are not in the page or hold no text.
        num_words: Words of the article (`wordCount`).
        body_words: Words of `articleBody`, and `body_end` its last letters and digits.
    """

    is_free: bool | None = None
    tier: str | None = None
    gated_chars: int | None = None
    num_words: int | None = None
    body_words: int | None = None
    body_end: str | None = None


class Verdict(msgspec.Struct, frozen=True):
    """What a block is, and why.

    Attributes:
        kind: `main` or one of `BOILERPLATE_KINDS`.
        reason: The fact that decided, in snake_case.
        rule: The name of the rule, as `--disable` takes it.
        score: How strongly the evidence speaks, in [0, 1].
        evidence: What each group of features added to the block model's log-odds; empty for rules.
    """

    kind: str
    reason: str
    rule: str
    score: float
    evidence: str = ""


class Relation(str, Enum):
    """How the two sides of a match belong together."""

    COPY = "copy"
    """Two documents whose whole text is the same or nearly so."""
    WIRE = "wire"
    """The same agency report, as a whole or in part."""
    QUOTE = "quote"
    """The same quotation, between quotation marks on both sides."""
    REWRITE = "rewrite"
    """The same statements in the same order, many of their words changed."""
    PASSAGE = "passage"
    """The same sentences or paragraphs in two documents."""
    SELF = "self"
    """The same text in two documents of one outlet: an update, a repost."""
    TEMPLATE = "template"
    """A form that recurs with other names and figures: reported, never cut."""
    VARIANT = "variant"
    """The same wording with other figures or a negation more or less: reported, never merged."""


def _schema(**fields: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, dtype) for name, dtype in fields.items()])


_TEXT = pa.large_string()
_NOTES = pa.list_(pa.string())

_ABOUT = {
    "document_id": pa.string(),
    "source": pa.string(),
    "path": pa.string(),
    "record": pa.int64(),
    "source_id": pa.string(),
    "outlet": pa.string(),
    "outlet_from": pa.string(),
    "url": pa.string(),
    "title": pa.string(),
    "author": pa.string(),
    "published": pa.string(),
    "language": pa.string(),
    "mime": pa.string(),
    "notes": _NOTES,
}
"""What is known about a document apart from what it says."""

DOCUMENTS = _schema(**_ABOUT, payload=_TEXT)
"""What `reading` gives: one row a document."""

BLOCKS = pa.list_(
    pa.struct(
        [
            pa.field("begin", pa.int64()),
            pa.field("end", pa.int64()),
            pa.field("tag", pa.string()),
            pa.field("link_ratio", pa.float64()),
            pa.field("in_extraction", pa.int8()),
            pa.field("main", pa.float64()),
            pa.field("evidence", pa.string()),
        ]
    )
)

ACCESS = pa.struct(
    [
        pa.field("is_free", pa.bool_()),
        pa.field("tier", pa.string()),
        pa.field("gated_chars", pa.int64()),
        pa.field("num_words", pa.int64()),
        pa.field("body_words", pa.int64()),
        pa.field("body_end", pa.string()),
    ]
)

TEXTS = _schema(
    **_ABOUT,
    text=_TEXT,
    blocks=BLOCKS,
    access=ACCESS,
    rejection=pa.string(),
    detail=pa.string(),
    document_number=pa.int32(),
)
"""What `extraction` gives: the text that never changes again, and its blocks. A page without any
text has a `rejection` reason and a `detail`; what is no page has no `access`. Once all are read,
`document_number` counts documents in the order of their ids; long tables name them by it."""

REJECTIONS = _schema(source=pa.string(), reason=pa.string(), detail=pa.string())

LEDGER = _schema(
    document_id=pa.string(),
    begin=pa.int64(),
    end=pa.int64(),
    kept=pa.bool_(),
    kind=pa.string(),
    reason=pa.string(),
    rule=pa.string(),
    score=pa.float64(),
    evidence=pa.string(),
    unique=pa.bool_(),
    full=pa.bool_(),
    originals=pa.bool_(),
    relation=pa.string(),
    cluster_id=pa.string(),
    partner_document=pa.string(),
    partner_begin=pa.int64(),
    partner_end=pa.int64(),
    similarity=pa.float64(),
)
"""Every span of every document: for each document the spans cover its text exactly once, in order.
`unique`, `full` and `originals` say which views hold the span; `kept` is the run's own view."""


def read_parts(
    table: pa.Table | pa.RecordBatch, column: str, *fields: str
) -> dict[str, list[tuple[Any, ...]]]:
    """Return some fields of what a column of lists of structures holds, by document id.

    Args:
        table: A row a document.
        column: The column of lists, such as `blocks` or `verdicts`.
        fields: The fields; the others are not looked at, which is most of the time.
    """
    lists = table.column(column)
    parts = pc.list_flatten(lists)
    rows = list(zip(*(pc.struct_field(parts, name).to_pylist() for name in fields), strict=True))
    ends = np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy()).tolist()
    names = table.column("document_id").to_pylist()
    return {
        name: rows[begin:end] for name, begin, end in zip(names, [0, *ends[:-1]], ends, strict=True)
    }
