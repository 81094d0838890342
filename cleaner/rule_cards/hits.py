"""Count what each rule did in a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cleaner.boilerplate.catalogue import RuleEntry
from cleaner.errors import LookupFailedError
from cleaner.rule_cards.cards import OutletHits, RuleCard, RuleRun
from cleaner.rule_cards.tables import check_run, read_disabled, read_documents, read_ledger

_CHARS, _SPANS = "num_chars_sum", "num_chars_count"
_COUNTED = pa.schema(
    [
        pa.field("rule", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("kept", pa.bool_()),
        pa.field("document", pa.int32()),
        pa.field(_SPANS, pa.int64()),
        pa.field(_CHARS, pa.int64()),
    ]
)
"""Spans and characters of a rule in a document, which is its row number in `documents.parquet`."""


def count_rules(entries: Sequence[RuleEntry], output: Path) -> tuple[RuleCard, ...]:
    """Count what each rule did; what only the ledger knows becomes a rule too."""
    check_run(output)
    documents = read_documents(output)
    counted = _count_hits(output, documents)
    disabled = read_disabled(output)
    outlets = _outlets_by_rule(counted, documents, output)
    totals: dict[str, Counter[str]] = {}
    kinds: dict[str, set[str]] = {}
    for row in _sum(counted, ["rule", "kind", "kept"]):
        kinds.setdefault(row["rule"], set()).add(row["kind"])
        kept = "kept_" if row["kept"] else ""
        total = totals.setdefault(row["rule"], Counter())
        total[f"{kept}spans"] += row[_SPANS]
        total[f"{kept}chars"] += row[_CHARS]
    known = {entry.name for entry in entries}
    strange = (
        RuleEntry(name, "", kinds=tuple(sorted(kinds[name])))
        for name in sorted(totals.keys() - known)
    )
    num_outlets = len(documents["outlet"].unique())
    cards = []
    for entry in (*entries, *strange):
        total, hit = totals.get(entry.name, Counter()), outlets.get(entry.name, ())
        run = RuleRun(
            num_spans=total["spans"],
            num_chars=total["chars"],
            num_documents=sum(outlet.num_hit_documents for outlet in hit),
            num_kept_spans=total["kept_spans"],
            num_kept_chars=total["kept_chars"],
            kinds=tuple(sorted(kinds.get(entry.name, ()))),
            outlets=hit,
            num_run_documents=documents.num_rows,
            num_run_outlets=num_outlets,
            is_switched_off=any(entry.is_named(name) for name in disabled),
        )
        cards.append(RuleCard(entry, run))
    return tuple(sorted(cards, key=_most_hit_first))


def _most_hit_first(card: RuleCard) -> tuple[int, int, str]:
    run = card.run
    return (-run.num_documents, -run.num_chars, card.rule.name) if run else (0, 0, card.rule.name)


def _count_hits(output: Path, documents: pa.Table) -> pa.Table:
    """Return rows of `_COUNTED`."""
    ids = documents["document_id"].combine_chunks()
    keys = ["rule", "kind", "kept", "document"]
    parts = [_COUNTED.empty_table()]
    for batch in read_ledger(output):
        table = pa.table(
            {
                "rule": batch["rule"],
                "kind": batch["kind"],
                "kept": batch["kept"],
                "document": pc.index_in(batch["document_id"], value_set=ids),
                "num_chars": pc.subtract(batch["end"], batch["begin"]),
            }
        )
        counts = [("num_chars", "count"), ("num_chars", "sum")]
        parts.append(table.group_by(keys).aggregate(counts).select(_COUNTED.names))
    return pa.concat_tables(parts)


def _outlets_by_rule(
    counted: pa.Table, documents: pa.Table, output: Path
) -> dict[str, tuple[OutletHits, ...]]:
    """Return the outlets that each rule hit, the most hit first."""
    if counted["document"].null_count:
        message = f"the tables in {output} are not of one run; run `clean` again"
        raise LookupFailedError(message)
    sizes = Counter(documents["outlet"].to_pylist())
    removed = counted.filter(pc.invert(counted["kept"]))
    removed = removed.append_column("outlet", documents["outlet"].take(removed["document"]))
    found: dict[str, list[OutletHits]] = {}
    grouped = removed.group_by(["rule", "outlet"]).aggregate([("document", "count_distinct")])
    for row in grouped.to_pylist():
        size, num_hit = sizes[row["outlet"]], row["document_count_distinct"]
        hits = OutletHits(row["outlet"], size, num_hit, round(num_hit / size, 4))
        found.setdefault(row["rule"], []).append(hits)
    return {
        rule: tuple(sorted(hits, key=lambda h: (-h.hit_ratio, -h.num_hit_documents, h.outlet)))
        for rule, hits in found.items()
    }


def _sum(counted: pa.Table, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Add up spans and characters over all but the given columns."""
    summed = counted.group_by(list(keys)).aggregate([(_SPANS, "sum"), (_CHARS, "sum")])
    return [
        {key: row[key] for key in keys}
        | {_SPANS: row[f"{_SPANS}_sum"], _CHARS: row[f"{_CHARS}_sum"]}
        for row in summed.to_pylist()
    ]
