"""Reuse on PAN's text alignment corpora: each official pair alone, and all documents together.

Nothing is judged boilerplate here (`matching.PLAIN_TEXT`): the documents are web pages and essays.
Every document is an outlet of its own; files of the same text are one document, as train and test
share some. *Together* is one run for each kind over all documents of its pairs; only official pairs
are scored, since nobody knows what the others share.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.matching import PLAIN_TEXT, Article, Match, find_matches, keep_detections
from benchmarks.pan import Aligned, PanError, PanPair, read_pan, read_text, score_alignment
from benchmarks.reuse_tables import Table
from benchmarks.sets import digest_files

ALONE, TOGETHER = "alone", "together"
_COUNTED = {False: "without variants", True: "with variants"}
_SCORES = {
    "plagdet": "plagdet",
    "precision": "precision",
    "recall": "recall",
    "granularity": "granularity",
    "micro_precision": "micro P",
    "micro_recall": "micro R",
    "micro_plagdet": "micro plagdet",
}
_ALL = "all"


def find_corpus(data: Path) -> Path:
    """Return where PAN's corpus lies in a folder of data: the folder itself, or below it.

    Raises:
        PanError: If there is none.
    """
    for folder in (data, data / "reuse" / "pan13", data / "pan13"):
        if (folder / "pairs.json").is_file() or any(folder.glob("*/pairs")):
            return folder
    message = f"there is no text alignment corpus in {data}"
    raise PanError(message)


def measure_pan(
    folder: Path, *, limit: int | None = None, min_chars: int = 0, settings: Sequence[str] = ()
) -> dict[str, Any]:
    """Score the matcher on a corpus.

    Args:
        folder: The corpus, in a layout of `pan.read_pan`.
        limit: Only so many pairs a kind, always the same.
        min_chars: Detections shorter than this on either side do not count.
        settings: `alone`, `together` or both, which is the default.
    """
    pairs = read_pan(folder)
    kinds: dict[str, list[PanPair]] = {}
    for pair in pairs:
        kinds.setdefault(pair.kind, []).append(pair)
    chosen = {kind: _spread(found, limit) for kind, found in kinds.items()}
    result: dict[str, Any] = {
        "name": folder.name,
        "sha256": _digest(folder, pairs),
        "num_pairs": sum(map(len, chosen.values())),
        "num_all_pairs": len(pairs),
        "min_chars": min_chars,
        "kinds": {
            kind: {"num_pairs": len(found), "num_cases": sum(len(pair.cases) for pair in found)}
            for kind, found in chosen.items()
        },
    }
    for setting in settings or (ALONE, TOGETHER):
        run = _run_alone if setting == ALONE else _run_together
        found = {kind: run(of) for kind, of in chosen.items()}
        result[setting] = {
            counted: _score(chosen, found, with_variants, min_chars)
            for with_variants, counted in _COUNTED.items()
        }
    return result


def _spread(pairs: Sequence[PanPair], limit: int | None) -> Sequence[PanPair]:
    """Return pairs from all over a list, always the same."""
    if limit is None or limit >= len(pairs):
        return pairs
    return [pairs[at * len(pairs) // limit] for at in range(limit)]


def _digest(folder: Path, pairs: Sequence[PanPair]) -> str:
    listed = folder / "pairs.json"
    files = [listed] if listed.is_file() else sorted(folder.glob("*/pairs"))
    return digest_files([*files, *sorted({p for q in pairs for p in (q.this_path, q.source_path)})])


def _run_alone(pairs: Sequence[PanPair]) -> list[list[Match]]:
    """Compare each pair by itself; returns the matches of each."""
    workers = min(os.cpu_count() or 1, len(pairs))
    if workers < 2:
        return [_compare(pair) for pair in pairs]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_compare, pairs))


def _compare(pair: PanPair) -> list[Match]:
    return find_matches(_read_articles([pair]), PLAIN_TEXT, workers=1).matches


def _run_together(pairs: Sequence[PanPair]) -> list[list[Match]]:
    """Compare all documents with all; returns the matches of each official pair."""
    by_pair: dict[frozenset[str], list[Match]] = {}
    for match in find_matches(_read_articles(pairs), PLAIN_TEXT).matches:
        by_pair.setdefault(frozenset((match.left, match.right)), []).append(match)
    return [
        by_pair.get(frozenset((_name(pair.this_path), _name(pair.source_path))), [])
        for pair in pairs
    ]


@functools.cache
def _name(path: Path) -> str:
    """Name a document by its text."""
    return hashlib.sha256(read_text(path).encode()).hexdigest()


def _read_articles(pairs: Sequence[PanPair]) -> list[Article]:
    paths = {_name(path): path for p in pairs for path in (p.this_path, p.source_path)}
    return [
        Article(name, read_text(path), outlet=name, language="en")
        for name, path in sorted(paths.items())
    ]


def _score(
    kinds: Mapping[str, Sequence[PanPair]],
    found: Mapping[str, Sequence[Sequence[Match]]],
    with_variants: bool,
    min_chars: int,
) -> dict[str, Any]:
    """Score each kind, and all kinds that hold cases together."""
    scores: dict[str, Any] = {}
    all_cases: list[Aligned] = []
    all_detections: list[Aligned] = []
    for kind, pairs in kinds.items():
        cases: list[Aligned] = []
        detections: list[Aligned] = []
        clean, num_without = 0, 0
        for pair, matches in zip(pairs, found[kind], strict=True):
            kept = keep_detections(matches, with_variants=with_variants)
            given = [d for m in kept if _is_long(d := _as_detection(pair, m), min_chars)]
            cases += [_keyed(pair, case) for case in pair.cases]
            detections += given
            num_without += not pair.cases
            clean += not pair.cases and not given
        scores[kind] = dataclasses.asdict(score_alignment(cases, detections)) | {
            "num_pairs_without_case": num_without,
            "num_of_them_without_detection": clean,
        }
        if cases:
            all_cases += cases
            all_detections += detections
    scores[_ALL] = dataclasses.asdict(score_alignment(all_cases, all_detections))
    return scores


def _keyed(pair: PanPair, case: Aligned) -> Aligned:
    """Name the documents of a case so that no other kind has a document of the same name."""
    this, source = (f"{pair.kind}/{_name(p)}" for p in (pair.this_path, pair.source_path))
    return dataclasses.replace(case, this=this, source=source)


def _as_detection(pair: PanPair, match: Match) -> Aligned:
    this, source = match.sides(_name(pair.this_path))
    return _keyed(pair, Aligned(pair.this, *this, pair.source, *source))


def _is_long(detection: Aligned, min_chars: int) -> bool:
    this = detection.this_end - detection.this_begin
    return min(this, detection.source_end - detection.source_begin) >= min_chars


def pan_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a result: the scores by kind, and the pairs without reuse."""
    tables = []
    pairs = f"{result['num_pairs']} of {result['num_all_pairs']} pairs"
    least = f", detections of {result['min_chars']} characters or more" * bool(result["min_chars"])
    without = Table(
        "Pairs without reuse, and how many of them have no detection:",
        ["", "", "pairs", "without a detection", "share"],
    )
    for setting in (ALONE, TOGETHER):
        if setting not in result:
            continue
        title = "each pair alone" if setting == ALONE else "all documents of a kind together"
        table = Table(
            f"**{result['name']}**, {pairs}, files `{result['sha256'][:12]}`, {title}{least}:",
            ["", "", "pairs", "cases", "detections", *_SCORES.values()],
        )
        for counted, by_kind in result[setting].items():
            for kind, scores in by_kind.items():
                about = result["kinds"].get(kind, {"num_pairs": "", "num_cases": ""})
                if scores["num_cases"]:
                    cells = [scores[name] for name in _SCORES]
                    num = scores["num_cases"], scores["num_detections"]
                    table.rows.append([kind, counted, about["num_pairs"], *num, *cells])
                if number := scores.get("num_pairs_without_case"):
                    clean = scores["num_of_them_without_detection"]
                    what = f"{setting}, {counted}"
                    without.rows.append([kind, what, number, clean, clean / number])
        tables.append(table)
    return [*tables, without]
