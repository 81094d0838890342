"""Whether a whole run of ours lies in a folder."""

import json
import re
from pathlib import Path

import pytest

from cleaner.errors import LookupFailedError
from cleaner.run_folder import read_manifest

WHOLE = {"tool": "cleaner", "complete": True, "version": "1", "counts": {"documents": 3}}
BROKEN = [
    ('{"tool": "other", "complete": true}', "is not the manifest of a run; run `clean` again"),
    ('{"complete": true}', "is not the manifest of a run; run `clean` again"),
    ('{"tool": "cleaner"}', "is not the manifest of a run; run `clean` again"),
    ("[]", "is not the manifest of a run; run `clean` again"),
    ("5", "is not the manifest of a run; run `clean` again"),
    ('{"tool": "cleaner", "compl', "is not the manifest of a run; run `clean` again"),
    ("\ud800", "is not the manifest of a run; run `clean` again"),
    ('{"tool": "cleaner", "complete": false}', "was broken off; run `clean` again"),
]  # fmt: skip


def test_whole_run(tmp_path: Path) -> None:
    """The manifest of a whole run is given as it is."""
    (tmp_path / "manifest.json").write_text(json.dumps(WHOLE), encoding="utf-8")
    assert read_manifest(tmp_path) == WHOLE


@pytest.mark.parametrize(("text", "expected"), BROKEN)
def test_broken_manifests(tmp_path: Path, text: str, expected: str) -> None:
    """What is no manifest of ours, or of a run that was broken off, is refused."""
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(LookupFailedError, match=re.escape(expected) + "$"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["gone", "file"])
def test_no_manifest(tmp_path: Path, name: str) -> None:
    """A folder without one, or that is none, is refused with advice."""
    (tmp_path / "file").write_text("text")
    with pytest.raises(LookupFailedError) as caught:
        read_manifest(tmp_path / name)
    assert str(caught.value) == (
        f"there is no run in {tmp_path / name}; run `clean` first, or name its output folder"
    )
