"""Terms and seeds: what two passages can have in common in any order of words."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
import Stemmer
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.block_model.stop_words import stop_words
from cleaner.compiled import Spans, find_words
from cleaner.passages.segment import KeptText
from cleaner.passages.terms import (
    _STEMMERS,
    REACH,
    Terms,
    _sort_stably,
    find_batch_terms,
    find_terms,
    list_batch_seeds,
    list_seeds,
    stem_word,
)


def keep(text: str, language: str | None = "en") -> KeptText:
    """Keep a text as a whole."""
    return KeptText(text, [(0, len(text))], language)


def show_terms(text: str, language: str | None = "en") -> list[str]:
    """Return the words of a text at which its terms stand."""
    kept = keep(text, language)
    words = kept.fold()
    return [words[at] for at in find_terms(kept).at]


def make_terms(stems: list[int], width: int = 1) -> Terms:
    """Make terms with these stems."""
    return Terms(np.arange(len(stems)), np.array(stems, dtype=np.uint64), width)


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("The ministers were in the harbour", "en", ["ministers", "harbour"]),
        ("The ministers were", None, ["the", "ministers", "were"]),
        ("Ils n’étaient pas à l’élysée", "fr", ["netaient", "lelysee"]),
        ("D’autres fleuves", "fr", ["fleuves"]),
        ("the of and", "en", []),
        ("", "en", []),
    ],
)
def test_stop_words_are_no_terms(text: str, language: str | None, terms: list[str]) -> None:
    """Words of the language's list are left out, folded as the text is; without a list none is."""
    assert show_terms(text, language) == terms


def test_terms_are_stems() -> None:
    """Forms of a word are one term in its own language, and two in one without a stemmer."""
    for language, num_stems in (("en", 1), (None, 2)):
        terms = find_terms(keep("harbour harbours", language))
        assert len(set(terms.stems.tolist())) == num_stems
        assert (terms.at.tolist(), terms.width) == ([0, 1], 1)


@pytest.mark.parametrize(("num_chars", "is_stemmed"), [(64, True), (65, False)])
def test_endless_words_are_not_stemmed(num_chars: int, is_stemmed: bool) -> None:
    """What is longer than any word is left as it is."""
    word = "a" * (num_chars - 2) + "es"
    assert (stem_word("en", word) != word) is is_stemmed


@pytest.mark.parametrize("language", sorted(_STEMMERS))
def test_stemmers_exist(language: str) -> None:
    """Every stemmer that is named is there, for a language that has stop words or does without."""
    assert _STEMMERS[language] in Stemmer.algorithms()
    assert stem_word(language, "x") == "x"


def test_stems_do_not_depend_on_what_was_stemmed_before() -> None:
    """A word has the stem of its language, whichever language came first."""
    german, english = stem_word("de", "laufenden"), stem_word("en", "laufenden")
    assert german != english
    assert (stem_word("de", "laufenden"), stem_word("en", "laufenden")) == (german, english)
    both = [find_terms(keep("laufenden", language)).stems[0] for language in ("de", "en", "de")]
    assert both[0] == both[2] != both[1]


UNSPACED = [
    ("港口委员会", "zh", ["港口", "口委", "委员", "员会"]),
    ("港", "zh", []),
    # A run of katakana is one word; with what comes after it begins the next term.
    ("東京タワー前", "ja", ["東京", "京タ", "タワー"]),
    ("デジタル化", "ja", ["テ\u3099シ\u3099タル"]),
    ("新聞ア報", "ja", ["新聞", "聞ア", "ア報"]),
    # Endings and function words say nothing by themselves.
    ("報告したので", "ja", ["報告", "告し"]),
    ("これからの", "ja", []),
    # Thai letters say less: four of them are a term.
    ("ประเทศ", "th", ["ประเ", "ระเท", "ะเทศ"]),
]


@pytest.mark.parametrize(("text", "language", "terms"), UNSPACED)
def test_unspaced_terms(text: str, language: str, terms: list[str]) -> None:
    """In scripts without spaces a few characters in a row are a term."""
    found = find_terms(keep(text, language))
    expected = [xxhash.xxh3_64_intdigest(term.encode()) for term in terms]
    assert found.stems.tolist() == expected


@pytest.mark.parametrize(("text", "width"), [("港口委员会", 2), ("ประเทศ", 4), ("harbour", 1)])
def test_width_of_a_term(text: str, width: int) -> None:
    """A term takes two ideographs, four letters of a script without spaces, or a word."""
    assert find_terms(keep(text, None)).width == width


STEMS = st.lists(st.integers(0, 9), max_size=30)


@given(STEMS, st.integers(1, 6), st.sampled_from([1, 2, 4]))
def test_seeds_are_all_pairs_within_reach(stems: list[int], reach: int, width: int) -> None:
    """Every two different terms that are near enough are a seed, and nothing else is."""
    seeds = list_seeds(make_terms(stems, width), reach)
    expected = {
        (one, other)
        for one, other in combinations(range(len(stems)), 2)
        if width <= other - one < width + reach and stems[one] != stems[other]
    }
    assert sorted(expected) == sorted(
        zip(seeds.firsts.tolist(), seeds.seconds.tolist(), strict=True)
    )
    rows = [*zip(seeds.keys.tolist(), seeds.firsts, seeds.seconds, strict=True)]
    assert rows == sorted(rows)
    pair_of = {}
    for key, one, other in zip(seeds.keys.tolist(), seeds.firsts, seeds.seconds, strict=True):
        pair_of.setdefault(key, frozenset((stems[one], stems[other])))
        assert pair_of[key] == {stems[one], stems[other]}
    assert len(set(pair_of.values())) == len(pair_of)


def test_seeds_are_the_same_in_either_order() -> None:
    """Two terms make one seed, whichever of them comes first."""
    one, other = list_seeds(make_terms([3, 8])), list_seeds(make_terms([8, 3]))
    assert one.keys.tolist() == other.keys.tolist()


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_neighbours_are_always_kept(rate: float) -> None:
    """Of the seeds of neighbours none is lost, of the others about the share that was asked for."""
    for width in (1, 2):
        terms = make_terms(list(range(2000)), width)
        seeds = list_seeds(terms)
        kept = list_seeds(terms, rate=rate)
        steps = (kept.seconds - kept.firsts).tolist()
        assert steps.count(width) == 2000 - width
        num_others = len(seeds.keys) - (2000 - width)
        assert abs((len(steps) - steps.count(width)) / num_others - rate) <= 0.03 * (0 < rate < 1)
        assert len(set(steps)) == REACH or rate == 0


@given(STEMS, STEMS)
def test_sampling_keeps_the_same_seeds_in_every_text(one: list[int], other: list[int]) -> None:
    """A seed that one text loses all texts lose, except where its two terms are neighbours."""
    chosen: dict[int, bool] = {}
    for stems in (one, other):
        terms = make_terms(stems)
        seeds = list_seeds(terms)
        kept = list_seeds(terms, rate=0.5)
        rows = set(
            zip(kept.keys.tolist(), kept.firsts.tolist(), kept.seconds.tolist(), strict=True)
        )
        for key, a, b in zip(
            seeds.keys.tolist(), seeds.firsts.tolist(), seeds.seconds.tolist(), strict=True
        ):
            if b - a > terms.width:
                assert chosen.setdefault(key, (key, a, b) in rows) is ((key, a, b) in rows)


@pytest.mark.parametrize(("language", "word"), [("en", "the"), ("de", "für"), ("fr", "à")])
def test_folded_stop_words(language: str, word: str) -> None:
    """Stop words are looked up as the text's words are: without case and accents."""
    assert word in stop_words(language)
    assert show_terms(f"{word.upper()} Elbrus", language) == ["elbrus"]


def test_terms_of_a_batch() -> None:
    """Several texts, of several languages and scripts, have the terms that each has alone."""
    texts = [
        "The ministers’ bridge, the bridge.",
        "Die Brücken brechen.",
        "",
        "The 旧磨坊附近的窄桥",
    ]
    languages = ["en", "de", None, "ja"]
    ends = [len(text) for text in texts]
    spans = Spans(np.arange(5), np.zeros(4, dtype=np.int64), np.array(ends))
    words = find_words(pa.array(texts), spans)
    found = find_batch_terms(texts, languages, words, words.limits)
    for text, language, terms in zip(texts, languages, found, strict=True):
        expected = find_terms(keep(text, language))
        assert terms.at.tolist() == expected.at.tolist()
        assert terms.stems.tolist() == expected.stems.tolist()
        assert terms.width == expected.width


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 20))
def test_keys_are_sorted_stably(low: list[int], shift: int) -> None:
    """Equal keys keep their order, also where keys differ only in bits that give way to places."""
    keys = np.array(low, dtype=np.uint64) << np.uint64(shift)
    assert _sort_stably(keys).tolist() == np.argsort(keys, kind="stable").tolist()


@given(
    st.lists(st.tuples(STEMS, st.sampled_from([1, 2, 4])), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_seeds_of_a_batch(texts: list[tuple[list[int], int]], rate: float) -> None:
    """Several texts have the seeds that each has alone, in the same order."""
    apart = [make_terms(stems, width) for stems, width in texts]
    found = list_batch_seeds(apart, rate=rate)
    begins = np.cumsum([0, *(len(terms.at) for terms in apart)])
    for row, (terms, begin) in enumerate(zip(apart, begins[:-1], strict=True)):
        expected = list_seeds(terms, rate=rate)
        own = found.texts == row
        assert found.keys[own].tolist() == expected.keys.tolist()
        assert (found.firsts[own] - begin).tolist() == expected.firsts.tolist()
        assert (found.seconds[own] - begin).tolist() == expected.seconds.tolist()
