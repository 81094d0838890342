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
from cleaner.engines import LocalEngine, read_rows
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages import seeding
from cleaner.passages.seeding import (
    COPIED_PARAGRAPHS,
    DATED,
    DOCUMENT_SEEDS,
    EXTENTS,
    HITS,
    NO_DAY,
    PUBLISHED,
    PUBLISHED_SQL,
    SEED_COUNTS,
    SEEDS,
    SHARED_SEEDS,
    count_days,
    count_seeds,
    date_documents,
    find_close_seeds,
    limit_partners,
    list_document_seeds,
    list_seed_facts,
    list_shared_seeds,
    nominate_pairs,
    read_seed_facts,
    skipped_seeds_sql,
    weigh_seeds,
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
) -> pa.RecordBatch:
    """List the seeds of documents.

    Args:
        texts: Texts by document.
        copied: Extents of paragraphs that a better placed document has too.
        config: The configuration.
        removed: Lines that are boilerplate.
    """
    rows, judged = [], []
    for number, (name, text) in enumerate(texts.items()):
        rows.append({"document_id": name, "document_number": number} | split_text(text, "en"))
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


def date(outlets: Iterable[str] = (), days: Iterable[int] = ()) -> pa.Table:
    """Make the table of documents with these outlets and days."""
    rows: list[dict[str, Any]] = [
        {"document_id": name_of(number), "outlet_number": ord(outlet), "day": day}
        for number, (outlet, day) in enumerate(zip(outlets, days, strict=True))
    ]
    for rank, row in enumerate(sorted(rows, key=lambda row: row["day"])):
        row["rank"] = rank
    return pa.Table.from_pylist(rows, schema=DATED)


def name_of(number: int) -> str:
    """Name a document."""
    return f"d{number:03d}"


def test_seeds_of_a_document() -> None:
    """Each sampled seed is a row with its place and the number of the document."""
    rows = list_seeds_of({"c": B, "d": A}).to_pylist()
    rows = [row for row in rows if row["document_number"] == 1]
    terms = find_terms(keep(A))
    seeds = list_seeds(terms, rate=CONFIG.match.seed_sampling)
    assert [row["seed_hash"] for row in rows] == seeds.keys.view(np.int64).tolist()
    assert [row["at"] for row in rows] == terms.at[seeds.firsts].tolist()
    assert all(row["is_hub"] for row in rows)


def test_documents_are_dated() -> None:
    """Documents have their day, and are in order by it and by number."""
    rows = [
        {"document_number": number, "document_id": f"d{number}"}
        | {"outlet_number": 0, "published": published}
        for number, published in enumerate(["1970-01-03T10:00:00Z", None, "1970-01-01", None])
    ]
    dated = date_documents(pa.RecordBatch.from_pylist(rows, schema=PUBLISHED), CONFIG).to_pylist()
    assert [row["document_id"] for row in dated] == ["d0", "d1", "d2", "d3"]
    first = count_days("1970-01-01")
    assert [row["day"] for row in dated] == [first + 2, NO_DAY, first, NO_DAY]
    in_order = sorted(dated, key=lambda row: row["day_order"])
    assert [row["document_id"] for row in in_order] == ["d1", "d3", "d2", "d0"]


@pytest.mark.parametrize("num_documents", [4, 3000])
def test_outlets_are_numbered(num_documents: int) -> None:
    """Documents of one outlet have the number of its first one, asked of SQLite or of DuckDB."""
    rows = [
        {"document_number": number, "document_id": name_of(number), "outlet": f"o{number % 3}"}
        for number in range(num_documents)
    ]
    with LocalEngine(workers=1) as engine:
        engine.write("texts", [pa.RecordBatch.from_pylist(rows, schema=TEXTS)], TEXTS)
        engine.sql(PUBLISHED_SQL, target="published", schema=PUBLISHED)
        found = {row["document_number"]: row for row in read_rows(engine, "published")}
    assert [found[at]["outlet_number"] for at in range(num_documents)] == [
        at % 3 for at in range(num_documents)
    ]


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


@settings(max_examples=20)
@given(st.lists(st.sampled_from([A, B, "", f"{A}\n{B}", f"{B} {A} {A}"]), min_size=1, max_size=5))
def test_batch_limits_do_not_matter_to_seeds(texts: list[str]) -> None:
    """Documents have the same seeds one by one or together, also those without words."""
    named = {f"d{number}": text for number, text in enumerate(texts)}
    together = list_seeds_of(named).to_pylist()
    apart = [
        row | {"document_number": number}
        for number, name in enumerate(named)
        for row in list_seeds_of({name: named[name]}).to_pylist()
    ]
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


def place(numbers: Iterable[int], seed_hash: int = 1, num_places: int = 1) -> list[dict[str, Any]]:
    """Make the rows of a seed of some documents."""
    return [
        {"seed_hash": seed_hash, "document_number": number, "at": at, "is_hub": True}
        for number in numbers
        for at in range(num_places)
    ]


def nominate(rows: list[dict[str, Any]], days: Sequence[int], **match: int) -> list[dict[str, Any]]:
    """Nominate pairs at seeds of documents of these days."""
    batch = pa.RecordBatch.from_pylist(rows, schema=SEEDS)
    dated = date("a" * len(days), days)
    return list_hits(batch, CONFIG.replace(match=match), dated).to_pylist()


def list_hits(seeds: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """Nominate pairs at seeds that several documents have."""
    return nominate_pairs(list_shared_seeds(seeds, config, dated), config)


def pairs_of(hits: list[dict[str, Any]]) -> set[tuple[int, int]]:
    """Return the pairs of documents that were nominated."""
    return {(hit["left_number"], hit["right_number"]) for hit in hits}


def count_skipped(rows: list[dict[str, Any]], days: Sequence[int], **match: int) -> int:
    """Count what large seeds leave out, by the query."""
    batch = pa.RecordBatch.from_pylist(rows, schema=SEEDS)
    shared = list_shared_seeds(batch, CONFIG, date("a" * len(days), days))
    with LocalEngine(workers=1) as engine:
        engine.write("shared_seeds", [shared], SHARED_SEEDS)
        (skipped,) = engine.rows(skipped_seeds_sql(CONFIG.replace(match=match).match))
        return int(skipped["num_skipped_seeds"])


def test_all_meet_at_a_small_seed() -> None:
    """Up to the limit every two documents are nominated, each with the places of the seed."""
    hits = nominate(place([2, 0, 1], num_places=2), [9, 7, 5], max_seed_documents=3)
    assert pairs_of(hits) == {(0, 1), (0, 2), (1, 2)}
    places = {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert {(hit["left_at"], hit["right_at"]) for hit in hits} == places
    assert len(hits) == 3 * len(places)
    (weight,) = weigh_seeds(np.array([3], np.int32)).tolist()
    assert {hit["weight"] for hit in hits} == {weight}


def test_few_meet_at_a_large_seed() -> None:
    """Over the limit each meets the first one and those next to it in time, not in name."""
    rows, days = place(range(6)), [0, -1, -2, -3, -4, -5]
    hits = nominate(rows, days, max_seed_documents=5, seed_neighbours=1)
    star = {(number, 5) for number in range(5)}
    chain = {(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)}
    assert pairs_of(hits) == star | chain
    assert len(pairs_of(nominate(rows, days, max_seed_documents=6))) == 15


def test_hits_are_there_once() -> None:
    """Two seeds that begin at one word, and a first document next to another, count once."""
    rows = [row for row in place(range(8), num_places=2) for _ in range(2)]
    for most in (2, 20):
        hits = nominate(rows, [0] * 8, max_seed_documents=most, seed_neighbours=2)
        assert len(hits) == len({tuple(hit.values()) for hit in hits})


@pytest.mark.parametrize("num_neighbours", [1, 2, 4, 30])
@pytest.mark.parametrize("num_documents", [2, 3, 6, 7, 25])
@pytest.mark.parametrize("most", [2, 6])
@pytest.mark.parametrize("num_places", [1, 2])
def test_skipped_pairs_are_those_not_nominated(
    num_neighbours: int, num_documents: int, most: int, num_places: int
) -> None:
    """What is counted as skipped is what a large seed leaves out, however large the settings."""
    days = [number % 3 for number in range(num_documents)]
    match = {"seed_neighbours": num_neighbours, "max_seed_documents": most}
    rows = place(range(num_documents), num_places=num_places)
    hits = nominate(rows, days, **match)
    order = sorted(range(num_documents), key=lambda number: (days[number], number))
    expected = {
        (min(order[i], order[j]), max(order[i], order[j]))
        for i, j in combinations(range(num_documents), 2)
        if num_documents <= most or i == 0 or j - i <= num_neighbours
    }
    assert pairs_of(hits) == expected
    skipped = count_skipped(rows, days, **match)
    assert skipped == num_documents * (num_documents - 1) // 2 - len(expected)


def test_no_pair_inside_a_document() -> None:
    """A document that has a seed twice does not meet itself."""
    assert nominate(place([0], num_places=2), [1]) == []
    assert nominate([], []) == []


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_batch_limits_do_not_matter_to_nominations(chance: random.Random) -> None:
    """Seeds are nominated the same one by one or together."""
    days = [chance.randrange(5) for _ in range(30)]
    rows_of = [
        place(chance.sample(range(30), chance.randint(1, 12)), seed_hash, chance.randint(1, 2))
        for seed_hash in range(-3, 4)
    ]
    settings_of = {"max_seed_documents": 4, "seed_neighbours": 2}
    together = nominate([row for rows in rows_of for row in rows], days, **settings_of)
    apart = [hit for rows in rows_of for hit in nominate(rows, days, **settings_of)]
    assert sorted(map(str, apart)) == sorted(map(str, together))


def find_pairs(seeds: pa.RecordBatch, config: Config = CONFIG) -> tuple[list[tuple[int, int]], int]:
    """Run the steps from seeds to candidate pairs; return them and the number of hits."""
    num_documents = max(seeds.column("document_number").to_pylist()) + 1
    dated = date("a" * num_documents, [NO_DAY] * num_documents)
    hits = list_hits(seeds, config, dated)
    close = find_close_seeds(hits, config, dated)
    pairs = limit_partners(close, config, dated).to_pylist()
    numbers = {name_of(number): number for number in range(num_documents)}
    return [
        (numbers[pair["left_document"]], numbers[pair["right_document"]]) for pair in pairs
    ], hits.num_rows


def test_large_story_stays_connected() -> None:
    """Two hundred documents of one story are one component, at a cost that is not their square."""
    chance = random.Random(7)
    texts = {
        (
            name := name_of(number)
        ): f"{' '.join(f'{name}x{chance.randrange(10**9)}' for _ in range(30))} {A}"
        for number in range(200)
    }
    config = CONFIG.replace(match={"max_seed_documents": 20, "seed_neighbours": 4})
    pairs, num_hits = find_pairs(list_seeds_of(texts), config)
    parent = list(range(200))

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    for left, right in pairs:
        parent[root(left)] = root(right)
    assert len({root(number) for number in range(200)}) == 1
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
    assert find_pairs(list_seeds_of(together))[0] == [(0, 1)]
    assert find_pairs(list_seeds_of(apart))[0] == []
    assert find_pairs(list_seeds_of(one))[0] == []


def meet(
    *places: tuple[int, int, int], pair: tuple[int, int] = (0, 1), num_documents: int = 2
) -> list[dict[str, Any]]:
    """Make hits of two documents, of a seed, its place on the left and on the right."""
    (weight,) = weigh_seeds(np.array([num_documents], np.int32)).tolist()
    return [
        {"left_number": pair[0], "right_number": pair[1], "seed_hash": seed}
        | {"left_at": left, "right_at": right, "weight": weight}
        for seed, left, right in places
    ]


def is_close(rows: list[dict[str, Any]], **match: int) -> list[tuple[str, str]]:
    """Return the pairs of documents that share seeds close to each other."""
    batch = pa.RecordBatch.from_pylist(rows, schema=HITS)
    dated = date("abcd", range(4))
    config = CONFIG.replace(match=match)
    found = limit_partners(find_close_seeds(batch, config, dated), config, dated).to_pylist()
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
    for num_seeds, pairs in ((num_needed - 1, []), (num_needed, [("d000", "d001")])):
        places = [(seed, seed, seed) for seed in range(num_seeds)]
        assert is_close(meet(*places, num_documents=num_documents)) == pairs


def test_one_seed_in_several_places_is_one() -> None:
    """What one document repeats does not count more than once."""
    assert is_close(meet((1, 0, 0), (1, 0, 4), (1, 4, 0), (1, 4, 4))) == []
    assert is_close(meet((1, 0, 0), (1, 0, 9))) == []


def test_seeds_of_two_pairs_are_not_added() -> None:
    """Each pair of documents has its own seeds, and is listed once."""
    rows = [
        *meet((4, 0, 0), pair=(2, 3)),
        *meet((3, 2, 2), (1, 0, 0), (2, 1, 1), pair=(1, 2)),
        *meet((2, 1, 1), pair=(0, 2)),
        *meet((1, 0, 0), pair=(0, 1)),
    ]
    assert is_close(rows) == [("d001", "d002")]
    assert is_close([]) == []


def test_copies_do_not_meet() -> None:
    """Copied paragraphs do not nominate their document, and are not counted as having a seed."""
    texts = {"a": A, "b": A, "c": f"{B}\n{A}", "d": B, "e": "Zulu yankee\nZulu yankee"}
    seeds = list_seeds_of(texts, [("b", 0, len(A))])
    shared = list_shared_seeds(seeds, CONFIG, date("abcde", range(5)))
    assert pairs_of(nominate_pairs(shared, CONFIG).to_pylist()) == {(0, 2), (2, 3)}
    assert set(shared.column("num_documents").to_pylist()) == {2}


def seed_row(seed: int, number: int, *, is_hub: bool = True, at: int = 0) -> dict[str, Any]:
    """Make a row of seeds."""
    return {"seed_hash": seed, "document_number": number, "at": at, "is_hub": is_hub}


def read_facts(
    seeds: list[dict[str, Any]], dated: pa.Table
) -> dict[tuple[int, str], tuple[int, ...]]:
    """Return what is known of seeds, by seed and document."""
    counted = count_seeds(pa.RecordBatch.from_pylist(seeds, schema=SEEDS), CONFIG, dated)
    assert counted.schema == SEED_COUNTS
    facts = read_seed_facts(pa.Table.from_batches([list_seed_facts(counted, CONFIG, dated)]))
    return {
        (key, name): tuple(counts)
        for name, of in facts.items()
        for key, *counts in zip(
            *(v.tolist() for v in (of.keys, of.num_documents, of.num_outlets)),
            *(v.tolist() for v in (of.num_days, of.span_days)),
            strict=True,
        )
    }


def test_recurrence_facts() -> None:
    """Documents, outlets and days are counted once each, copies of paragraphs among them."""
    seeds = [
        seed_row(1, 0),
        seed_row(1, 0, at=9),
        seed_row(1, 3),
        seed_row(1, 1),
        seed_row(1, 2, is_hub=False),
        seed_row(3, 4),
        seed_row(3, 5, is_hub=False),
        seed_row(2, 0),
        seed_row(2, 0, at=9),
        seed_row(4, 5, is_hub=False),
        seed_row(5, 5),
    ]
    dated = date("aabcdd", [100, 107, 100, NO_DAY, NO_DAY, NO_DAY])
    # Documents did not meet at seeds 2 and 5; nor at 3 and 4, but there one is a copy.
    assert read_facts(seeds, dated) == {
        **{(1, name_of(number)): (4, 3, 2, 7) for number in range(4)},
        **{(3, name_of(number)): (2, 1, 0, 0) for number in (4, 5)},
        (4, name_of(5)): (1, 1, 0, 0),
    }
    assert read_facts([seed_row(2, 0)], dated) == {}


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            seed_row, st.integers(-3, 3), st.integers(0, 5), is_hub=st.booleans(), at=st.just(0)
        ),
        max_size=25,
    ),
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from([NO_DAY, 1, 4])), min_size=6, max_size=6
    ),
)
def test_seeds_are_counted(seeds: list[dict[str, Any]], about: list[tuple[str, int]]) -> None:
    """What is known of seeds is what counting with sets gives, sorted by seed."""
    rows_of = defaultdict(list)
    for row in seeds:
        rows_of[row["seed_hash"]].append(row)
    expected = {}
    for seed, rows in rows_of.items():
        hubs = {row["document_number"] for row in rows if row["is_hub"]}
        if len(hubs) > 1 or not all(row["is_hub"] for row in rows):
            numbers = {row["document_number"] for row in rows}
            days = {about[number][1] for number in numbers} - {NO_DAY}
            counts = len(numbers), len({about[number][0] for number in numbers}), len(days)
            for number in numbers:
                expected[seed, name_of(number)] = (
                    *counts,
                    max(days, default=0) - min(days, default=0),
                )
    found = read_facts(seeds, date(*zip(*about, strict=True)))
    assert found == expected
    assert list(found) == sorted(found, key=lambda key: (key[1], key[0]))


def test_facts_of_no_seeds() -> None:
    """Nothing is known of no documents."""
    assert read_seed_facts(DOCUMENT_SEEDS.empty_table()) == {}


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


@given(
    st.lists(
        st.tuples(
            st.sampled_from([(0, 1), (0, 2), (1, 2), (2, 3)]),
            st.tuples(st.integers(0, 4), st.integers(0, 60), st.integers(0, 60)),
            st.integers(2, 30),
        ),
        max_size=40,
    )
)
def test_pairs_that_share_too_little_are_left_out_early(
    meetings: list[tuple[tuple[int, int], tuple[int, int, int], int]],
) -> None:
    """To leave out pairs whose seeds cannot come to enough changes nothing, whatever they are."""
    rows = [
        hit
        for pair, place, num_documents in meetings
        for hit in meet(place, pair=pair, num_documents=num_documents)
    ]
    found = is_close(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeding, "_find_heavy", lambda pairs, *_: np.arange(len(pairs)))
        assert is_close(rows) == found


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
        st.integers(1, 4),
        max_size=45,
    )
)
def test_each_document_keeps_its_closest_partners(places: dict[tuple[int, int], int]) -> None:
    """A pair stays if it is among the closest ones of either of its documents."""
    hits = [
        hit
        for pair, num_places in sorted(places.items())
        for at in range(num_places)
        for place in [100 * at]
        for hit in meet((2 * at, place, place), (2 * at + 1, place + 1, place), pair=pair)
    ]
    config = CONFIG.replace(match={"max_seed_documents": 2})
    dated = date("a" * 10, range(10))
    batch = pa.RecordBatch.from_pylist(hits, schema=HITS)
    found = limit_partners(find_close_seeds(batch, config, dated), config, dated).to_pylist()
    expected = set()
    for document in range(10):
        partners = sorted(
            (-num_places, one + other - document, (one, other))
            for (one, other), num_places in places.items()
            if document in (one, other)
        )
        expected.update(pair for _, _, pair in partners[:6])
    assert {(row["left_document"], row["right_document"]) for row in found} == {
        (name_of(one), name_of(other)) for one, other in expected
    }
