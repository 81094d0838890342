"""What an outlet repeats: which lines are its own, and which only look like it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.boilerplate import (
    LINE_COUNTS,
    LISTED_LINES,
    OUTLET_LINES,
    REPEATED_LINES,
    judge_blocks,
    learn_lines,
    line_counts_sql,
    list_outlet_lines,
)
from cleaner.boilerplate.cues import load_cues, normalize_line
from cleaner.boilerplate.facts import find_facts
from cleaner.boilerplate.lines import (
    LABEL,
    LINE,
    RUNNING_TEXT,
    ends_as_sentence,
    find_shape,
    hash_lines,
    line_hash,
    list_keys,
    mask_line,
)
from cleaner.boilerplate.outlet import OutletLine, find_repeats, lower_bound, name_witness
from cleaner.config import BoilerplateConfig, Config
from cleaner.engines import LocalEngine
from cleaner.extraction.lines import split_lines
from cleaner.model import TEXTS, Block, as_row
from cleaner.words import count_words

FOOTER = "Write to us at the old pier, 9 Quay Road"
WIRE = (
    "The ferry drifted for nine hours before a tug could reach it off the rocks, the coastguard "
    "said on Monday."
)
_PLACES = "quay harbour mill bridge orchard station square theatre museum market".split()


def sentence(number: int, other: int) -> str:
    """Return a sentence of running text that no other numbers give."""
    place, name = _PLACES[other % 10], _PLACES[number % 10]
    kind = chr(97 + number) + chr(97 + other)
    return (
        f"Nobody at the {place} would say on that day who had painted the {name} door {kind} blue."
    )


def article(number: int, num_sentences: int = 6) -> list[str]:
    """Return the paragraphs of a text of its own."""
    return [sentence(number, other) for other in range(num_sentences)]


def put(number: int, line: str, at: int) -> list[str]:
    """Return an article with a line before one of its paragraphs."""
    lines = article(number)
    return [*lines[:at], line, *lines[at:]]


def make_texts(
    texts: Sequence[tuple[str, list[str]]], dates: Sequence[str | None] = ()
) -> pa.RecordBatch:
    """Return texts as extraction gives them, from outlets and paragraphs."""
    rows = []
    for at, (outlet, lines) in enumerate(texts):
        text = "\n\n".join(lines)
        rows.append(
            {
                "document_id": str(at),
                "document_number": at,
                "outlet": outlet,
                "language": "en",
                "text": text,
                "published": dates[at] if dates else None,
                "blocks": [as_row(block) for block in split_lines(text)],
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=TEXTS)


def learn(
    texts: Sequence[tuple[str, list[str]]],
    dates: Sequence[str | None] = (),
    **settings: Any,
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the outlets' own lines, by outlet and line hash."""
    batch = make_texts(texts, dates)
    config = Config(boilerplate=BoilerplateConfig(**settings))
    with LocalEngine(workers=1) as engine:
        engine.write("outlet_lines", [list_outlet_lines(batch, config)], LISTED_LINES)
        engine.write("learned_lines", [], OUTLET_LINES)
        engine.sql(line_counts_sql(config.boilerplate), target="counts", schema=LINE_COUNTS)
        engine.map_batches(
            learn_lines, config, source="counts", target="learnt", schema=REPEATED_LINES
        )
        found = [row for part in engine.read("learnt") for row in part.to_pylist()]
    return {(row["outlet"], row["line_hash"]): row for row in found}


def places(line: str, found: dict[tuple[str, int], dict[str, Any]], outlet: str = "a") -> str:
    """Return where a line is taken for the outlet's own: `any`, `head`, `tail`, or nothing."""
    row = found.get((outlet, line_hash(normalize_line(line))), {})
    names = {"anywhere": "any", "in_head": "head", "in_tail": "tail"}
    return " ".join(word for name, word in names.items() if row.get(name))


MASKS = [
    ("en", "Reporting by Jane Doe in Kyiv; Edited by John Roe", "reporting by ǁ in ǁ; edited by ǁ"),
    ("en", "Reporting by J. K. Roe and Ann Lee", "reporting by ǁ"),
    ("en", "By Jane Doe, Staff Writer", "by ǁ, staff writer"),
    ("en", "Photograph: Ann Lee/Reuters", "photograph: ǁ"),
    ("en", "Photographs and words By", "photographs and words ǁ"),
    ("en", "Published on 3 May 2024 at 14:05", "published on ǂ"),
    ("de", "Anna Meier ist Redakteurin bei Zeit Online", "ǁ ist redakteurin bei ǁ"),
    ("ru", "Опубликовано 3 мая 2024, 14:05", "опубликовано ǂ"),
    ("fr", "Publié le 3 mai 2024 par Jean de la Fontaine", "publié le ǂ par ǁ"),
]  # fmt: skip
NO_MASKS = [
    ("en", "Anna Meier"),
    ("en", "Mr Joe Biden"),
    ("en", "THE WHOLE LINE IS IN CAPITALS"),
    ("de", "Die alte Mühle sucht neue Pächter"),
    ("en", "nothing in this line is a name"),
    ("en", " ".join(["a long line names Joe Biden and goes on"] * 3)),
]


@pytest.mark.parametrize(("code", "line", "mask"), MASKS)
def test_names_and_dates_are_masked(code: str, line: str, mask: str) -> None:
    """Names and dates leave a line, in every language with capitals or month names."""
    assert mask_line(line, load_cues().speaking(code), code)[0] == mask


@pytest.mark.parametrize(("code", "line"), NO_MASKS)
def test_mask_must_be_telling(code: str, line: str) -> None:
    """A line of nothing but names has no mask, nor one that is long or has no name."""
    assert mask_line(line, load_cues().speaking(code), code) == ()


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("More stories", LABEL),
        ("Die", LINE),
        ("More stories.", LINE),
        (FOOTER, LINE),
        (WIRE, RUNNING_TEXT),
        ("word " * 29, LINE),
        ("word " * 30, RUNNING_TEXT),
    ],
)
def test_shapes(line: str, shape: int) -> None:
    """Labels are short, telling and no sentences; running text is long."""
    assert find_shape(line, count_words(line)) == shape


def test_lower_bound() -> None:
    """More documents say more about the same share."""
    assert 0 < lower_bound(5, 10) < lower_bound(50, 100) < lower_bound(500, 1000) < 0.5


@pytest.mark.parametrize(("copies", "expected"), [(4, ""), (5, "any tail")])
def test_line_needs_enough_documents(copies: int, expected: str) -> None:
    """A line is the outlet's own from the set number of documents on."""
    found = learn([("a", [*article(n), FOOTER]) for n in range(copies)])
    assert places(FOOTER, found) == expected


def test_numbers_are_masked() -> None:
    """Lines that differ in their numbers are the same line."""
    found = learn([("a", [*article(n), f"Page {n} of {n + 40}"]) for n in range(5)])
    assert [row["num_documents"] for row in found.values()] == [5]


@pytest.mark.parametrize(("ratio", "found"), [(0.5, 1), (0.6, 0)])
def test_line_needs_enough_of_the_outlet(ratio: float, found: int) -> None:
    """A line in five of ten documents counts up to a ratio of one half."""
    texts = [("a", article(n) + ([FOOTER] if n < 5 else [])) for n in range(10)]
    assert len(learn(texts, min_outlet_ratio=ratio)) == found


@pytest.mark.parametrize(("copies", "num_found"), [(7, 0), (8, 1)])
def test_patterns_need_more_documents(copies: int, num_found: int) -> None:
    """Lines of one pattern with other names are the outlet's own from half as many more on."""
    names = "Ann Bea Cleo Dora Edda Fay Gwen Hilde".split()
    texts = [
        ("a", [*article(n), f"Reporting by {names[n]} Doe for this paper"]) for n in range(copies)
    ]
    found = learn(texts)
    assert [(row["is_mask"], row["in_tail"], row["anywhere"]) for row in found.values()] == [
        (True, True, False)
    ] * num_found


def test_names_alone_are_no_pattern() -> None:
    """Different names in one place are not the same line."""
    names = "Ann Bea Cleo Dora Edda Fay Gwen Hilde Ina Joan Kay Lea".split()
    assert learn([("a", [*article(n), f"{name} Meier"]) for n, name in enumerate(names)]) == {}


def test_versions_are_no_witnesses() -> None:
    """Reposts of one article do not make its lines the outlet's own."""
    texts = [("a", [*article(0), f"Update {chr(97 + n)}{chr(98 + n)} came in."]) for n in range(6)]
    assert learn(texts) == {}


def test_wire_copy_is_not_an_outlets_own() -> None:
    """A line that many outlets run once or twice is not furniture of the one that ran it often."""
    texts = [("a", [*article(n), WIRE]) for n in range(5)]
    assert places(WIRE, learn(texts)) == "tail"
    texts += [(outlet, [*article(9), WIRE]) for outlet in "bcd"]
    assert learn(texts) == {}


@pytest.mark.parametrize("num_paragraphs", [3, 6])
def test_paragraph_among_others_is_no_furniture(num_paragraphs: int) -> None:
    """A paragraph that stands between an outlet's own paragraphs stays, also in short articles."""
    texts = [("a", article(n, num_paragraphs)) for n in range(12)]
    for number, (_, lines) in enumerate(texts):
        lines.insert(1 + number % (num_paragraphs - 1), WIRE)
    assert learn(texts) == {}
    assert learn(texts[:5]) == {}


@pytest.mark.parametrize(
    ("num_documents", "is_dated", "expected"),
    [(12, True, "any"), (12, False, ""), (9, True, "")],
)
def test_insert_at_one_place(num_documents: int, is_dated: bool, expected: str) -> None:
    """A paragraph at one place of many articles is an insert, if they are of many days."""
    texts = [("a", put(n, WIRE, 3) if n < num_documents else article(n)) for n in range(20)]
    dates = [f"2024-05-{n + 1:02}" if is_dated else None for n in range(20)]
    assert places(WIRE, learn(texts, dates)) == expected


@pytest.mark.parametrize(("num_days", "expected"), [(2, ""), (3, "tail")])
def test_running_story_is_no_furniture(num_days: int, expected: str) -> None:
    """A closing paragraph of one or two days among many belongs to a story."""
    texts = [("a", [*article(n), WIRE] if n < 6 else article(n)) for n in range(20)]
    dates = [f"2024-05-{(n % num_days if n < 6 else n) + 1:02}" for n in range(20)]
    assert places(WIRE, learn(texts, dates)) == expected


def test_dates_of_a_whole_outlet_say_nothing() -> None:
    """When all documents are of one day, a line of that day is no story for it."""
    texts = [("a", [*article(n), FOOTER]) for n in range(6)]
    assert places(FOOTER, learn(texts, ["2024-05-01"] * 6)) == "any tail"


def test_labels_stand_anywhere() -> None:
    """A label is the outlet's own wherever it stands, a rare line only on one side of the text."""
    line = "Read on below the picture of the old pier, dear friends of ours"
    texts = [("a", put(n, "More pictures", n % 6)) for n in range(6)]
    texts += [("a", put(n, line, n % 5)) for n in range(6, 12)]
    texts += [("a", article(n)) for n in range(12, 24)]
    found = learn(texts)
    assert places("More pictures", found) == "any"
    assert places(line, found) == ""


def test_every_outlet_for_itself() -> None:
    """A line that two outlets have three times each is the own line of neither."""
    texts = [(outlet, [*article(n), FOOTER]) for outlet in "ab" for n in range(3)]
    assert learn(texts) == {}


def test_what_extraction_left_out_does_not_count() -> None:
    """Lines outside of the main content are not learnt, and do not count for places."""
    texts = make_texts([("a", ["Menu", *article(0), FOOTER])])
    rows = texts.to_pylist()
    rows[0]["blocks"][0]["in_extraction"] = 0
    lines = list_outlet_lines(pa.RecordBatch.from_pylist(rows, schema=TEXTS), Config()).to_pylist()
    hashes = {row["line_hash"]: row for row in lines}
    assert line_hash("menu") not in hashes
    footer = hashes[line_hash(normalize_line(FOOTER))]
    assert (footer["from_head"], footer["from_tail"]) == (6, 0)


def find(lines: list[str], **where: bool) -> list[str]:
    """Return which lines of a text are the footer, learnt with a place."""
    text = "\n\n".join(lines)
    known = {line_hash(normalize_line(FOOTER)): OutletLine(0.9, **where)}
    blocks = split_lines(text)
    facts = find_facts(text, blocks, ())
    hits = find_repeats(facts, known, (), "en")
    return [text[blocks[at].begin : blocks[at].end] for at in hits]


@pytest.mark.parametrize(
    ("at", "where", "is_found"),
    [(0, "in_head", True), (3, "in_head", False), (6, "in_tail", True), (3, "in_tail", False),
     (0, "in_tail", False), (3, "anywhere", True)],
)  # fmt: skip
def test_line_falls_in_its_place(at: int, where: str, is_found: bool) -> None:
    """A line falls on the side of the running text where it was learnt."""
    assert find(put(0, FOOTER, at), **{where: True}) == [FOOTER] * is_found


def test_long_tails_fall_at_once() -> None:
    """After the running text a line falls however much follows it; long pages are not peeled."""
    links = [f"Story number {chr(97 + n)}" for n in range(24)]
    assert find([*article(0), FOOTER, *links], in_tail=True) == [FOOTER]
    assert find([*article(0)[:3], FOOTER, *links, *article(0)[3:]], in_tail=True) == []


def test_block_left_out_by_extraction_is_no_hit() -> None:
    """What extraction left out is judged by that alone."""
    known = {line_hash(normalize_line(FOOTER)): OutletLine(0.9, anywhere=True)}
    for in_extraction, found in ((1, [0]), (0, [])):
        blocks = [Block(0, len(FOOTER), "p", 0.0, in_extraction=in_extraction)]
        facts = find_facts(FOOTER, blocks, ())
        assert list(find_repeats(facts, known, (), "en")) == found


def test_document_is_counted_once() -> None:
    """A document keeps its number when it comes back from a corpus under its id."""
    document_id = "322d74a205ad98918d8a"
    assert name_witness("0" * 20, document_id) == name_witness(document_id, None)
    assert name_witness("0" * 20, "17") == name_witness("0" * 20, None)


@pytest.mark.parametrize(("title", "kind"), [("", "outlet_line"), ("Weather report", "main")])
def test_title_of_a_series_stays(title: str, kind: str) -> None:
    """A line that all documents of a series have stays where it is the document's title."""
    text = "\n\n".join(["Weather report", *article(0)])
    repeated = {line_hash("weather report"): OutletLine(0.9, anywhere=True)}
    verdicts = judge_blocks(text, split_lines(text), language="en", title=title, repeated=repeated)
    assert verdicts[0].kind == kind


_SIGNS = st.text(st.sampled_from("aB1 .!:'”)\n\u00a0·é漢")) | st.text()


@given(st.lists(_SIGNS))
def test_lines_have_the_same_keys_together_as_alone(raws: list[str]) -> None:
    """A line's hash, those of its masks, its length, its words and its shape."""
    languages = load_cues().speaking("en")
    lines = list(map(normalize_line, raws))
    assert hash_lines(lines) == list(map(line_hash, lines))
    for raw, keys in list_keys(raws, languages, "en").items():
        forms = (normalize_line(raw), *mask_line(raw, languages, "en"))
        num_words = count_words(raw)
        assert keys.hashes == tuple(map(line_hash, forms))
        assert keys[1:] == (len(forms[0]), num_words, find_shape(raw, num_words))


@given(_SIGNS)
def test_a_sentence_ends_with_its_sign(raw: str) -> None:
    """Quotation marks, brackets and blanks may follow."""
    found = re.search(r"[.!?…。！？؟۔।:;]['\"’”»)\]›」』]*\s*$", raw)
    assert ends_as_sentence(raw) == bool(found)
