"""What a run did, in sentences and figures that add up to what lies in its tables."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from report_pages import read_page, read_table, run

from cleaner.alarms import Alarm
from cleaner.model import DUPLICATE, TRUNCATED, VIEWS
from cleaner.quality.verdicts import Precision
from cleaner.report import REPORT, wording
from cleaner.report.overview import (
    describe_overview,
    describe_rejections,
    list_document_steps,
    list_kinds,
    list_relations,
    list_word_steps,
    state_run,
)
from cleaner.results import OutletResult, RunResult
from cleaner.words import find_words

VIEW = "The corpus holds the unique view (one copy of everything repeated)."


def make_outlet(name: str = "outlet a", **values: Any) -> OutletResult:
    """Make what became of an outlet."""
    fields: dict[str, Any] = {
        "outlet": name,
        "num_documents": 1200,
        "num_kept_documents": 900,
        "num_without_main": 100,
        "num_chars": 60_000,
        "num_kept_chars": 36_000,
        "num_words": 10_000,
        "num_kept_words": 6_000,
        "removed": {"duplicate": 15_000, "related": 6_000, "share": 2_900, "whitespace": 100},
        "removed_words": {"duplicate": 2_500, "related": 1_000, "share": 500, "whitespace": 0},
    }
    return OutletResult(**fields | values)


def make_result(*outlets: OutletResult, **values: Any) -> RunResult:
    """Make what a run found."""
    folder = Path("/home/someone/out")
    fields: dict[str, Any] = {
        "output": folder,
        "corpus": folder / "corpus.jsonl",
        "report": folder / REPORT,
        "view": "unique",
        "outlets": outlets,
        "kinds": {},
        "rejected": {},
        "clusters": {},
        "num_matches": 0,
        "num_refused": 0,
        "num_skipped_pairs": 0,
        "num_skipped_seeds": 0,
    }
    return RunResult(**fields | values)


def test_statement() -> None:
    """The first paragraph gives documents, words, clusters, pairs and the view."""
    result = make_result(make_outlet(), clusters={"copy": 2, "quote": 1}, num_matches=1)
    assert state_run(result) == [
        "The run read 1,200 documents with text from 1 outlet; 900 (75.0%) still have text in the "
        "corpus.",
        "Of 10,000 words it kept 6,000 (60.0%). 1,500 (15.0%) were no part of an article, and "
        "2,500 (25.0%) stand in another document.",
        "Repeated text forms 3 clusters; 1 pair of passages or documents was verified and "
        "accepted.",
        VIEW,
    ]


@pytest.mark.parametrize(
    ("rejected", "expected"),
    [
        ({}, ""),
        ({"no_text": 1}, " 1 input was set aside."),
        ({"no_text": 2, "broken_json": 1}, " 3 inputs were set aside."),
    ],
)
def test_nothing_found(rejected: dict[str, int], expected: str) -> None:
    """A run without a document says so, and how many inputs were set aside."""
    first = "The run found no document with text, so the corpus is empty."
    assert state_run(make_result(rejected=rejected)) == [first + expected]


@pytest.mark.parametrize(
    ("num_skipped", "expected"),
    [
        (0, VIEW),
        (1, "1 pair of very common passages was not compared, so some repetition may remain."),
        (2, "2 pairs of very common passages were not compared, so some repetition may remain."),
    ],
)
def test_skipped_pairs(num_skipped: int, expected: str) -> None:
    """Pairs that were not compared are owned up to."""
    assert state_run(make_result(make_outlet(), num_skipped_pairs=num_skipped))[-1] == expected


@pytest.mark.parametrize(
    ("truncated", "num_dropped", "expected"),
    [
        ({}, 0, VIEW),
        (
            {"feed": 1},
            0,
            "1 document holds only the beginning of its article, cut short by a feed; it is marked "
            "where the corpus has it.",
        ),
        (
            {"paywall": 3, "unknown": 1},
            4,
            "4 documents hold only the beginning of their articles, cut short (3 by a paywall, 1 "
            "by something unknown); they are left out of the corpus.",
        ),
        (
            {"feed": 3},
            2,
            "3 documents hold only the beginning of their articles, cut short by a feed; 2 of them "
            "left out of the corpus, the others marked.",
        ),
    ],
)
def test_truncated(truncated: dict[str, int], num_dropped: int, expected: str) -> None:
    """Articles that were cut short are counted, and it is said what became of them."""
    result = make_result(make_outlet(), truncated=truncated, num_dropped_truncated=num_dropped)
    assert state_run(result)[-1] == expected
    labels = [step["label"] for step in list_document_steps(result)]
    assert ("Not cut short" in labels) == (num_dropped > 0)


def test_truncated_words() -> None:
    """Words of articles that were left out are a step of their own, and no boilerplate."""
    removed = {"share": 1000, DUPLICATE: 2500, TRUNCATED: 500}
    result = make_result(make_outlet(removed=removed, removed_words=removed))
    assert [tuple(step.values()) for step in list_word_steps(result)] == [
        ("Words of text", 10_000, ""),
        ("Without boilerplate", 9_000, "boilerplate"),
        ("Not cut short", 8_500, "of articles of which only a part is there"),
        ("In the corpus", 6_000, "repeated elsewhere"),
    ]
    assert "1,000 (10.0%) were no part of an article" in state_run(result)[1]


def test_document_steps() -> None:
    """The funnel begins with all inputs; every step that loses some says why."""
    steps = list_document_steps(make_result(make_outlet(), rejected={"no_text": 300}))
    assert [tuple(step.values()) for step in steps] == [
        ("Inputs found", 1500, ""),
        ("With text", 1200, "set aside"),
        ("With main content", 1100, "with nothing but boilerplate"),
        ("In the corpus", 900, "with no text of their own left"),
    ]
    dropped = make_result(make_outlet(), num_dropped_truncated=200)
    assert [tuple(step.values()) for step in list_document_steps(dropped)[2:]] == [
        ("With main content", 1100, "with nothing but boilerplate"),
        ("Not cut short", 900, "of which only a part is there"),
        ("In the corpus", 900, ""),
    ]
    assert [step["lost"] for step in list_document_steps(make_result())] == ["", "", "", ""]


def test_kinds() -> None:
    """Kinds stand by their words, those without words by their characters."""
    outlets = [make_outlet(), make_outlet("outlet b", removed_words={"share": 700, "legal": 0},
                                          removed={"share": 1, "legal": 101})]  # fmt: skip
    rows = list_kinds(make_result(*outlets, kinds={"share": 7, "legal": 2}))
    assert [tuple(row.values()) for row in rows] == [
        ("duplicate", 2500, 15_000, 0),
        ("share", 1200, 2901, 7),
        ("related", 1000, 6000, 0),
        ("legal", 0, 101, 2),
        ("whitespace", 0, 100, 0),
    ]


def test_relations() -> None:
    """Clusters are counted by relation in the order of the page; unknown ones come last."""
    found = list_relations({"odd": 1, "quote": 2, "alike": 1, "copy": 3, "self": 0})
    assert [tuple(row.values()) for row in found] == [
        ("copy", 3), ("quote", 2), ("alike", 1), ("odd", 1),
    ]  # fmt: skip
    assert [row["relation"] for row in list_relations(dict.fromkeys(wording.RELATIONS, 1))] == [
        *wording.RELATIONS
    ]


def test_rejections() -> None:
    """Details of what was set aside are shown on one line, up to a length."""
    row = {"source": "a", "reason": "broken_json", "detail": f"one\ntwo {'x' * 500}"}
    (shown,) = describe_rejections([row])
    assert shown == row | {"detail": f"one two {'x' * 391}…"}
    assert len(shown["detail"]) == 400


def test_quality_and_alarms() -> None:
    """What was judged and what looks wrong is passed on; nothing is made of nothing."""
    alarm = Alarm("lost_text", "outlet a", None, 0.9, 0.2, "It lost nearly all.")
    precision = Precision(judged=40, same=38, value=0.95, low=0.83, high=0.99)
    found = describe_overview(make_result(make_outlet(), alarms=(alarm,), precision=precision))
    assert found["alarms"] == [
        {"outlet": "outlet a", "kind": "lost_text", "sentence": "It lost nearly all."}
    ]
    assert found["precision"] == {
        "value": 0.95, "low": 0.83, "high": 0.99, "judged": 40, "same": 38,
    }  # fmt: skip
    assert describe_overview(make_result())["precision"] is None


@pytest.fixture(scope="module", params=VIEWS)
def output(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A run over articles that have something of all, for each view."""
    return run(tmp_path_factory.mktemp(request.param), output={"view": request.param})


@pytest.fixture(scope="module")
def overview(output: Path) -> Any:
    """Its overview, as the page has it."""
    return read_page(output / REPORT).decode("overview")


def count_words(output: Path) -> dict[str, dict[str, Counter[Any]]]:
    """Count words and characters of every outlet by kind and by whether they are kept."""
    documents = {row["document_id"]: row for row in read_table(output, "documents")}
    found: dict[str, dict[str, Counter[Any]]] = {}
    for span in read_table(output, "ledger"):
        document = documents[span["document_id"]]
        counts = found.setdefault(document["outlet"], {"words": Counter(), "chars": Counter()})
        key = (span["kind"], span["kept"])
        counts["chars"][key] += span["end"] - span["begin"]
        begins = [begin for begin, _ in find_words(document["text"])]
        counts["words"][key] += sum(span["begin"] <= at < span["end"] for at in begins)
    return found


def test_outlets_are_those_of_the_tables(output: Path, overview: Any) -> None:
    """Words, characters and documents of each outlet are what the tables of the run come to."""
    documents = read_table(output, "documents")
    ledger = read_table(output, "ledger")
    kept = {row["document_id"] for row in ledger if row["kept"]}
    main = {row["document_id"] for row in ledger if row["full"]}
    assert {kind["kind"] for kind in overview["kinds"]} <= set(overview["wording"]["kinds"])
    counted = count_words(output)
    assert [row["outlet"] for row in overview["outlets"]] == sorted(counted)
    for row in overview["outlets"]:
        counts = counted[row["outlet"]]
        own = {d["document_id"] for d in documents if d["outlet"] == row["outlet"]}
        assert row == {
            "outlet": row["outlet"],
            "documents": len(own),
            "keptDocuments": len(own & kept),
            "withoutMain": len(own - main),
            "words": counts["words"].total(),
            "keptWords": sum(n for (_, is_kept), n in counts["words"].items() if is_kept),
            "chars": counts["chars"].total(),
            "keptChars": sum(n for (_, is_kept), n in counts["chars"].items() if is_kept),
            "removed": {kind: n for (kind, is_kept), n in counts["words"].items() if not is_kept},
        }


def test_figures_add_up(output: Path, overview: Any) -> None:
    """Steps end where the corpus begins, and kinds and outlets come to the same sums."""
    outlets, kinds = overview["outlets"], overview["kinds"]
    words, documents = overview["wordSteps"], overview["documentSteps"]
    assert words[0]["count"] == sum(row["words"] for row in outlets)
    assert words[-1]["count"] == sum(row["keptWords"] for row in outlets)
    assert words[0]["count"] - words[-1]["count"] == sum(row["words"] for row in kinds)
    assert documents[-1]["count"] == sum(row["keptDocuments"] for row in outlets)
    assert documents[0]["count"] == overview["numDocuments"] + len(overview["rejections"])
    assert sum(row["chars"] for row in kinds) == sum(
        row["chars"] - row["keptChars"] for row in outlets
    )
    lost = Counter(
        kind
        for _, kind in {
            (row["document_id"], row["kind"])
            for row in read_table(output, "ledger")
            if not row["kept"]
        }
    )
    assert {row["kind"]: row["documents"] for row in kinds} == lost
    matches = read_table(output, "matches")
    assert overview["numPairs"] == len(matches)
    assert overview["numAcceptedPairs"] == sum(row["accepted"] for row in matches)
    assert sum(row["count"] for row in overview["clusters"]) == overview["numClusters"] == 3
