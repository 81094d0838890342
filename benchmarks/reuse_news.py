"""Reuse in real news: labelled articles, outlets that wrote the same story, and growth.

* *Seeds*: five articles of one event, the pairs of passages that they share marked by hand
  (`gold_reuse.json`), alone and among other articles.
* *Basil*: three outlets' articles of each of 35 events, each written by itself. They share
  quotations and what agencies sent; what is found is listed, for reading.
* *Growth*: how candidates and seconds grow with the number of articles.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.matching import (
    NEWS,
    Article,
    Match,
    count_candidates,
    find_matches,
    keep_detections,
)
from benchmarks.news import (
    NewsError,
    cycle_languages,
    digest_news,
    find_texts,
    invent_articles,
    read_news,
)
from benchmarks.reuse_tables import Listing, Place, Table
from benchmarks.sets import digest_files

GOLD = "gold_reuse.json"
_SETTINGS = ("alone", "among others")
NUM_BACKGROUND = 2000
_MIN_AGREEMENT = 0.5
_MIN_COVERED = 0.5
_MIN_TOUCHED = 0.2
"""A match that agrees less than this with every labelled pair is none of them."""
_OPTIONAL = "optional"
_FIRST_SIZE = 250


def find_seeds(data: Path) -> Path:
    """Return the folder with the labelled articles: DATA itself, in it, or beside it.

    Raises:
        NewsError: If there is none.
    """
    for folder in (data, data / "seeds", data.resolve().parent / "seeds"):
        if (folder / GOLD).is_file():
            return folder
    message = f"there is no {GOLD} in {data}, in its folder seeds or in one beside it"
    raise NewsError(message)


def measure_seeds(data: Path, *, limit: int | None = None) -> dict[str, Any]:
    """Score the labelled articles alone and among others.

    Args:
        data: The folder of data.
        limit: So many other articles, of all languages in turn; 2,000 by default.
    """
    folder = find_seeds(data)
    gold = json.loads((folder / GOLD).read_text(encoding="utf-8"))
    articles = _read_seeds(folder)
    others = cycle_languages(read_news(find_texts(data)))[: limit or NUM_BACKGROUND]
    result: dict[str, Any] = {
        "name": folder.name,
        "sha256": digest_files([folder / GOLD, *folder.glob("*.txt")]),
        "num_background": len(others),
        "wanted_background": limit or NUM_BACKGROUND,
    }
    names = {article.name for article in articles}
    for setting, background in zip(_SETTINGS, ([], others), strict=True):
        found = find_matches([*articles, *background], NEWS)
        detections = keep_detections(found.matches, with_variants=True)
        ours = [m for m in detections if m.left in names and m.right in names]
        result[setting] = {
            "seconds": round(found.seconds, 1),
            "num_in_background": len(detections) - len(ours),
            "num_across": sum((m.left in names) != (m.right in names) for m in detections),
        } | score_seeds(gold, ours)
    return result


def _read_seeds(folder: Path) -> list[Article]:
    return [
        Article(path.name, path.read_bytes().decode("utf-8"), outlet=path.stem)
        for path in sorted(folder.glob("*.txt"))
    ]


def score_seeds(gold: Mapping[str, Any], matches: Sequence[Match]) -> dict[str, Any]:
    """Score matches between labelled articles.

    A labelled pair is *found* when one match agrees with it by half on both sides (intersection
    over union), *covered* when all matches of the two articles together hold half of both sides.
    """
    grades: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in gold["pairs"]:
        agreement = max((_agree(pair, match) for match in matches), default=0.0)
        grades[_OPTIONAL if pair["optional"] else pair["grade"]].append(
            {
                "id": pair["id"],
                "agreement": agreement,
                "is_found": agreement >= _MIN_AGREEMENT,
                "is_covered": _covered(pair, matches) >= _MIN_COVERED,
            }
        )
    strange = [
        match for match in matches if max(_agree(p, match) for p in gold["pairs"]) < _MIN_TOUCHED
    ]
    return {
        "grades": dict(grades),
        "num_matches": len(matches),
        "num_hard_negatives": len(gold["hard_negatives"]),
        "hard_negatives": sum(
            any(_agree(pair, match) >= _MIN_AGREEMENT for match in matches)
            for pair in gold["hard_negatives"]
        ),
        "beside_gold": [_describe(match) for match in strange],
    }


def _sides(pair: Mapping[str, Any], match: Match) -> Iterator[tuple[Place, Place]]:
    """Yield the labelled and the found place of each side, if they are the same documents."""
    a, b = ((pair[side]["doc"], pair[side]["start"], pair[side]["end"]) for side in ("a", "b"))
    left = (match.left, match.left_begin, match.left_end)
    right = (match.right, match.right_begin, match.right_end)
    if (a[0], b[0]) == (left[0], right[0]):
        yield from ((a, left), (b, right))
    elif (a[0], b[0]) == (right[0], left[0]):
        yield from ((a, right), (b, left))


def _agree(pair: Mapping[str, Any], match: Match) -> float:
    """Return the intersection over union of extents, of the worse side."""
    return min((_overlap(a, b) for a, b in _sides(pair, match)), default=0.0)


def _overlap(a: Place, b: Place) -> float:
    shared = max(0, min(a[2], b[2]) - max(a[1], b[1]))
    return shared / (max(a[2], b[2]) - min(a[1], b[1]))


def _covered(pair: Mapping[str, Any], matches: Sequence[Match]) -> float:
    """Return how much of a labelled pair all matches hold, of the worse side."""
    held: tuple[set[int], set[int]] = (set(), set())
    wanted = [range(pair[side]["start"], pair[side]["end"]) for side in ("a", "b")]
    for match in matches:
        places = list(_sides(pair, match))
        shared = [
            range(max(a[1], b[1]), min(a[2], b[2])) for a, b in places if min(a[2], b[2]) > a[1]
        ]
        if len(shared) == len(held) and all(shared):
            for positions, part in zip(held, shared, strict=True):
                positions.update(part)
    return min(len(h) / len(w) for h, w in zip(held, wanted, strict=True))


def _describe(match: Match) -> dict[str, Any]:
    return {
        "relation": match.relation,
        "score": round(match.score, 3),
        "left": [match.left, match.left_begin, match.left_end],
        "right": [match.right, match.right_begin, match.right_end],
    }


def _as_row(match: Mapping[str, Any]) -> tuple[str, list[Place], list[Place]]:
    label = f"{match['relation']} {match['score']}"
    return label, [tuple(match["left"])], [tuple(match["right"])]


def list_seeds(data: Path, result: Mapping[str, Any]) -> tuple[list[Listing], dict[str, str]]:
    """Return the matches beside the gold, and the texts they stand in."""
    texts = {article.name: article.text for article in _read_seeds(find_seeds(data))}
    listings = [
        Listing(
            f"Matches beside the gold, {name}:", list(map(_as_row, result[name]["beside_gold"]))
        )
        for name in _SETTINGS
    ]
    return listings, texts


def seeds_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the table of a result, a row a grade."""
    settings = _SETTINGS
    said = f"among {result['num_background']} other articles"
    if result["num_background"] < result["wanted_background"]:
        said += f" ({result['wanted_background']} were wanted, there are no more)"
    table = Table(
        f"**{result['name']}**, files `{result['sha256'][:12]}`, alone and {said}; pairs found "
        "(a match agrees by half), covered (matches hold half), and how well extents agree:",
        ["", "pairs", *(f"{part}, {s}" for s in settings for part in _SEED_PARTS)],
    )
    for grade, pairs in result["alone"]["grades"].items():
        cells: list[object] = []
        for setting in settings:
            rows = result[setting]["grades"][grade]
            hits = [row["agreement"] for row in rows if row["is_found"]]
            mean = sum(hits) / len(hits) if hits else None
            cells += [len(hits), sum(row["is_covered"] for row in rows), mean]
        table.rows.append([grade, len(pairs), *cells])
    number = result["alone"]["num_hard_negatives"]
    of_each = [result[setting] for setting in settings]
    for label, total, counts in (
        ("hard negatives reported", number, [of["hard_negatives"] for of in of_each]),
        ("matches beside the gold", None, [len(of["beside_gold"]) for of in of_each]),
        ("matches with other articles", None, [of["num_across"] for of in of_each]),
    ):
        table.rows.append([label, total, *(cell for n in counts for cell in (n, None, None))])
    return [table]


_SEED_PARTS = ("found", "covered", "agreement")


def measure_basil(data: Path, *, limit: int | None = None) -> dict[str, Any]:
    """List what three outlets' articles of an event share.

    Args:
        data: The folder of data, or the set's own.
        limit: Only so many articles.

    Raises:
        NewsError: If there is no such set.
    """
    paths = _list_basil(data)[:limit]
    articles = [_read_basil(path) for path in paths]
    found = find_matches(articles, NEWS)
    rows = [
        _describe(m) | {"same_event": _event(m.left) == _event(m.right), "accepted": m.accepted}
        for m in found.matches
    ]
    return {
        "name": paths[0].parent.name,
        "sha256": digest_files(paths),
        "num_articles": len(articles),
        "num_events": len({_event(article.name) for article in articles}),
        "seconds": round(found.seconds, 1),
        "matches": sorted(rows, key=lambda row: (not row["same_event"], row["left"], row["right"])),
    }


def _list_basil(data: Path) -> list[Path]:
    for folder in (data / "reuse" / "basil", data):
        if any(folder.glob("*_1.json")):
            return sorted(folder.glob("*_*.json"))
    message = f"there are no articles EVENT_N.json in {data} or {data / 'reuse' / 'basil'}"
    raise NewsError(message)


def list_basil(data: Path, result: Mapping[str, Any]) -> tuple[list[Listing], dict[str, str]]:
    """Return all accepted matches, and the texts they stand in."""
    texts = {article.name: article.text for article in map(_read_basil, _list_basil(data))}
    accepted = [row for row in result["matches"] if row["accepted"]]
    listings = [
        Listing(caption, [_as_row(row) for row in accepted if row["same_event"] == same])
        for caption, same in (("Within an event:", True), ("Across events:", False))
    ]
    return listings, texts


def _event(name: str) -> str:
    return name.rpartition("_")[0]


def _read_basil(path: Path) -> Article:
    row = json.loads(path.read_text(encoding="utf-8"))
    paragraphs = [" ".join(sentences) for sentences in row["body-paragraphs"]]
    return Article(
        path.stem,
        "\n\n".join(paragraphs),
        outlet=str(row["source"]).casefold(),
        language="en",
        title=row.get("title"),
    )


def basil_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a result: numbers by relation, and the list of all accepted matches."""
    counts: Counter[tuple[str, bool, bool]] = Counter(
        (row["relation"], row["same_event"], row["accepted"]) for row in result["matches"]
    )
    numbers = Table(
        f"**{result['name']}**, {result['num_articles']} articles of {result['num_events']} "
        f"events, files `{result['sha256'][:12]}`; matches by relation, within an event and not:",
        ["", "within", "not accepted", "across events", "not accepted"],
        [
            [relation, *(counts[relation, same, ok] for same in (True, False) for ok in _BOTH)]
            for relation in sorted({key[0] for key in counts})
        ],
    )
    return [numbers]


_BOTH = (True, False)


def measure_growth(
    folder: Path, *, limit: int | None = None, grow_to: int | None = None
) -> dict[str, Any]:
    """Run over more and more articles.

    Args:
        folder: A folder of articles.
        limit: Only so many of them.
        grow_to: Add synthetic ones up to this number.
    """
    articles = cycle_languages(read_news(folder))[:limit]
    num_real = len(articles)
    if grow_to is not None and grow_to > num_real:
        articles += invent_articles(articles, grow_to - num_real)
    find_matches(articles[:10], NEWS)  # What the first run imports and loads is not its articles'.
    rows: list[dict[str, Any]] = []
    for size in _sizes(min(len(articles), num_real)):
        found = find_matches(articles[:size], NEWS)
        stages = sorted(found.stage_seconds.items(), key=lambda item: -item[1])
        rows.append(
            {
                "num_articles": size,
                "num_synthetic": max(0, size - num_real),
                "num_chars": sum(len(article.text) for article in articles[:size]),
                "num_candidates": found.num_candidates,
                "num_matches": sum(match.accepted for match in found.matches),
                "seconds": round(found.seconds, 2),
                "cpu_seconds": round(found.cpu_seconds, 2),
                "longest_stages": [[name, round(seconds, 2)] for name, seconds in stages[:3]],
            }
        )
    further = []
    for size in _sizes(len(articles)):
        num_candidates, seconds = count_candidates(articles[:size])
        further.append(
            {
                "num_articles": size,
                "num_synthetic": max(0, size - num_real),
                "num_candidates": num_candidates,
                "seconds": round(seconds, 2),
            }
        )
    return {
        "name": folder.name,
        "sha256": digest_news(folder),
        "rows": rows,
        "candidates": further,
        "exponents": {
            name: fit_exponent([(row["num_articles"], row[name]) for row in rows])
            for name in ("num_candidates", "cpu_seconds")
        },
    }


def _sizes(most: int) -> list[int]:
    """Return doubling sizes, and the largest one.

    >>> _sizes(1200)
    [250, 500, 1000, 1200]
    """
    sizes = []
    size = _FIRST_SIZE
    while size < most:
        sizes.append(size)
        size *= 2
    return [*sizes, most]


def fit_exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the exponent of the power law that fits best (least squares of the logarithms).

    >>> round(fit_exponent([(1, 3), (2, 12), (4, 48)]), 6)
    2.0
    """
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len(logs) < 2:
        return None
    mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread if spread else None


def growth_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the table of a result, a row a size."""
    exponents = ", ".join(
        f"{name.removeprefix('num_').replace('cpu_', 'CPU ')} grow with the power {value:.2f}"
        for name, value in result["exponents"].items()
        if value is not None
    )
    table = Table(
        f"**{result['name']}**, files `{result['sha256'][:12]}`"
        + (f"; {exponents} of the articles:" if exponents else ":"),
        ["articles", "synthetic", "characters", "candidates", "an article", "matches", "s", "CPU s",
         "longest stages"],
    )  # fmt: skip
    for row in result["rows"]:
        names = "num_articles num_synthetic num_chars num_candidates".split()
        each = row["num_candidates"] / row["num_articles"]
        longest = ", ".join(f"{name} {seconds:.1f}" for name, seconds in row["longest_stages"])
        table.rows.append(
            [
                *(row[n] for n in names),
                each,
                row["num_matches"],
                f"{row['seconds']:.1f}",
                f"{row['cpu_seconds']:.1f}",
                longest,
            ]
        )
    return [table, _candidates_table(result["candidates"])]


def _candidates_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return how many pairs of documents would be compared, a row a size."""
    table = Table(
        "Pairs of documents to compare, without comparing them (no boilerplate judged; synthetic "
        "articles are word chains over the real ones, so chance shares more in them than in news):",
        ["articles", "synthetic", "candidates", "an article", "of log2 articles", "s"],
    )
    for row in rows:
        each = row["num_candidates"] / row["num_articles"]
        per_log = each / math.log2(row["num_articles"])
        cells = [row[n] for n in ("num_articles", "num_synthetic", "num_candidates")]
        table.rows.append([*cells, each, per_log, f"{row['seconds']:.1f}"])
    return table
