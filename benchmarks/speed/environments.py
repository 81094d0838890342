"""The virtual environments that systems run in: made once, again when what is pinned changes."""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.systems import digest_sources

OURS = "cleaner"
_ROOT = Path(__file__).parents[2]
_REQUIREMENTS = Path(__file__).with_name("requirements")


@functools.cache
def make_environment(folder: Path, name: str) -> Path:
    """Return the `bin` folder of an environment; make it if it is not there or not current.

    The cleaner's own is what `pip install` makes of this checkout, as a user has it; the others are
    made from `requirements/NAME.txt`. What is installed is written beside it, as pip lists it. A
    process looks once: what it measures does not change while it does.

    Args:
        folder: Holds all environments.
        name: `cleaner`, or that of a file of requirements.

    Raises:
        subprocess.CalledProcessError: If something cannot be installed.
    """
    place = folder / name
    wanted = _describe(name)
    mark = place / "installed.json"
    binaries = place / "bin"
    if mark.is_file() and json.loads(mark.read_text("utf-8"))["for"] == wanted:
        return binaries
    click.echo(f"installing {name} into {place}", err=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
    python = str(binaries / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    what = [str(_ROOT)] if name == OURS else ["-r", str(_REQUIREMENTS / f"{name}.txt")]
    subprocess.run([*pip, "install", "--quiet", *what], check=True)
    listed = _list_packages(pip)
    mark.write_text(json.dumps({"for": wanted, "packages": listed}, indent=1) + "\n", "utf-8")
    return binaries


def _describe(name: str) -> str:
    """Return what the environment is made from, as a digest, with the Python that makes it."""
    if name == OURS:
        setup = hashlib.sha256((_ROOT / "setup.cfg").read_bytes()).hexdigest()
        source = f"{digest_sources(_ROOT / 'cleaner')} {setup}"
    else:
        source = hashlib.sha256((_REQUIREMENTS / f"{name}.txt").read_bytes()).hexdigest()
    return f"{sys.version.split()[0]} {source}"


def _list_packages(pip: Sequence[str]) -> list[str]:
    done = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True)
    return [line.partition(" @ ")[0] for line in done.stdout.splitlines()]
