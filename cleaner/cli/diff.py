"""`clean diff`: say what differs between two runs, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cleaner.comparison import (
        Cause,
        ClusterChange,
        Comparison,
        DocumentChange,
        Judgement,
        PassageChange,
        RuleChange,
        RunDifferences,
    )

_DIFFERENT = 1
"""The exit status for runs whose outcome differs, as that of diff(1)."""
_EXCERPT_CHARS = 76
_VALUE_CHARS = 60
_MAX_PASSAGES = 3
_LABEL_WIDTH = 16
_PAGE_WIDTH = 10_000
_WORDS = {
    "text": "other text",
    "page": "same text, read from other bytes",
    "metadata": "other metadata",
    "into_corpus": "came into the corpus",
    "out_of_corpus": "gone from the corpus",
    "truncation": "judged truncated otherwise",
    "passages": "passages with another fate",
    "members": "other members",
    "extents": "other extents",
    "representative": "another representative",
    "relation": "another relation",
}
"""What a change is called where its own name does not say it."""


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Documents, rules, clusters and inputs that the summary shows; 0: all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all changes as JSON lines.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit status says it.")
@click.pass_context
def diff(
    context: click.Context, run_a: Path, run_b: Path, limit: int, as_json: bool, quiet: bool
) -> None:
    """Say what differs between two runs, and why.

    RUN_A and RUN_B are output folders. First comes what differs in inputs, configuration and
    versions; then which documents, passages, rules and clusters changed, the largest changes first,
    and of each document what can have caused it.

    \b
    clean diff corpus-before corpus-after
    clean diff corpus-before corpus-after --json > changes.jsonl

    The exit status is 0 if the outcome is the same, 1 if it differs, 2 if there is no telling. With
    --json, the first line is about the two runs (`what` is `runs`); then there is a line for each
    document, rule, cluster and rejection that differs. `_a` and `_b` are the two runs.
    """
    from cleaner.comparison import compare_runs

    found = compare_runs(run_a, run_b)
    if as_json and not quiet:
        for line in _to_json(found, run_a, run_b):
            click.echo(line)
    elif not quiet:
        for line in _describe(found, run_a, run_b, limit or None):
            click.echo(printable(line))
    context.exit(0 if found.is_same else _DIFFERENT)


def _to_json(found: Comparison, run_a: Path, run_b: Path) -> Iterator[str]:
    import json

    import msgspec

    runs = {
        "what": "runs",
        "run_a": str(run_a),
        "run_b": str(run_b),
        "is_same": found.is_same,
        "is_unexplained": found.is_unexplained,
        "differences": found.differences,
        "counts_a": found.runs[0],
        "counts_b": found.runs[1],
        "num_changed_documents": found.num_changed_documents,
        "num_changes": found.num_changes,
        "passages": {
            name: {"num_stretches": num_stretches, "num_chars": num_chars}
            for name, (num_stretches, num_chars) in found.passages.items()
        },
        "num_unexplained_documents": found.num_unexplained_documents,
        "changed_files": found.changed_files,
    }
    yield json.dumps(msgspec.to_builtins(runs))
    kinds: tuple[tuple[str, Iterable[Any]], ...] = (
        ("document", found.list_documents()),
        ("rule", found.rules),
        ("cluster", found.clusters),
        ("rejection", found.rejections),
    )
    for what, changes in kinds:
        for change in changes:
            yield json.dumps({"what": what} | msgspec.to_builtins(change))


# The summary.


def _describe(found: Comparison, run_a: Path, run_b: Path, limit: int | None) -> Iterator[str]:
    for name, path, size in zip("AB", (run_a, run_b), found.runs, strict=True):
        yield _one_line(
            f"{name}  {path}: {size.num_kept_documents:,} of {size.num_documents:,} documents and "
            f"{size.num_kept_chars:,} of {size.num_chars:,} characters are in the corpus"
        )
    yield ""
    yield "Inputs, configuration, versions"
    yield from _describe_differences(found.differences, limit)
    yield ""
    yield from _describe_outcome(found)
    if found.rules:
        yield ""
        yield "Rules, the largest difference first"
        yield from _make_table(found.rules[:limit])
        yield from _more(found.rules, limit, "rules")
    if found.num_changed_documents:
        yield ""
        yield "Documents, the largest change first"
        shown = found.num_changed_documents if limit is None else limit
        for document in found.list_documents(shown):
            yield from _describe_document(document, None if limit is None else _MAX_PASSAGES)
        yield from _more(range(found.num_changed_documents), limit, "documents")
    if found.clusters:
        yield ""
        yield "Clusters, those with most changed members first"
        for cluster in found.clusters[:limit]:
            yield from _describe_cluster(cluster)
        yield from _more(found.clusters, limit, "clusters")
    if found.rejections:
        yield ""
        yield "Set aside in one run only"
        for row in found.rejections[:limit]:
            run = "A" if row.change == "removed" else "B"
            yield _field(f"in {run}", f"{row.source}: {row.reason}, {row.detail}")
        yield from _more(found.rejections, limit, "inputs")


def _describe_differences(differences: RunDifferences, limit: int | None) -> Iterator[str]:
    for change in (differences.version, differences.python, *differences.libraries):
        if change:
            yield _field("version", f"{change.name} {change.a or 'none'} -> {change.b or 'none'}")
    for change in differences.configuration:
        yield _field("configuration", f"{change.name}: {_value(change.a)} -> {_value(change.b)}")
    for change in differences.files:
        yield _field("file", f"{change.name}: what it held, by checksum")
    for file in differences.inputs[:limit]:
        old = f"{file.label_a} -> " if file.change == "renamed" else ""
        yield _field(f"input {file.change}", f"{old}{file.label}")
    yield from _more(differences.inputs, limit, "inputs")
    for sentence in differences.unrecorded:
        yield _field("not recorded", sentence)
    known = (differences.inputs, differences.configuration, differences.files)
    if not any((*known, differences.version_names, differences.unrecorded)):
        yield "  the same in both"


def _describe_outcome(found: Comparison) -> Iterator[str]:
    if found.is_same:
        yield "The outcome is the same."
        return
    yield "The outcome differs"
    changes = ", ".join(
        f"{_WORDS.get(name, name)}: {count:,}" for name, count in found.num_changes.items()
    )
    if found.num_changed_documents:
        yield _field("documents", f"{found.num_changed_documents:,} ({changes})")
    passages = ", ".join(
        f"{count:,} {name.replace('_', ' ')} ({num_chars:,} characters)"
        for name, (count, num_chars) in found.passages.items()
        if count
    )
    if passages:
        yield _field("passages", passages)
    for name, all_of in (
        ("rules", found.rules), ("clusters", found.clusters), ("set aside", found.rejections)
    ):  # fmt: skip
        if all_of:
            yield _field(name, f"{len(all_of):,}")
    for cause, num_documents in found.count_causes():
        label = "caused by" if cause.is_certain else "perhaps by"
        name = "their own input" if cause.cause == "input" else _name(cause)
        yield _field(label, f"{name}: {_count(num_documents, 'document')}")
    if found.is_unexplained:
        yield from _warn(found)
    elif not (found.num_changed_documents or found.clusters or found.rejections):
        yield _field("corpus", "the file has other bytes, though the tables say the same")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _warn(found: Comparison) -> Iterator[str]:
    num_documents = found.num_unexplained_documents
    differ = "differs" if num_documents == 1 else "differ"
    counted = f"{_count(num_documents, 'document')} {differ}"
    what = counted if num_documents else "the outcome differs"
    yield ""
    yield f"WARNING: {what}, and nothing that the manifests record can be why."
    if found.differences.unrecorded:
        yield "  What they do not record can be; see above."
    else:
        yield "  The same inputs, configuration and versions promise the same bytes. Was a folder"
        yield "  changed after its run, or the code without its version? Else please report it."


def _describe_document(document: DocumentChange, max_passages: int | None) -> Iterator[str]:
    about = ", ".join(_WORDS.get(name, name) for name in document.changes)
    aside = f" (set aside: {document.set_aside})" if document.set_aside else ""
    yield f"  {_one_line(document.source)}  {about}{aside}"
    yield _field("", _explain(document.causes))
    if document.source_a and document.source_b and "moved" in document.changes:
        yield _field("", f"source: {document.source_a} -> {document.source_b}")
    for name, (before, after) in document.metadata.items():
        yield _field("", f"{name}: {_value(before)} -> {_value(after)}")
    for text in document.text[:max_passages]:
        yield _field(f"{text.begin_a}-{text.end_a}", f"A | {_excerpt(text.text_a)}")
        yield _field(f"{text.begin_b}-{text.end_b}", f"B | {_excerpt(text.text_b)}")
    indent = _LABEL_WIDTH + 4
    yield from _more(document.text, max_passages, "places of other text", indent)
    passages = [passage for passage in document.passages if passage.text.strip()]
    largest = sorted(passages, key=lambda p: (p.begin_a - p.end_a, p.begin_a))[:max_passages]
    for passage in sorted(largest, key=lambda p: p.begin_a):
        yield from _describe_passage(passage, document)
    yield from _more(passages, max_passages, "passages", indent)


def _describe_passage(passage: PassageChange, document: DocumentChange) -> Iterator[str]:
    lead = len(passage.text) - len(passage.text.lstrip())
    begin, end = passage.begin_a + lead, passage.begin_a + len(passage.text.rstrip())
    yield _field(f"{begin}-{end}", passage.change.replace("_", " "))
    yield _field("", f"A {_judgement(passage.before)}")
    yield _field("", f"B {_judgement(passage.after)}")
    yield _field("", f"| {_excerpt(passage.text)}")
    if passage.causes != document.causes:
        yield _field("", _explain(passage.causes))


def _judgement(judgement: Judgement) -> str:
    partner = f", also in {judgement.partner}" if judgement.partner else ""
    return f"{judgement.kind}: {judgement.reason} (rule {judgement.rule}){partner}"


def _describe_cluster(cluster: ClusterChange) -> Iterator[str]:
    about = ", ".join(_WORDS.get(name, name) for name in cluster.changes)
    ids = " -> ".join(
        dict.fromkeys(name for name in (cluster.cluster_a, cluster.cluster_b) if name)
    )
    yield f"  {ids}  {about}"
    relations = (cluster.relation_a, cluster.relation_b)
    relation = " -> ".join(dict.fromkeys(name for name in relations if name))
    sizes = (cluster.num_members_a, cluster.num_members_b)
    size = " -> ".join(dict.fromkeys(str(size) for size in sizes if size))
    yield _field("", f"{relation}, {size} members, level {cluster.level}")
    if "representative" in cluster.changes:
        yield _field("", f"{cluster.representative_a} -> {cluster.representative_b}")
    for sign, sources in (("-", cluster.members_removed), ("+", cluster.members_added)):
        if sources:
            shown = ", ".join(sources[:_MAX_PASSAGES])
            more = len(sources) - _MAX_PASSAGES
            yield _field("", f"{sign} {shown}{f' and {more:,} more' if more > 0 else ''}")
    if cluster.text:
        yield _field("", f"| {_excerpt(cluster.text)}")


def _explain(causes: Sequence[Cause]) -> str:
    """Say what can have caused a change: what is enough, else all that could."""
    certain = [_name(cause) for cause in causes if cause.is_certain]
    possible = [_name(cause) for cause in causes if not cause.is_certain]
    parts = [
        *([f"caused by {', '.join(certain)}"] if certain else []),
        *([f"perhaps by {', '.join(possible)}"] if possible else []),
    ]
    return "; ".join(parts) or "cause not known"


def _name(cause: Cause) -> str:
    if cause.cause == "configuration":
        return f"{cause.name} ({cause.detail})" if cause.detail else cause.name
    if cause.cause == "version":
        return f"version of {cause.name}"
    return "other inputs" if cause.cause == "other_inputs" else f"its input {cause.name}"


def _make_table(rules: Sequence[RuleChange]) -> Iterator[str]:
    """Lay rules out a line each: characters and documents in both runs."""
    import io

    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    for name in ("characters in A", "in B", "difference", "documents in A", "in B"):
        table.add_column(name, justify="right", no_wrap=True)
    for rule in rules:
        table.add_row(
            _one_line(printable(rule.rule)),
            f"{rule.num_chars_a:,}",
            f"{rule.num_chars_b:,}",
            f"{rule.num_chars_b - rule.num_chars_a:+,}",
            f"{rule.num_documents_a:,}",
            f"{rule.num_documents_b:,}",
        )
    page = io.StringIO()
    Console(
        file=page, width=_PAGE_WIDTH, color_system=None, markup=False, emoji=False, highlight=False
    ).print(table)
    yield from (f"  {line.rstrip()}" for line in page.getvalue().splitlines())


def _more(all_of: Sequence[Any], limit: int | None, name: str, indent: int = 2) -> Iterator[str]:
    """Say what is not shown."""
    if limit is not None and len(all_of) > limit:
        yield f"{'':{indent}}... and {len(all_of) - limit:,} more {name}; see --limit."


def _field(label: str, text: str) -> str:
    indent = 4 if not label or label[0].isdigit() else 2
    return f"{'':{indent}}{label:<{_LABEL_WIDTH}}{_one_line(text)}"


def _value(value: Any) -> str:
    """Write a value on one line, long ones cut."""
    import json

    return _cut(json.dumps(value, ensure_ascii=False), _VALUE_CHARS)


def _excerpt(text: str) -> str:
    return _cut(_one_line(text), _EXCERPT_CHARS)


def _cut(text: str, num_chars: int) -> str:
    return text if len(text) <= num_chars else f"{text[: num_chars - 1]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())
