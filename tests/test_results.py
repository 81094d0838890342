"""What the manifest keeps of a result, and that it gives the result back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from cleaner.alarms import Alarm
from cleaner.config import Config
from cleaner.errors import LookupFailedError
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.recall import Recall
from cleaner.quality.verdicts import Precision
from cleaner.results import OutletResult, RunResult, describe_result, name_corpus, read_result

COUNTS = st.integers(0, 2**53)
SHARES = st.floats(0, 1)
NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
BY_NAME = st.dictionaries(NAMES, COUNTS, max_size=3)
OUTLETS = st.lists(
    st.builds(OutletResult, NAMES, *([COUNTS] * 7), BY_NAME, BY_NAME), max_size=3
).map(tuple)
ALARMS = st.builds(Alarm, NAMES, st.none() | NAMES, st.none() | NAMES, SHARES, SHARES, NAMES)
RECALL = st.dictionaries(
    st.sampled_from(sorted(LEVELS)), st.builds(Recall, COUNTS, COUNTS, SHARES, SHARES)
)
FORMATS = st.sampled_from(["jsonl", "parquet", "txt", "md"])


@st.composite
def results(draw: st.DrawFn) -> tuple[RunResult, str]:
    """Draw a result of which every field has a value of its own, and the format of its corpus."""
    folder, kind = Path("somewhere"), draw(FORMATS)
    drawn: dict[str, st.SearchStrategy[Any]] = {
        "view": st.sampled_from(["unique", "full", "originals"]),
        "outlets": OUTLETS,
        "alarms": st.lists(ALARMS, max_size=2).map(tuple),
        "precision": st.none() | st.builds(Precision, COUNTS, COUNTS, SHARES, SHARES, SHARES),
        "recall": st.none() | RECALL,
    }
    for field in fields(RunResult):
        if field.name.startswith("num_"):
            drawn[field.name] = COUNTS
        elif field.name not in (*drawn, "output", "corpus", "report"):
            drawn[field.name] = BY_NAME
    values = {name: draw(strategy) for name, strategy in drawn.items()}
    places = {"corpus": folder / name_corpus(kind), "report": folder / "report.html"}
    return RunResult(output=folder, **places, **values), kind


def write_manifest(result: RunResult, kind: str, folder: Path) -> None:
    """Write what a run would keep of a result, the way it does."""
    manifest = {
        "tool": "cleaner",
        "complete": True,
        "configuration": {"output": {"format": kind, "view": result.view}},
        "verdicts": {"counts": dict(result.verdicts)} if result.verdicts else None,
        **describe_result(result),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


@given(results())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_field_survives(tmp_path: Path, drawn: tuple[RunResult, str]) -> None:
    """A result comes back whole from the manifest, which is JSON with sorted keys.

    The levels of planted copies are in the order of the levels all the same.
    """
    result, kind = drawn
    write_manifest(result, kind, tmp_path)
    found = read_result(tmp_path)
    for field in fields(RunResult):
        value, expected = getattr(found, field.name), getattr(result, field.name)
        if field.name in ("output", "corpus", "report"):
            assert value == tmp_path / expected.relative_to("somewhere"), field.name
        else:
            assert value == expected, field.name
    assert describe_result(found) == describe_result(result)
    assert [*(found.recall or ())] == [level for level in LEVELS if level in (result.recall or ())]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("counts", "documents_that_lost"), None),
        (("counts", "refused_pairs"), None),
        (("configuration", "output"), None),
        (("quality",), None),
        (("outlets",), [{"outlet": "a"}]),
        (("alarms",), [{"kind": "a"}]),
        (("quality", "precision"), {"judged": 1}),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, path: tuple[str, ...], value: Any) -> None:
    """A manifest that lacks something, or has it in another form, is refused with the way out."""
    output = Config().output
    empty = RunResult(
        *(tmp_path, tmp_path / "corpus.jsonl", tmp_path / "report.html", output.view),
        *((), {}, {}, {}, 0, 0, 0, 0),
    )
    write_manifest(empty, output.format, tmp_path)
    file = tmp_path / "manifest.json"
    assert read_result(tmp_path) == empty
    manifest = json.loads(file.read_text())
    place = manifest
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    file.write_text(json.dumps(manifest))
    with pytest.raises(LookupFailedError, match="is of another version; run `clean` again"):
        read_result(tmp_path)
