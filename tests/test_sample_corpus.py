"""The sample corpus in seeds/ comes out as it was planned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cleaner import RunResult, clean_corpus

ROOT = Path(__file__).parent.parent
TRUTH = json.loads((ROOT / "tests" / "data" / "sample_truth.json").read_text(encoding="utf-8"))
MIN_REMOVED_RATIO = 0.92
"""Share of the planned junk lines that the rules must remove; they remove 0.94."""


class Run:
    """A run over the sample corpus, by source."""

    def __init__(self, folder: Path) -> None:
        self.result: RunResult = clean_corpus([ROOT / "seeds"], folder, workers=1)
        documents = pq.read_table(folder / "documents.parquet").to_pylist()
        names = {row["document_id"]: row["source"] for row in documents}
        self.texts = {row["source"]: row["text"] for row in documents}
        self.spans: dict[str, list[dict[str, Any]]] = {}
        for row in pq.read_table(folder / "ledger.parquet").to_pylist():
            self.spans.setdefault(names[row["document_id"]], []).append(row)
        self.relations: dict[frozenset[str], set[str]] = {}
        for row in pq.read_table(folder / "matches.parquet").to_pylist():
            pair = frozenset((row["left_source"], row["right_source"]))
            self.relations.setdefault(pair, set()).add(row["relation"])
        self.clusters = [
            {member["source"] for member in json.loads(line)["members"]}
            for line in (folder / "clusters.jsonl").read_text("utf-8").splitlines()
        ]
        self.corpus = {
            row["source"]: row
            for row in map(json.loads, (folder / "corpus.jsonl").read_text("utf-8").splitlines())
        }

    def is_main(self, source: str, line: str, after: int) -> tuple[bool, int]:
        """Tell whether most of a line is in the full view or is the title, and where it ends."""
        begin = self.texts[source].index(line, after)
        end = begin + len(line)
        kept = sum(
            max(0, min(end, span["end"]) - max(begin, span["begin"]))
            for span in self.spans[source]
            if span["full"] or span["rule"] == "headline_in_title"
        )
        return 2 * kept > len(line), end

    def lines(self, what: str) -> list[tuple[str, str, bool]]:
        """Return the planned lines of a kind, and whether each is in the full view."""
        found = []
        for source, lines in TRUTH[what].items():
            places: dict[str, int] = {}
            for line in lines:
                is_main, places[line] = self.is_main(source, line, places.get(line, 0))
                found.append((source, line, is_main))
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that all tests look at."""
    return Run(tmp_path_factory.mktemp("cleaned"))


def test_no_main_content_is_lost(run: Run) -> None:
    """Every line planned as main content is in the full view."""
    assert [(source, line) for source, line, is_main in run.lines("main") if not is_main] == []


def test_boilerplate_is_removed(run: Run) -> None:
    """Most lines planned as junk are gone from every view."""
    removed = [not is_main for _, _, is_main in run.lines("boilerplate")]
    assert sum(removed) >= MIN_REMOVED_RATIO * len(removed)


def test_article_about_paywalls_survives_whole(run: Run) -> None:
    """The article about prompts and banners keeps every line in the corpus."""
    source = "seeds/newsroom-quarterly.txt"
    text = run.corpus[source]["text"]
    assert [line for line in TRUTH["main"][source] if line not in text] == []


def test_copies_are_dropped(run: Run) -> None:
    """The verbatim and the lightly edited copy are gone, and the survivor says where it ran."""
    wire = run.corpus["seeds/feed.jsonl#1"]
    assert "seeds/harbour-courier.txt" not in run.corpus
    assert "seeds/graylecoast.example/lady-corvane-safe.html" not in run.corpus
    assert wire["num_copies"] == 3
    assert wire["copy_outlets"] == ["Ostrel News Agency", "graylecoast.example", "harbour-courier"]


@pytest.mark.parametrize("pair", TRUTH["copies"] + [[p["a"], p["b"]] for p in TRUTH["passages"]])
def test_reuse_is_found(run: Run, pair: list[str]) -> None:
    """Planned copies and passages are members of one cluster."""
    assert [members for members in run.clusters if members.issuperset(pair)]


def test_quotation_is_kept_and_marked(run: Run) -> None:
    """The shared quotation stays in all three articles, as members of one cluster."""
    sources = {quote[side] for quote in TRUTH["quotes"] for side in ("a", "b")}
    clusters = [
        {s["cluster_id"] for s in run.spans[source] if s["relation"] == "quote" and s["kept"]}
        for source in sources
    ]
    assert len(set.intersection(*clusters)) == 1


@pytest.mark.parametrize("pair", TRUTH["variants"])
def test_variants_are_reported_and_kept(run: Run, pair: list[str]) -> None:
    """The same bulletin with other figures is a form of its outlet, and both are in the corpus."""
    assert run.relations[frozenset(pair)] == {"template"}
    assert all(source in run.corpus for source in pair)


def test_unrelated_articles_do_not_match(run: Run) -> None:
    """Of the pairs planned as unrelated, only two pages of one outlet share furniture."""
    found = {frozenset(pair) for pair in TRUTH["unrelated"]} & set(run.relations)
    assert found <= {
        frozenset(
            f"seeds/graylecoast.example/{name}.html"
            for name in ("lady-corvane-safe", "families-ticket-hall")
        )
    }


def test_run_on_its_own_output_changes_nothing(run: Run, tmp_path: Path) -> None:
    """Cleaning the corpus again removes not one character."""
    again = clean_corpus([run.result.corpus], tmp_path / "again", workers=1)
    assert again.removed == {}
    assert again.num_kept_chars == run.result.num_kept_chars
