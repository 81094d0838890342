"""Cut a page into blocks: its paragraphs, with the elements that they are of."""

from __future__ import annotations

import re

from lxml import etree, html

from cleaner.model import Block

_BLANKS = " \t\n\r\f"
_SPACES = re.compile("  +")
_BETWEEN = "\x00"
"""No character of a page: `_parse` replaces it."""
_UNSEEN = frozenset(
    "script style noscript template svg math head title iframe object embed audio video canvas "
    "select datalist textarea map".split()
)
"""Elements whose text no reader of the page sees as text."""
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meter "
    "nobr picture q rp rt ruby s samp small source span strike strong sub sup time tt u var wbr "
    "progress output amp-img".split()
)
"""Elements that do not end a block; every other one does, known or not."""
_TAG = re.compile(r"</?([a-zA-Z][^\s/<>]*)(?:[\s/][^<>]*)?>")
_NEVER_NESTED = frozenset("html body meta link base a br p h1 h2 h3 time".split())
_PAGE_END = re.compile(r"</(?:body|html)\b[^<>]*>", re.IGNORECASE)
_ELEMENT_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement)
"""That of `lxml.html` asks a Python function for the class of each element, each time."""
_RESOURCE_LIMIT = etree.ErrorTypes.ERR_RESOURCE_LIMIT
_MAX_TAGS = 6


def drop_page_ends(source: str) -> str:
    """Remove the tags that end a page: libxml2 drops what follows, browsers show it.

    Templates put them before the end, and two pages in a row are one article in some crawls.

    >>> drop_page_ends("<body>One</body></html><p>Two")
    '<body>One<p>Two'
    """
    return _PAGE_END.sub("", source)


def parse_page(source: str) -> html.HtmlElement | None:
    """Parse a page, however deep and broken; None if there is no element in it.

    libxml2 drops all that follows the first 2,048 elements within each other. Such a page is parsed
    again with paragraphs in place of what it nests.
    """
    source = drop_page_ends(source)
    root, is_whole = _parse(source)
    return root if is_whole else _parse(_TAG.sub(_flatten, source))[0]


def _parse(source: str) -> tuple[html.HtmlElement | None, bool]:
    """Return the root of a page, and whether the parser went to the end of it."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(_ELEMENT_CLASSES)
    data = source.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
    try:
        root = html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None, True
    return root, not any(entry.type == _RESOURCE_LIMIT for entry in parser.error_log)


def _flatten(tag: re.Match[str]) -> str:
    """Return what stands for a tag where elements are nested too deeply."""
    name = tag[1].lower()
    if name in _NEVER_NESTED or name in _UNSEEN:
        return tag[0]
    return "" if name in _INLINE else "<p>"


class _BlockWriter:
    """Collects what stands between the tags of a page, and makes blocks of it.

    Attributes:
        pieces: The text of the block that is being collected; it does not begin with blanks.
        linked: Characters of it, without blanks, that are in links.
    """

    def __init__(self, root: html.HtmlElement) -> None:
        self.pieces: list[str] = []
        self.linked = 0
        self._root = root
        self._open: list[html.HtmlElement] = []
        self._raws: list[str] = []
        self._places: list[tuple[html.HtmlElement, str, int, bool]] = []
        self._is_apart = True

    def open(self, element: html.HtmlElement) -> None:
        """Begin a block-level element, which ends the block before it."""
        if self.pieces:
            self._end_block()
        self._is_apart = True
        self._open.append(element)

    def leave(self) -> None:
        """End the innermost block-level element, and the block that is being collected."""
        if self.pieces:
            self._end_block()
        self._is_apart = True
        self._open.pop()

    def break_line(self) -> None:
        """End a block where the element around it goes on."""
        if self.pieces:
            self._end_block()
            self._is_apart = False

    def _end_block(self) -> None:
        self._raws.append("".join(self.pieces))
        owner = self._open[-1] if self._open else self._root
        tag = "/".join([element.tag for element in self._open[-_MAX_TAGS:]])
        self._places.append((owner, tag, self.linked, self._is_apart))
        self.pieces.clear()
        self.linked = 0

    def finish(self) -> tuple[str, list[Block], list[html.HtmlElement]]:
        """Return the text, its blocks, and the element around each, with single blanks."""
        if self.pieces:
            self._end_block()
        text = _BETWEEN.join(self._raws)  # All at once: that takes a third of the time.
        for blank in _BLANKS[1:]:
            text = text.replace(blank, " ")
        raws = _SPACES.sub(" ", text).split(_BETWEEN)
        parts: list[str] = []
        blocks: list[Block] = []
        owners: list[html.HtmlElement] = []
        end, is_apart = 0, False
        for raw, (owner, tag, linked, is_raw_apart) in zip(raws, self._places, strict=False):
            text = raw.strip(" ")
            is_apart = is_apart or is_raw_apart
            if text.isspace():
                continue
            if parts:
                parts.append("\n\n" if is_apart else "\n")
                end += len(parts[-1])
            begin, end, is_apart = end, end + len(text), False
            parts.append(text)
            ratio = min(1.0, linked / (len(text) - text.count(" "))) if linked else 0.0
            blocks.append(Block(begin, end, tag, round(ratio, 4) if 0 < ratio < 1 else ratio))
            owners.append(owner)
        return "".join(parts), blocks, owners


def read_page(root: html.HtmlElement) -> tuple[str, list[Block]]:
    """Return a page's visible text and its blocks, in reading order."""
    text, blocks, _ = walk_page(root)
    return text, blocks


def walk_page(root: html.HtmlElement) -> tuple[str, list[Block], list[html.HtmlElement]]:
    """Return a page's visible text, its blocks in reading order, and the element around each.

    A block is the text between two block-level tags, so nested elements give one block, never two.
    A line break (`<br>`) ends a block too; blocks are one newline apart there and two elsewhere.
    Text that a style sheet hides is visible here: a paywall often hides the article itself.
    """
    body = root.find("body")
    if body is None:
        body = root
    writer = _BlockWriter(body)
    pieces = writer.pieces
    links = 0
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _INLINE:
                links += tag == "a"
            elif tag in _UNSEEN:
                walk.skip_subtree()
                continue
            elif tag == "br":
                writer.break_line()
                continue
            else:
                writer.open(element)
            text = element.text
        else:
            if tag in _INLINE:
                links -= tag == "a"
            elif tag not in _UNSEEN and tag != "br":
                writer.leave()
            text = element.tail
        if text and (pieces or text.strip(_BLANKS)):
            pieces.append(text)
            if links:
                writer.linked += len(text) - sum(map(text.count, _BLANKS))
    return writer.finish()
