"""The console for what a command shows on stdout, with colours where there are any."""

from __future__ import annotations

import sys

import click
from rich.console import Console


def make_console() -> Console:
    """Return a console that takes text for text: no markup, no emoji codes, no highlighting."""
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def has_colours(console: Console) -> bool:
    """Tell whether colours show; if not, what they would say has to be said in signs."""
    return console.color_system is not None and not console.no_color


def is_terminal() -> bool:
    """Tell whether a person reads stdout."""
    return sys.stdout.isatty()


def write(text: str, *, height: int | None = None) -> None:
    """Write what a console captured, page by page if that is more than a terminal shows.

    Args:
        text: What was captured.
        height: Lines that the terminal shows; None never waits.
    """
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    if height is not None and is_terminal() and text.count("\n") >= height:
        click.echo_via_pager(text, color=True)
    else:
        click.echo(text, nl=False, color=True)
