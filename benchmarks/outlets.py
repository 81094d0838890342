"""Show what outlets repeat: `python -m benchmarks.outlets PATH...`.

Prints for each outlet how many lines were learnt and how many blocks of its documents they are, by
what made them known: the same line, or the same line with other names and dates. `--show` prints
every such line with an example, for reading; nothing is labelled, so nothing is scored.
"""

from __future__ import annotations

import tempfile
from collections import Counter

import click
import pyarrow.parquet as pq

from cleaner import Config, clean_corpus

_REASONS = {"outlet_repeats_line": "lines", "outlet_repeats_pattern": "patterns"}


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--outlet-field", help="Field of records that names the outlet.")
@click.option("--show", is_flag=True, help="Print every line that was found.")
def main(paths: tuple[str, ...], outlet_field: str | None, show: bool) -> None:
    """Count the blocks that outlets repeat over their documents."""
    fields = {"outlet": outlet_field} if outlet_field else {}
    config = Config().replace(read={"fields": fields})
    with tempfile.TemporaryDirectory() as scratch:
        clean_corpus(paths, scratch, config=config, overwrite=True)
        documents = pq.read_table(f"{scratch}/documents.parquet").to_pylist()
        ledger = pq.read_table(f"{scratch}/ledger.parquet").to_pylist()
    about = {row["document_id"]: row for row in documents}
    found: dict[str, Counter[tuple[str, str]]] = {}
    for span in ledger:
        if span["rule"] == "outlet_repeats":
            document = about[span["document_id"]]
            line = document["text"][span["begin"] : span["end"]].strip()
            found.setdefault(document["outlet"], Counter())[span["reason"], line] += 1
    sizes = Counter(row["outlet"] for row in documents)
    for outlet, lines in sorted(found.items()):
        _print_outlet(outlet, sizes[outlet], lines, show)
    total = sum(sum(lines.values()) for lines in found.values())
    click.echo(
        f"{total} blocks in {len(found)} of {len(sizes)} outlets, {len(documents)} documents"
    )


def _print_outlet(
    outlet: str, num_documents: int, lines: Counter[tuple[str, str]], show: bool
) -> None:
    counts: Counter[str] = Counter()
    for (reason, _), number in lines.items():
        counts[_REASONS[reason]] += number
    described = ", ".join(f"{number} {what}" for what, number in counts.items())
    click.echo(f"{outlet}: {described} in {num_documents} documents")
    if show:
        for (reason, line), number in lines.most_common():
            click.echo(f"  {number:>5} {_REASONS[reason][:-1]}: {line[:160]!r}")


if __name__ == "__main__":
    main()
