"""The examples of the acceptance model: passages that two documents share, reuse or not.

* pairs of news articles that a reader judged (`training/judged_pairs.jsonl`: places and verdicts);
* PAN 2013's pairs, with the places of what was reused in them;
* copies planted in news articles, as `cleaner.quality` plants them.
"""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching import Article
from benchmarks.news import find_texts, read_news
from benchmarks.pan import Aligned, read_pan, read_text
from cleaner.config import Config
from cleaner.model import Relation
from cleaner.passages.acceptance import SeedFacts, describe_alignment, find_recurrence, share_seeds
from cleaner.passages.align import Alignment, align_texts
from cleaner.passages.indexing import IndexedText, index_text
from cleaner.passages.relations import Recurrence, Side, find_relation
from cleaner.passages.seeding import count_days
from cleaner.passages.segment import SENTENCE, KeptText
from cleaner.passages.terms import list_seeds
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.plant import choose_passage, plant

JUDGED = Path(__file__).with_name("judged_pairs.jsonl")
UNSEEN = Path(__file__).parent.parent / "benchmarks" / "judged_detections.jsonl"
"""Detections of a run that were judged to know its precision; never learnt from."""
_SETTINGS = Config().match
_MAX_WEIGHT = 8.0
_MAX_COPIES, _SPREAD_RATIO, _REPEAT_RATIO = 64, 0.4, 0.4
_PLANTED_ARTICLES = 1000


@dataclass(frozen=True, slots=True)
class Example:
    """A passage that two documents share, as the model sees it.

    Attributes:
        group: Examples of one group are never on both sides of a validation.
    """

    group: str
    features: dict[str, float]
    is_reuse: bool
    weight: float


def read_articles(data: Path) -> dict[str, Article]:
    """Return the articles that judged pairs come from, by name."""
    articles = read_news(find_texts(data))
    csv.field_size_limit(10**9)
    for path in sorted((data / "reuse" / "topic-clusters").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                articles.append(
                    Article(
                        name=f"{path.name}#{row['id']}",
                        text=row["text"],
                        outlet=row["publisher"],
                        published=row["scrape_time"][:10],
                        language="en",
                    )
                )
    for path in sorted((data / "reuse" / "basil").glob("*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        articles.append(
            Article(
                name=f"basil#{path.stem}",
                text="\n\n".join(" ".join(sentences) for sentences in row["body-paragraphs"]),
                outlet=row["source"],
                published=row["date"][:10],
                language="en",
            )
        )
    return {article.name: article for article in articles}


def index_article(text: str, language: str | None) -> IndexedText:
    """Index a text, all of it main content."""
    return index_text(KeptText(text, [(0, len(text))], language))


def align(left: IndexedText, right: IndexedText) -> list[Alignment]:
    """Find what two documents share, with the settings of a run."""
    found = align_texts(left, right, (), _SETTINGS.min_passage_words, _SETTINGS.verbatim_ratio)
    return [
        one for one in found if one.num_aligned >= _SETTINGS.min_passage_words * left.terms.width
    ]


class Corpus:
    """How seeds recur over some articles."""

    def __init__(self, articles: Iterable[tuple[IndexedText, str, str | None]]) -> None:
        keys, documents, outlets, days = [], [], [], []
        names: dict[str, int] = {}
        for number, (indexed, outlet, published) in enumerate(articles):
            found = np.unique(list_seeds(indexed.terms, rate=_SETTINGS.seed_sampling).keys)
            keys.append(found.view(np.int64))
            documents.append(np.full(len(found), number))
            outlets.append(np.full(len(found), names.setdefault(outlet, len(names))))
            days.append(np.full(len(found), count_days(published)))
        key, day = np.concatenate(keys), np.concatenate(days)
        self._facts = _facts(key, np.concatenate(outlets), day)

    @property
    def facts(self) -> SeedFacts:
        """What is known of all seeds that several articles have."""
        return self._facts


def _facts(keys: np.ndarray, outlets: np.ndarray, days: np.ndarray) -> SeedFacts:
    unique, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)

    def count_pairs(values: np.ndarray) -> np.ndarray:
        pairs = np.unique(np.stack([inverse, values]), axis=1)
        known = pairs[0][pairs[1] >= 0]
        return np.bincount(known, minlength=len(unique))

    first = np.full(len(unique), np.iinfo(np.int64).max)
    last = np.full(len(unique), -1)
    is_known = days >= 0
    np.minimum.at(first, inverse[is_known], days[is_known])
    np.maximum.at(last, inverse[is_known], days[is_known])
    several = counts > 1
    span = np.where(last >= 0, last - first, 0)
    return SeedFacts(
        unique[several],
        counts[several],
        count_pairs(outlets)[several],
        count_pairs(days)[several],
        span[several],
    )


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A passage that a reader judged, as a run of today has it."""

    row: dict[str, Any]
    features: dict[str, float]
    relation: Relation


def judged_pairs(data: Path, judged: Path) -> Iterator[JudgedPair]:
    """Yield the pairs of a file of judged passages; those that are no longer found are left out."""
    articles = read_articles(data)
    indexed = {
        name: index_article(article.text, article.language) for name, article in articles.items()
    }
    corpus = Corpus((indexed[n], a.outlet, a.published) for n, a in articles.items())
    for line in judged.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["left"] not in indexed or row["right"] not in indexed:
            continue  # an article whose text another one has too is read once
        left, right = indexed[row["left"]], indexed[row["right"]]
        one, other = articles[row["left"]], articles[row["right"]]
        found = _nearest(left, right, row)
        if found is None:
            continue
        shared = share_seeds(left, right, corpus.facts)
        recurrence, rare = find_recurrence(left, shared, found.left, found.right)
        features = describe_alignment(
            left,
            right,
            found,
            recurrence,
            rare,
            is_same_outlet=one.outlet == other.outlet,
        )
        sides = (Side(one.outlet, one.published), Side(other.outlet, other.published))
        named = find_relation(*sides, level=SENTENCE, recurrence=recurrence)
        yield JudgedPair(row, features, named.relation)


def judged_examples(data: Path, judged: Path = JUDGED) -> Iterator[Example]:
    """Yield what a reader judged; a pair counts for all those that were left out like it."""
    for pair in judged_pairs(data, judged):
        weight = min(_MAX_WEIGHT, math.sqrt(pair.row.get("stands_for", 1.0)))
        yield Example(pair.row["left"], pair.features, pair.row["verdict"] == "same", weight)


def _nearest(left: IndexedText, right: IndexedText, row: dict[str, int]) -> Alignment | None:
    """Return the alignment that shares most with what was judged, if half of it."""
    best, most = None, 0.5
    for found in align(left, right):
        shares = []
        for side, words, name in ((left, found.left, "left"), (right, found.right, "right")):
            begin, end = side.kept.begins[words[0]], side.kept.ends[words[1] - 1]
            judged = row[f"{name}_begin"], row[f"{name}_end"]
            shared = min(end, judged[1]) - max(begin, judged[0])
            shares.append(shared / max(end - begin, judged[1] - judged[0]))
        if min(shares) > most:
            best, most = found, min(shares)
    return best


def pan_examples(data: Path) -> Iterator[Example]:
    """Yield what PAN's pairs share: reuse where both sides are, by half, in one case of it."""
    pairs = read_pan(data / "reuse" / "pan13")
    draw = random.Random(1)
    cache: dict[Path, IndexedText] = {}
    for pair in pairs:
        for path in (pair.this_path, pair.source_path):
            if path not in cache:
                cache[path] = index_article(read_text(path), "en")
        left, right = cache[pair.this_path], cache[pair.source_path]
        for found in align(left, right):
            case = max((_held(left, right, found, case) for case in pair.cases), default=0.0)
            if 0.1 < case < 0.5:
                continue
            recurrence = _invent_recurrence(left, right, found, draw)
            features = describe_alignment(
                left,
                right,
                found,
                *recurrence,
                is_same_outlet=False,
            )
            yield Example(pair.this, features, case >= 0.5, 1.0)


def _held(left: IndexedText, right: IndexedText, found: Alignment, case: Aligned) -> float:
    """Return how much of a passage is in a case of reuse, on the side where it is less."""
    shares = []
    for side, words, (begin, end) in (
        (left, found.left, (case.this_begin, case.this_end)),
        (right, found.right, (case.source_begin, case.source_end)),
    ):
        first, last = side.kept.begins[words[0]], side.kept.ends[words[1] - 1]
        shares.append(max(0, min(last, end) - max(first, begin)) / (last - first))
    return min(shares)


def _invent_recurrence(
    left: IndexedText, right: IndexedText, found: Alignment, draw: random.Random
) -> tuple[Recurrence | None, int]:
    """Make up how a passage recurs, as if a number of outlets had run it within days.

    Two documents alone say nothing of that; a model that saw only passages of two documents would
    not know those of forty.
    """
    is_spread = draw.random() < _SPREAD_RATIO
    number = round(2 ** (1 + draw.random() * (math.log2(_MAX_COPIES) - 1))) if is_spread else 2
    facts = np.unique(np.intersect1d(left.seeds.keys, right.seeds.keys)).view(np.int64)
    facts = np.sort(facts)
    count = np.full(len(facts), number)
    outlets = np.full(len(facts), max(2, round(number * (1 - draw.random() * _REPEAT_RATIO))))
    days = np.full(len(facts), draw.randrange(4))
    seeds = SeedFacts(facts, count, outlets, days, days)
    return find_recurrence(left, share_seeds(left, right, seeds), found.left, found.right)


def planted_examples(data: Path) -> Iterator[Example]:
    """Yield planted copies of all levels."""
    articles = read_news(find_texts(data))
    draw = random.Random(2)
    chosen = draw.sample(range(len(articles)), min(_PLANTED_ARTICLES, len(articles)))
    for number, at in enumerate(chosen):
        original = articles[at]
        same = [a for a in articles if a.language == original.language]
        host = same[draw.randrange(len(same))]
        place = choose_passage(original.text, number, language=original.language)
        if place is None or host.name == original.name:
            continue
        level = LEVELS[number % len(LEVELS)]
        passage = original.text[place[0] : place[1]]
        pool = host.text.split()[:200]
        planted = plant(host.text, passage, level, number, pool=pool, language=original.language)
        if planted is None:
            continue
        left = index_article(original.text, original.language)
        right = index_article(planted.text, original.language)
        spans = planted.spans
        for found in align(left, right):
            begin = right.kept.begins[found.right[0]]
            end = right.kept.ends[found.right[1] - 1]
            inside = sum(max(0, min(end, s.end) - max(begin, s.begin)) for s in spans)
            if 2 * inside < end - begin:
                continue
            features = describe_alignment(
                left,
                right,
                found,
                *_invent_recurrence(left, right, found, draw),
                is_same_outlet=False,
            )
            yield Example(original.name, features, True, 1.0)


def all_examples(data: Path) -> dict[str, list[Example]]:
    """Return the examples of each kind."""
    return {
        "judged": list(judged_examples(data)),
        "pan": list(pan_examples(data)),
        "planted": list(planted_examples(data)),
    }


def scale(examples: Sequence[Example], total: float) -> list[Example]:
    """Weigh examples so that together they count for a total."""
    factor = total / sum(example.weight for example in examples)
    return [replace(example, weight=example.weight * factor) for example in examples]
