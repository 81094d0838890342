"""The manifest of an output folder: what says that a whole run of ours lies there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
