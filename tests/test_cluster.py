"""Clusters: every member is verified against its representative; neighbours become passages."""

import os
import random
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.extraction import split_text
from cleaner.model import TEXTS, Document
from cleaner.passages.cluster import (
    BRIDGES,
    BRIDGES_SQL,
    GROUP_RELATIONS,
    GROUP_RELATIONS_SQL,
    GROUPS,
    LOOSE_LINKS,
    LOOSE_LINKS_SQL,
    MEMBERS,
    PLACED_BRIDGES,
    SPREAD_GROUPS_SQL,
    align_words,
    group_units,
    join_neighbours,
    list_bridges,
    list_copied_members,
    name_relation,
)
from cleaner.passages.judgements import CONSTRAINTS
from cleaner.passages.links import LINKS
from cleaner.pipeline import clean
from cleaner.resolution import RANKS

CONFIG = Config()
NOTHING_JUDGED = pa.Table.from_pylist([], schema=CONSTRAINTS)
NO_RELATIONS = pa.schema(
    {"group_id": pa.string(), "relation": pa.string(), "num_links": pa.int64()}
).empty_table()
MILL = "the fire at the old mill beside the river burned for two days and nights"


def judge(sentences: dict[str, str], *pairs: tuple[str, str, str]) -> pa.Table:
    """Return what was judged of documents of one sentence each: verdict, left and right name."""
    rows = [
        {"verdict": verdict, "level": "sentence", "left_document": left, "right_document": right}
        | {"left_begin": 0, "left_end": len(sentences[left])}
        | {"right_begin": 0, "right_end": len(sentences[right])}
        for verdict, left, right in pairs
    ]
    return pa.Table.from_pylist(rows, schema=CONSTRAINTS)


def as_tables(sentences: dict[str, str]) -> tuple[pa.Table, pa.Table]:
    """Return the rows of `TEXTS` and `JUDGED` of documents of one sentence each."""
    texts = [{"document_id": name, "text": text} for name, text in sentences.items()]
    judged = [
        {"document_id": name, "verdicts": [{"begin": 0, "end": len(text), "kind": "main"}]}
        for name, text in sentences.items()
    ]
    return (
        pa.Table.from_pylist(texts, schema=TEXTS),
        pa.Table.from_pylist(judged, schema=JUDGED),
    )


def group(
    sentences: dict[str, str],
    level: str = "sentence",
    components: dict[str, str] | None = None,
    constraints: pa.Table = NOTHING_JUDGED,
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
    batch = pa.RecordBatch.from_pylist(units)
    return group_units(batch, CONFIG, constraints, *as_tables(sentences)).to_pylist()


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


WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(WORDS, WORDS)
def test_alignment_is_a_longest_common_subsequence(left: list[str], right: list[str]) -> None:
    """As many words are aligned as can be, each once and in order; sides may be exchanged."""
    stretches = align_words(left, right)
    assert [(i, j, size) for j, i, size in align_words(right, left)] == stretches
    aligned = [(i + n, j + n) for i, j, size in stretches for n in range(size)]
    assert all(left[i] == right[j] for i, j in aligned)
    assert aligned == sorted(aligned)
    assert all(len(set(side)) == len(aligned) for side in zip(*aligned, strict=True))
    longest = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, word in enumerate(left):
        for j, other in enumerate(right):
            longest[i + 1][j + 1] = (
                longest[i][j] + 1 if word == other else max(longest[i][j + 1], longest[i + 1][j])
            )
    assert len(aligned) == longest[-1][-1]


def test_alignment_does_not_depend_on_the_process() -> None:
    """Python hashes words anew in each process; what is aligned stays the same."""
    script = (
        "from cleaner.passages.cluster import align_words; "
        "print(align_words('a b a c b d a'.split(), 'b a d c a b a'.split()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {f"{align_words('a b a c b d a'.split(), 'b a d c a b a'.split())}\n"}


def test_judged_different_is_no_member() -> None:
    """Two units that were judged different are never in one group, even by way of a third one."""
    same = {"a": MILL, "b": MILL, "c": MILL, "d": MILL}
    judged = judge(same, ("different", "b", "c"))
    assert members_of(group(same, constraints=judged)) == {"a": ["a", "b", "d"]}
    judged = judge(same, ("different", "a", "c"))
    assert members_of(group(same, constraints=judged)) == {"a": ["a", "b", "d"]}
    judged = judge(same, ("different", "b", "c"), ("different", "b", "d"))
    assert members_of(group(same, constraints=judged)) == {"a": ["a", "b"], "c": ["c", "d"]}


def test_judged_same_is_a_member() -> None:
    """A judgement overrules other facts, but cuts nothing that the representative does not say."""
    other = "nobody in the valley had ever seen such a crowded orchard before"
    found = {"a": f"{MILL} rose to 25", "b": f"{MILL} rose to 30", "c": other, "d": MILL}
    assert members_of(group(found)) == {"a": ["a", "d"]}
    judged = judge(found, ("same", "a", "b"), ("same", "b", "c"))
    rows = group(found, constraints=judged)
    assert members_of(rows) == {"a": ["a", "d", "b"]}
    judged = judge(found, ("same", "a", "b"), ("different", "b", "d"))
    assert members_of(group(found, constraints=judged)) == {"a": ["a", "d"]}


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
    batch = pa.RecordBatch.from_pylist(units)
    assert group_units(batch, CONFIG, NOTHING_JUDGED, texts, judged).num_rows == 0


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
    batch = pa.RecordBatch.from_pylist(rows, schema=GROUPS)
    return join_neighbours(batch, CONFIG, NO_RELATIONS).to_pylist()


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
        {"cluster_id": relation, "level": level, "relation": relation, "document_id": "hub"}
        | {"begin": hub.index(part), "end": hub.index(part) + len(part), "similarity": 1.0}
        | {"is_representative": is_representative, "partner_document": "p", "partner_begin": 3}
        for relation, level, part, is_representative in (
            ("passage", "sentence", fire, True),
            ("quote", "quotation", said, False),
        )
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


@pytest.mark.parametrize(
    ("level", "counts", "relation"),
    [
        ("sentence", {"passage": 2, "rewrite": 3}, "rewrite"),
        ("sentence", {"passage": 3, "rewrite": 2}, "passage"),
        ("sentence", {"passage": 2, "wire": 2}, "wire"),
        ("sentence", {"wire": 2, "rewrite": 2, "self": 2}, "rewrite"),
        ("sentence", {"template": 2, "rewrite": 2}, "template"),
        ("sentence", {"copy": 2, "rewrite": 1}, "passage"),
        ("sentence", {"copy": 2, "quote": 2, "rewrite": 3}, "passage"),
        ("sentence", {}, "passage"),
        ("document", {"copy": 1, "self": 2}, "self"),
        ("document", {"passage": 2, "wire": 1}, "copy"),
        ("document", {}, "copy"),
        ("quotation", {"wire": 2, "copy": 3}, "quote"),
    ],
)
def test_relation_of_most_links(level: str, counts: dict[str, int], relation: str) -> None:
    """A cluster is what most of its links are; of two as frequent it is what takes less away."""
    assert name_relation(level, counts) == relation
    assert name_relation(level, dict(reversed(counts.items()))) == relation


def test_joined_groups_have_one_relation() -> None:
    """The links of all sentences of a passage decide together what it is."""
    groups = [make_group(FIRST), make_group(NEXT)]
    rows = [row for rows in groups for row in rows]
    ids = [rows[0]["group_id"], rows[2]["group_id"]]
    links = [(ids[0], "passage", 2), (ids[1], "wire", 3), ("other", "passage", 9)]
    relations = pa.Table.from_pylist(
        [{"group_id": name, "relation": r, "num_links": n} for name, r, n in links]
    )
    batch = pa.RecordBatch.from_pylist(rows, schema=GROUPS)
    assert {row["relation"] for row in join_neighbours(batch, CONFIG, relations).to_pylist()} == {
        "wire"
    }


CHAIN = {
    "a": "wa wb wc wd we wf wg wh wi wj",
    "b": "x y wc wd we wf wg wh wi wj",
    "c": "x y u v we wf wg wh wi wj",
}


def find_bridges(
    sentences: dict[str, str],
    pairs: Iterable[str],
    *,
    level: str = "sentence",
    constraints: pa.Table = NOTHING_JUDGED,
    ranked: str = "",
) -> list[dict[str, Any]]:
    """Group linked documents of one sentence each, and list the weak bridges between them.

    Documents rank as they are given, or as `ranked` says.
    """
    names = list(ranked or sentences)
    extents = {
        name: {"unit": f"{name}:0-{len(text)}:{level}", "document": name, "begin": 0}
        | {"end": len(text), "order": 0}
        for name, text in sentences.items()
    }
    links = [
        {f"{side}_{key}": value for side, name in sides for key, value in extents[name].items()}
        | {"level": level, "relation": "passage"}
        for sides in (zip(("left", "right"), pair, strict=True) for pair in pairs)
    ]
    groups = group({name: sentences[name] for name in names}, level, constraints=constraints)
    ranks = [{"document_id": name, "rank": str(at)} for at, name in enumerate(names)]
    with LocalEngine(workers=1) as engine:
        for table, rows, schema in (("links", links, LINKS), ("groups", groups, GROUPS)):
            engine.write(table, [pa.RecordBatch.from_pylist(rows, schema=schema)], schema)
        engine.sql(GROUP_RELATIONS_SQL, target="relations", schema=GROUP_RELATIONS)
        engine.sql(LOOSE_LINKS_SQL, target="loose", schema=LOOSE_LINKS)
        inside = [row for batch in engine.read("relations") for row in batch.to_pylist()]
        loose = [row for batch in engine.read("loose") for row in batch.to_pylist()]
        schema = engine.schema("loose")
    assert sum(row["num_links"] for row in inside) == len(links) - len(loose)
    found = list_bridges(
        pa.RecordBatch.from_pylist(loose, schema=schema),
        CONFIG,
        constraints,
        *as_tables(sentences),
        pa.Table.from_pylist(ranks, schema=RANKS),
    ).to_pylist()
    return sorted(found, key=lambda row: (row["left_document"], row["right_document"]))


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    """Return the two documents of weak bridges, and why and how similar they are."""
    return [
        (row["left_document"] + row["right_document"], row["why"], row["similarity"])
        for row in rows
    ]


def test_weak_bridges_are_listed() -> None:
    """What holds a component together and merges nothing says what was missing."""
    assert told(find_bridges(CHAIN, ["ab", "bc"])) == [("bc", "too_little_shared", 0.8)]
    two = CHAIN | {"d": CHAIN["c"]}
    assert told(find_bridges(two, ["ab", "bc", "cd"])) == [("bc", "too_little_shared", 0.8)]
    assert find_bridges(CHAIN, ["ab", "bc"], ranked="bac") == []


def test_bridge_between_units_without_a_group() -> None:
    """A link that verified no member is a bridge between two that are in no cluster."""
    short = {"a": MILL, "b": f"{MILL} {MILL.replace('e', 'o')}"}
    found = told(find_bridges(short, ["ab"]))
    assert found == [("ab", "too_little_shared", pytest.approx(2 / 3, abs=1e-6))]
    assert find_bridges(short, ["ab"], ranked="ba") == []
    more = short | {"c": short["b"]}
    assert told(find_bridges(more, ["ab", "bc"])) == found


def test_bridges_tell_different_facts() -> None:
    """A unit that states another figure than the representative is kept out for that."""
    facts = {"a": f"{MILL} rose to 30", "b": MILL, "c": f"{MILL} rose to 25"}
    assert [row[:2] for row in told(find_bridges(facts, ["ab", "bc"]))] == [
        ("bc", "different_facts")
    ]
    whole = {name: f"{text} {MILL.replace('e', 'o')}" for name, text in facts.items()}
    assert [row[:2] for row in told(find_bridges(whole, ["ab", "bc"], level="document"))] == [
        ("bc", "different_facts")
    ]


def test_bridges_tell_what_was_judged() -> None:
    """A unit that was judged different from a member is kept out for that."""
    same = {"a": MILL, "b": MILL, "c": MILL}
    judged = judge(same, ("different", "a", "c"))
    found = find_bridges(same, ["ab", "bc"], constraints=judged)
    assert told(found) == [("bc", "judged_different", 1.0)]
    judged = judge(same, ("different", "b", "c"))
    found = find_bridges(same, ["ab", "ac"], constraints=judged)
    assert told(found) == [("ac", "judged_different", 1.0)]


def test_text_that_a_document_has_twice_is_no_bridge() -> None:
    """The second place in the representative's own document is kept out, and not listed."""
    text = f"{MILL} {MILL}"
    units = {"one": (0, len(MILL)), "two": (len(MILL) + 1, len(text))}
    row = {
        "level": "sentence",
        "relation": "passage",
        **{"left_unit": "two", "left_document": "a", "left_begin": units["two"][0]},
        **{"left_end": units["two"][1], "left_group": None},
        **{"right_unit": "b", "right_document": "b", "right_begin": 0, "right_end": len(MILL)},
        **{"right_group": "one", "right_partner": "a"},
        **{"right_partner_begin": 0, "right_partner_end": len(MILL)},
    }
    ranks = pa.Table.from_pylist([{"document_id": n, "rank": n} for n in "ab"], schema=RANKS)
    tables = as_tables({"a": text, "b": MILL})
    batch = pa.RecordBatch.from_pylist([row])
    assert list_bridges(batch, CONFIG, NOTHING_JUDGED, *tables, ranks).num_rows == 0


def test_bridges_name_the_clusters_of_their_sides() -> None:
    """A side is in the cluster that holds it; what links one cluster or article is no bridge."""
    extents = {"c1": ("a", 0, 90), "c2": ("b", 10, 50), "c3": ("b", 60, 90)}
    members = [
        {"cluster_id": cluster, "level": "sentence", "document_id": name, "begin": b, "end": e}
        for cluster, (name, b, e) in extents.items()
    ]
    members += [
        {"cluster_id": "copies", "level": "document", "document_id": name, "begin": 0, "end": 99}
        for name in "xy"
    ]
    members.append(members[0] | {"document_id": "d"})
    links = [
        ("a", 30, "b", 10),
        ("a", 30, "c", 0),
        ("b", 60, "c", 0),
        ("a", 0, "d", 0),
        ("x", 0, "y", 0),
    ]
    bridges = [
        {"left_document": a, "left_begin": i, "left_end": i + 30, "right_document": b}
        | {"right_begin": j, "right_end": j + 30, "level": "sentence", "why": "too_little_shared"}
        for a, i, b, j in links
    ]
    with LocalEngine(workers=1) as engine:
        for table, rows, schema in (
            ("members", members, MEMBERS),
            ("document_bridges", [], BRIDGES),
            ("passage_bridges", bridges, BRIDGES),
        ):
            engine.write(table, [pa.RecordBatch.from_pylist(rows, schema=schema)], schema)
        engine.sql(BRIDGES_SQL, target="bridges", schema=PLACED_BRIDGES)
        found = [row for batch in engine.read("bridges") for row in batch.to_pylist()]
    assert {
        (row["left_document"], row["left_cluster"], row["right_document"], row["right_cluster"])
        for row in found
    } == {("a", "c1", "b", "c2"), ("a", "c1", "c", None), ("b", "c3", "c", None)}
    assert len(found) == 3


SENTENCES = (
    "The council of the northern harbour approved the narrow wooden bridge on Friday evening.",
    "Teachers from five villages asked the minister for smaller classes and many more books.",
    "Nobody in the valley had ever seen such a crowded orchard before the first frost came.",
    "“We will build this library again, stone by stone, whatever it may cost the town,” he said.",
    "After the concert the orchestra gave its violins to the museum for safe keeping there.",
    "Fishermen gathered at the gate before dawn and asked where their boats should lie now.",
)
UNRELATED = (
    "Zwei Wanderer fanden gestern am Ufer eine alte Truhe voller Briefe und vergilbter Karten."
)


def make_documents(seed: int) -> list[Document]:
    """Assemble documents from a few sentences, so that most stand in several of them."""
    chance = random.Random(seed)
    texts = [
        "\n".join(chance.sample(SENTENCES, chance.randint(2, 4)))
        for _ in range(chance.randint(3, 6))
    ]
    return [make_document(f"d{number}", text) for number, text in enumerate(texts)]


def make_document(name: str, text: str) -> Document:
    """Make a document as a reader gives it."""
    return Document(
        source=name,
        path=name,
        record=0,
        outlet=f"outlet of {name}",
        outlet_from="folder",
        mime="text/plain",
        payload=text,
        language="en",
    )


def cluster_ids(documents: list[Document]) -> set[tuple[str, str, int, int]]:
    """Clean documents; return the clusters' ids with their members."""
    with LocalEngine(workers=1) as engine:
        clean(documents, CONFIG, engine)
        return {
            (row["cluster_id"], row["document_id"], row["begin"], row["end"])
            for batch in engine.read("members")
            for row in batch.to_pylist()
        }


@settings(max_examples=5, derandomize=True)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_ids_depend_on_content(seed: int, chance: random.Random) -> None:
    """Neither the order of documents nor one that shares nothing changes a cluster or its id."""
    documents = make_documents(seed)
    found = cluster_ids(documents)
    assert found
    more = [*documents, make_document("unrelated", UNRELATED)]
    chance.shuffle(more)
    assert cluster_ids(more) == found
