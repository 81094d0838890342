"""Say which of the differences between two runs can be the cause of a change.

A cause is *certain* if it is enough to explain a change: a rule that one of the runs was made
without cannot have removed anything there. Where there is none, all are listed that could have had
the consequence. What cannot have had it is left out: how copies are resolved decides nothing about
boilerplate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from cleaner.boilerplate.catalogue import list_cues
from cleaner.boilerplate.cues import is_disabled
from cleaner.comparison.manifests import CUE_FILES, Manifest, RunDifferences
from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, TRUNCATED, VIEWS

INPUT, OTHER_INPUTS, CONFIGURATION, VERSION = "input", "other_inputs", "configuration", "version"

READING, JUDGING, RESOLVING = "reading", "judging", "resolving"
"""What decides on a document: what it is and says, what of it is boilerplate, what is a copy. Each
depends on those before it."""

_DISABLED, _VERDICTS, _VIEW = "boilerplate.disabled_rules", "match.verdicts", "output.view"
_SAME_OUTLET, _TRUNCATED = "resolve.same_outlet", "resolve.truncated"
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    READING: ("read", "extract"),
    JUDGING: ("read", "extract", "boilerplate"),
}
_FURTHER_KEYS: Mapping[str, tuple[str, ...]] = {
    READING: (),
    JUDGING: (_VERDICTS, _TRUNCATED),
}
"""What each stage depends on in the configuration; the last one depends on all of it."""
_POLICIES = {
    "copy_of_document": "resolve.copies",
    "repeated_passage": "resolve.passages",
    "rewritten_passage": "resolve.rewrites",
    "repeated_quote": "resolve.quotes",
}
"""By the reason of a duplicate, the key that says whether it stays."""
_KEEP = "keep"


class Cause(msgspec.Struct, frozen=True):
    """A difference between two runs that can have had a consequence.

    Attributes:
        cause: `input`, `other_inputs`, `configuration` or `version`.
        name: The input, the configuration key, or `cleaner`, `libraries` or `python`; empty for
            other inputs.
        detail: What in it: a rule.
        is_certain: It is enough to explain the change; else it is one that could.
    """

    cause: str
    name: str = ""
    detail: str = ""
    is_certain: bool = False


class Fate(msgspec.Struct, frozen=True):
    """What a run decided about a stretch of text.

    Attributes:
        is_kept: Whether the corpus holds it.
        views: The views that do, a bit each in the order of `model.VIEWS`.
        is_from_own_outlet: Whether its partner is of the document's own outlet.
    """

    is_kept: bool
    kind: str
    reason: str
    rule: str
    views: int
    is_from_own_outlet: bool

    def is_in(self, view: str) -> bool:
        """Tell whether a view holds it."""
        return bool(self.views >> VIEWS.index(view) & 1)


class Attribution:
    """What two runs differ in, asked about one change after the other.

    Args:
        a, b: The manifests of the two runs.
        differences: What differs between them.
    """

    def __init__(self, a: Manifest, b: Manifest, differences: RunDifferences) -> None:
        self._configurations = (a.configuration, b.configuration)
        self._differences = differences
        self._keys = frozenset(differences.decisive_keys)
        self._input_changes = {
            label: change
            for change in differences.inputs
            for label in (change.label, change.label_a)
        }
        self._found: dict[tuple[str, str, bool], tuple[Cause, ...]] = {}
        self._certain: dict[tuple[Fate, Fate], tuple[Cause, ...]] = {}

    def has_changed(self, path: str) -> bool:
        """Tell whether an input is not the same in both runs, or not known to be."""
        return path in self._input_changes

    def depends_on_others(self, path: str, record: int) -> bool:
        """Tell whether other inputs than that of a document are not the same."""
        num_others = len(self._differences.inputs) - (path in self._input_changes)
        return num_others > 0 or (record > 0 and path in self._input_changes)

    def explain_own(self, path: str, *, is_content: bool, others: bool) -> tuple[Cause, ...]:
        """Say what can have changed what a document is or says.

        Args:
            path: Its input.
            is_content: Whether the document as it was read is another one, or new, or gone. What
                was read the same can still have been extracted in another way.
            others: Whether other inputs are not the same.
        """
        may_be_own = path if is_content and self.has_changed(path) else ""
        if may_be_own and not any(key.startswith("read.") for key in self._keys):
            change = self._input_changes[path].change
            if change != "unknown":
                return (Cause(INPUT, path, is_certain=True),)
        return self.list_candidates(READING, may_be_own, others=others)

    def explain_fate(
        self, before: Fate, after: Fate, own_input: str, *, others: bool
    ) -> tuple[Cause, ...]:
        """Say what can have changed the fate of a stretch of text.

        Args:
            before: Its fate in run A.
            after: Its fate in run B.
            own_input: The document's input if what was read from it changed, else empty.
            others: Whether other inputs are not the same.
        """
        key = (before, after)
        if key not in self._certain:
            self._certain[key] = tuple(dict.fromkeys(self._find_certain(before, after)))
        if self._certain[key]:
            return self._certain[key]
        is_main = before.is_in("full") and after.is_in("full")
        stage = RESOLVING if is_main else JUDGING
        found = self.list_candidates(stage, own_input, others=others)
        is_by_view = _VIEW in self._keys and before.is_kept != after.is_kept
        return (*found, Cause(CONFIGURATION, _VIEW)) if is_by_view else found

    def list_candidates(self, stage: str, own_input: str, *, others: bool) -> tuple[Cause, ...]:
        """List what can have changed what a stage decides.

        Args:
            stage: `reading`, `judging` or `resolving`.
            own_input: The document's input if what was read from it changed, else empty.
            others: Whether other inputs are not the same.
        """
        key = (stage, own_input, others)
        if key not in self._found:
            self._found[key] = tuple(self._find_candidates(stage, own_input, others))
        return self._found[key]

    def _find_candidates(self, stage: str, own_input: str, others: bool) -> Iterator[Cause]:
        if own_input:
            yield Cause(INPUT, own_input)
        if others:
            yield Cause(OTHER_INPUTS)
        for key in sorted(self._keys - {_VIEW}):
            if (
                stage == RESOLVING
                or key.partition(".")[0] in _SECTIONS[stage]
                or key in _FURTHER_KEYS[stage]
            ):
                yield Cause(CONFIGURATION, key)
        for name in self._differences.version_names:
            yield Cause(VERSION, name)

    def _find_certain(self, before: Fate, after: Fate) -> Iterator[Cause]:
        if self._is_view_enough(before, after):
            yield Cause(CONFIGURATION, _VIEW, is_certain=True)
        for at, (fate, other) in enumerate(((before, after), (after, before))):
            if fate.is_kept:
                continue
            if self._is_disabled(fate.rule, 1 - at):
                yield Cause(CONFIGURATION, _DISABLED, fate.rule, is_certain=True)
            if fate.rule == "verdicts" != other.rule and _VERDICTS in self._keys:
                yield Cause(CONFIGURATION, _VERDICTS, is_certain=True)
            if fate.kind == TRUNCATED and self._get(_TRUNCATED, 1 - at) == _KEEP:
                yield from self._certain_keys([_TRUNCATED])
            if fate.kind == DUPLICATE:
                yield from self._find_policy(fate, at)
            if self._is_of_cue_file(fate.rule) and not self._get(CUE_FILES, 1 - at):
                yield Cause(CONFIGURATION, CUE_FILES, fate.rule, is_certain=True)

    def _is_disabled(self, rule: str, run: int) -> bool:
        disabled = self._get(_DISABLED, run) or ()
        return _DISABLED in self._keys and is_disabled(rule, tuple(disabled))

    def _find_policy(self, fate: Fate, run: int) -> Iterator[Cause]:
        """Find the keys by which a duplicate was removed that the other run would have kept."""
        key = _POLICIES.get(fate.reason)
        if key is None:
            return
        keys, policies = [key], [self._get(key, at) for at in (run, 1 - run)]
        if fate.is_from_own_outlet and fate.reason != "repeated_quote":
            keys.append(_SAME_OUTLET)
            for at, side in enumerate((run, 1 - run)):
                policy = self._get(_SAME_OUTLET, side)
                policies[at] = policies[at] if policy == "as_others" else policy
        if policies[0] != _KEEP and policies[1] == _KEEP:
            yield from self._certain_keys(keys)

    def _is_of_cue_file(self, rule: str) -> bool:
        """Tell whether a rule can only be a cue of a file that one of the runs was given."""
        parts = rule.split(".")
        is_cue = len(parts) == 3 and parts[1] in BOILERPLATE_KINDS
        is_known = self._differences.version is not None or rule in _built_in_cues()
        return is_cue and not is_known and CUE_FILES in self._keys

    def _certain_keys(self, keys: Iterable[str]) -> Iterator[Cause]:
        for key in keys:
            if key in self._keys:
                yield Cause(CONFIGURATION, key, is_certain=True)

    def _is_view_enough(self, before: Fate, after: Fate) -> bool:
        """Tell whether run A would have done as run B, had it written the other one's view."""
        view = self._get(_VIEW, 1)
        is_other = _VIEW in self._keys and before.is_kept != after.is_kept
        return is_other and view in VIEWS and before.is_in(view) == after.is_kept

    def _get(self, name: str, run: int) -> Any:
        section, _, key = name.partition(".")
        return self._configurations[run].get(section, {}).get(key)


@cache
def _built_in_cues() -> frozenset[str]:
    return frozenset(entry.name for entry in list_cues())
