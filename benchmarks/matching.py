"""The matcher as the reuse benchmarks see it: documents in, matches and clusters out.

Everything that knows how a run is started and what its tables are called stands here; the rest of
the benchmarks sees `Article`, `Found` and `Match` only.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cleaner.boilerplate.judge import known_rules
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.model import Document
from cleaner.pipeline import clean

VARIANT = "variant"
NEWS = Config()
"""A run as anyone has it: news, with its boilerplate judged first."""
PLAIN_TEXT = Config().replace(
    boilerplate={"disabled_rules": sorted(known_rules(Config().boilerplate))},
    resolve={"copies": "keep", "passages": "keep", "rewrites": "keep", "quotes": "keep"},
)
"""For text that is no news: every rule is off, so that all of it is main content, and nothing is
cut, so that one pass is all there is."""


@dataclass(frozen=True, slots=True)
class Article:
    """A document to look for reuse in; its name is unique in the set."""

    name: str
    text: str
    outlet: str
    published: str | None = None
    language: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A row of the table of matches, in positions of the articles' texts.

    Attributes:
        score: The probability of the acceptance model; 1 of a matcher that has none.
        accepted: Whether the matcher stands by it.
    """

    left: str
    left_begin: int
    left_end: int
    right: str
    right_begin: int
    right_end: int
    relation: str
    score: float = 1.0
    accepted: bool = True

    def sides(self, first: str) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return both extents, that of the named article first."""
        left, right = (self.left_begin, self.left_end), (self.right_begin, self.right_end)
        return (left, right) if self.left == first else (right, left)


@dataclass(frozen=True, slots=True)
class Member:
    """A stretch of an article that stands in a cluster."""

    cluster: str
    name: str
    begin: int
    end: int


@dataclass(slots=True)
class Found:
    """What a run found.

    Attributes:
        num_candidates: Candidate pairs of passages, of the first pass.
        seconds: Wall clock of the whole run.
        cpu_seconds: CPU time of all its processes, their start included.
        stage_seconds: Wall clock by the table that was made, all passes together.
        rejected: Articles that were set aside.
    """

    matches: list[Match] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    num_candidates: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)
    rejected: int = 0


class _Watched(LocalEngine):
    """The embedded engine, which also notes how long each table takes and how many rows it has."""

    def __init__(self, workers: int | None) -> None:
        super().__init__(workers=workers)
        self.first_counts: dict[str, int] = {}
        self.stage_seconds: dict[str, float] = {}

    def map_batches(self, *args: Any, **options: Any) -> None:
        self._note(super().map_batches, *args, **options)

    def sql(self, *args: Any, **options: Any) -> None:
        self._note(super().sql, *args, **options)

    def _note(self, make: Any, *args: Any, target: str, **options: Any) -> None:
        begin = time.perf_counter()
        make(*args, target=target, **options)
        seconds = time.perf_counter() - begin
        self.stage_seconds[target] = self.stage_seconds.get(target, 0.0) + seconds
        self.first_counts.setdefault(target, self.count(target))


class _EnoughError(Exception):
    """Candidates are counted; what follows is not wanted."""


class _Counting(_Watched):
    """Stops a run when it has its candidates."""

    def _note(self, make: Any, *args: Any, target: str, **options: Any) -> None:
        super()._note(make, *args, target=target, **options)
        if target == "candidates":
            raise _EnoughError


def count_candidates(articles: Iterable[Article]) -> tuple[int, float]:
    """Return how many pairs of documents a run would compare, and the seconds it takes to know."""
    begin = time.perf_counter()
    with _Counting(None) as engine:
        try:
            clean(map(_as_document, articles), PLAIN_TEXT, engine)
        except _EnoughError:
            pairs = {
                (row["left_document"], row["right_document"]) for row in _rows(engine, "candidates")
            }
            return len(pairs), time.perf_counter() - begin
    return 0, time.perf_counter() - begin


def find_matches(
    articles: Sequence[Article], config: Config = NEWS, *, workers: int | None = None
) -> Found:
    """Look for reuse in articles, as a run does that finds them in a folder.

    Columns that the matcher does not have are taken for a row that it stands by. White space at
    the edges of a text is taken off before, and positions are those of the text as it was.
    """
    begins = {a.name: len(a.text) - len(a.text.lstrip()) for a in articles}
    begin, cpu_begin = time.perf_counter(), _cpu_seconds()
    engine = _Watched(workers)
    with engine:
        clean(map(_as_document, articles), config, engine)
        seconds = time.perf_counter() - begin
        names = {row["document_id"]: row["path"] for row in _rows(engine, "texts")}
        at = {key: begins[name] for key, name in names.items()}
        found = Found(
            num_candidates=engine.first_counts.get("candidates", 0),
            seconds=seconds,
            stage_seconds=engine.stage_seconds,
            rejected=engine.count("rejections"),
        )
        for row in _rows(engine, "matches"):
            left, right = row["left_document"], row["right_document"]
            found.matches.append(
                Match(
                    names[left],
                    row["left_begin"] + at[left],
                    row["left_end"] + at[left],
                    names[right],
                    row["right_begin"] + at[right],
                    row["right_end"] + at[right],
                    row["relation"],
                    row.get("score", 1.0),
                    row.get("accepted", True),
                )
            )
        for row in _rows(engine, "members"):
            key = row["document_id"]
            found.members.append(
                Member(row["cluster_id"], names[key], row["begin"] + at[key], row["end"] + at[key])
            )
    found.cpu_seconds = _cpu_seconds() - cpu_begin  # Workers count once they have ended.
    return found


def _cpu_seconds() -> float:
    usages = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _as_document(article: Article) -> Document:
    return Document(
        source=article.name,
        path=article.name,
        record=0,
        outlet=article.outlet,
        outlet_from="field",
        mime="text/plain",
        payload=article.text.strip(),
        title=article.title,
        published=article.published,
        language=article.language,
    )


def _rows(engine: LocalEngine, table: str) -> Iterable[dict[str, Any]]:
    wanted = [name for name in engine.schema(table).names if name in _COLUMNS]
    for batch in engine.read(table, columns=wanted):
        yield from batch.to_pylist()


_COLUMNS = frozenset(
    "document_id path left_document left_begin left_end right_document right_begin right_end "
    "relation score accepted cluster_id begin end".split()
)


def keep_detections(matches: Iterable[Match], *, with_variants: bool) -> list[Match]:
    """Return what counts as detected: what the matcher stands by, variants on request only."""
    return [m for m in matches if m.accepted and (with_variants or m.relation != VARIANT)]
