"""Score main content on labelled pages: `python -m benchmarks.extraction FOLDER...`.

Each FOLDER holds `html/ID.html.gz` and `gold.jsonl` with `id` and `text`. The measure is that of
scrapinghub's article-extraction-benchmark: 4-grams of words, precision and recall averaged over
pages, F1 of the two means. trafilatura's default is scored beside it in the same run.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tempfile
from collections import Counter
from pathlib import Path

import click
import pyarrow.parquet as pq

from cleaner import clean_corpus
from cleaner.ledger import view_text

_SIZE = 4


@click.command()
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def main(folders: tuple[Path, ...]) -> None:
    """Score extraction with boilerplate removal against hand-made texts."""
    for folder in folders:
        gold_file = (folder / "gold.jsonl").read_bytes()
        gold = {r["id"]: r["text"] for r in map(json.loads, gold_file.splitlines())}
        ours = _clean(folder / "html")
        theirs = _extract(folder / "html")
        digest = hashlib.sha256(gold_file).hexdigest()[:12]
        click.echo(f"{folder.name}: {len(gold)} pages, gold {digest}")
        for name, texts in (("clean, full view", ours), ("trafilatura", theirs)):
            precision, recall, f1 = _score([(texts.get(i, ""), text) for i, text in gold.items()])
            click.echo(f"  {name:18} precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")


def _clean(pages: Path) -> dict[str, str]:
    """Return the full view of each page, by page id."""
    with tempfile.TemporaryDirectory() as scratch:
        clean_corpus([pages], scratch)
        documents = pq.read_table(f"{scratch}/documents.parquet").to_pylist()
        spans: dict[str, list[dict[str, object]]] = {}
        for row in pq.read_table(f"{scratch}/ledger.parquet").to_pylist():
            spans.setdefault(row["document_id"], []).append(row)
    return {
        _page_id(row["path"]): view_text(row["text"], spans[row["document_id"]], "full")
        for row in documents
    }


def _extract(pages: Path) -> dict[str, str]:
    """Return what trafilatura takes for main content, by page id."""
    import trafilatura

    return {
        _page_id(page.name): trafilatura.extract(
            gzip.decompress(page.read_bytes()), include_comments=False
        )
        or ""
        for page in sorted(pages.glob("*.html.gz"))
    }


def _page_id(path: str) -> str:
    return Path(path).name.removesuffix(".gz").removesuffix(".html")


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + _SIZE]) for i in range(max(1, len(words) - _SIZE + 1)))


def _score(pairs: list[tuple[str, str]]) -> tuple[float, float, float]:
    precision = recall = 0.0
    for text, gold in pairs:
        found, wanted = _grams(text), _grams(gold)
        shared = sum((found & wanted).values())
        precision += shared / max(1, sum(found.values())) / len(pairs)
        recall += shared / max(1, sum(wanted.values())) / len(pairs)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


if __name__ == "__main__":
    main()
