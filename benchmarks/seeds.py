"""Score a run on articles with hand-made labels: `python -m benchmarks.seeds FOLDER`.

FOLDER holds plain texts, `gold_boilerplate.json` (every non-blank line with `begin`, `end`, `keep`)
and `gold_reuse.json` (pairs of reused passages by grade, and hard negatives). A gold pair counts as
found when a match covers at least half of it, by characters and on both sides (intersection over
union); the share by which offsets agree is printed beside it.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq

from cleaner import Config, clean_corpus

_MIN_OVERLAP = 0.5


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--background", multiple=True, help="Other articles to hide these among.")
@click.option("--verbose", is_flag=True, help="Print every error.")
def main(folder: Path, background: tuple[str, ...], verbose: bool) -> None:
    """Score boilerplate and reuse on labelled articles."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = [*map(str, sorted(folder.glob("*.txt"))), *background]
        clean_corpus(paths, scratch, config=Config(), overwrite=True)
        documents = pq.read_table(f"{scratch}/documents.parquet").to_pylist()
        ledger = pq.read_table(f"{scratch}/ledger.parquet").to_pylist()
        matches = pq.read_table(f"{scratch}/matches.parquet").to_pylist()
    names = {row["document_id"]: row["source"] for row in documents}
    _score_boilerplate(
        json.loads((folder / "gold_boilerplate.json").read_text("utf-8")), names, ledger, verbose
    )
    _score_reuse(
        json.loads((folder / "gold_reuse.json").read_text("utf-8")), names, matches, verbose
    )


def _score_boilerplate(
    gold: dict[str, Any], names: dict[str, str], ledger: list[dict[str, Any]], verbose: bool
) -> None:
    """Print how well lines are told apart; removal as a duplicate does not count here."""
    kinds = Counter[str]()
    right = Counter[str]()
    outcome = Counter[tuple[bool, bool]]()
    for name, lines in gold.items():
        spans = [row for row in ledger if names[row["document_id"]] == name]
        for line in lines:
            kept = sum(_shared(line, span) for span in spans if span["full"])
            is_kept = 2 * kept > line["end"] - line["begin"]
            outcome[line["keep"], is_kept] += 1
            if not line["keep"]:
                kinds[line["kind"]] += 1
                largest = max(spans, key=lambda span: _shared(line, span))
                right[line["kind"]] += largest["kind"] == line["kind"]
            if verbose and is_kept != line["keep"]:
                click.echo(f"  {'kept' if is_kept else 'removed'} wrongly: {name} {line['head']!r}")
    removed, lost = outcome[False, False], outcome[True, False]
    left, kept = outcome[False, True], outcome[True, True]
    precision, recall = removed / max(1, removed + lost), removed / max(1, removed + left)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    click.echo(
        f"boilerplate lines: removed {removed} of {removed + left}, lost {lost} of {lost + kept} "
        f"main lines; precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}"
    )
    click.echo(f"right kind: {sum(right.values())} of {sum(kinds.values())}")


def _shared(a: dict[str, Any], b: dict[str, Any]) -> int:
    return max(0, min(a["end"], b["end"]) - max(a["begin"], b["begin"]))


def _overlap(begin: int, end: int, other_begin: int, other_end: int) -> float:
    shared = max(0, min(end, other_end) - max(begin, other_begin))
    return shared / (max(end, other_end) - min(begin, other_begin))


def _agreement(pair: dict[str, Any], match: dict[str, Any], names: dict[str, str]) -> float:
    """Return how well a match's extents agree with a gold pair's, the worse side, in [0, 1]."""
    sides = [
        (names[match[f"{s}_document"]], match[f"{s}_begin"], match[f"{s}_end"])
        for s in ("left", "right")
    ]
    best = 0.0
    for a, b in (sides, sides[::-1]):
        if (a[0], b[0]) == (pair["a"]["doc"], pair["b"]["doc"]):
            worse = min(
                _overlap(pair[key]["start"], pair[key]["end"], side[1], side[2])
                for key, side in (("a", a), ("b", b))
            )
            best = max(best, worse)
    return best


def _score_reuse(
    gold: dict[str, Any], names: dict[str, str], matches: list[dict[str, Any]], verbose: bool
) -> None:
    """Print how many reused passages are found, by grade, and what was found beside them."""
    wanted = {pair["a"]["doc"] for pair in gold["pairs"]} | {p["b"]["doc"] for p in gold["pairs"]}
    ours = [
        m
        for m in matches
        if names[m["left_document"]] in wanted and names[m["right_document"]] in wanted
    ]
    grades: dict[str, list[float]] = {}
    for pair in gold["pairs"]:
        best = max((_agreement(pair, match, names) for match in ours), default=0.0)
        grade = "optional" if pair["optional"] else pair["grade"]
        grades.setdefault(grade, []).append(best)
        if verbose:
            click.echo(f"  {pair['id']} {grade}: {best:.2f}")
    for grade, found in grades.items():
        hits = [agreement for agreement in found if agreement >= _MIN_OVERLAP]
        mean = sum(hits) / max(1, len(hits))
        click.echo(f"{grade}: {len(hits)} of {len(found)} found, offsets agree by {mean:.2f}")
    negatives = sum(
        any(_agreement(pair, match, names) >= _MIN_OVERLAP for match in ours)
        for pair in gold["hard_negatives"]
    )
    strange = [m for m in ours if max(_agreement(p, m, names) for p in gold["pairs"]) < 0.2]
    others = len(matches) - len(ours)
    click.echo(f"hard negatives reported: {negatives} of {len(gold['hard_negatives'])}")
    click.echo(f"matches beside the gold: {len(strange)}; with or within the background: {others}")


if __name__ == "__main__":
    main()
