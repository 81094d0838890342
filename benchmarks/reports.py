"""What a benchmark leaves behind: its results beside what was run, as JSON.

A report holds no path, host or time, so that two runs on the same data differ in CPU seconds only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from benchmarks.systems import Missing, System, describe_versions

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.argument(
        "folders",
        metavar="DATA...",
        nargs=-1,
        required=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
    ),
    click.option(
        "--pages", type=click.IntRange(1), help="Only so many pages a set, always the same."
    ),
    click.option("--only", multiple=True, metavar="NAME=VALUE", help="Only pages with this fact."),
    click.option(
        "--json",
        "json_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Also write all results here.",
    ),
)


def measure_options(command: Command) -> Command:
    """Add what every measurement asks: the sets, which pages of them, where results go."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_report(
    benchmark: str,
    arguments: Sequence[str],
    systems: Sequence[System],
    missing: Sequence[Missing],
    **results: list[dict[str, Any]],
) -> dict[str, Any]:
    """Put results beside the command, the versions of what ran, and what did not run.

    Args:
        benchmark: What `benchmarks.quality` calls it.
        arguments: The module, and what it was given, folders by their own names.
        systems: What ran.
        missing: What did not.
        results: The results by set.
    """
    return {
        "benchmark": benchmark,
        "command": " ".join(["python -m", *arguments]),
        "versions": describe_versions(systems),
        "missing": [
            {"name": item.name, "reason": item.reason, "install": item.install} for item in missing
        ],
        **results,
    }


def publish_report(report: dict[str, Any], target: Path | None) -> None:
    """Print what ran and what did not; write the report if there is a file for it."""
    for item in report["missing"]:
        click.echo(
            f"{item['name']} is NOT measured: {item['reason']}; install it with: {item['install']}"
        )
    for name, version in report["versions"].items():
        click.echo(f"{name}: {version}")
    if target:
        target.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def list_options(pages: int | None, only: Sequence[str]) -> list[str]:
    """Return the options that choose pages, as they are written."""
    chosen = [] if pages is None else [f"--pages {pages}"]
    return chosen + [f'--only "{fact}"' for fact in only]
