"""Verification: what counts as a copy, a passage, a quote or a variant, and what is linked."""

from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages import align
from cleaner.passages import verify as verify_module
from cleaner.passages.align import Run
from cleaner.passages.candidates import CANDIDATES
from cleaner.passages.minhash import make_shingles
from cleaner.passages.segment import KeptText
from cleaner.passages.verify import (
    MATCHES,
    _is_quote,
    _link_units,
    compare_documents,
    list_links,
    verify_pairs,
)

CONFIG = Config()
MILL = "The fire at the old mill beside the river burned for two days and nights."
ONE = "Nobody in the valley had ever seen such a crowded orchard before the frost."
TWO = "A tram line to the northern harbour will open when the new bridge is ready."
THREE = "Teachers from five villages asked the minister for smaller classes and more books."
FOUR = "After the concert the orchestra gave its violins to the museum for safe keeping."


def keep(text: str) -> KeptText:
    """Keep all lines of a text."""
    blocks = split_text(text, "en")["blocks"]
    return KeptText(text, [(block["begin"], block["end"]) for block in blocks], "en")


def verify(
    left: str, right: str, config: Config = CONFIG, removed: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Verify two texts, all passages of which are candidates.

    Args:
        left: A text.
        right: Another one.
        config: The configuration.
        removed: Lines that are boilerplate.
    """
    rows, judged, sides = [], [], []
    for name, text in (("a", left), ("b", right)):
        rows.append({"document_id": name} | split_text(text, "en"))
        verdicts = [
            {"begin": b["begin"], "end": b["end"]}
            | {"kind": "share" if text[b["begin"] : b["end"]] in removed else "main"}
            for b in rows[-1]["blocks"]
        ]
        judged.append({"document_id": name, "verdicts": verdicts})
        blocks = [(v["begin"], v["end"]) for v in verdicts if v["kind"] == "main"]
        kept = KeptText(text, blocks, "en")
        document = kept.document()
        sides.append([*kept.passages(1), *([document] if document else [])])
    candidates = [
        {
            "left_document": "a",
            "right_document": "b",
            "level": a.level if a.level == b.level else "sentence",
            "left_begin": a.begin,
            "left_end": a.end,
            "right_begin": b.begin,
            "right_end": b.end,
        }
        for a in sides[0]
        for b in sides[1]
        if (a.level == "document") == (b.level == "document")
    ]
    batch = pa.RecordBatch.from_pylist(candidates, schema=CANDIDATES)
    texts = pa.Table.from_pylist(rows, schema=TEXTS)
    return verify_pairs(
        batch, config, texts, pa.Table.from_pylist(judged, schema=JUDGED)
    ).to_pylist()


def sides_of(match: dict[str, Any], left: str, right: str) -> tuple[str, str]:
    """Return the text of both sides of a match or link."""
    return (
        left[match["left_begin"] : match["left_end"]],
        right[match["right_begin"] : match["right_end"]],
    )


def test_same_words_are_a_copy() -> None:
    """Case, accents and white space do not count; links are the documents and their sentences."""
    left, right = f"{MILL}\n{ONE}", f"  {MILL.upper()} {ONE}\n"
    (match,) = verify(left, right)
    assert (match["relation"], match["level"], match["jaccard"]) == ("copy", "document", 1.0)
    assert [(link["level"], *sides_of(link, left, right)) for link in match["links"]] == [
        ("document", f"{MILL}\n{ONE}"[:-1], f"{MILL.upper()} {ONE}"[:-1]),
        ("sentence", MILL, MILL.upper()),
        ("sentence", ONE, ONE),
    ]


def test_long_matches_take_no_more_time_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the sentences of one match take four times the looks at what is aligned."""
    touched_stretches, steps = align.touched_stretches, [0, 0]

    def touch(*where: Any) -> slice:
        found = touched_stretches(*where)
        steps[-1] += 1 + found.stop - found.start
        return found

    monkeypatch.setattr(verify_module, "touched_stretches", touch)
    monkeypatch.setattr(align, "touched_stretches", touch)
    words = ["".join(parts) for parts in product("bcdfghklmn", "aeiou", "bcdfghklmn", "aeiou")]
    for at, num_sentences in enumerate((30, 120)):
        steps[-1] = 0
        said = [" ".join(words[n : n + 12]) for n in range(0, 12 * num_sentences, 12)]
        left = keep(" ".join(f"{one.capitalize()}." for one in said))
        right = keep(" ".join(f"Zu {one}." for one in said))
        stretches = tuple((12 * n, 13 * n + 1, 12) for n in range(num_sentences))
        run = Run((0, 12 * num_sentences), (1, 13 * num_sentences), stretches)
        links, _ = _link_units(left, right, run, False, CONFIG.match)
        assert len(links) == num_sentences
        left.is_quoted[:] = [n % 12 < 6 for n in range(len(left.words))]
        assert _is_quote(left, run, 0, CONFIG.match)
        steps[at] = steps[-1]
    assert steps[1] < 5 * steps[0]


def test_equal_passages_of_copies_are_linked() -> None:
    """Of two copies, sentences and quotations of the same words are linked, others are not."""
    quote = "We will build it again next summer, stone by stone."
    left = f"{ONE}\n{TWO} {THREE}\n“{quote}” said the mayor of the town on Friday."
    right = left.replace("two", "three").replace("Teachers from", "Teachers of")
    (match,) = verify(left, right)
    assert (match["relation"], match["links"][0]["level"]) == ("copy", "document")
    linked = [(link["level"], *sides_of(link, left, right)) for link in match["links"][1:]]
    assert ("quotation", quote, quote) in linked
    sentences = {a for level, a, b in linked if level == "sentence" and a == b}
    assert sentences == {ONE, TWO, left.rpartition("\n")[2]}
    assert {level for level, a, b in linked if a != b} == set()
    other = left.replace("Friday", "Friday 12").replace("ready", "ready in 30 days")
    (variant,) = verify(left + " It cost 5 million.", other + " It cost 7 million.")
    assert (variant["relation"], variant["links"]) == ("variant", [])


def exact_jaccard(left: str, right: str) -> float:
    """Return the Jaccard similarity of the shingles of two texts."""
    one, other = (make_shingles(keep(text).words, 3) for text in (left, right))
    return round(len(one & other) / len(one | other), 6)


def test_document_similarity_has_two_sides() -> None:
    """At the limit documents are copies; above what they share they are not."""
    left, right = f"{MILL} {ONE} {TWO}", f"{MILL} {ONE} {THREE}"
    jaccard = exact_jaccard(left, right)
    assert 0.3 < jaccard < 0.7
    at = CONFIG.replace(match={"document_similarity": jaccard})
    above = CONFIG.replace(match={"document_similarity": jaccard + 1e-6})
    match = compare_documents(keep(left), keep(right), at.match)
    assert match is not None
    assert (match["relation"], match["jaccard"]) == ("copy", jaccard)
    assert compare_documents(keep(left), keep(right), above.match) is None
    assert [m["relation"] for m in verify(left, right, above)] == ["passage"]


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("5 men", "7 men", "figures"),
        ("is open", "is not open", "negation"),
        ("a man", "a woman", None),
    ],
)
def test_documents_that_state_other_facts_are_variants(
    old: str, new: str, differs: str | None
) -> None:
    """Two documents of one wording with other figures, or a negation more, are not merged."""
    body = f"{ONE} {TWO} {THREE}"
    match = compare_documents(
        keep(f"{body} We saw that {old} today."),
        keep(f"{body} We saw that {new} today."),
        CONFIG.match,
    )
    assert match is not None
    assert (match["relation"], match["differs"], len(match["links"])) == (
        ("variant", differs, 0) if differs else ("copy", None, 1)
    )


@pytest.mark.parametrize(("end", "relation"), [("25", "variant"), ("30", "copy")])
def test_last_figure_of_a_document_counts(end: str, relation: str) -> None:
    """A figure after all aligned words is a fact like any other."""
    body = f"{ONE} {TWO} {THREE} The toll rose to"
    match = compare_documents(keep(f"{body} {end}."), keep(f"{body} 30."), CONFIG.match)
    assert match is not None
    assert match["relation"] == relation


def test_document_without_words_matches_nothing() -> None:
    """Two empty texts are no copies."""
    assert compare_documents(keep("…"), keep("…"), CONFIG.match) is None
    assert verify("…", MILL) == []


def test_passage_offsets_are_exact() -> None:
    """A match spans the shared words and the marks that hug them; links are whole sentences."""
    left = f"{ONE} “{MILL}” {TWO}"
    right = f"{THREE}\n({MILL})\n{FOUR}"
    (match,) = verify(left, right)
    assert sides_of(match, left, right) == (f"“{MILL}”", f"({MILL})")
    assert (match["relation"], match["level"], match["aligned_ratio"]) == ("passage", "sentence", 1)
    assert match["num_words"] == 15
    (link,) = match["links"]
    assert sides_of(link, left, right) == (f"“{MILL}”", f"({MILL})")


def test_two_sentences_are_one_match_with_two_links() -> None:
    """A run over several sentences is one match; each sentence is linked with its copy."""
    left, right = f"{ONE}\n{MILL} {TWO}", f"{MILL} {TWO}\n{THREE} {FOUR}"
    (match,) = verify(left, right)
    assert sides_of(match, left, right) == (f"{MILL} {TWO}", f"{MILL} {TWO}")
    assert [sides_of(link, left, right)[0] for link in match["links"]] == [MILL, TWO]
    assert [(k["left_order"], k["right_order"]) for k in match["links"]] == [(1, 0), (2, 1)]


def test_matches_never_cross_boilerplate() -> None:
    """A removed line inside shared text parts the match."""
    left = f"{MILL}\nShare this\n{TWO}\n{THREE}"
    right = f"{MILL} {TWO} {ONE} {FOUR}"
    matches = verify(left, right, removed=("Share this",))
    assert [sides_of(match, left, right)[0] for match in matches] == [MILL, TWO]


QUOTE = "We will build it again, stone by stone, for everybody who ever lived there"


def test_quote_on_both_sides_is_a_quote() -> None:
    """The same words between marks on both sides are a quote; what is linked has no marks."""
    left, right = f"{ONE} “{QUOTE},” he said.", f'He told us: "{QUOTE}." {TWO}'
    (match,) = verify(left, right)
    assert (match["relation"], match["level"]) == ("quote", "quotation")
    (link,) = match["links"]
    assert sides_of(link, left, right) == (f"{QUOTE},", f"{QUOTE}.")


def test_quote_on_one_side_is_a_passage() -> None:
    """Words that one side says in its own name are a passage."""
    left, right = f"{ONE} “{QUOTE}.” {THREE}", f"{TWO} {QUOTE}. {FOUR}"
    assert [match["relation"] for match in verify(left, right)] == ["passage"]


@pytest.mark.parametrize(("min_words", "found"), [(15, 1), (16, 0)])
def test_short_matches_are_not_reported(min_words: int, found: int) -> None:
    """A match has at least as many aligned words as a passage must have."""
    config = CONFIG.replace(match={"min_passage_words": min_words})
    assert len(verify(f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}", config)) == found


VARIANTS = [
    ("first word", "12 men came", "15 men came"),
    ("last words", "the toll stands at 25", "the toll stands at 30"),
    ("middle", "about 5 people", "about 7 people"),
    ("negation", "it is open", "it is not open"),
]


@pytest.mark.parametrize(
    ("one", "other"), [case[1:] for case in VARIANTS], ids=[case[0] for case in VARIANTS]
)
@pytest.mark.parametrize("form", ["{0} in the old mill beside the river on this {1}.", "{1} {0}."])
def test_sentences_that_state_other_facts_are_not_linked(one: str, other: str, form: str) -> None:
    """Wherever in a sentence the fact stands, the pair is a variant and nothing is cut."""
    rest = "very cold and rather windy Friday before noon when the tram stopped"
    left = f"{ONE} {TWO} {form.format(one, rest)}"
    right = f"{THREE} {form.format(other, rest)} {FOUR}"
    (match,) = verify(left, right)
    assert (match["relation"], match["links"]) == ("variant", [])
    assert match["differs"] == ("negation" if "not" in other else "figures")


def test_sentence_beside_another_fact_is_linked() -> None:
    """Only the sentence that states another figure is held back, not the one before it."""
    left = f"{ONE} {TWO} {MILL} 5 men were seen near the old mill beside the river."
    right = f"{THREE} {FOUR} {MILL} 7 men were seen near the old mill beside the river."
    config = CONFIG.replace(match={"document_similarity": 1.0})
    matches = verify(f"{left} {ONE.upper()}", f"{right} {FOUR.upper()}", config)
    linked = [sides_of(link, left, right)[0] for match in matches for link in match["links"]]
    assert linked == [MILL]


def test_gap_over_two_sentences_holds_back_both() -> None:
    """A gap that ends one sentence and begins the next with another figure links neither fact."""
    left = f"{ONE} {TWO} {MILL[:-1]} on Monday. 5 men were seen near the old mill by the river."
    right = (
        f"{THREE} {FOUR} {MILL[:-1]} on Tuesday. 7 men were seen near the old mill by the river."
    )
    linked = [
        sides_of(link, left, right)[0] for match in verify(left, right) for link in match["links"]
    ]
    assert [sentence for sentence in linked if sentence.startswith("5 men")] == []


@pytest.mark.parametrize(("num_other", "relation"), [(1, "variant"), (3, "passage")])
def test_mostly_shared_documents_with_other_figures_are_variants(
    num_other: int, relation: str
) -> None:
    """From half of the longer document on, other figures make the whole a variant."""
    shared = f"{MILL} {TWO} In total 5 men were seen near the museum."
    left = f"{shared} {' '.join([ONE, ONE.replace('valley', 'town'), FOUR][:num_other])}"
    right = f"{shared.replace('5', '7')} {' '.join([THREE, THREE[::-1], 'Rain.'][:num_other])}"
    config = CONFIG.replace(match={"document_similarity": 1.0})
    matches = verify(left, right, config)
    assert [(match["relation"], match["differs"]) for match in matches] == [(relation, "figures")]


@pytest.mark.parametrize(("coverage", "num_links"), [(0.75, 1), (0.85, 0)])
def test_sentence_coverage_has_two_sides(coverage: float, num_links: int) -> None:
    """Sentences are linked when enough of one of them is aligned: here 12 words of 15."""
    old = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu cat dog hen."
    new = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu fox rat owl."
    config = CONFIG.replace(match={"sentence_coverage": coverage})
    (match,) = verify(f"{ONE} {old} {TWO}", f"{THREE} {new} {FOUR}", config)
    assert len(match["links"]) == num_links


def test_links_name_their_units() -> None:
    """A unit is named by document, extent and level, so that pairs meet in it."""
    left, right = f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}"
    matches = verify(left, right)
    (link,) = list_links(pa.RecordBatch.from_pylist(matches, schema=MATCHES), CONFIG).to_pylist()
    begin, other = left.index(MILL), right.index(MILL)
    assert link["left_unit"] == f"a:{begin}-{begin + len(MILL)}:sentence"
    assert link["right_unit"] == f"b:{other}-{other + len(MILL)}:sentence"
