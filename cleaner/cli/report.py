"""`clean report`: say what a run did, in a terminal, for programs, or in the browser."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cleaner.cli.difference import mark_changes, name_changes
from cleaner.cli.stdout import has_colours, make_console, write
from cleaner.cli.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cleaner.report.largest import TextCluster

_DEFAULT_OUTPUT = Path("cleaned")
_NUM_CLUSTERS, _NUM_MEMBERS = 5, 5
_MAX_WIDTH = 100
_MAX_OUTLETS = _MAX_ALARMS = 20
_MAX_NAME_CHARS = 36
_MAX_TEXT_CHARS = 600
"""Characters of a member's text or of its differences, but of a cluster that was asked for."""
_MAX_FIRST = 3


@click.command()
@click.argument("output", type=click.Path(path_type=Path), default=_DEFAULT_OUTPUT)
@click.option(
    "--clusters",
    "num_clusters",
    type=click.IntRange(min=0),
    default=_NUM_CLUSTERS,
    show_default=True,
    help="How many clusters to show, the largest first.",
)
@click.option(
    "--members",
    "num_members",
    type=click.IntRange(min=1),
    help=f"Members to show of each cluster.  [default: {_NUM_MEMBERS}; with --cluster all]",
)
@click.option(
    "--cluster", "cluster_id", metavar="ID", help="Show this cluster only, and show it whole."
)
@click.option("--json", "as_json", is_flag=True, help="Print the same as one JSON object.")
@click.option("--open", "is_opened", is_flag=True, help="Open report.html in the browser instead.")
def report(
    output: Path,
    num_clusters: int,
    num_members: int | None,
    cluster_id: str | None,
    as_json: bool,
    is_opened: bool,
) -> None:
    """Say what a run did: the facts of its page, and the largest clusters.

    OUTPUT is the output folder of the run. The members of a cluster come in order of time, each
    with the words in which it differs from the copy that stays.

    \b
    clean report
    clean report corpus --clusters 20 --members 3
    clean report --cluster 180b7e60
    clean report --open
    clean report --json
    """
    from cleaner.report.largest import read_cluster, read_largest
    from cleaner.report.overview import describe_overview
    from cleaner.results import read_result

    result = read_result(output)
    if is_opened:
        _open(result.report, output)
        return
    if cluster_id is None:
        clusters = read_largest(output, num_clusters, num_members or _NUM_MEMBERS)
    else:
        clusters = [read_cluster(output, cluster_id, num_members)]
    overview = describe_overview(result)
    if as_json:
        click.echo(_to_json(overview, clusters))
        return
    console = make_console()
    console.width = min(console.width, _MAX_WIDTH)
    with console.capture() as captured:
        if cluster_id is None:
            _print_overview(console, overview)
            _print_clusters(console, clusters, overview["numClusters"], output)
        else:
            _print_cluster(console, clusters[0], None)
            console.print(name_changes(has_colours=has_colours(console)))
    write(captured.get())


def _open(page: Path, output: Path) -> None:
    """Open the page of a run in the browser, or say where it is."""
    import webbrowser

    from cleaner.errors import LookupFailedError

    if not page.is_file():
        message = f"there is no {page.name} in {output}; run `clean` again"
        raise LookupFailedError(message)
    try:
        is_open = webbrowser.open(page.absolute().as_uri())
    except webbrowser.Error:
        is_open = False
    said = "Opened" if is_open else "No browser could be opened here. The page is"
    click.echo(printable(f"{said} {page.absolute()}"), err=True)


def _to_json(overview: Mapping[str, Any], clusters: Sequence[TextCluster]) -> str:
    import json

    rows = [
        {**cluster.as_row(), "first": [member["document_id"] for member in cluster.first]}
        for cluster in clusters
    ]
    return json.dumps({"overview": overview, "clusters": rows}, indent=2)


# The facts of the run.


def _print_overview(console: Console, overview: Mapping[str, Any]) -> None:
    for sentence in overview["statement"]:
        console.print(printable(sentence))
    _print_alarms(console, overview["alarms"])
    _print_steps(console, "Documents", overview["documentSteps"])
    _print_steps(console, "Words", overview["wordSteps"])
    _print_kinds(console, overview["kinds"])
    _print_outlets(console, overview["outlets"])
    _print_quality(console, overview)
    if overview["rejected"]:
        table = _make_table("Set aside", "inputs")
        for row in overview["rejected"]:
            table.add_row(_name(row["reason"]), f"{row['count']:,}")
        _print_table(console, table, "rejected.jsonl says which, and why.")
    if overview["clusters"]:
        from cleaner.report.wording import RELATIONS

        table = _make_table("Clusters", "clusters", after=("",))
        for row in overview["clusters"]:
            about = RELATIONS.get(row["relation"])
            heading = about.heading if about else ""
            table.add_row(_name(row["relation"]), f"{row['count']:,}", heading)
        _print_table(console, table)


def _print_alarms(console: Console, alarms: Sequence[Mapping[str, Any]]) -> None:
    if alarms:
        console.print()
    for alarm in alarms[:_MAX_ALARMS]:
        where = "all outlets" if alarm["outlet"] is None else _one_line(alarm["outlet"])
        line = Text.assemble(("Alarm", "bold red"), f" {where}: {_one_line(alarm['sentence'])}")
        console.print(line)
    _say_more(console, len(alarms) - _MAX_ALARMS, "alarms")


def _print_steps(console: Console, title: str, steps: Sequence[Mapping[str, Any]]) -> None:
    """Print what is left of something, step by step, and what went at each."""
    table = _make_table(title, "left", "gone", after=("",))
    before = steps[0]["count"]
    for step in steps:
        gone = before - step["count"]
        row = (f"{step['count']:,}", f"{gone:,}" if gone else "", step["lost"])
        table.add_row(step["label"], *row)
        before = step["count"]
    _print_table(console, table)


def _print_kinds(console: Console, kinds: Sequence[Mapping[str, Any]]) -> None:
    from cleaner.report.text import format_percent

    if not kinds:
        return
    total = sum(kind["words"] for kind in kinds)
    table = _make_table("Removed", "words", "of removed", "documents")
    for kind in kinds:
        share = format_percent(kind["words"], total)
        table.add_row(_name(kind["kind"]), f"{kind['words']:,}", share, f"{kind['documents']:,}")
    _print_table(console, table)


def _print_outlets(console: Console, outlets: Sequence[Mapping[str, Any]]) -> None:
    from cleaner.report.text import format_percent

    if not outlets:
        return
    table = _make_table("Outlets", "documents", "kept", "words", "kept", "share kept")
    ordered = sorted(outlets, key=lambda outlet: (-outlet["words"], outlet["outlet"]))
    for outlet in ordered[:_MAX_OUTLETS]:
        names = ("documents", "keptDocuments", "words", "keptWords")
        share = format_percent(outlet["keptWords"], outlet["words"])
        counts = (f"{outlet[name]:,}" for name in names)
        table.add_row(_one_line(outlet["outlet"]), *counts, share)
    _print_table(console, table)
    _say_more(console, len(outlets) - _MAX_OUTLETS, "outlets")


def _print_quality(console: Console, overview: Mapping[str, Any]) -> None:
    """Print how many of the planted copies were found, and how many matches are right."""
    from cleaner.quality.recall import NOT_MEASURED, TOO_FEW
    from cleaner.quality.verdicts import NOT_JUDGED

    recall, precision = overview["recall"], overview["precision"]
    if recall:
        table = _make_table("Planted copies", "found", "of", "95 % interval", after=("",))
        for row in recall:
            interval = f"{row['low']:.0%} to {row['high']:.0%}"
            about = (f"{row['found']:,}", f"{row['planted']:,}", interval, row["about"])
            table.add_row(_one_line(row["label"]), *about)
        _print_table(console, table)
    else:
        _print_table(console, f"Planted copies: {NOT_MEASURED if recall is None else TOO_FEW}.")
    said = NOT_JUDGED
    if precision is not None:
        said = (
            f"{precision['value']:.2f} ({precision['low']:.2f} to {precision['high']:.2f}, 95 %): "
            f"{precision['same']:,} of {precision['judged']:,} sampled pairs are the same"
        )
    console.print(f"Precision: {said}.")


def _make_table(name: str, *counts: str, after: Sequence[str] = ()) -> Table:
    """Return a table with a column of names, columns of numbers, and columns of words."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(name, no_wrap=True, max_width=_MAX_NAME_CHARS, overflow="ellipsis")
    for count in counts:
        table.add_column(count, justify="right", no_wrap=True)
    for column in after:
        table.add_column(column, style="dim")
    return table


def _print_table(console: Console, table: Table | str, note: str = "") -> None:
    console.print()
    console.print(table)
    if note:
        console.print(note, style="dim")


def _say_more(console: Console, number: int, noun: str) -> None:
    if number > 0:
        console.print(f"... and {number:,} more {noun}; see `clean report --json`.", style="dim")


# Clusters.


def _print_clusters(
    console: Console, clusters: Sequence[TextCluster], num_clusters: int, output: Path
) -> None:
    """Print the largest clusters, and how to see what is left out."""
    if not clusters:
        return
    console.print()
    console.print(
        f"The largest {len(clusters):,} of {num_clusters:,} clusters"
        if len(clusters) < num_clusters
        else "All clusters, the largest first",
        style="bold",
    )
    console.print(name_changes(has_colours=has_colours(console)))
    for cluster in clusters:
        console.print()
        _print_cluster(console, cluster, _MAX_TEXT_CHARS)
    at = "" if output == _DEFAULT_OUTPUT else f" {shlex.quote(str(output))}"
    command = f"clean report{at} --cluster {clusters[0].cluster['cluster_id']}"
    console.print()
    console.print(f"One cluster whole: {printable(command)}", style="dim")


def _print_cluster(console: Console, found: TextCluster, max_chars: int | None) -> None:
    """Print a cluster: what it is, who was first, and what each member says.

    Args:
        console: Where to.
        found: The cluster.
        max_chars: Characters of each member's text; None for all.
    """
    from cleaner.passages.segment import DOCUMENT
    from cleaner.report.clusters import head_cluster
    from cleaner.report.text import format_quantity
    from cleaner.report.wording import REPRESENTATIVES

    cluster = found.cluster
    (chosen,) = (member for member in found.members if member["is_representative"])
    console.print(
        Text.assemble(
            (_one_line(cluster["cluster_id"]), "bold cyan"),
            f"  {_one_line(cluster['relation'])} ({_one_line(cluster['level'])})",
            f", {format_quantity(cluster['num_members'], 'member')}",
            f" in {format_quantity(cluster['num_outlets'], 'outlet')}",
            f", similarity from {cluster['min_similarity']:.2f}",
        )
    )
    if cluster["level"] == DOCUMENT:
        heading = head_cluster(cluster["title"], chosen["text"])
        console.print(printable(heading), style="italic")
    console.print(_say_first(found))
    for member in found.members:
        lines = [_describe_member(member)]
        if member["is_representative"]:
            why = REPRESENTATIVES.get(cluster["why"], _one_line(cluster["why"]))
            lines += [Text(f"The copy that stays: {why}", style="green")]
            lines += [_show_text(member["text"], max_chars)]
        else:
            lines += [_show_changes(chosen["text"], member["text"], max_chars, console)]
        head, *body = lines
        console.print(Padding(head, (0, 0, 0, 2)))
        for part in body:
            console.print(Padding(part, (0, 0, 0, 4)))
    if found.num_hidden:
        more = format_quantity(found.num_hidden, "more member")
        console.print(Padding(Text(f"... and {more}, later or undated", style="dim"), (0, 0, 0, 2)))


def _say_first(found: TextCluster) -> str:
    """Say who had the text first, as far as dates tell."""
    num_undated = sum(not member["published"] for member in found.cluster["members"])
    if not found.first:
        return "Who was first: not known, no member has a date"
    names = [f"{_one_line(m['outlet'])}, {_one_line(m['published'])}" for m in found.first]
    listed = " or ".join(names[:_MAX_FIRST]) + (" or others" if len(names) > _MAX_FIRST else "")
    undated = f" ({num_undated:,} of {len(found.cluster['members']):,} have no date)"
    return f"Who was first: {listed}{undated if num_undated else ''}"


def _describe_member(member: Mapping[str, Any]) -> Text:
    place = f"{member['source']}:{member['begin']}-{member['end']}"
    return Text.assemble(
        (_one_line(member["outlet"]), "bold"),
        f"  {_one_line(member['published'] or 'no date')}  ",
        (_one_line(place), "dim"),
    )


def _show_text(text: str, max_chars: int | None) -> Text:
    shown = text.strip() if max_chars is None else _one_line(text)
    if max_chars is None or len(shown) <= max_chars:
        return Text(printable(shown))
    more = Text(f" [… {len(shown) - max_chars:,} more characters]", style="dim")
    return Text(shown[:max_chars].rstrip()).append_text(more)


def _show_changes(base: str, text: str, max_chars: int | None, console: Console) -> Text:
    """Show in which words a member differs from the representative."""
    if max_chars is not None:
        base, text = " ".join(base.split()), " ".join(text.split())
    marked = mark_changes(
        base.strip(), text.strip(), max_chars=max_chars, has_colours=has_colours(console)
    )
    return Text("the same, word for word", style="dim") if marked is None else marked


def _name(name: str) -> str:
    """Show a name from outside, in snake_case, as words."""
    from cleaner.report.text import show_name

    return _one_line(show_name(name))


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
