"""Reuse planted in real articles: what is found of it, by level and language, and how exactly.

The hosts are real news (`benchmarks/news.py`), and hold reuse that nobody labelled. *Strict*
precision takes every match that is not planted for wrong: it is a lower bound, and how many such
matches touch no planted text at all is said beside it. Copies of one passage in several hosts are
reuse between those hosts too; such pairs count for precision and clusters, not for recall.

A planted copy counts as found when the matches of the two documents cover half of its characters in
the copy and half in the original.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.matching import (
    NEWS,
    Article,
    Found,
    Match,
    Member,
    find_matches,
    keep_detections,
)
from benchmarks.news import NewsError, cycle_languages, digest_news, read_news
from benchmarks.reuse_tables import Listing, Place, Table
from cleaner.quality.intervals import Interval, count_shared, join_intervals
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.plant import PlantedCorpus, PlantedPair, Source, plant_corpus
from cleaner.quality.recall import is_found

SEED = 1
_MIN_COVERED = 0.5
_MIN_RIGHT = 0.5
"""A match is right when half of it, on both sides, is planted."""
_RIGHT, _WRONG, _UNTOUCHED = "right", "wrong", "untouched"
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Mention:
    """A planted passage where it stands: in a host, or in its original."""

    passage: str
    document: str
    spans: tuple[Interval, ...]

    @property
    def num_chars(self) -> int:
        """Length of all spans."""
        return sum(end - begin for begin, end in self.spans)


def make_corpus(
    articles: Sequence[Article], seed: int = SEED, max_per_level: int | None = None
) -> PlantedCorpus:
    """Plant copies in articles."""
    sources = [Source(a.name, a.outlet, a.text, a.language, a.published) for a in articles]
    return plant_corpus(sources, seed, max_per_level=max_per_level)


def as_articles(corpus: PlantedCorpus) -> list[Article]:
    """Return what the matcher is given of a corpus."""
    return [
        Article(d.name, d.text, d.outlet, d.published, d.language or None) for d in corpus.documents
    ]


def measure_planted(folder: Path, *, limit: int | None = None, seed: int = SEED) -> dict[str, Any]:
    """Plant copies in a folder of articles and count what the matcher finds.

    Args:
        folder: A folder of articles.
        limit: So many articles, of all languages in turn.
        seed: Of the planting; another one plants other copies in other hosts.

    Raises:
        NewsError: If the articles are too few to plant anything.
    """
    articles = cycle_languages(read_news(folder))[:limit]
    corpus = make_corpus(articles, seed)
    if not corpus.pairs:
        message = f"{len(articles)} articles of {folder} are too few to plant copies in"
        raise NewsError(message)
    found = find_matches(as_articles(corpus), NEWS)
    return {
        "name": folder.name,
        "sha256": digest_news(folder),
        "seed": seed,
        "num_documents": len(corpus.documents),
        "seconds": round(found.seconds, 1),
        "cpu_seconds": round(found.cpu_seconds, 1),
        "num_candidates": found.num_candidates,
    } | score_planted(corpus, found)


def score_planted(corpus: PlantedCorpus, found: Found) -> dict[str, Any]:
    """Score what was found in a corpus."""
    detections = keep_detections(found.matches, with_variants=False)
    by_documents = _by_documents(detections)
    with_variants = _by_documents(keep_detections(found.matches, with_variants=True))
    every = _by_documents(found.matches)
    names = {document.name: document for document in corpus.documents}
    groups: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for pair in corpus.pairs:
        row = _score_pair(pair, by_documents) | {
            "found_with_variants": _is_found(pair, with_variants),
            "found_at_all": _is_found(pair, every),
        }
        for level in (pair.level, _ALL):
            for language in (pair.language, _ALL):
                groups[level, language].append(row)
    mentions = list_mentions(corpus)
    return {
        "pairs": {
            level: {
                language: _summarize(groups[level, language])
                for language in sorted({key[1] for key in groups}, key=_all_first)
                if (level, language) in groups
            }
            for level in (_ALL, *LEVELS)
            if (level, _ALL) in groups
        },
        "precision": _score_precision(mentions, detections),
        "relations": _count_relations(mentions, found.matches),
        "clusters": score_clusters(mentions, found.members, set(names)),
        "missed": [
            {"level": pair.level, "language": pair.language, "copy": pair.copy}
            for pair in corpus.pairs
            if not _is_found(pair, by_documents)
        ],
        "wrong": [
            {
                "relation": match.relation,
                "score": round(match.score, 3),
                "left": [match.left, match.left_begin, match.left_end],
                "right": [match.right, match.right_begin, match.right_end],
            }
            for match in detections
            if _what_is(match, _mentions_by_document(mentions)) == _WRONG
        ],
    }


def list_planted(
    folder: Path, result: Mapping[str, Any], limit: int | None
) -> tuple[list[Listing], dict[str, str]]:
    """Return the copies that were missed and the matches that go beyond them, and all texts."""
    corpus = make_corpus(cycle_languages(read_news(folder))[:limit], result["seed"])
    missed = {row["copy"] for row in result["missed"]}
    listed = Listing("Planted copies that were not found:")
    for pair in corpus.pairs:
        if pair.copy in missed:
            sides: tuple[list[Place], list[Place]] = (
                [(pair.copy, s.begin, s.end) for s in pair.spans],
                [(pair.original, s.original_begin, s.original_end) for s in pair.spans],
            )
            listed.rows.append((f"{pair.level} {pair.language}", *sides))
    wrong = Listing(
        "Matches that touch planted text but are not of it:",
        [
            (f"{row['relation']} {row['score']}", [tuple(row["left"])], [tuple(row["right"])])
            for row in result["wrong"]
        ],
    )
    return [listed, wrong], {document.name: document.text for document in corpus.documents}


def _all_first(name: str) -> tuple[bool, str]:
    return name != _ALL, name


def _by_documents(matches: Iterable[Match]) -> dict[frozenset[str], list[Match]]:
    found: dict[frozenset[str], list[Match]] = defaultdict(list)
    for match in matches:
        found[frozenset((match.left, match.right))].append(match)
    return found


def list_mentions(corpus: PlantedCorpus) -> list[Mention]:
    """Return all planted passages where they stand; an original's is all that was taken of it."""
    mentions: list[Mention] = []
    originals: dict[str, list[Interval]] = defaultdict(list)
    for pair in corpus.pairs:
        spans = tuple((span.begin, span.end) for span in pair.spans)
        mentions.append(Mention(pair.original, pair.copy, spans))
        originals[pair.original] += [(s.original_begin, s.original_end) for s in pair.spans]
    return mentions + [
        Mention(n, n, tuple(join_intervals(s))) for n, s in sorted(originals.items())
    ]


def _score_pair(
    pair: PlantedPair, by_documents: Mapping[frozenset[str], Sequence[Match]]
) -> dict[str, float]:
    """Return how much of a planted copy is covered, and how much is covered beside it."""
    sides = _sides(pair, by_documents)
    # Only matches that touch the copy on both sides say something of its limits.
    touching = [
        m
        for m in by_documents.get(frozenset((pair.copy, pair.original)), ())
        if all(
            count_shared(gold, [extent])
            for (gold, _), extent in zip(sides, m.sides(pair.copy), strict=True)
        )
    ]
    given = [join_intervals(m.sides(pair.copy)[side] for m in touching) for side in (0, 1)]
    return {
        "found": _is_found(pair, by_documents),
        "gold_chars": sum(end - begin for gold, _ in sides for begin, end in gold),
        "right_chars": sum(
            count_shared(gold, of) for (gold, _), of in zip(sides, given, strict=True)
        ),
        "given_chars": sum(end - begin for of in given for begin, end in of),
        "num_matches": len(touching),
    }


def _sides(
    pair: PlantedPair, by_documents: Mapping[frozenset[str], Sequence[Match]]
) -> list[tuple[list[Interval], list[Interval]]]:
    """Return what is planted and what is found, in the copy and in the original."""
    matches = by_documents.get(frozenset((pair.copy, pair.original)), ())
    extents = [m.sides(pair.copy) for m in matches]
    return [
        (join_intervals((s.begin, s.end) for s in pair.spans), [extent[0] for extent in extents]),
        (
            join_intervals((s.original_begin, s.original_end) for s in pair.spans),
            [extent[1] for extent in extents],
        ),
    ]


def _is_found(pair: PlantedPair, by_documents: Mapping[frozenset[str], Sequence[Match]]) -> bool:
    matches = by_documents.get(frozenset((pair.copy, pair.original)), ())
    return is_found(pair, [match.sides(pair.copy) for match in matches])


def _summarize(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    sums = {name: sum(row[name] for row in rows) for name in rows[0]}
    precision = sums["right_chars"] / max(1, sums["given_chars"])
    recall = sums["right_chars"] / max(1, sums["gold_chars"])
    return {
        "num_pairs": len(rows),
        "recall": sums["found"] / len(rows),
        "recall_with_variants": sums["found_with_variants"] / len(rows),
        "recall_at_all": sums["found_at_all"] / len(rows),
        "char_precision": precision,
        "char_recall": recall,
        "char_f1": 2 * precision * recall / max(1e-9, precision + recall),
        "matches_a_copy": sums["num_matches"] / max(1, sums["found"]),
    }


def _score_precision(mentions: Sequence[Mention], detections: Sequence[Match]) -> dict[str, float]:
    """Count the matches that are planted; of the others, those that touch no planted text."""
    by_document = _mentions_by_document(mentions)
    counts = Counter(_what_is(match, by_document) for match in detections)
    number, right, untouched = len(detections), counts[_RIGHT], counts[_UNTOUCHED]
    return {
        "num_matches": number,
        "num_right": right,
        "num_untouched": untouched,
        "strict": right / max(1, number),
        "touching": right / max(1, number - untouched),
    }


def _what_is(match: Match, by_document: Mapping[str, Sequence[Mention]]) -> str:
    left = _held(by_document.get(match.left, ()), match.left_begin, match.left_end)
    other = _held(by_document.get(match.right, ()), match.right_begin, match.right_end)
    if any(min(left[name], other[name]) >= _MIN_RIGHT for name in left if name in other):
        return _RIGHT
    return _WRONG if any(left.values()) or any(other.values()) else _UNTOUCHED


def _mentions_by_document(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        found[mention.document].append(mention)
    return found


def _held(mentions: Iterable[Mention], begin: int, end: int) -> dict[str, float]:
    """Return which planted passages a stretch holds, and what share of it they are."""
    length = max(1, end - begin)
    return {m.passage: count_shared(m.spans, [(begin, end)]) / length for m in mentions}


def _count_relations(
    mentions: Sequence[Mention], matches: Sequence[Match]
) -> dict[str, dict[str, int]]:
    """Count matches by relation: all, accepted ones, and those of them that are planted."""
    counts: dict[str, dict[str, int]] = {}
    for relation in sorted({match.relation for match in matches}):
        of = [match for match in matches if match.relation == relation]
        accepted = [match for match in of if match.accepted]
        counts[relation] = {
            "matches": len(of),
            "accepted": len(accepted),
            "planted": int(_score_precision(mentions, accepted)["num_right"]),
        }
    return counts


def score_clusters(
    mentions: Sequence[Mention], members: Sequence[Member], documents: set[str]
) -> dict[str, float]:
    """Compare clusters with the planted ones, over the planted passages only.

    Two passages are together when members of one cluster cover half of each. *Pairwise*: of the
    pairs of passages that are together, and of those that should be. *B-cubed*: the same for each
    passage, itself included, then the mean (Bagga and Baldwin 1998). A cluster of other text lowers
    neither; `largest` says how many documents the largest cluster holds.
    """
    by_document: dict[str, dict[str, list[Interval]]] = defaultdict(lambda: defaultdict(list))
    sizes: dict[str, set[str]] = defaultdict(set)
    for member in members:
        if member.name in documents:
            by_document[member.name][member.cluster].append((member.begin, member.end))
            sizes[member.cluster].add(member.name)
    clusters: list[set[str]] = [
        _covering(mention, by_document[mention.document]) for mention in mentions
    ]
    together = {
        (i, j) for i, j in combinations(range(len(mentions)), 2) if clusters[i] & clusters[j]
    }
    wanted = {
        (i, j)
        for i, j in combinations(range(len(mentions)), 2)
        if mentions[i].passage == mentions[j].passage
    }
    hits = len(together & wanted)
    pairwise = _f1(hits / max(1, len(together)), hits / max(1, len(wanted)))
    found_of, wanted_of = _neighbours(len(mentions), together), _neighbours(len(mentions), wanted)
    shared = [len(f & w) for f, w in zip(found_of, wanted_of, strict=True)]
    number = max(1, len(mentions))
    b_cubed = _f1(
        sum(s / len(f) for s, f in zip(shared, found_of, strict=True)) / number,
        sum(s / len(w) for s, w in zip(shared, wanted_of, strict=True)) / number,
    )
    return {
        "num_mentions": len(mentions),
        "num_clusters": len(sizes),
        "largest": max(map(len, sizes.values()), default=0),
        **{f"pairwise_{name}": value for name, value in pairwise.items()},
        **{f"b_cubed_{name}": value for name, value in b_cubed.items()},
    }


def _covering(mention: Mention, clusters: Mapping[str, Sequence[Interval]]) -> set[str]:
    """Return the clusters that one needs to cover half of a passage.

    Members are sentences as well as longer passages, so that one cluster rarely covers it all: if
    all clusters together cover half, those that hold any of it count.
    """
    touching = {name for name, of in clusters.items() if count_shared(mention.spans, of)}
    covered = count_shared(mention.spans, [span for name in touching for span in clusters[name]])
    return touching if covered >= _MIN_COVERED * mention.num_chars else set()


def _neighbours(number: int, pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    found = [{at} for at in range(number)]
    for i, j in pairs:
        found[i].add(j)
        found[j].add(i)
    return found


def _f1(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1}


def planted_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a result: recall by level and language, extents, precision, clusters."""
    languages = list(result["pairs"][_ALL])
    recall = Table(
        f"**{result['name']}**, {result['num_documents']} documents, files "
        f"`{result['sha256'][:12]}`, planted with seed {result['seed']}, "
        f"{result['num_candidates']} candidates, {result['seconds']:.0f} s "
        f"({result['cpu_seconds']:.0f} CPU s); share of planted "
        "copies that are found, by level and language (their number):",
        ["", *languages],
    )
    extents = Table(
        "The same over all languages: counting variants as found, counting what was not accepted "
        "as well, and how exact the extents are, by characters:",
        [
            "",
            "copies",
            "found",
            "or variant",
            "or not accepted",
            "precision",
            "recall",
            "F1",
            "matches a copy",
        ],
    )
    for level, by_language in result["pairs"].items():
        cells = [by_language.get(language) for language in languages]
        recall.rows.append(
            [level, *(f"{c['recall']:.2f} ({c['num_pairs']})" if c else "" for c in cells)]
        )
        row = by_language[_ALL]
        names = "recall recall_with_variants recall_at_all char_precision char_recall char_f1"
        numbers = [row[name] for name in names.split()]
        extents.rows.append([level, row["num_pairs"], *numbers, row["matches_a_copy"]])
    precision, clusters = result["precision"], result["clusters"]
    kinds = Table(
        f"Of {precision['num_matches']} accepted matches other than variants "
        f"{precision['num_right']} are planted: precision {precision['strict']:.3f} strict; "
        f"{precision['num_untouched']} touch no planted text (the hosts' own reuse, or errors), "
        f"{precision['touching']:.3f} without these. By relation:",
        ["", "matches", "accepted", "planted"],
        [[name, *row.values()] for name, row in result["relations"].items()],
    )
    both = ("pairwise", "b_cubed")
    grouped = Table(
        f"{clusters['num_mentions']} planted passages in clusters ({clusters['num_clusters']} "
        f"clusters in all, {clusters['largest']} documents in the largest):",
        ["", "precision", "recall", "F1"],
        [
            [name, *(clusters[f"{name}_{part}"] for part in ("precision", "recall", "f1"))]
            for name in both
        ],
    )
    return [recall, extents, kinds, grouped]
