"""Pairs in the page that a person should judge: their lines are what `clean run` reads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from report_pages import Page, read_page, read_table, run

from cleaner.quality.judging import Pair, describe_pairs
from cleaner.quality.verdicts import Side, read_verdicts
from cleaner.report import REPORT
from cleaner.report.judging import _MAX_SIDE_CHARS, describe_judging


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over articles that have something of all."""
    return run(tmp_path_factory.mktemp("judging"))


@pytest.fixture(scope="module")
def page(output: Path) -> Page:
    """Its page."""
    return read_page(output / REPORT)


def write_verdicts(path: Path, judging: Any, verdicts: Mapping[str, str]) -> Path:
    """Write what was judged of the sample in the page, by relation, as the page does it."""
    lines = [judging["header"]] + [
        {"verdict": verdicts.get(pair["relation"], "same")} | pair["line"]
        for pair in judging["pairs"]
        if pair["why"] == "sample"
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def test_lines_are_verdicts(output: Path, page: Page, tmp_path: Path) -> None:
    """The line of a pair with a verdict is read as a verdict on the match it comes from."""
    judging = page.decode("judging")
    found = read_verdicts(write_verdicts(tmp_path / "v.jsonl", judging, {}))
    assert found is not None
    assert len(found.lines) == judging["numAccepted"] == 4
    assert {pair["why"] for pair in judging["pairs"]} == {"sample"}
    matches = read_table(output, "matches")
    expected = [next(describe_pairs(output, [row], "sample")).judge("same") for row in matches]
    assert sorted(found.lines, key=lambda line: line.pair) == sorted(
        expected, key=lambda line: line.pair
    )


def test_verdicts_are_applied(page: Page, tmp_path: Path) -> None:
    """A run that is given what was judged in the page applies it."""
    verdicts = write_verdicts(
        tmp_path / "v.jsonl",
        page.decode("judging"),
        {"passage": "different", "quote": "boilerplate"},
    )
    folder = run(tmp_path, match={"verdicts": str(verdicts)})
    counts = json.loads((folder / "manifest.json").read_text())["verdicts"]["counts"]
    assert counts == {"applied": 4}
    assert {row["relation"] for row in read_table(folder, "matches") if row["accepted"]} == {"copy"}
    curve = read_page(folder / REPORT).decode("threshold")["curve"]
    assert {(row["pairs"], row["words"], row["clusters"]) for row in curve[:-10]} == {(3, 84, 1)}


def test_sides_are_passages(output: Path, page: Page) -> None:
    """What is shown of a side is the passage of its line, with what stands around it."""
    index = page.decode("documents")
    texts = {row["document_id"]: row["text"] for row in read_table(output, "documents")}
    rows = {row["score"]: row for row in read_table(output, "matches")}
    for pair in page.decode("judging")["pairs"]:
        row = next(row for score, row in rows.items() if round(score, 6) == pair["score"])
        assert (pair["relation"], pair["level"]) == (row["relation"], row["level"])
        assert pair["isAccepted"] is row["accepted"]
        assert (pair["evidence"], pair["differs"]) == (row["evidence"], row["differs"])
        for side in ("left", "right"):
            shown, line = pair[side], pair["line"][side]
            text = texts[line["document"]]
            assert index["id"][shown["document"]] == line["document"]
            assert text[line["begin"] : line["end"]] == shown["text"]
            assert text[: line["begin"]].endswith(shown["before"])
            assert text[line["end"] :].startswith(shown["after"])


def make_pair(why: str, number: int = 0, text: str = "text", right: str = "b") -> Pair:
    """Make a pair of two documents."""
    sides = tuple(
        Side(document=name, source=name, begin=number, end=number + 9, words=2, digest="0" * 16)
        for name in ("a", right)
    )
    match = {
        **{"left_document": "a", "left_begin": number, "left_end": number + 9},
        **{"right_document": right, "right_begin": number, "right_end": number + 9},
        **{"relation": "passage", "level": "sentence", "score": 0.61239, "accepted": True},
        **{"differs": None, "evidence": None, "score_evidence": None},
    }
    around = (("before", "before"), ("after", "after"))
    return Pair(why, match, *sides, (None, None), (text, text), *around)


DOCUMENTS = {"a": 7, "b": 8}


def test_pair_in_both_lists() -> None:
    """A pair that is borderline and drawn by chance is offered once, as drawn by chance."""
    pairs = [make_pair("borderline"), make_pair("borderline", 20), make_pair("sample")]
    found = describe_judging(pairs, DOCUMENTS)
    assert [pair["why"] for pair in found] == ["borderline", "sample"]
    assert [pair["line"].pop("sample") for pair in found] == [False, True]
    assert [pair["line"]["left"]["begin"] for pair in found] == [20, 0]


def test_pairs_of_documents_that_are_not_listed() -> None:
    """A pair of a document that the page does not have is not offered."""
    found = describe_judging([make_pair("sample", right="c"), make_pair("sample")], DOCUMENTS)
    assert [(pair["left"]["document"], pair["right"]["document"]) for pair in found] == [(7, 8)]
    assert (found[0]["score"], found[0]["evidence"], found[0]["scoreEvidence"]) == (0.61239, "", "")


@pytest.mark.parametrize(("num_more", "after"), [(0, "after"), (1, "")])
def test_long_sides(num_more: int, after: str) -> None:
    """A long passage is cut; what follows it does not follow the cut."""
    (pair,) = describe_judging(
        [make_pair("sample", text="x" * (_MAX_SIDE_CHARS + num_more))], DOCUMENTS
    )
    assert pair["left"]["text"] == "x" * _MAX_SIDE_CHARS
    assert (pair["left"]["before"], pair["left"]["after"]) == ("before", after)
