"""Verification: what counts as a copy, a passage, a quote or a variant, and what is linked."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine, read_rows
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages import align, links
from cleaner.passages.align import Alignment, Run
from cleaner.passages.candidates import CANDIDATES
from cleaner.passages.credits import CREDITS
from cleaner.passages.indexing import index_text
from cleaner.passages.links import link_units, list_links
from cleaner.passages.minhash import make_shingles
from cleaner.passages.seeding import DOCUMENT_SEEDS
from cleaner.passages.segment import KeptText
from cleaner.passages.verify import (
    MATCHES,
    _is_quote,
    above_floor_sql,
    compare_documents,
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


def make_tables(
    left: str, right: str, removed: tuple[str, ...] = (), **about: tuple[Any, Any]
) -> tuple[pa.Table, pa.Table, list[KeptText]]:
    """Make the rows of two texts and of their verdicts, and what is kept of them.

    Args:
        left: A text.
        right: Another one.
        removed: Lines that are boilerplate.
        **about: Further fields of `TEXTS`, for both sides.
    """
    rows, judged, kept = [], [], []
    fields = {"outlet": ("Courier", "Ledger")} | about
    for at, (name, text) in enumerate((("a", left), ("b", right))):
        rows.append({"document_id": name} | split_text(text, "en"))
        rows[-1] |= {field: values[at] for field, values in fields.items()}
        verdicts = [
            {"begin": b["begin"], "end": b["end"]}
            | {"kind": "share" if text[b["begin"] : b["end"]] in removed else "main"}
            for b in rows[-1]["blocks"]
        ]
        judged.append({"document_id": name, "verdicts": verdicts})
        blocks = [(v["begin"], v["end"]) for v in verdicts if v["kind"] == "main"]
        kept.append(KeptText(text, blocks, "en"))
    return (
        pa.Table.from_pylist(rows, schema=TEXTS),
        pa.Table.from_pylist(judged, schema=JUDGED),
        kept,
    )


def verify(
    left: str,
    right: str,
    config: Config = CONFIG,
    removed: tuple[str, ...] = (),
    seeds: Sequence[dict[str, Any]] = (),
    credited: Sequence[dict[str, Any]] = (),
    *,
    by_seeds_alone: bool = False,
    also_unlikely: bool = False,
    **about: tuple[Any, Any],
) -> list[dict[str, Any]]:
    """Verify two texts, which are candidates, and so are they as wholes and all their paragraphs.

    Args:
        left: A text.
        right: Another one.
        config: The configuration.
        removed: Lines that are boilerplate.
        seeds: Rows of `DOCUMENT_SEEDS`.
        credited: Rows of `CREDITS`.
        by_seeds_alone: Neither the wholes nor the paragraphs are candidates.
        also_unlikely: Rows below the floor are wanted too.
        **about: Further fields of `TEXTS`, for both sides.
    """
    texts, judged, kept = make_tables(left, right, removed, **about)
    whole_left, whole_right = (side.document() for side in kept)
    pairs = [*product(kept[0].paragraphs, kept[1].paragraphs)]
    if whole_left is not None and whole_right is not None:
        pairs.append((whole_left, whole_right))
    candidates: list[dict[str, Any]] = [
        {"level": "seeds"} | dict.fromkeys(CANDIDATES.names[5:], 0),
        *(
            {
                "level": a.level,
                "left_begin": a.begin,
                "left_end": a.end,
                "right_begin": b.begin,
                "right_end": b.end,
            }
            for a, b in ([] if by_seeds_alone else pairs)
        ),
    ]
    sides = {"left_document": "a", "right_document": "b"}
    batch = pa.RecordBatch.from_pylist([sides | row for row in candidates], schema=CANDIDATES)
    known = pa.Table.from_pylist(list(seeds), schema=DOCUMENT_SEEDS)
    credits = pa.Table.from_pylist(list(credited), schema=CREDITS)
    found = verify_pairs(batch, config, known, credits, texts, judged).to_pylist()
    return [row for row in found if also_unlikely or row["score"] >= config.match.score_floor]


def sides_of(match: dict[str, Any], left: str, right: str) -> tuple[str, str]:
    """Return the text of both sides of a match or link."""
    return (
        left[match["left_begin"] : match["left_end"]],
        right[match["right_begin"] : match["right_end"]],
    )


def test_same_words_are_a_copy() -> None:
    """Case, accents and white space do not count; equal paragraphs link their sentences."""
    left, right = f"{MILL} {ONE}", f"  {MILL.upper()} {ONE}\n"
    (match,) = verify(left, right)
    assert (match["relation"], match["level"], match["jaccard"]) == ("copy", "document", 1.0)
    assert (match["score"], match["accepted"], match["score_evidence"]) == (1.0, True, "")
    assert [(link["level"], *sides_of(link, left, right)) for link in match["links"]] == [
        ("document", f"{MILL} {ONE}"[:-1], f"{MILL.upper()} {ONE}"[:-1]),
        ("sentence", MILL, MILL.upper()),
        ("sentence", ONE, ONE),
    ]


def test_copies_without_equal_paragraphs_are_linked_as_wholes() -> None:
    """Where paragraphs are cut elsewhere the documents are linked, and nothing inside them."""
    (match,) = verify(f"{MILL}\n{ONE}", f"{MILL} {ONE}")
    assert [link["level"] for link in match["links"]] == ["document"]


def test_long_matches_take_no_more_time_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the sentences of one match take four times the looks at what is aligned."""
    touched_stretches, steps = align.touched_stretches, [0, 0]

    def touch(*where: Any) -> slice:
        found = touched_stretches(*where)
        steps[-1] += 1 + found.stop - found.start
        return found

    monkeypatch.setattr(links, "touched_stretches", touch)
    monkeypatch.setattr(align, "touched_stretches", touch)
    words = ["".join(parts) for parts in product("bcdfghklmn", "aeiou", "bcdfghklmn", "aeiou")]
    for at, num_sentences in enumerate((30, 120)):
        steps[-1] = 0
        said = [" ".join(words[n : n + 12]) for n in range(0, 12 * num_sentences, 12)]
        left = keep(" ".join(f"{one.capitalize()}." for one in said))
        right = keep(" ".join(f"Zu {one}." for one in said))
        stretches = tuple((12 * n, 13 * n + 1, 12) for n in range(num_sentences))
        run = Run((0, 12 * num_sentences), (1, 13 * num_sentences), stretches)
        linked, _ = link_units(left, right, run, False, CONFIG.match)
        assert len(linked) == num_sentences
        left.is_quoted[:] = [n % 12 < 6 for n in range(left.num_words)]
        there = np.concatenate([np.arange(j, j + size) for _, j, size in stretches])
        found = Alignment(run.left, run.right, (run,), 0, np.arange(run.left[1]), there)
        assert _is_quote(left, found, 0, CONFIG.match)
        steps[at] = steps[-1]
    assert steps[1] < 5 * steps[0]


def test_equal_passages_of_copies_are_linked() -> None:
    """Of two copies, sentences and quotations of equal paragraphs are linked, others are not."""
    quote = "We will build it again next summer, stone by stone."
    left = f"{ONE}\n{TWO} {THREE}\n“{quote}” said the mayor of the town on Friday."
    right = left.replace("two", "three").replace("Teachers from", "Teachers of")
    (match,) = verify(left, right)
    assert (match["relation"], match["links"][0]["level"]) == ("copy", "document")
    linked = [(link["level"], *sides_of(link, left, right)) for link in match["links"][1:]]
    assert ("quotation", quote, quote) in linked
    sentences = {a for level, a, b in linked if level == "sentence" and a == b}
    assert sentences == {ONE, left.rpartition("\n")[2]}
    assert {level for level, a, b in linked if a != b} == set()
    other = left.replace("Friday", "Friday 12").replace("ready", "ready in 30 days")
    (variant,) = verify(left + " It cost 5 million.", other + " It cost 7 million.")
    assert (variant["relation"], variant["links"]) == ("variant", [])


def exact_jaccard(left: str, right: str) -> float:
    """Return the Jaccard similarity of the shingles of two texts."""
    one, other = (make_shingles(keep(text).fold(), 3) for text in (left, right))
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


def test_links_never_cross_boilerplate() -> None:
    """A removed line inside shared text does not part the match, and is in nothing it links."""
    left = f"{MILL}\nShare this\n{TWO}\n{THREE}"
    right = f"{MILL} {TWO} {ONE} {FOUR}"
    (match,) = verify(left, right, removed=("Share this",))
    assert sides_of(match, left, right)[1] == f"{MILL} {TWO}"
    assert [sides_of(link, left, right)[0] for link in match["links"]] == [MILL, TWO]


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


def test_unaccepted_matches_have_no_consequences() -> None:
    """What is listed below the least score keeps its links, and none of them is taken."""
    left, right = f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}"
    (match,) = verify(left, right)
    score = match["score"]
    assert CONFIG.match.min_score < score < 1
    for above, is_accepted in ((0.0, True), (1e-6, False)):
        config = CONFIG.replace(match={"min_score": score + above})
        matches = verify(left, right, config)
        assert [(m["accepted"], m["score"], len(m["links"])) for m in matches] == [
            (is_accepted, score, 1)
        ]
        batch = pa.RecordBatch.from_pylist(matches, schema=MATCHES)
        assert list_links(batch, config).num_rows == is_accepted


@pytest.mark.parametrize(("above", "num_listed"), [(0.0, 1), (1e-6, 0)])
def test_chance_is_not_listed(above: float, num_listed: int) -> None:
    """Below the floor a pair leaves a score that is not listed, at the floor it is a match."""
    left, right = f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}"
    (match,) = verify(left, right)
    config = CONFIG.replace(match={"score_floor": match["score"] + above})
    (row,) = verify(left, right, config, also_unlikely=True)
    assert (row["score"], row["level"] is not None) == (match["score"], num_listed == 1)
    with LocalEngine(workers=1) as engine:
        engine.write("compared", [pa.RecordBatch.from_pylist([row], schema=MATCHES)], MATCHES)
        engine.sql(above_floor_sql(config.match), target="listed", schema=MATCHES)
        assert list(read_rows(engine, "listed")) == [row] * num_listed


@pytest.mark.parametrize("shared", [MILL, "the old mill beside", ""])
def test_whether_there_are_rows_rests_on_the_texts(shared: str) -> None:
    """What is known of the seeds changes scores, but never whether two documents have any row."""
    left, right = f"{ONE} {shared} {TWO}", f"{THREE} {shared} {FOUR}"
    common = dict.fromkeys(("num_documents", "num_outlets", "num_days", "span_days"), 90)
    found = [
        verify(left, right, seeds=seeds, also_unlikely=True)
        for seeds in ((), seed_rows(left), seed_rows(left, **common))
    ]
    assert {len(rows) for rows in found} == {shared == MILL}


def test_quotation_inside_other_sentences_is_exact() -> None:
    """Twelve quoted words are found wherever they stand, with their marks and no word more."""
    said = "we counted every crate twice and the ledger still did not agree"
    left = f"{ONE} The harbour master told reporters on Friday that “{said},” and went home."
    right = f"“{said.capitalize()}”: so says the man who runs the port. {TWO}"
    (match,) = verify(left, right, by_seeds_alone=True)
    assert sides_of(match, left, right) == (f"“{said},”", f"“{said.capitalize()}”:")
    assert (match["relation"], match["num_words"], match["accepted"]) == ("quote", 12, True)
    (link,) = match["links"]
    assert sides_of(link, left, right) == (f"{said},", said.capitalize())


SPOKEN = "every single crate in the northern warehouse had vanished before sunrise on that day"


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ("“{0}” {1}.", "“{0} {1}.”", "quote"),
        ("{0} “{1}.”", "“{0} {1}.”", "quote"),
        ("“{0}” again {1}.", "“{0} again {1}.”", "passage"),
    ],
)
def test_half_quoted(left: str, right: str, relation: str) -> None:
    """If 7 words are quoted on the left, a passage of 14 words is a quote, one of 15 is none."""
    words = SPOKEN.split()
    parts = (" ".join(words[:7]), " ".join(words[7:]))
    one, other = left.format(*parts), right.format(*parts)
    (match,) = verify(f"{one}\n{ONE}", f"{other}\n{TWO}", by_seeds_alone=True)
    assert match["relation"] == relation
    assert match["num_words"] == 14 + ("again" in one)


@pytest.mark.parametrize(("num_quoted", "relation"), [(2, "passage"), (6, "quote")])
def test_sentence_of_its_own_beside_a_quotation(num_quoted: int, relation: str) -> None:
    """A covered sentence in the outlet's own voice makes it no quote, unless most is quoted."""
    quotations = [ONE, TWO, THREE, FOUR, f"{QUOTE}.", f"{SPOKEN}."]
    said = " ".join(f"“{sentence}”" for sentence in quotations[:num_quoted])
    text = f"{said} {MILL}"
    (match,) = verify(
        f"{text}\nRain fell.",
        f"{text}\nSnow came down hard.",
        by_seeds_alone=True,
        config=CONFIG.replace(match={"document_similarity": 1.0}),
    )
    assert match["relation"] == relation


@pytest.mark.parametrize(
    ("about", "relation", "direction", "certainty"),
    [
        ({}, "passage", "unknown", "unknown"),
        ({"outlet": ("Courier", "Courier")}, "self", "unknown", "unknown"),
        ({"published": ("2024-05-01", "2024-05-03")}, "passage", "left_first", "likely"),
        (
            {"published": ("2024-05-03T10:00:00Z", "2024-05-03T08:00:00Z")},
            "passage",
            "right_first",
            "sure",
        ),
    ],
)
def test_outlets_and_dates_name_the_relation(
    about: dict[str, tuple[str, str]], relation: str, direction: str, certainty: str
) -> None:
    """What is known of the two documents says whose the passage is and which had it first."""
    (match,) = verify(f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}", **about)
    assert (match["relation"], match["direction"], match["certainty"]) == (
        relation,
        direction,
        certainty,
    )


@pytest.mark.parametrize("document", ["a", "b"])
def test_agency_credit_of_either_side_makes_wire(document: str) -> None:
    """A document that an agency wrote makes what it shares an agency's."""
    credit = {"document_id": document, "agency": "Reuters", "begin": 0, "end": 7}
    credit |= {"form": "dateline", "others": [], "is_press_release": False}
    (match,) = verify(f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}", credited=[credit])
    assert (match["relation"], match["certainty"]) == ("wire", "from_agency")
    assert f"Reuters dateline {'left' if document == 'a' else 'right'}" in match["evidence"]


def seed_rows(text: str, **facts: int) -> list[dict[str, Any]]:
    """Say the same of all seeds of a document."""
    known = {"num_documents": 2, "num_outlets": 2, "num_days": 1, "span_days": 0} | facts
    keys = np.unique(index_text(keep(text)).seeds.keys.view(np.int64)).tolist()
    lists = {name: [value] * len(keys) for name, value in known.items()}
    return [{"document_id": "a", "seed_hash": keys} | lists]


def test_recurring_passage_is_a_template() -> None:
    """What comes back over many days in few outlets is a form, and less likely reuse."""
    left, right = f"{ONE} {MILL} {TWO}", f"{THREE} {MILL} {FOUR}"
    (once,) = verify(left, right, seeds=seed_rows(left))
    recurring = {"num_documents": 20, "num_outlets": 2, "num_days": 15, "span_days": 100}
    (often,) = verify(
        left,
        right,
        CONFIG.replace(match={"score_floor": 0.0}),
        seeds=seed_rows(left, **recurring),
    )
    assert (once["relation"], often["relation"]) == ("passage", "template")
    assert often["score"] < once["score"]
    assert "20 documents" in often["evidence"]


@pytest.mark.parametrize(("num_outlets", "relation"), [(4, "wire"), (3, "copy")])
def test_recurring_documents_are_an_agencys(num_outlets: int, relation: str) -> None:
    """A whole article that many outlets have on one day is from one source."""
    text = f"{ONE} {TWO} {MILL}"
    known = {"num_documents": num_outlets, "num_outlets": num_outlets}
    (match,) = verify(text, f"{text} ", seeds=seed_rows(text, **known))
    assert (match["relation"], match["level"]) == (relation, "document")


def test_documents_found_by_seeds_alone_may_be_copies() -> None:
    """Copies whose signatures did not meet are copies all the same."""
    left = f"{ONE} {TWO} {THREE} {MILL}"
    right = f"{ONE} {TWO} {THREE.replace('five', 'six')} {MILL}"
    (match,) = verify(left, right, by_seeds_alone=True)
    assert (match["relation"], match["level"]) == ("copy", "document")


REWRITTEN = (
    "{0} crowded ferry without any power drifted for nearly nine hours towards the rocks below "
    "the northern cape",
    "{0} drifting towards rocks near the northern cape, the crowded ferry spent nearly nine cold "
    "hours without any engine power",
)


@pytest.mark.parametrize(("num_added", "is_whole"), [(10, True), (11, False)])
def test_rewrites_are_whole_sentences(num_added: int, is_whole: bool) -> None:
    """A rewrite goes to the limits of its sentences, if no more than a few words are before it."""
    added = " ".join(f"Before{number}" for number in range(num_added))
    left = f"{ONE} {REWRITTEN[0].format(added)}. {TWO}"
    right = f"{THREE} {REWRITTEN[1].format('Later')}. {FOUR}"
    (match,) = verify(left, right, CONFIG.replace(match={"score_floor": 0.0}))
    assert (match["relation"], match["aligned_ratio"] < 0.8) == ("rewrite", True)
    one, other = sides_of(match, left, right)
    assert one.startswith("Before0") == is_whole
    assert one.endswith("the northern cape.")
    assert other == f"{REWRITTEN[1].format('Later')}."


@pytest.mark.parametrize(("num_words", "relation"), [(3999, "copy"), (4000, "variant")])
def test_endless_documents_are_compared_by_their_figures(num_words: int, relation: str) -> None:
    """A figure that one side leaves out is no conflict, unless a document is too long to align."""
    words = [
        f"{one}{other}"
        for one, other in product(*[[*map("".join, product("bdfgklmnpr", "aeiou", "bdfg"))]] * 2)
    ]
    text = " ".join(words[:num_words])
    match = compare_documents(keep(f"{text} 25"), keep(text), CONFIG.match)
    assert match is not None
    assert match["relation"] == relation


POOL = [ONE, TWO, THREE, FOUR, MILL, f"“{QUOTE}.”", "In all 5 men came.", "In all 7 men came."]
POOL += [
    MILL.replace("fire", "blaze").replace("two days", "three days"),
    f"Rain, and {TWO.lower()}",
]
UNSPACED = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 4
TEXTS_OF_POOL = st.lists(st.sampled_from(POOL), min_size=1, max_size=5)


@settings(max_examples=40)
@given(TEXTS_OF_POOL, TEXTS_OF_POOL, st.sampled_from([" ", "\n"]))
@example([UNSPACED, ONE], [TWO, ONE], "\n")
@example([UNSPACED, ONE], [ONE], "\n")
def test_which_document_is_left_does_not_matter(
    one: list[str], other: list[str], between: str
) -> None:
    """Exchanging two documents exchanges the sides of their matches and changes nothing else."""
    left, right = between.join(one), between.join(other)
    dates = ("2024-05-01", "2024-05-03")
    there = verify(left, right, published=dates)
    back = verify(right, left, published=dates[::-1], outlet=("Ledger", "Courier"))
    assert sorted(map(str, map(mirror, back))) == sorted(map(str, map(plain, there)))


def plain(match: dict[str, Any]) -> list[Any]:
    """Return what a match says, its links in order."""
    sides = ("left_begin", "left_end", "right_begin", "right_end")
    links = sorted((link["level"], *(link[side] for side in sides)) for link in match["links"])
    said = ("level", "relation", "direction", "certainty", "num_words", "jaccard", "containment")
    said += ("aligned_ratio", "score", "accepted", "score_evidence")
    return [*(match[side] for side in sides), links, *(match[name] for name in said)]


def mirror(match: dict[str, Any]) -> list[Any]:
    """Return what a match would say with its documents exchanged."""

    def exchange(row: dict[str, Any]) -> dict[str, Any]:
        names = {"left": "right", "right": "left"}
        return {
            "_".join(names.get(part, part) for part in name.split("_")): value
            for name, value in row.items()
        }

    directions = {"left_first": "right_first", "right_first": "left_first"}
    row = exchange(match) | {"links": [exchange(link) for link in match["links"]]}
    return plain(row | {"direction": directions.get(row["direction"], row["direction"])})
