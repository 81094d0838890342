"""The whole run on small corpora with reuse: what must hold whatever the input is."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.engines import LocalEngine, local, tables
from cleaner.ledger import leave_out_known, view_text
from cleaner.model import VIEWS, Document, Rejection
from cleaner.passages.verify import MATCHES
from cleaner.pipeline import clean, name_document
from cleaner.words import fold_words

CONFIG = Config()
FEW = settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

_NOUNS = "harbour council tram bridge orchard museum ferry teacher river library market".split()
_VERBS = "approved rejected opened closed praised repaired visited painted measured".split()
_ADJECTIVES = "narrow wooden quiet crowded northern ancient yellow broken careful famous".split()
_PLACES = "near the old mill|behind the station|along the coast road|inside the town hall".split(
    "|"
)
_CLAUSES = (
    "because the winter was long|although nobody had asked for it|as the committee had hoped|"
    "while the neighbours watched in silence|before the first snow arrived"
).split("|")


def write_sentence(chance: random.Random) -> str:
    """Write a sentence; two of them share words but are no rewrites of each other."""
    one, other = chance.choice(_ADJECTIVES), chance.choice(_ADJECTIVES)
    return (
        f"The {one} {chance.choice(_NOUNS)} {chance.choice(_VERBS)} the {other} "
        f"{chance.choice(_NOUNS)} {chance.choice(_PLACES)} {chance.choice(_CLAUSES)}."
    )


_SYLLABLES = "ba co di fu ga he ji ko lu ma ne pi ro su ta ve wo xi yu za".split()


def write_other_sentence(chance: random.Random) -> str:
    """Write a sentence of invented words: two of them share next to nothing."""
    words = ["".join(chance.choices(_SYLLABLES, k=4)) for _ in range(chance.randint(12, 16))]
    return f"{' '.join(words).capitalize()}."


def make_document(
    name: str,
    text: str,
    *,
    outlet: str = "Courier",
    published: str | None = None,
    title: str | None = None,
) -> Document:
    """Make a document as a reader gives it."""
    return Document(
        source=f"{name}.txt",
        path=f"{name}.txt",
        record=0,
        outlet=outlet,
        outlet_from="folder",
        mime="text/plain",
        payload=text,
        language="en",
        published=published,
        title=title,
    )


def make_corpus(
    seed: int, write: Callable[[random.Random], str] = write_sentence
) -> list[Document]:
    """Assemble documents from a pool of sentences, so that many stand in several of them."""
    chance = random.Random(seed)
    pool = [write(chance) for _ in range(chance.choice([8, 14, 20]))]
    pool += [f"“{write(chance)}”" for _ in range(3)]
    documents = []
    for number in range(chance.randint(2, 7)):
        paragraphs = [
            " ".join(chance.sample(pool, chance.randint(1, 3))) for _ in range(chance.randint(1, 4))
        ]
        text = chance.choice(["\n", "\n\n"]).join(paragraphs)
        if documents and chance.random() < 0.2:
            text = documents[0].payload + f"\n{chance.choice(pool)}"
        documents.append(
            make_document(
                f"d{number}",
                text + chance.choice(["", "\n"]),
                outlet=chance.choice(["Courier", "Ledger", "Standard"]),
                published=chance.choice([None, "2024-10-17", "2024-10-17T13:00:00Z", "2024-10-18"]),
            )
        )
    return documents


@dataclass
class Tables:
    """What a run leaves in its engine."""

    texts: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    matches: list[dict[str, Any]]
    members: list[dict[str, Any]]
    rejections: list[dict[str, Any]]

    def spans(self, document_id: str) -> list[dict[str, Any]]:
        """Return the spans of a document, in order."""
        rows = [row for row in self.ledger if row["document_id"] == document_id]
        return sorted(rows, key=lambda row: row["begin"])

    def views(self, view: str) -> dict[str, str]:
        """Return the text that a view shows of each document, by source."""
        return {
            row["source"]: view_text(row["text"], self.spans(row["document_id"]), view)
            for row in self.texts
        }

    def as_sets(self) -> list[list[str]]:
        """Return the tables of results in an order that does not depend on the input's."""
        return [sorted(map(repr, rows)) for rows in (self.ledger, self.matches, self.members)]


def run(found: Sequence[Document | Rejection], config: Config = CONFIG, workers: int = 1) -> Tables:
    """Clean documents and read the tables."""
    with LocalEngine(workers=workers) as engine:
        clean(found, config, engine)
        return Tables(
            *(
                [row for batch in engine.read(name) for row in batch.to_pylist()]
                for name in ("texts", "ledger", "matches", "members", "rejections")
            )
        )


CORPORA = st.integers(0, 10_000).map(make_corpus)
POLICIES = [
    {},
    {"quotes": "cut"},
    {"representative": "most_complete", "copies": "keep"},
    {"passages": "keep", "quotes": "cut", "representative": "smallest_id"},
]


@FEW
@given(CORPORA, st.sampled_from(POLICIES))
def test_ledger_covers_each_text_once(corpus: list[Document], policy: dict[str, str]) -> None:
    """Every character of every text is in one span, and views neither begin nor end with space."""
    tables = run(corpus, CONFIG.replace(resolve=policy))
    assert len(tables.texts) + len(tables.rejections) == len(corpus)
    for row in tables.texts:
        spans = tables.spans(row["document_id"])
        limits = [span["begin"] for span in spans] + [len(row["text"])]
        assert [span["end"] for span in spans] == limits[1:]
        assert limits[0] == 0
    for view in VIEWS:
        assert all(shown == shown.strip() for shown in tables.views(view).values())


@FEW
@given(CORPORA, st.randoms(use_true_random=False))
def test_input_order_does_not_matter(corpus: list[Document], chance: random.Random) -> None:
    """Shuffled documents give the same ledger, matches and clusters."""
    shuffled = list(corpus)
    chance.shuffle(shuffled)
    assert run(corpus).as_sets() == run(shuffled).as_sets()


@FEW
@given(CORPORA, st.sampled_from(POLICIES[:3]))
def test_own_output_is_left_alone(corpus: list[Document], policy: dict[str, str]) -> None:
    """Cleaning the unique view removes nothing more."""
    config = CONFIG.replace(resolve=policy)
    first = run(corpus, config)
    view = first.views("unique")
    again = [
        make_document(
            document.source.removesuffix(".txt"),
            view[document.source],
            outlet=document.outlet,
            published=document.published,
            title=document.title,
        )
        for document in corpus
        if view.get(document.source)
    ]
    second = run(again, config)
    assert [row["reason"] for row in second.ledger if not row["unique"]] == []


def fold(text: str) -> str:
    """Return the folded words of a text in one string."""
    return " ".join(fold_words(text))


@FEW
@given(st.integers(0, 10_000), st.sampled_from(["drop", "keep"]))
def test_no_sentence_is_lost(seed: int, copies: str) -> None:
    """Every sentence of a document that is not dropped as a copy stands in some unique view.

    A cluster's representative is one of them, also when a later pass finds another copy of it.
    """
    corpus = make_corpus(seed, write_other_sentence)
    tables = run(corpus, CONFIG.replace(resolve={"copies": copies}))
    shown = "\n".join(map(fold, tables.views("unique").values()))
    reasons = {row["document_id"]: set[str]() for row in tables.texts}
    for row in tables.ledger:
        reasons[row["document_id"]].add(row["reason"])
    for row in tables.texts:
        dropped = {"nothing_else_left", *(["copy_of_document"] if copies == "drop" else [])}
        if not reasons[row["document_id"]] & dropped:
            said = [fold(f"{part}.") for part in row["text"].split(".")]
            assert [sentence for sentence in said if sentence not in shown] == []


@FEW
@given(CORPORA)
def test_cuts_name_where_the_text_stands(corpus: list[Document]) -> None:
    """The partner of a cut span is another document, and the extent lies in its text."""
    tables = run(corpus)
    text_of = {row["document_id"]: row["text"] for row in tables.texts}
    clusters = {(row["cluster_id"], row["document_id"]) for row in tables.members}
    for row in tables.ledger:
        if row["cluster_id"] is not None:
            assert (row["cluster_id"], row["document_id"]) in clusters
        if row["partner_begin"] is not None:
            assert row["partner_document"] != row["document_id"]
            partner = text_of[row["partner_document"]]
            assert 0 <= row["partner_begin"] < row["partner_end"] <= len(partner)


def test_workers_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes give what one gives, with batches of a few rows."""
    corpus = make_corpus(3)
    alone = run(corpus)
    monkeypatch.setattr(local, "_INLINE_BYTES", 0)
    monkeypatch.setattr(local, "_BATCH_ROWS", 3)
    assert alone.as_sets() == run(corpus, workers=2).as_sets()


def test_memory_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that lie on the disk give what tables in memory give."""
    corpus = make_corpus(3)
    in_memory = run(corpus)
    monkeypatch.setattr(tables, "_HELD_BYTES", 0)
    monkeypatch.setattr(local, "_RELEASE_SECONDS", 0)
    assert in_memory.as_sets() == run(corpus).as_sets()


TALE = (
    "The harbour council approved the narrow bridge near the old mill on Friday. Teachers from "
    "five villages asked the minister for smaller classes and more books."
)
OTHER = "Nobody in the valley had ever seen such a crowded orchard before the first frost came."
REST = "After the concert the orchestra gave its violins to the museum for safe keeping there."


def test_earliest_copy_stays() -> None:
    """The later of two copies is dropped, and says of what it is a copy."""
    tables = run(
        [
            make_document("late", f"{TALE}\n{OTHER}", published="2024-10-18"),
            make_document("early", f"{TALE}\n{OTHER}", published="2024-10-17", outlet="Ledger"),
        ]
    )
    assert tables.views("unique") == {"late.txt": "", "early.txt": f"{TALE}\n{OTHER}"}
    names = {row["document_id"]: row["source"] for row in tables.texts}
    dropped = {
        (row["reason"], names[row["partner_document"]])
        for row in tables.ledger
        if not row["unique"] and row["kind"] == "duplicate"
    }
    assert dropped == {("copy_of_document", "early.txt")}


def test_what_others_lost_stays_in_later_passes() -> None:
    """Later passes know the documents that keep what was cut from others."""
    early = make_document("early", f"{TALE}\n{OTHER}", published="2024-10-17")
    late = make_document("late", f"{REST}\n{TALE}", outlet="Ledger", published="2024-10-18")
    with LocalEngine(workers=1) as engine:
        clean([late, early], CONFIG, engine)
        (keepers,) = (batch.to_pylist() for batch in engine.read("keepers"))
    assert keepers == [{"document_id": name_document(early)}]


def test_repeated_passage_is_cut_once() -> None:
    """A passage stays in the earliest document and goes from the other."""
    tables = run(
        [
            make_document("late", f"{OTHER} {TALE}", published="2024-10-18"),
            make_document("early", f"{TALE} {REST}", published="2024-10-17"),
        ]
    )
    assert tables.views("unique") == {"late.txt": OTHER, "early.txt": f"{TALE} {REST}"}
    assert tables.views("full") == {"late.txt": f"{OTHER} {TALE}", "early.txt": f"{TALE} {REST}"}


SAID = (
    "“We shall not give up this harbour, whatever the ministry in the capital may think of our "
    "cranes,” the mayor said."
)
DAWN = "Fishermen gathered at the gate before dawn and asked where their boats should lie now."


def make_copies(shared: str, other: str, *, is_early_smaller: bool) -> list[Document]:
    """Make a late and an early copy of a text, and the earliest document, which shares a part.

    The names are such that the id of the early copy is the smaller one, or the larger one.
    """
    text = f"{OTHER}\n{TALE}\n{shared}"
    late = make_document("late", text, outlet="Standard", published="2024-10-18")
    early = next(
        document
        for number in count()
        for document in [
            make_document(f"early{number}", text, outlet="Ledger", published="2024-10-17")
        ]
        if (name_document(document) < name_document(late)) == is_early_smaller
    )
    return [late, early, make_document("other", other, published="2024-10-16")]


@pytest.mark.parametrize("is_early_smaller", [True, False])
def test_copies_are_members_of_clusters(is_early_smaller: bool) -> None:
    """The copy that stays is marked where others have its passages, and both are counted there."""
    corpus = make_copies(SAID, f"{REST}\n{SAID}", is_early_smaller=is_early_smaller)
    tables = run(corpus)
    names = {row["document_id"]: row["source"] for row in tables.texts}
    early = corpus[1].source
    text_of = {row["document_id"]: row["text"] for row in tables.texts}
    quoting = [
        (names[row["document_id"]], text_of[row["document_id"]][row["begin"] : row["end"]])
        for row in tables.members
        if row["relation"] == "quote"
    ]
    said = SAID[1 : SAID.index("”")]
    assert sorted(quoting) == sorted((name, said) for name in ("late.txt", early, "other.txt"))
    marked = {names[row["document_id"]] for row in tables.ledger if row["relation"] == "quote"}
    assert marked == {early, "other.txt"}
    assert tables.views("unique")["late.txt"] == ""


@pytest.mark.parametrize("is_early_smaller", [True, False])
@pytest.mark.parametrize("said", [REST, REST.replace("its violins", "all its violins")])
def test_passages_of_kept_copies_are_cut(said: str, is_early_smaller: bool) -> None:
    """What an earlier document has, in the same words or nearly, is cut from all copies."""
    text = f"{DAWN}\n{said}"
    corpus = make_copies(REST, text, is_early_smaller=is_early_smaller)
    shown = run(corpus, CONFIG.replace(resolve={"copies": "keep"})).views("unique")
    kept = f"{OTHER}\n{TALE}"
    assert list(shown.values()) == [kept, kept, text]


def test_other_figures_are_kept() -> None:
    """Two reports of one wording with other figures stay, and are reported as variants."""
    texts = [f"{TALE} {OTHER} In all {number} people came." for number in (25, 30)]
    tables = run([make_document(f"d{n}", text) for n, text in enumerate(texts)])
    assert list(tables.views("unique").values()) == texts
    assert [(row["relation"], row["differs"]) for row in tables.matches] == [("variant", "figures")]
    assert tables.members == []


FORM = (
    "Readers who wish to comment on council decisions can write to the editor at the usual postal "
    "address, or attend the open meeting that takes place in the town hall library every Thursday."
)


def make_forms(num_documents: int, *, num_outlets: int, num_days: int) -> list[Document]:
    """Make documents that share one paragraph word for word, and nothing else."""
    chance = random.Random(5)
    documents = []
    for number in range(num_documents):
        own = [" ".join(write_other_sentence(chance) for _ in range(4)) for _ in range(2)]
        documents.append(
            make_document(
                f"d{number}",
                f"{own[0]}\n{FORM}\n{own[1]}",
                outlet=f"Outlet {number % num_outlets}",
                published=f"2024-10-{3 * (number % num_days) + 1:02d}",
            )
        )
    return documents


def test_form_that_recurs_word_for_word_is_kept() -> None:
    """What two outlets print again and again over weeks is a template, and none of it is cut."""
    corpus = make_forms(8, num_outlets=2, num_days=8)
    tables = run(corpus)
    assert {row["relation"] for row in tables.matches} == {"template"}
    assert tables.views("unique") == {document.source: document.payload for document in corpus}


def test_paragraph_of_one_day_is_cut() -> None:
    """The same paragraph in as many outlets on one day is no form, and stays once."""
    tables = run(make_forms(8, num_outlets=8, num_days=1))
    assert {row["relation"] for row in tables.matches} == {"wire"}
    assert sum(FORM in shown for shown in tables.views("unique").values()) == 1


QUOTED = "we counted every crate twice and the ledger still did not agree"


def test_quotation_in_other_sentences_is_found() -> None:
    """Twelve quoted words in two otherwise different documents are marked and kept in both."""
    texts = [
        f"{OTHER} The harbour master told reporters that “{QUOTED},” and then went home.",
        f"{REST}\n“{QUOTED}”: so says the man who has run the port for years. {DAWN}",
    ]
    tables = run([make_document(f"d{n}", text, outlet=f"O{n}") for n, text in enumerate(texts)])
    assert list(tables.views("unique").values()) == texts
    marked = [
        view_text(row["text"], spans, "unique")
        for row in tables.texts
        for spans in [[s for s in tables.spans(row["document_id"]) if s["relation"] == "quote"]]
    ]
    assert marked == [f"{QUOTED},", QUOTED]


@pytest.mark.parametrize("seed", [2, 5])
def test_known_matches_are_not_listed_again(seed: int) -> None:
    """What is kept is found again in a later pass that removes something, and is listed once."""
    matches = run(make_corpus(seed)).matches
    sides = (
        "left_document",
        "right_document",
        "left_begin",
        "left_end",
        "right_begin",
        "right_end",
    )
    places = [tuple(match[name] for name in sides) for match in matches]
    assert len(set(places)) == len(places) > 0


@pytest.mark.parametrize(
    ("pair", "left", "right", "is_known"),
    [
        ("ab", (10, 20), (30, 40), True),
        ("ab", (19, 25), (39, 45), True),
        ("ab", (20, 25), (39, 45), False),
        ("ab", (19, 25), (40, 45), False),
        ("ab", (0, 10), (20, 30), False),
        ("ac", (10, 20), (30, 40), False),
    ],
)
def test_known_matches_touch_on_both_sides(
    pair: str, left: tuple[int, int], right: tuple[int, int], is_known: bool
) -> None:
    """A match is known if one of the same two documents shares characters with it on both sides."""
    rows = [
        {"left_document": a, "right_document": b, "left_begin": one[0], "left_end": one[1]}
        | {"right_begin": other[0], "right_end": other[1]}
        for (a, b), one, other in (("ab", (10, 20), (30, 40)), (pair, left, right))
    ]
    known = pa.Table.from_pylist(rows[:1], schema=MATCHES)
    found = leave_out_known(pa.RecordBatch.from_pylist(rows[1:], schema=MATCHES), CONFIG, known)
    assert found.num_rows == (not is_known)


@FEW
@given(CORPORA)
def test_no_member_is_listed_twice(corpus: list[Document]) -> None:
    """Whichever way a passage came into its cluster, it is there once."""
    tables = run(corpus)
    places = [(m["cluster_id"], m["document_id"], m["begin"]) for m in tables.members]
    assert len(set(places)) == len(places)


def test_copies_meet_nobody_by_their_seeds() -> None:
    """Of three exact copies one is compared with what shares a passage with them."""
    text = f"{OTHER}\n{TALE}"
    tables = run(
        [
            *(make_document(f"copy{n}", text, outlet=f"O{n}") for n in range(3)),
            make_document("other", f"{REST} {OTHER} {DAWN}", outlet="P"),
        ]
    )
    names = {row["document_id"]: row["source"] for row in tables.texts}
    pairs = [
        frozenset((names[row["left_document"]], names[row["right_document"]]))
        for row in tables.matches
    ]
    assert len(pairs) == len(set(pairs)) == 3
    assert sum("other.txt" in pair for pair in pairs) == 1


def test_empty_corpus() -> None:
    """Without documents every table is there and empty."""
    assert run([]) == Tables([], [], [], [], [])


def test_documents_without_text_are_rejected() -> None:
    """A document of white space is set aside with a reason, and stays out of the ledger."""
    tables = run([make_document("empty", " \n"), Rejection("x", "unreadable", "why")])
    assert [(row["source"], row["reason"]) for row in tables.rejections] == [
        ("x", "unreadable"),
        ("empty.txt", "no_text"),
    ]
    assert [row for row in tables.ledger if row["unique"]] == []


def test_document_read_twice_is_set_aside() -> None:
    """The same text from the same place is read once; the same text elsewhere is another one."""
    document, elsewhere = make_document("a", OTHER), make_document("b", OTHER)
    tables = run([document, document, elsewhere])
    assert [(row["source"], row["reason"]) for row in tables.rejections] == [
        ("a.txt", "read_before")
    ]
    assert {row["document_id"] for row in tables.texts} == {
        name_document(document),
        name_document(elsewhere),
    }
