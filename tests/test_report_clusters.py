"""Clusters in the page: headings, members in order of time, and who ran first what others ran."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from report_pages import RECORDS, read_page, read_table, run

from cleaner.report import REPORT
from cleaner.report.clusters import (
    MAX_TEXT_CHARS,
    ClusterIndex,
    Exchange,
    head_cluster,
    order_in_time,
)
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


def test_limit() -> None:
    """Of more clusters than are listed only the first are; what outlets share is counted of all."""
    clusters = [
        make_cluster(make_member("c1"), make_member("l2", EVENING), cluster_id=f"c{at}")
        for at in range(3)
    ]
    index, rows = collect(*clusters, max_clusters=2)
    assert (index.columns([0])["id"], len(rows)) == (["c0", "c1"], 2)
    assert index.exchange.describe()["shared"] == [{"from": 0, "to": 1, "words": 15, "passages": 3}]


def exchange(*clusters: tuple[str, list[dict[str, Any]]]) -> tuple[Any, Any]:
    """Return what outlets share by clusters: with a direction, and without."""
    counted = Exchange({outlet: at for at, outlet in enumerate(OUTLETS)})
    for level, members in clusters:
        counted.add(level, sorted(members, key=order_in_time))
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
    assert exchange(("sentence", members)) == (shared, undirected)


def test_later_ones_took_it_from_the_first() -> None:
    """All that came later count with the first one; an outlet takes nothing from itself."""
    members = [
        make_member("c1", NOON),
        make_member("c2", EVENING),
        make_member("l3", EVENING, text="Of four words, say."),
        make_member("s4", "2024-10-18"),
        make_member("l5", "2024-10-19"),
    ]
    shared, undirected = exchange(("sentence", members))
    assert (shared, undirected) == ([(0, 1, 9, 2), (0, 2, 5, 1)], [])


def test_copies_are_counted_once() -> None:
    """What copies of an article share is counted with the article, and not by passages again."""
    first, copy = make_member("c1", NOON), make_member("l2", EVENING)
    other = make_member("s3", "2024-10-18")
    whole = [member | {"text": "word " * 50} for member in (first, copy)]
    clusters = [("document", whole), ("sentence", [first, copy, other])]
    assert exchange(*clusters) == ([(0, 1, 50, 1), (0, 2, 5, 1)], [])
    elsewhere = [make_member("s3", "2024-10-16"), first, copy]
    assert exchange(clusters[0], ("sentence", elsewhere)) == (
        [(0, 1, 50, 1), (2, 0, 5, 1), (2, 1, 5, 1)],
        [],
    )
    assert exchange(clusters[1]) == ([(0, 1, 5, 1), (0, 2, 5, 1)], [])


def test_two_articles_with_copies() -> None:
    """Copies of different articles share their passages as any others do."""
    one = [make_member("c1", NOON), make_member("l2", EVENING)]
    two = [make_member("s3", "2024-10-18"), make_member("l4", "2024-10-19")]
    shared, _ = exchange(("document", one), ("document", two), ("sentence", [one[0], two[0]]))
    assert shared == [(0, 1, 5, 1), (0, 2, 5, 1), (2, 1, 5, 1)]


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
        ("Courier", "Standard")
    ]
