"""What an outlet repeats: lines that recur over its documents are its own furniture.

1. `list_outlet_lines` lists the lines of each document, and their masks (`lines.mask_line`).
2. `line_counts_sql` counts, in each outlet, in how many documents a line stands, on how many days,
   and in how many before or after all running text that is the document's own, which is what does
   not recur.
3. `learn_lines` tells from the counts which lines are the outlet's own, and where.
4. `find_repeats` finds them in a document.

Three things look like furniture and are not. *Versions* of one article (reposts, updates) share
nearly all their lines: a document most of whose text recurs is no witness. *Wire copy* recurs
across outlets, once or twice in each. A *running story* brings the same paragraph in all its
articles: they are of one or two days, and the paragraph stands among others.

What earlier runs learnt comes in as lines of their documents (`learned.py`): the counts are made
twice then, once of this run alone, so that it never makes a run blind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import xxhash

from cleaner.boilerplate.cues import Languages, load_cues
from cleaner.boilerplate.facts import BlockFacts
from cleaner.boilerplate.lines import (
    LABEL,
    RUNNING_TEXT,
    find_shape,
    hash_lines,
    hash_masks,
    is_left_out,
    is_running_text,
    list_keys,
)
from cleaner.boilerplate.stubs import is_stub
from cleaner.config import BoilerplateConfig, Config
from cleaner.model import Block

_MIN_CHARS = 3
_MAX_VERSION_RATIO = (2, 3)
"""A document more of whose text recurs in its outlet is a version of another one."""
_MIN_DOCUMENTS_PER_OUTLET = 3
_MIN_PLACE_RATIO = 0.8
"""Share of its documents in which a line must stand before or after their own running text, or have
a fixed place in it."""
_MASK_FACTOR = 1.5
"""A mask must recur so many times as often as a line."""
_MIN_EVERYWHERE_STRENGTH = 0.5
_MIN_LINE_STRENGTH = 0.3
"""From which strength on a line is the outlet's own at any place."""
_MIN_RUNNING_STRENGTH = 0.1
_MIN_FEW_DAYS_STRENGTH = 0.3
_MIN_INSERTED_FACTOR = 2
_MAX_STORY_DAYS = 2
_MAX_STORY_CHANCE = 0.01
"""All by hand, on news texts of 70 outlets in seven languages."""
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_Z = 1.96
"""Of a 95 % confidence interval."""
_OWN_ID = re.compile(r"[0-9a-f]{20}")

OUTLET_LINES = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("document", pa.int64()),
        pa.field("day", pa.int64()),
        pa.field("line_hash", pa.int64()),
        pa.field("is_mask", pa.int64()),
        pa.field("shape", pa.int64()),
        pa.field("num_chars", pa.int64()),
        pa.field("from_head", pa.int64()),
        pa.field("from_tail", pa.int64()),
    ]
)
"""The different lines and masks of each document: `document` is a hash of its id, `day` its date as
a number (20241017; -1 if it has none), `from_head` the number of blocks before the first that holds
the line, `from_tail` of those after the last, without what was left out of pages."""
LISTED_LINES = pa.schema([*OUTLET_LINES, pa.field("document_number", pa.int32())])
"""The same of a run's own documents, with their numbers in `model.TEXTS`."""

_COUNTS = (
    "num_documents",
    "num_in_head",
    "num_in_tail",
    "num_at_place",
    "num_dated",
    "num_days",
    "num_on_days",
    "num_outlet_documents",
    "num_outlet_dated",
    "num_outlets",
    "num_everywhere",
)
LINE_COUNTS = pa.schema(
    [
        pa.field("scope", pa.int64()),
        pa.field("outlet", pa.string()),
        pa.field("line_hash", pa.int64()),
        pa.field("is_mask", pa.int64()),
        pa.field("shape", pa.int64()),
        *(pa.field(name, pa.int64()) for name in _COUNTS),
    ]
)
"""How often each line that recurs stands where. `scope` is 0 for counts of this run alone and 1 for
those with what was learnt before. `num_at_place` counts documents in which the line stands at its
commonest place from the head or the tail, or next to it; `num_on_days` all documents of the days of
the line."""

REPEATED_LINES = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("line_hash", pa.int64()),
        pa.field("is_mask", pa.bool_()),
        pa.field("anywhere", pa.bool_()),
        pa.field("in_head", pa.bool_()),
        pa.field("in_tail", pa.bool_()),
        pa.field("strength", pa.float64()),
        pa.field("scope", pa.int64()),
        pa.field("num_documents", pa.int64()),
        pa.field("num_days", pa.int64()),
        pa.field("num_outlet_documents", pa.int64()),
    ]
)
"""The lines that are an outlet's own, and where they are taken for it."""


class OutletLine(msgspec.Struct, frozen=True):
    """A line that an outlet repeats.

    Attributes:
        strength: The share of the outlet's documents that carry it, at the least.
        anywhere: It is taken for the outlet's own wherever it stands.
        in_head, in_tail: ... where it stands before or after the document's own running text.
        is_mask: It is a line without the names and dates in it.
    """

    strength: float
    anywhere: bool = False
    in_head: bool = False
    in_tail: bool = False
    is_mask: bool = False


def name_witness(document_id: str, source_id: str | None) -> int:
    """Return the number by which a document is counted once, however often it is read.

    A corpus that this tool wrote gives its documents the ids that they had before.
    """
    is_ours = source_id is not None and _OWN_ID.fullmatch(source_id)
    name = source_id if is_ours and source_id is not None else document_id
    return xxhash.xxh3_64_intdigest(name.encode("utf-8")) - (1 << 63)


def list_outlet_lines(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """List the different lines of each document, without what was left out of pages anyway.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration: its cue files know month names.

    Returns:
        Rows of `LISTED_LINES`.
    """
    book = load_cues(config.boilerplate.cue_files, config.boilerplate.disabled_rules)
    texts = batch.select(_LINE_COLUMNS).to_pylist()
    blocks = [_list_blocks(row) for row in texts]
    raws: dict[str | None, dict[str, None]] = {}
    for row, own in zip(texts, blocks, strict=True):
        raws.setdefault(row["language"], {}).update(dict.fromkeys(raw for raw, _ in own))
    keys = {
        language: list_keys(list(own), book.speaking(language), language)
        for language, own in raws.items()
    }
    rows: list[tuple[object, ...]] = []
    for row, own in zip(texts, blocks, strict=True):
        of_language = keys[row["language"]]
        document = name_witness(row["document_id"], row["source_id"])
        about = row["outlet"], document, _day(row["published"])
        seen: dict[int, tuple[int, int, int, int]] = {}
        last_index: dict[int, int] = {}
        for index, (raw, link_ratio) in enumerate(own):
            line = of_language[raw]
            if line.num_chars < _MIN_CHARS:
                continue
            shape = line.shape if link_ratio == 0 else find_shape(raw, line.num_words, link_ratio)
            for at, key in enumerate(line.hashes):
                seen.setdefault(key, (int(at > 0), shape, line.num_chars, index))
                last_index[key] = index
        last = len(own) - 1
        number = row["document_number"]
        rows.extend((*about, key, *seen[key], last - at, number) for key, at in last_index.items())
    if not rows:
        return pa.RecordBatch.from_pylist([], schema=LISTED_LINES)
    found_columns = zip(*rows, strict=True)
    arrays = [pa.array(c, f.type) for c, f in zip(found_columns, LISTED_LINES, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=LISTED_LINES)


_LINE_COLUMNS = [
    *("document_id", "document_number", "source_id", "outlet"),
    *("published", "language", "text", "blocks"),
]
"""What of `model.TEXTS` is asked to list lines."""


def _list_blocks(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return blocks of a row of `TEXTS`, with their link ratios, but what is left out and stubs."""
    blocks = [
        (row["text"][block["begin"] : block["end"]], Block(**block)) for block in row["blocks"]
    ]
    return [
        (raw, block.link_ratio)
        for raw, block in blocks
        if not is_left_out(block) and not is_stub(raw)
    ]


def _day(published: str | None) -> int:
    """Return the day of a date as a number, -1 for none."""
    found = _DATE.match(published or "")
    return int("".join(found.groups())) if found else -1


def line_counts_sql(config: BoilerplateConfig) -> str:
    """Return the query over `outlet_lines` and `learned_lines` that gives `LINE_COUNTS`.

    Lines of documents that this run read too are not counted again. Outlets are numbers in it:
    millions of lines are grouped by their names otherwise, in twice the memory.
    """
    part, whole = _MAX_VERSION_RATIO
    columns = ", ".join(f"l.{name}" for name in OUTLET_LINES.names[1:])
    return f"""
    WITH names AS (
        SELECT outlet AS name, min(document_number) AS outlet FROM outlet_lines GROUP BY outlet
    ),
    known AS (SELECT DISTINCT outlet AS name FROM learned_lines),
    present AS (SELECT DISTINCT outlet AS name, document FROM outlet_lines),
    lines AS (
        SELECT CAST(0 AS BIGINT) AS scope, o.outlet, {columns} FROM outlet_lines l
        JOIN names o ON l.outlet = o.name
        UNION ALL
        SELECT CAST(1 AS BIGINT) AS scope, o.outlet, {columns} FROM outlet_lines l
        JOIN names o ON l.outlet = o.name
        JOIN known k ON l.outlet = k.name
        UNION ALL
        SELECT CAST(1 AS BIGINT) AS scope, o.outlet, {columns} FROM learned_lines l
        JOIN names o ON l.outlet = o.name
        LEFT JOIN present p ON l.outlet = p.name AND l.document = p.document
        WHERE p.document IS NULL
    ),
    repeated AS (
        SELECT scope, outlet, line_hash
        FROM lines GROUP BY scope, outlet, line_hash
        HAVING count(*) >= {config.min_outlet_documents}
    ),
    parts AS (
        SELECT l.scope, l.outlet, l.document, l.day, l.shape, l.from_head, l.from_tail,
            CASE WHEN l.shape = {LABEL} THEN 0 ELSE l.num_chars END AS num_chars,
            CASE WHEN r.line_hash IS NULL THEN 0 ELSE 1 END AS is_repeated,
            CASE WHEN r.line_hash IS NULL AND l.shape = {RUNNING_TEXT} THEN 1 ELSE 0 END AS is_own
        FROM lines l LEFT JOIN repeated r
            ON l.scope = r.scope AND l.outlet = r.outlet AND l.line_hash = r.line_hash
        WHERE l.is_mask = 0
    ),
    witnesses AS (
        SELECT scope, outlet, document, min(day) AS day,
            min(CASE WHEN is_own = 1 THEN from_head END) AS own_from_head,
            min(CASE WHEN is_own = 1 THEN from_tail END) AS own_from_tail
        FROM parts GROUP BY scope, outlet, document
        HAVING {whole} * sum(is_repeated * num_chars) <= {part} * sum(num_chars)
    ),
    days AS (
        SELECT scope, outlet, day, count(*) AS num_documents
        FROM witnesses WHERE day >= 0 GROUP BY scope, outlet, day
    ),
    dated AS (
        SELECT scope, outlet, sum(num_documents) AS num_documents
        FROM days GROUP BY scope, outlet
    ),
    sizes AS (
        SELECT scope, outlet, count(*) AS num_documents FROM witnesses GROUP BY scope, outlet
    ),
    places AS (
        SELECT l.scope, l.outlet, l.line_hash, l.is_mask, l.shape, l.day, l.from_head, l.from_tail,
            CASE WHEN w.own_from_head IS NULL OR l.from_head < w.own_from_head
                THEN 1 ELSE 0 END AS in_head,
            CASE WHEN w.own_from_tail IS NULL OR l.from_tail < w.own_from_tail
                THEN 1 ELSE 0 END AS in_tail
        FROM lines l
        JOIN repeated r
            ON l.scope = r.scope AND l.outlet = r.outlet AND l.line_hash = r.line_hash
        JOIN witnesses w
            ON l.scope = w.scope AND l.outlet = w.outlet AND l.document = w.document
    ),
    counts AS (
        SELECT scope, outlet, line_hash, min(is_mask) AS is_mask, -min(-shape) AS shape,
            count(*) AS num_documents, sum(in_head) AS num_in_head, sum(in_tail) AS num_in_tail,
            sum(CASE WHEN day >= 0 THEN 1 ELSE 0 END) AS num_dated
        FROM places GROUP BY scope, outlet, line_hash
    ),
    distances AS (
        SELECT scope, outlet, line_hash, 0 AS side, from_head AS place, count(*) AS num_documents
        FROM places GROUP BY scope, outlet, line_hash, from_head
        UNION ALL
        SELECT scope, outlet, line_hash, 1 AS side, from_tail AS place, count(*) AS num_documents
        FROM places GROUP BY scope, outlet, line_hash, from_tail
    ),
    pairs AS (
        SELECT scope, outlet, line_hash, side, place, sum(num_documents) AS num_documents
        FROM (
            SELECT scope, outlet, line_hash, side, place, num_documents FROM distances
            UNION ALL
            SELECT scope, outlet, line_hash, side, place + 1 AS place, num_documents FROM distances
        ) AS shifted
        GROUP BY scope, outlet, line_hash, side, place
    ),
    fixed AS (
        SELECT scope, outlet, line_hash, -min(-num_documents) AS num_documents
        FROM pairs GROUP BY scope, outlet, line_hash
    ),
    line_days AS (
        SELECT n.scope, n.outlet, n.line_hash, count(*) AS num_days,
            sum(d.num_documents) AS num_on_days
        FROM (
            SELECT DISTINCT scope, outlet, line_hash, day FROM places WHERE day >= 0
        ) AS n
        JOIN days d ON n.scope = d.scope AND n.outlet = d.outlet AND n.day = d.day
        GROUP BY n.scope, n.outlet, n.line_hash
    ),
    spread AS (
        SELECT scope, line_hash, count(*) AS num_outlets, sum(num_documents) AS num_everywhere
        FROM (
            SELECT l.scope, l.outlet, l.line_hash, count(*) AS num_documents
            FROM lines l
            JOIN (SELECT DISTINCT scope, line_hash FROM counts) AS c
                ON l.scope = c.scope AND l.line_hash = c.line_hash
            GROUP BY l.scope, l.outlet, l.line_hash
        ) AS ran
        GROUP BY scope, line_hash
    )
    SELECT c.scope, o.name AS outlet, c.line_hash, c.is_mask, c.shape, c.num_documents,
        c.num_in_head, c.num_in_tail, f.num_documents AS num_at_place, c.num_dated,
        CASE WHEN n.num_days IS NULL THEN 0 ELSE n.num_days END AS num_days,
        CASE WHEN n.num_days IS NULL THEN 0 ELSE n.num_on_days END AS num_on_days,
        s.num_documents AS num_outlet_documents,
        CASE WHEN d.num_documents IS NULL THEN 0 ELSE d.num_documents END AS num_outlet_dated,
        e.num_outlets, e.num_everywhere
    FROM counts c
    JOIN names o ON c.outlet = o.outlet
    JOIN sizes s ON c.scope = s.scope AND c.outlet = s.outlet
    JOIN fixed f
        ON c.scope = f.scope AND c.outlet = f.outlet AND c.line_hash = f.line_hash
    JOIN spread e ON c.scope = e.scope AND c.line_hash = e.line_hash
    LEFT JOIN dated d ON c.scope = d.scope AND c.outlet = d.outlet
    LEFT JOIN line_days n
        ON c.scope = n.scope AND c.outlet = n.outlet AND c.line_hash = n.line_hash
    WHERE c.num_documents >= {config.min_outlet_documents}
        AND c.num_documents >= {config.min_outlet_ratio} * s.num_documents
    """


def learn_lines(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Tell which lines are an outlet's own.

    Args:
        batch: Rows of `LINE_COUNTS`.
        config: The run's configuration.

    Returns:
        Rows of `REPEATED_LINES`.
    """
    rows = []
    for counts in batch.to_pylist():
        line = _learn(counts, config.boilerplate.min_outlet_documents)
        if line is not None:
            shown = {name: getattr(line, name) for name in line.__struct_fields__}
            rows.append(counts | shown)
    names = REPEATED_LINES.names
    return pa.RecordBatch.from_pylist(
        [{name: row[name] for name in names} for row in rows], schema=REPEATED_LINES
    )


def _learn(counts: Mapping[str, int], min_documents: int) -> OutletLine | None:
    """Judge one line by its counts."""
    num_documents, shape = counts["num_documents"], counts["shape"]
    is_mask = bool(counts["is_mask"])
    strength = lower_bound(num_documents, counts["num_outlet_documents"])
    if is_mask:
        anywhere = False
    elif shape == RUNNING_TEXT:
        anywhere = _is_insert(counts, strength, min_documents)
    else:
        has_place = counts["num_at_place"] >= _MIN_PLACE_RATIO * num_documents
        anywhere = shape == LABEL or has_place or strength >= _MIN_LINE_STRENGTH
    in_head = counts["num_in_head"] >= _MIN_PLACE_RATIO * num_documents
    in_tail = counts["num_in_tail"] >= _MIN_PLACE_RATIO * num_documents
    if (
        not (anywhere or in_head or in_tail)
        or (is_mask and num_documents < _MASK_FACTOR * min_documents)
        or (shape == RUNNING_TEXT and not _is_lasting(counts, strength))
        or _is_running_story(counts)
        or (_is_wire_copy(counts) and (is_mask or shape != LABEL))
    ):
        return None
    return OutletLine(round(strength, 6), anywhere, in_head, in_tail, is_mask)


def _is_insert(counts: Mapping[str, int], strength: float, min_documents: int) -> bool:
    """Tell whether running text is put at one place of many articles, on many days."""
    num_documents = counts["num_documents"]
    is_everywhere = strength >= _MIN_EVERYWHERE_STRENGTH
    is_common = num_documents >= _MIN_INSERTED_FACTOR * min_documents
    return (
        counts["num_at_place"] >= _MIN_PLACE_RATIO * num_documents
        and counts["num_days"] > _MAX_STORY_DAYS
        and (is_everywhere or (is_common and strength >= _MIN_LINE_STRENGTH))
    )


def lower_bound(count: int, whole: int) -> float:
    """Return the lower end of the 95 % confidence interval of a share.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927).

    >>> round(lower_bound(5, 5), 2), round(lower_bound(500, 500), 2)
    (0.57, 0.99)
    """
    share = count / whole
    spread = _Z * math.sqrt(share * (1 - share) / whole + (_Z / (2 * whole)) ** 2)
    return max(0.0, (share + _Z**2 / (2 * whole) - spread) / (1 + _Z**2 / whole))


def _is_wire_copy(counts: Mapping[str, int]) -> bool:
    return counts["num_everywhere"] < _MIN_DOCUMENTS_PER_OUTLET * counts["num_outlets"]


def _is_running_story(counts: Mapping[str, int]) -> bool:
    """Tell whether a line's dated documents are of fewer days than chance would have it.

    Documents drawn by chance would all fall on its one or two days with the share of the outlet's
    documents that are of these days, to the power of their number.
    """
    if not 0 < counts["num_days"] <= _MAX_STORY_DAYS:
        return False
    share = counts["num_on_days"] / counts["num_outlet_dated"]
    return share ** counts["num_dated"] < _MAX_STORY_CHANCE


def _is_lasting(counts: Mapping[str, int], strength: float) -> bool:
    """Tell whether running text recurs in so many documents, and days, that it is furniture."""
    has_days = counts["num_days"] > _MAX_STORY_DAYS
    return strength >= (_MIN_RUNNING_STRENGTH if has_days else _MIN_FEW_DAYS_STRENGTH)


def gather_repeated(repeated_lines: pa.Table) -> dict[str, dict[int, OutletLine]]:
    """Return the lines of each outlet by hash, from rows of `REPEATED_LINES`.

    A line that is learnt twice, from this run alone and with what was learnt before, holds wherever
    either says.
    """
    found: dict[str, dict[int, OutletLine]] = {}
    for row in repeated_lines.to_pylist():
        lines = found.setdefault(row["outlet"], {})
        other = lines.get(row["line_hash"], OutletLine(0.0))
        lines[row["line_hash"]] = OutletLine(
            max(other.strength, row["strength"]),
            other.anywhere or row["anywhere"],
            other.in_head or row["in_head"],
            other.in_tail or row["in_tail"],
            row["is_mask"],
        )
    return found


def find_repeats(
    facts: Sequence[BlockFacts],
    repeated: Mapping[int, OutletLine],
    languages: Languages,
    code: str | None,
) -> dict[int, OutletLine]:
    """Find the lines of a document that are its outlet's own.

    Args:
        facts: Its blocks, in order; what was left out of a page counts for nothing.
        repeated: The outlet's own lines, by hash.
        languages: As for `lines.mask_line`.
        code: The document's language.

    Returns:
        By the block's index, the line that it is.
    """
    if not repeated:
        return {}
    has_masks = any(line.is_mask for line in repeated.values())
    facts = [block for block in facts if not is_left_out(block.block)]
    known: dict[int, list[OutletLine]] = {}
    own: list[int] = []
    for block, key in zip(facts, hash_lines([block.line for block in facts]), strict=True):
        hashes = [key]
        if has_masks:
            hashes += hash_masks(block.text, languages, code, block.num_words)
        lines = [repeated[key] for key in hashes if key in repeated]
        if lines:
            known[block.index] = lines
        elif is_running_text(block.num_words, block.is_sentence, block.block.link_ratio):
            own.append(block.index)
    found = {}
    for index, lines in known.items():
        is_before, is_after = not own or index < own[0], not own or index > own[-1]
        for line in lines:
            if line.anywhere or (line.in_head and is_before) or (line.in_tail and is_after):
                found[index] = line
                break
    return found
