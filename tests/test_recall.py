"""How much a run finds of the copies that are planted in its own articles."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from cleaner import RunResult, clean_corpus
from cleaner.cli import main
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.model import as_row
from cleaner.pipeline import match
from cleaner.quality.near_copies import LEVELS, Span
from cleaner.quality.plant import PlantedCorpus, PlantedPair, Source
from cleaner.quality.recall import (
    NOT_MEASURED,
    TOO_FEW,
    Recall,
    count_found,
    describe_recall,
    is_found,
    list_planted,
    plant_in_run,
)
from cleaner.report import wording
from cleaner.report.overview import describe_overview

_SYLLABLES = "ba co di fu ga he ji ko lu ma ne pi ro su ta ve wo xi yu za".split()


def write_paragraph(chance: random.Random, num_sentences: int = 4) -> str:
    """Write sentences of invented words: two paragraphs share next to nothing."""
    sentences = []
    for _ in range(num_sentences):
        words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(18)]
        sentences.append(f"{' '.join(words).capitalize()}.")
    return " ".join(sentences)


class Article(msgspec.Struct, frozen=True):
    """A document of a run; `kept` is the stretch of its text that the unique view has."""

    name: str
    text: str
    outlet: str = "Courier"
    language: str | None = "en"
    kept: tuple[int, int] | None = None


def make_articles(number: int, language: str | None = "en", seed: int = 1) -> list[Article]:
    """Make articles of three paragraphs, of three outlets."""
    chance = random.Random(seed)
    return [
        Article(
            f"{language}{at:03}",
            "\n\n".join(write_paragraph(chance) for _ in range(3)),
            f"Outlet {at % 3}",
            language,
        )
        for at in range(number)
    ]


_TEXT_COLUMNS = ("document_id", "path", "outlet", "language", "published", "text")
_TEXTS = pa.schema([pa.field(name, pa.string()) for name in _TEXT_COLUMNS])
_LEDGER = pa.schema(
    [
        ("document_id", pa.string()),
        ("begin", pa.int64()),
        ("end", pa.int64()),
        ("unique", pa.bool_()),
    ]
)


def write_tables(engine: LocalEngine, articles: Iterable[Article]) -> None:
    """Write what planting reads of a run."""
    texts, ledger = [], []
    for article in articles:
        texts.append(
            {
                **{"document_id": article.name, "path": article.name, "published": "2024-03-01"},
                **{"outlet": article.outlet, "language": article.language, "text": article.text},
            }
        )
        first, last = article.kept or (0, len(article.text))
        limits = ((0, first, False), (first, last, True), (last, len(article.text), False))
        for begin, end, is_unique in limits:
            if begin < end:
                row = {"begin": begin, "end": end, "unique": is_unique}
                ledger.append({"document_id": article.name, **row})
    engine.write("texts", [pa.RecordBatch.from_pylist(texts, schema=_TEXTS)], _TEXTS)
    engine.write("ledger", [pa.RecordBatch.from_pylist(ledger, schema=_LEDGER)], _LEDGER)


def plant(articles: Iterable[Article]) -> PlantedCorpus:
    """Plant copies in articles."""
    with LocalEngine(workers=1) as engine:
        write_tables(engine, articles)
        return plant_in_run(engine)


def test_order_does_not_matter() -> None:
    """The same copies are planted whatever the order of the documents."""
    articles = make_articles(30)
    planted = plant(articles)
    assert planted.pairs
    assert planted == plant(reversed(articles))


@pytest.mark.parametrize(("number", "is_planted"), [(7, False), (8, True)])
def test_few_documents(number: int, is_planted: bool) -> None:
    """Nothing is planted in fewer than eight documents, so none are drawn; of eight all are."""
    planted = plant(make_articles(number))
    assert bool(planted.pairs) is is_planted
    names = {document.name for document in planted.documents}
    assert len(names) >= number if is_planted else not names


@pytest.mark.parametrize("number", [8, 11, 20, 45])
def test_at_most_one_copy_for_two_documents(number: int) -> None:
    """Copies are never more than half of the documents, and levels take turns."""
    counts = Counter(pair.level for pair in plant(make_articles(number)).pairs)
    assert 2 <= counts.total() <= number // 2
    assert max(counts.values()) <= max(1, number // 2 // len(LEVELS))


def test_many_documents() -> None:
    """Of many documents 160 are drawn; all 64 copies are planted, eight of each level."""
    articles = make_articles(230)
    planted = plant(articles)
    assert Counter(pair.level for pair in planted.pairs) == dict.fromkeys(LEVELS, 8)
    names = {document.name for document in planted.documents}
    assert len(names & {article.name for article in articles}) == 160
    assert len(names) == 160 + 8


def test_languages() -> None:
    """Copies stand in documents of their own language; where it is unknown none are planted."""
    articles = make_articles(30) + make_articles(20, "de", 2) + make_articles(10, None, 3)
    planted = plant(articles)
    assert {(pair.copy[:2], pair.original[:2], pair.language) for pair in planted.pairs} == {
        ("en", "en", "en"),
        ("de", "de", "de"),
    }
    texts = {document.name: document.text for document in planted.documents}
    assert all(texts[article.name] == article.text for article in articles[50:])


def test_languages_share_the_copies() -> None:
    """Many languages give no more copies than one, and no level is left out."""
    languages = "ar de en es fr it pl pt ru tr".split()
    articles = [
        article for at, code in enumerate(languages) for article in make_articles(20, code, at)
    ]
    counts = Counter(pair.level for pair in plant(articles).pairs)
    assert set(counts) == set(LEVELS)
    assert 32 <= counts.total() <= 64


def test_unique_view_alone() -> None:
    """What the run removed is not in the corpus, and no position counts it."""
    articles = [
        replace(a, text=f"Subscribe!\n\n{a.text}\n\nAdvert!", kept=(12, 12 + len(a.text)))
        for a in make_articles(20)
    ]
    planted = plant(articles)
    texts = {document.name: document.text for document in planted.documents}
    assert planted.pairs
    assert not [text for text in texts.values() if "Subscribe!" in text or "Advert!" in text]
    originals = {article.name: article.text[slice(*(article.kept or ()))] for article in articles}
    for pair in planted.pairs:
        assert texts[pair.original] == originals[pair.original] or pair.original in {
            other.copy for other in planted.pairs
        }
        assert pair.spans[0].original_end <= len(originals[pair.original])


def test_documents_that_are_not_drawn() -> None:
    """Long documents, those with nothing left and second ones of the same words stay out."""
    articles = make_articles(12)
    chance = random.Random(9)
    long = Article("en-long", "\n\n".join(write_paragraph(chance) for _ in range(80)))
    gone = replace(articles[0], name="en-gone", kept=(0, 0))
    again = replace(articles[1], name="en-again", text=articles[1].text.upper())
    assert len(long.text) > 12_000
    planted = plant([*articles, long, gone, again])
    names = {document.name for document in planted.documents}
    assert {"en-long", "en-gone"} & names == set()
    assert len({"en-again", articles[1].name} & names) == 1


def test_engine_is_left_as_it_was() -> None:
    """Planting leaves no table behind, and those of the run as they are."""
    with LocalEngine(workers=1) as engine:
        write_tables(engine, make_articles(10))
        before = {name: list(engine.read(name)) for name in ("texts", "ledger")}
        plant_in_run(engine)
        assert before == {name: list(engine.read(name)) for name in ("texts", "ledger")}
        for name in ("recall_sample", "recall_texts", "recall_spans"):
            assert not engine.exists(name)


PAIR = PlantedPair(
    "words_20", "en", "copy", "original", (Span(10, 30, 100, 120), Span(30, 50, 60, 80))
)


@pytest.mark.parametrize(
    ("extents", "expected"),
    [
        ([], False),
        ([((10, 50), (60, 120))], True),
        ([((10, 30), (100, 120))], True),
        ([((10, 29), (100, 120))], False),
        ([((10, 30), (100, 119))], False),
        ([((10, 20), (100, 110)), ((30, 40), (60, 70))], True),
        ([((10, 25), (100, 115)), ((10, 25), (100, 115))], False),
        ([((0, 10), (0, 60)), ((50, 90), (120, 300))], False),
        ([((10, 50), (0, 10))], False),
    ],
)  # fmt: skip
def test_is_found(extents: list[Any], expected: bool) -> None:
    """Half of a copy must be covered, in the copy and in the original, each place once."""
    assert is_found(PAIR, extents) is expected


_MATCHES = pa.schema(
    [
        *[(f"{side}_document", pa.string()) for side in ("left", "right")],
        *[(f"{s}_{end}", pa.int64()) for s in ("left", "right") for end in ("begin", "end")],
        ("accepted", pa.bool_()),
        ("relation", pa.string()),
    ]
)


@pytest.mark.parametrize(
    ("changes", "num_found"),
    [
        ({}, 1),
        ({"relation": "quote"}, 1),
        ({"relation": "variant"}, 0),
        ({"accepted": False}, 0),
        ({"right_document": "id of other"}, 0),
        ({"left_document": "id of original", "left_begin": 60, "left_end": 120,
          "right_document": "id of copy", "right_begin": 10, "right_end": 50}, 1),
    ],
)  # fmt: skip
def test_count_found(changes: dict[str, Any], num_found: int) -> None:
    """A match counts if the run acts upon it, whichever of its sides is the copy."""
    match = {
        **{"left_document": "id of copy", "left_begin": 10, "left_end": 50},
        **{"right_document": "id of original", "right_begin": 60, "right_end": 120},
        **{"accepted": True, "relation": "passage"},
    }
    names = ("copy", "original", "other")
    texts = [{"document_id": f"id of {name}", "path": name} for name in names]
    with LocalEngine(workers=1) as engine:
        engine.write("texts", [pa.RecordBatch.from_pylist(texts, schema=_TEXTS)], _TEXTS)
        rows = pa.RecordBatch.from_pylist([match | changes], schema=_MATCHES)
        engine.write("matches", [rows], _MATCHES)
        corpus = PlantedCorpus((), (PAIR, replace(PAIR, level="cut", copy="other")))
        found = count_found(corpus, engine)
    assert {level: (of.planted, of.found) for level, of in found.items()} == {
        "words_20": (1, num_found),
        "cut": (1, 0),
    }
    assert list(found) == ["words_20", "cut"]


def test_intervals_are_of_the_share() -> None:
    """The interval is Wilson's: wide for a few copies, and never outside 0 and 1."""
    with LocalEngine(workers=1) as engine:
        engine.write("texts", [], _TEXTS)
        engine.write("matches", [], _MATCHES)
        found = count_found(PlantedCorpus((), (PAIR,) * 8), engine)
    assert found == {"words_20": Recall(planted=8, found=0, low=0.0, high=0.3244)}


def test_nothing_is_removed() -> None:
    """No rule of boilerplate removes anything from the copies, whatever the configuration says."""
    paragraph = write_paragraph(random.Random(4))
    sources = (
        Source("a", "Courier", f"Advertisement\n\n{paragraph}", "en"),
        Source("b", "Ledger", f"Advertisement\n\n{paragraph}", "en"),
        Source("c", "Ledger", paragraph, "en"),
    )
    config = Config().replace(
        match={"min_score": 0.4, "verdicts": "gone.jsonl"},
        boilerplate={"learned": "gone"},
        resolve={"same_outlet": "drop"},
    )
    with LocalEngine(workers=1) as engine:
        match(list_planted(PlantedCorpus(sources, ())), config, engine)
        assert engine.count("matches") > 0
        judged = [row for batch in engine.read("judged") for row in batch.to_pylist()]
        texts = [row for batch in engine.read("texts") for row in batch.to_pylist()]
    blocks = {text["document_id"]: len(text["blocks"]) for text in texts}
    assert {row["document_id"]: len(row["verdicts"]) for row in judged} == blocks
    assert {verdict["kind"] for row in judged for verdict in row["verdicts"]} == {"main"}


def write_feed(path: Path, articles: Sequence[Article]) -> Path:
    """Write articles as a file of records."""
    lines = [
        json.dumps({"id": a.name, "text": a.text, "outlet": a.outlet, "language": a.language})
        for a in articles
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def read_manifest(result: RunResult) -> Any:
    """Return the manifest of a run."""
    return json.loads((result.output / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Articles of which no two share anything."""
    return write_feed(tmp_path_factory.mktemp("feed") / "feed.jsonl", make_articles(24))


@pytest.fixture(scope="module")
def measured(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run over them."""
    return clean_corpus([feed], tmp_path_factory.mktemp("measured") / "out", workers=1)


def test_run_measures_its_recall(measured: RunResult) -> None:
    """The manifest says of each level what the result says; obvious copies are found."""
    assert measured.recall is not None
    assert {"typography", "words_8", "cut"} <= set(measured.recall)
    for level in ("typography", "words_8", "cut"):
        assert measured.recall[level].found == measured.recall[level].planted == 1
    expected = {level: as_row(found) for level, found in measured.recall.items()}
    assert read_manifest(measured)["quality"]["recall"] == expected


def test_planted_copies_stay_out(feed: Path, measured: RunResult, tmp_path: Path) -> None:
    """But for what they say of the quality, a run writes the same bytes without measuring it."""
    config = Config().replace(output={"quality": False})
    plain = clean_corpus([feed], tmp_path / "out", config=config, workers=1)
    names = {path.name for path in measured.output.iterdir()}
    differing = {
        name
        for name in names
        if (measured.output / name).read_bytes() != (plain.output / name).read_bytes()
    }
    assert differing == {"manifest.json", "report.html"}
    assert plain.recall is None
    one, other = read_manifest(measured), read_manifest(plain)
    assert other["quality"]["recall"] == NOT_MEASURED
    for manifest in (one, other):
        for key in ("configuration_digest", "quality"):
            del manifest[key]
        del manifest["configuration"]["output"]["quality"]
        del manifest["outputs"]["report.html"]
    assert one == other


def test_recall_is_that_of_the_configuration(feed: Path, tmp_path: Path) -> None:
    """A run that accepts nothing finds nothing of what was planted."""
    config = Config().replace(match={"min_score": 1.0, "document_similarity": 1.0})
    result = clean_corpus([feed], tmp_path / "out", config=config, workers=1)
    assert result.recall
    assert result.recall["words_20"].found == 0
    assert result.recall["words_20"].planted == 1


def test_summary(feed: Path, tmp_path: Path) -> None:
    """The summary says how many were found, that they are too few, or nothing if told so."""
    few = write_feed(tmp_path / "few.jsonl", make_articles(3))
    options = ["--workers", "1", "--output", str(tmp_path / "out")]
    outputs = [
        CliRunner().invoke(main, ["run", str(path), *options, *more]).stderr
        for path, *more in ((feed,), (few,), (feed, "--no-quality"))
    ]
    line = outputs[0].partition("Planted copies found: ")[2].partition("\n")[0]
    assert line.startswith("typography 1/1, words_8 1/1, ")
    assert line.endswith("cut 1/1 (quality of this run's matching on its own articles).")
    assert f"Planted copies found: {TOO_FEW}." in outputs[1]
    assert "Planted copies" not in outputs[2]


def test_descriptions() -> None:
    """The manifest tells what was not measured from what could not be."""
    assert describe_recall(None) == NOT_MEASURED
    assert describe_recall({}) == TOO_FEW
    row = {"planted": 8, "found": 6, "low": 0.4093, "high": 0.9285}
    assert describe_recall({"quote_8": Recall(**row)}) == {"quote_8": row}


def test_report(measured: RunResult) -> None:
    """The report tells how many of what was planted were found, that it was too little, or not."""
    found = {"quote_8": Recall(8, 6, 0.4093, 0.9285)}
    described = [
        describe_overview(replace(measured, recall=recall))["recall"]
        for recall in (found, {}, None)
    ]
    row = {"level": "quote_8", "label": "quote 8", "about": wording.LEVELS["quote_8"]}
    assert described == [[row | as_row(found["quote_8"])], [], None]


def test_every_level_has_words() -> None:
    """The report has a sentence for each level that can be planted."""
    assert set(wording.LEVELS) == set(LEVELS)
