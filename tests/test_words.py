"""Words: what a word is in each script, and what two copies of one share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import words
from cleaner.words import (
    count_all,
    count_words,
    find_begins,
    find_words,
    fold_word,
    fold_words,
    is_unspaced,
    limit_marks,
    space_words,
    split_words,
    squeeze,
    squeeze_all,
)

SCRIPTS = [
    ("two words", ["two", "words"]),
    ("It's 5 o’clock", ["It's", "5", "o’clock"]),
    ("the dogs' owners", ["the", "dogs", "owners"]),
    ("‘quoted’ 'too'", ["quoted", "too"]),
    ("snake_case", ["snake", "case"]),
    ("well-known 3,5 %", ["well", "known", "3", "5"]),
    ("naïve Ünïcode", ["naïve", "Ünïcode"]),
    ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
    ("四个汉字", ["四", "个", "汉", "字"]),
    ("GDPは5位", ["GDP", "は", "5", "位"]),
    ("เขาไป", ["เ", "ข", "า", "ไ", "ป"]),
    ("مُحَمَّد قال", ["مُحَمَّد", "قال"]),
    ("हिन्दी में", ["हिन्दी", "में"]),
    ("주민 투표", ["주민", "투표"]),
    ("… — !", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "words"), SCRIPTS)
def test_words_of_scripts(text: str, words: list[str]) -> None:
    """Letters, digits, inner apostrophes and marks hold a word together; nothing else does."""
    assert [text[begin:end] for begin, end in find_words(text)] == words


def test_positions_are_code_points() -> None:
    """Characters outside the Basic Multilingual Plane and accents count once each."""
    assert find_words("𠀀 né 😀x") == [(0, 1), (2, 4), (6, 7)]


@given(st.text())
def test_spans_are_ordered_and_disjoint(text: str) -> None:
    """Whatever the text, words follow each other inside it and none is empty or has space."""
    spans = find_words(text)
    limits = [0, *(limit for span in spans for limit in span), len(text)]
    assert limits == sorted(limits)
    assert all(begin < end for begin, end in spans)
    assert not any(char.isspace() for begin, end in spans for char in text[begin:end])


@given(st.text())
def test_every_letter_is_in_a_word(text: str) -> None:
    """No letter or digit is lost between words."""
    inside = {at for begin, end in find_words(text) for at in range(begin, end)}
    assert [c for at, c in enumerate(text) if at not in inside and c.isalnum()] == []


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Élysée’s", "elysees"),
        ("don't", "dont"),
        ("donʼt", "dont"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("cafe\u0301", "cafe"),
        ("ﬁnal", "final"),
        ("مُحَمَّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("25", "25"),
        ("\u0301", "\u0301"),
    ],
)
def test_folding_drops_case_accents_and_apostrophes(word: str, folded: str) -> None:
    """Two copies of a word that an editor typed in another way are the same word."""
    assert fold_word(word) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("की", "का"), ("की", "क"), ("दिन", "दान"), ("が", "か"), ("ば", "ぱ"), ("র", "ড়"), ("5", "6")],
)
def test_folding_keeps_what_spells_a_word(one: str, other: str) -> None:
    """Vowel signs and voicing marks are no accents: without them other words would be equal."""
    assert fold_word(one) != fold_word(other)


@pytest.mark.parametrize("marks", ["\u0301", "\u0300\u0316", "\u0300\u0316ʼ", "\uff9e\u0316"])
def test_endless_marks_are_cut(marks: str) -> None:
    """A word of marks that no script has is folded like any other, not for minutes."""
    endless = f"é{marks * 200_000}"
    assert fold_word(endless) == fold_word(f"é{marks * 40}")
    assert fold_word(f"{endless}a{endless}") == fold_word(f"é{marks * 40}aé{marks * 40}")


@pytest.mark.parametrize("num_marks", [30, 31, 100])
def test_marks_in_a_row(num_marks: int) -> None:
    """The first thirty marks of a run stay; what is no mark begins a new run."""
    run = "\u0323" * num_marks
    assert limit_marks(f"a{run}-{run}b") == f"a{run[:30]}-{run[:30]}b"
    assert limit_marks("…" * num_marks) == "…" * num_marks


def test_long_words_are_not_held() -> None:
    """What is remembered of words is bounded, in number and in length."""
    before = words._fold_cached.cache_info().currsize
    fold_words(" ".join("x" * 65 + letter for letter in "abc"))
    assert words._fold_cached.cache_info().currsize == before
    assert words._fold_cached.cache_info().maxsize is not None


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1))
def test_folding_leaves_plain_words(word: str) -> None:
    """A word of lower-case ASCII is folded already."""
    assert fold_word(word) == word


@given(st.text())
def test_folding_is_by_word(text: str) -> None:
    """Folding a text gives one folded word for each of its words, never an empty one."""
    assert fold_words(text) == [fold_word(text[begin:end]) for begin, end in find_words(text)]
    assert "" not in fold_words(text)


@given(st.text())
def test_words_are_split_where_they_are_found(text: str) -> None:
    """Words as they stand are those between the positions of words."""
    assert split_words(text) == [text[begin:end] for begin, end in find_words(text)]


@given(st.lists(st.text(st.sampled_from("abÉß'’ʼ-. 5\U0001d400字ก\u0301"))))
def test_lines_are_split_and_counted_at_once_as_one_by_one(lines: list[str]) -> None:
    """Also where a line has characters that few lines have, or apostrophes outside words."""
    assert [line.split() for line in space_words(lines)] == list(map(split_words, lines))
    assert count_all(lines) == list(map(count_words, lines))
    for line in lines:
        assert find_begins(line).tolist() == [begin for begin, _ in find_words(line)]


@given(st.lists(st.text()))
def test_texts_are_squeezed_at_once_as_one_by_one(texts: list[str]) -> None:
    """Whatever the characters, of any plane and of other lengths in lower case."""
    assert squeeze_all(texts) == list(map(squeeze, texts))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("one", 1),
        ("It's two", 2),
        ("字", 1),
        ("四个", 1),
        ("四个字", 2),
        ("GDP四个字", 3),
        ("…", 0),
    ],
)
def test_words_are_counted_as_read(text: str, number: int) -> None:
    """Two characters of a script without spaces are one word, and half a word counts."""
    assert count_words(text) == number


@pytest.mark.parametrize(
    ("text", "unspaced"),
    [("汉字", True), ("a汉字", True), ("a汉", False), ("a b", False), ("", False)],
)
def test_unspaced_text(text: str, unspaced: bool) -> None:
    """A text is written without spaces when more than half of its words are single characters."""
    assert is_unspaced(text) is unspaced


@pytest.mark.parametrize("name", ["isalnum", "isalpha", "isdigit", "isspace", "isupper"])
def test_properties_of_all_characters(name: str) -> None:
    """NumPy says of each character what Python does."""
    marked = words.mark_characters(getattr(np.char, name))
    assert marked.tolist() == [getattr(chr(code), name)() for code in range(0x10000)]
