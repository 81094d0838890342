"""How many of a run's detections a reader calls reuse: a sample that was judged by hand.

`benchmarks/judged_detections.jsonl` holds 200 pairs of passages that a run over the news articles
of `DATA/text` and `DATA/reuse/topic-clusters` accepted between two outlets, drawn at random, with
what a reader said of each: `same` (the text was reused), `template` (stock wording, a form, a
caption) or `different` (the same subject in other words). Places only, no text. The model has not
learnt from them; the limit of its score was chosen with them in view.

A pair counts as detected if the model of today accepts it, with the same articles for a corpus.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.reuse_tables import Table
from cleaner.config import Config
from cleaner.model import Relation
from cleaner.passages.acceptance import score
from cleaner.quality.verdicts import confidence_interval
from training.reuse import UNSEEN, JudgedPair, judged_pairs

_ALL = "all"


def measure_judged(data: Path) -> dict[str, Any]:
    """Count verdicts on what is detected, over all, by relation and by set of articles."""
    lines = UNSEEN.read_text(encoding="utf-8").splitlines()
    relations = {_key(row): row["relation"] for row in map(json.loads, lines)}
    limit = Config().match.min_score
    found: dict[str, Counter[str]] = {}
    num_left_out = 0
    for pair in judged_pairs(data, UNSEEN):
        is_template = pair.relation in (Relation.TEMPLATE, Relation.VARIANT)
        if score(pair.features) < limit or is_template:
            num_left_out += 1
            continue
        for group in _groups(pair, relations[_key(pair.row)]):
            found.setdefault(group, Counter())[pair.row["verdict"]] += 1
    return {
        "num_judged": len(lines),
        "num_left_out": num_left_out,
        "verdicts": {group: dict(counts) for group, counts in found.items()},
    }


def _key(row: Mapping[str, Any]) -> tuple[str, int, str, int]:
    return row["left"], row["left_begin"], row["right"], row["right_begin"]


def _groups(pair: JudgedPair, relation: str) -> Iterator[str]:
    yield _ALL
    yield f"relation {relation}"
    yield f"from {pair.row['left'].split('#')[0]}"


def judged_tables(result: Mapping[str, Any]) -> list[Table]:
    """Show precision with its interval."""
    caption = (
        f"Detections between outlets, judged by reading: {result['num_judged']} drawn at random, "
        f"of which {result['num_left_out']} are no longer accepted. Precision with the ends of its "
        "95 % interval (Wilson):"
    )
    header = ["", "detected", "same", "template", "different", "precision", "low", "high"]
    table = Table(caption, header)
    ordered = sorted(result["verdicts"].items(), key=lambda item: (item[0] != _ALL, item[0]))
    for group, counts in ordered:
        whole, same = sum(counts.values()), counts.get("same", 0)
        others = [counts.get(verdict, 0) for verdict in ("template", "different")]
        table.rows.append(
            [group, whole, same, *others, same / whole, *confidence_interval(same, whole)]
        )
    return [table]
