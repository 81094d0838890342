"""Articles whose lines are labelled by hand, each with a kind: how well kinds are told apart.

A folder of them has a `gold.json` with one of

* `pages`: by file name `{language, main: [line...], junk: [[kind, line]...]}`, beside the pages;
* `texts`: by file name `{language, lines: {number: kind}}`, beside the texts; lines count from 1,
  and `main` is the kind of main content.

A line is looked for in the cleaned document as a line of its own, else within a line. Where one
stands several times, it is not said which is which: as many as are main content are to be kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from benchmarks.measures import PageCounts, score_sums
from benchmarks.sets import digest_files
from benchmarks.verdicts import KEPT, Verdict, find_verdict
from cleaner import CleanedText, clean_text

GOLD = "gold.json"
NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A page or text, and its lines with a kind each; `main` for main content."""

    name: str
    language: str
    source: str
    is_html: bool
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A labelled line beside the verdict on it, which is `not found` where the text lacks it."""

    language: str
    name: str
    text: str
    kind: str
    verdict: Verdict


@dataclass(slots=True)
class Judged:
    """All lines of a folder, document by document."""

    documents: list[list[JudgedLine]] = field(default_factory=list)

    @property
    def lines(self) -> list[JudgedLine]:
        """All lines, in order."""
        return [line for document in self.documents for line in document]


def read_labelled(folder: Path) -> list[LabelledText]:
    """Read a folder of labelled lines.

    Raises:
        ClickException: If its gold has none of the known forms, or a file is not there.
    """
    gold = json.loads((folder / GOLD).read_text(encoding="utf-8"))
    found = [
        _read_one(folder, name, about, is_html=part == "pages")
        for part in ("pages", "texts")
        for name, about in sorted(gold.get(part, {}).items())
    ]
    if not found:
        message = f"{folder / GOLD} has neither pages nor texts"
        raise click.ClickException(message)
    return found


def _read_one(folder: Path, name: str, about: Mapping[str, Any], is_html: bool) -> LabelledText:
    path = folder / name
    if not path.is_file():
        message = f"{path} is not there, which {GOLD} speaks of"
        raise click.ClickException(message)
    source = path.read_text(encoding="utf-8")
    if is_html:
        main = [(KEPT, line) for line in about["main"]]
        lines = [*main, *((kind, line) for kind, line in about["junk"])]
    else:
        there = source.split("\n")
        lines = [(kind, there[int(number) - 1]) for number, kind in about["lines"].items()]
    return LabelledText(name, about["language"], source, is_html, tuple(lines))


def judge_labelled(texts: Iterable[LabelledText]) -> Judged:
    """Clean each document alone and find the verdict on each of its labelled lines."""
    judged = Judged()
    for text in texts:
        cleaned = clean_text(text.source, html=text.is_html)
        places = _find_lines(cleaned, text.lines)
        verdicts = {
            line: [find_verdict(cleaned, begin, end) for begin, end in at]
            for line, at in places.items()
        }
        judged.documents.append(
            [
                JudgedLine(text.language, text.name, line, kind, verdict)
                for line, kinds in _by_line(text.lines).items()
                for kind, verdict in pair_kinds(kinds, verdicts[line])
            ]
        )
    return judged


def _by_line(lines: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the kinds of each different line."""
    kinds: dict[str, list[str]] = {}
    for kind, line in lines:
        kinds.setdefault(_key(line), []).append(kind)
    return kinds


def _key(line: str) -> str:
    return " ".join(line.split())


def _find_lines(
    cleaned: CleanedText, lines: Iterable[tuple[str, str]]
) -> dict[str, list[tuple[int, int]]]:
    """Say where each line stands: as lines of their own, else once, within another one."""
    whole: dict[str, list[tuple[int, int]]] = {}
    at = 0
    for line in cleaned.original.split("\n"):
        whole.setdefault(_key(line), []).append((at, at + len(line)))
        at += len(line) + 1
    places = {}
    for key in _by_line(lines):
        places[key] = whole.get(key, [])
        begin = cleaned.original.find(key) if not places[key] else -1
        if begin >= 0:
            places[key] = [(begin, begin + len(key))]
    return places


def pair_kinds(kinds: Sequence[str], verdicts: Sequence[Verdict]) -> list[tuple[str, Verdict]]:
    """Pair the labels of equal lines with the verdicts on them, to the cleaner's advantage.

    >>> pair_kinds(["main", "share"], [Verdict("share"), Verdict("main")])
    [('main', Verdict(kind='main', rule='')), ('share', Verdict(kind='share', rule=''))]
    """
    left = list(verdicts)
    pairs: dict[int, Verdict] = {}
    tests: tuple[Callable[[str, Verdict], bool], ...] = (
        lambda kind, verdict: verdict.kind == kind,
        lambda kind, verdict: verdict.is_kept == (kind == KEPT),
        lambda kind, verdict: True,
    )
    for fits in tests:
        for index, kind in enumerate(kinds):
            match = next((verdict for verdict in left if fits(kind, verdict)), None)
            if index not in pairs and match is not None:
                pairs[index] = match
                left.remove(match)
    return [(kind, pairs.get(i, Verdict(NOT_FOUND))) for i, kind in enumerate(kinds)]


def describe_labelled(folder: Path, texts: Sequence[LabelledText]) -> dict[str, Any]:
    """Say which folder it is, with one digest for all of its files."""
    return {
        "name": folder.resolve().name,
        "num_documents": len(texts),
        "sha256": digest_files(path for path in folder.iterdir() if path.is_file()),
    }


def summarize_kinds(judged: Judged) -> dict[str, Any]:
    """Return scores of main content, overall and by language, and of each kind."""
    languages = Counter(line.language for line in judged.lines)
    kinds = Counter(line.kind for line in judged.lines if line.kind != KEPT)
    found = [line for line in judged.lines if line.verdict.kind != NOT_FOUND]
    given = Counter(line.verdict.kind for line in found)
    right = Counter(line.kind for line in found if line.verdict.kind == line.kind)
    removed = Counter(line.kind for line in found if not line.verdict.is_kept)
    by_verdict: dict[str, Counter[str]] = {}
    for line in found:
        by_verdict.setdefault(line.verdict.kind, Counter())[line.kind] += 1
    names = sorted({*kinds, *given} - {KEPT})
    return {
        "not_found": [
            {"name": line.name, "line": line.text}
            for line in judged.lines
            if line.verdict.kind == NOT_FOUND
        ],
        "all": _score(judged, None),
        "languages": {
            language: _score(judged, language)
            for language in sorted(languages, key=lambda name: (-languages[name], name))
        },
        "kinds": {
            name: {
                "lines": kinds[name],
                "removed": removed[name],
                "right_kind": right[name],
                "given": given[name],
                "precision": round(right[name] / given[name], 4) if given[name] else None,
                "recall": round(right[name] / kinds[name], 4) if kinds[name] else None,
            }
            for name in names
        },
        "confusions": [
            {"label": label, "verdict": verdict, "lines": number}
            for (verdict, label), number in Counter(
                {
                    (verdict, label): number
                    for verdict, labels in by_verdict.items()
                    for label, number in labels.items()
                    if verdict != label
                }
            ).most_common()
        ],
    }


def _score(judged: Judged, language: str | None) -> dict[str, Any]:
    """Score main content by lines and characters, and count what was removed of each side."""
    counts: dict[str, list[PageCounts]] = {"lines": [], "chars": []}
    outcome: Counter[tuple[bool, bool]] = Counter()
    for document in judged.documents:
        lines = [
            line
            for line in document
            if language in (None, line.language) and line.verdict.kind != NOT_FOUND
        ]
        if not lines:
            continue
        outcome.update((line.kind == KEPT, line.verdict.is_kept) for line in lines)
        for weight, sizes in (
            ("lines", [1] * len(lines)),
            ("chars", [len(line.text) for line in lines]),
        ):
            sums: Counter[tuple[bool, bool]] = Counter()
            for line, size in zip(lines, sizes, strict=True):
                sums[line.kind == KEPT, line.verdict.is_kept] += size
            extra, missing = sums[False, True], sums[True, False]
            counts[weight].append(PageCounts(sums[True, True], extra, missing))
    return {
        **{weight: score_sums(pages).as_json() for weight, pages in counts.items()},
        "junk": outcome[False, True] + outcome[False, False],
        "junk_removed": outcome[False, False],
        "main": outcome[True, True] + outcome[True, False],
        "main_lost": outcome[True, False],
    }


def print_kinds(result: Mapping[str, Any]) -> None:
    """Print the scores of a folder of labelled lines."""
    click.echo(
        f"{result['name']}: {result['num_documents']} documents, files {result['sha256'][:12]}; "
        f"{len(result['not_found'])} lines not found"
    )
    click.echo(
        f" {'main content':12}{'lost':>12}{'junk removed':>16}{'precision':>10}{'recall':>8}"
        f"{'F1':>8}{'F1 by chars':>13}"
    )
    for name, row in (("all", result["all"]), *result["languages"].items()):
        scores = row["lines"]
        lost = f"{row['main_lost']} of {row['main']}"
        removed = f"{row['junk_removed']} of {row['junk']}"
        click.echo(
            f"  {name:11}{lost:>12}{removed:>16}{scores['precision']:10.4f}{scores['recall']:8.4f}"
            f"{scores['f1']:8.4f}{row['chars']['f1']:13.4f}"
        )
    click.echo(
        f" {'kind':18}{'lines':>7}{'removed':>9}{'right kind':>12}{'precision':>11}{'recall':>8}"
    )
    for kind, row in result["kinds"].items():
        precision, recall = (
            "-" if row[name] is None else f"{row[name]:.3f}" for name in ("precision", "recall")
        )
        click.echo(
            f"  {kind:17}{row['lines']:7}{row['removed']:9}{row['right_kind']:12}{precision:>11}"
            f"{recall:>8}"
        )
    for item in result["confusions"]:
        click.echo(f"  {item['lines']:4} of {item['label']} taken for {item['verdict']}")


def print_wrong_lines(judged: Judged) -> None:
    """Print every line that was kept or removed wrongly, or is not in its document."""
    for line in judged.lines:
        is_right = line.verdict.is_kept == (line.kind == KEPT)
        if line.verdict.kind == NOT_FOUND or not is_right:
            outcome = f"{line.verdict.kind} {line.verdict.rule}".strip()
            click.echo(f"  {line.name}, {line.kind}, {outcome}: {line.text[:90]!r}")
