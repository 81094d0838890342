"""`clean config`: print the configuration that a run would have."""

from __future__ import annotations

from typing import Any

import click

from cleaner.cli.options import config_options, make_config


@click.command()
@config_options
@click.option(
    "--explain",
    is_flag=True,
    help="Say instead how similar two documents or paragraphs must be to be compared, and how "
    "surely they are.",
)
def config(*, explain: bool, **options: Any) -> None:
    """Print the effective configuration as TOML.

    \b
    clean config > cleaner.toml
    clean config --config cleaner.toml --view full
    clean config --explain --set match.candidate_recall=0.99
    """
    from cleaner.config import render_config

    made = make_config(**options)
    if explain:
        from cleaner.passages.s_curve import render_s_curve

        click.echo(render_s_curve(made.match), nl=False)
    else:
        click.echo(render_config(made), nl=False)
