"""`clean why`: say what became of a part of an input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaner.explain import Explanation

_EXCERPT_CHARS = 76
_TRUNCATION = ("truncated", "truncated_evidence")


@click.command()
@click.argument("document", metavar="DOCUMENT[:BEGIN-END | :LINE]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("cleaned"),
    show_default=True,
    help="Output folder of the run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the spans as JSON.")
def why(document: str, output: Path, as_json: bool) -> None:
    """Say what became of a document, or of a part of it, and why.

    DOCUMENT is an id, a source or the end of one, or a URL. A part is given by positions in
    characters or by a line number, both of the text as the ledger has it.

    \b
    clean why harbour-courier.txt
    clean why feed.jsonl#2:120-260
    clean why harbour-courier.txt:4 --output cleaned
    """
    import json

    from cleaner.errors import AmbiguousNameError, LookupFailedError
    from cleaner.explain import explain, find_rejections

    try:
        found = explain(output, document)
    except AmbiguousNameError:
        raise
    except LookupFailedError:
        rejections = find_rejections(output, document)
        if not rejections:
            raise
        for row in rejections:
            line = f"{row['source']}  set aside: {row['reason']}, {row['detail']}"
            click.echo(json.dumps(row) if as_json else printable(line))
        return
    if as_json:
        spans = [dict(span) | {"text": _text(found, span)} for span in found.spans]
        about = {name: found.document[name] for name in ("source", *_TRUNCATION)}
        click.echo(json.dumps(about | {"spans": spans}, indent=2))
        return
    click.echo(printable(f"{found.document['source']}  {found.document['document_id']}"))
    if found.document["truncated"]:
        click.echo(printable(_describe_truncation(found.document)))
    for span in found.spans:
        click.echo(printable(_describe(found, span)))


def _describe_truncation(document: Mapping[str, Any]) -> str:
    """Return what cut a document short, and the facts that say so."""
    evidence = ", ".join(document["truncated_evidence"])
    return f"truncated: {document['truncated']} ({evidence})"


def _text(found: Explanation, span: Mapping[str, Any]) -> str:
    text: str = found.document["text"][span["begin"] : span["end"]]
    return text


def _describe(found: Explanation, span: Mapping[str, Any]) -> str:
    """Return what the ledger says of a span, and how it begins."""
    fate = "kept   " if span["kept"] else "removed"
    score = "" if span["score"] is None else f" score {span['score']:.2f}"
    lines = [
        f"{span['begin']:>7}-{span['end']:<7} {fate} {span['kind']}: {span['reason']} "
        f"(rule {span['rule']}{score})"
    ]
    if span["evidence"]:
        lines.append(f"{'':16}log-odds of main content: {span['evidence']}")
    if span["partner_document"]:
        at = (
            ""
            if span["partner_begin"] is None
            else f":{span['partner_begin']}-{span['partner_end']}"
        )
        alike = "" if span["similarity"] is None else f", similarity {span['similarity']:.2f}"
        lines.append(f"{'':16}also in {span['partner_source']}{at}{alike}")
    excerpt = " ".join(_text(found, span).split())
    if excerpt:
        shown = excerpt if len(excerpt) <= _EXCERPT_CHARS else excerpt[: _EXCERPT_CHARS - 1] + "…"
        lines.append(f"{'':16}| {shown}")
    return "\n".join(lines)
