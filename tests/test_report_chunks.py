"""Chunks come back as they were stored, and each of them lies in exactly one page."""

import tempfile
from itertools import chain, pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_pages import decode

from cleaner.report import chunks
from cleaner.report.chunks import PART_RATIO, ChunkFile, Details, Distribution, distribute

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.dictionaries(
    st.sampled_from(["texts", "members", "pairs"]), st.lists(st.integers(1, 60), max_size=12)
).map(lambda sizes: [Details(name, [1] * len(of), of) for name, of in sizes.items()])


@given(st.lists(VALUES, max_size=5))
def test_chunks_come_back(values: list[Any]) -> None:
    """Whatever is stored is read as base64 of the size that was said, and decodes to itself."""
    with tempfile.TemporaryFile() as file:
        stored = ChunkFile(file)
        for number, value in enumerate(values):
            size = stored.add(f"chunk-{number}", value)
            assert len(stored.read(f"chunk-{number}")) == size
        assert [decode(stored.read(f"chunk-{at}")) for at in range(len(values))] == values


def test_last_value_of_a_name_counts() -> None:
    """A chunk that is stored again takes the place of the first one, and of no other."""
    with tempfile.TemporaryFile() as file:
        stored = ChunkFile(file)
        for name, value in (("a", "one"), ("b", "two"), ("a", "a longer one than before")):
            stored.add(name, value)
        assert [decode(stored.read(name)) for name in "ab"] == ["a longer one than before", "two"]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([9, 1, 1], [2, 1]),
        ([10, 9, 2], [1, 2]),
        ([4, 4, 1, 50, 4, 4, 4], [4, 3]),
        ([100], [1]),
    ],
)
def test_details_fill_chunks(
    lengths: list[int], expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk is closed once its things have the size of a chunk; they stay in order."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 10)
    items = [str(number % 10) * length for number, length in enumerate(lengths, start=1)]
    with tempfile.TemporaryFile() as file:
        stored = ChunkFile(file)
        details = stored.add_details("texts", (item.encode() for item in items))
        names = [details.chunk(number) for number in range(len(expected))]
        found = [decode(stored.read(name)) for name in names]
        assert details.sizes == [len(stored.read(name)) for name in names]
    assert (details.counts, details.num_items) == (expected, len(items))
    assert details.firsts == [sum(expected[:at]) for at in range(len(expected))]
    assert list(chain(*found)) == [int(item) for item in items]


def test_details_are_any_json() -> None:
    """Things are stored as they are encoded, whatever stands in them."""
    items = [{"text": "</script>,]["}, ["\U0001d11e\n", None], 5]
    with tempfile.TemporaryFile() as file:
        stored = ChunkFile(file)
        stored.add_details("texts", map(msgspec.json.encode, items))
        assert decode(stored.read("texts-0")) == items


def size_of(names: tuple[str, ...], kinds: list[Details]) -> int:
    """Return the size of chunks together."""
    sizes = {kind.chunk(at): size for kind in kinds for at, size in enumerate(kind.sizes)}
    return sum(sizes[name] for name in names)


@given(KINDS, st.integers(1, 200))
def test_every_chunk_is_in_one_place(kinds: list[Details], max_bytes: int) -> None:
    """Chunks are inside or in one other page; both keep to the size and fill it."""
    found = distribute(kinds, max_bytes, "data")
    names = [kind.chunk(number) for kind in kinds for number in range(len(kind.sizes))]
    assert sorted([*found.inside, *chain(*found.parts.values())]) == sorted(names)
    assert size_of(found.inside, kinds) <= max_bytes
    for kind in kinds:
        own = [name for name in found.inside if name.startswith(kind.name)]
        pages = [path for path in found.parts if path.startswith(f"data/{kind.name}")]
        others = list(chain(*(found.parts[path] for path in sorted(pages))))
        assert [*own, *others] == [kind.chunk(number) for number in range(len(kind.sizes))]
        for path, after in pairwise(sorted(pages)):
            too_many = (*found.parts[path], found.parts[after][0])
            assert size_of(too_many, kinds) > PART_RATIO * max_bytes
    for path, held in found.parts.items():
        assert held
        assert {name.partition("-")[0] for name in held} == {path[5:].partition("-")[0]}
        assert size_of(held, kinds) <= PART_RATIO * max_bytes or len(held) == 1


@given(KINDS)
def test_what_fits_is_inside(kinds: list[Details]) -> None:
    """There are no other pages if all fits into one, and there are if it is a byte too much."""
    whole = sum(sum(kind.sizes) for kind in kinds)
    assert distribute(kinds, whole, "data").parts == {}
    assert bool(distribute(kinds, whole - 1, "data").parts) is (whole > 0)


def test_kinds_share_the_page() -> None:
    """Each kind has its share of the page; what one does not need is the others'."""
    kinds = [Details("texts", [1] * 9, [10] * 9), Details("members", [1], [4]),
             Details("pairs", [1] * 6, [10] * 6)]  # fmt: skip
    found = distribute(kinds, 100, "data")
    held = [sum(name.startswith(kind.name) for name in found.inside) for kind in kinds]
    assert held == [5, 1, 4]
    assert dict(found.parts) == {
        "data/pairs-001.html": ("pairs-4", "pairs-5"),
        "data/texts-001.html": ("texts-5", "texts-6", "texts-7", "texts-8"),
    }


def test_elsewhere_is_relative_to_the_page() -> None:
    """A page finds what it does not hold beside itself, or one folder up."""
    parts = {"data/a-001.html": ("a-1", "a-2"), "data/b-001.html": ("b-0",)}
    found = Distribution(("a-0",), parts)
    assert found.find_elsewhere(None, "main.html") == {
        "a-1": "data/a-001.html", "a-2": "data/a-001.html", "b-0": "data/b-001.html",
    }  # fmt: skip
    assert found.find_elsewhere("data/a-001.html", "main.html") == {
        "a-0": "../main.html", "b-0": "b-001.html",
    }  # fmt: skip
