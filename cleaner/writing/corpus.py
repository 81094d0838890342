"""The clean corpus: one row a document that has text left in the run's view."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.boilerplate.stubs import write_stub
from cleaner.config import Config
from cleaner.ledger import spans_by_document, view_text
from cleaner.passages.segment import split_sentences
from cleaner.writing.tables import write_parquet

CORPUS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("source_id", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("author", pa.string()),
        pa.field("published", pa.string()),
        pa.field("language", pa.string()),
        pa.field("text", pa.large_string()),
        pa.field("num_copies", pa.int64()),
        pa.field("copy_outlets", pa.list_(pa.string())),
        pa.field("truncated", pa.string()),
        pa.field("truncated_evidence", pa.list_(pa.string())),
    ]
)
"""`num_copies` counts the document and its copies in the input; `copy_outlets` says where they ran;
the last two are those of `boilerplate.TRUNCATIONS`."""

COPIES_SQL = """
    WITH ran AS (
        SELECT m.cluster_id AS cluster_id, t.outlet AS outlet, count(*) AS n
        FROM members m JOIN texts t ON m.document_id = t.document_id
        WHERE m.level = 'document' GROUP BY m.cluster_id, t.outlet
    ),
    shown AS (SELECT DISTINCT document_id FROM ledger WHERE kept)
    SELECT m.document_id AS document_id, r.outlet AS outlet, r.n AS num_copies
    FROM members m
    JOIN shown s ON m.document_id = s.document_id
    JOIN ran r ON m.cluster_id = r.cluster_id
    WHERE m.level = 'document'
"""
"""For each document that is a copy or has copies, where and how often its cluster ran: no more rows
than the corpus has outlets of copies to show, so none for a copy that was dropped."""
COPIES = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("num_copies", pa.int64()),
    ]
)

PARTNERS_SQL = """
    SELECT l.document_id AS document_id, l."begin" AS "begin", t.outlet AS outlet,
        t.published AS published
    FROM ledger l JOIN texts t ON l.partner_document = t.document_id
    WHERE l.kept = FALSE AND (
        l.reason = 'repeated_passage' OR l.reason = 'rewritten_passage'
        OR (l.reason = 'repeated_quote' AND l."unique" = FALSE)
    )
"""
"""Where the text of spans stands that were cut at the limits of sentences: what a stub says. A
quotation that only the originals lack may be part of a sentence."""
PARTNERS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("outlet", pa.string()),
        pa.field("published", pa.string()),
    ]
)


def render_documents(
    batch: pa.RecordBatch,
    config: Config,
    ledger: pa.Table,
    copies: pa.Table,
    truncations: pa.Table,
    partners: pa.Table,
) -> pa.RecordBatch:
    """Render the run's view of documents; one with no text left in it gives no row.

    With `output.stubs`, the text says where passages were cut (`mark_cuts`).

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        ledger: The same documents' rows of `model.LEDGER`.
        copies: Their rows of what `COPIES_SQL` gives.
        truncations: Their rows of `boilerplate.TRUNCATIONS`.
        partners: Their rows of what `PARTNERS_SQL` gives.

    Returns:
        Rows of `CORPUS`, in the same order.
    """
    spans = spans_by_document(ledger.select(["document_id", "begin", "end", config.output.view]))
    ran: dict[str, dict[str, int]] = {}
    for copy in copies.to_pylist():
        ran.setdefault(copy["document_id"], {})[copy["outlet"]] = copy["num_copies"]
    cut = {row["document_id"]: row for row in truncations.to_pylist()}
    held_by: dict[str, dict[int, dict[str, Any]]] = {}
    for partner in partners.to_pylist() if config.output.stubs else ():
        held_by.setdefault(partner["document_id"], {})[partner["begin"]] = partner
    rows = []
    wanted = [name for name in batch.schema.names if name in CORPUS.names]
    for row in batch.select(["document_id", *wanted]).to_pylist():
        name = row["document_id"]
        text = view_text(row["text"], spans.get(name, []), config.output.view)
        if text.strip():
            if name in held_by:
                text = mark_cuts(row, spans[name], config.output.view, held_by[name])
            counts = ran.get(name, {row["outlet"]: 1})
            shown = {key: row[key] for key in wanted}
            shown |= {"id": name, "text": text, "num_copies": sum(counts.values())}
            shown |= {key: cut[name][key] for key in ("truncated", "truncated_evidence")}
            rows.append(shown | {"copy_outlets": sorted(counts)})
    return pa.RecordBatch.from_pylist(rows, schema=CORPUS)


class _Part(msgspec.Struct):
    """A stretch of a text with marks: what is kept, or a stub.

    Attributes:
        text: What is kept.
        space: White space that the view has before it.
        gaps: All white space since the part before, in order.
        partner: Of a stub, the document that holds what was cut.
        num_sentences: Of a stub, how much was cut.
    """

    text: str
    space: str
    gaps: list[str]
    partner: tuple[str, str | None] | None = None
    num_sentences: int = 0


def mark_cuts(
    row: Mapping[str, Any],
    spans: Sequence[Mapping[str, Any]],
    view: str,
    partners: Mapping[int, Mapping[str, Any]],
) -> str:
    """Return the text of a view with a stub in the place of each passage that was cut.

    Passages that follow each other and stand in one document are one stub. Around a stub stands the
    white space that stood there; without the stubs and one space beside each, the text is that of
    the view.

    Args:
        row: A document's row of `model.TEXTS`.
        spans: Its rows of `model.LEDGER`, in order.
        view: `unique` or `originals`.
        partners: Rows that `PARTNERS_SQL` gives of the document, by `begin`.
    """
    parts: list[_Part] = []
    space = ""
    gaps = [""]
    for span in spans:
        raw = row["text"][span["begin"] : span["end"]]
        body = raw.strip()
        if not body:
            gaps[-1] += raw
            space += raw if span[view] else ""
            continue
        lead, trail = raw[: len(raw) - len(raw.lstrip())], raw[len(raw.rstrip()) :]
        gaps[-1] += lead
        partner = partners.get(span["begin"])
        if span[view]:
            parts.append(_Part(body, space + lead, gaps))
            space, gaps = trail, [trail]
        elif partner is not None:
            about = partner["outlet"], partner["published"]
            if not parts or parts[-1].partner != about:
                parts.append(_Part("", "", gaps, about))
                gaps = [trail]
            else:
                gaps.append(trail)
            parts[-1].num_sentences += len(split_sentences(body, row["language"] or "en"))
        else:
            gaps.append(trail)
    shown: list[str] = []
    before: _Part | None = None
    for part in parts:
        if before is not None:
            is_plain = part.partner is None and before.partner is None
            shown.append(part.space if is_plain else _widest(part.gaps))
        shown.append(
            part.text if part.partner is None else write_stub(part.num_sentences, *part.partner)
        )
        before = part
    return "".join(shown)


def _widest(gaps: Sequence[str]) -> str:
    """Return the white space with the most line ends; of several, the last that is not empty."""
    at = max(range(len(gaps)), key=lambda at: (gaps[at].count("\n"), bool(gaps[at]), at))
    return gaps[at]


def write_corpus(batches: Iterable[pa.RecordBatch], path: Path, kind: str) -> None:
    """Write the corpus as `jsonl`, `parquet`, or a folder of `txt` or `md` files.

    Files of a folder are named by document id, never by anything that an input says.
    """
    if kind == "parquet":
        write_parquet(batches, path, CORPUS)
        return
    if kind == "jsonl":
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for batch in batches:
                for row in batch.to_pylist():
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    path.mkdir()
    for batch in batches:
        for row in batch.to_pylist():
            content = _plain(row) if kind == "txt" else _markdown(row)
            with (path / f"{row['id']}.{kind}").open("w", encoding="utf-8", newline="\n") as file:
                file.write(content + "\n")


def _plain(row: dict[str, Any]) -> str:
    """Return a document as text alone, under its headline where that is no part of the text."""
    title = " ".join((row["title"] or "").split())
    first = " ".join(row["text"].partition("\n")[0].split())
    if title.casefold() in first.casefold() or first.casefold() in title.casefold():
        return str(row["text"])
    return f"{title}\n\n{row['text']}"


def _markdown(row: dict[str, Any]) -> str:
    """Return a document with its fields as front matter; JSON values are valid YAML."""
    fields = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in row.items()
        if key != "text" and value not in (None, [])
    ]
    return "\n".join(["---", *fields, "---", "", row["text"]])
