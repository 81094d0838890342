"""What differs between two runs before their outcome is looked at: their manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cleaner.errors import LookupFailedError
from cleaner.model import SCHEMA_VERSION
from cleaner.run_folder import read_manifest

ADDED, REMOVED, CHANGED, RENAMED, UNKNOWN = "added", "removed", "changed", "renamed", "unknown"

CUE_FILES = "boilerplate.cue_files"
_LEARNED, _VERDICTS = "boilerplate.learned", "match.verdicts"
_FILES = (CUE_FILES, _LEARNED, _VERDICTS)
"""Keys that name files; the manifest says what was in them."""
_VIEW = "output.view"
"""The one key of its section that changes what is compared."""


class FileState(msgspec.Struct, frozen=True):
    """What a manifest says of the bytes of a file."""

    sha256: str | None = None


class Input(msgspec.Struct, frozen=True):
    """What a manifest says of an input."""

    label: str
    sha256: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """What a comparison reads of a manifest; docs/formats.md says what each part is."""

    version: str
    python: str
    libraries: dict[str, str]
    configuration: dict[str, dict[str, Any]]
    inputs: tuple[Input, ...]
    outputs: dict[str, FileState]
    cue_files: dict[str, FileState]
    learned: FileState | None = None
    verdicts: FileState | None = None


def load_manifest(path: Path) -> Manifest:
    """Read from the manifest of a run what a comparison needs.

    Args:
        path: The run's output folder.

    Raises:
        LookupFailedError: If there is no whole run, or one of another schema version.
    """
    found = read_manifest(path)
    version = found.get("schema_version")
    if version != SCHEMA_VERSION:
        message = (
            f"the tables in {path} are of schema version {version!r}, and this version of `clean` "
            f"compares {SCHEMA_VERSION}; run `clean` again"
        )
        raise LookupFailedError(message)
    try:
        return msgspec.convert(found, Manifest)
    except msgspec.ValidationError as cause:
        message = f"the manifest in {path} cannot be read: {cause}; run `clean` again"
        raise LookupFailedError(message) from cause


class Difference(msgspec.Struct, frozen=True):
    """A value that two runs do not share.

    Attributes:
        name: The dotted name of a configuration key, the name of a library, or of a file.
        a, b: Its value in the two runs, None where a run has none.
    """

    name: str
    a: Any
    b: Any


class InputChange(msgspec.Struct, frozen=True):
    """An input that two runs do not share.

    Attributes:
        label: Its label, in run B unless it was removed.
        change: `added`, `removed`, `changed`, `renamed` (the same bytes under another label) or
            `unknown`: one of the manifests does not say what was in it.
        label_a: Its label in run A; None if it was added.
        sha256_a, sha256_b: Its checksums, None where there is none.
    """

    label: str
    change: str
    label_a: str | None
    sha256_a: str | None
    sha256_b: str | None


class RunDifferences(msgspec.Struct, frozen=True):
    """All that the manifests of two runs say of why their outcome may differ.

    Attributes:
        version: The package, if its version differs.
        python: Python, if its version differs.
        libraries: Libraries of another version, by name.
        configuration: Keys of another value, by name.
        files: `boilerplate.cue_files`, `boilerplate.learned` and `match.verdicts`, with the
            checksums of what they named, if these differ.
        inputs: Inputs that are not the same, by label.
        unrecorded: What could differ without a manifest saying so, each a sentence.
    """

    version: Difference | None
    python: Difference | None
    libraries: tuple[Difference, ...]
    configuration: tuple[Difference, ...]
    files: tuple[Difference, ...]
    inputs: tuple[InputChange, ...]
    unrecorded: tuple[str, ...]

    @property
    def decisive_keys(self) -> tuple[str, ...]:
        """Keys that can change what is compared; of those that name a file, by what it held."""
        keys = {
            difference.name
            for difference in self.configuration
            if difference.name not in _FILES
            and (difference.name == _VIEW or not difference.name.startswith("output."))
        }
        return tuple(sorted(keys | {difference.name for difference in self.files}))

    @property
    def version_names(self) -> tuple[str, ...]:
        """What is of another version: `cleaner`, `libraries`, `python`."""
        found = {"cleaner": self.version, "libraries": self.libraries, "python": self.python}
        return tuple(name for name, difference in found.items() if difference)


def compare_manifests(a: Manifest, b: Manifest) -> RunDifferences:
    """Compare all that decided the outcome of two runs."""
    keys_a, keys_b = _flatten(a), _flatten(b)
    inputs = tuple(_compare_inputs(a, b))
    unrecorded = (f"what was in the input {i.label}" for i in inputs if i.change == UNKNOWN)
    return RunDifferences(
        version=_compare_value("cleaner", a.version, b.version),
        python=_compare_value("python", a.python, b.python),
        libraries=_compare_values(a.libraries, b.libraries),
        configuration=_compare_values(keys_a, keys_b),
        files=_compare_values(_name_files(a), _name_files(b)),
        inputs=inputs,
        unrecorded=tuple(unrecorded),
    )


def list_changed_files(a: Manifest, b: Manifest) -> tuple[str, ...]:
    """Return the names of files that both runs wrote, with other bytes."""
    return tuple(
        name
        for name in sorted(a.outputs.keys() & b.outputs.keys())
        if a.outputs[name] != b.outputs[name]
    )


def _flatten(manifest: Manifest) -> dict[str, Any]:
    """Return configuration values by dotted name."""
    return {
        f"{section}.{key}": value
        for section, values in manifest.configuration.items()
        for key, value in values.items()
    }


def _name_files(manifest: Manifest) -> dict[str, Any]:
    """Return the checksums of files that the configuration names, by its keys."""
    found = {_LEARNED: manifest.learned, _VERDICTS: manifest.verdicts}
    cues = sorted(str(file.sha256) for file in manifest.cue_files.values())
    return {CUE_FILES: cues, **{key: file and file.sha256 for key, file in found.items()}}


def _compare_value(name: str, a: Any, b: Any) -> Difference | None:
    return None if a == b else Difference(name, a, b)


def _compare_values(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Difference, ...]:
    found = (_compare_value(name, a.get(name), b.get(name)) for name in sorted({*a, *b}))
    return tuple(difference for difference in found if difference)


def _compare_inputs(a: Manifest, b: Manifest) -> Iterator[InputChange]:
    sums_a = {file.label: file.sha256 for file in a.inputs}
    sums_b = {file.label: file.sha256 for file in b.inputs}
    renamed = _find_renamed(sums_a, sums_b)
    old_labels = {new: old for old, new in renamed.items()}
    for label in sorted({*sums_a, *sums_b} - renamed.keys()):
        sha256_a, sha256_b = sums_a.get(label), sums_b.get(label)
        if label in old_labels:
            yield InputChange(label, RENAMED, old_labels[label], sha256_b, sha256_b)
        elif label not in sums_a:
            yield InputChange(label, ADDED, None, None, sha256_b)
        elif label not in sums_b:
            yield InputChange(label, REMOVED, label, sha256_a, None)
        elif sha256_a is None or sha256_b is None:
            yield InputChange(label, UNKNOWN, label, sha256_a, sha256_b)
        elif sha256_a != sha256_b:
            yield InputChange(label, CHANGED, label, sha256_a, sha256_b)


def _find_renamed(a: Mapping[str, str | None], b: Mapping[str, str | None]) -> dict[str, str]:
    """Return the new labels of files that are in both runs, under different labels, by the old."""
    gone: dict[str, list[str]] = {}
    for label in sorted(a.keys() - b.keys()):
        if sha256 := a[label]:
            gone.setdefault(sha256, []).append(label)
    renamed = {}
    for label in sorted(b.keys() - a.keys()):
        if old := gone.get(b[label] or ""):
            renamed[old.pop(0)] = label
    return renamed
