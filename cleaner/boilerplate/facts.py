"""What is true of a block before it is judged: its words, its shape, the cues in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np

from cleaner.block_model.text_features import Columns
from cleaner.boilerplate.cues import Cue, Languages, gather_words, normalize_line
from cleaner.boilerplate.lines import ends_as_sentence, is_running_text
from cleaner.model import Block
from cleaner.words import count_all, count_words, find_words, is_unspaced

_QUOTED = re.compile(
    r"\"[^\"]*\"|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|‘[^‘’]{12,}’|「[^「」]*」|『[^『』]*』"
)
_BULLET = re.compile(r"^\s*(?:[•◦▪‣·*–—-]|\d{1,3}[.)])\s+\S")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th|er|e|º|ª)?")
_CLOCK_OR_YEAR = re.compile(
    r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|年|월|月"
)
_DATE_FILLERS = frozenset(
    "am pm a p m t z utc gmt cet cest est edt pst pdt bst ist msk um uhr h à le la el de del do "
    "di alle ore las г года р o 年 月 日 時 分 时".split()
)
_MAX_DATE_WORDS = 14
_SEPARATORS = re.compile(r"\s+[|·•/›»–—]\s+|\s{2,}|\t")
_MIN_LABELS = 3
_MAX_LABEL_WORDS = 4
_MAX_ROW_WORDS = 24
_MAX_NAME_WORDS = 8
_LINES_AT_ONCE = 20
"""That are asked for phrases: as many as a document has."""


class BlockFacts(msgspec.Struct, frozen=True):
    """A block and all that its rules ask about it.

    Attributes:
        index: Position among all blocks of the document, from 0.
        text: The block as it stands; `line` is its normalised form.
        num_words: Words as a reader counts them.
        cues: The cues that hit; `decisive` is the first that decides on its own, `phrases` are
            cues of scope `phrase` that hit outside quotation marks.
        is_sentence: It ends as a sentence does.
        is_anchor: It looks like a paragraph of running text, apart from its cues.
        is_name: Every word of it is capitalised, and there are two at least.
        is_bullet: It begins as the item of a list does.
        is_date: It holds nothing but a date.
        is_row_of_labels: It is several short labels in a row, as navigation bars are.
        is_assembled: It is put together from parts each of which is boilerplate.
        author: The names in it, if it is a byline (`By` and a name or two).
        addresses_reader: It has such phrases, and says `you` or `we` outside quotation marks.
    """

    index: int
    block: Block
    text: str
    line: str
    num_words: int
    cues: tuple[Cue, ...]
    decisive: Cue | None
    phrases: tuple[Cue, ...]
    is_sentence: bool
    is_anchor: bool
    is_name: bool
    is_bullet: bool
    is_date: bool
    is_row_of_labels: bool
    is_assembled: bool
    author: str | None
    addresses_reader: bool


def find_facts(text: str, blocks: Sequence[Block], languages: Languages) -> list[BlockFacts]:
    """Gather what the rules ask about each block of a text."""
    return find_all_facts([(text, blocks)], languages)[0]


def find_all_facts(
    texts: Sequence[tuple[str, Sequence[Block]]], languages: Languages
) -> list[list[BlockFacts]]:
    """Gather what the rules ask about each block of some texts; equal blocks are looked at once."""
    raws = [[text[block.begin : block.end] for block in blocks] for text, blocks in texts]
    distinct = list(dict.fromkeys(chain.from_iterable(raws)))
    known = dict(zip(distinct, _gather_all(distinct, languages), strict=True))
    return [
        [
            _place(known[raw], index, block)
            for index, (raw, block) in enumerate(zip(own, blocks, strict=True))
        ]
        for own, (_, blocks) in zip(raws, texts, strict=True)
    ]


def _place(facts: BlockFacts, index: int, block: Block) -> BlockFacts:
    """Return what holds of a line where it stands."""
    is_anchor = facts.is_anchor and is_running_text(
        facts.num_words, facts.is_sentence, block.link_ratio
    )
    return msgspec.structs.replace(facts, index=index, block=block, is_anchor=is_anchor)


_NOWHERE = Block(0, 0)


def _gather_all(raws: Sequence[str], languages: Languages) -> list[BlockFacts]:
    """Gather what the rules ask about lines, wherever they stand."""
    lines = list(map(normalize_line, raws))
    counts = count_all(raws)
    facts = []
    for begin in range(0, len(raws), _LINES_AT_ONCE):
        part = slice(begin, begin + _LINES_AT_ONCE)
        searched = [(language, language.may_hold_phrase(lines[part])) for language in languages]
        for raw, line, num_words in zip(raws[part], lines[part], counts[part], strict=True):
            cues = tuple(
                cue
                for language, phrases in searched
                for cue in language.find(line, num_words, phrases=phrases)
            )
            facts.append(_gather(raw, line, num_words, cues, languages))
    return facts


def _gather(
    raw: str, line: str, num_words: int, cues: tuple[Cue, ...], languages: Languages
) -> BlockFacts:
    """Gather what the rules ask about a line, beyond the cues that hit it."""
    phrases = tuple(cue for cue in cues if cue.scope == "phrase") if cues else ()
    addresses_reader = False
    if phrases:
        unquoted = normalize_line(_QUOTED.sub(" ", raw))
        hits = {id(cue) for language in languages for cue in language.find_phrases(unquoted)}
        phrases = tuple(cue for cue in phrases if id(cue) in hits)
        addresses_reader = _addresses_reader(unquoted, languages)
    is_sentence = ends_as_sentence(raw)
    decisive = next((cue for cue in cues if cue.scope != "phrase"), None)
    may_be_row = num_words <= _MAX_ROW_WORDS and _SEPARATORS.search(raw) is not None
    return BlockFacts(
        index=0,
        block=_NOWHERE,
        text=raw,
        line=line,
        num_words=num_words,
        cues=cues,
        decisive=decisive,
        phrases=phrases,
        is_sentence=is_sentence,
        is_anchor=decisive is None and is_running_text(num_words, is_sentence),
        is_name=num_words <= _MAX_NAME_WORDS and _is_name(raw),
        is_bullet=bool(_BULLET.match(raw)),
        is_date=num_words <= _MAX_DATE_WORDS and _is_date(line, languages),
        is_row_of_labels=may_be_row and not is_sentence and _is_row(raw),
        is_assembled=may_be_row and _is_assembled(raw, languages),
        author=_find_author(raw, languages),
        addresses_reader=addresses_reader,
    )


def facts_columns(facts: Sequence[BlockFacts]) -> Columns:
    """Return what cues and patterns say of blocks as columns for the block model."""
    values: dict[str, list[float]] = {
        "decisive_cue": [block.decisive is not None for block in facts],
        "phrases": [len(block.phrases) for block in facts],
        "is_date": [block.is_date for block in facts],
        "names_author": [block.author is not None for block in facts],
        "row_of_labels": [block.is_row_of_labels for block in facts],
        "addresses_reader": [block.addresses_reader for block in facts],
        "section_heading": [any(cue.heading for cue in block.cues) for block in facts],
        "assembled": [block.is_assembled for block in facts],
        "only_names": [block.is_name for block in facts],
    }
    return {name: np.array(column, dtype=np.float32) for name, column in values.items()}


def _addresses_reader(line: str, languages: Languages) -> bool:
    """Tell whether a line has a word for its reader or its writer, in any script."""
    known = gather_words(languages, "address_words")
    if is_unspaced(line):
        return any(word in line for word in known)
    return not known.isdisjoint(line.split())


def _is_row(raw: str) -> bool:
    """Tell whether a line is three or more short labels with separators between them."""
    parts = [part for part in _SEPARATORS.split(raw.strip()) if part]
    return len(parts) >= _MIN_LABELS and all(
        1 <= count_words(part) <= _MAX_LABEL_WORDS and not any(map(str.isdigit, part))
        for part in parts
    )


def _is_assembled(raw: str, languages: Languages) -> bool:
    """Tell whether every part of a line, cut at its separators, is boilerplate on its own."""
    parts = [line for part in _SEPARATORS.split(raw) if (line := normalize_line(part))]
    return len(parts) > 1 and all(
        _is_date(line, languages)
        or any(
            cue.scope == "line"
            for language in languages
            for cue in language.find(line, count_words(line))
        )
        for line in parts
    )


def _is_date(line: str, languages: Languages) -> bool:
    """Tell whether a line holds a date or a time and, beside it, only words of date lines."""
    if not _CLOCK_OR_YEAR.search(line):
        return False
    known = gather_words(languages, "date_words")
    words = [line[begin:end] for begin, end in find_words(line)]
    return all(word in known or word in _DATE_FILLERS or _NUMBER.fullmatch(word) for word in words)


def _is_name(raw: str) -> bool:
    """Tell whether a line is nothing but capitalised words, as names and titles of people are."""
    words = [raw[begin:end] for begin, end in find_words(raw)]
    head = raw.partition(",")[0]
    return (
        2 <= len(words) <= _MAX_NAME_WORDS
        and len(find_words(head)) > 1
        and not raw.lstrip().startswith("#")
        and not raw.rstrip().endswith((",", ";", ":"))
        and not is_unspaced(raw)
        and all(word[0].isupper() for word in words)
        and not raw.isupper()
    )


_NAME_JOINS = frozenset("and und et y e & i и та de von van der den del la le di da in ve".split())


def _find_author(raw: str, languages: Languages) -> str | None:
    """Return the names in a line that is `By` and a name or two; None for any other line."""
    head, _, tail = raw.strip(" \t|•·–—-").partition(",")
    first = next(iter(head.split(None, 1)), "").casefold().rstrip(":")
    if first not in gather_words(languages, "byline_words"):
        return None
    _, *rest = head.split()
    if not 1 <= len(rest) < _MAX_NAME_WORDS or count_words(tail) > _MAX_LABEL_WORDS + 4:
        return None
    names = [word for word in rest if word.casefold() not in _NAME_JOINS]
    is_name = bool(names) and all(w[0].isupper() or not w[0].isalpha() for w in names)
    return (
        normalize_line(" ".join(rest)) if is_name and not head.endswith((".", "?", "!")) else None
    )
