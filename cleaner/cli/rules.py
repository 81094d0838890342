"""`clean rules`: say what a rule is, what it did in a run, and how to switch it off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cleaner.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaner.rule_cards import RuleCard, RuleRun

_DEFAULT_OUTPUT = Path("cleaned")
_EXCERPT_CHARS = 76
_CARD_WIDTH = 100
_LABEL_WIDTH = 16
_MAX_OUTLETS = 10
_UNDER_CUES = "the cues that it found"
_LINES = (
    "for lines in lower case, with straight quotation marks and without bullets and full stops:"
)
_STRANGE = (
    "Nothing more is known of this rule than what it did in the run: it is neither one of this "
    "version nor a cue of a file that was given with --cues."
)
_COLUMNS = ("rule", "kind", "language", "description")
_COUNTS = ("documents", "spans", "characters")
_RUN_COLUMNS = ("rule", "kind", *_COUNTS, "most hit outlet")
_PAGE_WIDTH = 10_000
_PLACES = {
    "line": "the whole block is the phrase",
    "start": "the block begins with it and has {max_words} words at most",
    "end": "the block ends with it and has {max_words} words at most",
    "phrase": "it occurs in the block; it takes several to decide (rule pleads_with_reader)",
}


@click.command()
@click.argument("names", nargs=-1, metavar="[RULE]...")
@click.option("--language", "languages", multiple=True, help="Cues of this language only.")
@click.option("--kind", "kinds", multiple=True, help="Rules that give this kind only.")
@click.option("--cues", "cue_files", multiple=True, metavar="FILE", help="A further cue file.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of a run: say what the rules did in it, the most frequent first.",
)
@click.option("--all", "show_all", is_flag=True, help="Of a run, also rules that never hit.")
@click.option(
    "--examples",
    "num_examples",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="Examples from the run, on a card and in JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the cards as JSON lines.")
def rules(
    names: tuple[str, ...],
    languages: tuple[str, ...],
    kinds: tuple[str, ...],
    cue_files: tuple[str, ...],
    output: Path | None,
    show_all: bool,
    num_examples: int,
    as_json: bool,
) -> None:
    """Say what rules are, and what they did in a run.

    RULE is a name as `--disable` takes it or `clean why` prints it, or a family of names. One rule
    is shown as a card: what it wrongly hits, how to switch it off, and of a run which outlets and
    texts it hit. Several are shown as a table.

    \b
    clean rules
    clean rules en.paywall
    clean rules --kind paywall --language de
    clean rules --output cleaned
    clean rules only_a_date --output cleaned
    """
    from cleaner.rule_cards import add_examples, list_rule_cards

    cards = list_rule_cards(
        names, languages=languages, kinds=kinds, cue_files=cue_files, output=output
    )
    is_one = len({card.rule.name for card in cards}) == 1
    shown = [card for card in cards if show_all or is_one or card.run is None or card.run.num_spans]
    if output is not None and num_examples and (as_json or is_one):
        shown = list(add_examples(shown, output, num_examples))
    if as_json:
        for card in shown:
            click.echo(_to_json(card))
    elif is_one:
        for card in shown:
            click.echo(printable("\n".join(_describe(card, output))))
    elif shown:
        click.echo(_make_table(shown))
    click.echo(_hint(cards, shown, is_one=is_one or as_json), err=True, nl=False)


def _to_json(card: RuleCard) -> str:
    import json

    import msgspec

    found = msgspec.to_builtins(card.rule)
    if card.run:
        found["run"] = msgspec.to_builtins(card.run)
    return json.dumps(found)


def _hint(cards: Sequence[RuleCard], shown: Sequence[RuleCard], *, is_one: bool) -> str:
    """Say what is not shown, and how to see it."""
    lines = []
    num_left_out = len(cards) - len(shown)
    if num_left_out:
        lines.append(f"{num_left_out:,} rules that removed nothing are left out; see --all.")
    if shown and not is_one:
        lines.append("`clean rules RULE` shows the card of one, with all that is known of it.")
    return "".join(f"{line}\n" for line in lines)


# One rule.


def _describe(card: RuleCard, output: Path | None) -> Iterator[str]:
    rule = card.rule
    about = "\n".join(part for part in (rule.description, rule.details) if part)
    yield _one_line(rule.name)
    yield from _field("", about or _STRANGE)
    yield from _field("wrongly hits", rule.hits_wrongly)
    yield from _field("kind", ", ".join(rule.kinds) or "that of a cue or of a block beside it")
    yield from _field("language", rule.language or "")
    if rule.scope:
        yield from _field("where", _PLACES[rule.scope].format(max_words=rule.max_words))
    if rule.is_heading:
        yield from _field("heading", "what follows it falls too (rule after_section_heading)")
    yield from _field("in the ledger", f"as {_UNDER_CUES}" if rule.is_under_cues else "")
    yield from _field("switch off", _switch(card))
    if rule.patterns:
        yield from _field("patterns", _LINES)
        yield from (f"{'':{_LABEL_WIDTH + 2}}{pattern}" for pattern in rule.patterns)
    if card.run and output is not None:
        yield ""
        removed = f"see {_UNDER_CUES}" if rule.is_under_cues else _hits(card.run)
        yield from _field("removed", removed)
        yield from _describe_run(card.run, output)


def _field(label: str, text: str) -> Iterator[str]:
    """Lay out a field of a card; one that says nothing is left out."""
    if text:
        indent = " " * (_LABEL_WIDTH + 2 if label else 2)
        first = f"  {label:<{_LABEL_WIDTH}}" if label else indent
        for line in text.split("\n"):
            yield click.wrap_text(line, _CARD_WIDTH, first, indent)
            first = indent


def _switch(card: RuleCard) -> str:
    rule = card.rule
    if not rule.switch_off:
        return "no option does that" if rule.description else ""
    families = rule.name.split(".")[:-1] if rule.language else []
    wider = [".".join(families[:n]) for n in range(len(families), 0, -1)]
    also = f" (or with its family: {', '.join(wider)})" if wider else ""
    return f"clean run {rule.switch_off}{also}"


def _hits(run: RuleRun) -> str:
    if not run.num_spans:
        return "nothing; the run was made without it" if run.is_switched_off else "nothing"
    return (
        f"{run.num_spans:,} spans in {run.num_documents:,} of {run.num_run_documents:,} "
        f"documents, {run.num_chars:,} characters ({', '.join(run.kinds)})"
    )


def _describe_run(run: RuleRun, output: Path) -> Iterator[str]:
    import shlex

    if run.num_kept_spans:
        kept = f"{run.num_kept_spans:,} spans, {run.num_kept_chars:,} characters"
        yield from _field("kept", kept)
    outlets = run.outlets[:_MAX_OUTLETS]
    counts = [f"{hit.num_hit_documents:,} of {hit.num_documents:,}" for hit in outlets]
    width = max(map(len, counts), default=0)
    for number, (hit, count) in enumerate(zip(outlets, counts, strict=True)):
        label = "" if number else "outlets"
        share = f"{hit.hit_ratio:>4.0%}  {count:>{width}}"
        yield f"  {label:<{_LABEL_WIDTH}}{share}  {_one_line(hit.outlet)}"
    if len(run.outlets) > _MAX_OUTLETS:
        yield f"{'':{_LABEL_WIDTH + 2}}... and {len(run.outlets) - _MAX_OUTLETS:,} more"
    at = "" if output == _DEFAULT_OUTPUT else f" --output {shlex.quote(str(output))}"
    for number, example in enumerate(run.examples):
        label = "" if number else "examples"
        command = f"clean why {shlex.quote(example.target)}{at}"
        yield f"  {label:<{_LABEL_WIDTH}}{command}  (line {example.line})"
        yield f"{'':{_LABEL_WIDTH + 2}}| {_excerpt(example.text)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _excerpt(text: str) -> str:
    excerpt = _one_line(text)
    return excerpt if len(excerpt) <= _EXCERPT_CHARS else excerpt[: _EXCERPT_CHARS - 1] + "…"


# Several rules.


def _make_table(cards: Sequence[RuleCard]) -> str:
    """Lay rules out a line each; on a terminal, lines that are longer than it are cut."""
    import io
    import shutil
    import sys

    from rich.cells import cell_len, set_cell_size
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in _RUN_COLUMNS if cards[0].run else _COLUMNS:
        table.add_column(name, justify="right" if name in _COUNTS else "left", no_wrap=True)
    for card in cards:
        cells = _run_cells(card, card.run) if card.run else _cells(card)
        table.add_row(*(_one_line(printable(cell)) for cell in cells))
    page = io.StringIO()
    Console(
        file=page, width=_PAGE_WIDTH, color_system=None, markup=False, emoji=False, highlight=False
    ).print(table)
    lines = [line.rstrip() for line in page.getvalue().splitlines()]
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        lines = [
            set_cell_size(line, width - 1) + "…" if cell_len(line) > width else line
            for line in lines
        ]
    return "\n".join(lines)


def _cells(card: RuleCard) -> tuple[str, ...]:
    rule = card.rule
    return rule.name, _kinds(card), rule.language or "all", rule.description


def _run_cells(card: RuleCard, run: RuleRun) -> tuple[str, ...]:
    most = next(
        (f"{h.num_hit_documents:,} of {h.num_documents:,} {h.outlet}" for h in run.outlets), ""
    )
    counts = (run.num_documents, run.num_spans, run.num_chars)
    return card.rule.name, _kinds(card), *(f"{count:,}" for count in counts), most


def _kinds(card: RuleCard) -> str:
    """Name the kinds that a rule gave, or can give, as briefly as a table needs it."""
    first, more = next(iter(card.kinds), "any"), len(card.kinds) - 1
    return f"{first} +{more}" if more > 0 else first
