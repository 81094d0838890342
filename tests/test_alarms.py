"""Alarms: raised when an outlet loses what it should not, and silent otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from report_pages import read_page

from cleaner import Config, RunResult, clean_corpus
from cleaner.alarms import MEASURED, Alarm, OutletFigures, find_alarms, measure_documents
from cleaner.boilerplate.learned import OUTLETS, Learned
from cleaner.boilerplate.outlet import OUTLET_LINES
from cleaner.cli.summary import print_summary
from cleaner.engines import LocalEngine
from cleaner.errors import StrictRunError
from cleaner.model import LEDGER, TEXTS, Block, as_row

ROOT = Path(__file__).parent.parent
_VERBS = "mended painted carried followed opened watched visited rebuilt praised measured".split()
_THINGS = "ferry bridge orchard theatre museum station market lantern violin harbour".split()
_PEOPLE = "mayor teacher farmer sailor doctor painter widow baker judge pilot".split()

BAD_CUES = """
language = "en"

[[cue]]
id = "every_paragraph"
kind = "promotion"
scope = "start"
max_words = 400
patterns = ['the \\w+']
why = "a mistake"
hits_wrongly = "everything"
"""


def paragraph(outlet: int, number: int, other: int) -> str:
    """Return a paragraph that no other numbers give."""
    return (
        f"The {_PEOPLE[number % 10]} {_VERBS[other % 10]} the {_THINGS[(number + other) % 10]} of "
        f"{'abcdefghij'[outlet]}{chr(97 + number)}{chr(97 + other)}ville before the first snow, "
        f"and the {_PEOPLE[other % 10]} of {chr(97 + other)}{chr(97 + number)}ton, who had waited "
        f"for {number + 2} winters, {_VERBS[number % 10]} it again {other + 2} weeks later."
    )


def write_outlets(folder: Path, num_outlets: int, num_documents: int = 6) -> None:
    """Write clean articles, a folder an outlet."""
    for outlet in range(num_outlets):
        place = folder / f"outlet-{'abcdefghij'[outlet]}"
        place.mkdir(parents=True)
        for number in range(num_documents):
            paragraphs = [paragraph(outlet, number, other) for other in range(6)]
            (place / f"{number}.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")


def run(folder: Path, output: Path, **options: Any) -> RunResult:
    """Clean a folder of outlets."""
    return clean_corpus([folder], output, workers=1, **options)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Make a folder with clean articles of two outlets."""
    write_outlets(tmp_path / "articles", 2)
    return tmp_path / "articles"


@pytest.fixture
def bad_config(tmp_path: Path) -> Config:
    """Make a configuration with a cue that hits every paragraph."""
    (tmp_path / "bad.toml").write_text(BAD_CUES, encoding="utf-8")
    return Config().replace(boilerplate={"cue_files": [str(tmp_path / "bad.toml")]})


def read_alarms(folder: Path) -> list[dict[str, str]]:
    """Return the alarms that the report of a run shows."""
    found: list[dict[str, str]] = read_page(folder / "report.html").decode("overview")["alarms"]
    return found


def test_clean_articles_raise_no_alarm(articles: Path, tmp_path: Path) -> None:
    """Clean articles keep their text, and strict writes them."""
    result = run(articles, tmp_path / "out", strict=True)
    assert result.alarms == ()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["alarms"] == []
    assert read_alarms(tmp_path / "out") == []


def test_sample_corpus_raises_no_alarm(tmp_path: Path) -> None:
    """The sample corpus, full of junk, is no reason for one."""
    assert run(ROOT / "seeds", tmp_path / "out").alarms == ()


def test_bad_cue_raises_alarms(articles: Path, bad_config: Config, tmp_path: Path) -> None:
    """A cue that eats all paragraphs is named once, and each outlet that lost its text is."""
    result = run(articles, tmp_path / "out", config=bad_config)
    rule = "en.promotion.every_paragraph"
    assert [(alarm.kind, alarm.outlet, alarm.rule) for alarm in result.alarms] == [
        ("rule_hits_running_text", None, rule),
        ("documents_without_main", "outlet-a", None),
        ("outlet_lost_text", "outlet-a", None),
        ("documents_without_main", "outlet-b", None),
        ("outlet_lost_text", "outlet-b", None),
    ]
    assert {alarm.observed for alarm in result.alarms} == {1.0}
    assert f"`clean rules {rule}`" in result.alarms[0].sentence
    assert f"`--disable {rule}`" in result.alarms[0].sentence
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert [Alarm(**alarm) for alarm in manifest["alarms"]] == list(result.alarms)
    assert read_alarms(tmp_path / "out") == [
        {"outlet": alarm.outlet, "kind": alarm.kind, "sentence": alarm.sentence}
        for alarm in result.alarms
    ]


def test_strict_keeps_the_old_folder(articles: Path, bad_config: Config, tmp_path: Path) -> None:
    """With strict an alarm ends the run before what an earlier one wrote is replaced."""
    run(articles, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(StrictRunError, match=r"nothing was written, as there are 5 alarms"):
        run(articles, tmp_path / "out", config=bad_config, strict=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_names_are_escaped(articles: Path, bad_config: Config, tmp_path: Path) -> None:
    """An outlet's name that is markup stays text in the report."""
    (articles / "outlet-a").rename(articles / "<b onload=x>&")
    result = run(articles, tmp_path / "out", config=bad_config)
    assert "<b onload=x>&" in {alarm.outlet for alarm in result.alarms}
    assert "<b onload" not in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "<b onload=x>&" in {alarm["outlet"] for alarm in read_alarms(tmp_path / "out")}


def figures(
    lost: float, running: float = 0.0, num_documents: int = 20, num_empty: int = 0
) -> OutletFigures:
    """Return the figures of an outlet that lost shares of its text and its paragraphs."""
    return OutletFigures(
        num_documents=num_documents,
        num_without_main=num_empty,
        num_taken=10_000,
        num_taken_removed=round(10_000 * lost),
        num_running=8_000,
        running_removed={"outlet_repeats": round(8_000 * running)},
        num_chars=20_000,
        removed={"navigation": 10_000, "promotion": round(10_000 * lost)},
    )


def alarms(
    found: dict[str, OutletFigures],
    states: Sequence[dict[str, Any]] = (),
    present: str = "",
) -> list[tuple[str, str | None]]:
    """Return kind and outlet of the alarms for some figures."""
    lines = [
        {"outlet": "x", "document": at, "line_hash": int(mark), "is_mask": 0}
        for at in range(20)
        for mark in present
    ]
    learned = Learned(0, "", pa.Table.from_pylist(list(states), OUTLETS)) if states else None
    with LocalEngine(workers=1) as engine:
        rows = pa.RecordBatch.from_pylist(lines, schema=OUTLET_LINES)
        engine.write("first_outlet_lines", [rows], OUTLET_LINES)
        return [(alarm.kind, alarm.outlet) for alarm in find_alarms(engine, found, learned)]


OTHERS = {name: figures(0.03 + 0.01 * at) for at, name in enumerate("abcde")}
JUNK = {name: figures(0.5 + 0.04 * at) for at, name in enumerate("abcde")}


@pytest.mark.parametrize(
    ("others", "outlet", "kinds"),
    [
        ({}, figures(0.49), []),
        ({}, figures(0.5), ["outlet_lost_text"]),
        ({}, figures(0.5, num_documents=4), []),
        (OTHERS, figures(0.5), ["outlet_lost_text"]),
        (JUNK, figures(0.66), []),
        (JUNK, figures(0.8), ["outlet_lost_text"]),
        (OTHERS, figures(0.2, running=0.19), []),
        (OTHERS, figures(0.2, running=0.2), ["rule_hits_running_text"]),
        (OTHERS, figures(0.1, num_empty=9), []),
        (OTHERS, figures(0.1, num_empty=10), ["documents_without_main"]),
        (OTHERS, figures(0.1, num_documents=4, num_empty=4), []),
    ],
)
def test_limits(others: dict[str, OutletFigures], outlet: OutletFigures, kinds: list[str]) -> None:
    """Each alarm has a floor, and an outlet is compared with the others."""
    found = [kind for kind, name in alarms({**others, "x": outlet}) if name == "x"]
    if others is JUNK:
        assert "outlet_lost_text" not in [kind for kind, _ in alarms(others)]
    assert found == kinds


def state(num_lines: int = 2, num_documents: int = 20, **removed: int) -> dict[str, Any]:
    """Return what an earlier run learnt of an outlet; its lines have the hashes 0, 1 ..."""
    line = {"is_mask": False, "where": "tail", "strength": 0.9, "num_documents": 20}
    return {
        "outlet": "x",
        "num_documents": num_documents,
        "num_chars": 20_000,
        "removed": [{"kind": kind, "num_chars": n} for kind, n in removed.items()],
        "repeated": [
            {"line_hash": at, "num_days": 9, "num_outlet_documents": 20, **line}
            for at in range(num_lines)
        ],
        "sample": [],
    }


@pytest.mark.parametrize(
    ("before", "present", "kinds"),
    [
        (state(navigation=10_000), "01", []),
        (state(navigation=5_001), "01", []),
        (state(navigation=5_000), "01", ["removal_drifted"]),
        (state(navigation=10_000, paywall=5_000), "01", ["removal_drifted"]),
        (state(navigation=5_000, num_documents=4), "01", []),
        (state(navigation=10_000), "0", []),
        (state(navigation=10_000), "", ["learned_lines_vanished"]),
        (state(num_lines=1, navigation=10_000), "", []),
        (state(num_lines=5, navigation=10_000), "012", []),
        (state(num_lines=4, navigation=10_000), "01", ["learned_lines_vanished"]),
    ],
)
def test_layout_is_compared_with_before(
    before: dict[str, Any], present: str, kinds: list[str]
) -> None:
    """Shares far from those of an earlier run, and lines that are gone, raise an alarm."""
    assert [kind for kind, _ in alarms({"x": figures(0.05)}, [before], present)] == kinds


def test_measure_documents() -> None:
    """Characters count by what became of them; what extraction left out is kept apart."""
    menu, text, more = "Menu", paragraph(0, 0, 0), "Read more"
    whole = f"{menu}\n{text}\n{more}"
    begin, end = len(menu) + 1, len(menu) + 1 + len(text)
    blocks = [(0, len(menu), 0), (begin, end, 1), (end + 1, len(whole), 1)]
    row = {
        "document_id": "d",
        "outlet": "x",
        "text": whole,
        "blocks": [
            as_row(Block(first, last, "p", 0.0, in_extraction=taken))
            for first, last, taken in blocks
        ],
    }
    spans = [
        {"document_id": "d", "begin": 0, "end": begin, "kind": "not_main_content", "rule": "left"},
        {"document_id": "d", "begin": begin, "end": end, "kind": "main", "rule": "running_text"},
        {"document_id": "d", "begin": end, "end": len(whole), "kind": "related", "rule": "more"},
    ]
    counted = measure_documents(
        pa.RecordBatch.from_pylist([row], schema=TEXTS),
        Config(),
        pa.Table.from_pylist(spans, LEDGER),
    )
    assert counted.schema == MEASURED
    found = [tuple(row.values())[2:] for row in counted.to_pylist()]
    assert found == [
        (0, "not_main_content", "left", len(menu), 0),
        (1, "main", "running_text", len(text), len(text)),
        (1, "related", "more", len(more), 0),
    ]


def test_summary_prints_alarms(
    articles: Path, bad_config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The printed summary names the outlet and says what to do."""
    print_summary(run(articles, tmp_path / "out", config=bad_config))
    shown = " ".join(capsys.readouterr().err.split())
    assert "Alarm all outlets: en.promotion.every_paragraph removed 100% of the paragraphs" in shown
    assert "Alarm outlet-b: Nothing was taken for main content in 6 of 6 documents" in shown
