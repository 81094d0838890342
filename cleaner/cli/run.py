"""`clean run`: clean a corpus, and say what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.options import config_options, make_config, read_size

if TYPE_CHECKING:
    from cleaner.results import RunResult


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("cleaned"),
    show_default=True,
    help="Folder to write.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; by default one a core.")
@click.option(
    "--memory",
    "memory_bytes",
    callback=read_size,
    metavar="SIZE",
    help="What the run may hold in memory beside 0.2 to 0.3 GB a process, e.g. 8GB; by default "
    "2.5GB, or half of what the machine has.",
)
@click.option("--profile", "with_profile", is_flag=True, help="Print what each stage costs.")
@click.option("--overwrite", is_flag=True, help="Write into a folder that holds other files too.")
@click.option(
    "--strict",
    is_flag=True,
    help="Stop at the first input that would be set aside, and at an alarm: an outlet that lost an "
    "unusual share of its text. Nothing is written then.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no summary.")
@config_options
def run(
    paths: tuple[str, ...],
    output: Path,
    workers: int | None,
    memory_bytes: int | None,
    with_profile: bool,
    overwrite: bool,
    strict: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Clean articles into a deduplicated corpus with a report.

    PATH is a folder, a file, a glob, or - for standard input: text, HTML, JSONL, Parquet, WARC and
    WET, also compressed. Without one, the folder seeds is read.

    \b
    clean run articles --output corpus
    clean run crawl/*.warc.gz --view full --format parquet
    clean run feed.jsonl --field text=body --field outlet=site
    zcat feed.jsonl.gz | clean run -
    """
    config = make_config(**options)
    from cleaner.api import clean_corpus, plan_corpus
    from cleaner.cli.summary import Progress, print_plan, print_profile, print_summary
    from cleaner.engines import Profile

    profile = Profile()
    plan = plan_corpus(paths or ("seeds",), config)
    if not quiet:
        print_plan(plan)
    with Progress(hidden=quiet) as progress:
        result: RunResult = clean_corpus(
            output=output,
            config=config,
            workers=workers,
            overwrite=overwrite,
            strict=strict,
            plan=plan,
            advance=progress.advance,
            memory_bytes=memory_bytes,
            profile=profile,
        )
    if not quiet:
        print_summary(result)
    if with_profile:
        print_profile(profile)
