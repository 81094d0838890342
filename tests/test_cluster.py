"""Clusters: every member is verified against its representative; neighbours become passages."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages.cluster import (
    GROUPS,
    MEMBERS,
    SPREAD_GROUPS_SQL,
    group_units,
    join_neighbours,
    list_copied_members,
)

CONFIG = Config()
MILL = "the fire at the old mill beside the river burned for two days and nights"


def group(
    sentences: dict[str, str], level: str = "sentence", components: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Group documents of one sentence each; they rank as they are given, unless told otherwise."""
    units = [
        {
            "component": (components or {}).get(name, "all"),
            "unit": f"{name}:0-{len(text)}:{level}",
            "document_id": name,
            "level": level,
            "begin": 0,
            "end": len(text),
            "order": 0,
        }
        for name, text in sentences.items()
    ]
    units.sort(key=lambda unit: str(unit["component"]))
    texts = [{"document_id": name, "text": text} for name, text in sentences.items()]
    judged = [
        {"document_id": name, "verdicts": [{"begin": 0, "end": len(text), "kind": "main"}]}
        for name, text in sentences.items()
    ]
    return group_units(
        pa.RecordBatch.from_pylist(units),
        CONFIG,
        pa.Table.from_pylist(texts, schema=TEXTS),
        pa.Table.from_pylist(judged, schema=JUDGED),
    ).to_pylist()


def members_of(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the documents of each group by its representative's."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["partner_document"], []).append(row["document_id"])
    return found


def test_copies_are_one_group() -> None:
    """Units that the first one holds belong to it; it is its own partner."""
    rows = group({"a": MILL, "b": MILL.upper(), "c": f"{MILL} again"})
    assert members_of(rows) == {"a": ["a", "b", "c"]}
    assert [row["is_representative"] for row in rows] == [True, False, False]
    assert [row["similarity"] for row in rows] == [1.0, 1.0, 0.9375]


def test_chain_is_split() -> None:
    """A like B and B like C do not make A and C one group: C is left alone and is in none."""
    words = [f"w{number}" for number in "abcdefghij"]
    chain = {
        "a": " ".join(words),
        "b": " ".join(["x", "y", *words[2:]]),
        "c": " ".join(["x", "y", "u", "v", *words[4:]]),
    }
    assert members_of(group(chain)) == {"a": ["a", "b"]}
    both = chain | {"d": f"{chain['c']}"}
    assert members_of(group(both)) == {"a": ["a", "b"], "c": ["c", "d"]}
    assert members_of(group({name: chain[name] for name in "bac"})) == {"b": ["b", "a", "c"]}


@pytest.mark.parametrize(("num_other", "is_member"), [(2, True), (3, False)])
def test_coverage_has_two_sides(num_other: int, is_member: bool) -> None:
    """Four fifths of a member's words stand in the representative."""
    words = [f"w{letter}" for letter in "abcdefghij"]
    other = " ".join([*words[num_other:], *["x", "y", "z"][:num_other]])
    assert bool(group({"a": " ".join(words), "b": other})) is is_member


def test_coverage_is_of_the_member() -> None:
    """An excerpt belongs to the longer text that holds it; the longer text not to the excerpt."""
    longer = f"{MILL} {MILL.replace('e', 'o')}"
    assert members_of(group({"a": longer, "b": MILL})) == {"a": ["a", "b"]}
    assert group({"b": MILL, "a": longer}) == []


@pytest.mark.parametrize("end", ["rose to 25", "was never 30"])
def test_other_facts_are_no_member(end: str) -> None:
    """What links two units with different facts is a third one without; they stay apart."""
    sentences = {"a": f"{MILL} rose to 30", "b": MILL, "c": f"{MILL} {end}"}
    assert members_of(group(sentences)) == {"a": ["a", "b"]}


def test_units_of_one_document_are_not_grouped() -> None:
    """A document that says a thing twice is no copy of itself."""
    twice = f"{MILL} {MILL}"
    units = [
        {
            "component": "all",
            "unit": f"a:{begin}",
            "document_id": "a",
            "level": "sentence",
            "begin": begin,
            "end": begin + len(MILL),
            "order": order,
        }
        for order, begin in enumerate((0, len(MILL) + 1))
    ]
    texts = pa.Table.from_pylist([{"document_id": "a", "text": twice}], schema=TEXTS)
    judged = pa.Table.from_pylist([{"document_id": "a", "verdicts": []}], schema=JUDGED)
    assert group_units(pa.RecordBatch.from_pylist(units), CONFIG, texts, judged).num_rows == 0


def test_components_do_not_mix() -> None:
    """Units of two components are never compared."""
    sentences = {"a": MILL, "b": MILL, "c": MILL, "d": MILL}
    rows = group(sentences, components={"a": "1", "b": "2", "c": "1", "d": "2"})
    assert members_of(rows) == {"a": ["a", "c"], "b": ["b", "d"]}


def test_documents_are_compared_as_wholes() -> None:
    """Copies are measured by Jaccard similarity; variants are no copies."""
    body = f"{MILL} because nobody in the valley had seen such a dry and windy summer"
    sentences = {"a": f"{body} of 5", "b": f"{body} of 5", "c": f"{body} of 7", "d": MILL}
    rows = group(sentences, level="document")
    assert members_of(rows) == {"a": ["a", "b"]}
    assert [row["similarity"] for row in rows] == [1.0, 1.0]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.sampled_from("abcdefghijklm"), min_size=5, max_size=5, unique=True).map(sorted),
        min_size=2,
        max_size=8,
    )
)
def test_groups_equal_brute_force(sets: list[list[str]]) -> None:
    """Groups are stars: the first unit left takes all that share four of five words with it."""
    sentences = {f"d{at}": " ".join(words) for at, words in enumerate(sets)}
    waiting = list(range(len(sets)))
    expected: dict[str, list[str]] = {}
    while waiting:
        first, *others = waiting
        near = [at for at in others if len(set(sets[first]) & set(sets[at])) >= 4]
        if near:
            expected[f"d{first}"] = [f"d{at}" for at in (first, *near)]
        waiting = [at for at in others if at not in near]
    assert members_of(group(sentences)) == expected


def make_group(
    members: dict[str, tuple[int, int, int]], level: str = "sentence", similarity: float = 1.0
) -> list[dict[str, Any]]:
    """Make a group; the first document represents it. Members have `begin`, `end` and `order`."""
    first = next(iter(members))
    begin, end, order = members[first]
    return [
        {
            "group_id": f"{first}:{begin}-{end}:{level}",
            "partner_document": first,
            "partner_begin": begin,
            "partner_end": end,
            "partner_order": order,
            "level": level,
            "document_id": name,
            "begin": place[0],
            "end": place[1],
            "order": place[2],
            "similarity": 1.0 if name == first else similarity,
            "is_representative": name == first,
        }
        for name, place in members.items()
    ]


def join(*groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbours, with the rows ordered as the pipeline orders them."""
    keys = ("partner_document", "level", "partner_order", "group_id", "document_id", "order")
    rows = sorted(
        (row for rows in groups for row in rows), key=lambda row: [row[key] for key in keys]
    )
    return join_neighbours(pa.RecordBatch.from_pylist(rows, schema=GROUPS), CONFIG).to_pylist()


FIRST = {"a": (0, 10, 0), "b": (50, 60, 3)}
NEXT = {"a": (11, 41, 1), "b": (61, 91, 4)}


def test_neighbours_are_joined() -> None:
    """Consecutive sentences of the same documents are one cluster, similarity by length."""
    rows = join(make_group(FIRST), make_group(NEXT, similarity=0.8))
    assert {row["cluster_id"] for row in rows} == {rows[0]["cluster_id"]}
    assert [(r["document_id"], r["begin"], r["end"], r["similarity"]) for r in rows] == [
        ("a", 0, 41, 1.0),
        ("b", 50, 91, 0.85),
    ]
    assert {(r["partner_document"], r["partner_begin"], r["partner_end"]) for r in rows} == {
        ("a", 0, 41)
    }
    assert [(row["relation"], row["is_representative"]) for row in rows] == [
        ("passage", True),
        ("passage", False),
    ]


@pytest.mark.parametrize(
    ("second", "level"),
    [
        ({"a": (11, 41, 1), "b": (70, 90, 5)}, "sentence"),
        ({"a": (20, 41, 2), "b": (61, 91, 4)}, "sentence"),
        ({"a": (11, 41, 1), "b": (20, 45, 2)}, "sentence"),
        ({"a": (11, 41, 1), "c": (61, 91, 4)}, "sentence"),
        ({"a": (11, 41, 1), "b": (61, 91, 4), "c": (0, 30, 0)}, "sentence"),
        (NEXT, "quotation"),
    ],
    ids=["gap in member", "gap in first", "moved", "other document", "third document", "quote"],
)
def test_others_are_not_joined(second: dict[str, tuple[int, int, int]], level: str) -> None:
    """Sentences stay apart unless they follow each other in every document."""
    rows = join(make_group(FIRST), make_group(second, level=level))
    assert len({row["cluster_id"] for row in rows}) == 2
    assert {(row["begin"], row["end"]) for row in rows if row["document_id"] == "a"} == {
        FIRST["a"][:2],
        second["a"][:2],
    }


def test_relation_follows_level() -> None:
    """Sentences make passages, quotations quotes and documents copies."""
    relations = {
        level: {row["relation"] for row in join(make_group(FIRST, level=level))}
        for level in ("sentence", "quotation", "document")
    }
    assert relations == {"sentence": {"passage"}, "quotation": {"quote"}, "document": {"copy"}}


def test_ids_name_the_members() -> None:
    """A cluster's id depends on its extents and level, not on who represents it or on order."""

    def ids(rows: list[dict[str, Any]]) -> set[str]:
        return {row["cluster_id"] for row in rows}

    swapped = {"b": FIRST["b"], "a": FIRST["a"]}
    assert ids(join(make_group(FIRST))) == ids(join(make_group(swapped)))
    assert ids(join(make_group(FIRST))) != ids(join(make_group(FIRST, level="quotation")))
    assert ids(join(make_group(FIRST))) != ids(join(make_group(NEXT)))


def test_passages_of_copies_only_are_no_clusters() -> None:
    """A group stays if one of its members is no copy of the others."""
    found = {"among copies": "ab", "beyond": "abc", "other copies": "ad", "no copies": "cf"}
    rows = [
        {"group_id": name, "document_id": member}
        for name, group in found.items()
        for member in group
    ]
    copies = [
        {"cluster_id": cluster, "document_id": member}
        for cluster, members in {"one": "ab", "two": "de"}.items()
        for member in members
    ]
    with LocalEngine(workers=1) as engine:
        engine.write("groups", [pa.RecordBatch.from_pylist(rows, schema=GROUPS)], GROUPS)
        engine.write("copies", [pa.RecordBatch.from_pylist(copies, schema=MEMBERS)], MEMBERS)
        engine.sql(SPREAD_GROUPS_SQL, target="spread", schema=GROUPS)
        stay = {row["group_id"] for batch in engine.read("spread") for row in batch.to_pylist()}
    assert stay == {"beyond", "other copies", "no copies"}


def test_exact_copies_join_the_clusters_of_their_hub() -> None:
    """A copy is a member with its own positions, if its sentences and quotations end there too."""
    hub = "Short. The fire burned for two days. “We will build it again,” he said."
    texts = {
        "hub": hub,
        "moved": f"\n{hub.upper().replace('. ', chr(10), 1)}",
        "run on": hub.replace("days.", "days,").replace("“", ""),
        "other": "Something else.",
    }
    rows = [{"document_id": name} | split_text(text, "en") for name, text in texts.items()]
    judged = [
        {
            "document_id": row["document_id"],
            "verdicts": [b | {"kind": "main"} for b in row["blocks"]],
        }
        for row in rows
    ]
    fire, said = "The fire burned for two days.", "We will build it again,"
    members = [
        {"cluster_id": relation, "relation": relation, "document_id": "hub"}
        | {"begin": hub.index(part), "end": hub.index(part) + len(part), "similarity": 1.0}
        | {"is_representative": is_representative, "partner_document": "p", "partner_begin": 3}
        for relation, part, is_representative in (("passage", fire, True), ("quote", said, False))
    ]
    pairs = [{"document_id": name, "hub": "hub"} for name in ("run on", "moved")]
    copied = list_copied_members(
        pa.RecordBatch.from_pylist(pairs),
        CONFIG,
        pa.Table.from_pylist(rows, schema=TEXTS),
        pa.Table.from_pylist(judged, schema=JUDGED),
        pa.Table.from_pylist(members, schema=MEMBERS),
    ).to_pylist()
    assert [row["document_id"] for row in copied] == ["moved", "moved"]
    assert [(row["cluster_id"], texts["moved"][row["begin"] : row["end"]]) for row in copied] == [
        ("passage", fire.upper()),
        ("quote", said.upper()),
    ]
    assert {(row["is_representative"], row["partner_begin"]) for row in copied} == {(False, 3)}
