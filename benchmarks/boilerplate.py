"""Score verdicts on lines: `python -m benchmarks.boilerplate DATA...`.

A DATA folder is one of two. A *labelled set* of pages (`benchmarks/sets.py`): the visible lines of
each page are given to the cleaner as plain text, without the HTML, and scored against labels that
`benchmarks/lines.py` infers from the main text. Or a *folder of labelled lines*, with a kind for
each (`benchmarks/kinds.py`): there the kinds are scored too.

With `--through SYSTEM` the lines are those of the text that another tool extracts from the page, as
most corpora of text only come to be: fewer lines, and the junk that the tool left in.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from benchmarks import kinds
from benchmarks.lines import BOILERPLATE, MAIN, Line, is_covered, label_lines, read_lines
from benchmarks.measures import PageCounts, compare_shingles, score_means, score_sums
from benchmarks.reports import list_options, make_report, measure_options, publish_report
from benchmarks.sets import LabelledSet, Page, SetError, read_set
from benchmarks.systems import (
    SYSTEMS,
    Missing,
    Request,
    Running,
    load_systems,
)
from benchmarks.verdicts import Judge, load_judges

_NUM_SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What became of the labelled lines of a set.

    Attributes:
        by_count, by_chars: For each system, hits, extra and missing main content of each page.
        removed: For the cleaner, by kind: lines removed of each label, and their characters.
        main_lines: The lines labelled main, put together, against the gold text of each page.
        lost, left: Its errors: main lines removed, with kind and rule; boilerplate kept.
    """

    languages: list[str] = field(default_factory=list)
    by_count: dict[str, list[PageCounts]] = field(default_factory=dict)
    by_chars: dict[str, list[PageCounts]] = field(default_factory=dict)
    removed: Counter[tuple[str, str]] = field(default_factory=Counter)
    removed_chars: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    num_doubtful: int = 0
    main_lines: list[PageCounts] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)

    def add(self, language: str, lines: Sequence[Line], verdicts: Mapping[str, Any]) -> None:
        """Add a page: its lines, and for each system a verdict a line."""
        self.languages.append(language)
        self.labels.update(line.label for line in lines)
        scored = [i for i, line in enumerate(lines) if line.label in (MAIN, BOILERPLATE)]
        self.num_doubtful += sum(lines[i].is_doubtful for i in scored)
        for name, judged in verdicts.items():
            pairs = [(lines[i], judged[i].is_kept) for i in scored]
            self.by_count.setdefault(name, []).append(_count(pairs, lambda line: 1))
            self.by_chars.setdefault(name, []).append(_count(pairs, lambda line: len(line.text)))
        for i in scored:
            line, verdict = lines[i], verdicts["clean"][i]
            if not verdict.is_kept:
                self.removed[verdict.kind, line.label] += 1
                self.removed_chars[verdict.kind, line.label] += len(line.text)
                if line.label == MAIN:
                    self.lost[verdict.kind, verdict.rule, line.text] += 1
            elif line.label == BOILERPLATE:
                self.left[line.text] += 1


def _count(pairs: Iterable[tuple[Line, bool]], weight: Callable[[Line], int]) -> PageCounts:
    """Count main content kept, boilerplate kept and main content removed."""
    counts: Counter[tuple[str, bool]] = Counter()
    for line, is_kept in pairs:
        counts[line.label, is_kept] += weight(line)
    extra, missing = counts[BOILERPLATE, True], counts[MAIN, False]
    return PageCounts(counts[MAIN, True], extra, missing, is_exact=not extra and not missing)


@click.command()
@click.option(
    "--through",
    type=click.Choice([system.name for system in SYSTEMS if system.name != "clean"]),
    help="Take the lines from what this tool extracts, not all that the page shows.",
)
@click.option("--verbose", is_flag=True, help="Print the lines that were most often wrong.")
@measure_options
def main(
    folders: tuple[Path, ...],
    pages: int | None,
    only: tuple[str, ...],
    through: str | None,
    verbose: bool,
    json_file: Path | None,
) -> None:
    """Score which lines are taken for main content, without HTML."""
    with_kinds = [folder for folder in folders if (folder / kinds.GOLD).is_file()]
    kind_results = [_measure_kinds(folder, verbose) for folder in with_kinds]
    has_sets = len(with_kinds) < len(folders)
    no_judges: tuple[dict[str, Judge], list[Missing]] = ({}, [])
    judges, missing = load_judges() if has_sets else no_judges
    extractor = _load_extractor(through) if through else None
    results = []
    for folder in folders:
        if folder in with_kinds:
            continue
        labelled = read_set(folder, pages, only)
        if not labelled.has_texts:
            message = f"{folder} has snippets only, and labels come from main texts"
            raise SetError(message)
        tally = measure_set(labelled, judges, extractor)
        results.append(labelled.as_json() | summarize(tally))
        _print_result(results[-1])
        if verbose:
            _print_errors(tally)
    arguments = [
        "benchmarks.boilerplate",
        *(folder.resolve().name for folder in folders),
        *list_options(pages, only),
        *([] if through is None else [f'--through "{through}"']),
    ]
    ran = [system for system in SYSTEMS if system.name in ("clean", *judges, through)]
    report = make_report(
        "boilerplate", arguments, ran, missing, sets=results, labelled=kind_results
    )
    publish_report(report, json_file)


def _measure_kinds(folder: Path, verbose: bool) -> dict[str, Any]:
    """Score and print a folder of labelled lines."""
    texts = kinds.read_labelled(folder)
    judged = kinds.judge_labelled(texts)
    result = kinds.describe_labelled(folder, texts) | kinds.summarize_kinds(judged)
    kinds.print_kinds(result)
    if verbose:
        kinds.print_wrong_lines(judged)
    return result


def measure_set(
    labelled: LabelledSet, judges: Mapping[str, Judge], extractor: Running | None = None
) -> Tally:
    """Judge the lines of all pages of a set that have a main text."""
    tally = Tally()
    for page in labelled.pages:
        if page.text is None:
            continue
        lines, coverage = label_page(page, extractor)
        if not is_covered(coverage):
            tally.not_covered.append(page.id)
            continue
        texts = [line.text for line in lines]
        labelled_main = "\n".join(line.text for line in lines if line.label == MAIN)
        tally.main_lines.append(compare_shingles(page.text, labelled_main))
        verdicts = {name: judge(texts, page.language) for name, judge in judges.items()}
        tally.add(page.language, lines, verdicts)
    return tally


def label_page(page: Page, extractor: Running | None = None) -> tuple[list[Line], float]:
    """Return the labelled lines of a page, and how much of its gold text they hold.

    Args:
        page: The page.
        extractor: Whose text to take the lines from; by default all visible lines.
    """
    if extractor is None:
        lines, is_headline = read_lines(page.read())
    else:
        found = extractor.run(page.id, Request(page.read(), page.url, page.language))
        lines = [" ".join(line.split()) for line in found.split("\n") if line.strip()]
        is_headline = []
    return label_lines(lines, page.text or "", is_headline=is_headline, title=page.title)


def summarize(tally: Tally) -> dict[str, Any]:
    """Return scores over all pages and by language, and what each kind hit."""
    languages = Counter(tally.languages)
    chosen = {
        language: [i for i, found in enumerate(tally.languages) if found == language]
        for language in sorted(languages, key=lambda name: (-languages[name], name))
    }
    return {
        "lines": dict(sorted(tally.labels.items())),
        "num_doubtful_lines": tally.num_doubtful,
        "f1_of_main_lines": score_means(tally.main_lines).as_json()["f1"],
        "pages_without_their_gold_text": sorted(tally.not_covered),
        "all": _score_systems(tally, range(len(tally.languages))),
        "languages": {
            language: {"num_pages": len(indices)} | _score_systems(tally, indices)
            for language, indices in chosen.items()
        },
        "kinds": {
            kind: {
                "removed": sum(tally.removed[kind, label] for label in (MAIN, BOILERPLATE)),
                "main": tally.removed[kind, MAIN],
                "main_chars": tally.removed_chars[kind, MAIN],
            }
            for kind in sorted({kind for kind, _ in tally.removed})
        },
        "rules_that_hit_main": dict(
            sorted(_by_rule(tally).items(), key=lambda item: (-item[1], item[0]))
        ),
    }


def _by_rule(tally: Tally) -> Counter[str]:
    rules: Counter[str] = Counter()
    for (_, rule, _), number in tally.lost.items():
        rules[rule] += number
    return rules


def _score_systems(tally: Tally, indices: Iterable[int]) -> dict[str, Any]:
    chosen = list(indices)
    return {
        weight: {
            name: score_sums([pages[i] for i in chosen]).as_json() for name, pages in of.items()
        }
        for weight, of in (("lines", tally.by_count), ("chars", tally.by_chars))
    }


def _load_extractor(name: str) -> Running:
    running, missing = load_systems([system for system in SYSTEMS if system.name == name])
    if missing:
        message = f"{name} is not installed: {missing[0].reason}; {missing[0].install}"
        raise click.ClickException(message)
    return running[0]


def _print_result(result: Mapping[str, Any]) -> None:
    click.echo(
        f"{result['name']}: {result['num_pages']} of {result['num_all_pages']} pages, "
        f"{len(result['pages_without_their_gold_text'])} of them left out as not showing their "
        f"gold text; gold {result['gold_sha256'][:12]}, html {result['html_sha256'][:12]}"
    )
    counts = ", ".join(f"{label} {number}" for label, number in result["lines"].items())
    click.echo(
        f" lines: {counts}; {result['num_doubtful_lines']} labels are doubtful; the main lines "
        f"together have an F1 of {result['f1_of_main_lines']:.4f} against the gold texts"
    )
    for weight in ("lines", "chars"):
        click.echo(f" {'main content, by ' + weight:26}{'precision':>14}{'recall':>14}{'F1':>14}")
        for name, scores in result["all"][weight].items():
            parts = (f"{scores[n]:.4f}±{scores[n + '_std']:.4f}" for n in _PARTS)
            click.echo(f"  {name:25}" + "".join(f"{part:>14}" for part in parts))
    languages = result["languages"]
    click.echo(f" {'F1 by lines, by language':26}" + "".join(f"{name:>9}" for name in languages))
    for name in result["all"]["lines"]:
        row = "".join(f"{found['lines'][name]['f1']:9.4f}" for found in languages.values())
        click.echo(f"  {name:25}{row}")
    click.echo(f"  {'pages':25}" + "".join(f"{f['num_pages']:9}" for f in languages.values()))
    click.echo(f" {'kind of verdict':26}{'removed':>9}{'of main':>9}{'chars':>9}")
    for kind, row in result["kinds"].items():
        click.echo(f"  {kind:25}{row['removed']:9}{row['main']:9}{row['main_chars']:9}")
    rules = ", ".join(f"{rule} {n}" for rule, n in result["rules_that_hit_main"].items())
    click.echo(f" rules that hit main content: {rules or 'none'}")


_PARTS = ("precision", "recall", "f1")


def _print_errors(tally: Tally) -> None:
    click.echo(" main content removed, most often:")
    for (kind, rule, text), number in tally.lost.most_common(_NUM_SHOWN):
        click.echo(f"  {number:4} {kind} ({rule}): {text[:100]!r}")
    click.echo(" boilerplate kept, most often:")
    for text, number in tally.left.most_common(_NUM_SHOWN):
        click.echo(f"  {number:4} {text[:100]!r}")


if __name__ == "__main__":
    logging.disable()  # What is said of single pages; an error is counted and printed by us.
    main()
