"""Whether a document holds its whole article, or only what a paywall or a feed lets through.

No phrase decides this: articles about paywalls say what paywalls say, and whole articles end with
an ellipsis. A document is called truncated when facts of different kinds agree: what the page
declares, what is missing from it, where a notice stands, and how the text ends. What speaks for a
whole text (its declared length is reached, the part that is not free is there) outweighs them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.boilerplate.cues import CueBook, Languages, load_cues, normalize_line
from cleaner.config import Config
from cleaner.model import MAIN, read_parts
from cleaner.reading.fields import SUMMARY_NOTE
from cleaner.words import count_groups, count_words, is_unspaced, squeeze

TEXT_FACTS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("num_words", pa.int64()),
        pa.field("has_notice", pa.bool_()),
        pa.field("is_long", pa.bool_()),
        pa.field("facts", pa.list_(pa.string())),
    ]
)
"""What speaks for and against a truncation of each document; `num_words` counts main content,
`has_notice` and `is_long` are the facts that outlets are asked for."""

OUTLET_LENGTHS = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("num_documents", pa.int64()),
        pa.field("usual_words", pa.float64()),
        pa.field("num_notices", pa.int64()),
        pa.field("num_long_notices", pa.int64()),
    ]
)
"""How long an outlet's documents usually are (the median), and under how many of them, and of the
long ones among these, a notice stands."""
OUTLET_LENGTHS_SQL = """
    SELECT outlet, CAST(count(*) AS BIGINT) AS num_documents,
        CAST(median(num_words) AS DOUBLE) AS usual_words,
        CAST(sum(CASE WHEN has_notice THEN 1 ELSE 0 END) AS BIGINT) AS num_notices,
        CAST(sum(CASE WHEN has_notice AND is_long THEN 1 ELSE 0 END) AS BIGINT) AS num_long_notices
    FROM text_facts WHERE num_words > 0 GROUP BY outlet
"""

TRUNCATIONS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("truncated", pa.string()),
        pa.field("truncated_evidence", pa.list_(pa.string())),
    ]
)
"""For each document what cut it short (`paywall`, `feed`, `unknown`; null: it is whole, as far as
can be told), and the facts that say so."""

_MIN_NOTICE_WORDS, _MAX_NOTICE_WORDS = 4, 60
"""A shorter one, "Subscribe", is a button that whole articles have too."""
_MAX_WORDS_BETWEEN, _MAX_BLOCKS_BETWEEN = 25, 6
"""What may stand between the text and the notice that closes it: a label, a share bar."""
_MAX_WORDS_AFTER, _MAX_RATIO_AFTER = 60, 1 / 3
"""Main content after the notice up to which that is taken for a leftover of its box."""
_MIN_WORDS_BEFORE = 20
_MIN_PARAGRAPH_WORDS, _MAX_LABEL_WORDS = 12, 6
_MAX_FEW_PARAGRAPHS, _MAX_FEW_WORDS = 6, 250
_MIN_WHOLE_RATIO, _MIN_FRAGMENT_WORDS = 0.8, 8
"""Share of the other paragraphs that must end as sentences for the end of the last to mean much."""
_MIN_GATED_CHARS, _MIN_GATED_RATIO, _MAX_MISSING_CHARS = 600, 0.3, 200
"""Running text in the part that is not free: from here on it is the article, below it is missing;
the box that takes its place holds a few sentences."""
_REACHED_RATIO, _SHORT_RATIO = 0.75, 0.6
"""Words of main content by declared words from which the declared length counts as reached, and
below which the text counts as shorter: publishers count captions, or leave out standfirsts."""
_MIN_DECLARED_WORDS, _MIN_BODY_END_CHARS = 80, 30
_MIN_OUTLET_DOCUMENTS, _SHORT_FOR_OUTLET_RATIO = 8, 0.5
_MIN_LONG_NOTICES, _MIN_LONG_NOTICE_RATIO = 3, 1 / 3
"""An outlet that has the notice under so many long articles has it under all, whole or not."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:\"'”’»›)\]」』]\s*$")
_SENTENCE_END_INSIDE = re.compile(r"[.!?؟۔।]['\"’”»)]*\s|[。！？]")
_ELLIPSIS = re.compile(r"(?:…|\.{3,}|\. \. \.|[\[(]\s*(?:…|\.{3})\s*[\])]|\[&(?:hellip|#8230);\])$")
_CHAR_COUNT = re.compile(r"\s*\[\+\d+ chars?\]$")
_LINK_AFTER_BREAK = re.compile(r"(?:…|\.{3})[\])]?\s*[\[(]?(?P<link>[^.…\[\]()]{4,60})[\])]?$")
_OPENING_QUOTES = tuple('"“„«‹「『‘')
_LINKING = frozenset({"interface", "paywall", "related"})
_FEED_FOOTER = re.compile(
    r"(?:The post .{1,300} (?:appeared first|first appeared) on"
    r"|Der Beitrag .{1,300} erschien zuerst (?:auf|bei|in)"
    r"|(?:L['’]article|Cet article) .{1,300} est apparu en premier sur"
    r"|La entrada .{1,300} (?:se publicó primero|aparece primero|apareció primero) en"
    r"|O post .{1,300} apareceu primeiro em"
    r"|L['’]articolo .{1,300} proviene da"
    r"|Artykuł .{1,300} pochodzi z serwisu"
    r"|Сообщение .{1,300} появились? сначала на) .{1,200}$"
)
"""What WordPress writes under each item of a feed, in its own translations."""
_MAX_END_CHARS = 1_000
_MAX_BEFORE_FOOTER = 3
_LINK = re.compile(r"https?:|www\.|@|\w\.(?:com|org|net)\b")
_MAX_LINK_CHARS = 80
_LAST_WORD = re.compile(r"(?<!\w)(\w[\w'’-]*)[,–—-]?$")
_LIST_ITEM = re.compile(r"\s*(?:#{1,6}|[•◦▪‣·*–—-]|\d{1,3}[.)])\s+\S")
_CUT_BY_CRAWLER = re.compile(r"cut by the crawler|(?:transfer|content) broke off$")

EVIDENCE = (
    "declared_not_free",
    "content_tier_locked",
    "gated_part_missing",
    "shorter_than_declared",
    "is_summary",
    "cut_by_crawler",
    "notice_follows",
    "nothing_follows",
    "feed_footer",
    "links_to_rest",
    "ends_with_char_count",
    "ends_with_ellipsis",
    "ends_mid_sentence",
    "ends_with_colon",
    "others_end_whole",
    "few_paragraphs",
    "short_for_outlet",
)
"""The facts that can speak for a truncation, in the order in which they are given."""
_ONLY_FOR_UNKNOWN = ("nothing_follows", "others_end_whole")


class Truncation(msgspec.Struct, frozen=True):
    """What cut a document short, None if nothing did, and the facts that say so."""

    kind: str | None
    evidence: tuple[str, ...] = ()


def list_text_facts(batch: pa.RecordBatch, config: Config, judged: pa.Table) -> pa.RecordBatch:
    """Gather what speaks for and against a truncation of each document.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        judged: The same documents' rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `TEXT_FACTS`, in the same order.
    """
    settings = config.boilerplate
    book = load_cues(settings.cue_files, settings.disabled_rules)
    verdicts = read_parts(judged, "verdicts", "begin", "end", "kind")
    documents = batch.select(_COLUMNS).to_pylist()
    raws = [
        [row["text"][begin:end].strip() for begin, end, _ in verdicts[row["document_id"]]]
        for row in documents
    ]
    rows = []
    for row, own, counts in zip(documents, raws, count_groups(raws), strict=True):
        name = row["document_id"]
        kinds = [kind for _, _, kind in verdicts[name]]
        facts, num_words = find_facts_of_end(row, list(zip(own, counts, kinds, strict=True)), book)
        rows.append(
            {
                "document_id": name,
                "outlet": row["outlet"],
                "num_words": num_words,
                "has_notice": "notice_follows" in facts,
                "is_long": "few_paragraphs" not in facts,
                "facts": sorted(facts),
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=TEXT_FACTS)


_COLUMNS = ["document_id", "outlet", "text", "language", "mime", "notes", "access"]
"""What of `model.TEXTS` is asked for the facts."""


def find_truncated(
    batch: pa.RecordBatch, config: Config, outlet_lengths: pa.Table
) -> pa.RecordBatch:
    """Say of each document whether it was cut short.

    Args:
        batch: Rows of `TEXT_FACTS`.
        config: Not used; every kernel takes it.
        outlet_lengths: Rows of `OUTLET_LENGTHS`, of all outlets.

    Returns:
        Rows of `TRUNCATIONS`, in the same order.
    """
    outlets = {row["outlet"]: row for row in outlet_lengths.to_pylist()}
    rows = []
    for row in batch.to_pylist():
        facts = {*row["facts"], *_compare_outlet(row["num_words"], outlets.get(row["outlet"]))}
        found = weigh_evidence(facts)
        rows.append(
            {
                "document_id": row["document_id"],
                "truncated": found.kind,
                "truncated_evidence": list(found.evidence),
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=TRUNCATIONS)


def _compare_outlet(num_words: int, outlet: Mapping[str, Any] | None) -> set[str]:
    """Return what an outlet's other documents say of one with so many words."""
    found: set[str] = set()
    if outlet is None or outlet["num_documents"] < _MIN_OUTLET_DOCUMENTS:
        return found
    if num_words < _SHORT_FOR_OUTLET_RATIO * outlet["usual_words"]:
        found.add("short_for_outlet")
    num_long = outlet["num_long_notices"]
    if num_long >= max(_MIN_LONG_NOTICES, _MIN_LONG_NOTICE_RATIO * outlet["num_notices"]):
        found.add("notice_is_general")
    return found


def weigh_evidence(facts: Collection[str]) -> Truncation:
    """Put facts together to a decision.

    The first row of the table decides in which every column holds.

    | decision | what is declared or missing | what follows, where it comes from | how it ends |
    | --- | --- | --- | --- |
    | `feed` | | | broken off, and `ends_with_char_count` |
    | `feed` | | `is_summary` | broken off |
    | null | `declared_length_reached` or `gated_part_present` | | |
    | null | `declared_body_reached` | not (declared and `notice_follows`) | |
    | `paywall` | | `notice_follows` | broken off, or `ends_with_colon` |
    | null | `declared_free` | | |
    | `paywall` | declared | `notice_follows` | |
    | `paywall` | declared, and `shorter_than_declared` | | |
    | `paywall` | declared | | broken off |
    | `paywall` | declared, and `gated_part_missing` | | short |
    | `paywall` | | `notice_follows`, not `notice_is_general` | short |
    | `feed` | | `is_summary` | short |
    | `feed` | | `links_to_rest` or `feed_footer` | `few_paragraphs`, broken off |
    | `feed` | | `is_plain_text` | `few_paragraphs`, `ends_with_ellipsis` |
    | `unknown` | `shorter_than_declared` | | broken off |
    | `unknown` | | `cut_by_crawler` and `nothing_follows` | |
    | `unknown` | | `is_plain_text`, `nothing_follows` | `ends_mid_sentence`, `others_end_whole` |

    *Declared*: `declared_not_free` or `content_tier_locked`. *Broken off*: `ends_mid_sentence` or
    `ends_with_ellipsis`. *Short*: `few_paragraphs` or `short_for_outlet`.

    The limits were set by hand on 863 pages and 1,633 texts of six sets each, read where a decision
    was near. 10 of the pages were found to be cut short; 8 of them are told, and no whole page or
    text is. Of 209 texts cut by hand in the ways of feeds, 97 to 100 % are told; of texts cut at a
    length and without a mark, half.

    Args:
        facts: What `find_facts_of_end` gives, and what the outlet's other documents say.

    >>> weigh_evidence({"declared_not_free", "notice_follows"}).kind
    'paywall'
    >>> weigh_evidence({"notice_follows"}).kind is None
    True
    """
    found = frozenset(facts)
    kind = _weigh(found)
    if kind is None:
        return Truncation(None)
    silent = () if kind == "unknown" else _ONLY_FOR_UNKNOWN
    return Truncation(kind, tuple(n for n in EVIDENCE if n in found and n not in silent))


def _weigh(found: frozenset[str]) -> str | None:
    def has(*names: str) -> bool:
        return not found.isdisjoint(names)

    is_declared = has("declared_not_free", "content_tier_locked")
    is_broken_off = has("ends_mid_sentence", "ends_with_ellipsis")
    is_short, is_noticed = has("few_paragraphs", "short_for_outlet"), has("notice_follows")
    if is_broken_off and has("ends_with_char_count", "is_summary"):
        return "feed"
    if has("declared_length_reached", "gated_part_present"):
        return None
    if has("declared_body_reached") and not (is_declared and is_noticed):
        return None
    if is_noticed and (is_broken_off or has("ends_with_colon")):
        return "paywall"
    if has("declared_free"):
        return None
    if is_declared and (is_noticed or is_broken_off or has("shorter_than_declared")):
        return "paywall"
    if is_short and is_declared and has("gated_part_missing"):
        return "paywall"
    if is_short and is_noticed and not has("notice_is_general"):
        return "paywall"
    if is_short and has("is_summary"):
        return "feed"
    if has("few_paragraphs") and is_broken_off and has("links_to_rest", "feed_footer"):
        return "feed"
    if found >= {"is_plain_text", "few_paragraphs", "ends_with_ellipsis"}:
        return "feed"
    is_unknown = (
        (is_broken_off and has("shorter_than_declared"))
        or found >= {"cut_by_crawler", "nothing_follows"}
        or found >= {"is_plain_text", "nothing_follows", "ends_mid_sentence", "others_end_whole"}
    )
    return "unknown" if is_unknown else None


def find_facts_of_end(
    row: Mapping[str, Any], judged: Sequence[tuple[str, int, str]], book: CueBook
) -> tuple[frozenset[str], int]:
    """Gather what speaks for and against a truncation in a document itself.

    Args:
        row: Its row of `model.TEXTS`, at least `_COLUMNS` of it.
        judged: Its blocks, in order: text, number of words, and the kind of the verdict.
        book: The cues.

    Returns:
        Facts by name, those of `EVIDENCE` and what speaks against it, and the number of words of
        main content before the notice that closes the text.
    """
    languages = book.speaking(row["language"])
    blocks = [_Block(raw, num_words, kind, languages) for raw, num_words, kind in judged]
    notice = _find_notice(blocks)
    article = [block for block in blocks[:notice] if block.is_kept]
    while article and article[-1].is_feed_footer:
        article.pop()
    if len(article) > 1 and article[-1].is_label and _ELLIPSIS.search(article[-2].text):
        article.pop()  # A link to the rest, whatever it says: `To read the full story`.
    if not article:
        return frozenset(), 0
    if blocks[-1] is not article[-1] and _CHAR_COUNT.search(blocks[-1].text):
        article.append(blocks[-1])
    at = blocks.index(article[-1])
    after = blocks[at + 1 :]
    paragraphs = [block for block in article if block.num_words >= _MIN_PARAGRAPH_WORDS]
    num_words = sum(block.num_words for block in article)
    facts = {
        "is_plain_text": row["mime"] != "text/html",
        "is_summary": SUMMARY_NOTE in row["notes"],
        "cut_by_crawler": any(_CUT_BY_CRAWLER.search(note) for note in row["notes"]),
        "notice_follows": notice is not None,
        "nothing_follows": not after,
        "feed_footer": any(block.is_feed_footer for block in blocks[at:]),
        "few_paragraphs": len(paragraphs) <= _MAX_FEW_PARAGRAPHS and num_words <= _MAX_FEW_WORDS,
        "others_end_whole": _others_end_whole(paragraphs, article[-1]),
    }
    found = {name for name, holds in facts.items() if holds}
    found |= _read_end(article[-1], after[:1])
    return frozenset(found | _compare_access(row["access"] or {}, article, num_words)), num_words


class _Block:
    """A block as this file looks at it; what takes time is found out when it is asked for."""

    def __init__(self, text: str, num_words: int, kind: str, languages: Languages) -> None:
        self.text = text
        self.num_words = num_words
        self.kind = kind
        self.is_kept = self.kind == MAIN and any(map(str.isalnum, self.text))
        self.languages = languages

    @property
    def is_label(self) -> bool:
        """Whether it is a few words that are neither a sentence nor a name."""
        return (
            self.num_words <= _MAX_LABEL_WORDS
            and not _SENTENCE_END.search(self.text)
            and any(word[0].islower() for word in self.text.split())
        )

    @functools.cached_property
    def is_notice(self) -> bool:
        """Whether it says that the text goes on for those who pay or sign in.

        What was kept as main content is none, whatever it says, and what begins as a quotation.
        """
        if self.is_kept or self.text.startswith(_OPENING_QUOTES):
            return False
        if not _MIN_NOTICE_WORDS <= self.num_words <= _MAX_NOTICE_WORDS:
            return False
        return self.kind == "paywall" or "paywall" in find_kinds(self.text, self.languages)

    @functools.cached_property
    def is_feed_footer(self) -> bool:
        """Whether it is nothing but the line under an item of a feed."""
        found = _FEED_FOOTER.search(self.text[-_MAX_END_CHARS:])
        return found is not None and len(self.text) - len(found[0]) < _MAX_BEFORE_FOOTER


def find_kinds(line: str, languages: Languages) -> set[str]:
    """Return the kinds of boilerplate of which cues decide that a line is."""
    normalized = normalize_line(line)
    return {
        cue.kind
        for language in languages
        for cue in language.find(normalized, count_words(line), phrases=False)
    }


def _find_notice(blocks: Sequence[_Block]) -> int | None:
    """Return the index of the notice that closes the text, if one does.

    It stands right after main content, and nothing but leftovers of its own box follows it.
    """
    num_main = sum(block.num_words for block in blocks if block.is_kept)
    least = max(_MIN_WORDS_BEFORE, num_main - min(_MAX_WORDS_AFTER, _MAX_RATIO_AFTER * num_main))
    num_before = num_between = num_skipped = 0
    for at, block in enumerate(blocks):
        if block.is_kept:
            num_before += block.num_words
            num_between = num_skipped = 0
        elif (
            num_before >= least
            and num_between <= _MAX_BLOCKS_BETWEEN
            and num_skipped <= _MAX_WORDS_BETWEEN
        ):
            if block.is_notice:
                return at
            num_between += 1
            num_skipped += block.num_words
    return None


def _others_end_whole(paragraphs: Sequence[_Block], last: _Block) -> bool:
    """Tell whether the text is one whose paragraphs end as sentences."""
    others = [block for block in paragraphs if block is not last]
    if not others:
        # A text on one line: what follows its last sentence may be a heading or a button.
        ends = list(_SENTENCE_END_INSIDE.finditer(last.text))
        return bool(ends) and count_words(last.text[ends[-1].end() :]) >= _MIN_FRAGMENT_WORDS
    num_whole = sum(_SENTENCE_END.search(block.text) is not None for block in others)
    return num_whole >= _MIN_WHOLE_RATIO * len(others)


def _read_end(last: _Block, after: Sequence[_Block]) -> set[str]:
    """Return what the end of the last block of an article says."""
    found: set[str] = set()
    text = last.text[-_MAX_END_CHARS:]
    if footer := _FEED_FOOTER.search(text):
        found.add("feed_footer")
        text = text[: footer.start()].rstrip()
    if count := _CHAR_COUNT.search(text):
        found.add("ends_with_char_count")
        text = text[: count.start()].rstrip()
    if (link := _LINK_AFTER_BREAK.search(text)) and _opens_more(link["link"], last.languages):
        found.add("links_to_rest")
        text = text[: link.start("link")].rstrip(" [(")
    if _ELLIPSIS.search(text):
        found.add("ends_with_ellipsis")
        if any(not block.is_kept and _opens_more(block.text, block.languages) for block in after):
            found.add("links_to_rest")
    elif text.endswith((":", "：")):
        found.add("ends_with_colon")
    elif _ends_mid_sentence(text, last.num_words):
        found.add("ends_mid_sentence")
    return found


def _opens_more(line: str, languages: Languages) -> bool:
    """Tell whether a line is a link to more: `Read more`, `Continue reading`."""
    return not find_kinds(line, languages).isdisjoint(_LINKING)


def _ends_mid_sentence(text: str, num_words: int) -> bool:
    """Tell whether a paragraph breaks off: its last word is in lower case and ends no sentence.

    Only scripts with two cases show this. A headline, an item of a list, a name, a link at the end
    are no paragraph that breaks off.
    """
    last_word = _LAST_WORD.search(text)
    return (
        num_words >= _MIN_PARAGRAPH_WORDS
        and last_word is not None
        and last_word[1][0].islower()
        and last_word[1][-1].islower()
        and not _LIST_ITEM.match(text)
        and not _LINK.search(text[-_MAX_LINK_CHARS:])
    )


def _compare_access(
    access: Mapping[str, Any], article: Sequence[_Block], num_words: int
) -> set[str]:
    """Return what a page declares, and whether the text is as long as that."""
    found: set[str] = set()
    if access.get("is_free") is False:
        found.add("declared_not_free")
    elif access.get("is_free") or access.get("tier") == "free":
        found.add("declared_free")
    if access.get("tier") == "locked":
        found.add("content_tier_locked")
    num_chars = sum(len(block.text) for block in article)
    gated = access.get("gated_chars")
    if gated is not None and gated >= max(_MIN_GATED_CHARS, _MIN_GATED_RATIO * num_chars):
        found.add("gated_part_present")
    elif gated is not None and gated < _MAX_MISSING_CHARS:
        found.add("gated_part_missing")
    return found | _compare_length(access, article, num_words)


def _compare_length(
    access: Mapping[str, Any], article: Sequence[_Block], num_words: int
) -> set[str]:
    """Compare a text with the length that its page declares, and with the end of its body."""
    declared = access.get("num_words") or 0
    if is_unspaced(article[-1].text):
        declared = 0  # Publishers do not agree on what a word is in such scripts.
    if declared >= _MIN_DECLARED_WORDS and num_words >= _REACHED_RATIO * declared:
        return {"declared_length_reached"}
    body_words, body_end = access.get("body_words") or 0, access.get("body_end") or ""
    if body_words >= _MIN_DECLARED_WORDS and len(body_end) >= _MIN_BODY_END_CHARS:
        if body_end in squeeze(" ".join(block.text for block in article)):
            return {"declared_body_reached"}
        declared = max(declared, body_words)
    is_short = declared >= _MIN_DECLARED_WORDS and num_words < _SHORT_RATIO * declared
    return {"shorter_than_declared"} if is_short else set()
