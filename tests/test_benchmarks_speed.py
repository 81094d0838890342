"""The speed benchmark gives every system the same articles, and counts what it says it counts."""

from __future__ import annotations

import doctest
import json
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks.speed import jobs, peers
from benchmarks.speed.__main__ import main
from benchmarks.speed.corpora import PAGES, TEXTS, Corpus, make_corpus, take_corpus
from benchmarks.speed.jobs import Bench, compare_rounds, judge_growth, run_job
from benchmarks.speed.measuring import MeasurementError, Usage, measure_commands
from benchmarks.speed.news import ROUND, Article, Newsroom
from benchmarks.speed.page import render_page
from benchmarks.speed.pages import make_pages
from benchmarks.speed.systems import JOBS, WHOLE, WORK, Bar, Job, System
from cleaner import clean_text

NUMBER = 40
BUSY = "import time\nwhile time.process_time() < {seconds}: pass"
ORIGIN = {"date": "2026-01-02", "command": "python -m benchmarks.speed", "machine": "a machine"}


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    """Return the articles' common ground."""
    return Newsroom(seed=3, words=120)


@pytest.fixture(scope="module")
def articles(newsroom: Newsroom) -> list[Article]:
    """Return some articles."""
    return list(newsroom.articles(NUMBER))


def usage(cpu: float, work: float | None = None, peak: int = 0) -> Usage:
    """Return what a run may have taken."""
    details = {} if work is None else {"work": {"cpu": work, "wall": work}}
    return Usage(cpu, cpu, peak, 0, details)


def test_examples() -> None:
    """The examples in the docstrings are true."""
    result = doctest.testmod(jobs)
    assert result.attempted and not result.failed


def test_same_seed(articles: list[Article]) -> None:
    """The same seed gives the same articles, another one others."""
    assert list(Newsroom(seed=3, words=120).articles(NUMBER)) == articles
    assert list(Newsroom(seed=4, words=120).articles(NUMBER)) != articles


def test_first_of_many() -> None:
    """The first rounds of a large corpus are a small corpus."""
    newsroom = Newsroom(seed=3, words=30)
    assert list(newsroom.articles(ROUND + 5))[:ROUND] == list(newsroom.articles(ROUND))


def test_names(articles: list[Article]) -> None:
    """No two articles have the same name, and many share an outlet."""
    assert len({article.name for article in articles}) == NUMBER
    assert 1 < len({article.outlet.domain for article in articles}) < NUMBER


def test_copies() -> None:
    """A tenth of the articles is told again word for word, under other headlines."""
    articles = list(Newsroom(seed=3, words=200).articles(ROUND))
    told = [article.paragraphs for article in articles]
    assert len(told) - len(set(told)) == pytest.approx(ROUND / 10, abs=ROUND / 50)
    assert len({article.title for article in articles}) == ROUND


def test_pages(newsroom: Newsroom) -> None:
    """A page has the size of pages, and its article in it for the cleaner to find."""
    for article, source in make_pages(newsroom, 2):
        assert 45_000 < len(source.encode()) < 160_000
        text = clean_text(source, html=True, url=article.url)
        found = sum(paragraph in text.text for paragraph in article.paragraphs)
        assert found >= 0.8 * len(article.paragraphs)


@pytest.mark.parametrize("kind", [PAGES, TEXTS])
def test_corpus(tmp_path: Path, kind: str) -> None:
    """A corpus holds the same texts in each form, and is not made twice."""
    corpus = make_corpus(tmp_path, kind, 3, 60)
    rows = [json.loads(line) for line in corpus.articles.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["0000000", "0000001", "0000002"]
    assert corpus.num_bytes == sum(len(row["text"].encode()) for row in rows)
    if kind == PAGES:
        of_files = {path.stem: path.read_text("utf-8") for path in corpus.html.rglob("*.html")}
        assert of_files == {row["id"]: row["text"] for row in rows}
    else:
        assert corpus.plain.read_text("utf-8") == "".join(row["text"] + "\n" for row in rows)
    corpus.articles.unlink()
    assert make_corpus(tmp_path, kind, 3, 60) == corpus
    assert not corpus.articles.exists()


def test_real_corpus(tmp_path: Path) -> None:
    """Texts of a folder are taken by name, up to a number; a folder without any is refused."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "b.txt").write_text("second", "utf-8")
    (data / "a.jsonl").write_text('{"text": "first"}\n', "utf-8")
    (data / "c.txt").write_text("third", "utf-8")
    corpus = take_corpus(tmp_path, TEXTS, data, 2)
    assert (corpus.name, corpus.plain.read_text("utf-8")) == ("data", "first\nsecond\n")
    with pytest.raises(click.UsageError, match="no pages in"):
        take_corpus(tmp_path, PAGES, data, None)


def test_cpu_of_children(tmp_path: Path) -> None:
    """CPU time of a process is counted, and that of one which it leaves behind."""
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}])"
    commands = [
        [sys.executable, "-c", BUSY.format(seconds=0.3)],
        [sys.executable, "-c", child.format(seconds=0.3)],
    ]
    used = measure_commands(commands, tmp_path, timeout_seconds=60)
    assert used.cpu_seconds >= 0.6
    assert used.peak_bytes > 1_000_000
    assert used.details == {}


def test_details_and_disk(tmp_path: Path) -> None:
    """The object that a command prints last is kept; files that it writes are counted."""
    script = "open('file', 'wb').write(bytes(100_000)); print('first'); print('{\"work\": 1}')"
    used = measure_commands([[sys.executable, "-c", script]], tmp_path, timeout_seconds=60)
    assert used.details == {"work": 1}
    assert used.peak_disk_bytes >= 100_000


def test_failing_commands(tmp_path: Path) -> None:
    """A command that fails or takes too long is named, and none goes on after it."""
    failing = [sys.executable, "-c", "raise SystemExit('no such luck')"]
    with pytest.raises(MeasurementError, match="no such luck"):
        measure_commands([failing], tmp_path, timeout_seconds=60)
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    begin = time.perf_counter()
    with pytest.raises(MeasurementError, match="took more than"):
        measure_commands([sleeping], tmp_path, timeout_seconds=0.2)
    assert time.perf_counter() - begin < 30


def test_ratio() -> None:
    """A ratio is the median over rounds, of the work where both tell it."""
    ours, theirs = [usage(9, 1), usage(9, 2), usage(9, 1)], [usage(9, 4), usage(9, 4), usage(9, 5)]
    bar = compare_rounds(Bar("a", "b", 4, WORK), ours, theirs)
    assert (bar["measured"], bar["spread"], bar["met"]) == ("4.0×", "2.0–5.0", True)
    assert compare_rounds(Bar("a", "b", 4, WHOLE), ours, theirs)["measured"] == "1.0×"


def test_growth() -> None:
    """Cost that grows faster than allowed is told, and so is too much memory."""
    rows = [
        {"system": "a", "num_documents": size, "num_bytes": size} | usage(cpu, peak=peak).as_json()
        for size, cpu, peak in ((10, 1, 1), (100, 10, 1), (1000, 200, 5 * 10**9))
    ]
    judged = judge_growth(rows)
    assert judged["exponents"]["a"] == pytest.approx(1.15, abs=0.01)
    assert [bar["met"] for bar in judged["bars"]] == [True, False, False]


def make_job(*scripts: str) -> Job:
    """Return a job with a system for each script."""
    systems = tuple(
        System(name, "", lambda *_, script=script: [[sys.executable, "-c", script]], "a script")
        for name, script in zip("ab", scripts, strict=True)
    )
    return Job("job", "A job", TEXTS, systems, (Bar("a", "b", 2, WHOLE),))


def test_job_and_page(tmp_path: Path) -> None:
    """Systems run in turn; the page tells their figures, the bar and what was missed."""
    corpus = make_corpus(tmp_path, TEXTS, 2, 30)
    job = make_job(BUSY.format(seconds=0.3), BUSY.format(seconds=0.1))
    result = run_job(Bench(tmp_path, 2, 60), job, corpus)
    assert [len(of["rounds"]) for of in result["systems"].values()] == [2, 2]
    assert not result["bars"][0]["met"]
    page = render_page({"job": ORIGIN | result})
    assert "## A job" in page
    assert "0 of 1 bars are met." in page
    assert "| a beside b | whole | ≥ 2× |" in page
    assert str(tmp_path) not in page


def test_failed_system(tmp_path: Path) -> None:
    """What cannot run is told, and the others are measured."""
    job = make_job("pass", "raise SystemExit('no such luck')")
    result = run_job(Bench(tmp_path, 1, 60), job, make_corpus(tmp_path, TEXTS, 2, 30))
    assert list(result["systems"]) == ["a"]
    assert result["bars"] == []
    assert "Not measured: b (python" in render_page({"job": ORIGIN | result})


def test_page_from_files(tmp_path: Path) -> None:
    """Results of earlier runs make the page alone."""
    rows = [
        {"system": "clean run", "num_documents": size, "num_bytes": size} | usage(size).as_json()
        for size in (10, 100)
    ]
    growth: dict[str, Any] = {"title": "Growth", "words": 160, "rows": rows, "failures": {}}
    file, page = tmp_path / "growth.json", tmp_path / "speed.md"
    file.write_text(json.dumps({"growth": ORIGIN | growth | judge_growth(rows)}), "utf-8")
    ran = CliRunner().invoke(main, ["--with", str(file), "--write", str(page)])
    assert ran.exit_code == 0, ran.output
    assert "clean run grows as documents^1.00" in page.read_text("utf-8")


def test_systems_have_tasks() -> None:
    """Every task that a system runs is one of `peers.py`, and every bar is about two systems."""
    corpus = Corpus("", Path("corpus"), 0, 0, "")
    for job in JOBS:
        names = {system.name for system in job.systems}
        assert all({bar.ours, bar.peer} <= names for bar in job.bars)
        for system in job.systems:
            if not system.environment:
                continue
            for command in system.commands(Path("bin"), corpus, Path("out")):
                parts = [str(part) for part in command]
                if "-I" in parts:
                    assert parts[3] in peers.TASKS
