"""What can be said of a block by the page that it stands in: elements, class names, containers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from lxml.html import HtmlElement

from cleaner.block_model.text_features import PARAGRAPH_WORDS, Column, Columns, number_keys

_HINTS = {
    "body": r"article-?_?body|articlebody|story-?_?body|entry-?content|post-?content"
    r"|article-?content|articletext|article__text|maincontent|main-content|body-?text|bodytext"
    r"|content-?body|richtext|rich-text|wysiwyg|prose|artikel|texto|corpo|cuerpo|contenu",
    "content": r"content|article|story|post|entry|text|body|main",
    "paragraph": r"paragraph|paragraf|\bp\b|absatz|parrafo",
    "comment": r"comment|disqus|discussion|reply|replies|respond|kommentar|forum",
    "share": r"share|sharing|social|facebook|twitter|whatsapp|follow|addtoany|teilen",
    "related": r"relat|recommend|more-|morefrom|also|read-?next|readnext|popular|trending"
    r"|most-?read|latest|outbrain|taboola|similar|suggest|further|teaser|promo|mehr-|weitere",
    "caption": r"caption|credit|bildunter|legend|figure|photo|image|media|gallery|slideshow"
    r"|carousel|bild",
    "video": r"video|player|audio|podcast|embed",
    "newsletter": r"newsletter|subscri|sign-?up|signup|mailing|optin|opt-in|abonn|register|login",
    "advert": r"\bad\b|\bads\b|advert|sponsor|adslot|ad-slot|dfp|banner|anzeige|werbung|publi"
    r"|commercial|affiliate",
    "navigation": r"nav|menu|breadcrumb|crumb|toolbar|topbar|tabs?\b|pagination|pager|skip",
    "footer": r"footer|foot\b|bottom|copyright|legal|imprint|colophon",
    "header": r"header|masthead|\bhead\b|topstory|branding|logo",
    "sidebar": r"sidebar|side-bar|aside|rail|widget|complementary|secondary|column-right|right-col",
    "author": r"author|byline|\bbio\b|writer|contributor|autor|journalist|profile",
    "meta": r"meta|date|time|published|updated|timestamp|info|datum|fecha",
    "tags": r"\btags?\b|tag-|tagcloud|topics?|categor|keyword|label|section-name",
    "paywall": r"paywall|premium|locked|metered|gated|plus-|piano|tp-|offer|subscriber",
    "consent": r"cookie|consent|gdpr|privacy|modal|popup|pop-up|overlay|dialog|toast|notification"
    r"|alert|banner",
    "title": r"title|headline|heading|kicker|overline",
    "lead": r"lead|standfirst|summary|intro|dek|subtitle|sub-?head|abstract|excerpt|vorspann"
    r"|teaser|description",
    "list": r"list|grid|card|item|tile|feed|stream|index|archive",
    "hidden": r"hidden|hide|collapsed|sr-only|visually-hidden|screen-reader|invisible|d-none"
    r"|noprint|no-print|print",
    "product": r"product|price|shop|buy|cart|store|rating|review-score",
    "donate": r"donat|support|contribut|membership|spende",
    "footnote": r"footnote|reference|citation|endnote|source",
    "button": r"button|btn|\bcta\b|icon|link",
    "quote": r"quote|pull|blockquote",
}
"""Words that the class names of pages are made of, by what they are a hint of."""
HINTS = tuple(_HINTS)
_HINT_PATTERNS = [re.compile(pattern) for pattern in _HINTS.values()]
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
_PATH_BITS = tuple(1 << HINTS.index(name) for name in _PATH_HINTS)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ATTRIBUTES = (
    "class",
    "id",
    "itemprop",
    "role",
    "data-component",
    "data-testid",
    "data-type",
    "aria-label",
)
_MAX_NAME_CHARS = 300
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
_LEVELS = 4
_MAX_HINT_LEVELS = 9
_NO_HEADING = -99.0
_MAX_LINK_RATIO = 0.5
_COMMON_SHARES = (0.5, 0.8)


@dataclass(slots=True, eq=False)
class _Container:
    """An element that holds blocks, with what they sum up to.

    Attributes:
        hints: Hints in its names, as bits in the order of `HINTS`.
        signature: Its tag and class: what elements of one kind share.
        linked: Words in links.
        score: How much it looks like what holds the article. Source: Readability (Arc90): each
            paragraph gives points to the elements above it, fewer the further up.
    """

    tag: str
    hints: int
    depth: int
    signature: str
    parent: _Container | None
    words: float = 0.0
    linked: float = 0.0
    paragraph_words: float = 0.0
    score: float = 0.0
    blocks: int = 0
    paragraphs: int = 0

    @property
    def link_ratio(self) -> float:
        return self.linked / max(1.0, self.words)

    def chain(self) -> Iterator[_Container]:
        """Yield the container and all around it, from the inside out."""
        node: _Container | None = self
        while node is not None:
            yield node
            node = node.parent


_SCORE_PARTS = (1, 1, 2, 3)
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
    boxes = _Boxes(owners, columns, links, is_paragraph)
    found = boxes.tags() | boxes.hints() | boxes.sizes() | boxes.distances() | boxes.likes()
    return found | boxes.headings() | {"link_ratio": links}


class _Boxes:
    """The containers of a page, and the columns that come from them."""

    def __init__(
        self,
        owners: Sequence[HtmlElement],
        columns: Columns,
        links: Column,
        is_paragraph: npt.NDArray[np.bool_],
    ) -> None:
        self._known: dict[HtmlElement, _Container] = {}
        self._words, self._links, self._is_paragraph = columns["words"], links, is_paragraph
        self.chains = [list(self._find(owner).chain()) for owner in owners]
        points = 1 + columns["commas"] + np.minimum(columns["words"] / _POINT_WORDS, _MAX_POINTS)
        for at, chain in enumerate(self.chains):
            words, is_running = float(self._words[at]), bool(is_paragraph[at])
            linked = words * float(links[at])
            for node in chain:
                node.words += words
                node.linked += linked
                node.blocks += 1
                if is_running:
                    node.paragraphs += 1
                    node.paragraph_words += words
            if is_running:
                for node, part in zip(chain, _SCORE_PARTS, strict=False):
                    node.score += float(points[at]) / part

    def _find(self, element: HtmlElement) -> _Container:
        """Return the container of an element, those around it first."""
        missing = []
        node = element
        while node is not None and node not in self._known and node.tag != "html":
            missing.append(node)
            node = node.getparent()
        parent = self._known.get(node) if node is not None else None
        for each in reversed(missing):
            names = " ".join(value for name in _ATTRIBUTES if (value := each.get(name)))
            parent = self._known[each] = _Container(
                tag=each.tag,
                hints=_hints(names[:_MAX_NAME_CHARS]) if names else 0,
                depth=parent.depth + 1 if parent else 0,
                signature=f"{each.tag}.{each.get('class') or ''}",
                parent=parent,
            )
        if parent is None:  # A page whose only block element is the root.
            parent = self._known[element] = _Container(element.tag, 0, 0, element.tag, None)
        return parent

    def tags(self) -> Columns:
        """Return which element a block is in, and which are around it."""
        own = np.zeros((len(self.chains), len(_TAGS)), dtype=np.float32)
        around = np.zeros((len(self.chains), len(_ANCESTORS)), dtype=np.float32)
        for at, chain in enumerate(self.chains):
            if (which := _TAG_AT.get(chain[0].tag)) is not None:
                own[at, which] = 1
            above = {node.tag for node in chain}
            around[at] = [tag in above for tag in _ANCESTORS]
        return (
            {f"is_{tag}": own[:, at] for at, tag in enumerate(_TAGS)}
            | {f"in_{tag}": around[:, at] for at, tag in enumerate(_ANCESTORS)}
            | {"depth": np.array([chain[0].depth for chain in self.chains], dtype=np.float32)}
        )

    def hints(self) -> Columns:
        """Return for each hint how many elements up its first name stands."""
        levels = np.full((len(self.chains), len(HINTS)), _MAX_HINT_LEVELS, dtype=np.float32)
        for at, chain in enumerate(self.chains):
            seen = 0
            for level, node in enumerate(chain[:_MAX_HINT_LEVELS]):
                new = node.hints & ~seen
                seen |= new
                while new:
                    low = new & -new
                    levels[at, low.bit_length() - 1] = level
                    new ^= low
        return {f"hint_{name}": levels[:, at] for at, name in enumerate(HINTS)}

    def sizes(self) -> Columns:
        """Return what the containers around each block hold, one level after the other."""
        whole = [node for node in self._known.values() if node.parent is None]
        words = max(1.0, sum(node.words for node in whole))
        running = max(1.0, sum(node.paragraph_words for node in whole))
        found: Columns = {}
        for level in range(_LEVELS):
            boxes = [chain[min(level, len(chain) - 1)] for chain in self.chains]
            table = np.array(
                [
                    (
                        box.words,
                        box.link_ratio,
                        box.blocks,
                        box.words / box.blocks,
                        box.paragraphs,
                        box.paragraph_words / running,
                        box.paragraph_words / max(1.0, box.words),
                        box.words / words,
                    )
                    for box in boxes
                ],
                dtype=np.float32,
            )
            for at, name in enumerate(_BOX_NAMES):
                found[f"box{level}_{name}"] = table[:, at]
        return found

    def distances(self) -> Columns:
        """Return how far each block is from the elements that most likely hold the article."""
        nodes = list(self._known.values())
        running = max(1.0, sum(node.paragraph_words for node in nodes if node.parent is None))
        best = max(nodes, key=lambda node: node.score * (1 - node.link_ratio))
        half, most = (
            max(
                (node for node in nodes if node.paragraph_words >= share * running),
                key=lambda node: node.depth,
                default=None,
            )
            for share in _COMMON_SHARES
        )
        found: Columns = {}
        for name, target in (("best", best), ("half", half), ("most", most)):
            above = {id(node): up for up, node in enumerate(target.chain())} if target else {}
            table = np.zeros((len(self.chains), 2 + len(_PATH_BITS)), dtype=np.float32)
            for at, chain in enumerate(self.chains):
                bits = 0
                down, up = len(chain), len(above)
                for level, node in enumerate(chain):
                    if id(node) in above:
                        down, up = level, above[id(node)]
                        break
                    bits |= node.hints
                table[at] = (up, down, *(bool(bits & bit) for bit in _PATH_BITS))
            found[f"{name}_up"], found[f"{name}_down"] = table[:, 0], table[:, 1]
            if name == "most":
                for at, hint in enumerate(_PATH_HINTS):
                    found[f"path_{hint}"] = table[:, 2 + at]
        scores = [max(node.score for node in chain[:_LEVELS]) for chain in self.chains]
        found["best_score"] = np.array(scores, dtype=np.float32) / max(1e-6, best.score)
        return found

    def likes(self) -> Columns:
        """Return what is true of all blocks in elements of the same tag and class together."""
        keys = [chain[0].signature for chain in self.chains]
        index = number_keys(keys)
        count = np.bincount(index)
        words = np.bincount(index, weights=self._words)
        linked = np.bincount(index, weights=self._words * self._links)
        running = np.bincount(index, weights=self._is_paragraph)
        found = {
            "like_count": count[index],
            "like_mean_words": (words / count)[index],
            "like_linked": (linked / np.maximum(words, 1))[index],
            "like_paragraphs": (running / count)[index],
        }
        return {name: column.astype(np.float32) for name, column in found.items()}

    def headings(self) -> Columns:
        """Return how far each block is from the first `h1`, and how many there are."""
        size = len(self.chains)
        places = [at for at, c in enumerate(self.chains) if any(n.tag == "h1" for n in c[:2])]
        since = np.arange(size) - places[0] if places else np.full(size, _NO_HEADING)
        return {
            "since_heading": since.astype(np.float32),
            "num_headings": np.full(size, len(places), dtype=np.float32),
        }


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


@functools.lru_cache(maxsize=1 << 14)
def _hints(names: str) -> int:
    """Return the hints in an element's names, as bits in the order of `HINTS`."""
    names = _CAMEL.sub("-", names).lower()
    return sum(1 << at for at, pattern in enumerate(_HINT_PATTERNS) if pattern.search(names))
