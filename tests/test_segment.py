"""Passages: sentences, quotations and zones of what a document keeps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.extraction import split_text
from cleaner.passages.segment import (
    SENTENCE,
    KeptText,
    find_quotations,
    split_sentences,
)

LANGUAGES = ("en", "de", "zh", "ja", "hi", "ar", "xx")
PROSE = st.text(
    st.one_of(st.sampled_from("ab Z.!?\"'“”‘’«»„\n5。！क्ी字"), st.characters(codec="utf-8")),
    max_size=80,
)


def keep(text: str, language: str | None = "en") -> KeptText:
    """Keep all lines of a text."""
    blocks = split_text(text, "en")["blocks"]
    return KeptText(text, [(block["begin"], block["end"]) for block in blocks], language)


@settings(max_examples=150)
@given(PROSE, st.sampled_from(LANGUAGES))
def test_sentences_hold_every_word_once(text: str, language: str) -> None:
    """Whatever the text, its sentences part its words among them, in order."""
    kept = keep(text, language)
    held = [at for passage in kept.sentences for at in range(passage.first, passage.last)]
    assert held == list(range(kept.num_words))


@settings(max_examples=150)
@given(PROSE, st.sampled_from(LANGUAGES))
def test_sentences_never_part_a_word(text: str, language: str) -> None:
    """Each word lies within its sentence by characters too."""
    kept = keep(text, language)
    for sentence in kept.sentences:
        assert sentence.begin <= kept.begins[sentence.first]
        assert kept.ends[sentence.last - 1] <= sentence.end


@settings(max_examples=150)
@given(PROSE, st.sampled_from(LANGUAGES))
def test_sentence_spans_are_ordered_without_space(text: str, language: str) -> None:
    """Spans follow each other, hold all but white space, and none begins or ends with it."""
    spans = split_sentences(text, language)
    limits = [0, *(limit for span in spans for limit in span), len(text)]
    assert limits == sorted(limits)
    assert all(text[begin:end] == text[begin:end].strip() != "" for begin, end in spans)
    assert "".join("".join(text[b:e].split()) for b, e in spans) == "".join(text.split())


@settings(max_examples=150)
@given(PROSE)
def test_passages_agree_with_words(text: str) -> None:
    """The words of every passage stand between its positions, and no other word does."""
    kept = keep(text)
    for passage in (*kept.paragraphs, *kept.sentences, *kept.quotations):
        inside = [
            at
            for at, (begin, end) in enumerate(zip(kept.begins, kept.ends, strict=True))
            if passage.begin <= begin and end <= passage.end
        ]
        assert inside == list(range(passage.first, passage.last))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ('He left. "Why?" she asked.', ["He left.", '"Why?" she asked.']),
        ("It rose to 3.5 in Jan. 2024. Good.", ["It rose to 3.5 in Jan. 2024.", "Good."]),
        ("  no end  ", ["no end"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    """Sentences end where a reader says, and keep their closing marks."""
    assert [text[begin:end] for begin, end in split_sentences(text, "en")] == sentences


QUOTATIONS = [
    ('He said: "Not now."', ["Not now."]),
    ("He said: “Not now.”", ["Not now."]),
    ("Er sagte: „Nicht jetzt.“", ["Nicht jetzt."]),
    ("Powiedział: „Nie teraz.”", ["Nie teraz."]),
    ("Il dit : « Pas maintenant. »", [" Pas maintenant. "]),
    ("Er sagte: »Nicht jetzt.«", ["Nicht jetzt."]),
    ("彼は「今ではない」と言った。『白鯨』", ["今ではない", "白鯨"]),
    ("He said: ‘I don’t know.’ So.", ["I don’t know."]),
    ("He said: 'I don't know what it is.' So.", ["I don't know what it is."]),
    ("“One,” he said, “two.”", ["One,", "two."]),
    ("the dogs' and the cats' owners met today", []),
    ("it's what's the matter with them, isn't it", []),
    ("a 'short' word", []),
    ("He said: “Not now.", []),
    ('5" and no more', []),
    ("Not now.”", []),
    ("“”", []),
]


@pytest.mark.parametrize(("text", "quotations"), QUOTATIONS)
def test_quotations(text: str, quotations: list[str]) -> None:
    """Quotations of all mark styles are found without their marks; unclosed ones are none."""
    assert [text[begin:end] for begin, end in find_quotations(text)] == quotations


@pytest.mark.parametrize(("num_chars", "found"), [(19, 0), (20, 1)])
def test_straight_single_marks_need_a_long_quotation(num_chars: int, found: int) -> None:
    """Straight single marks are mostly apostrophes, so a short stretch between two is none."""
    assert len(find_quotations(f"He said: '{'x' * num_chars}' again.")) == found


def test_quotations_stay_in_their_block() -> None:
    """Marks that open in one paragraph and close in another quote nothing."""
    assert keep("He said: “Not\nnow.” And.").quotations == []
    assert len(keep("He said: “Not now.” And.").quotations) == 1


def test_quoted_words() -> None:
    """The words between the marks are quoted, those around them are not."""
    quoted = keep("He said: “Not now.” Then.").is_quoted.tolist()
    assert quoted == [False, False, True, True, False]


def test_boilerplate_is_no_word() -> None:
    """Blocks that are not kept leave no word behind, and part the words around them."""
    text = "One two.\nSubscribe now!\nThree.\nFour."
    kept = KeptText(text, [(0, 8), (24, 30), (31, 36)], "en")
    assert kept.fold() == ["one", "two", "three", "four"]
    assert kept.zones == [0, 0, 1, 1]
    assert [text[begin:end] for begin, end in zip(kept.begins, kept.ends, strict=True)] == [
        "One",
        "two",
        "Three",
        "Four",
    ]


def test_boilerplate_before_the_first_block_is_a_zone() -> None:
    """A removed head counts like any other removed stretch; white space does not."""
    assert KeptText("Menu\nOne.", [(5, 9)], None).zones == [1]
    assert KeptText("\n \nOne.", [(3, 7)], None).zones == [0]


def test_document_spans_its_words() -> None:
    """A document goes from its first to its last word; without words there is none."""
    document = keep(" “One two!” ").document()
    assert document is not None
    assert (document.first, document.last, document.begin, document.end) == (0, 2, 2, 9)
    assert keep(" …! ").document() is None


def test_passage_without_words_is_none() -> None:
    """A stretch of punctuation is no passage."""
    assert keep("One … two").passage(SENTENCE, 4, 5) is None


@pytest.mark.parametrize("language", ["en", "de", None])
def test_language_is_kept(language: str | None) -> None:
    """Who looks for terms later knows the language of the text, or that it is not known."""
    assert keep("One two.", language).language == language
