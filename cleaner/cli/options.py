"""The options that make up a configuration, for every command that takes one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cleaner.errors import ConfigError

if TYPE_CHECKING:
    from cleaner.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="TOML file with the configuration; `clean config` prints one to start from.",
    ),
    click.option(
        "--view",
        type=click.Choice(["unique", "full", "originals"]),
        help="Text of the corpus: one copy of everything, all copies, or each outlet's own.",
    ),
    click.option(
        "--format",
        "file_format",
        type=click.Choice(["jsonl", "parquet", "txt", "md"]),
        help="Format of the corpus.",
    ),
    click.option(
        "--stubs",
        is_flag=True,
        default=None,
        help="Say in the corpus where a repeated passage was cut, how much of it, and where it is.",
    ),
    click.option(
        "--quality/--no-quality",
        default=None,
        help="Whether to plant copies in a sample of the articles, beside the corpus, and say how "
        "many the run would find.",
    ),
    click.option(
        "--representative",
        type=click.Choice(["earliest", "most_complete", "smallest_id"]),
        help="The copy that survives.",
    ),
    click.option("--copies", type=click.Choice(["drop", "keep"]), help="Near-duplicate documents."),
    click.option("--passages", type=click.Choice(["cut", "keep"]), help="Repeated passages."),
    click.option("--quotes", type=click.Choice(["cut", "keep"]), help="Repeated quotations."),
    click.option(
        "--truncated",
        type=click.Choice(["keep", "drop"]),
        help="Articles that a paywall or a feed cut short.",
    ),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="ROLE=NAME",
        help="Field of JSONL and Parquet records, e.g. text=body or outlet=publisher.name.",
    ),
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="Files in input folders to leave alone."
    ),
    click.option("--disable", multiple=True, metavar="RULE", help="Switch off a rule, by name."),
    click.option("--cues", multiple=True, metavar="FILE", help="A further cue file."),
    click.option(
        "--learned",
        metavar="PATH",
        help="Output folder of an earlier run: start from what it learnt of its outlets.",
    ),
    click.option(
        "--verdicts",
        metavar="FILE",
        help="Verdicts on pairs of passages, as `clean judge` writes them: apply them.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any key of the configuration, e.g. match.min_score=0.8.",
    ),
)


_SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>[MG])i?B?", re.IGNORECASE)
_MIN_BYTES = 256 << 20


def read_size(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """Return the bytes of a size with its unit: 512MB, 4GB, 1.5G."""
    if value is None:
        return None
    found = _SIZE.fullmatch(value)
    if not found:
        message = f"{value!r} is no size; write 512MB or 4GB"
        raise click.BadParameter(message)
    size = int(float(found["number"]) * (1 << (20 if found["unit"] in "mM" else 30)))
    if size < _MIN_BYTES:
        message = f"{value} is too little to work with; give 256MB or more"
        raise click.BadParameter(message)
    return size


def config_options(command: Command) -> Command:
    """Add the options that `make_config` understands to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_config(
    *,
    config_file: Path | None,
    view: str | None,
    file_format: str | None,
    stubs: bool | None,
    quality: bool | None,
    representative: str | None,
    copies: str | None,
    passages: str | None,
    quotes: str | None,
    truncated: str | None,
    fields: tuple[str, ...],
    exclude: tuple[str, ...],
    disable: tuple[str, ...],
    cues: tuple[str, ...],
    learned: str | None,
    verdicts: str | None,
    settings: tuple[str, ...],
) -> Config:
    """Put a configuration together: defaults, then the file, then the options.

    Raises:
        ConfigError: If a key or value means nothing.
    """
    from cleaner.config import Config, load_config

    config = load_config(config_file) if config_file else Config()
    changes: dict[str, dict[str, Any]] = {}
    for section, key, value in (
        ("output", "view", view),
        ("output", "format", file_format),
        ("output", "stubs", stubs),
        ("output", "quality", quality),
        ("resolve", "representative", representative),
        ("resolve", "copies", copies),
        ("resolve", "passages", passages),
        ("resolve", "quotes", quotes),
        ("resolve", "truncated", truncated),
        ("read", "fields", {**config.read.fields, **_pairs(fields, "--field")} if fields else None),
        ("read", "exclude", (*config.read.exclude, *exclude) if exclude else None),
        (
            "boilerplate",
            "disabled_rules",
            (*config.boilerplate.disabled_rules, *disable) if disable else None,
        ),
        ("boilerplate", "learned", learned),
        ("match", "verdicts", verdicts),
        ("boilerplate", "cue_files", (*config.boilerplate.cue_files, *cues) if cues else None),
    ):
        if value is not None:
            changes.setdefault(section, {})[key] = value
    for key, text in _pairs(settings, "--set").items():
        section, _, name = key.rpartition(".")
        if not section:
            message = f"--set {key}: a key is written SECTION.NAME, e.g. match.num_perm=64"
            raise ConfigError(message)
        changes.setdefault(section, {})[name] = _value(text)
    return config.replace(**changes)


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not (key and equals and text):
            message = f"{option} {value}: expected NAME=VALUE"
            raise ConfigError(message)
        pairs[key.strip()] = text.strip()
    return pairs


def _value(text: str) -> Any:
    """Read a value as JSON where it is JSON (numbers, lists), else as a string."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text
