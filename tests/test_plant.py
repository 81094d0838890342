"""Planted copies: what a level changes, what it never changes, and where the copies stand."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.quality.near_copies import (
    CLAUSES,
    CUT,
    LEVELS,
    QUOTES,
    TYPOGRAPHY,
    Draws,
    gather_words,
    rewrite,
)
from cleaner.quality.plant import PlantedCorpus, Source, choose_passage, plant, plant_corpus
from cleaner.words import find_words, fold_words, squeeze

PASSAGE = (
    "The ferry reached the harbour at noon on Tuesday, when the tide was low, the captain told the "
    "waiting crowd. Repairs to the northern pier will take until autumn and cost 14 million, the "
    "harbour office said on Monday. Until then no boat may land there, and passengers wait on the "
    "old quay, where there is neither a roof nor a bench for anybody."
)
CHINESE = (
    "渡轮星期二中午抵达港口，当时潮水很低，船长告诉等候的人群。北码头的维修将持续到秋天，港务局星期一说。"
    "在此之前，船只停靠在旧码头，乘客们在那里等候，那里既没有屋顶也没有长椅，老人和孩子都站在雨中。"
)
ARABIC = (
    "وصلت العبارة إلى الميناء ظهر يوم الثلاثاء عندما كان الجزر في أدناه، كما قال القبطان للحشد "
    "المنتظر. وستستمر إصلاحات الرصيف الشمالي حتى الخريف، كما قال مكتب الميناء يوم الاثنين بعد "
    "اجتماع طويل مع الصيادين والتجار في المدينة القديمة."
)
CASES = [(PASSAGE, "en"), (CHINESE, "zh"), (ARABIC, "ar")]
NOUNS = "lantern orchard violin glacier bakery compass meadow tunnel".split()
VERBS = "painted carried measured repaired promised watched followed described".split()


def make_article(number: int, num_paragraphs: int = 8) -> str:
    """Write an article that shares no sentence with one of another number."""
    draw = random.Random(number)
    paragraphs = []
    for _ in range(num_paragraphs):
        words = [
            draw.choice((*NOUNS, *VERBS, f"w{number}x{draw.randrange(99)}")) for _ in range(45)
        ]
        paragraphs.append(" ".join(words).capitalize() + ".")
    return "\n".join(paragraphs)


def make_corpus(num_outlets: int = 4, number: int = 60) -> list[Source]:
    """Write articles of some outlets in one language."""
    return [
        Source(f"d{at:03}", f"outlet-{at % num_outlets}", make_article(at), "en")
        for at in range(number)
    ]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("text", "language"), CASES)
def test_spans_hold_the_copy(level: str, text: str, language: str) -> None:
    """In every script spans lie inside both texts, in order, and hold every word of the copy."""
    found = rewrite(text, level, 1, language=language)
    assert found.spans
    assert all(a.end <= b.begin for a, b in pairwise(found.spans))
    held = "".join(found.text[span.begin : span.end] for span in found.spans)
    assert fold_words(held) == fold_words(found.text)
    for span in found.spans:
        assert 0 <= span.original_begin < span.original_end <= len(text)


@given(st.integers(), st.sampled_from(LEVELS), st.sampled_from(CASES))
def test_seed_decides(seed: int, level: str, case: tuple[str, str]) -> None:
    """The same seed gives the same copy."""
    text, language = case
    assert rewrite(text, level, seed, language=language) == rewrite(
        text, level, seed, language=language
    )


def test_seeds_differ() -> None:
    """Other seeds give other copies."""
    assert len({rewrite(PASSAGE, "words_20", seed).text for seed in range(9)}) == 9


def test_draws_are_pinned() -> None:
    """The draws are the same in every version of Python: a copy planted today is one tomorrow."""
    draw = Draws("seed")
    assert [draw.below(100) for _ in range(5)] == [13, 23, 86, 28, 4]


@given(st.integers(), st.sampled_from(CASES))
def test_typography_keeps_the_words(seed: int, case: tuple[str, str]) -> None:
    """Another typography leaves every folded word as it was."""
    text, language = case
    changed = rewrite(text, TYPOGRAPHY, seed, language=language).text
    assert fold_words(changed) == fold_words(text)


def test_typography_changes_something() -> None:
    """Quotation marks, dashes, spaces and case do change."""
    text = "He said: “It’s late” – and left. " + PASSAGE
    changed = {rewrite(text, TYPOGRAPHY, seed).text for seed in range(20)}
    assert len(changed) == 20
    assert any("„It" in other for other in changed)
    assert any("\xa0" in other for other in changed)
    assert any(any(word.isupper() and len(word) > 1 for word in t.split()) for t in changed)


@pytest.mark.parametrize(
    ("level", "ratio"), [("words_8", 0.08), ("words_20", 0.2), ("words_35", 0.35)]
)
def test_share_of_changed_words(level: str, ratio: float) -> None:
    """About as many words are changed as the level says, what is only moved not counted."""
    before = Counter(fold_words(PASSAGE))
    shares = []
    for seed in range(60):
        found = rewrite(PASSAGE, level, seed, pool=["zyx"])
        held = Counter(
            word
            for span in found.spans
            for word in fold_words(PASSAGE[span.original_begin : span.original_end])
        )
        kept = (held & Counter(fold_words(found.text))).total()
        put_in = fold_words(found.text).count("zyx")
        shares.append((held.total() - kept + put_in) / before.total())
    # A replaced word counts twice here, one that is left out or put in once, a swapped one not.
    expected = ratio * (0.25 + 0.25 + 2 * 0.35)
    assert sum(shares) / len(shares) == pytest.approx(expected, rel=0.25)


@given(st.integers(), st.sampled_from(["words_8", "words_20", "words_35"]))
def test_facts_stay(seed: int, level: str) -> None:
    """Figures and negations neither go nor come: with others it would be another statement."""
    found = rewrite(PASSAGE, level, seed, pool=gather_words("not 5 boats never 1,200 left"))
    held = [
        word
        for span in found.spans
        for word in fold_words(PASSAGE[span.original_begin : span.original_end])
    ]
    for fact in ("14", "no", "neither", "nor", "not", "never", "5"):
        assert fold_words(found.text).count(fact) == held.count(fact)


def test_more_words_move_sentences() -> None:
    """From 20 percent on, sentences change places or are missing; at 8 they never do."""
    assert all(len(rewrite(PASSAGE, "words_8", seed).spans) == 1 for seed in range(30))
    spans = [rewrite(PASSAGE, "words_20", seed, language="en").spans for seed in range(30)]
    starts = [[span.original_begin for span in found] for found in spans]
    assert any(found != sorted(found) for found in starts)
    covered = [sum(span.original_end - span.original_begin for span in found) for found in spans]
    assert min(covered) < 0.8 * len(PASSAGE) < max(covered)


@pytest.mark.parametrize(("text", "language"), CASES)
def test_clauses_move_all_words(text: str, language: str) -> None:
    """Clauses change places: the same words, in another order."""
    changed = rewrite(text, CLAUSES, 1, language=language).text
    assert Counter(fold_words(changed)) == Counter(fold_words(text))
    assert fold_words(changed) != fold_words(text)


@pytest.mark.parametrize(("level", "low", "high"), [("quote_15", 15, 25), ("quote_8", 8, 14)])
def test_length_of_quotations(level: str, low: int, high: int) -> None:
    """A quotation is words in a row of one sentence, as many as its level says."""
    lengths = set()
    for seed in range(40):
        found = rewrite(PASSAGE, level, seed, language="en")
        (span,) = found.spans
        assert found.text == PASSAGE[span.original_begin : span.original_end]
        assert ". " not in found.text
        lengths.add(len(find_words(found.text)))
    assert low <= min(lengths) <= max(lengths) <= high
    assert len(lengths) > 3


def test_characters_come_in_twos() -> None:
    """Where there are no spaces a quotation of eight words has sixteen characters."""
    (span,) = rewrite(CHINESE, "quote_8", 1, language="zh").spans
    assert 16 <= len(find_words(CHINESE[span.original_begin : span.original_end])) <= 28


def test_too_short_for_a_quotation() -> None:
    """A text without a sentence that is long enough gives nothing."""
    assert rewrite("Too short.", "quote_8", 1).spans == ()
    assert plant(PASSAGE, "Too short.", "quote_8", 1) is None


def test_unknown_level() -> None:
    """A level that does not exist is refused by name."""
    with pytest.raises(ValueError, match="no level 'words_9'"):
        rewrite(PASSAGE, "words_9", 1)


@pytest.mark.parametrize("level", [level for level in LEVELS if level != CUT])
def test_host_stays_whole(level: str) -> None:
    """Without the copy the host is what it was; a quotation stands inside a paragraph of it."""
    host = make_article(1)
    planted = plant(host, PASSAGE, level, 5, language="en")
    assert planted is not None
    begin, end = planted.spans[0].begin, planted.spans[-1].end
    copy = rewrite(PASSAGE, level, 5, language="en").text
    assert planted.text[begin:end] == copy
    before, after = planted.text[:begin], planted.text[end:]
    if level in QUOTES:
        assert before[-1] in '“"«„' and after[0] in '”"»“'
        assert before[:-1].rstrip() + after[1:] == host
        assert before[:-1].rpartition("\n")[2] and after[1:].partition("\n")[0]
    else:
        assert before.endswith("\n") and after.startswith("\n")
        assert before[:-1] + after == host


def test_cut_is_the_beginning() -> None:
    """A cut article is its own first half or more, up to the end of a paragraph."""
    article = make_article(1)
    for seed in range(10):
        planted = plant("", article, CUT, seed)
        assert planted is not None
        assert article.startswith(planted.text + "\n")
        assert 0.4 * len(article) < len(planted.text) < 0.9 * len(article)


def test_passage_is_running_text() -> None:
    """A passage is taken from the middle, from running text, and not from what others have too."""
    shared = "Subscribe to our letter and read every week what the harbour has to say about boats. "
    lines = ["Short line", 4 * shared, PASSAGE, "By somebody", 4 * shared, "Contact"]
    text = "\n".join(lines)
    extents = {
        choose_passage(text, seed, language="en", avoid=[squeeze(4 * shared)]) for seed in range(9)
    }
    begin = text.index(PASSAGE)
    assert extents == {(begin, begin + len(PASSAGE))}


def test_no_passage() -> None:
    """A text without running text gives none."""
    assert choose_passage("Menu\nHome\nSport", 1) is None


def check_corpus(sources: list[Source], corpus: PlantedCorpus) -> None:
    """Check what must hold for every planted corpus."""
    before = {source.name: source for source in sources}
    after = {document.name: document for document in corpus.documents}
    assert list(after) == sorted(after)
    copies = [pair.copy for pair in corpus.pairs]
    assert len(copies) == len(set(copies))
    assert not set(copies) & {pair.original for pair in corpus.pairs}
    for pair in corpus.pairs:
        copy, original = after[pair.copy], after[pair.original]
        assert copy.outlet != original.outlet
        assert original.text == before[pair.original].text
        assert (original.published or "") < (copy.published or "")
        for span in pair.spans:
            assert copy.text[span.begin : span.end].strip()
            assert original.text[span.original_begin : span.original_end].strip()
        if pair.level == CUT:
            assert original.text.startswith(copy.text)
    assert set(after) - set(before) == {p.copy for p in corpus.pairs if p.level == CUT}


@pytest.mark.parametrize("num_outlets", [1, 4])
def test_corpus(num_outlets: int) -> None:
    """All levels are planted, in other outlets and later, also where there is but one outlet."""
    sources = make_corpus(num_outlets)
    corpus = plant_corpus(sources, 1)
    assert {pair.level for pair in corpus.pairs} == set(LEVELS)
    check_corpus(sources, corpus)
    outlets: dict[str, list[str]] = {}
    names = {document.name: document.outlet for document in corpus.documents}
    for pair in corpus.pairs:
        outlets.setdefault(pair.original, [names[pair.original]]).append(names[pair.copy])
    assert max(map(len, outlets.values())) == 4
    assert all(len(found) == len(set(found)) for found in outlets.values())


def test_corpus_ignores_order() -> None:
    """The order of the articles does not matter; the seed does."""
    sources = make_corpus()
    corpus = plant_corpus(sources, 1)
    assert plant_corpus(sources[::-1], 1) == corpus
    assert plant_corpus(sources, 2) != corpus


def test_corpus_keeps_to_its_limit() -> None:
    """No more copies of a level than asked for, and only the levels asked for."""
    corpus = plant_corpus(make_corpus(), 1, levels=("words_8", "quote_15"), max_per_level=3)
    assert Counter(pair.level for pair in corpus.pairs) == {"words_8": 3, "quote_15": 3}


def test_given_dates_stay() -> None:
    """An original keeps its own date, and its copies follow within three days."""
    sources = [
        Source(s.name, s.outlet, s.text, "en", "2021-05-01T10:00:00Z") for s in make_corpus()
    ]
    corpus = plant_corpus(sources, 1)
    days = {document.name: document.published for document in corpus.documents}
    assert {days[pair.original] for pair in corpus.pairs} == {"2021-05-01T10:00:00Z"}
    assert {days[pair.copy] for pair in corpus.pairs} <= {"2021-05-02", "2021-05-03", "2021-05-04"}
