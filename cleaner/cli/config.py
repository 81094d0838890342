"""`clean config`: print the configuration that a run would have."""

from __future__ import annotations

from typing import Any

import click

from cleaner.cli.options import config_options, make_config


@click.command()
@config_options
def config(**options: Any) -> None:
    """Print the effective configuration as TOML.

    \b
    clean config > cleaner.toml
    clean config --config cleaner.toml --view full
    """
    from cleaner.config import render_config

    click.echo(render_config(make_config(**options)), nl=False)
