"""What can be said of a block by the page that it stands in: elements, class names, containers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from lxml.html import HtmlElement

from cleaner.block_model.class_names import HINTS, read_hints
from cleaner.block_model.text_features import PARAGRAPH_WORDS, Column, Columns, number_keys

Sums = npt.NDArray[np.float64]
"""One number a container."""
_PATH_HINTS = (
    "comment",
    "related",
    "newsletter",
    "caption",
    "share",
    "author",
    "advert",
    "list",
    "sidebar",
    "video",
    "tags",
    "paywall",
)
"""Hints that are asked about on the way from a block up to what holds most of the article."""
_PATH_AT = np.array([list(HINTS).index(name) for name in _PATH_HINTS])
_TAGS = {
    "p": ("p",),
    "h1": ("h1",),
    "h2": ("h2",),
    "h3": ("h3", "h4", "h5", "h6"),
    "li": ("li",),
    "td": ("td", "th", "tr", "dt"),
    "div": ("div",),
    "span": ("span",),
    "blockquote": ("blockquote",),
    "figcaption": ("figcaption",),
    "dd": ("dd",),
    "pre": ("pre",),
    "section": ("section",),
    "button": ("button",),
}
_TAG_AT = {tag: at for at, tags in enumerate(_TAGS.values()) for tag in tags}
_ANCESTORS = (
    "article",
    "main",
    "aside",
    "nav",
    "header",
    "footer",
    "figure",
    "table",
    "form",
    "ul",
    "ol",
    "blockquote",
    "section",
    "details",
    "button",
    "li",
)
_ANCESTOR_BITS = {tag: 1 << at for at, tag in enumerate(_ANCESTORS)}
_LEVELS = 4
_MAX_HINT_LEVELS = 9
_NO_HEADING = -99.0
_MAX_LINK_RATIO = 0.5
_COMMON_SHARES = {"half": 0.5, "most": 0.8}
_BOX_NAMES = (
    "words",
    "linked",
    "blocks",
    "mean_words",
    "paragraphs",
    "paragraph_share",
    "running",
    "page_share",
)
_SCORE_PARTS = np.array([1, 1, 2, 3])
"""What a paragraph's points are divided by, for the element around it and those further up."""
_POINT_WORDS, _MAX_POINTS = 25, 3


def describe_page(
    owners: Sequence[HtmlElement], columns: Columns, link_ratios: Sequence[float]
) -> Columns:
    """Return the features of each block that come from its elements and their class names.

    Args:
        owners: The innermost block element around each block.
        columns: What `describe_text` gave.
        link_ratios: Share of each block's characters that are link text, in [0, 1].
    """
    links = np.array(link_ratios, dtype=np.float32)
    is_paragraph = (
        (columns["words"] >= PARAGRAPH_WORDS)
        & (columns["ends_sentence"] > 0)
        & (links < _MAX_LINK_RATIO)
    )
    boxes = _Boxes(owners)
    held = _sum_up(boxes, columns, links, is_paragraph)
    found = _tags(boxes) | _hints(boxes) | _sizes(boxes, held) | _ways(boxes, held)
    found |= _likes(boxes, columns["words"], links, is_paragraph)
    return found | _headings(boxes) | {"link_ratio": links}


class _Boxes:
    """The containers of a page: elements that hold blocks, each before those in it.

    Attributes:
        tags: The tag of each container.
        signatures: Its tag and class: what elements of one kind share.
        hints: Hints in its names, as bits in the order of `HINTS`.
        around: Which of `_ANCESTORS` it is or stands in, as bits.
        depth: How many containers are around it.
        parent: The next one around it; -1 for none.
        end: The first container that is neither it nor in it, shape (containers,).
        owner: The innermost container of each block, shape (blocks,).
    """

    def __init__(self, owners: Sequence[HtmlElement]) -> None:
        self.tags: list[str] = []
        self.signatures: list[str] = []
        self.hints: list[int] = []
        self.around: list[int] = []
        self.depth: list[int] = []
        self.parent: list[int] = []
        self._known: dict[HtmlElement, int] = {}
        self.owner = np.array([self._find(owner) for owner in owners], dtype=np.int64)
        self.end = np.array(self._find_ends(), dtype=np.int64)

    def __len__(self) -> int:
        return len(self.tags)

    def levels(self, num: int) -> npt.NDArray[np.int64]:
        """Return the containers around each block, from the inside out, shape (num, blocks).

        Above the outermost there is -1.
        """
        above = np.array([*self.parent, -1])
        levels = [self.owner]
        for _ in range(num - 1):
            levels.append(above[levels[-1]])
        return np.array(levels)

    def _find(self, element: HtmlElement) -> int:
        """Return the container of an element, those around it first."""
        known = self._known
        missing = []
        node = element
        while node is not None and node not in known and node.tag != "html":
            missing.append(node)
            node = node.getparent()
        at = known.get(node, -1) if node is not None else -1
        for each in reversed(missing):
            attributes = dict(each.items())
            signature = f"{each.tag}.{attributes.get('class', '')}"
            at = self._add(each, signature, read_hints(attributes) if attributes else 0, at)
        if at < 0:  # A page whose only block element is the root.
            at = self._add(element, element.tag, 0, -1)
        return at

    def _add(self, element: HtmlElement, signature: str, hints: int, parent: int) -> int:
        around, depth = (self.around[parent], self.depth[parent] + 1) if parent >= 0 else (0, 0)
        tag = element.tag
        at = self._known[element] = len(self.tags)
        self.tags.append(tag)
        self.signatures.append(signature)
        self.hints.append(hints)
        self.around.append(around | _ANCESTOR_BITS.get(tag, 0))
        self.depth.append(depth)
        self.parent.append(parent)
        return at

    def _find_ends(self) -> list[int]:
        ends = list(range(1, len(self) + 1))
        for at, parent in zip(reversed(range(len(self))), reversed(self.parent), strict=True):
            if parent >= 0 and ends[at] > ends[parent]:
                ends[parent] = ends[at]
        return ends


class _Held(msgspec.Struct, frozen=True):
    """What the blocks in each container sum up to, each of shape (containers,).

    Attributes:
        linked: Words in links.
        running: Words of paragraphs.
        score: How much it looks like what holds the article. Source: Readability (Arc90): each
            paragraph gives points to the elements above it, fewer the further up.
        all_words: Words of the page, and `all_running` those of its paragraphs; at least 1.
    """

    blocks: Sums
    words: Sums
    linked: Sums
    paragraphs: Sums
    running: Sums
    score: Sums
    all_words: float
    all_running: float

    @property
    def link_ratio(self) -> Sums:
        return self.linked / np.maximum(1, self.words)


def _sum_up(
    boxes: _Boxes, columns: Columns, links: Column, is_paragraph: npt.NDArray[np.bool_]
) -> _Held:
    words = columns["words"].astype(np.float64)
    parts = (np.ones_like(words), words, words * links, is_paragraph, words * is_paragraph)
    own = [np.bincount(boxes.owner, weights=part, minlength=len(boxes)) for part in parts]
    sums = np.zeros((len(parts), len(boxes) + 1), dtype=np.float64)
    np.cumsum(own, axis=1, out=sums[:, 1:])
    # The order does not matter: whole numbers, and words times shares of four digits, are exact.
    blocks, words, linked, paragraphs, running = sums[:, boxes.end] - sums[:, :-1]
    is_whole = np.array(boxes.parent) < 0
    points = 1 + columns["commas"] + np.minimum(columns["words"] / _POINT_WORDS, _MAX_POINTS)
    scored = boxes.levels(len(_SCORE_PARTS)).T[is_paragraph] + 1
    shares = points[is_paragraph, None].astype(np.float64) / _SCORE_PARTS
    size = len(boxes) + 1
    score = np.bincount(scored.ravel(), weights=shares.ravel(), minlength=size).astype(np.float64)
    return _Held(
        blocks,
        words,
        linked,
        paragraphs,
        running,
        score[1:],
        all_words=max(1.0, float(words[is_whole].sum())),
        all_running=max(1.0, float(running[is_whole].sum())),
    )


def _tags(boxes: _Boxes) -> Columns:
    """Return which element a block is in, and which are around it."""
    tag = np.array([_TAG_AT.get(tag, -1) for tag in boxes.tags])[boxes.owner]
    around = np.array(boxes.around)[boxes.owner]
    is_own = tag == np.arange(len(_TAGS))[:, None]
    is_around = around >> np.arange(len(_ANCESTORS))[:, None] & 1
    return (
        _named([f"is_{tag}" for tag in _TAGS], is_own)
        | _named([f"in_{tag}" for tag in _ANCESTORS], is_around)
        | {"depth": np.array(boxes.depth, dtype=np.float32)[boxes.owner]}
    )


def _hints(boxes: _Boxes) -> Columns:
    """Return for each hint how many elements up its first name stands."""
    has_hint = np.array([*boxes.hints, 0]) >> np.arange(len(HINTS))[:, None] & 1 > 0
    levels = np.full((len(HINTS), len(boxes.owner)), _MAX_HINT_LEVELS)
    for level, box in reversed(list(enumerate(boxes.levels(_MAX_HINT_LEVELS)))):
        levels[has_hint[:, box]] = level
    return _named([f"hint_{name}" for name in HINTS], levels)


def _sizes(boxes: _Boxes, held: _Held) -> Columns:
    """Return what the containers around each block hold, one level after the other."""
    table = np.array(
        [
            held.words,
            held.link_ratio,
            held.blocks,
            held.words / held.blocks,
            held.paragraphs,
            held.running / held.all_running,
            held.running / np.maximum(1, held.words),
            held.words / held.all_words,
        ]
    )
    found: Columns = {}
    box = boxes.owner
    parent = np.array(boxes.parent)
    for level in range(_LEVELS):
        found |= _named([f"box{level}_{name}" for name in _BOX_NAMES], table[:, box])
        box = np.where(parent[box] >= 0, parent[box], box)
    return found


def _ways(boxes: _Boxes, held: _Held) -> Columns:
    """Return how far each block is from the elements that most likely hold the article."""
    best = int(np.argmax(held.score * (1 - held.link_ratio)))
    depth = np.array(boxes.depth)
    targets = {"best": best}
    for name, share in _COMMON_SHARES.items():
        holds = held.running >= share * held.all_running
        targets[name] = int(np.argmax(np.where(holds, depth, -1))) if holds.any() else -1
    found: Columns = {}
    common = {target: _find_common(boxes, target) for target in targets.values()}
    for name, target in targets.items():
        shared = np.append(depth, -1)[common[target]]
        up, down = (depth[target] if target >= 0 else -1) - shared, depth - shared
        found |= _named([f"{name}_up", f"{name}_down"], np.array([up, down])[:, boxes.owner])
    hints = _pass_hints(boxes, common[targets["most"]].tolist())[boxes.owner]
    found |= _named([f"path_{name}" for name in _PATH_HINTS], hints >> _PATH_AT[:, None] & 1)
    scores = np.append(held.score, 0)[boxes.levels(_LEVELS)].max(axis=0).astype(np.float32)
    return found | {"best_score": scores / np.float32(max(1e-6, held.score[best]))}


def _find_common(boxes: _Boxes, target: int) -> npt.NDArray[np.int64]:
    """Return the innermost container around both each container and a target, or either itself.

    It is -1 where there is none, or no target (-1): both ways lead out of the page then.
    """
    above = []
    while target >= 0:
        above.append(target)
        target = boxes.parent[target]
    common = np.full(len(boxes), -1)
    for at in reversed(above):
        common[at : boxes.end[at]] = at
    return common


def _pass_hints(boxes: _Boxes, common: Sequence[int]) -> npt.NDArray[np.int64]:
    """Return the hints in the names from each container up to below what it has in common."""
    passed: list[int] = []
    for at, (parent, hints) in enumerate(zip(boxes.parent, boxes.hints, strict=True)):
        before = passed[parent] if parent >= 0 else 0
        passed.append(0 if common[at] == at else before | hints)
    return np.array(passed)


def _likes(
    boxes: _Boxes, words: Column, links: Column, is_paragraph: npt.NDArray[np.bool_]
) -> Columns:
    """Return what is true of all blocks in elements of the same tag and class together."""
    index = number_keys(boxes.signatures)[boxes.owner]
    count = np.maximum(1, np.bincount(index))
    num_words = np.bincount(index, weights=words)
    linked = np.bincount(index, weights=words * links)
    running = np.bincount(index, weights=is_paragraph)
    found = {
        "like_count": count,
        "like_mean_words": num_words / count,
        "like_linked": linked / np.maximum(num_words, 1),
        "like_paragraphs": running / count,
    }
    return {name: column[index].astype(np.float32) for name, column in found.items()}


def _headings(boxes: _Boxes) -> Columns:
    """Return how far each block is from the first `h1`, and how many there are."""
    size = len(boxes.owner)
    is_first_heading = np.array([*(tag == "h1" for tag in boxes.tags), False])
    places = np.flatnonzero(is_first_heading[boxes.levels(2)].any(axis=0))
    since = np.arange(size) - places[0] if len(places) else np.full(size, _NO_HEADING)
    return {
        "since_heading": since.astype(np.float32),
        "num_headings": np.full(size, len(places), dtype=np.float32),
    }


def _named(names: Sequence[str], table: npt.NDArray[Any]) -> Columns:
    """Return the rows of a table as columns."""
    return dict(zip(names, table.astype(np.float32), strict=True))
