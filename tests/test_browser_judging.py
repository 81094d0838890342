"""Judging pairs in the report: keys, what can be taken back, and a file that the next run takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browser import ROOT, Reader, Run
from click.testing import CliRunner
from playwright.sync_api import expect

from cleaner.cli import main
from cleaner.quality.verdicts import read_verdicts

FERRY, COURIER = "seeds/feed.jsonl#1", "seeds/harbour-courier.txt"


def find_pairs(sample: Run, *sources: str) -> list[int]:
    """Return the numbers, from 1, of the offered pairs of two documents."""
    ids = {sample.documents[source]["document_id"] for source in sources}
    return [
        number
        for number, pair in enumerate(sample.read_chunk("judging")["pairs"], 1)
        if {pair["line"][side]["document"] for side in ("left", "right")} == ids
    ]


def count_judged(sample: Run, *numbers: int) -> str:
    """Say how many pairs are judged once these are; a pair may be offered twice."""
    pairs = sample.read_chunk("judging")["pairs"]
    names = [name_pair(pair) for pair in pairs]
    judged = {names[number - 1] for number in numbers}
    return f" {sum(name in judged for name in names)} of {len(pairs)} judged"


def name_pair(pair: dict[str, Any]) -> frozenset[tuple[str, int, int]]:
    """Return the places of a pair's two sides."""
    sides = (pair["line"]["left"], pair["line"]["right"])
    return frozenset((side["document"], side["begin"], side["end"]) for side in sides)


def have_article(clusters: list[dict[str, Any]]) -> bool:
    """Tell whether the two articles are copies of one another, as wholes."""
    pair = {FERRY, COURIER}
    return any(
        cluster["level"] == "document"
        and pair <= {member["source"] for member in cluster["members"]}
        for cluster in clusters
    )


def save(reader: Reader, path: Path) -> list[dict[str, Any]]:
    """Save the verdicts, and return the lines of the file without the first one."""
    with reader.page.expect_download() as download:
        reader.page.get_by_role("button", name="Save verdicts").click()
    download.value.save_as(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def load(reader: Reader, path: Path) -> None:
    """Go on with a file of verdicts."""
    reader.page.get_by_label("Go on with an earlier file").set_input_files(path)
    reader.settle()


def test_keys_judge(reader: Reader, sample: Run, tmp_path: Path) -> None:
    """Each key gives its verdict and goes on; the last answer can be taken back."""
    num_pairs = len(sample.read_chunk("judging")["pairs"])
    heading = reader.page.locator(".judging-heading")
    status = reader.page.locator(".judging-progress")
    reader.open("#/judging")
    expect(heading).to_have_text(f"Pair 1 of {num_pairs}")
    for number, key in enumerate(("s", "d", "b", "Space"), 1):
        reader.press(key)
        expect(heading).to_have_text(f"Pair {number + 1} of {num_pairs}")
        assert reader.address == f"#/judging?pair={number + 1}"
    expect(status).to_contain_text(count_judged(sample, 1, 2, 3))
    reader.press("u", "u")
    expect(heading).to_have_text(f"Pair 3 of {num_pairs}")
    expect(status).to_contain_text(count_judged(sample, 1, 2))
    reader.press("u", "u", "u")
    expect(heading).to_have_text(f"Pair 1 of {num_pairs}")
    expect(status).to_contain_text("There is nothing to undo.")
    reader.press("d", "s")
    assert sorted(line["verdict"] for line in save(reader, tmp_path / "v.jsonl")) == [
        "different",
        "same",
    ]
    expect(reader.page.locator(".judging-file")).to_contain_text("2 verdicts, saved")


FAST_KEYS = """
async (keys) => {
  for (const key of keys) {
    document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => done()));
  }
}
"""


def test_fast_keys_judge_one_pair_each(reader: Reader, sample: Run) -> None:
    """Keys that come faster than the page is drawn are answers to pairs in order, and no more."""
    num_pairs = len(sample.read_chunk("judging")["pairs"])
    reader.open("#/judging")
    reader.page.evaluate(FAST_KEYS, "sdbsdb")
    for _ in range(3):
        reader.settle()
        assert reader.read(".judging-heading") == [f"Pair 7 of {num_pairs}"]
        assert reader.address == "#/judging?pair=7"
    expect(reader.page.locator(".judging-progress")).to_contain_text(
        count_judged(sample, 1, 2, 3, 4, 5, 6)
    )


def test_typing_does_not_judge(reader: Reader, tmp_path: Path) -> None:
    """In the note, letters are letters; the note goes into the file with the verdict."""
    reader.open("#/judging")
    note = reader.page.get_by_label("Note")
    note.press_sequentially("bus, d and u <b>")
    expect(note).to_have_value("bus, d and u <b>")
    expect(reader.page.locator(".judging-progress")).to_contain_text(" 0 of")
    reader.page.get_by_role("button", name="Same s").click()
    (line,) = save(reader, tmp_path / "v.jsonl")
    assert (line["verdict"], line["note"]) == ("same", "bus, d and u <b>")


def test_keys_can_be_turned_off(reader: Reader) -> None:
    """Who speaks to the computer, or presses keys by accident, can do without single keys."""
    reader.open("#/judging")
    reader.page.get_by_text("What the verdicts mean").click()
    reader.page.get_by_label("answer with single keys").uncheck()
    reader.page.locator(".judging-heading").focus()
    reader.press("s", "d", "b")
    expect(reader.page.locator(".judging-progress")).to_contain_text(" 0 of")


def test_next_run_applies_the_file(reader: Reader, sample: Run, tmp_path: Path) -> None:
    """The saved file is taken by `clean run --verdicts`, and parts what was judged different."""
    numbers = find_pairs(sample, FERRY, COURIER)
    reader.open("#/judging")
    for number in numbers:
        reader.go(f"#/judging?pair={number}")
        reader.press("d")
    path = tmp_path / "verdicts.jsonl"
    lines = save(reader, path)
    assert {line["verdict"] for line in lines} == {"different"}
    assert len(read_verdicts(path).lines) == len(lines) > 0
    folder = tmp_path / "cleaned"
    arguments = ["run", str(ROOT / "seeds"), "-o", str(folder), "--verdicts", str(path)]
    done = CliRunner().invoke(main, [*arguments, "--set", "output.quality=false"])
    assert done.exit_code == 0, done.output
    found = [have_article(clusters) for clusters in (sample.clusters, Run(folder).clusters)]
    assert found == [True, False]


def test_file_is_read_again(reader: Reader, sample: Run, tmp_path: Path) -> None:
    """Verdicts of a file are shown with their pairs; those given here stay."""
    reader.open("#/judging")
    reader.press("s", "d", "b")
    lines = save(reader, tmp_path / "v.jsonl")
    reader.page.evaluate("localStorage.clear()")
    reader.open("#/judging")
    expect(reader.page.locator(".judging-progress")).to_contain_text(" 0 of")
    reader.press("b")
    load(reader, tmp_path / "v.jsonl")
    expect(reader.page.locator(".judging-file")).to_contain_text("3 verdicts in v.jsonl.")
    expect(reader.page.locator(".judging-progress")).to_contain_text(count_judged(sample, 1, 2, 3))
    reader.page.get_by_text("All pairs", exact=True).click()
    shown = reader.page.locator(".judging-list strong").all_text_contents()
    assert shown[:4] == ["boilerplate", "different", "boilerplate", "not judged"]
    assert len(save(reader, tmp_path / "again.jsonl")) == len(lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1: this is no file of verdicts"),
        (b'{"format": "cleaner verdicts", "version": 1}\n{"verdict": "perhaps"}\n', "Line 2:"),
        (b'{"format": "cleaner verdicts", "version": 99}\n', "version"),
        (b'{"format": "cleaner verdicts", "version": 1}\n<b>no</b>\n', "Line 2: this is not JSON"),
        (b"\xff\xfe\x00", "It is not text in UTF-8."),
    ],
)
def test_broken_file_is_refused(
    reader: Reader, sample: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    """A file that is not whole changes nothing, and what is wrong with it is said."""
    path = tmp_path / "<b>broken.jsonl"
    path.write_bytes(content)
    reader.open("#/judging")
    reader.press("s")
    load(reader, path)
    alert = reader.page.locator(".judging-file").get_by_role("alert")
    expect(alert).to_contain_text("<b>broken.jsonl was not read, and nothing here has changed.")
    expect(alert).to_contain_text(said)
    expect(reader.page.locator(".judging-progress")).to_contain_text(count_judged(sample, 1))


def test_verdicts_survive_a_reload(reader: Reader, sample: Run) -> None:
    """The browser keeps what is not saved yet, and shows it when the page is opened again."""
    reader.open("#/judging")
    reader.press("s", "d")
    reader.open("#/judging")
    expect(reader.page.locator(".judging-progress")).to_contain_text(count_judged(sample, 1, 2))
