"""Write measured figures into docs/quality.md: `python -m benchmarks.quality RESULT.json...`.

Each RESULT.json is what a benchmark wrote with `--json`. The tables of each benchmark stand between
two markers of the document, `<!-- extraction -->` and `<!-- /extraction -->`, and only what is
between markers is ever replaced; benchmarks without a result keep what they have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

Report = Mapping[str, Any]
_MEASURES = {
    "shingles": "4-grams of words, means over pages",
    "snippets": "snippets in and not in the text, summed over pages",
}
_NUM_CONFUSIONS = 10
_WEIGHTS = {"lines": "by lines", "chars": "by characters"}


@click.command()
@click.argument(
    "results",
    metavar="RESULT.json...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--date", required=True, help="The day of the measurement, as it is to be printed.")
@click.option(
    "--write",
    "document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The document to update, docs/quality.md; without it the tables are printed.",
)
def main(results: tuple[Path, ...], date: str, document: Path | None) -> None:
    """Put the results of benchmarks into the document on quality."""
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in results]
    sections = render_reports(reports, date)
    if document is None:
        for name, section in sections.items():
            click.echo(f"<!-- {name} -->\n{section}\n<!-- /{name} -->")
        return
    text = document.read_text(encoding="utf-8")
    for name, section in sections.items():
        text = replace_section(text, name, section)
    document.write_text(text, encoding="utf-8")


def render_reports(reports: Iterable[Report], date: str) -> dict[str, str]:
    """Return the Markdown of each benchmark that there is a report of, in a fixed order."""
    by_name: dict[str, list[Report]] = {}
    for report in reports:
        name = report.get("benchmark", "")
        if name not in RENDERERS:
            message = f"a result of an unknown benchmark: {name!r}"
            raise click.ClickException(message)
        if report["sets"]:
            by_name.setdefault(name, []).append(report)
        if report.get("labelled"):
            by_name.setdefault("kinds", []).append(report)
    return {
        name: "\n\n".join(
            f"{_describe_run(report, date)}\n\n{render(report)}" for report in by_name[name]
        )
        for name, render in RENDERERS.items()
        if name in by_name
    }


def replace_section(text: str, name: str, section: str) -> str:
    r"""Put a section between its markers.

    Raises:
        ClickException: If the document does not have the two markers once each.

    >>> replace_section("a\n<!-- x -->\nold\n<!-- /x -->\nb", "x", "new")
    'a\n<!-- x -->\nnew\n<!-- /x -->\nb'
    """
    begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(end) < text.index(begin):
        message = f"the document needs the markers <!-- {name} --> and <!-- /{name} --> once each"
        raise click.ClickException(message)
    before, rest = text.split(begin)
    return before + begin + section + end + rest.split(end)[1]


def _describe_run(report: Report, date: str) -> str:
    """Say what was run, when, and with which versions; systems that did not run are named."""
    lines = [f"Measured on {date} with `{report['command']}`; " + _list_versions(report) + "."]
    lines += [f"Not measured: {item['name']} ({item['reason']})." for item in report["missing"]]
    return "\n".join(lines)


def _list_versions(report: Report) -> str:
    """Return all different versions, in order: two modes of one tool are one."""
    versions = dict(report["versions"])
    python = versions.pop("Python")
    parts = dict.fromkeys(part for all_of in versions.values() for part in all_of.split(", "))
    return ", ".join([f"Python {python}", *parts])


def _describe_set(result: Report) -> str:
    pages = f"{result['num_pages']}"
    if result["num_pages"] != result["num_all_pages"]:
        pages += f" of {result['num_all_pages']}"
    return (
        f"**{result['name']}**, {pages} pages, gold `{result['gold_sha256'][:12]}`, "
        f"pages `{result['html_sha256'][:12]}`"
    )


def _render_extraction(report: Report) -> str:
    return "\n\n".join(part for result in report["sets"] for part in _render_extraction_set(result))


def _render_extraction_set(result: Report) -> Iterable[str]:
    for measure, scored in result["measures"].items():
        yield f"{_describe_set(result)}; {_MEASURES[measure]}:"
        rows = []
        for name, scores in scored["all"].items():
            system = result["systems"][name]
            rows.append(
                [
                    name,
                    *_score_cells(scores),
                    f"{scores['exact']:.3f}",
                    scores["num_low"],
                    scores["num_empty"],
                    len(system["failures"]),
                    f"{system['cpu_seconds']:.1f}",
                ]
            )
        yield _table(
            [
                "",
                "precision",
                "recall",
                "F1",
                "exact",
                "pages F1 < .5",
                "no text",
                "failed",
                "CPU s",
            ],
            rows,
        )
        yield from _language_table(
            {
                language: {name: scores["f1"] for name, scores in systems.items()}
                for language, systems in scored["languages"].items()
            },
            {
                language: next(iter(systems.values()))["num_pages"]
                for language, systems in scored["languages"].items()
            },
        )


def _render_outlets(report: Report) -> str:
    parts = []
    for result in report["sets"]:
        rows = []
        for outlet, row in (*result["outlets"].items(), ("all", result["all"])):
            difference = f"{row['f1_difference']:+.3f} ± {row['f1_difference_std']:.3f}"
            rows.append(
                [
                    outlet,
                    row["alone"]["num_pages"],
                    f"{row['alone']['f1']:.3f}",
                    f"{row['together']['f1']:.3f}",
                    difference,
                    row["num_better"],
                    row["num_worse"],
                ]
            )
        header = ["outlet", "pages", "F1 alone", "F1 together", "difference", "better", "worse"]
        parts.append(f"{_describe_set(result)}:\n\n{_table(header, rows)}")
    return "\n\n".join(parts)


def _render_boilerplate(report: Report) -> str:
    return "\n\n".join(
        part for result in report["sets"] for part in _render_boilerplate_set(result)
    )


def _render_boilerplate_set(result: Report) -> Iterable[str]:
    lines = result["lines"]
    unlabelled = ", ".join(
        f"{number} {name.replace('_', ' ')}"
        for name, number in lines.items()
        if name not in ("main", "boilerplate")
    )
    left_out = len(result["pages_without_their_gold_text"])
    yield (
        f"{_describe_set(result)}, {left_out} of them left out; {lines.get('main', 0)} main lines, "
        f"{lines.get('boilerplate', 0)} of boilerplate, without a label {unlabelled or 'none'}; "
        f"{result['num_doubtful_lines']} labels are doubtful; F1 of the main lines together "
        f"{result['f1_of_main_lines']:.3f}:"
    )
    rows = [
        [name, *(cell for w in _WEIGHTS for cell in _score_cells(result["all"][w][name]))]
        for name in result["all"]["lines"]
    ]
    header = [
        f"{name} {how}" for how in _WEIGHTS.values() for name in ("precision", "recall", "F1")
    ]
    yield _table(["", *header], rows)
    yield from _language_table(
        {
            language: {name: scores["f1"] for name, scores in found["lines"].items()}
            for language, found in result["languages"].items()
        },
        {language: found["num_pages"] for language, found in result["languages"].items()},
    )
    kinds = [
        [kind, row["removed"], row["main"], row["main_chars"]]
        for kind, row in result["kinds"].items()
    ]
    yield _table(["kind", "lines removed", "of them main", "their characters"], kinds)


def _render_kinds(report: Report) -> str:
    return "\n\n".join(part for result in report["labelled"] for part in _render_kind_set(result))


def _render_kind_set(result: Report) -> Iterable[str]:
    yield (
        f"**{result['name']}**, {result['num_documents']} documents, files "
        f"`{result['sha256'][:12]}`; {len(result['not_found'])} lines not found:"
    )
    rows = []
    for name, row in (("all", result["all"]), *result["languages"].items()):
        lines, chars = row["lines"], row["chars"]
        rows.append(
            [
                name,
                f"{row['main_lost']} of {row['main']}",
                f"{row['junk_removed']} of {row['junk']}",
                *(f"{lines[part]:.3f}" for part in ("precision", "recall", "f1")),
                f"{chars['f1']:.3f}",
            ]
        )
    header = ["main lines lost", "junk removed", "precision", "recall", "F1", "F1 by characters"]
    yield _table(["", *header], rows)
    kinds = [
        [
            kind,
            row["lines"],
            row["removed"],
            row["right_kind"],
            *("" if row[part] is None else f"{row[part]:.3f}" for part in ("precision", "recall")),
        ]
        for kind, row in result["kinds"].items()
    ]
    yield _table(["kind", "lines", "removed", "right kind", "precision", "recall"], kinds)
    confusions = result["confusions"][:_NUM_CONFUSIONS]
    if confusions:
        listed = ", ".join(f"{c['label']} for {c['verdict']} ({c['lines']})" for c in confusions)
        yield f"Most often taken for another kind: {listed}."


def _language_table(
    scores: Mapping[str, Mapping[str, float]], sizes: Mapping[str, int]
) -> Iterable[str]:
    """Yield a table of F1 by language and system, unless there is one language only."""
    if len(scores) > 1:
        names = list(next(iter(scores.values())))
        rows = [
            [language, sizes[language], *(f"{of[name]:.3f}" for name in names)]
            for language, of in scores.items()
        ]
        yield _table(["F1 by language", "pages", *names], rows)


def _score_cells(scores: Mapping[str, float]) -> list[str]:
    return [f"{scores[n]:.3f} ± {scores[f'{n}_std']:.3f}" for n in ("precision", "recall", "f1")]


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table.

    >>> print(_table(["", "F1"], [["clean", 1]]))
    | | F1 |
    | --- | --- |
    | clean | 1 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        re.sub(r"\|  \|", "| |", f"| {' | '.join(map(str, line))} |") for line in lines
    )


RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "extraction": _render_extraction,
    "outlets": _render_outlets,
    "boilerplate": _render_boilerplate,
    "kinds": _render_kinds,
}

if __name__ == "__main__":
    main()
