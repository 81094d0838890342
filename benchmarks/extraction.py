"""Score main content on labelled pages: `python -m benchmarks.extraction DATA...`.

`benchmarks/sets.py` says how a DATA folder may look, `benchmarks/measures.py` what is measured, and
`benchmarks/systems.py` what runs. Every system reads a page before the next page is taken, all in
this process, so that their times compare; each page is its own outlet. `--outlets` measures instead
what the cleaner gains when the pages of an outlet are given to it together.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq

from benchmarks.lines import read_lines
from benchmarks.measures import (
    PageCounts,
    Scores,
    compare_shingles,
    compare_snippets,
    difference_std,
    score_means,
    score_sums,
)
from benchmarks.reports import list_options, make_report, measure_options, publish_report
from benchmarks.sets import LabelledSet, Page, read_set
from benchmarks.systems import (
    SYSTEMS,
    Missing,
    Request,
    Running,
    load_systems,
)

_MEASURES: Mapping[str, Callable[[Sequence[PageCounts]], Scores]] = {
    "shingles": score_means,
    "snippets": score_sums,
}
_NAMES = tuple(system.name for system in SYSTEMS)
_HEADER = (
    f"{'':24} {'precision':>13} {'recall':>13} {'F1':>13} {'exact':>6} {'F1<.5':>6} {'empty':>6} "
    f"{'failed':>6} {'CPU s':>8}"
)


@click.command()
@click.option(
    "--system",
    "names",
    multiple=True,
    type=click.Choice(_NAMES),
    help="Only this system; may be repeated.",
)
@click.option("--outlets", is_flag=True, help="Pages of an outlet together, against each alone.")
@click.option("--as-text", is_flag=True, help="With --outlets: the visible lines, without HTML.")
@measure_options
def main(
    folders: tuple[Path, ...],
    pages: int | None,
    only: tuple[str, ...],
    names: tuple[str, ...],
    outlets: bool,
    as_text: bool,
    json_file: Path | None,
) -> None:
    """Score extraction with boilerplate removal against hand-made texts, beside other tools."""
    if as_text and not outlets:
        message = "--as-text goes with --outlets; benchmarks.boilerplate scores lines without HTML"
        raise click.UsageError(message)
    systems = [system for system in SYSTEMS if not names or system.name in names]
    sets = [read_set(folder, pages, only) for folder in folders]
    results = []
    missing: list[Missing] = []
    if outlets:
        systems = [system for system in SYSTEMS if system.name == "clean"]
        results = [measure_outlets(labelled, as_text) for labelled in sets]
    else:
        running, missing = load_systems(systems)
        systems = [item.system for item in running]
        for labelled in sets:
            results.append(measure_set(labelled, running))
            _print_set(results[-1])
    arguments = [
        "benchmarks.extraction",
        *(labelled.name for labelled in sets),
        *(["--outlets"] if outlets else []),
        *(["--as-text"] if as_text else []),
        *list_options(pages, only),
        *(f'--system "{name}"' for name in names),
    ]
    benchmark = "outlets" if outlets else "extraction"
    publish_report(make_report(benchmark, arguments, systems, missing, sets=results), json_file)


def measure_set(labelled: LabelledSet, running: Sequence[Running]) -> dict[str, Any]:
    """Run every system over a set, page by page, and score it.

    Returns:
        What the set is, and for each measure that its gold allows the scores of each system: over
        all pages, and by language.
    """
    before = {item.system.name: item.cpu_seconds for item in running}
    for item in running:
        item.failures.clear()
    texts: dict[str, list[str]] = {item.system.name: [] for item in running}
    for number, page in enumerate(labelled.pages, start=1):
        _show_progress(labelled.name, number, len(labelled.pages))
        request = Request(page.read(), page.url, page.language)
        for item in running:
            texts[item.system.name].append(item.run(page.id, request))
    return labelled.as_json() | {
        "systems": {
            item.system.name: {
                "cpu_seconds": round(item.cpu_seconds - before[item.system.name], 2),
                "failures": dict(item.failures),
            }
            for item in running
        },
        "measures": score_texts(labelled, texts),
    }


def score_texts(labelled: LabelledSet, texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Score what systems made of the pages of a set, by every measure that its gold allows.

    Args:
        labelled: The set.
        texts: For each system, a text for each page of the set.
    """
    results: dict[str, Any] = {}
    for measure, score in _MEASURES.items():
        indices = [i for i, page in enumerate(labelled.pages) if _has_gold(page, measure)]
        if not indices:
            continue
        counts = {
            name: {i: _compare(labelled.pages[i], found[i], measure) for i in indices}
            for name, found in texts.items()
        }
        languages: dict[str, list[int]] = {}
        for i in indices:
            languages.setdefault(labelled.pages[i].language, []).append(i)
        results[measure] = {
            "all": _score_all(counts, indices, score),
            "languages": {
                language: _score_all(counts, languages[language], score)
                for language in sorted(languages, key=lambda name: (-len(languages[name]), name))
            },
        }
    return results


def _score_all(
    counts: Mapping[str, Mapping[int, PageCounts]],
    indices: Iterable[int],
    score: Callable[[Sequence[PageCounts]], Scores],
) -> dict[str, Any]:
    chosen = list(indices)
    return {name: score([of[i] for i in chosen]).as_json() for name, of in counts.items()}


def _has_gold(page: Page, measure: str) -> bool:
    return page.text is not None if measure == "shingles" else bool(page.wanted or page.unwanted)


def _compare(page: Page, found: str, measure: str) -> PageCounts:
    if measure == "shingles":
        return compare_shingles(page.text or "", found)
    return compare_snippets(page.wanted, page.unwanted, found)


def measure_outlets(labelled: LabelledSet, as_text: bool = False) -> dict[str, Any]:
    """Clean the pages of each outlet together, and each alone, and compare.

    Both go through `clean_corpus` with the same URL and so the same outlet; only the company of the
    other pages differs. The full view is compared, from which nothing is cut as a copy. Outlets
    with one page are left out.
    """
    groups: dict[str, list[Page]] = {}
    for page in labelled.pages:
        if page.text is not None and page.outlet is not None:
            groups.setdefault(page.outlet, []).append(page)
    groups = {outlet: pages for outlet, pages in sorted(groups.items()) if len(pages) > 1}
    rows: dict[str, Any] = {}
    all_counts: dict[str, list[PageCounts]] = {"alone": [], "together": []}
    click.echo(
        f"{labelled.name}: {len(labelled.pages)} pages, {len(groups)} outlets with several; gold "
        f"{labelled.gold_digest[:12]}, html {labelled.html_digest[:12]}"
    )
    for number, (outlet, pages) in enumerate(groups.items(), start=1):
        _show_progress(labelled.name, number, len(groups))
        texts = {"together": clean_together(pages, as_text), "alone": {}}
        for page in pages:
            texts["alone"] |= clean_together([page], as_text)
        counts = {
            name: [compare_shingles(page.text or "", found[page.id]) for page in pages]
            for name, found in texts.items()
        }
        rows[outlet] = _compare_outlet(counts)
        _print_outlet(outlet, rows[outlet])
        for name in all_counts:
            all_counts[name] += counts[name]
    whole = _compare_outlet(all_counts)
    _print_outlet("all", whole)
    return labelled.as_json() | {"outlets": rows, "all": whole}


def _compare_outlet(counts: Mapping[str, Sequence[PageCounts]]) -> dict[str, Any]:
    difference, std = difference_std(counts["alone"], counts["together"])
    return {
        **{name: score_means(pages).as_json() for name, pages in counts.items()},
        "f1_difference": round(difference, 4),
        "f1_difference_std": round(std, 4),
        "num_better": sum(b.f1 > a.f1 for a, b in zip(*_pair(counts), strict=True)),
        "num_worse": sum(b.f1 < a.f1 for a, b in zip(*_pair(counts), strict=True)),
    }


def _pair(
    counts: Mapping[str, Sequence[PageCounts]],
) -> tuple[Sequence[PageCounts], Sequence[PageCounts]]:
    return counts["alone"], counts["together"]


def clean_together(pages: Sequence[Page], as_text: bool = False) -> dict[str, str]:
    """Clean pages as one corpus; return the full view of each, empty where it was set aside.

    Args:
        pages: The pages, with an outlet each.
        as_text: Give their visible lines instead of their source.
    """
    from cleaner import Config, clean_corpus
    from cleaner.errors import InputError
    from cleaner.ledger import view_text

    texts = {page.id: "" for page in pages}
    with tempfile.TemporaryDirectory() as scratch:
        corpus, output = Path(scratch, "pages.jsonl"), Path(scratch, "cleaned")
        with corpus.open("w", encoding="utf-8") as lines:
            for page in pages:
                url = page.url or f"https://{page.outlet}/{page.id}"
                source = page.read()
                text = {"text": "\n".join(read_lines(source)[0])} if as_text else {"html": source}
                record = {"id": page.id, "url": url, **text}
                lines.write(json.dumps(record) + "\n")
        try:
            clean_corpus([corpus], output, config=Config(), workers=1)
        except InputError:  # Not one of the pages has text.
            return texts
        spans: dict[str, list[dict[str, Any]]] = {}
        for row in pq.read_table(output / "ledger.parquet").to_pylist():
            spans.setdefault(row["document_id"], []).append(row)
        for row in pq.read_table(output / "documents.parquet").to_pylist():
            if row["document_id"] in spans:
                texts[row["source_id"]] = view_text(row["text"], spans[row["document_id"]], "full")
    return texts


def _print_set(result: Mapping[str, Any]) -> None:
    click.echo(
        f"{result['name']}: {result['num_pages']} of {result['num_all_pages']} pages, gold "
        f"{result['gold_sha256'][:12]}, html {result['html_sha256'][:12]}"
    )
    for measure, scored in result["measures"].items():
        click.echo(f" {measure + ', all':24}{_HEADER[25:]}")
        for name, scores in scored["all"].items():
            system = result["systems"][name]
            click.echo(
                f"  {name:22} {_format_scores(scores)} {len(system['failures']):6} "
                f"{system['cpu_seconds']:8.2f}"
            )
        languages = scored["languages"]
        click.echo(f" {measure + ', F1 by language':23}" + "".join(f"{n:>9}" for n in languages))
        for name in scored["all"]:
            row = "".join(f"{languages[language][name]['f1']:9.4f}" for language in languages)
            click.echo(f"  {name:22}{row}")
        sizes = [next(iter(systems.values()))["num_pages"] for systems in languages.values()]
        click.echo(f"  {'pages':22}" + "".join(f"{size:9}" for size in sizes))
    for name, system in result["systems"].items():
        for page, problem in system["failures"].items():
            click.echo(f" {name} failed on {page}: {problem[:160]}")


def _format_scores(scores: Mapping[str, float]) -> str:
    parts = [f"{scores[n]:.4f}±{scores[f'{n}_std']:.4f}" for n in ("precision", "recall", "f1")]
    return (
        f"{parts[0]:>13} {parts[1]:>13} {parts[2]:>13} {scores['exact']:6.3f} "
        f"{scores['num_low']:6} {scores['num_empty']:6}"
    )


def _print_outlet(outlet: str, row: Mapping[str, Any]) -> None:
    before, after = row["alone"], row["together"]
    click.echo(
        f"  {outlet:24} {before['num_pages']:3} pages: alone F1 {before['f1']:.4f} (P "
        f"{before['precision']:.4f} R {before['recall']:.4f}), together F1 {after['f1']:.4f} (P "
        f"{after['precision']:.4f} R {after['recall']:.4f}), difference "
        f"{row['f1_difference']:+.4f}±{row['f1_difference_std']:.4f}, {row['num_better']} better, "
        f"{row['num_worse']} worse"
    )


def _show_progress(name: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{name}: {done} of {total}", nl=done == total, err=True)


if __name__ == "__main__":
    logging.disable()  # What is said of single pages; an error is counted and printed by us.
    main()
