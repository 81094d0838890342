"""Write docs/reference.md from the code: `python docs/reference.py`; `--check` only compares."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import click

from cleaner.boilerplate.catalogue import list_code_rules, list_cues
from cleaner.cli import main
from cleaner.config import Config, render_config
from cleaner.passages.acceptance import FEATURES, list_weights
from cleaner.passages.s_curve import render_s_curve

PLACE = Path(__file__).with_name("reference.md")


def render_reference() -> str:
    """Return the page: the help of each command, all settings, all rules."""
    parts = ["# Reference", "", "Made by `python docs/reference.py`; do not edit.", ""]
    context = click.Context(main, info_name="clean")
    parts += ["## Commands", "", "```text", main.get_help(context), "```", ""]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        text = command.get_help(click.Context(command, info_name=name, parent=context))
        parts += [f"### clean {name}", "", "```text", text, "```", ""]
    parts += ["## Settings", "", "What `clean config` prints.", "", "```toml"]
    parts += [render_config(Config()).rstrip(), "```", "", "## Candidates", ""]
    parts += [
        "How surely two documents, or paragraphs, meet in a band: `clean config --explain`.",
        "",
    ]
    parts += ["```text", render_s_curve(Config().match).rstrip(), "```", "", "## Rules", ""]
    parts += ["Names as `--disable` takes them, in the order in which they are tried.", ""]
    for rule in list_code_rules():
        about = f"{rule.description} {rule.details}".strip()
        parts.append(f"- `{rule.name}`: {about} Wrongly hits: {rule.hits_wrongly}")
    parts += [
        "",
        "## Cues",
        "",
        "By language and kind; `--disable` takes a cue or a family of them.",
    ]
    for code, cues in itertools.groupby(list_cues(), lambda cue: cue.language):
        parts += ["", f"### {code}", ""]
        parts += [f"- `{cue.name}` ({cue.scope})" for cue in cues]
    parts += ["", "## Acceptance model", ""]
    parts += ["What each feature of a passage adds to the log-odds that it is reuse, a step.", ""]
    parts += ["| feature | weight | what it measures |", "| --- | --- | --- |"]
    weights = list_weights()
    parts += [f"| `{name}` | {weights[name]:+.2f} | {text} |" for name, text in FEATURES.items()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    page = render_reference()
    if "--check" in sys.argv:
        sys.exit(0 if PLACE.read_text(encoding="utf-8") == page else "docs/reference.md is stale")
    PLACE.write_text(page, encoding="utf-8")
