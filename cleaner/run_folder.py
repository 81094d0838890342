"""The output folder of a run: its manifest, and what is said when its files are broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.errors import LookupFailedError

MANIFEST = "manifest.json"
TOOL = "cleaner"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises:
        LookupFailedError: If there is no whole run in the folder.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        is_ours, is_complete = manifest["tool"] == TOOL, manifest["complete"]
    except OSError as cause:
        message = f"there is no run in {folder}; run `clean` first, or name its output folder"
        raise LookupFailedError(message) from cause
    except (ValueError, KeyError, TypeError):
        is_ours, is_complete = False, False
    if not is_ours:
        message = f"{folder / MANIFEST} is not the manifest of a run; run `clean` again"
        raise LookupFailedError(message)
    if not is_complete:
        message = f"the run in {folder} was broken off; run `clean` again"
        raise LookupFailedError(message)
    return dict(manifest)


@contextmanager
def refusing_broken_files(folder: Path) -> Iterator[None]:
    """Turn what a damaged, missing or foreign file of a run raises into a request to run again.

    Raises:
        LookupFailedError: If reading raised what such a file does.
    """
    try:
        yield
    except (msgspec.DecodeError, pa.ArrowException, OSError, KeyError, IndexError) as cause:
        problem = " ".join(str(cause).split())[:150]
        message = f"the files in {folder} cannot be read: {problem}; run `clean` again"
        raise LookupFailedError(message) from cause
