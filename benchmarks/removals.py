"""Draw removals to be judged by reading: `python -m benchmarks.removals CLEANED --sample 120`.

CLEANED is what a run wrote. A third of the removals each are the block model's, those of cues and
those of the other rules; within each, rules with their reasons and languages take turns, so that
rare ones occur, and equal lines count once. The sample is there to find what goes wrong: shares in
it are not shares of the run.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.model import BOILERPLATE_KINDS

GROUPS = ("block_model", "cue", "code rule")
UNKNOWN = "unknown"
"""The language of a document of which nothing tells it."""

_COLUMNS = ["document_id", "begin", "end", "kept", "kind", "reason", "rule", "score", "evidence"]
_MAX_CHARS_OF_NEIGHBOUR = 160


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sample", default=120, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws other removals.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one removal a line.")
def main(folder: Path, sample: int, seed: int, as_json: bool) -> None:
    """Print removals of a run, each between the lines before and after it."""
    ledger = pq.read_table(folder / "ledger.parquet", columns=_COLUMNS)
    documents = pq.read_table(folder / "documents.parquet").select(
        ["document_id", "source", "language", "text"]
    )
    about = {row["document_id"]: row for row in documents.to_pylist()}
    is_boilerplate = [kind in BOILERPLATE_KINDS for kind in ledger["kind"].to_pylist()]
    removed = ledger.filter(pc.and_(is_boilerplate, pc.invert(ledger["kept"]))).to_pylist()
    different = {
        (row["rule"], about[row["document_id"]]["text"][row["begin"] : row["end"]].strip()): row
        for row in removed
    }
    languages = {name: row["language"] or UNKNOWN for name, row in about.items()}
    chosen = draw_removals(different.values(), languages, sample, seed)
    kept_at = _read_kept(ledger.select(["document_id", "begin", "end", "kept"]).to_pylist(), chosen)
    for number, removal in enumerate(chosen, start=1):
        document = about[removal["document_id"]]
        found = describe_removal(removal, document, kept_at[removal["document_id"]])
        if as_json:
            click.echo(json.dumps({"number": number, **found}, ensure_ascii=False))
        else:
            _print_removal(number, found)


def find_group(rule: str) -> str:
    """Say which of `GROUPS` a rule belongs to; the names of cues begin with their language.

    >>> [find_group(rule) for rule in ("en.share.share_buttons", "copyright_sign", "block_model")]
    ['cue', 'code rule', 'block_model']
    """
    if rule == "block_model":
        return rule
    return "cue" if "." in rule else "code rule"


def draw_removals(
    removed: Iterable[Mapping[str, Any]], languages: Mapping[str, str], sample: int, seed: int
) -> list[Mapping[str, Any]]:
    """Draw removals: as many of each group as there are, up to a third, the rest from the others.

    The next one of a group is always one whose rule, reason and language were drawn least.

    Args:
        removed: Rows of the ledger, all of boilerplate.
        languages: The language of each document.
        sample: How many removals, at most.
        seed: What ties are broken by, beside the document and the position.

    Returns:
        The removals by group, rule, language and place.
    """

    def draw_lot(row: Mapping[str, Any]) -> str:
        name = f"{seed} {row['document_id']} {row['begin']}"
        return hashlib.sha256(name.encode()).hexdigest()

    strata: dict[str, dict[tuple[str, str, str], list[Mapping[str, Any]]]]
    strata = {group: defaultdict(list) for group in GROUPS}
    for row in sorted(removed, key=draw_lot, reverse=True):
        key = (row["rule"], row["reason"], languages[row["document_id"]])
        strata[find_group(row["rule"])][key].append(row)
    seen: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}
    chosen: list[Mapping[str, Any]] = []
    while len(chosen) < sample and any(strata.values()):
        for group in [group for group in GROUPS if strata[group]][: sample - len(chosen)]:
            there, counts = strata[group], seen[group]
            key = min(
                there,
                key=lambda k: (counts[f"{k[0]} {k[1]}"] + counts[k[2]], draw_lot(there[k][-1])),
            )
            chosen.append(there[key].pop())
            counts.update((f"{key[0]} {key[1]}", key[2]))
            if not there[key]:
                del there[key]
    return sorted(
        chosen,
        key=lambda row: (
            GROUPS.index(find_group(row["rule"])),
            row["rule"],
            languages[row["document_id"]],
            row["document_id"],
            row["begin"],
        ),
    )


def describe_removal(
    removal: Mapping[str, Any], document: Mapping[str, Any], kept: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    """Return a removal with its text and the lines around it.

    Args:
        removal: Its row of the ledger.
        document: Its row of `documents.parquet`.
        kept: Where the kept spans of the document begin and end.
    """
    text, begin, end = document["text"], removal["begin"], removal["end"]
    before, after = text[:begin].rstrip(), text[end:]
    first = len(text) - len(after.lstrip())

    def is_kept(at: int) -> bool:
        return any(start <= at < stop for start, stop in kept)

    return {
        "source": document["source"],
        "begin": begin,
        "end": end,
        "language": document["language"] or UNKNOWN,
        "group": find_group(removal["rule"]),
        **{name: removal[name] for name in ("rule", "kind", "reason", "score", "evidence")},
        "before": before.rpartition("\n")[2][-_MAX_CHARS_OF_NEIGHBOUR:],
        "before_kept": is_kept(len(before) - 1),
        "text": text[begin:end],
        "after": after.lstrip().partition("\n")[0][:_MAX_CHARS_OF_NEIGHBOUR],
        "after_kept": is_kept(first),
    }


def _read_kept(
    rows: Iterable[Mapping[str, Any]], chosen: Iterable[Mapping[str, Any]]
) -> dict[str, list[tuple[int, int]]]:
    """Return where the kept spans of the documents stand that something was chosen of."""
    kept: dict[str, list[tuple[int, int]]] = {row["document_id"]: [] for row in chosen}
    for row in rows:
        if row["kept"] and row["document_id"] in kept:
            kept[row["document_id"]].append((row["begin"], row["end"]))
    return kept


def _print_removal(number: int, found: Mapping[str, Any]) -> None:
    """Print a removal; `+` stands before a neighbour that was kept, `-` before one that was not."""
    evidence = f" [{found['evidence']}]" if found["evidence"] else ""
    click.echo(
        f"{number}. {found['language']} {found['kind']}: {found['reason']} "
        f"({found['rule']}, {found['score']:.2f}){evidence}\n"
        f"   {found['source']}:{found['begin']}-{found['end']}"
    )
    for side in ("before", "text", "after"):
        sign = ">" if side == "text" else "+" if found[f"{side}_kept"] else "-"
        for line in found[side].strip().split("\n"):
            click.echo(f"   {sign} {line.strip()}")
    click.echo()


if __name__ == "__main__":
    main()
