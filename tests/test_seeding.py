"""Seeds to candidate pairs: who meets whom at a seed, and what is known of seeds that recur."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages.seeding import (
    COPIED_PARAGRAPHS,
    CROWDED,
    CROWDED_SEEDS,
    DOCUMENT_SEEDS,
    EXTENTS,
    HITS,
    NO_DAY,
    SEED_FACTS,
    SEEDS,
    SHARED_SEEDS,
    count_days,
    find_close_seeds,
    list_document_seeds,
    nominate_seeds,
    read_seed_facts,
    skipped_seeds_sql,
)
from cleaner.passages.segment import KeptText
from cleaner.passages.terms import find_terms, list_seeds

CONFIG = Config()
A = "The harbour council approved the narrow bridge near the ancient mill on Friday."
B = "Nobody in the valley had ever seen such a crowded orchard before the frost."


def list_seeds_of(
    texts: dict[str, str],
    copied: Sequence[tuple[str, int, int]] = (),
    config: Config = CONFIG,
    removed: tuple[str, ...] = (),
    **about: str,
) -> pa.RecordBatch:
    """List the seeds of documents.

    Args:
        texts: Texts by document.
        copied: Extents of paragraphs that a better placed document has too.
        config: The configuration.
        removed: Lines that are boilerplate.
        **about: Further fields of `TEXTS`, for all documents.
    """
    rows, judged = [], []
    for name, text in texts.items():
        rows.append({"document_id": name, "outlet": name} | split_text(text, "en") | about)
        verdicts = [
            {"begin": b["begin"], "end": b["end"]}
            | {"kind": "share" if text[b["begin"] : b["end"]] in removed else "main"}
            for b in rows[-1]["blocks"]
        ]
        judged.append({"document_id": name, "verdicts": verdicts})
    places = [dict(zip(EXTENTS.names, extent, strict=True)) for extent in copied]
    return list_document_seeds(
        pa.RecordBatch.from_pylist(rows, schema=TEXTS),
        config,
        pa.Table.from_pylist(judged, schema=JUDGED),
        pa.Table.from_pylist(places, schema=EXTENTS),
    )


def keep(text: str) -> KeptText:
    """Keep a text as a whole."""
    return KeptText(text, [(0, len(text))], "en")


def test_seeds_of_a_document() -> None:
    """Each sampled seed is a row with its place, the outlet and the day of the document."""
    rows = list_seeds_of({"d": A}, published="1970-01-03T10:00:00Z").to_pylist()
    terms = find_terms(keep(A))
    seeds = list_seeds(terms, rate=CONFIG.match.seed_sampling)
    assert [row["seed_hash"] for row in rows] == seeds.keys.view(np.int64).tolist()
    assert [row["at"] for row in rows] == terms.at[seeds.firsts].tolist()
    assert {row["day"] for row in rows} == {count_days("1970-01-03")}
    assert all(row["is_hub"] for row in rows)
    other = list_seeds_of({"e": A}).to_pylist()
    assert {row["day"] for row in other} == {NO_DAY}
    assert other[0]["outlet_hash"] != rows[0]["outlet_hash"]
    assert len({row["outlet_hash"] for row in rows}) == 1


def test_sampling_is_asked_for() -> None:
    """With a larger share there are more seeds, and all of the smaller share's."""
    few, many = (
        set(
            list_seeds_of({"d": f"{A}\n{B}"}, config=CONFIG.replace(match={"seed_sampling": rate}))
            .column("seed_hash")
            .to_pylist()
        )
        for rate in (0.0, 1.0)
    )
    assert few < many


@pytest.mark.parametrize(("times", "places"), [(1, [0]), (2, [0, 1]), (3, [0, 1])])
def test_repeated_seeds_count_twice(times: int, places: list[int]) -> None:
    """Of a seed that a document repeats, in either order, the first two places are taken."""
    config = CONFIG.replace(match={"seed_sampling": 0.0})
    found = list_seeds_of({"d": "\n".join(["Zulu yankee"] * times)}, config=config)
    assert found.column("at").to_pylist() == places
    assert len(found.column("seed_hash").unique()) == 1


def test_boilerplate_has_no_seeds() -> None:
    """A removed line leaves no seed behind."""
    alone = list_seeds_of({"d": A}).column("seed_hash").to_pylist()
    beside = list_seeds_of({"d": f"{B}\n{A}"}, removed=(B,)).column("seed_hash").to_pylist()
    assert alone == beside


@pytest.mark.parametrize("is_first", [True, False])
def test_copied_paragraphs_are_not_posted(is_first: bool) -> None:
    """Seeds inside a copied paragraph are its hub's; those that reach beyond it are the text's."""
    text, limit, num_words = f"{B}\n{A}", len(B) + 1, keep(B).num_words
    rows = list_seeds_of({"d": text}, [("d", *((0, limit) if is_first else (limit, len(text))))])
    terms = find_terms(keep(text))
    seeds = list_seeds(terms, rate=CONFIG.match.seed_sampling)
    is_second = [(terms.at[at] >= num_words).tolist() for at in (seeds.firsts, seeds.seconds)]
    places = [*zip(*is_second, strict=True)]
    assert {(False, False), (False, True), (True, True)} == set(places)
    inside = (False, False) if is_first else (True, True)
    assert rows.column("is_hub").to_pylist() == [place != inside for place in places]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([A, B, "", f"{A}\n{B}", f"{B} {A} {A}"]), max_size=5))
def test_batch_limits_do_not_matter_to_seeds(texts: list[str]) -> None:
    """Documents have the same seeds one by one or together, also those without words."""
    named = {f"d{number}": text for number, text in enumerate(texts)}
    together = list_seeds_of(named).to_pylist()
    apart = [row for name in named for row in list_seeds_of({name: named[name]}).to_pylist()]
    assert apart == together


@pytest.mark.parametrize(
    ("earlier", "later", "num_days"),
    [
        ("1970-01-01", "1970-01-02T23:59:00Z", 1),
        ("1969-12-31", "1970-01-01", 1),
        ("1899-12-31", "1900-01-01", 1),
        ("2024-02-28T00:00:00Z", "2024-03-01", 2),
    ],
)
def test_days_are_counted(earlier: str, later: str, num_days: int) -> None:
    """Days follow each other, in any century; a date that is not known is before all of them."""
    assert count_days(later) - count_days(earlier) == num_days
    assert count_days(None) == count_days("") == NO_DAY < count_days(earlier)


def place(
    documents: Iterable[tuple[str, int]], seed_hash: int = 1, num_places: int = 1
) -> list[dict[str, Any]]:
    """Make the rows of one seed, as `CROWDED_SEEDS` gives them and the engine orders them."""
    listed = sorted((day, name) for name, day in documents)
    return [
        {"seed_hash": seed_hash, "document_id": name, "day": day, "at": at}
        | {"num_documents": len(listed)}
        for day, name in listed
        for at in range(num_places)
    ]


def nominate(rows: list[dict[str, Any]], **match: int) -> list[dict[str, Any]]:
    """Nominate pairs at seeds."""
    batch = pa.RecordBatch.from_pylist(rows, schema=CROWDED)
    return nominate_seeds(batch, CONFIG.replace(match=match)).to_pylist()


def pairs_of(hits: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return the pairs of documents that were nominated."""
    return {(hit["left_document"], hit["right_document"]) for hit in hits}


def count_skipped(rows: list[dict[str, Any]], **match: int) -> int:
    """Count what large seeds leave out, by the query."""
    with LocalEngine(workers=1) as engine:
        batch = pa.RecordBatch.from_pylist(rows, schema=CROWDED)
        engine.write("crowded_seeds", [batch], CROWDED)
        (skipped,) = engine.rows(skipped_seeds_sql(CONFIG.replace(match=match).match))
        return int(skipped["num_skipped_seeds"])


def test_all_meet_at_a_small_seed() -> None:
    """Up to the limit every two documents are nominated, each with the places of the seed."""
    hits = nominate(place([("c", 5), ("a", 9), ("b", 7)], num_places=2), max_seed_documents=3)
    assert pairs_of(hits) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert [(hit["left_at"], hit["right_at"]) for hit in hits] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ] * 3
    assert {hit["num_documents"] for hit in hits} == {3}


def test_few_meet_at_a_large_seed() -> None:
    """Over the limit each meets the first one and those next to it in time, not in name."""
    documents = [(name, -day) for day, name in enumerate("abcdef")]
    hits = nominate(place(documents), max_seed_documents=5, seed_neighbours=1)
    star = {(name, "f") for name in "abcde"}
    chain = {("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")}
    assert pairs_of(hits) == star | chain
    assert len(pairs_of(nominate(place(documents), max_seed_documents=6))) == 15


@pytest.mark.parametrize("num_neighbours", [1, 2, 4, 30])
@pytest.mark.parametrize("num_documents", [2, 3, 6, 7, 25])
@pytest.mark.parametrize("most", [2, 6])
@pytest.mark.parametrize("num_places", [1, 2])
def test_skipped_pairs_are_those_not_nominated(
    num_neighbours: int, num_documents: int, most: int, num_places: int
) -> None:
    """What is counted as skipped is what a large seed leaves out, however large the settings."""
    documents = [(f"d{number:02d}", number % 3) for number in range(num_documents)]
    match = {"seed_neighbours": num_neighbours, "max_seed_documents": most}
    nominated = pairs_of(nominate(place(documents, num_places=num_places), **match))
    order = [name for name, _ in sorted(documents, key=lambda d: (d[1], d[0]))]
    expected = {
        (min(order[i], order[j]), max(order[i], order[j]))
        for i, j in combinations(range(num_documents), 2)
        if num_documents <= most or i == 0 or j - i <= num_neighbours
    }
    assert nominated == expected
    skipped = count_skipped(place(documents, num_places=num_places), **match)
    assert skipped == num_documents * (num_documents - 1) // 2 - len(nominated)


def test_no_pair_inside_a_document() -> None:
    """A document that has a seed twice does not meet itself."""
    rows = place([("a", 1)], num_places=2)
    assert nominate(rows) == []


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_batch_limits_do_not_matter_to_nominations(chance: random.Random) -> None:
    """Seeds are nominated the same one by one or together."""
    rows_of = [
        place(
            [
                (f"d{n}", chance.randrange(5))
                for n in chance.sample(range(30), chance.randint(1, 12))
            ],
            seed_hash,
            chance.randint(1, 2),
        )
        for seed_hash in range(-3, 4)
    ]
    settings_of = {"max_seed_documents": 4, "seed_neighbours": 2}
    together = nominate([row for rows in rows_of for row in rows], **settings_of)
    apart = [hit for rows in rows_of for hit in nominate(rows, **settings_of)]
    assert sorted(map(str, apart)) == sorted(map(str, together))


def find_pairs(seeds: pa.RecordBatch, config: Config = CONFIG) -> tuple[list[dict[str, Any]], int]:
    """Run the steps from seeds to candidate pairs; return them and the number of hits."""
    with LocalEngine(workers=1) as engine:
        engine.write("seeds", [seeds], SEEDS)
        engine.sql(CROWDED_SEEDS, target="crowded_seeds", schema=CROWDED)
        engine.map_batches(
            nominate_seeds,
            config,
            source="crowded_seeds",
            target="hits",
            schema=HITS,
            group_by=["seed_hash"],
            order_by=["day", "document_id", "at"],
        )
        engine.sql(SHARED_SEEDS, target="shared_seeds", schema=HITS)
        shared = pa.Table.from_batches(engine.read("shared_seeds"), HITS)
        order = ["left_document", "right_document", "left_at", "right_at", "seed_hash"]
        shared = shared.sort_by([(name, "ascending") for name in order]).combine_chunks()
        (batch,) = shared.to_batches() or [pa.RecordBatch.from_pylist([], schema=HITS)]
        return find_close_seeds(batch, config).to_pylist(), engine.count("hits")


def test_large_story_stays_connected() -> None:
    """Two hundred documents of one story are one component, at a cost that is not their square."""
    chance = random.Random(7)
    names = [f"d{number:03d}" for number in range(200)]
    texts = {
        name: f"{' '.join(f'{name}x{chance.randrange(10**9)}' for _ in range(30))} {A}"
        for name in names
    }
    config = CONFIG.replace(match={"max_seed_documents": 20, "seed_neighbours": 4})
    pairs, num_hits = find_pairs(list_seeds_of(texts), config)
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for pair in pairs:
        parent[root(pair["left_document"])] = root(pair["right_document"])
    assert len({root(name) for name in names}) == 1
    num_seeds = len(list_seeds_of({"d": A}).column("seed_hash").unique())
    assert num_hits <= num_seeds * 200 * 5
    assert len(pairs) <= 200 * 5


def test_shared_words_far_from_each_other_are_no_pair() -> None:
    """Documents that share one seed, or seeds in different places, are not compared."""
    filler = " ".join(f"filler{number}" for number in range(60))
    other = " ".join(f"other{number}" for number in range(60))
    together = {"a": f"Zulu yankee xray. {filler}", "b": f"{other} Zulu yankee xray."}
    apart = {"a": f"Zulu yankee {filler} xray whisky", "b": f"xray whisky {other} Zulu yankee"}
    one = {"a": f"Zulu yankee {filler}", "b": f"{other} Zulu yankee"}
    pair = {"left_document": "a", "right_document": "b"}
    assert find_pairs(list_seeds_of(together))[0] == [pair]
    assert find_pairs(list_seeds_of(apart))[0] == []
    assert find_pairs(list_seeds_of(one))[0] == []


def meet(
    *places: tuple[int, int, int], pair: tuple[str, str] = ("a", "b"), num_documents: int = 2
) -> list[dict[str, Any]]:
    """Make hits of two documents, of a seed, its place on the left and on the right."""
    return [
        {"left_document": pair[0], "right_document": pair[1], "num_documents": num_documents}
        | {"seed_hash": seed, "left_at": left, "right_at": right}
        for seed, left, right in sorted(places, key=lambda p: (p[1], p[2], p[0]))
    ]


def is_close(rows: list[dict[str, Any]], **match: int) -> list[tuple[str, str]]:
    """Return the pairs of documents that share seeds close to each other."""
    batch = pa.RecordBatch.from_pylist(rows, schema=HITS)
    found = find_close_seeds(batch, CONFIG.replace(match=match)).to_pylist()
    return [(pair["left_document"], pair["right_document"]) for pair in found]


@pytest.mark.parametrize(("distance", "num_found"), [(30, 1), (31, 0)])
@pytest.mark.parametrize("side", ["left", "right", "right before"])
def test_close_seeds(distance: int, num_found: int, side: str) -> None:
    """Seeds up to thirty words apart are close; on either side more is too much."""
    other = {"left": (2, distance, 1), "right": (2, 1, distance), "right before": (2, 1, -distance)}
    assert len(is_close(meet((1, 0, 0), other[side]))) == num_found


@pytest.mark.parametrize(("num_seeds", "num_found"), [(3, 0), (4, 1)])
def test_enough_close_seeds(num_seeds: int, num_found: int) -> None:
    """A pair needs as many seeds as the configuration says."""
    rows = meet(*((seed, seed, 5 * seed) for seed in range(num_seeds)))
    assert len(is_close(rows, min_seeds=4)) == num_found


@pytest.mark.parametrize(
    ("num_documents", "num_needed"), [(4, 2), (5, 3), (8, 4), (12, 6), (13, 6), (10_000, 6)]
)
def test_common_seeds_count_less(num_documents: int, num_needed: int) -> None:
    """A seed of more than four documents counts less than one, but never less than a third."""
    for num_seeds, pairs in ((num_needed - 1, []), (num_needed, [("a", "b")])):
        places = [(seed, seed, seed) for seed in range(num_seeds)]
        assert is_close(meet(*places, num_documents=num_documents)) == pairs


def test_one_seed_in_several_places_is_one() -> None:
    """What one document repeats does not count more than once."""
    assert is_close(meet((1, 0, 0), (1, 0, 4), (1, 4, 0), (1, 4, 4))) == []
    assert is_close(meet((1, 0, 0), (1, 0, 9))) == []


def test_seeds_of_two_pairs_are_not_added() -> None:
    """Each pair of documents has its own seeds, and is listed once."""
    rows = [
        *meet((1, 0, 0), pair=("a", "b")),
        *meet((2, 1, 1), pair=("a", "c")),
        *meet((1, 0, 0), (2, 1, 1), (3, 2, 2), pair=("b", "c")),
        *meet((4, 0, 0), pair=("c", "d")),
    ]
    assert is_close(rows) == [("b", "c")]
    assert is_close([]) == []


def test_crowded_seeds_are_those_of_several_documents() -> None:
    """Copied paragraphs do not make a seed crowded, and are not among its places."""
    texts = {"a": A, "b": A, "c": f"{B}\n{A}", "d": B, "e": "Zulu yankee\nZulu yankee"}
    seeds = list_seeds_of(texts, [("b", 0, len(A))])
    with LocalEngine(workers=1) as engine:
        engine.write("seeds", [seeds], SEEDS)
        rows = engine.rows(CROWDED_SEEDS)
    documents = defaultdict(set)
    for row in rows:
        documents[row["seed_hash"]].add(row["document_id"])
        assert row["num_documents"] == 2
    assert set(map(frozenset, documents.values())) == {frozenset("ac"), frozenset("cd")}


def read_facts(seeds: list[dict[str, Any]], hits: list[int]) -> list[dict[str, Any]]:
    """Return what is known of seeds, given those that documents were nominated for."""
    rows = [{"left_document": "a", "right_document": "b", "seed_hash": seed} for seed in hits]
    with LocalEngine(workers=1) as engine:
        engine.write("seeds", [pa.RecordBatch.from_pylist(seeds, schema=SEEDS)], SEEDS)
        engine.write("hits", [pa.RecordBatch.from_pylist(rows, schema=HITS)], HITS)
        engine.sql(SEED_FACTS, target="facts", schema=DOCUMENT_SEEDS)
        found = [row for batch in engine.read("facts") for row in batch.to_pylist()]
    return sorted(found, key=lambda row: (row["seed_hash"], row["document_id"]))


def seed_row(
    seed: int, name: str, outlet: int, day: int, *, is_hub: bool = True, at: int = 0
) -> dict[str, Any]:
    """Make a row of seeds."""
    return {
        "seed_hash": seed,
        "document_id": name,
        "outlet_hash": outlet,
        "day": day,
        "at": at,
        "is_hub": is_hub,
    }


def test_recurrence_facts() -> None:
    """Documents, outlets and days are counted once each, copies of paragraphs among them."""
    seeds = [
        seed_row(1, "a", 10, 100),
        seed_row(1, "a", 10, 100, at=9),
        seed_row(1, "b", 10, 107),
        seed_row(1, "c", 20, 100, is_hub=False),
        seed_row(1, "d", 30, NO_DAY),
        seed_row(2, "a", 10, 100),
        seed_row(2, "b", 10, 107),
        seed_row(3, "e", 40, NO_DAY),
        seed_row(3, "f", 40, NO_DAY, is_hub=False),
    ]
    facts = read_facts(seeds, [1, 1])
    counts = {
        (row["seed_hash"], row["document_id"]): tuple(
            row[name] for name in DOCUMENT_SEEDS.names[2:]
        )
        for row in facts
    }
    # Seed 2 was not nominated; seed 3 was not either, but one of its documents is a copy.
    assert counts == {
        **{(1, name): (4, 3, 2, 100, 107) for name in "abcd"},
        **{(3, name): (2, 1, 0, -1, -1) for name in "ef"},
    }


def test_seed_facts_are_read_by_document() -> None:
    """The facts of each document come sorted by seed, with the span of days."""
    rows = [
        {"document_id": name, "seed_hash": seed, "num_documents": seed + 9, "num_outlets": 2}
        | {"num_days": 3, "first_day": 100, "last_day": 100 + seed * seed}
        for name, seed in (("b", 5), ("a", 7), ("a", -2), ("b", 1))
    ]
    facts = read_seed_facts(pa.Table.from_pylist(rows, schema=DOCUMENT_SEEDS))
    assert sorted(facts) == ["a", "b"]
    assert facts["a"].keys.tolist() == [-2, 7]
    assert facts["a"].num_documents.tolist() == [7, 16]
    assert facts["a"].span_days.tolist() == [4, 49]
    assert facts["b"].keys.tolist() == [1, 5]
    assert facts["b"].num_outlets.tolist() == [2, 2]
    assert facts["b"].num_days.tolist() == [3, 3]
    assert read_seed_facts(pa.Table.from_pylist([], schema=DOCUMENT_SEEDS)) == {}


def test_copied_paragraphs_are_those_that_a_better_document_has() -> None:
    """A paragraph is copied if it echoes a hub; an exact copy is so as a whole."""
    echoes = [
        {"left_level": "paragraph", "left_document": "b", "left_begin": 5, "left_end": 50},
        {"left_level": "document", "left_document": "b", "left_begin": 1, "left_end": 70},
    ]
    copies = pa.schema({"document_id": pa.string(), "hub": pa.string()})
    with LocalEngine(workers=1) as engine:
        batch = pa.RecordBatch.from_pylist(echoes)
        engine.write("echoes", [batch], batch.schema)
        exact = pa.RecordBatch.from_pylist([{"document_id": "c", "hub": "a"}], schema=copies)
        engine.write("exact_copies", [exact], copies)
        found = {
            (row["document_id"], row["begin"]): row["end"] for row in engine.rows(COPIED_PARAGRAPHS)
        }
    assert set(found) == {("b", 5), ("c", 0)}
    assert found["b", 5] == 50
    assert found["c", 0] > 10**9
