"""The reuse benchmarks count what they say they count, on cases that are worked out by hand."""

from __future__ import annotations

import doctest
import gzip
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks import matching, news, pan, planted, reuse, reuse_news, reuse_tables
from benchmarks.matching import NEWS, PLAIN_TEXT, Article, Found, Match, Member, keep_detections
from benchmarks.news import NewsError, cycle_languages, invent_articles, read_news
from benchmarks.pan import Aligned, PanError, read_pan, score_alignment
from benchmarks.planted import score_clusters, score_planted
from benchmarks.reuse_news import score_seeds
from benchmarks.reuse_systems import Unit, cut_units, pair_units, run_peer, score_pairs
from benchmarks.reuse_tables import Table
from cleaner.quality.plant import PlantedCorpus, PlantedPair, Source, Span

MODULES = (news, pan, reuse_news, reuse_tables)
COPIED = (
    "The ferry reached the harbour at noon on Tuesday, when the tide was low, the captain told the "
    "waiting crowd on the old quay. Repairs to the northern pier will take until autumn."
)
THIS = f"Nobody had seen the lighthouse keeper for days.\n{COPIED}\nThe bakery opens at seven."
SOURCE = f"A violin was found in the orchard by two children.\n{COPIED}\nSnow is expected."


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    """The examples in the docstrings are true."""
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def aligned(
    this: tuple[int, int], source: tuple[int, int], names: tuple[str, str] = ("t", "s")
) -> Aligned:
    """Write a case or a detection of two documents."""
    return Aligned(names[0], *this, names[1], *source)


def test_exact_detection() -> None:
    """What is detected exactly scores 1."""
    case = aligned((10, 30), (50, 80))
    scores = score_alignment([case], [case])
    assert (scores.precision, scores.recall, scores.granularity, scores.plagdet) == (1, 1, 1, 1)
    assert (scores.micro_precision, scores.micro_recall, scores.micro_plagdet) == (1, 1, 1)


def test_partial_detection() -> None:
    """Characters of both sides are counted together.

    Of the case's 40 characters 10 + 20 are detected; of the detection's 50 these 30 are right.
    """
    scores = score_alignment([aligned((0, 20), (0, 20))], [aligned((10, 30), (0, 30))])
    assert scores.recall == pytest.approx(30 / 40)
    assert scores.precision == pytest.approx(30 / 50)
    assert scores.plagdet == pytest.approx(2 * 0.75 * 0.6 / 1.35)


def test_two_detections_of_a_case() -> None:
    """Two halves cover the case wholly; granularity 2 divides by log2(3)."""
    case = aligned((0, 20), (100, 120))
    halves = [aligned((0, 10), (100, 110)), aligned((10, 20), (110, 120))]
    scores = score_alignment([case], halves)
    assert (scores.precision, scores.recall, scores.granularity) == (1, 1, 2)
    assert scores.plagdet == pytest.approx(1 / 1.584962500721156)


def test_overlapping_detections_count_once() -> None:
    """A character that two detections hold is detected once, and given once in the micro measure.

    The case has 200 characters; both together hold 80 of each side. Each detection is right.
    """
    case = aligned((0, 100), (0, 100))
    both = [aligned((0, 60), (0, 60)), aligned((20, 80), (20, 80))]
    scores = score_alignment([case], both)
    assert scores.recall == pytest.approx(160 / 200)
    assert (scores.precision, scores.micro_precision) == (1, 1)
    assert scores.micro_recall == pytest.approx(0.8)


def test_one_side_is_not_enough() -> None:
    """A detection that shares characters on one side only, or of other documents, is wrong."""
    case = aligned((0, 20), (0, 20))
    for wrong in (
        aligned((0, 20), (20, 40)),
        aligned((20, 40), (0, 20)),
        aligned((0, 20), (0, 20), ("t", "other")),
        aligned((0, 20), (0, 20), ("other", "s")),
    ):
        scores = score_alignment([case], [wrong])
        assert (scores.precision, scores.recall, scores.plagdet) == (0, 0, 0)


def test_macro_and_micro_differ() -> None:
    """Macro counts cases alike, micro characters: of 20 + 180 per side the long one is found."""
    cases = [aligned((0, 20), (0, 20)), aligned((100, 280), (100, 280))]
    scores = score_alignment(cases, [cases[1]])
    assert scores.recall == pytest.approx(0.5)
    assert scores.micro_recall == pytest.approx(0.9)
    assert scores.granularity == 1


def test_detection_over_two_cases() -> None:
    """One detection may hold two cases: each is recalled, and the gap between them is wrong.

    Sides of 100 characters, two cases of 40 each: precision 0.8, granularity 1.
    """
    cases = [aligned((0, 40), (0, 40)), aligned((60, 100), (60, 100))]
    scores = score_alignment(cases, [aligned((0, 100), (0, 100))])
    assert (scores.recall, scores.precision, scores.granularity) == (1, pytest.approx(0.8), 1)


def test_nothing_to_find() -> None:
    """No case and no detection is right; one without the other is wrong."""
    one = [aligned((0, 5), (0, 5))]
    assert score_alignment([], []).plagdet == 1
    assert score_alignment([], one).precision == 0
    assert score_alignment(one, []).recall == 0


def write_xml(path: Path, this: str, source: str, cases: list[tuple[int, int, int, int]]) -> None:
    """Write the cases of a pair as PAN does: offset and length."""
    features = "".join(
        f'<feature name="plagiarism" this_offset="{a}" this_length="{b}" '
        f'source_reference="{source}" source_offset="{c}" source_length="{d}"/>'
        for a, b, c, d in cases
    )
    about = '<feature name="about" title="x"/>'
    path.write_text(f'<document reference="{this}">{about}{features}</document>', "utf-8")


def write_official(folder: Path) -> Path:
    """Write a corpus in PAN's own layout: one pair with a copied passage, one without."""
    for name in ("susp", "src", "01-no-plagiarism", "02-no-obfuscation"):
        (folder / name).mkdir(parents=True)
    texts = {"susp/s1.txt": THIS, "src/a1.txt": SOURCE, "src/a2.txt": "Nothing of it at all here."}
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "02-no-obfuscation" / "pairs").write_text("s1.txt a1.txt\n", "utf-8")
    (folder / "01-no-plagiarism" / "pairs").write_text("s1.txt a2.txt\n\n", "utf-8")
    case = (THIS.index(COPIED), len(COPIED), SOURCE.index(COPIED), len(COPIED))
    write_xml(folder / "02-no-obfuscation" / "s1-a1.xml", "s1.txt", "a1.txt", [case])
    write_xml(folder / "01-no-plagiarism" / "s1-a2.xml", "s1.txt", "a2.txt", [])
    return folder


def test_read_official_layout(tmp_path: Path) -> None:
    """A folder a sub-corpus, with its pairs; lengths become ends."""
    none, copied = read_pan(write_official(tmp_path / "pan"))
    assert (none.kind, none.cases) == ("01-no-plagiarism", ())
    begin, source = THIS.index(COPIED), SOURCE.index(COPIED)
    expected = Aligned("s1.txt", begin, begin + len(COPIED), "a1.txt", source, source + len(COPIED))
    assert (copied.corpus, copied.cases) == ("pan", (expected,))


def test_read_list_of_pairs(tmp_path: Path) -> None:
    """The same as a list of pairs, with paths below the folder."""
    folder = write_official(tmp_path)
    row = {
        "corpus": "test_corpus",
        "kind": "02-no-obfuscation",
        "susp": "susp/s1.txt",
        "src": "src/a1.txt",
        "xml": "02-no-obfuscation/s1-a1.xml",
    }
    (folder / "pairs.json").write_text(json.dumps([row]), "utf-8")
    (pair,) = read_pan(folder)
    assert (pair.corpus, pair.this_path.name, len(pair.cases)) == ("test", "s1.txt", 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("02-no-obfuscation/pairs", "only-one.txt", "a line names two documents"),
        ("02-no-obfuscation/s1-a1.xml", "<document", "cannot read the cases"),
        ("pairs.json", "[{}]", "is no list of pairs"),
    ],
)
def test_broken_corpus(tmp_path: Path, name: str, content: str, message: str) -> None:
    """A corpus that cannot be read is refused with the file's name."""
    folder = write_official(tmp_path)
    (folder / name).write_text(content, "utf-8")
    with pytest.raises(PanError, match=message):
        read_pan(folder)


def test_no_corpus(tmp_path: Path) -> None:
    """A folder of something else is refused."""
    with pytest.raises(PanError, match=r"neither pairs\.json nor"):
        read_pan(tmp_path)


def test_positions_are_those_of_the_text() -> None:
    """White space at the edges of a text is not counted away, and nothing is judged boilerplate."""
    articles = [
        Article("t", f"\n\n  {COPIED}\nSubscribe to our newsletter.\n", "one", language="en"),
        Article("s", f" {COPIED}\nSubscribe to our newsletter.", "two", language="en"),
    ]
    found = matching.find_matches(articles, PLAIN_TEXT, workers=1)
    assert found.rejected == 0 and found.seconds > 0 and found.num_candidates > 0
    held = [
        (articles[0].text[slice(*this)], articles[1].text[slice(*source)])
        for this, source in (match.sides("t") for match in found.matches)
    ]
    assert held and all(a.strip() == a and a == b for a, b in held)
    assert max(len(a) for a, _ in held) >= len(COPIED)
    assert any("newsletter" in a for a, _ in held)


def test_news_is_judged() -> None:
    """With a run's own configuration an outlet's notice is no reuse."""
    articles = [
        Article("t", f"{THIS}\nSubscribe to our newsletter.", "one", language="en"),
        Article("s", f"{SOURCE}\nSubscribe to our newsletter.", "two", language="en"),
    ]
    found = matching.find_matches(articles, NEWS, workers=1)
    held = [articles[0].text[slice(*match.sides("t")[0])] for match in found.matches]
    assert any(COPIED in text for text in held)
    assert not any("newsletter" in text for text in held)
    assert {member.name for member in found.members} == {"t", "s"}


def match(
    left: tuple[str, int, int], right: tuple[str, int, int], relation: str = "passage", **more: Any
) -> Match:
    """Write a match."""
    return Match(*left, *right, relation, **more)


def test_what_is_detected() -> None:
    """Accepted matches count, variants on request only."""
    rows = [
        match(("a", 0, 9), ("b", 0, 9)),
        match(("a", 0, 9), ("b", 0, 9), "variant"),
        match(("a", 0, 9), ("b", 0, 9), accepted=False),
    ]
    assert keep_detections(rows, with_variants=False) == rows[:1]
    assert keep_detections(rows, with_variants=True) == rows[:2]


def test_sides() -> None:
    """The article that is asked for comes first, whichever side it is."""
    found = match(("a", 1, 2), ("b", 3, 4))
    assert (found.sides("a"), found.sides("b")) == (((1, 2), (3, 4)), ((3, 4), (1, 2)))


def planted_corpus() -> PlantedCorpus:
    """Write a corpus of two copies of a passage of `o` (100 to 200), at 0 to 100 of `x` and `y`."""
    names = ("o", "x", "y", "z")
    pairs = (
        PlantedPair("words_8", "en", "x", "o", (Span(0, 100, 100, 200),)),
        PlantedPair("words_35", "de", "y", "o", (Span(0, 100, 100, 200),)),
    )
    return PlantedCorpus(tuple(Source(name, name, 300 * "a") for name in names), pairs)


def test_recall_by_level() -> None:
    """A copy is found when matches cover half of it on both sides."""
    found = Found(
        matches=[
            match(("o", 100, 130), ("x", 0, 30)),
            match(("x", 60, 90), ("o", 160, 190)),
            match(("o", 100, 200), ("y", 0, 49)),
        ]
    )
    pairs = score_planted(planted_corpus(), found)["pairs"]
    assert pairs["words_8"]["en"]["recall"] == 1
    assert pairs["words_35"]["de"]["recall"] == 0
    assert pairs["all"]["all"]["recall"] == 0.5
    assert pairs["words_8"]["all"]["char_recall"] == pytest.approx(0.6)
    assert pairs["words_8"]["all"]["char_precision"] == 1
    assert pairs["words_8"]["all"]["matches_a_copy"] == 2


def test_recall_of_variants_and_of_what_is_not_accepted() -> None:
    """What was seen but not believed is counted beside what was found."""
    found = Found(
        matches=[
            match(("o", 100, 200), ("x", 0, 100), "variant"),
            match(("o", 100, 200), ("y", 0, 100), accepted=False),
        ]
    )
    row = score_planted(planted_corpus(), found)["pairs"]["all"]["all"]
    names = ("recall", "recall_with_variants", "recall_at_all")
    assert [row[name] for name in names] == [0, 0.5, 1]


def test_strict_precision() -> None:
    """A match between two copies is right; one beyond the passage, or of other text, is not."""
    found = Found(
        matches=[
            match(("o", 100, 200), ("x", 0, 100)),
            match(("x", 0, 90), ("y", 0, 90)),
            match(("o", 190, 300), ("x", 90, 200)),
            match(("z", 0, 50), ("y", 200, 250)),
        ]
    )
    scored = score_planted(planted_corpus(), found)
    precision = scored["precision"]
    assert (precision["num_matches"], precision["num_right"]) == (4, 2)
    assert (precision["num_untouched"], precision["strict"]) == (1, 0.5)
    assert precision["touching"] == pytest.approx(2 / 3)
    assert [row["left"] for row in scored["wrong"]] == [["o", 190, 300]]


def test_clusters_by_hand() -> None:
    """Of the three pairs that belong together one is; nothing else is."""
    corpus = planted_corpus()
    members = [Member("c1", "o", 100, 200), Member("c1", "x", 0, 60), Member("c2", "y", 0, 100)]
    mentions = planted.list_mentions(corpus)
    scores = score_clusters(mentions, members, {"o", "x", "y", "z"})
    assert scores["num_mentions"] == 3
    assert scores["pairwise_precision"] == 1
    assert scores["pairwise_recall"] == pytest.approx(1 / 3)
    # Of itself and the two others: o and x see two of three, y sees itself.
    assert scores["b_cubed_recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)
    assert scores["b_cubed_precision"] == 1
    assert scores["largest"] == 2


def test_clusters_that_mix() -> None:
    """A cluster that holds another passage too costs precision."""
    corpus = planted_corpus()
    other = PlantedPair("cut", "en", "z2", "z", (Span(0, 100, 0, 100),))
    mentions = planted.list_mentions(PlantedCorpus(corpus.documents, (*corpus.pairs, other)))
    places = (("o", 100), ("x", 0), ("y", 0), ("z", 0), ("z2", 0))
    members = [Member("c", name, begin, begin + 100) for name, begin in places]
    scores = score_clusters(mentions, members, {name for name, _ in places})
    assert scores["pairwise_recall"] == 1
    assert scores["pairwise_precision"] == pytest.approx(4 / 10)


def seed_pair(name: str, begin: int, grade: str, optional: bool = False) -> dict[str, Any]:
    """Write a labelled pair of 100 characters at the same place of two articles."""
    sides = {
        side: {"doc": doc, "start": begin, "end": begin + 100}
        for side, doc in (("a", "1.txt"), ("b", "2.txt"))
    }
    return {"id": name, "grade": grade, "optional": optional, **sides}


def test_seeds_by_grade() -> None:
    """Found is one match that agrees; covered is what several matches hold together."""
    gold = {
        "pairs": [
            seed_pair("p1", 0, "near-verbatim"),
            seed_pair("p2", 200, "heavy rewrite"),
            seed_pair("p3", 400, "heavy rewrite", optional=True),
        ],
        "hard_negatives": [seed_pair("n1", 800, "")],
    }
    matches = [
        match(("2.txt", 0, 90), ("1.txt", 0, 90)),
        match(("1.txt", 200, 230), ("2.txt", 200, 230)),
        match(("1.txt", 250, 280), ("2.txt", 250, 280)),
        match(("1.txt", 600, 640), ("2.txt", 600, 640)),
        match(("1.txt", 800, 900), ("2.txt", 800, 900)),
    ]
    scores = score_seeds(gold, matches)
    grades = scores["grades"]
    assert [row["agreement"] for row in grades["near-verbatim"]] == [pytest.approx(0.9)]
    (heavy,) = grades["heavy rewrite"]
    assert (heavy["is_found"], heavy["is_covered"]) == (False, True)
    assert [row["is_covered"] for row in grades["optional"]] == [False]
    assert scores["hard_negatives"] == 1
    assert [row["left"] for row in scores["beside_gold"]] == [
        ["1.txt", 600, 640],
        ["1.txt", 800, 900],
    ]


def write_news(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    """Write a file of articles; return the folder of data."""
    texts = folder / "text"
    texts.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (texts / name).write_bytes(gzip.compress(lines.encode(), mtime=0))
    return folder


def test_read_news(tmp_path: Path) -> None:
    """Languages come from the file's name, dates are parsed, and equal texts are read once."""
    row = {"id": "1", "source": "courier", "text": f"{COPIED}\n", "date": "2020-04-7"}
    write_news(tmp_path, "en-x.jsonl.gz", row, row | {"id": "2"}, row | {"id": "3", "text": THIS})
    write_news(tmp_path, "ja-y.jsonl.gz", {"id": "1", "source": "s", "text": "渡轮"})
    articles = read_news(tmp_path / "text")
    assert [article.name for article in articles] == [
        "en-x.jsonl.gz#1",
        "en-x.jsonl.gz#3",
        "ja-y.jsonl.gz#1",
    ]
    assert [article.language for article in articles] == ["en", "en", "ja"]
    assert articles[0].published == "2020-04-07"
    assert [article.language for article in cycle_languages(articles)] == ["en", "ja", "en"]


def test_news_without_text(tmp_path: Path) -> None:
    """A file of something else is refused by name."""
    write_news(tmp_path, "en-x.jsonl.gz", {"id": "1"})
    with pytest.raises(NewsError, match=r"en-x\.jsonl\.gz: an article has no id, source or text"):
        read_news(tmp_path / "text")


def test_synthetic_articles() -> None:
    """Invented articles differ, are the same each time, and have the words of the real ones."""
    articles = [Article("a", f"{THIS} {SOURCE}", "courier", language="en")]
    invented = list(invent_articles(articles, 5))
    assert invented == list(invent_articles(articles, 5))
    assert len({article.text for article in invented}) == 5
    words = set(articles[0].text.split())
    assert {word for a in invented for word in a.text.split() if word[-1] != "."} <= words


def test_pan_from_the_command(tmp_path: Path) -> None:
    """The copied passage of a small corpus is found, and written between the markers."""
    write_official(tmp_path / "pan13")
    document = tmp_path / "quality.md"
    document.write_text("a\n<!-- reuse-pan -->\nold\n<!-- /reuse-pan -->\nb\n", "utf-8")
    arguments = [str(tmp_path), "--only", "pan", "--limit", "5", "--json", str(tmp_path / "r.json")]
    done = CliRunner().invoke(
        reuse.main, [*arguments, "--write", str(document), "--date", "2026-01-31"]
    )
    assert done.exit_code == 0, done.output
    result = json.loads((tmp_path / "r.json").read_text("utf-8"))["parts"]["pan"]
    for setting in ("alone", "together"):
        scores = result[setting]["without variants"]
        assert scores["02-no-obfuscation"]["recall"] == pytest.approx(1.0, abs=0.02)
        assert scores["02-no-obfuscation"]["precision"] > 0.9
        assert scores["01-no-plagiarism"]["num_of_them_without_detection"] == 1
    text = document.read_text("utf-8")
    assert "Measured on 2026-01-31 with `python -m benchmarks.reuse " in text
    assert "| 02-no-obfuscation | without variants | 1 |" in text
    assert "old" not in text and text.startswith("a\n") and text.endswith("b\n")
    assert str(tmp_path) not in text


def test_parts_that_do_not_exist(tmp_path: Path) -> None:
    """A part of another name is refused, and a document needs a date."""
    wrong = CliRunner().invoke(reuse.main, [str(tmp_path), "--only", "pann"])
    assert wrong.exit_code == 2
    assert "there is no part 'pann'" in wrong.output
    document = tmp_path / "quality.md"
    document.touch()
    undated = CliRunner().invoke(reuse.main, [str(tmp_path), "--write", str(document)])
    assert undated.exit_code == 2
    assert "--write needs --date" in undated.output


def test_data_that_is_not_there(tmp_path: Path) -> None:
    """A folder without what a part needs is refused in one line."""
    for part, message in (
        ("pan", "there is no text alignment corpus"),
        ("planted", "there are no NAME.jsonl.gz files"),
        ("seeds", "there is no gold_reuse.json"),
        ("basil", "there are no articles EVENT_N.json"),
    ):
        done = CliRunner().invoke(reuse.main, [str(tmp_path), "--only", part])
        assert done.exit_code == click.ClickException.exit_code
        assert message in done.output


def test_units() -> None:
    """Peers are given documents, paragraphs or sentences, without the shortest ones."""
    text = (
        "Two words\nThe ferry left the harbour. Nobody saw it leave that day.\nIt never came back."
    )
    document = Source("d", "courier", text, "en")
    texts = {
        level: [text[unit.begin : unit.end] for unit in cut_units([document], level)]
        for level in ("documents", "paragraphs", "sentences")
    }
    assert texts == {
        "documents": [text],
        "paragraphs": ["The ferry left the harbour. Nobody saw it leave that day."],
        "sentences": ["The ferry left the harbour.", "Nobody saw it leave that day."],
    }


def test_pairs_of_a_cluster() -> None:
    """All pairs of a cluster count, but for texts of one document."""
    units = [Unit("a", 0, 9), Unit("a", 10, 19), Unit("b", 0, 9), Unit("c", 0, 9)]
    pairs = pair_units(units, {"0": 7, "1": 7, "2": 7, "3": 8})
    assert pairs == [(units[0], units[2]), (units[1], units[2])]


def test_peers_are_scored_by_pairs() -> None:
    """A copy is found where a piece of it meets one of its original; other pairs are wrong."""
    put = [
        (Unit("o", 150, 300), Unit("x", 50, 100)),
        (Unit("o", 0, 90), Unit("y", 0, 100)),
        (Unit("z", 0, 90), Unit("y", 0, 100)),
    ]
    scores = score_pairs(planted_corpus(), put)
    assert (scores["recall"], scores["recall_english"]) == (0.5, 1)
    assert (scores["levels"]["words_8"], scores["levels"]["words_35"]) == (1, 0)
    assert scores["levels"]["cut"] is None
    assert scores["num_document_pairs"] == 3
    assert scores["precision"] == pytest.approx(2 / 3)


def test_peer_in_another_process() -> None:
    """A peer's clusters come back by position, with its version; one that fails says why."""
    python = Path(sys.executable)
    found = run_peer(python, "datasketch", [COPIED, "Snow is expected in the hills.", COPIED])
    assert found["clusters"]["0"] == found["clusters"]["2"]
    assert "1" not in found["clusters"]
    assert found["version"].startswith("datasketch ")
    assert "KeyError" in run_peer(python, "no-such-peer", [COPIED])["error"]


def test_peers_need_their_python(tmp_path: Path) -> None:
    """Without the peers' interpreter the part is refused; without the option it is not run."""
    write_news(tmp_path, "en-x.jsonl.gz", {"id": "1", "source": "courier", "text": COPIED})
    done = CliRunner().invoke(reuse.main, [str(tmp_path), "--only", "peers"])
    assert done.exit_code == 2
    assert "--peers needs --python" in done.output


def test_table_as_markdown() -> None:
    """Empty cells and bars do not break a table."""
    table = Table("T:", ["", "x"], [["a|b", None], ["", 1.0]])
    assert table.as_markdown().splitlines()[2:] == [
        "| | x |",
        "| --- | --- |",
        "| a\\|b | |",
        "| | 1.000 |",
    ]
