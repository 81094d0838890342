"""The data of the page in compressed pieces, and which page each of them lies in.

A chunk is JSON, compressed and in base64: it holds no character that HTML knows, whatever a text
says, and a browser decodes it when it is looked at. Chunks wait in a file, not in memory.
"""

from __future__ import annotations

import base64
import gzip
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import accumulate
from typing import IO, Any

import msgspec

CHUNK_BYTES = 1 << 18
"""Details are put together up to this size: a browser decodes 256 kB in some 5 ms (measured)."""
_LEVEL = 6
_MOST_WAITING = 8
"""Chunks to be packed; what comes next waits for them."""
PART_RATIO = 4
"""Other pages may be so many times as large as the main one: each holds the lists once more, and
nobody waits for it but who looks for what is in it (by hand)."""


class Details(msgspec.Struct):
    """Chunks of things that are looked at one at a time.

    Attributes:
        name: Their chunks are called `name-0`, `name-1`, ...
        counts: How many things each chunk holds.
        sizes: The size of each chunk in the page, in bytes.
    """

    name: str
    counts: list[int] = msgspec.field(default_factory=list)
    sizes: list[int] = msgspec.field(default_factory=list)

    @property
    def num_items(self) -> int:
        """How many things there are."""
        return sum(self.counts)

    @property
    def firsts(self) -> list[int]:
        """The number of the first thing in each chunk."""
        return list(accumulate(self.counts, initial=0))[:-1]

    def chunk(self, number: int) -> str:
        """Name a chunk."""
        return f"{self.name}-{number}"


class ChunkFile:
    """Chunks on their way into pages.

    Args:
        file: Where they wait, opened for reading and writing in binary mode.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def add(self, name: str, value: Any) -> int:
        """Store a value under a name, and return its size in the page in bytes."""
        return self._put(name, _pack(msgspec.json.encode(value)))

    def _put(self, name: str, packed: bytes) -> int:
        self._file.seek(self._end)
        self._file.write(packed)
        self._places[name] = (self._end, len(packed))
        self._end += len(packed)
        return len(packed)

    def add_details(self, name: str, items: Iterable[bytes]) -> Details:
        """Store things one by one, each given as JSON; a thread packs them."""
        details = Details(name)
        under_way: deque[Future[bytes]] = deque()

        def put_first() -> None:
            chunk = details.chunk(len(details.sizes))
            details.sizes.append(self._put(chunk, under_way.popleft().result()))

        with ThreadPoolExecutor(1) as thread:
            for chunk in _join(items):
                details.counts.append(len(chunk))
                under_way.append(thread.submit(_pack, b"[" + b",".join(chunk) + b"]"))
                if len(under_way) > _MOST_WAITING:
                    put_first()
            while under_way:
                put_first()
        return details

    def read(self, name: str) -> str:
        """Return a chunk as the page holds it."""
        begin, size = self._places[name]
        self._file.seek(begin)
        return self._file.read(size).decode("ascii")


def _join(items: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield things together that come to the size of a chunk."""
    waiting: list[bytes] = []
    size = 0
    for item in items:
        waiting.append(item)
        size += len(item)
        if size >= CHUNK_BYTES:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def _pack(encoded: bytes) -> bytes:
    return base64.b64encode(gzip.compress(encoded, _LEVEL, mtime=0))


class Distribution(msgspec.Struct, frozen=True):
    """In which page each chunk of details is.

    Attributes:
        inside: Chunks in the main page.
        parts: Other pages, by path beside the main page: the chunks in each.
    """

    inside: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]

    def find_elsewhere(self, page: str | None, main_page: str) -> dict[str, str]:
        """Return where a page finds the chunks that it does not hold, relative to itself.

        Args:
            page: One of `parts`; None for the main page.
            main_page: The name of the main page.
        """
        if page is None:
            return {name: path for path, names in self.parts.items() for name in names}
        beside = {
            name: path.rpartition("/")[2]
            for path, names in self.parts.items()
            if path != page
            for name in names
        }
        return beside | dict.fromkeys(self.inside, f"../{main_page}")


def distribute(details: Iterable[Details], max_bytes: int, folder: str) -> Distribution:
    """Fill the main page up to a size, and others with what is left.

    Every kind of details has the same share of the main page; one that needs less leaves room for
    the others. The first chunks of a kind are inside, the rest goes to pages of its own.

    Args:
        details: The kinds of details, each with all of its chunks.
        max_bytes: The size that details may have in the main page, and a quarter of what they may
            have in another one; a single chunk may be larger.
        folder: The folder that the other pages lie in.
    """
    inside: list[str] = []
    parts: dict[str, tuple[str, ...]] = {}
    waiting = sorted(details, key=lambda kind: (sum(kind.sizes), kind.name))
    room = max_bytes
    for at, kind in enumerate(waiting):
        share = room // (len(waiting) - at)
        num_inside = used = 0
        for size in kind.sizes:
            if used + size > share:
                break
            used += size
            num_inside += 1
        room -= used
        inside += [kind.chunk(number) for number in range(num_inside)]
        for page, numbers in enumerate(_split(kind, num_inside, PART_RATIO * max_bytes), start=1):
            names = tuple(kind.chunk(number) for number in numbers)
            parts[f"{folder}/{kind.name}-{page:03}.html"] = names
    return Distribution(tuple(inside), parts)


def _split(kind: Details, first: int, max_bytes: int) -> Iterator[list[int]]:
    page: list[int] = []
    used = 0
    for number in range(first, len(kind.sizes)):
        if page and used + kind.sizes[number] > max_bytes:
            yield page
            page, used = [], 0
        page.append(number)
        used += kind.sizes[number]
    if page:
        yield page
