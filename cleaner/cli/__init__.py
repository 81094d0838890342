"""The command `clean`: one file a command, and here what they share."""

from __future__ import annotations

import sys
from importlib import import_module

import click
from click_default_group import DefaultGroup

from cleaner.cli.terminal import printable
from cleaner.errors import CleanerError
from cleaner.process import set_up_process

_COMMANDS = ("config", "diff", "judge", "report", "rules", "run", "why")
"""Each has a file of its name."""
_DEFAULT = "run"
_INTERRUPTED = 130
"""The exit status of a command that the user stopped: 128 and the number of the signal."""


class _Group(DefaultGroup):  # type: ignore[misc]
    """A group whose commands are imported when they are called, and that runs `run` by default."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; what is none is an argument of the default one."""
        name = cmd_name if cmd_name in _COMMANDS else _DEFAULT
        if name not in self.commands:
            self.add_command(getattr(import_module(f"cleaner.cli.{name}"), name))
        found: click.Command | None = super().get_command(ctx, cmd_name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; turn errors raised on purpose into a message and an exit status."""
        set_up_process()
        try:
            return super().invoke(ctx)
        except CleanerError as error:
            message = f"Error: {error}"
            click.echo(printable(message), err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted", err=True)
            ctx.exit(_INTERRUPTED)


@click.group(cls=_Group, default=_DEFAULT, default_if_no_args=True)
@click.version_option(package_name="cleaner", prog_name="clean")
def main() -> None:
    """Turn news articles from many outlets into a clean, deduplicated corpus.

    \b
    clean                       clean the folder seeds/ into cleaned/
    clean ARTICLES              clean a folder, file or glob into cleaned/
    clean report                say what a run did, and show the largest clusters
    clean why harbour.txt:12    say what became of line 12 of a document, and why
    clean rules only_a_date     say what a rule is, and how to switch it off
    clean judge                 judge pairs of passages that were taken for the same
    clean diff BEFORE AFTER     say what differs between two runs, and why

    Without a command, `run` is meant: `clean ARTICLES` is `clean run ARTICLES`.
    """


if __name__ == "__main__":
    sys.exit(main())
