"""Cut a payload into blocks: the lines of a text, the paragraphs of a page."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import quantiles

from lxml import etree, html

from cleaner.model import Block

_LINE = re.compile(r"^[^\n]*\S[^\n]*", re.MULTILINE)
_PARAGRAPH = re.compile(r"^[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*", re.MULTILINE)
"""Both are bound to where a line begins: from each blank of a blank line on, a long one takes
minutes."""
_BLANKS = " \t\n\r\f"
_SPACES = re.compile("  +")
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
_MAX_WRAPPED_WIDTH = 100
_MIN_WRAPPED_LINES = 6


def split_lines(text: str) -> list[Block]:
    r"""Cut a text into its non-blank lines, or its paragraphs if its lines were wrapped.

    A text counts as wrapped when it has blank lines between paragraphs and most lines within a
    paragraph reach close to one common width, as mail and agency feeds have them.

    >>> [(b.begin, b.end) for b in split_lines("One.\n\n  Two.  \n")]
    [(0, 4), (6, 14)]
    """
    lines = [(m.start(), m.end()) for m in _LINE.finditer(text)]
    if _is_wrapped(text, lines):
        lines = [(m.start(), m.end()) for m in _PARAGRAPH.finditer(text)]
    return [Block(begin, end) for begin, end in lines]


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Tell whether line ends come from a fixed width rather than from paragraphs."""
    followed = [
        end - begin
        for (begin, end), (after, _) in pairwise(lines)
        if text.count("\n", end, after) == 1
    ]
    if len(followed) < _MIN_WRAPPED_LINES or len(followed) < 0.5 * len(lines):
        return False
    width = quantiles(followed, n=10)[8]
    near = sum(length >= 0.75 * width for length in followed)
    return 40 <= width <= _MAX_WRAPPED_WIDTH and near >= 0.8 * len(followed)


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
    data = source.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8")
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
    """Collects the text of a page and where its blocks begin and end."""

    def __init__(self, root: html.HtmlElement) -> None:
        self.blocks: list[Block] = []
        self.owners: list[html.HtmlElement] = []
        self._root = root
        self._open: list[html.HtmlElement] = []
        self._parts: list[str] = []
        self._length = 0
        self._pending: list[str] = []
        self._linked = 0
        self._separator = "\n\n"

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def open(self, element: html.HtmlElement) -> None:
        """Begin a block-level element, which ends the block before it."""
        self.close()
        self._open.append(element)

    def leave(self) -> None:
        """End the innermost block-level element."""
        self.close()
        self._open.pop()

    def add(self, text: str | None, in_link: bool) -> None:
        if text and (self._pending or text.strip(_BLANKS)):  # No block begins with blanks.
            self._pending.append(text)
            if in_link:
                self._linked += len(text) - sum(map(text.count, _BLANKS))

    def close(self, separator: str = "\n\n") -> None:
        """End the block that is being collected, if there is anything in it."""
        if self._pending:
            text = "".join(self._pending)
            for blank in _BLANKS[1:]:
                text = text.replace(blank, " ")
            text = _SPACES.sub(" ", text).strip(" ")
            if not text.isspace():
                self._append(text)
                self._separator = separator
            self._pending.clear()
            self._linked = 0
        if separator == "\n\n":
            self._separator = separator

    def _append(self, text: str) -> None:
        if self._parts:
            self._parts.append(self._separator)
            self._length += len(self._separator)
        begin, self._length = self._length, self._length + len(text)
        self._parts.append(text)
        visible = len(text) - text.count(" ")
        ratio = round(min(1.0, self._linked / visible), 4)
        tag = "/".join([element.tag for element in self._open[-_MAX_TAGS:]])
        self.blocks.append(Block(begin, self._length, tag, ratio))
        self.owners.append(self._open[-1] if self._open else self._root)


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
    links = 0
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _UNSEEN:
                walk.skip_subtree()
            elif tag == "br":
                writer.close(separator="\n")
            else:
                if tag not in _INLINE:
                    writer.open(element)
                elif tag == "a":
                    links += 1
                writer.add(element.text, links > 0)
        else:
            if tag not in _INLINE:
                if tag not in _UNSEEN and tag != "br":
                    writer.leave()
            elif tag == "a":
                links -= 1
            writer.add(element.tail, links > 0)
    writer.close()
    return writer.text, writer.blocks, writer.owners
