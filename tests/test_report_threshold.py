"""What another threshold would change: the sweep says what one gets who counts anew for each."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_pages import read_page, read_table, run

from cleaner.config import Config
from cleaner.report import REPORT
from cleaner.report.threshold import Sweep, pack_pairs

DOCUMENTS = ["a", "b", "c", "d"]
WORDS = {"a": 40, "b": 40, "c": 12, "d": 0}
FLOOR = 0.25
HUNDREDTHS = [at / 100 for at in range(25, 101)]


def make_pair(score: float = 0.9, **values: Any) -> dict[str, Any]:
    """Make a pair of two passages, of which the left one was first."""
    pair = {
        **{"score": score, "accepted": True, "level": "sentence", "relation": "passage"},
        **{"num_words": 10, "direction": "left_first", "evidence": None, "differs": None},
        **{"left_document": "a", "left_begin": 0, "left_end": 50, "left_outlet": "Courier"},
        **{"right_document": "b", "right_begin": 0, "right_end": 50, "right_outlet": "Ledger"},
    }
    return pair | values


@st.composite
def pairs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a pair; places overlap often, and scores lie at thresholds and between them."""
    left, right = draw(st.permutations(DOCUMENTS))[:2]
    extents = {}
    for side in ("left", "right"):
        begin = draw(st.integers(0, 20))
        extents |= {f"{side}_begin": begin, f"{side}_end": begin + draw(st.integers(1, 20))}
    is_whole = draw(st.integers(0, 4)) == 0
    relations = ["copy", "wire", "self"] if is_whole else [
        "passage", "wire", "quote", "rewrite", "self", "template", "variant"
    ]  # fmt: skip
    return make_pair(
        draw(st.integers(250, 1000)) / 1000,
        level="document" if is_whole else draw(st.sampled_from(["sentence", "quotation"])),
        relation=draw(st.sampled_from(relations)),
        direction=draw(st.sampled_from(["left_first", "right_first", "unknown"])),
        differs=draw(st.sampled_from([None, None, None, "figures"])),
        num_words=draw(st.integers(1, 15)),
        left_document=left,
        right_document=right,
        right_outlet=draw(st.sampled_from(["Courier", "Ledger"])),
        **extents,
    )


POLICIES = st.fixed_dictionaries(
    {
        "copies": st.sampled_from(["drop", "keep"]),
        "same_outlet": st.sampled_from(["as_others", "keep"]),
        **{name: st.sampled_from(["cut", "keep"]) for name in ("passages", "quotes", "rewrites")},
        "view": st.sampled_from(["unique", "full", "originals"]),
    }
)


def configure(
    *, floor: float = FLOOR, min_score: float = 0.6, view: str = "unique", **policy: str
) -> Config:
    """Return a configuration in which pairs are listed from the floor on."""
    match = {"score_floor": floor, "min_score": min_score}
    return Config().replace(match=match, output={"view": view}, resolve=policy)


def order(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return pairs with the surest first."""
    return sorted(found, key=lambda pair: -pair["score"])


def sweep(found: Iterable[dict[str, Any]], **values: Any) -> dict[float, dict[str, Any]]:
    """Sweep over pairs; return the curve by threshold."""
    counted = Sweep(configure(**values), WORDS)
    for pair in order(found):
        counted.add(pair)
    curve = counted.finish()
    return {row.pop("threshold"): row for row in curve}


def is_variant(pair: dict[str, Any]) -> bool:
    """Say whether a pair has the same words with other facts, whatever else it is."""
    return pair["relation"] == "variant" or pair["differs"] is not None


def is_cut(pair: dict[str, Any], policy: dict[str, str]) -> bool:
    """Say whether the policies of a run would take away one side of a pair."""
    if policy["view"] == "full" or pair["relation"] == "template" or is_variant(pair):
        return False
    if pair["left_outlet"] == pair["right_outlet"] and policy["same_outlet"] == "keep":
        return False
    if pair["level"] == "document":
        return policy["copies"] == "drop"
    name = {"quote": "quotes", "rewrite": "rewrites"}.get(pair["relation"], "passages")
    return policy[name] == "cut"


def count_clusters(found: Iterable[dict[str, Any]]) -> int:
    """Count what connected places form; places of half the same characters are one.

    A document is one place. Of several places that a passage could be, it is the leftmost one.
    """
    known: dict[tuple[bool, str], list[set[int]]] = {}
    groups: list[set[tuple[bool, str, int]]] = []
    for pair in found:
        ends = set()
        for side in ("left", "right"):
            unit = (pair["level"] == "document", pair[f"{side}_document"])
            chars = set(range(pair[f"{side}_begin"], pair[f"{side}_end"]))
            places = known.setdefault(unit, [])
            same = [
                (min(place), max(place), number)
                for number, place in enumerate(places)
                if unit[0] or 2 * len(place & chars) >= min(len(place), len(chars))
            ]
            if not same:
                places.append(chars)
            ends.add((*unit, min(same)[2] if same else len(places) - 1))
        joined = [group for group in groups if group & ends]
        groups = [group for group in groups if not group & ends] + [ends.union(*joined)]
    return len(groups)


def count_anew(found: list[dict[str, Any]], policy: dict[str, str]) -> dict[str, int]:
    """Count what a run would cut by pairs that it accepts, character by character."""
    dropped: set[str] = set()
    cut: dict[str, set[int]] = {}
    words: dict[str, int] = {}
    for pair in found:
        if not is_cut(pair, policy):
            continue
        side = "left" if pair["direction"] == "right_first" else "right"
        name, begin, end = (pair[f"{side}_{part}"] for part in ("document", "begin", "end"))
        if pair["level"] == "document":
            dropped.add(name)
        elif name not in dropped:
            new = set(range(begin, end)) - cut.setdefault(name, set())
            cut[name] |= new
            added = round(len(new) / (end - begin) * pair["num_words"])
            words[name] = min(WORDS[name], words.get(name, 0) + added)
    words |= {name: WORDS[name] for name in dropped}
    return {
        "pairs": len(found),
        "documents": len(dropped | set(cut)),
        "dropped": len(dropped),
        "words": sum(words.values()),
        "clusters": count_clusters(pair for pair in found if not is_variant(pair)),
    }


@given(st.lists(pairs(), max_size=8), POLICIES, st.integers(250, 1000))
def test_sweep_is_what_one_counts_anew(
    found: list[dict[str, Any]], policy: dict[str, str], thousandths: int
) -> None:
    """For every threshold, the figures are those of the pairs with this score or a higher one."""
    own = thousandths / 1000
    curve = sweep(found, min_score=own, **policy)
    assert list(curve) == sorted({*HUNDREDTHS, own})
    for threshold, row in curve.items():
        accepted = [pair for pair in order(found) if pair["score"] >= threshold]
        assert row == count_anew(accepted, policy)


@pytest.mark.parametrize("threshold", HUNDREDTHS)
def test_score_at_a_threshold(threshold: float) -> None:
    """A pair with just the score of a threshold is accepted at it, and not at the next one."""
    curve = sweep([make_pair(threshold)])
    assert [at for at, row in curve.items() if row["pairs"]] == [
        at for at in HUNDREDTHS if at <= threshold
    ]


THRESHOLDS = [
    ("a hundredth", 0.97, 0.98, [0.97, 0.98, 0.99, 1.0]),
    ("between two", 0.97, 0.985, [0.97, 0.98, 0.985, 0.99, 1.0]),
    ("below the floor", 0.98, 0.625, [0.625, 0.98, 0.99, 1.0]),
    ("a floor between two", 0.974, 0.99, [0.98, 0.99, 1.0]),
    ("a floor in the upper half", 0.976, 0.99, [0.98, 0.99, 1.0]),
    ("a floor that 100 times is no whole number", 0.07, 0.6, [at / 100 for at in range(7, 101)]),
]


@pytest.mark.parametrize(
    ("floor", "own", "expected"),
    [case[1:] for case in THRESHOLDS],
    ids=[case[0] for case in THRESHOLDS],
)
def test_thresholds(floor: float, own: float, expected: list[float]) -> None:
    """Looked at are the hundredths from the floor on, and the run's own threshold, each once."""
    assert list(sweep([], floor=floor, min_score=own)) == expected


def test_threshold_that_is_no_hundredth() -> None:
    """The row of the run's own threshold counts the pairs that the run accepted, and no others."""
    found = [make_pair(score) for score in (0.62, 0.6249, 0.625, 0.6251, 0.63)]
    curve = sweep(found, min_score=0.625)
    assert [curve[at]["pairs"] for at in (0.62, 0.625, 0.63)] == [5, 3, 1]


CUT = [
    ({}, {}, 10),
    ({}, {"passages": "keep"}, 0),
    ({"relation": "quote"}, {"quotes": "cut"}, 10),
    ({"relation": "quote"}, {"quotes": "keep"}, 0),
    ({"relation": "rewrite"}, {"rewrites": "cut"}, 10),
    ({"relation": "rewrite"}, {"rewrites": "keep"}, 0),
    ({"relation": "wire"}, {"quotes": "keep", "rewrites": "keep"}, 10),
    ({"relation": "template"}, {}, 0),
    ({"relation": "variant"}, {}, 0),
    ({"differs": "figures"}, {}, 0),
    ({"differs": "figures", "level": "document", "relation": "copy"}, {}, 0),
    ({}, {"view": "originals"}, 10),
    ({}, {"view": "full"}, 0),
    ({"level": "document", "relation": "copy"}, {}, 40),
    ({"level": "document", "relation": "copy"}, {"view": "full"}, 0),
    ({"right_outlet": "Courier"}, {"same_outlet": "as_others"}, 10),
    ({"right_outlet": "Courier"}, {"same_outlet": "keep"}, 0),
    ({"level": "document", "relation": "copy"}, {"passages": "keep"}, 40),
    ({"level": "document", "relation": "copy"}, {"copies": "keep"}, 0),
]


@pytest.mark.parametrize(("values", "policy", "expected"), CUT)
def test_policies(values: dict[str, Any], policy: dict[str, str], expected: int) -> None:
    """What a run would keep by its policies costs no words; the pair counts all the same."""
    (row,) = {tuple(row.items()) for row in sweep([make_pair(1.0, **values)], **policy).values()}
    found = dict(row)
    assert (found["words"], found["documents"]) == (expected, int(expected > 0))
    assert found["pairs"] == 1
    assert found["clusters"] == (not is_variant(make_pair(**values)))


@pytest.mark.parametrize(
    ("direction", "expected"), [("left_first", 12), ("unknown", 12), ("right_first", 40)]
)
def test_the_later_one_loses(direction: str, expected: int) -> None:
    """The document that was published later is dropped; the right one where nobody knows."""
    pair = make_pair(level="document", relation="copy", direction=direction, right_document="c")
    assert sweep([pair])[FLOOR]["words"] == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ("days_apart=1; judged=different over=accepted", 0),
        ("judged=different over=refused", 0),
        ("days_apart=1; judged=same over=refused", 10),
        ("judged=different", 10),
    ],
)
def test_verdicts(evidence: str, expected: int) -> None:
    """A pair that a person judged to be different costs nothing at any threshold."""
    row = sweep([make_pair(evidence=evidence)])[FLOOR]
    assert (row["pairs"], row["words"], row["clusters"]) == (1, expected, int(expected > 0))


def test_text_is_cut_once() -> None:
    """Passages that overlap cost each character once, and never more words than there are."""
    first, again = make_pair(0.9), make_pair(0.8, left_document="c", right_begin=25, right_end=75)
    curve = sweep([first, again])
    assert (curve[0.9]["words"], curve[0.8]["words"]) == (10, 15)
    assert sweep([first, make_pair(0.8, num_words=99, right_begin=50, right_end=90)])[0.8] == {
        "pairs": 2, "documents": 1, "dropped": 0, "words": 40, "clusters": 1,
    }  # fmt: skip


def count_places(*extents: tuple[int, int]) -> int:
    """Count the clusters of passages of one document, each with another document of its own."""
    found = [
        make_pair(left_begin=begin, left_end=end, right_document=f"other {at}")
        for at, (begin, end) in enumerate(extents)
    ]
    return int(sweep(found)[FLOOR]["clusters"])


PLACES = [
    ("apart", [(0, 10), (10, 20)], 2),
    ("half of the shorter one", [(0, 100), (95, 105)], 1),
    ("less than half", [(0, 100), (96, 106)], 2),
    ("begins far behind the beginning of a long one", [(0, 100), (60, 70)], 1),
    ("behind a short one inside a long one", [(0, 100), (110, 120), (88, 93)], 2),
    ("over one that is known", [(50, 60), (0, 100)], 1),
    ("over two that are known", [(10, 20), (0, 10), (5, 15)], 2),
]


@pytest.mark.parametrize(
    ("extents", "expected"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES]
)
def test_places(extents: list[tuple[int, int]], expected: int) -> None:
    """Passages that share half of the shorter one are one place, however long the other one is."""
    assert count_places(*extents) == expected


def test_leftmost_place_is_taken() -> None:
    """A passage over two places joins the one further left, not the one that was found first."""
    found = [
        make_pair(left_begin=10, left_end=20, right_document="c"),
        make_pair(left_begin=0, left_end=10, right_document="d"),
        make_pair(left_begin=5, left_end=15, right_document="b"),
        make_pair(left_document="b", right_document="d"),
    ]
    assert sweep(found)[FLOOR]["clusters"] == 2
    found[3]["right_document"] = "c"
    assert sweep(found)[FLOOR]["clusters"] == 1


def test_documents_are_one_place() -> None:
    """Whole documents are one place each, apart from their passages, wherever a copy begins."""
    whole = {"level": "document", "relation": "copy"}
    found = [
        make_pair(right_document="b", **whole),
        make_pair(right_document="c", left_begin=60, left_end=90, **whole),
        make_pair(right_document="d"),
    ]
    assert sweep(found[:2])[FLOOR]["clusters"] == 1
    assert sweep(found)[FLOOR]["clusters"] == 2


def test_many_places_of_one_document() -> None:
    """Each of many places is found again, in whatever order they come."""
    extents = [(20 * (at * 7 % 300), 20 * (at * 7 % 300) + 15) for at in range(300)]
    again = [(begin + 5, end + 5) for begin, end in reversed(extents)]
    assert count_places(*extents) == count_places(*extents, *again) == 300


def test_pairs_of_documents_that_are_not_listed() -> None:
    """They are counted, but not shown."""
    counted = Sweep(configure(), WORDS)
    found = [make_pair(0.91234567), make_pair(0.8, right_document="c", accepted=False)]
    rows = list(pack_pairs(found, {"a": 5, "b": 3}, counted))
    assert rows == [b'[0.912346,1,"passage","sentence",10,5,0,50,3,0,50]']
    assert counted.finish()[0]["pairs"] == 2


def test_curve_of_a_run(tmp_path: Path) -> None:
    """The curve of a run counts its matches, down to the lowest score that it lists."""
    folder = run(tmp_path, match={"score_floor": 0.2, "min_score": 0.625})
    page = read_page(folder / REPORT)
    found = page.decode("threshold")
    scores = [row["score"] for row in read_table(folder, "matches")]
    assert [row["threshold"] for row in found["curve"]] == sorted(
        [0.625, *(at / 100 for at in range(20, 101))]
    )
    for row in found["curve"]:
        assert row["pairs"] == sum(score >= row["threshold"] for score in scores)
    assert (found["threshold"], found["floor"]) == (0.625, 0.2)
    listed = [row[0] for row in page.decode("pairs-0")]
    assert listed == sorted((round(score, 6) for score in scores), reverse=True)
    assert found["numPairs"] == len(scores)
    own = next(row for row in found["curve"] if row["threshold"] == found["threshold"])
    removed = {kind["kind"]: kind["words"] for kind in page.decode("overview")["kinds"]}
    assert (own["words"], own["clusters"]) == (removed["duplicate"], 3)
