"""`clean why`: say what became of a part of an input."""

from __future__ import annotations

import shlex
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from cleaner.cli.difference import CUT_SIGNS
from cleaner.cli.stdout import has_colours, is_terminal, make_console, write
from cleaner.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaner.explain import Explanation
    from cleaner.report.terminal_ribbon import Stretch

_EXCERPT_CHARS = 76
_CONTEXT_CHARS = 300
"""Characters that are shown before and after a part that was asked for."""
_MAX_WIDTH = 100
_TRUNCATION = ("truncated", "truncated_evidence")
_PART_SIGNS = ">>> ", " <<<"
"""What stands around a part in its context where nothing can be dimmed."""
_FATES = {
    "kept": ("█", "green"),
    "elsewhere": ("▒", "blue"),
    "boilerplate": ("░", "red"),
    "cut short": ("▚", "yellow"),
}
"""How the ribbon shows what became of a word."""
_COLOURS = {
    **dict.fromkeys(("interface", "navigation", "related", "share", "comments"), "magenta"),
    **dict.fromkeys(("promotion", "paywall", "newsletter", "donation", "advertisement"), "red"),
    **dict.fromkeys(
        ("cookie_notice", "legal", "notice", "byline", "dateline", "caption", "credit"), "cyan"
    ),
    **dict.fromkeys(("author_bio", "repeated_title", "repeated_text", "outlet_line"), "cyan"),
    "not_main_content": "bright_red",
    "duplicate": "blue",
    "truncated": "yellow",
}
"""The colour of removed text by its kind: links and buttons, offers, notes about the article."""


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
@click.option(
    "--text/--spans",
    "as_text",
    default=None,
    help="Show the text, marked by what became of it, or list its spans with rules and scores.  "
    "[default: the text on a terminal, else the spans]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the spans as JSON.")
def why(document: str, output: Path, as_text: bool | None, as_json: bool) -> None:
    """Say what became of a document, or of a part of it, and why.

    DOCUMENT is an id, a source or the end of one, or a URL. A part is given by positions in
    characters or by a line number, both of the text as the ledger has it. On a terminal a long text
    opens in the pager.

    \b
    clean why harbour-courier.txt
    clean why feed.jsonl#2:120-260
    clean why harbour-courier.txt:4 --output cleaned
    clean why harbour-courier.txt --spans
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
    if is_terminal() if as_text is None else as_text:
        is_whole = (found.begin, found.end) == (0, len(found.document["text"]))
        whole = found if is_whole else explain(output, found.document["document_id"])
        _show_text(found, whole.spans, document, output)
        return
    for line in _describe_document(found):
        click.echo(line)
    for span in found.spans:
        click.echo(printable(_describe(found, span)))


def _describe_document(found: Explanation) -> list[str]:
    """Return which document it is, and whether it was cut short."""
    lines = [printable(f"{found.document['source']}  {found.document['document_id']}")]
    if found.document["truncated"]:
        evidence = ", ".join(found.document["truncated_evidence"])
        lines.append(printable(f"truncated: {found.document['truncated']} ({evidence})"))
    return lines


# The list of spans.


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
        alike = "" if span["similarity"] is None else f", similarity {span['similarity']:.2f}"
        lines.append(f"{'':16}also in {_name_partner(span)}{alike}")
    excerpt = " ".join(_text(found, span).split())
    if excerpt:
        shown = excerpt if len(excerpt) <= _EXCERPT_CHARS else excerpt[: _EXCERPT_CHARS - 1] + "…"
        lines.append(f"{'':16}| {shown}")
    return "\n".join(lines)


def _name_partner(span: Mapping[str, Any]) -> str:
    at = "" if span["partner_begin"] is None else f":{span['partner_begin']}-{span['partner_end']}"
    return f"{span['partner_source']}{at}"


# The text.


def _show_text(
    found: Explanation, spans: Sequence[Mapping[str, Any]], name: str, output: Path
) -> None:
    """Show the text that was asked for, marked by what became of it.

    Args:
        found: What was asked for.
        spans: All spans of the document.
        name: How it was asked for.
        output: The output folder.
    """
    console = make_console()
    width = min(console.width, _MAX_WIDTH)
    with console.capture() as captured:
        head, *more = _describe_document(found)
        console.print(head, style="bold", soft_wrap=True)
        for line in more:
            console.print(line, soft_wrap=True)
        _print_ribbon(console, found.document["text"], spans, width)
        console.print()
        text = _mark_text(found, spans, has_colours=has_colours(console))
        console.print(text, soft_wrap=not is_terminal())
        console.print()
        at = "" if output == Path("cleaned") else f" --output {shlex.quote(str(output))}"
        command = f"clean why {shlex.quote(name)} --spans{at}"
        console.print(printable(f"Rules and scores: {command}"), style="dim", soft_wrap=True)
    write(captured.get(), height=console.height)


def _print_ribbon(
    console: Console, text: str, spans: Sequence[Mapping[str, Any]], width: int
) -> None:
    """Print the document as a line of blocks, and how many of its words became what."""
    from cleaner.report.terminal_ribbon import FATES, lay_ribbon, list_fates
    from cleaner.report.text import format_percent, format_quantity

    fates = list_fates(text, spans)
    if not fates:
        return
    ribbon = Text()
    for fate, cells in groupby(lay_ribbon(fates, width)):
        sign, style = _FATES[fate]
        ribbon.append(sign * len(list(cells)), style)
    console.print(ribbon)
    counts = Counter(fates)
    legend = Text(f"{format_quantity(len(fates), 'word')}:")
    for fate in FATES:
        if counts[fate]:
            share = format_percent(counts[fate], len(fates))
            legend.append("  ").append(*_FATES[fate]).append(f" {fate} {share}")
    console.print(legend)


def _mark_text(
    found: Explanation, spans: Sequence[Mapping[str, Any]], *, has_colours: bool
) -> Text:
    """Return the part that was asked for with a reason at each cut, in its context."""
    from cleaner.report.terminal_ribbon import join_spans

    text = found.document["text"]
    marked = Text()
    begin, end = max(0, found.begin - _CONTEXT_CHARS), min(len(text), found.end + _CONTEXT_CHARS)
    if begin:
        marked.append(f"[… {begin:,} characters before]\n", "dim")
    is_part = (found.begin, found.end) != (0, len(text))
    signs = _PART_SIGNS if is_part and not has_colours else ("", "")
    marked.append(_mark_context(text, spans, begin, found.begin, has_colours=has_colours))
    marked.append(signs[0])
    for stretch in join_spans(found.spans):
        marked.append(_mark_stretch(text, stretch, has_colours=has_colours))
    marked.append(signs[1])
    marked.append(_mark_context(text, spans, found.end, end, has_colours=has_colours))
    if end < len(text):
        marked.append(f"\n[… {len(text) - end:,} characters after]", "dim")
    marked.rstrip()
    return marked


def _mark_context(
    text: str, spans: Sequence[Mapping[str, Any]], begin: int, end: int, *, has_colours: bool
) -> Text:
    """Return text around a part, dimmed, with what was removed from it marked."""
    marked = Text(style="dim")
    for span in spans:
        a, b = max(begin, span["begin"]), min(end, span["end"])
        if a < b:
            marked.append(_mark_words(text[a:b], span, has_colours=has_colours))
    return marked


def _mark_stretch(text: str, stretch: Stretch, *, has_colours: bool) -> Text:
    """Return a stretch of the text, and in brackets what became of it if that needs a word."""
    span = stretch.span
    words = text[stretch.begin : stretch.end]
    shown = words.rstrip()
    marked = _mark_words(shown, span, has_colours=has_colours)
    if shown and (stretch.is_reused or not span["kept"]):
        style = "green" if span["kept"] else _COLOURS.get(span["kind"], "")
        marked.append(f" [{printable(_say_why(span))}]", style)
    return marked.append(printable(words[len(shown) :]))


def _mark_words(words: str, span: Mapping[str, Any], *, has_colours: bool) -> Text:
    """Return words as they are if they were kept, else struck out; white space is never marked."""
    shown = words.strip()
    if span["kept"] or not shown:
        return Text(printable(words))
    head, tail = words[: words.index(shown)], words[words.index(shown) + len(shown) :]
    style = f"dim strike {_COLOURS.get(span['kind'], '')}".strip() if has_colours else ""
    inner = printable(shown) if has_colours else printable(shown).join(CUT_SIGNS)
    return Text.assemble(printable(head), (inner, style), printable(tail))


def _say_why(span: Mapping[str, Any]) -> str:
    """Say in brackets what became of a stretch, and where else it stands."""
    parts = [f"{'kept, ' if span['kept'] else ''}{span['kind']}: {span['reason']}"]
    if span["partner_document"]:
        parts.append(f"also in {_name_partner(span)}")
    if span["cluster_id"]:
        parts.append(f"{span['relation']} {span['cluster_id']}")
    return ", ".join(parts)
