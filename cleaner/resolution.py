"""Which copy survives, and what each view shows: verdicts and clusters become the ledger.

The ledger cuts a text into spans that cover it exactly once. White space belongs to what follows
it: between two kept spans one stretch of it is kept, and where a cut leaves it at an edge it goes
with the cut, so the text of a view is simply its spans put together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.config import Config, ResolveConfig
from cleaner.model import (
    DUPLICATE,
    LEDGER,
    MAIN,
    TRUNCATED,
    VIEWS,
    WHITESPACE,
    Relation,
    read_parts,
)
from cleaner.passages.agency_outlets import is_agency
from cleaner.passages.cluster import MEMBERS
from cleaner.passages.segment import DOCUMENT, QUOTATION, SENTENCE, split_sentences
from cleaner.words import count_words

RANKS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("published", pa.string()),
        pa.field("num_chars", pa.int64()),
        pa.field("truncated", pa.string()),
        pa.field("rank", pa.string()),
    ]
)
"""What decides which copy survives: the smallest `rank`. `num_chars` counts main content;
`truncated` is that of `boilerplate.TRUNCATIONS`."""

_MIN_LEFT_WORDS = 8
"""A document that lost text to others and has fewer words of its own left is dropped whole: what
remains is a headline over nothing."""

DROPPED_LAST_SQL = """
    WITH dropped AS (
        SELECT DISTINCT document_id FROM copies
        WHERE is_representative = FALSE AND relation <> 'template'
    )
    SELECT r.document_id AS document_id, r.outlet AS outlet, r.published AS published,
        r.num_chars AS num_chars, r.truncated AS truncated,
        CASE WHEN d.document_id IS NULL THEN '0' ELSE '1' END || r.rank AS rank
    FROM ranks r LEFT JOIN dropped d ON r.document_id = d.document_id
"""
"""Ranks for passages: a document that is dropped as a copy never represents a passage that another
one has."""

MEMBERSHIPS_SQL = """
    WITH all_members AS (SELECT * FROM copies UNION ALL SELECT * FROM passage_members),
    lost AS (
        SELECT DISTINCT q.cluster_id AS cluster_id
        FROM passage_members q JOIN passage_members p ON q.partner_document = p.document_id
        WHERE q.level = 'quotation' AND p.level = 'sentence' AND p.is_representative = FALSE
            AND p.relation <> 'template' AND p."begin" < q.partner_end AND p."end" > q.partner_begin
    )
    SELECT m.*, r.outlet AS partner_outlet,
        CASE WHEN l.cluster_id IS NULL THEN FALSE ELSE TRUE END AS representative_is_cut
    FROM all_members m
    JOIN ranks r ON m.partner_document = r.document_id
    LEFT JOIN lost l ON m.cluster_id = l.cluster_id
"""
"""All members of all clusters, with the outlet of their representative."""
MEMBERSHIPS = pa.schema(
    [
        *MEMBERS,
        pa.field("partner_outlet", pa.string()),
        pa.field("representative_is_cut", pa.bool_()),
    ]
)

KEEPERS_SQL = """
    SELECT DISTINCT document_id FROM ledger
    WHERE reason IN ('representative', 'agency_copy') AND "unique" = TRUE
"""
KEEPERS = pa.schema([pa.field("document_id", pa.string())])
"""The documents that keep what others lost to them so far, of the run's `ledger`."""

_COPIED, _QUOTED = "copy_of_document", "repeated_quote"
_REWRITTEN, _REPEATED = "rewritten_passage", "repeated_passage"
_TEMPLATE, _REPRESENTATIVE = "repeated_template", "representative"
_AGENCY_COPY = "agency_copy"
"""Reasons: why text that stands in several documents is kept or removed."""
_OWN = frozenset({_COPIED, _TEMPLATE, _AGENCY_COPY})
"""Reasons of text that a document does not lose, although it stands elsewhere too."""


def rank_documents(
    batch: pa.RecordBatch, config: Config, judged: pa.Table, truncations: pa.Table
) -> pa.RecordBatch:
    """Say how well placed each document is to represent its copies.

    The rank is one string for a document, so the order is the same in every cluster and nothing can
    be cut in favour of what is itself cut. A whole document goes before a truncated one, unless the
    policy says otherwise. A date without a time counts as the end of its day, no date as after all
    dates.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        judged: The same documents' rows of `boilerplate.JUDGED`.
        truncations: Their rows of `boilerplate.TRUNCATIONS`.

    Returns:
        Rows of `RANKS`.
    """
    num_chars = {
        name: sum(end - begin for begin, end, kind in verdicts if kind == MAIN)
        for name, verdicts in read_parts(judged, "verdicts", "begin", "end", "kind").items()
    }
    truncated = _truncated_by_document(truncations)
    rows = []
    for row in batch.select(["document_id", "outlet", "published"]).to_pylist():
        row["num_chars"] = num_chars[row["document_id"]]
        row["truncated"] = truncated.get(row["document_id"])
        rows.append(row | {"rank": _rank(row, config.resolve)})
    return pa.RecordBatch.from_pylist(rows, schema=RANKS)


def _truncated_by_document(truncations: pa.Table) -> dict[str, str | None]:
    return {row["document_id"]: row["truncated"] for row in truncations.to_pylist()}


def _rank(row: Mapping[str, Any], config: ResolveConfig) -> str:
    """Return a string to sort by; the same tests as in `explain_representative`, in order."""
    completeness = f"{10**12 - row['num_chars']:013d}"
    keys: tuple[str, ...] = {
        "earliest": (_when(row), completeness),
        "most_complete": (completeness,),
        "smallest_id": (),
    }[config.representative]
    if _puts_whole_first(config):
        keys = ("1" if row["truncated"] else "0", *keys)
    return " ".join((*keys, row["document_id"]))


def _puts_whole_first(config: ResolveConfig) -> bool:
    return config.prefer_whole or config.truncated == "drop"


def explain_representative(
    chosen: dict[str, Any], others: Iterable[dict[str, Any]], config: ResolveConfig
) -> str:
    """Say by which test a representative was chosen.

    Args:
        chosen: The representative's row of `RANKS`.
        others: Those of the other members.
        config: The policy.

    Returns:
        `earliest_date`, `most_complete` or `smallest_id`; `others_truncated` where a member that
        would be better placed holds only a part of its article; `others_dropped` where a
        better-placed member's document is itself dropped as a copy.
    """
    rest = list(others)
    if _puts_whole_first(config):
        cut = [row | {"truncated": None} for row in rest if row.get("truncated")]
        whole = [row for row in rest if not row.get("truncated")]
        if chosen.get("truncated") and whole:
            return "others_dropped"
        if cut and not chosen.get("truncated"):
            if min(_rank(row, config) for row in cut) < _rank(chosen, config):
                return "others_truncated"
            rest = whole or cut
    by_date = config.representative == "earliest"
    dates = [_when(row) for row in rest]
    if by_date and any(date < _when(chosen) for date in dates):
        return "others_dropped"
    if by_date and all(date > _when(chosen) for date in dates):
        return "earliest_date"
    if config.representative != "smallest_id":
        tied = [row for row in rest if not by_date or _when(row) == _when(chosen)]
        if any(row["num_chars"] > chosen["num_chars"] for row in tied):
            return "others_dropped"
        if all(row["num_chars"] < chosen["num_chars"] for row in tied):
            return "most_complete"
    return "smallest_id"


def _when(row: Mapping[str, Any]) -> str:
    """Return a date to sort by: one without a time is the end of its day, none comes last."""
    published: str = row["published"] or "9999-99-99"
    return published if "T" in published else f"{published}T99"


class _Span(msgspec.Struct):
    """A row of the ledger in the making; see `model.LEDGER`."""

    begin: int
    end: int
    kind: str
    reason: str
    rule: str
    score: float | None
    evidence: str = ""
    unique: bool = False
    full: bool = False
    originals: bool = False
    relation: str | None = None
    cluster_id: str | None = None
    partner_document: str | None = None
    partner_begin: int | None = None
    partner_end: int | None = None
    similarity: float | None = None

    @property
    def views(self) -> tuple[bool, bool, bool]:
        """Which views hold the span."""
        return self.unique, self.full, self.originals


def resolve_documents(
    batch: pa.RecordBatch,
    config: Config,
    judged: pa.Table,
    memberships: pa.Table,
    truncations: pa.Table,
    keepers: pa.Table,
) -> pa.RecordBatch:
    """Write the ledger of each document.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        judged: The same documents' rows of `boilerplate.JUDGED`.
        memberships: Their rows of what `MEMBERSHIPS_SQL` gives.
        truncations: Their rows of `boilerplate.TRUNCATIONS`.
        keepers: Their rows of `KEEPERS`.

    Returns:
        Rows of `model.LEDGER`, by document and position.
    """
    verdicts = {row["document_id"]: row["verdicts"] for row in judged.to_pylist()}
    truncated = _truncated_by_document(truncations)
    kept_for_others = set(keepers.column("document_id").to_pylist())
    members: dict[str, list[dict[str, Any]]] = {}
    for member in memberships.to_pylist():
        members.setdefault(member["document_id"], []).append(member)
    names: list[str] = []
    spans: list[_Span] = []
    for row in batch.select(["document_id", "outlet", "text", "language"]).to_pylist():
        name = row["document_id"]
        row["truncated"] = truncated.get(name)
        row["is_keeper"] = name in kept_for_others
        found = resolve_document(row, verdicts[name], members.get(name, []), config)
        names += [name] * len(found)
        spans += found
    fields = {name: [getattr(span, name) for span in spans] for name in _Span.__struct_fields__}
    fields |= {"document_id": names, "kept": fields[config.output.view]}
    return pa.RecordBatch.from_pydict(fields, schema=LEDGER)


def resolve_document(
    row: dict[str, Any],
    verdicts: Sequence[dict[str, Any]],
    members: Sequence[dict[str, Any]],
    config: Config,
) -> list[_Span]:
    """Cut one document into the spans of its ledger.

    Args:
        row: Its row of `model.TEXTS`, `truncated` as in `RANKS` if anything cut it short, and
            `is_keeper` if it is in `KEEPERS`.
        verdicts: The verdicts on its blocks.
        members: Its rows of what `MEMBERSHIPS_SQL` gives.
        config: The run's configuration.
    """
    text: str = row["text"]
    policy = config.resolve
    of_document = [m for m in members if _is_of(m, DOCUMENT) and not _is_template(m)]
    copy = next((m | {"is_cut": True} for m in of_document if not m["is_representative"]), None)
    marks = _without_overlaps(
        part
        for m in sorted(members, key=_by_claim)
        if not _is_of(m, DOCUMENT)
        for part in _sentence_limits(m, row, verdicts, policy)
    )
    pieces: list[_Span] = []
    for verdict in verdicts:
        if verdict["kind"] != MAIN:
            pieces.append(_removed(verdict))
            continue
        for begin, end, mark in _split(text, verdict["begin"], verdict["end"], marks):
            source = _decisive(copy, mark, row["outlet"], policy)
            if source is None:
                pieces.append(_main(verdict, begin, end))
                continue
            pieces.append(_shared(verdict, begin, end, source, row["outlet"], policy))
            if copy is not None and copy["partner_outlet"] != row["outlet"]:
                pieces[-1].originals = False
    if any(_is_agency_copy(m, row["outlet"]) for m in of_document):
        _give_to_agency(pieces)
    if not row.get("is_keeper"):
        _drop_remainder(text, pieces)
    if policy.truncated == "drop" and row.get("truncated"):
        _drop_truncated(row["truncated"], pieces)
    return _fill_gaps(text, pieces)


def _is_of(member: Mapping[str, Any], level: str) -> bool:
    return bool(member["level"] == level)


def _is_template(member: Mapping[str, Any]) -> bool:
    return bool(member["relation"] == Relation.TEMPLATE)


def _by_claim(member: Mapping[str, Any]) -> tuple[bool, bool, int]:
    """Return a key to sort those first that have the text where several claim it."""
    return _is_template(member), _is_of(member, QUOTATION), member["begin"]


def _is_agency_copy(member: Mapping[str, Any], outlet: str) -> bool:
    """Tell whether a member is what an agency wrote, in an outlet that is no agency."""
    return member["relation"] == Relation.WIRE and not is_agency(outlet)


def _give_to_agency(pieces: Sequence[_Span]) -> None:
    """Take a document that is an agency's out of its outlet's originals."""
    for piece in pieces:
        if piece.originals:
            piece.originals = False
            if piece.kind == MAIN:
                _mark_agency_copy(piece)


def _mark_agency_copy(piece: _Span) -> None:
    """Say of text that stays in the unique view that it is no original."""
    piece.originals = False
    piece.kind, piece.reason = DUPLICATE, _AGENCY_COPY
    piece.rule = f"resolve.{Relation.WIRE.value}"


def _drop_truncated(kind: str, pieces: Sequence[_Span]) -> None:
    """Take a document that was cut short out of all views."""
    for piece in pieces:
        piece.unique = piece.full = piece.originals = False
        if piece.kind in (MAIN, DUPLICATE):
            piece.kind, piece.reason = TRUNCATED, f"document_cut_by_{kind}"
            piece.rule = "resolve.truncated"


def _decisive(
    copy: dict[str, Any] | None,
    mark: dict[str, Any] | None,
    outlet: str,
    policy: ResolveConfig,
) -> dict[str, Any] | None:
    """Choose between what a document is a copy of and what one of its passages is.

    A document that is dropped is dropped whole. Of one that is kept, a passage goes if it stands in
    another document than the one it is a copy of: there it went too.
    """
    if copy is None or mark is None or not _is_kept(copy, outlet, policy):
        return copy or mark
    is_from_elsewhere = mark["partner_document"] != copy["partner_document"]
    return mark if is_from_elsewhere and not mark["is_representative"] else copy


def _is_kept(member: Mapping[str, Any], outlet: str, policy: ResolveConfig) -> bool:
    """Tell whether the unique view holds a member that is not the representative.

    Whether it is the same outlet's is asked of the two documents themselves: a cluster may have
    members of one outlet and of others.
    """
    if _is_template(member):
        return True
    if _is_of(member, QUOTATION):
        return policy.quotes == "keep" or not member["is_cut"]
    if policy.same_outlet != "as_others" and member["partner_outlet"] == outlet:
        return policy.same_outlet == "keep"
    if _is_of(member, DOCUMENT):
        return policy.copies == "keep"
    if member["relation"] == Relation.REWRITE:
        return policy.rewrites == "keep"
    return policy.passages == "keep"


def _reason(member: Mapping[str, Any]) -> str:
    """Say why text of a member that is not the representative is a duplicate."""
    if _is_template(member):
        return _TEMPLATE
    if member["relation"] == Relation.REWRITE:
        return _REWRITTEN
    return {DOCUMENT: _COPIED, SENTENCE: _REPEATED, QUOTATION: _QUOTED}[member["level"]]


def _removed(verdict: dict[str, Any]) -> _Span:
    return _Span(**verdict)


def _main(verdict: dict[str, Any], begin: int, end: int) -> _Span:
    about = verdict["kind"], verdict["reason"], verdict["rule"], verdict["score"]
    return _Span(begin, end, *about, unique=True, full=True, originals=True)


def _shared(
    verdict: dict[str, Any],
    begin: int,
    end: int,
    member: dict[str, Any],
    outlet: str,
    policy: ResolveConfig,
) -> _Span:
    """Make the span of text that stands in another document too."""
    span = _main(verdict, begin, end)
    span.relation = member["relation"]
    span.cluster_id = member["cluster_id"]
    if member["is_representative"]:
        span.reason = _REPRESENTATIVE
        if _is_agency_copy(member, outlet):
            _mark_agency_copy(span)
        return span
    span.kind = DUPLICATE
    span.reason = _reason(member)
    span.rule = f"resolve.{member['relation']}"
    span.score = member["similarity"]
    span.similarity = member["similarity"]
    span.partner_document = member["partner_document"]
    span.partner_begin = member["partner_begin"]
    span.partner_end = member["partner_end"]
    span.unique = _is_kept(member, outlet, policy)
    is_from_here = member["partner_outlet"] == outlet and not _is_agency_copy(member, outlet)
    span.originals = span.unique and (is_from_here or _is_template(member))
    return span


def _sentence_limits(
    member: dict[str, Any],
    row: dict[str, Any],
    verdicts: Sequence[dict[str, Any]],
    policy: ResolveConfig,
) -> list[dict[str, Any]]:
    """Bring a member to the limits at which it may be cut.

    Passages are whole sentences already. A quotation is cut only where it is all that its sentences
    say, and only if its representative stays; else it is kept and marked.
    """
    if not _is_of(member, QUOTATION) or member["is_representative"]:
        return [member | {"is_cut": True}]
    if policy.quotes == "keep" or member["representative_is_cut"]:
        return [member | {"is_cut": False}]
    text = row["text"]
    at_verdict = bisect_right(verdicts, member["begin"], key=_end)
    for verdict in verdicts[at_verdict : at_verdict + 1]:
        if verdict["begin"] <= member["begin"]:
            block = text[verdict["begin"] : verdict["end"]]
            for begin, end in split_sentences(block, row["language"] or "en"):
                at = (verdict["begin"] + begin, verdict["begin"] + end)
                around = text[at[0] : member["begin"]] + text[member["end"] : at[1]]
                if at[0] <= member["begin"] and member["end"] <= at[1]:
                    is_whole = not any(map(str.isalnum, around))
                    extent = {"begin": at[0], "end": at[1]} if is_whole else {}
                    return [member | extent | {"is_cut": is_whole}]
    return [member | {"is_cut": False}]


def _without_overlaps(members: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give text that several members claim to the first; return the rest in order.

    What is taken is kept as stretches that neither overlap nor touch, so each is looked at once.
    """
    parts: list[dict[str, Any]] = []
    begins: list[int] = []
    ends: list[int] = []
    for member in members:
        begin, end = at, _ = member["begin"], member["end"]
        first, last = bisect_left(ends, begin), bisect_right(begins, end)
        for taken_begin, taken_end in zip(begins[first:last], ends[first:last], strict=True):
            if at < taken_begin:
                parts.append(member | {"begin": at, "end": taken_begin})
            at = max(at, taken_end)
        if at < end:
            parts.append(member | {"begin": at, "end": end})
        if first < last:
            begin, end = min(begin, begins[first]), max(end, ends[last - 1])
        begins[first:last], ends[first:last] = [begin], [end]
    return sorted(parts, key=lambda member: member["begin"])


def _end(mark: Mapping[str, Any]) -> int:
    end: int = mark["end"]
    return end


def _split(
    text: str, begin: int, end: int, marks: Sequence[dict[str, Any]]
) -> list[tuple[int, int, dict[str, Any] | None]]:
    """Cut a block at the limits of its marks; the parts carry no white space at their ends.

    Marks are in order and do not overlap; those of other blocks are passed over.
    """
    parts: list[tuple[int, int, dict[str, Any] | None]] = []
    at = begin
    for index in range(bisect_right(marks, begin, key=_end), len(marks)):
        mark = marks[index]
        if mark["begin"] >= end:
            break
        first, last = max(mark["begin"], at), min(mark["end"], end)
        parts += [(at, first, None), (first, last, mark)]
        at = last
    parts.append((at, end, None))
    stripped: list[tuple[int, int, dict[str, Any] | None]] = []
    for first, last, source in parts:
        raw = text[first:last]
        if raw.strip():
            lead, trail = len(raw) - len(raw.lstrip()), len(raw) - len(raw.rstrip())
            stripped.append((first + lead, last - trail, source))
    return stripped


def _drop_remainder(text: str, pieces: Sequence[_Span]) -> None:
    """Take a document out of the unique view if others hold all of it but a few words."""
    cut = [piece for piece in pieces if piece.kind == DUPLICATE and not piece.unique]
    own = [p for p in pieces if p.kind == MAIN or (p.unique and p.reason in _OWN)]
    is_needed = any(p.reason in (_REPRESENTATIVE, _AGENCY_COPY) for p in own)
    if not cut or is_needed:
        return
    has_headline = bool(own) and not _is_sentence(text, own[0])
    num_words = sum(count_words(text[p.begin : p.end]) for p in own[has_headline:])
    if num_words >= _MIN_LEFT_WORDS:
        return
    partner = Counter(piece.partner_document for piece in cut).most_common(1)[0][0]
    for piece in pieces:
        if piece.unique:
            piece.unique = piece.originals = False
            if piece.kind == MAIN:
                piece.kind, piece.reason = DUPLICATE, "nothing_else_left"
                piece.rule, piece.partner_document = "resolve.remainder", partner


def _is_sentence(text: str, piece: _Span) -> bool:
    return text[piece.end - 1] in ".!?…。！？\"'”’»؟۔।)"


def _fill_gaps(text: str, pieces: Sequence[_Span]) -> list[_Span]:
    """Give white space to the span after it, or make it a span of its own where views differ."""
    spans: list[_Span] = []
    at = 0
    for piece, views in zip(pieces, _place_gaps(text, pieces), strict=True):
        if at < piece.begin:
            if views == piece.views:
                piece.begin = at
            elif spans and views == spans[-1].views:
                spans[-1].end = piece.begin
            else:
                spans.append(_white_space(at, piece.begin, views))
        spans.append(piece)
        at = piece.end
    if at < len(text):
        if spans and not any(spans[-1].views):
            spans[-1].end = len(text)
        else:
            spans.append(_white_space(at, len(text), (False, False, False)))
    return spans


def _place_gaps(text: str, pieces: Sequence[_Span]) -> list[tuple[bool, bool, bool]]:
    """Say which views hold the white space before each piece.

    Between two pieces that follow each other in a view, one stretch of white space is kept: the one
    with the most line ends, so that a cut never joins two paragraphs; of several, the last.
    """
    ends = [0, *(piece.end for piece in pieces)]
    gaps = [text[end : piece.begin] for end, piece in zip(ends, pieces, strict=False)]
    held = [[False, False, False] for _ in pieces]
    for view in range(len(VIEWS)):
        previous: int | None = None
        for index, piece in enumerate(pieces):
            if not piece.views[view]:
                continue
            if previous == index - 1:
                held[index][view] = True
            elif previous is not None:
                between = range(previous + 1, index + 1)
                widest = max(between, key=lambda at: (gaps[at].count("\n"), bool(gaps[at]), at))
                held[widest][view] = True
            previous = index
    return [(unique, full, originals) for unique, full, originals in held]


def _white_space(begin: int, end: int, views: Sequence[bool]) -> _Span:
    span = _Span(begin, end, WHITESPACE, "space_at_a_cut", "white_space", None)
    span.unique, span.full, span.originals = views
    return span
