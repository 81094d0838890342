"""The documents say what the code does."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cleaner import clean_corpus

ROOT = Path(__file__).parent.parent
TYPES = {"list<element: string>": "list of string", "large_string": "string"}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the sample corpus."""
    folder = tmp_path_factory.mktemp("cleaned")
    clean_corpus([ROOT / "seeds"], folder, workers=1)
    return folder


def documented(name: str) -> dict[str, str]:
    """Return the fields and types that docs/formats.md gives for a file."""
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["documents", "ledger", "matches", "bridges"])
def test_tables_are_as_documented(output: Path, name: str) -> None:
    """Columns, their order and their types are those of docs/formats.md."""
    schema = pq.read_schema(output / f"{name}.parquet")
    found = {field.name: TYPES.get(str(field.type), str(field.type)) for field in schema}
    assert found == documented(f"{name}.parquet")
    assert list(found) == list(documented(f"{name}.parquet"))


@pytest.mark.parametrize("name", ["corpus", "clusters", "rejected"])
def test_json_lines_are_as_documented(output: Path, name: str) -> None:
    """Every line has the fields of docs/formats.md, in their order."""
    lines = (output / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    assert {tuple(json.loads(line)) for line in lines} == {tuple(documented(f"{name}.jsonl"))}


def test_manifest_is_as_documented(output: Path) -> None:
    """The manifest has the fields of docs/formats.md; so have its counts and its outlets."""
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) == set(documented("manifest.json"))
    assert set(manifest["counts"]) == set(documented("Counts in the manifest"))
    assert {frozenset(outlet) for outlet in manifest["outlets"]} == {
        frozenset(documented("Outlets in the manifest"))
    }


def test_reference_is_current() -> None:
    """docs/reference.md has the settings, rules and options of the code.

    How help is laid out is click's business and differs by its version.
    """
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    commands, rest = module.render_reference().split("## Settings")
    written_commands, written_rest = (
        (ROOT / "docs" / "reference.md").read_text(encoding="utf-8").split("## Settings")
    )
    assert written_rest == rest
    assert set(written_commands.split()) == set(commands.split())


def test_readme_commands_exist() -> None:
    """Every `make` target and every option that the README names is there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", readme, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    for option in set(re.findall(r"(?<= )--[a-z][a-z-]+", readme)):
        assert option in reference
