"""Clusters in the page: headings, members in order of time, and who ran first what others ran."""

from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_pages import RECORDS, read_page, read_table, run

from cleaner.passages.relations import Side, find_direction
from cleaner.report import REPORT
from cleaner.report.clusters import (
    MAX_LONG_MEMBERS,
    MAX_TEXT_CHARS,
    SHORT_CHARS,
    ClusterIndex,
    Exchange,
    head_cluster,
    order_in_time,
)
from cleaner.report.extents import Extents
from cleaner.words import find_words

OUTLETS = ["Courier", "Ledger", "Standard"]
NOON, EVENING = "2024-10-17T12:00:00Z", "2024-10-17T20:00:00Z"


def make_member(name: str, published: str | None = NOON, **values: Any) -> dict[str, Any]:
    """Make a member; its outlet begins with the letter that its name begins with."""
    outlet = next(outlet for outlet in OUTLETS if outlet[0].lower() == name[0])
    member = {
        "document_id": name,
        "outlet": outlet,
        "published": published,
        "begin": 100,
        "end": 130,
        "similarity": 1.0,
        "is_representative": name.endswith("1"),
        "text": "The same sentence stands here.",
        "before": "Before. ",
        "after": " After.",
    }
    return member | values


def make_cluster(*members: dict[str, Any], level: str = "sentence", **values: Any) -> Any:
    """Make a cluster as `describe_clusters` yields it."""
    cluster = {
        "cluster_id": "c0",
        "level": level,
        "relation": "copy" if level == "document" else "passage",
        "why": "earliest_date",
        "num_members": len(members),
        "outlets": sorted({member["outlet"] for member in members}),
        "first_published": NOON,
        "last_published": EVENING,
        "min_similarity": 0.876543,
        "median_similarity": 0.987654,
        "title": "The title",
        "members": list(members),
    }
    return cluster | values


def collect(*clusters: Any, max_clusters: int = 9) -> tuple[ClusterIndex, list[Any]]:
    """Collect clusters; documents are numbered by the order of their names."""
    names = sorted({member["document_id"] for of in clusters for member in of["members"]})
    index = ClusterIndex(OUTLETS, {name: at for at, name in enumerate(names)}, max_clusters)
    return index, [msgspec.json.decode(rows) for rows in index.collect(clusters)]


HEADINGS = [
    ("The title", "Some text", "The title"),
    (None, "one two", "one two"),
    (" \n", "one two", "one two"),
    (None, " ".join("abcdefghijklmnop"), "a b c d e f g h i j k l m n o p"),
    (None, " ".join("abcdefghijklmnopq"), "a b c d e f g h i j k l m n o p…"),
    (None, "x" * 120, "x" * 120),
    (None, "x" * 121, "x" * 119 + "…"),
    ("y" * 121, "", "y" * 119 + "…"),
    (None, "", "(no title)"),
    (None, "one\u202e", "one[U+202E]"),
]


@pytest.mark.parametrize(("title", "text", "expected"), HEADINGS)
def test_heading(title: str | None, text: str, expected: str) -> None:
    """A cluster is named by its title, else by its first words, up to a length."""
    assert head_cluster(title, text) == expected


def test_passages_have_no_title() -> None:
    """Passages are named by what they say: one article may have many of them."""
    members = (make_member("c1"), make_member("l2"))
    index, _ = collect(make_cluster(*members), make_cluster(*members, level="document"))
    assert index.columns([0])["heading"] == ["The same sentence stands here.", "The title"]


def test_time_order() -> None:
    """Members stand by date; a day without a time after its times, undated last."""
    dates = [None, "2024-10-17", "2024-10-17T23:00:00Z", "2024-10-16"]
    members = [make_member(f"c{at + 2}", published) for at, published in enumerate(dates)]
    members.append(make_member("c1", "2024-10-17"))
    assert [m["document_id"] for m in sorted(members, key=order_in_time)] == [
        "c5", "c4", "c1", "c3", "c2",
    ]  # fmt: skip


def test_members_are_rows() -> None:
    """Members come in order of time, with their place; a text that came before is a number."""
    members = [
        make_member("c1", None),
        make_member("l2", EVENING, begin=7, end=40, similarity=0.654321, text="Another sentence."),
        make_member("s3", NOON),
        make_member("l4", "2024-10-18", text="Another sentence."),
    ]
    index, (rows,) = collect(make_cluster(*members))
    same, other = "The same sentence stands here.", "Another sentence."
    around = ["Before. ", " After."]
    assert rows == [
        [3, 100, 130, 1.0, 0, same, 0, *around],
        [1, 7, 40, 0.6543, 0, other, 0, *around],
        [2, 100, 130, 1.0, 0, 1, 0, *around],
        [0, 100, 130, 1.0, 1, 0, 0, *around],
    ]
    assert index.columns([0]) == {
        "id": ["c0"], "heading": [same], "relation": ["passage"], "level": ["sentence"],
        "members": [4], "outlets": [[0, 1, 2]], "first": [NOON], "last": [EVENING],
        "minSimilarity": [0.8765], "medianSimilarity": [0.9877], "words": [5],
        "why": ["earliest_date"], "chunks": [0],
    }  # fmt: skip


def test_copies_have_nothing_around_them() -> None:
    """Of whole documents there is no text before and after."""
    _, (rows,) = collect(make_cluster(make_member("c1"), make_member("l2"), level="document"))
    assert [row[7:] for row in rows] == [["", ""], ["", ""]]


def test_long_members_are_cut() -> None:
    """A text is cut at the limit, and how much of it is hidden is told for each member."""
    long = "x" * MAX_TEXT_CHARS
    members = [make_member("c1", text=long), make_member("l2", text=long + "yz")]
    _, (rows,) = collect(make_cluster(*members))
    assert [(row[5], row[6]) for row in rows] == [(long, 0), (0, 2)]


def test_many_long_members_are_cut_short() -> None:
    """Of 250 long texts 200 are there, and the beginning of the others; a known one is a number."""
    texts = [f"{at:03} {'x' * 2 * SHORT_CHARS}" for at in range(250)]
    texts += [texts[0], texts[249], "A short text."]
    members = [
        make_member(f"c{at:03}", text=text, is_representative=at == 0)
        for at, text in enumerate(texts)
    ]
    _, (rows,) = collect(make_cluster(*members))
    shown = [(row[5], row[6]) for row in rows]
    assert shown[:MAX_LONG_MEMBERS] == [(text, 0) for text in texts[:200]]
    assert shown[MAX_LONG_MEMBERS:] == [
        *((text[:SHORT_CHARS], SHORT_CHARS + 4) for text in texts[200:250]),
        (0, 0),
        (249, SHORT_CHARS + 4),
        ("A short text.", 0),
    ]


def test_copies_of_long_members_are_not_cut() -> None:
    """Only texts of their own count: of any number of equal members the whole text is there."""
    long = "x" * 2 * SHORT_CHARS
    members = [make_member(f"c{at:03}", text=long, is_representative=at == 0) for at in range(250)]
    members.append(make_member("l999", EVENING, text=f"y{long}"))
    _, (rows,) = collect(make_cluster(*members))
    assert [(row[5], row[6]) for row in rows] == [(long, 0), *[(0, 0)] * 249, (f"y{long}", 0)]


def test_limit() -> None:
    """Of more clusters than are listed only the first are; what outlets share is counted of all."""
    clusters = [
        make_cluster(make_member("c1"), make_member("l2", EVENING), cluster_id=f"c{at}")
        for at in range(3)
    ]
    index, rows = collect(*clusters, max_clusters=2)
    assert (index.columns([0])["id"], len(rows)) == (["c0", "c1"], 2)
    assert index.exchange.describe()["shared"] == [{"from": 0, "to": 1, "words": 5, "passages": 3}]


def exchange(*clusters: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return what outlets share by clusters: with a direction, and without."""
    counted = Exchange({outlet: at for at, outlet in enumerate(OUTLETS)})
    for members in clusters:
        counted.add(sorted(members, key=order_in_time))
    found = counted.describe()
    assert set(found) == {"shared", "undirected"}
    return tuple([tuple(row.values()) for row in found[name]] for name in found)


EXCHANGES = [
    ("hours apart", [NOON, EVENING], [(0, 1, 5, 1)], []),
    ("the other way", [EVENING, NOON], [(1, 0, 5, 1)], []),
    ("days apart", ["2024-10-17", "2024-10-18"], [(0, 1, 5, 1)], []),
    ("a day and a time", ["2024-10-16", NOON], [(0, 1, 5, 1)], []),
    ("the same day", ["2024-10-17", "2024-10-17"], [], [(0, 1, 5, 1)]),
    ("a time of the same day", ["2024-10-17", NOON], [], [(0, 1, 5, 1)]),
    ("within an hour", [NOON, "2024-10-17T12:30:00Z"], [], [(0, 1, 5, 1)]),
    ("one undated", [NOON, None], [], [(0, 1, 5, 1)]),
    ("both undated", [None, None], [], [(0, 1, 5, 1)]),
]


@pytest.mark.parametrize(
    ("dates", "shared", "undirected"),
    [case[1:] for case in EXCHANGES],
    ids=[case[0] for case in EXCHANGES],
)
def test_who_was_first(dates: list[str | None], shared: Any, undirected: Any) -> None:
    """Who ran first is said where the dates tell, and otherwise only that both ran it."""
    members = [make_member(name, date) for name, date in zip(("c1", "l2"), dates, strict=True)]
    assert exchange(members) == (shared, undirected)


def test_three_outlets_are_three_pairs() -> None:
    """Each outlet counts with each one before it, by its earliest member, never with itself."""
    members = [
        make_member("c1", NOON),
        make_member("c2", EVENING),
        make_member("l3", EVENING, text="Of four words, say."),
        make_member("s4", "2024-10-18"),
        make_member("l5", "2024-10-19"),
    ]
    assert exchange(members) == ([(0, 2, 5, 1), (1, 2, 5, 1), (0, 1, 4, 1)], [])


def test_pairs_of_one_cluster_differ_in_direction() -> None:
    """Of two outlets on the same day nobody knows who was first; a third one came after both."""
    members = [make_member("c1", "2024-10-17"), make_member("l2", "2024-10-17")]
    members.append(make_member("s3", "2024-10-18"))
    assert exchange(members) == ([(0, 2, 5, 1), (1, 2, 5, 1)], [(0, 1, 5, 1)])


def test_passages_of_copies_are_counted_once() -> None:
    """What copies of an article share is counted with the article, and not by passages again."""
    first, copy = make_member("c1", NOON), make_member("l2", EVENING)
    whole = [member | {"begin": 0, "end": 300, "text": "word " * 50} for member in (first, copy)]
    other = make_member("s3", "2024-10-18")
    assert exchange(whole, [first, copy, other]) == (
        [(0, 1, 50, 2), (0, 2, 5, 1), (1, 2, 5, 1)],
        [],
    )
    elsewhere = make_member("s3", "2024-10-16")
    assert exchange(whole, [elsewhere, first, copy]) == (
        [(0, 1, 50, 2), (2, 0, 5, 1), (2, 1, 5, 1)],
        [],
    )
    assert exchange([first, copy]) == ([(0, 1, 5, 1)], [])


AGAIN = [
    ("inside", {"begin": 110, "end": 120, "text": "two words"}, 5),
    ("the same place", {}, 5),
    ("half of it", {"begin": 115, "end": 145, "text": "Of four words, say."}, 7),
    ("next to it", {"begin": 130, "end": 160}, 10),
    ("another document", {"document_id": "l9"}, 10),
]


@pytest.mark.parametrize(
    ("values", "expected"), [case[1:] for case in AGAIN], ids=[case[0] for case in AGAIN]
)
def test_overlaps_are_counted_once(values: dict[str, Any], expected: int) -> None:
    """Of a quotation inside a passage that two outlets share the words are counted once."""
    passage = [make_member("c1", NOON), make_member("l2", EVENING)]
    quotation = [passage[0], passage[1] | values]
    assert exchange(passage, quotation) == ([(0, 1, expected, 2)], [])


def test_overlaps_are_counted_for_each_pair() -> None:
    """What one outlet has from another one is new between it and a third one."""
    late = make_member("s3", "2024-10-18")
    clusters = [make_member("c1", NOON), late], [make_member("l2", EVENING), late]
    assert exchange(*clusters) == ([(0, 2, 5, 1), (1, 2, 5, 1)], [])


def test_overlaps_are_counted_once_whoever_was_first() -> None:
    """Words that are counted with a direction are not counted again without one."""
    late = make_member("l2", EVENING)
    clusters = [make_member("c1", NOON), late], [make_member("c3", "2024-10-17T19:30:00Z"), late]
    assert exchange(*clusters) == ([(0, 1, 5, 1)], [(0, 1, 0, 1)])


def test_ties_are_counted_once() -> None:
    """Where dates do not tell who was first, the order of the members does not matter."""
    sides = [make_member("c1", None), make_member("l2", None)]
    assert exchange(sides, sides[::-1]) == ([], [(0, 1, 5, 2)])


def count_slowly(*clusters: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Count what outlets share as `exchange` does, remembering all that each pair was told."""
    counted = Extents()
    found: tuple[dict[Any, list[int]], dict[Any, list[int]]] = {}, {}
    for members in clusters:
        runs: dict[str, dict[str, Any]] = {}
        for member in sorted(members, key=order_in_time):
            runs.setdefault(member["outlet"], member)
        for earlier, member in combinations(runs.values(), 2):
            pair = tuple(OUTLETS.index(row["outlet"]) for row in (earlier, member))
            sides = [Side(row["outlet"], row["published"]) for row in (earlier, member)]
            is_directed = find_direction(*sides)[0] == "left_first"
            begin, end = member["begin"], member["end"]
            both = frozenset(pair)
            num_new = counted.add((both, member["document_id"]), begin, end)
            counted.add((both, earlier["document_id"]), earlier["begin"], earlier["end"])
            key = pair if is_directed else tuple(sorted(pair))
            counts = found[not is_directed].setdefault(key, [0, 0])
            counts[0] += round(len(find_words(member["text"])) * num_new / (end - begin))
            counts[1] += 1
    return tuple(
        [(*key, *n) for key, n in sorted(of.items(), key=lambda item: (-item[1][0], item[0]))]
        for of in found
    )


DATES = [None, "2024-10-16", "2024-10-17", NOON, "2024-10-17T12:30:00Z", EVENING]
MEMBERS = st.builds(
    lambda name, published, begin, length: make_member(
        name, published, begin=begin, end=begin + length, text="word " * length
    ),
    st.sampled_from(["c1", "c2", "l1", "l2", "s1"]),
    st.sampled_from(DATES),
    st.integers(0, 12),
    st.integers(1, 9),
)


@given(st.lists(st.lists(MEMBERS, min_size=1, max_size=5), max_size=6))
def test_exchange_is_what_pairs_were_told(clusters: list[list[dict[str, Any]]]) -> None:
    """To ask only of stretches that overlap counts what every pair of outlets would."""
    assert exchange(*clusters) == count_slowly(*clusters)


def test_templates_are_not_exchanged() -> None:
    """Forms that come back are listed, but nobody has them from anybody."""
    members = (make_member("c1"), make_member("l2", EVENING))
    template = make_cluster(*members, relation="template")
    index, rows = collect(template)
    assert (index.columns([0])["relation"], len(rows)) == (["template"], 1)
    assert index.exchange.describe() == {"shared": [], "undirected": []}
    index, _ = collect(template, make_cluster(*members))
    assert index.exchange.describe()["shared"] == [{"from": 0, "to": 1, "words": 5, "passages": 1}]


def test_outlets_beyond_the_limit() -> None:
    """Of 60 outlets 50 are counted with each other, and the rest with the first one only."""
    members = [
        make_member("c1", f"2024-{1 + at // 20:02}-{1 + at % 20:02}", outlet=f"Outlet {at}")
        for at in range(60)
    ]
    counted = Exchange({member["outlet"]: at for at, member in enumerate(members)})
    counted.add(members)
    found = counted.describe()
    pairs = {(row["from"], row["to"]) for row in found["shared"]}
    assert len(found["shared"]) == len(pairs) == 50 * 49 // 2 + 10
    assert pairs == {*combinations(range(50), 2), *((0, late) for late in range(50, 60))}
    assert found["undirected"] == []


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over articles that have something of all."""
    return run(tmp_path_factory.mktemp("clusters"))


def test_members_are_places_in_documents(output: Path) -> None:
    """A passage stands in the text of its document where the page says, in code points."""
    page = read_page(output / REPORT)
    clusters, documents = page.decode("clusters"), page.decode("documents")
    texts = {row["document_id"]: row["text"] for row in read_table(output, "documents")}
    members = page.decode("members-0")
    assert [len(rows) for rows in members] == clusters["members"]
    assert clusters["level"] == ["document", "sentence", "quotation"]
    for level, words, rows in zip(clusters["level"], clusters["words"], members, strict=True):
        chosen = [row for row in rows if row[4]]
        shown = [rows[row[5]][5] if isinstance(row[5], int) else row[5] for row in rows]
        assert len(chosen) == 1
        assert words == len(find_words(shown[rows.index(chosen[0])]))
        for (number, begin, end, *_, before, after), text in zip(rows, shown, strict=True):
            whole = texts[documents["id"][number]]
            if level != "document":
                assert whole[begin:end] == text
                assert whole[:begin].endswith(before)
                assert whole[end:].startswith(after)
    assert [documents["source"][row[0]] for row in members[1]] == [
        "feed.jsonl#3", "feed.jsonl#4", "feed.jsonl#5",
    ]  # fmt: skip
    assert RECORDS[4]["date"] is None


def test_exchange_of_a_run(output: Path) -> None:
    """Outlets by name: who ran first what another one ran."""
    page = read_page(output / REPORT)
    names = [row["outlet"] for row in page.decode("overview")["outlets"]]
    found = page.decode("outlets")
    assert [(names[r["from"]], names[r["to"]], r["passages"]) for r in found["shared"]] == [
        ("Courier", "Ledger", 1), ("Standard", "Ledger", 1), ("Standard", "Zeta", 1),
    ]  # fmt: skip
    assert [(names[r["left"]], names[r["right"]]) for r in found["undirected"]] == [
        ("Courier", "Ledger"), ("Courier", "Standard"),
    ]  # fmt: skip
