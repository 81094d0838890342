"""PAN's text alignment: how its corpora are read, and how detections are scored.

A *case* is a passage of a suspicious document and the passage of a source document that it was made
from; a *detection* is a claim of the same form. Both are the set of the characters that they refer
to, in both documents. A detection *detects* a case if it shares characters with it on both sides;
of the characters, only those shared with a case that is detected count as right.

The measures are those of Potthast, Stein, Barrón-Cedeño and Rosso, An Evaluation Framework for
Plagiarism Detection (COLING 2010), unchanged in Potthast et al., Overview of the 5th International
Competition on Plagiarism Detection (PAN 2013):

* *macro*: precision is the mean over detections of the share of each that is right, recall the mean
  over cases of the share of each that is detected, so that short and long ones count alike. PAN's
  own tables and its `plagdet` are made of these.
* *micro*: characters right, divided by all characters detected, and by all characters of the cases.
  Every character of a document counts once, however many cases or detections hold it.
* *granularity*: the mean number of detections of a case that is detected at all; 1 is the best.
* *plagdet*: F1 of precision and recall, divided by the binary logarithm of 1 + granularity.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cleaner.quality.intervals import Interval, count_positions


class PanError(Exception):
    """A folder that is no text alignment corpus; the command line prints the message."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A case or a detection: two passages, half-open, in code points.

    Attributes:
        this, source: Names of the suspicious and of the source document.
    """

    this: str
    this_begin: int
    this_end: int
    source: str
    source_begin: int
    source_end: int

    @property
    def num_chars(self) -> int:
        """Characters on both sides."""
        return self.this_end - self.this_begin + self.source_end - self.source_begin


@dataclass(frozen=True, slots=True)
class PanScores:
    """PAN's measures; the names without `micro` are macro averages."""

    num_cases: int
    num_detections: int
    precision: float
    recall: float
    granularity: float
    plagdet: float
    micro_precision: float
    micro_recall: float
    micro_plagdet: float


@dataclass(frozen=True, slots=True)
class PanPair:
    """An official pair of documents.

    Attributes:
        corpus: `test` or `train`; of the official layout, the name of the folder.
        kind: The sub-corpus, e.g. `03-random-obfuscation`.
        cases: What of the suspicious document was made from the source; empty for none.
    """

    corpus: str
    kind: str
    this: str
    source: str
    this_path: Path
    source_path: Path
    cases: tuple[Aligned, ...]


def score_alignment(cases: Sequence[Aligned], detections: Sequence[Aligned]) -> PanScores:
    """Score detections against cases, in whatever pairs of documents they are.

    Nothing to find and nothing found is a score of 1; if one of the two is empty, precision and
    recall are 0, as PAN's own program has it.

    >>> case = Aligned("a", 0, 10, "b", 0, 10)
    >>> score_alignment([case], [Aligned("a", 5, 15, "b", 0, 10)]).recall
    0.75
    """
    detected = _find_detected(cases, detections)
    if not cases or not detections:
        value = 1.0 if not cases and not detections else 0.0
        return PanScores(len(cases), len(detections), value, value, 1.0, value, value, value, value)
    by_case: dict[int, list[int]] = defaultdict(list)
    by_detection: dict[int, list[int]] = defaultdict(list)
    for case, detection in detected:
        by_case[case].append(detection)
        by_detection[detection].append(case)
    recall = sum(
        _shared_chars(cases[case], [detections[at] for at in found]) / cases[case].num_chars
        for case, found in by_case.items()
    ) / len(cases)
    precision = sum(
        _shared_chars(detections[at], [cases[case] for case in found]) / detections[at].num_chars
        for at, found in by_detection.items()
    ) / len(detections)
    granularity = len(detected) / len(by_case) if by_case else 1.0
    right = _count_chars(
        part
        for case, detection in detected
        for part in _intersect(cases[case], detections[detection])
    )
    micro_precision = right / _count_chars(part for d in detections for part in _parts(d))
    micro_recall = right / _count_chars(part for case in cases for part in _parts(case))
    return PanScores(
        num_cases=len(cases),
        num_detections=len(detections),
        precision=precision,
        recall=recall,
        granularity=granularity,
        plagdet=combine(precision, recall, granularity),
        micro_precision=micro_precision,
        micro_recall=micro_recall,
        micro_plagdet=combine(micro_precision, micro_recall, granularity),
    )


def combine(precision: float, recall: float, granularity: float) -> float:
    """Return plagdet.

    >>> combine(1.0, 1.0, 1.0), combine(1.0, 1.0, 3.0), combine(0.0, 0.0, 1.0)
    (1.0, 0.5, 0.0)
    """
    if not precision + recall:
        return 0.0
    return 2 * precision * recall / (precision + recall) / math.log2(1 + granularity)


def _find_detected(
    cases: Sequence[Aligned], detections: Sequence[Aligned]
) -> list[tuple[int, int]]:
    """Return which case is detected by which detection, by position."""
    by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, detection in enumerate(detections):
        by_pair[detection.this, detection.source].append(at)
    return [
        (number, at)
        for number, case in enumerate(cases)
        for at in by_pair[case.this, case.source]
        if _intersect(case, detections[at])
    ]


def _parts(aligned: Aligned) -> tuple[tuple[str, Interval], tuple[str, Interval]]:
    return (
        (aligned.this, (aligned.this_begin, aligned.this_end)),
        (aligned.source, (aligned.source_begin, aligned.source_end)),
    )


def _intersect(a: Aligned, b: Aligned) -> list[tuple[str, Interval]]:
    """Return what two of the same documents share, a part a side; nothing if one side is empty."""
    shared = []
    for (name, (begin, end)), (_, (other_begin, other_end)) in zip(
        _parts(a), _parts(b), strict=True
    ):
        both = max(begin, other_begin), min(end, other_end)
        if both[0] >= both[1]:
            return []
        shared.append((name, both))
    return shared


def _shared_chars(one: Aligned, others: Iterable[Aligned]) -> int:
    """Count the characters of one that any of the others shares; each counts once a side."""
    sides: tuple[list[Interval], list[Interval]] = ([], [])
    for other in others:
        for side, (_, interval) in zip(sides, _intersect(one, other), strict=True):
            side.append(interval)
    return sum(map(count_positions, sides))


def _count_chars(parts: Iterable[tuple[str, Interval]]) -> int:
    """Count the characters of documents that any part holds."""
    by_document: dict[str, list[Interval]] = defaultdict(list)
    for name, interval in parts:
        by_document[name].append(interval)
    return sum(map(count_positions, by_document.values()))


def read_pan(folder: Path) -> list[PanPair]:
    """Read a text alignment corpus in one of two layouts, in a fixed order.

    * `pairs.json`: a list of objects with `corpus`, `kind`, `susp`, `src` and `xml`, the last three
      being paths below the folder;
    * the official one: `susp/`, `src/`, and a folder for each sub-corpus with a file `pairs` (the
      names of a suspicious and a source document a line) and an XML file a pair.

    Raises:
        PanError: If the folder has neither, or a file of it is missing or broken.
    """
    listed = folder / "pairs.json"
    found = _list_json(listed) if listed.is_file() else _list_official(folder)
    pairs = [
        PanPair(corpus, kind, this.name, source.name, this, source, _read_cases(xml, source.name))
        for corpus, kind, this, source, xml in found
    ]
    if not pairs:
        message = f"{folder} has neither pairs.json nor a sub-corpus with a file named pairs"
        raise PanError(message)
    return sorted(pairs, key=lambda pair: (pair.kind, pair.corpus, pair.this, pair.source))


def _list_json(listed: Path) -> Iterator[tuple[str, str, Path, Path, Path]]:
    root = listed.parent
    try:
        for row in json.loads(listed.read_text(encoding="utf-8")):
            paths = (root / row[name] for name in ("susp", "src", "xml"))
            yield (str(row["corpus"]).removesuffix("_corpus"), str(row["kind"]), *paths)
    except (ValueError, KeyError, TypeError) as cause:
        message = f"{listed} is no list of pairs: {cause!r}"
        raise PanError(message) from cause


def _list_official(folder: Path) -> Iterator[tuple[str, str, Path, Path, Path]]:
    for listed in sorted(folder.glob("*/pairs")):
        for line in listed.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            names = line.split()
            if len(names) != 2:
                message = f"{listed}: a line names two documents, not {line!r}"
                raise PanError(message)
            xml = listed.parent / f"{Path(names[0]).stem}-{Path(names[1]).stem}.xml"
            this, source = folder / "susp" / names[0], folder / "src" / names[1]
            yield folder.name, listed.parent.name, this, source, xml


def _read_cases(xml: Path, source_name: str) -> tuple[Aligned, ...]:
    try:
        root = ElementTree.fromstring(xml.read_bytes())
        this = root.attrib["reference"]
        cases = [
            _read_case(this, feature)
            for feature in root.iter("feature")
            if feature.get("name") == "plagiarism"
        ]
    except (OSError, ElementTree.ParseError, KeyError, ValueError) as cause:
        message = f"cannot read the cases of {xml}: {cause!r}"
        raise PanError(message) from cause
    return tuple(case for case in cases if case.source == source_name)


def _read_case(this: str, feature: ElementTree.Element) -> Aligned:
    begin, source_begin = int(feature.attrib["this_offset"]), int(feature.attrib["source_offset"])
    return Aligned(
        this,
        begin,
        begin + int(feature.attrib["this_length"]),
        feature.attrib["source_reference"],
        source_begin,
        source_begin + int(feature.attrib["source_length"]),
    )


def read_text(path: Path) -> str:
    """Read a document of a corpus as its offsets count: with a byte order mark, if it has one.

    Raises:
        PanError: If it is not there, or not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        message = f"cannot read {path}: {cause}"
        raise PanError(message) from cause
