"""Comparing two runs: exactly the characters whose fate differs, and the causes that can be why."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.comparison.causes import JUDGING, READING, Attribution, Cause, Fate
from cleaner.comparison.clusters import compare_clusters
from cleaner.comparison.fates import CommonText, Fates, Vocabulary, find_fate_changes
from cleaner.comparison.manifests import (
    FileState,
    Input,
    Manifest,
    compare_manifests,
    list_changed_files,
)
from cleaner.comparison.texts import compare_texts, find_place_a, list_common
from cleaner.config import Config

UNIQUE, FULL, ORIGINALS = 1, 2, 4
EVERYWHERE = UNIQUE | FULL | ORIGINALS

# Fates.

Char = tuple[bool, int]
"""The fate of one character: whether it is kept, and a code for everything else."""
chars = st.lists(st.tuples(st.booleans(), st.integers(0, 2)), max_size=12)


def cut_spans(text: list[Char], cuts: list[bool]) -> Fates:
    """Make a ledger of the fates of characters; it is also cut where nothing changes."""
    begins = [
        at
        for at, char in enumerate(text)
        if at == 0 or char != text[at - 1] or (at < len(cuts) and cuts[at])
    ]
    return Fates(
        np.array(begins, np.int64),
        np.array([text[at][0] for at in begins], bool),
        np.array([[text[at][1] for at in begins]], np.int32),
    )


@given(chars, chars, st.data())
def test_finds_exactly_the_characters_whose_fate_differs(
    a: list[Char], b: list[Char], data: st.DataObject
) -> None:
    """Changes are what a look at each character finds, wherever the ledgers are cut."""
    cuts = st.lists(st.booleans(), max_size=12)
    ledgers = cut_spans(a, data.draw(cuts)), cut_spans(b, data.draw(cuts))
    stretches = []
    for _ in range(data.draw(st.integers(0, 3))):
        begin_a = data.draw(st.integers(0, len(a)))
        begin_b = data.draw(st.integers(0, len(b)))
        room = min(len(a) - begin_a, len(b) - begin_b)
        if room:
            stretches.append((begin_a, begin_b, data.draw(st.integers(1, room))))
    columns = np.array(stretches, np.int64).reshape(-1, 3)
    found = find_fate_changes(*ledgers, CommonText(*columns.T))
    marked = set()
    for at in range(len(found.stretch)):
        stretch, begin, end = (int(v[at]) for v in (found.stretch, found.begin, found.end))
        assert 0 <= begin < end <= stretches[stretch][2]
        here = {(stretch, place) for place in range(begin, end)}
        assert not here & marked
        marked |= here
        begin_a, begin_b, _ = stretches[stretch]
        fates = {(a[begin_a + p], b[begin_b + p]) for p in range(begin, end)}
        assert len(fates) == 1  # One change is one fate before and one after.
        (before, after) = fates.pop()
        span_a, span_b = int(found.span_a[at]), int(found.span_b[at])
        assert before == (ledgers[0].is_kept[span_a], ledgers[0].verdict[0, span_a])
        assert after == (ledgers[1].is_kept[span_b], ledgers[1].verdict[0, span_b])
    expected = {
        (stretch, place)
        for stretch, (begin_a, begin_b, length) in enumerate(stretches)
        for place in range(length)
        if is_other_fate(a[begin_a + place], b[begin_b + place])
    }
    assert marked == expected


def is_other_fate(before: Char, after: Char) -> bool:
    """Tell the same of two characters, in other words."""
    return not (before[0] and after[0]) and before != after


@given(chars, st.lists(st.booleans(), max_size=12), st.lists(st.booleans(), max_size=12))
def test_cuts_say_nothing(text: list[Char], one: list[bool], other: list[bool]) -> None:
    """Two ledgers that say the same have no change between them, however they are cut."""
    whole = np.array([[0, 0, len(text)]] if text else [], np.int64).reshape(-1, 3)
    found = find_fate_changes(cut_spans(text, one), cut_spans(text, other), CommonText(*whole.T))
    assert len(found.stretch) == 0


def test_neighbours_with_one_fate_are_one_change() -> None:
    """A change is as long as it can be: a ledger that is cut in it does not cut it."""
    kept, removed = [(True, 0)] * 9, [(True, 0)] * 2 + [(False, 1)] * 5 + [(True, 0)] * 2
    ledgers = cut_spans(kept, [True] * 9), cut_spans(removed, [True] * 9)
    found = find_fate_changes(*ledgers, CommonText(*np.array([[0], [0], [9]], np.int64)))
    assert (found.begin.tolist(), found.end.tolist()) == ([2], [7])


def test_words_have_one_number_in_both_runs() -> None:
    """A word of two columns has one code, whatever its place in each; null is a word too."""
    vocabulary = Vocabulary()
    one = vocabulary.encode(["x", None], np.array([0, 1, 0]))
    other = vocabulary.encode([None, "y", "x"], np.array([2, 1, 0]))
    assert [vocabulary.words[code] for code in [*one, *other]] == ["x", None, "x", "x", "y", None]
    assert one[0] == other[0]


# Texts.

lines = st.lists(st.sampled_from(["a b\n", "c\n", "d e f\n", "\n", "g", "雨雪"]), max_size=9).map(
    "".join
)


@given(lines, lines)
def test_texts_are_the_same_around_changes(text_a: str, text_b: str) -> None:
    """What is between changes is the same in both, and the changes are all there is beside it."""
    changes = compare_texts(text_a, text_b)
    assert (changes == ()) == (text_a == text_b)
    covered_a, covered_b = [], []
    for begin_a, begin_b, length in list_common(changes, len(text_a), len(text_b)):
        assert text_a[begin_a : begin_a + length] == text_b[begin_b : begin_b + length]
        covered_a += range(begin_a, begin_a + length)
        covered_b += range(begin_b, begin_b + length)
        for place in range(length):
            assert find_place_a(changes, begin_b + place) == begin_a + place
    for change in changes:
        covered_a += range(change.begin_a, change.end_a)
        covered_b += range(change.begin_b, change.end_b)
        parts = text_a[change.begin_a : change.end_a], text_b[change.begin_b : change.end_b]
        assert parts[0] != parts[1]
    assert sorted(covered_a) == [*range(len(text_a))]
    assert sorted(covered_b) == [*range(len(text_b))]


@pytest.mark.parametrize(
    ("text_a", "text_b", "shown"),
    [
        ("one storm more", "one rain more", [("storm", "rain")]),
        ("one stork more", "one storm more", [("stork", "storm")]),
        ("one more", "one new more", [("", "new ")]),
        ("天気は雨です", "天気は雪です", [("天気は雨です", "天気は雪です")]),
        ("雨" * 99, "雨" * 50 + "雪" + "雨" * 49, [("", "雪")]),
        ("", "new", [("", "new")]),
        ("a\nb\nc\nd", "a1\nb\nc\nd1", [("a", "a1"), ("d", "d1")]),
        ("a\nb\nc\n", "b\nnew\nc\n", [("a\n", ""), ("", "new\n")]),
        ("a\nb\nc\n", "c\na\nb\n", [("", "c\n"), ("c\n", "")]),
    ],
)
def test_changes_of_text(text_a: str, text_b: str, shown: list[tuple[str, str]]) -> None:
    """Each change stands alone; a word that differs in part is whole, where there are spaces."""
    found = [
        (text_a[change.begin_a : change.end_a], text_b[change.begin_b : change.end_b])
        for change in compare_texts(text_a, text_b)
    ]
    assert found == shown


# Clusters.


def cluster(name: str, *members: tuple[str, int, int], **facts: Any) -> dict[str, Any]:
    """Make a row of `clusters.jsonl`; the first member is the representative."""
    return {
        "cluster_id": name,
        "level": "sentence",
        "relation": "passage",
        "representative": members[0][0],
        "title": None,
        "text": f"text of {name}",
        "members": [
            {"document_id": document, "source": f"{document}.txt", "begin": begin, "end": end,
             "is_representative": at == 0}
            for at, (document, begin, end) in enumerate(members)
        ],
    } | facts  # fmt: skip


def compare(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare clusters whose documents are called the same, by the ids of both."""

    def place(member: Any) -> tuple[int, int, int]:
        return int(member["document_id"][1:]), member["begin"], member["end"]

    found = compare_clusters(lambda: iter(a), lambda: iter(b), place, place)
    return {f"{change.cluster_a} {change.cluster_b}": change for change in found}


def test_clusters() -> None:
    """A cluster is paired with the one that it shares most with; what is left came or went."""
    a = [
        cluster("same", ("d1", 0, 9), ("d2", 0, 9)),
        cluster("large", ("d1", 10, 20), ("d2", 10, 20), ("d3", 10, 20), ("d4", 0, 9)),
        cluster("gone", ("d5", 0, 9), ("d6", 0, 9)),
        cluster("turned", ("d7", 0, 9), ("d8", 0, 9)),
        cluster("copied", ("d10", 0, 9), ("d11", 0, 9)),
    ]
    b = [
        cluster("same", ("d1", 0, 9), ("d2", 0, 9)),
        cluster("part", ("d1", 10, 20), ("d4", 0, 9)),
        cluster("rest", ("d2", 12, 20), ("d3", 12, 20), ("d9", 0, 9), ("d2", 90, 99)),
        cluster("new", ("d5", 50, 60), ("d6", 50, 60)),
        cluster("turned", ("d8", 0, 9), ("d7", 0, 9), relation="wire"),
        cluster("copied", ("d10", 0, 9), ("d11", 0, 9), ("d12", 0, 9)),
    ]
    found = compare(a, b)
    assert {name: change.changes for name, change in found.items()} == {
        "large part": ("members",),
        "None rest": ("added",),
        "gone None": ("removed",),
        "None new": ("added",),
        "turned turned": ("representative", "relation"),
        "copied copied": ("members",),
    }
    assert found["large part"].members_removed == ("d2.txt", "d3.txt")
    assert found["turned turned"].representative_b == "d8.txt"
    b[1] = cluster("part", ("d1", 10, 20), ("d4", 50, 59))
    assert "large rest" in compare(a, b)
    assert compare(a, b)["large rest"].members_added == ("d2.txt", "d9.txt")


def test_extents_and_levels() -> None:
    """The same documents with other limits are a change of extents; levels are never mixed."""
    a = [cluster("a", ("d1", 0, 9), ("d2", 0, 9)), cluster("q", ("d3", 0, 9), ("d4", 0, 9))]
    b = [
        cluster("b", ("d1", 0, 19), ("d2", 0, 19)),
        cluster("r", ("d3", 0, 9), ("d4", 0, 9), level="quotation"),
    ]
    found = compare(a, b)
    assert {name: change.changes for name, change in found.items()} == {
        "a b": ("extents",),
        "q None": ("removed",),
        "None r": ("added",),
    }
    renamed = [cluster("z", ("d1", 0, 9), ("d2", 0, 9)), a[1]]
    assert compare(a, renamed) == {}  # Another id alone, as of a document that was moved.


def test_many_clusters_of_one_document() -> None:
    """A document in ten thousand clusters is not compared cluster by cluster."""
    sides = [
        [
            cluster(f"{side}{at}", ("d1", 10 * at, 10 * at + 9), (f"d{at + 2 + shift}", 0, 9))
            for at in random.Random(1).sample(range(10_000), 10_000)
        ]
        for side, shift in (("a", 0), ("b", 20_000))
    ]
    begin = time.process_time()
    found = compare(*sides)
    assert len(found) == 10_000
    assert all(a[1:] == b[1:] for a, b in map(str.split, found))
    assert time.process_time() - begin < 5


# Manifests.


def manifest(*inputs: tuple[str, str | None], **changes: Any) -> Manifest:
    """Make a manifest; sections of the configuration are given by name."""
    sections = {name: changes.pop(name) for name in [*changes] if hasattr(Config(), name)}
    facts = {
        "version": "1",
        "python": "3",
        "libraries": {"lxml": "5"},
        "configuration": to_values(Config().replace(**sections)),
        "inputs": tuple(Input(*file) for file in inputs),
        "cue_files": {
            name: FileState(name) for name in sections.get("boilerplate", {}).get("cue_files", ())
        },
        "outputs": {},
    }
    return Manifest(**(facts | changes))


def to_values(config: Config) -> dict[str, dict[str, Any]]:
    """Return a configuration as a manifest has it."""
    import msgspec

    values: dict[str, dict[str, Any]] = msgspec.to_builtins(config)
    return values


def test_inputs_are_compared_by_label_and_checksum() -> None:
    """An input came, went, changed, has another name, or nobody knows."""
    a = manifest(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("stdin", None), ("e", "5"))
    b = manifest(("a", "1"), ("b", "9"), ("x/c", "3"), ("n", "8"), ("stdin", None), ("e", None))
    found = {
        change.label: (change.change, change.label_a) for change in compare_manifests(a, b).inputs
    }
    assert found == {
        "b": ("changed", "b"),
        "x/c": ("renamed", "c"),
        "d": ("removed", "d"),
        "n": ("added", None),
        "stdin": ("unknown", "stdin"),
        "e": ("unknown", "e"),
    }


def test_configuration_is_compared_by_key() -> None:
    """Keys have both values; what only concerns files beside the tables decides nothing."""
    a = manifest(resolve={"copies": "keep"}, match={"verdicts": "one"}, verdicts=FileState("1"))
    b = manifest(output={"format": "txt"}, match={"verdicts": "two"}, verdicts=FileState("1"))
    found = compare_manifests(a, b)
    assert {d.name: (d.a, d.b) for d in found.configuration} == {
        "match.verdicts": ("one", "two"),
        "output.format": ("jsonl", "txt"),
        "resolve.copies": ("keep", "drop"),
    }
    assert found.decisive_keys == ("resolve.copies",)
    c = manifest(match={"verdicts": "one"}, verdicts=FileState("2"), learned=FileState("3"))
    assert compare_manifests(a, c).decisive_keys == (
        "boilerplate.learned",
        "match.verdicts",
        "resolve.copies",
    )
    assert compare_manifests(a, manifest(version="2", libraries={})).version_names == (
        "cleaner",
        "libraries",
    )


def test_changed_files() -> None:
    """Only files that both runs wrote are compared by their bytes."""
    a = manifest(outputs={"x": FileState("1"), "y": FileState("2"), "only": FileState("3")})
    b = manifest(outputs={"x": FileState("1"), "y": FileState("9")})
    assert list_changed_files(a, b) == ("y",)


# Causes.


def fate(
    rule: str, views: int = 0, *, kind: str = "share", reason: str = "r", own: bool = False
) -> Fate:
    """Make the fate of a stretch in the view `unique`."""
    return Fate(bool(views & UNIQUE), kind, reason, rule, views, own)


def attribute(a: Manifest, b: Manifest) -> Attribution:
    """Compare two manifests and ask for causes."""
    return Attribution(a, b, compare_manifests(a, b))


KEPT = fate("no_rule_hit", EVERYWHERE, kind="main")
COPY = fate("resolve.passage", FULL, kind="duplicate", reason="repeated_passage")
OWN_COPY = fate("resolve.self", FULL, kind="duplicate", reason="repeated_passage", own=True)
QUOTE = fate("resolve.quote", FULL, kind="duplicate", reason="repeated_quote", own=True)
TRUNCATED = fate("resolve.truncated", kind="truncated")
CUE = fate("en.share.mine")
DISABLED = {"disabled_rules": ["en.share", "only_a_date"]}


@pytest.mark.parametrize(
    ("before", "after", "a", "b", "expected"),
    [
        (fate("en.share.x"), KEPT, {}, {"boilerplate": DISABLED}, "boilerplate.disabled_rules"),
        (KEPT, fate("only_a_date"), {"boilerplate": DISABLED}, {}, "boilerplate.disabled_rules"),
        (fate("en.shared.x"), KEPT, {}, {"boilerplate": DISABLED}, None),
        (KEPT, fate("en.share.x"), {}, {"boilerplate": DISABLED}, None),
        (COPY, KEPT, {}, {"resolve": {"passages": "keep"}}, "resolve.passages"),
        (KEPT, COPY, {}, {"resolve": {"passages": "keep"}}, None),
        (COPY, KEPT, {}, {"resolve": {"copies": "keep"}}, None),
        (OWN_COPY, KEPT, {}, {"resolve": {"same_outlet": "keep"}}, "resolve.same_outlet"),
        (COPY, KEPT, {}, {"resolve": {"same_outlet": "keep"}}, None),
        (OWN_COPY, KEPT, {"resolve": {"passages": "keep", "same_outlet": "drop"}},
         {"resolve": {"passages": "keep"}}, "resolve.same_outlet"),
        (QUOTE, KEPT, {"resolve": {"quotes": "cut"}}, {}, "resolve.quotes"),
        (QUOTE, KEPT, {}, {"resolve": {"same_outlet": "keep"}}, None),
        (TRUNCATED, KEPT, {"resolve": {"truncated": "drop"}}, {}, "resolve.truncated"),
        (CUE, KEPT, {"boilerplate": {"cue_files": ["x"]}}, {}, "boilerplate.cue_files"),
        (CUE, KEPT, {"boilerplate": {"cue_files": ["x"]}}, {"version": "2"}, None),
        (CUE, KEPT, {"boilerplate": {"cue_files": ["x", "y"]}},
         {"boilerplate": {"cue_files": ["x"]}}, None),
        (fate("verdicts"), KEPT, {"verdicts": FileState("1")}, {}, "match.verdicts"),
        (COPY, fate("resolve.passage", FULL | UNIQUE, kind="duplicate", reason="repeated_passage"),
         {}, {"output": {"view": "full"}}, "output.view"),
        (fate("en.share.x"), KEPT, {}, {"output": {"view": "full"}}, None),
    ],
)  # fmt: skip
def test_certain_causes(
    before: Fate, after: Fate, a: dict[str, Any], b: dict[str, Any], expected: str | None
) -> None:
    """A key is certain where it is enough, on the side where it is, and nowhere else."""
    causes = attribute(manifest(**a), manifest(**b)).explain_fate(before, after, "", others=False)
    assert [cause.name for cause in causes if cause.is_certain] == ([expected] if expected else [])


def test_candidates_follow_the_stages() -> None:
    """What is resolved depends on all before; what is boilerplate not on how it is resolved."""
    asked = attribute(
        manifest(("a", "1")),
        manifest(
            ("a", "2"),
            python="4",
            read={"encoding": "utf-8"},
            boilerplate={"min_outlet_documents": 9},
            resolve={"representative": "smallest_id"},
            output={"stubs": True},
        ),
    )
    keys = ["boilerplate.min_outlet_documents", "read.encoding", "resolve.representative"]

    def names(causes: tuple[Cause, ...]) -> list[str]:
        assert not any(cause.is_certain for cause in causes)
        return [cause.name or cause.cause for cause in causes]

    for before, after, expected in (
        (COPY, KEPT, keys),
        (fate("en.share.x"), KEPT, keys[:2]),
        (fate("en.share.x"), fate("en.share.y"), keys[:2]),
    ):
        found = asked.explain_fate(before, after, "a", others=True)
        assert names(found) == ["a", "other_inputs", *expected, "python"]
    assert names(asked.list_candidates(READING, "", others=False)) == ["read.encoding", "python"]
    assert names(asked.explain_own("a", is_content=True, others=False)) == [
        "a",
        "read.encoding",
        "python",
    ]


def test_own_input_is_enough() -> None:
    """A document that was read as another one from a changed file needs no other explanation."""
    b = manifest(("a", "2"), ("s", None), version="2", resolve={"copies": "keep"})
    asked = attribute(manifest(("a", "1"), ("s", None)), b)
    certain = (Cause("input", "a", is_certain=True),)
    assert asked.explain_own("a", is_content=True, others=True) == certain
    assert Cause("input", "a") not in asked.explain_own("a", is_content=False, others=False)
    assert Cause("input", "s") in asked.explain_own("s", is_content=True, others=False)


@pytest.mark.parametrize(
    ("path", "record", "expected"), [("a", 0, False), ("a", 3, True), ("b", 0, True)]
)
def test_other_inputs(path: str, record: int, expected: bool) -> None:
    """Other inputs are other files, and other records of the document's own file."""
    asked = attribute(manifest(("a", "1"), ("b", "1")), manifest(("a", "2"), ("b", "1")))
    assert asked.depends_on_others(path, record) is expected


def test_nothing_differs() -> None:
    """Where manifests say the same there is no cause; a file that held something else is one."""
    asked = attribute(manifest(), manifest())
    assert asked.explain_fate(CUE, KEPT, "", others=False) == ()
    cues = {"boilerplate": {"cue_files": ["x"]}}
    assert (
        attribute(manifest(**cues), manifest(**cues)).list_candidates(JUDGING, "", others=False)
        == ()
    )
    asked = attribute(manifest(**cues), manifest(**cues, cue_files={"x": FileState("other")}))
    (cause,) = asked.list_candidates(JUDGING, "", others=False)
    assert (cause.name, cause.is_certain) == ("boilerplate.cue_files", False)
    assert asked.list_candidates(READING, "", others=False) == ()
