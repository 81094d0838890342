"""The cleaner's peers on planted copies: what each finds at the level it works on.

Peers deduplicate whole texts, so each is given documents, paragraphs or sentences as texts, in an
environment of its own (`benchmarks/reuse_requirements.txt`; their dependencies do not go together
with the cleaner's). Of texts that a peer puts together, all pairs in different documents count.

A planted copy counts as *found* when a piece of it and a piece of its original are put together;
no peer says where in a text the copy stands. *Precision* is strict and by pairs of documents: of
those with anything put together, the share that hold copies of one planted passage. The cleaner is
scored in the same way, by its accepted matches.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.matching import NEWS, find_matches, keep_detections
from benchmarks.news import cycle_languages, digest_news, read_news
from benchmarks.planted import SEED, as_articles, make_corpus
from benchmarks.reuse_tables import Table
from cleaner.extraction.lines import split_lines
from cleaner.passages.segment import split_sentences
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.plant import PlantedCorpus, PlantedPair, Source
from cleaner.words import count_words

REQUIREMENTS = "benchmarks/reuse_requirements.txt"
DOCUMENTS, PARAGRAPHS, SENTENCES = "documents", "paragraphs", "sentences"
PEERS = (
    ("datasketch", PARAGRAPHS),
    ("datasketch", SENTENCES),
    ("datatrove", DOCUMENTS),
    ("datatrove", PARAGRAPHS),
    ("text-dedup", DOCUMENTS),
    ("text-dedup", PARAGRAPHS),
)
_SCRIPT = Path(__file__).with_name("reuse_peers.py")
_MIN_WORDS = 5
"""Shorter texts are given to nobody: they are headings, and equal everywhere."""
_TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Unit:
    """A text that is given to a peer: a stretch of a document."""

    document: str
    begin: int
    end: int


Put = tuple[Unit, Unit]
"""Two stretches of different documents that a system puts together."""


def cut_units(documents: Sequence[Source], level: str) -> list[Unit]:
    """Cut documents into the texts of a level."""
    units = []
    for document in documents:
        for begin, end in _extents(document, level):
            if count_words(document.text[begin:end]) >= _MIN_WORDS:
                units.append(Unit(document.name, begin, end))
    return units


def _extents(document: Source, level: str) -> Iterator[tuple[int, int]]:
    if level == DOCUMENTS:
        yield 0, len(document.text)
        return
    for block in split_lines(document.text):
        if level == PARAGRAPHS:
            yield block.begin, block.end
            continue
        paragraph = document.text[block.begin : block.end]
        for begin, end in split_sentences(paragraph, document.language or "en"):
            yield block.begin + begin, block.begin + end


def run_peer(python: Path, name: str, texts: Sequence[str]) -> dict[str, Any]:
    """Run a peer in its environment; `error` says why it gave nothing.

    Returns:
        `version`, `seconds` and `clusters` (by position of the text), or `error`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "units.jsonl", Path(scratch) / "out.json"
        with source.open("w", encoding="utf-8") as out:
            for at, text in enumerate(texts):
                out.write(json.dumps({"id": at, "text": text}, ensure_ascii=False) + "\n")
        command = [str(python), str(_SCRIPT), name, str(source), str(target)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return {"error": f"{type(problem).__name__}"}
        if done.returncode or not target.is_file():
            lines = done.stderr.strip().splitlines() or ["no message"]
            return {"error": lines[-1]}
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return found


def pair_units(units: Sequence[Unit], clusters: Mapping[str, int]) -> list[Put]:
    """Return all pairs of texts in one cluster and in different documents."""
    by_cluster: dict[int, list[Unit]] = defaultdict(list)
    for at, cluster in clusters.items():
        by_cluster[cluster].append(units[int(at)])
    return [
        (a, b)
        for of in by_cluster.values()
        for a, b in combinations(of, 2)
        if a.document != b.document
    ]


def score_pairs(corpus: PlantedCorpus, put: Iterable[Put]) -> dict[str, Any]:
    """Return recall by level, over all and over English, and strict precision."""
    by_documents: dict[frozenset[str], list[Put]] = defaultdict(list)
    for a, b in put:
        by_documents[frozenset((a.document, b.document))].append((a, b))
    holders: dict[str, set[str]] = defaultdict(set)
    for pair in corpus.pairs:
        holders[pair.original] |= {pair.copy, pair.original}
    wanted = {
        frozenset(both) for names in holders.values() for both in combinations(sorted(names), 2)
    }
    found = [
        (pair, any(_touches(pair, a, b) for a, b in by_documents[_names(pair)]))
        for pair in corpus.pairs
    ]
    hits = sum(documents in wanted for documents, of in by_documents.items() if of)
    number = sum(bool(of) for of in by_documents.values())
    return {
        "recall": _share(is_found for _, is_found in found),
        "recall_english": _share(is_found for pair, is_found in found if pair.language == "en"),
        "levels": {
            level: _share(is_found for pair, is_found in found if pair.level == level)
            for level in LEVELS
        },
        "num_document_pairs": number,
        "precision": hits / number if number else None,
    }


def _names(pair: PlantedPair) -> frozenset[str]:
    return frozenset((pair.copy, pair.original))


def _touches(pair: PlantedPair, a: Unit, b: Unit) -> bool:
    copy, original = (a, b) if a.document == pair.copy else (b, a)
    return any(copy.begin < s.end and s.begin < copy.end for s in pair.spans) and any(
        original.begin < s.original_end and s.original_begin < original.end for s in pair.spans
    )


def _share(values: Iterable[bool]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def measure_peers(
    folder: Path, python: Path, *, limit: int | None = None, seed: int = SEED
) -> dict[str, Any]:
    """Give the cleaner and its peers the same planted corpus.

    Args:
        folder: A folder of articles.
        python: The interpreter of the environment with the peers.
        limit: So many articles, of all languages in turn.
        seed: Of the planting.
    """
    corpus = make_corpus(cycle_languages(read_news(folder))[:limit], seed)
    texts = {document.name: document.text for document in corpus.documents}
    ours = find_matches(as_articles(corpus), NEWS)
    put = [
        (Unit(m.left, m.left_begin, m.left_end), Unit(m.right, m.right_begin, m.right_end))
        for m in keep_detections(ours.matches, with_variants=False)
    ]
    systems: list[dict[str, Any]] = [
        {"name": "clean", "level": "passages", "seconds": ours.seconds} | score_pairs(corpus, put)
    ]
    units: dict[str, list[Unit]] = {}
    for name, level in PEERS:
        of_level = units.setdefault(level, cut_units(corpus.documents, level))
        given = [texts[unit.document][unit.begin : unit.end] for unit in of_level]
        found = run_peer(python, name, given)
        row = {"name": name, "level": level, "num_texts": len(given)}
        if "error" in found:
            systems.append(row | {"error": found["error"]})
            continue
        scores = score_pairs(corpus, pair_units(of_level, found["clusters"]))
        systems.append(row | {k: found[k] for k in ("version", "seconds")} | scores)
    return {
        "name": folder.name,
        "sha256": digest_news(folder),
        "seed": seed,
        "num_documents": len(corpus.documents),
        "num_pairs": len(corpus.pairs),
        "systems": systems,
    }


def peers_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the table of a result, a row a system and level."""
    versions = ", ".join(dict.fromkeys(s["version"] for s in result["systems"] if "version" in s))
    table = Table(
        f"**{result['name']}**, {result['num_documents']} documents, {result['num_pairs']} planted "
        f"copies (seed {result['seed']}), files `{result['sha256'][:12]}`; {versions}; copies "
        "found, by level, and precision by pairs of documents (strict):",
        ["", "of", *LEVELS, "all", "English", "precision", "pairs", "s"],
    )
    failed = []
    for row in result["systems"]:
        if "error" in row:
            failed.append(f"{row['name']} on {row['level']} ({row['error']})")
            continue
        cells = [*row["levels"].values(), row["recall"], row["recall_english"], row["precision"]]
        shown = ["" if cell is None else f"{cell:.2f}" for cell in cells]
        number = row["num_document_pairs"]
        table.rows.append([row["name"], row["level"], *shown, number, f"{row['seconds']:.0f}"])
    if failed:
        table.caption = f"Not measured: {'; '.join(failed)}.\n\n{table.caption}"
    return [table]
