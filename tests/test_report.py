"""What the report's texts have in common: numbers, names, differences and words for all things."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner
from cleaner import resolution
from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, TRUNCATED, VIEWS, WHITESPACE, Relation
from cleaner.report import wording
from cleaner.report.difference import (
    MAX_SAME_WORDS,
    Segment,
    collapse_same,
    compare_words,
    cut_segments,
    split_words,
)
from cleaner.report.text import format_percent, show_line, show_text


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, "0.0%"), (0, 10, "0.0%"), (10, 10, "100.0%"), (1, 3, "33.3%"), (1, 10_000, "<0.1%"),
        (4, 10_000, "<0.1%"), (6, 10_000, "0.1%"), (9_994, 10_000, "99.9%"),
        (9_996, 10_000, ">99.9%"),
    ],
)  # fmt: skip
def test_percent(part: int, whole: int, expected: str) -> None:
    """A share never looks like all or nothing unless it is."""
    assert format_percent(part, whole) == expected


def test_bidi() -> None:
    """Controls of direction and what does not show are shown; marks that guide it stay."""
    assert show_text("a\u202eb\u2069\u200fc") == "a[U+202E]b[U+2069]\u200fc"
    assert show_text("a\x00b\x85c\ud800d\uffff") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert show_text("a\r\nb\rc\td") == "a\nb\nc\td"


def test_line_limit() -> None:
    """A line is cut only if it is longer than the limit, and then ends with an ellipsis."""
    assert show_line("abcd", 4) == "abcd"
    assert show_line("abcde", 4) == "abc…"
    assert show_line(" " * 100 + "ab", 4) == "…"
    assert show_line("a\tb\u2028c") == "a b c"


DIFFERENCES = [
    ("a b c", "a b c", [("same", "a b c")]),
    ("a b c", "a  b\nc", [("same", "a  b\nc")]),
    ("a b c", "a x c", [("same", "a "), ("missing", "b "), ("added", "x "), ("same", "c")]),
    ("a b", "a", [("same", "a"), ("missing", "b ")]),
    ("a", "a b", [("same", "a "), ("added", "b")]),
    ("a b", "c d", [("missing", "a b "), ("added", "c d")]),
    ("", "a", [("added", "a")]),
    ("a", "", [("missing", "a ")]),
    ("", "", []),
    ("x a a y", "x a y", [("same", "x a "), ("missing", "a "), ("same", "y")]),
    ("他说好。", "他说不好。", [("same", "他说"), ("added", "不"), ("same", "好。")]),
]


@pytest.mark.parametrize(("base", "text", "expected"), DIFFERENCES)
def test_difference(base: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Words that only one side has are marked; white space is not compared."""
    found = compare_words(split_words(base), split_words(text))
    assert [(segment.kind, segment.text) for segment in found] == expected


_TEXTS = st.text(alphabet="ab \n好。", max_size=40)


@given(_TEXTS, _TEXTS)
def test_difference_covers_both(base: str, text: str) -> None:
    """Without what is missing, a comparison is the text; without what is added, the other one."""
    assert "".join(split_words(text)) == text
    found = compare_words(split_words(base), split_words(text))
    assert "".join(s.text for s in found if s.kind != "missing") == text
    rest = "".join("".join(s.text for s in found if s.kind != "added").split())
    assert rest == "".join(base.split())


@pytest.mark.parametrize(
    ("num_words", "expected"), [(MAX_SAME_WORDS, []), (MAX_SAME_WORDS + 1, [25])]
)
def test_collapse(num_words: int, expected: list[int]) -> None:
    """A stretch without a change is collapsed if it is longer than the limit."""
    words = [f"w{i} " for i in range(num_words)]
    segments = collapse_same([Segment("same", "".join(words), num_words)])
    assert [s.num_words for s in segments if s.kind == "collapsed"] == expected
    assert sum(s.num_words for s in segments) == num_words
    added = [Segment("added", "".join(words), num_words)]
    assert collapse_same(added) == added


def test_cut_segments() -> None:
    """The cut falls inside a segment; what follows is counted and not shown."""
    segments = [Segment("same", "abc", 1), Segment("collapsed", "", 50), Segment("added", "de", 1)]
    assert cut_segments(segments, 5) == (segments, 0)
    assert cut_segments(segments, 3) == (segments[:1], 2)
    assert cut_segments(segments, 4)[0] == [*segments[:2], Segment("added", "d… ", 1)]
    assert cut_segments(segments, 2) == ([Segment("same", "ab… ", 1)], 3)


def test_cut_missing() -> None:
    """A long stretch that is missing never crowds out the member's own text."""
    own = Segment("added", "own words", 2)
    short, long = (Segment("missing", "x" * n, 1) for n in (400, 401))
    assert cut_segments([short, own], 1000) == ([short, own], 0)
    assert cut_segments([long, own], 1000) == ([Segment("missing", "x" * 400 + "… ", 1), own], 1)


def list_strings() -> set[str]:
    """Return the texts that stand in the code, but for the words of the report."""
    package = Path(cleaner.__file__).parent
    files = [*package.glob("*.py"), *package.glob("*/*.py")]
    return {
        node.value
        for file in files
        if file != Path(wording.__file__)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_kind_has_words() -> None:
    """Every kind of removed text, every relation of clusters and every view is described."""
    assert set(wording.KINDS) == {*BOILERPLATE_KINDS, DUPLICATE, TRUNCATED, WHITESPACE}
    assert set(wording.RELATIONS) == {of.value for of in Relation} - {Relation.VARIANT.value}
    assert set(wording.VIEWS) == set(VIEWS)


def test_every_fate_has_words() -> None:
    """Why repeated text is kept or removed is said in words, for every relation."""
    reasons = {
        *(resolution._COPIED, resolution._QUOTED, resolution._REWRITTEN, resolution._REPEATED),
        *(resolution._TEMPLATE, resolution._REPRESENTATIVE, resolution._AGENCY_COPY),
    }
    assert reasons - set(wording.REASONS) == set()
    rules = {f"resolve.{relation}" for relation in wording.RELATIONS}
    assert rules - set(wording.RESOLUTIONS) == set()


def test_no_words_for_what_is_gone() -> None:
    """What the report has words for is what the code says."""
    known = list_strings() | {"in_nav_element", "in_button_element"}
    named = (wording.REASONS, wording.REPRESENTATIVES, wording.TRUNCATIONS, wording.LEVELS)
    assert [name for names in named for name in names if name not in known] == []
