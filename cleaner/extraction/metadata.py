"""What a page says of itself where trafilatura does not look, or not closely enough.

trafilatura gives the publication *day*. Who ran a story first is often a matter of hours, so the
time is read here from where publishers put it: JSON-LD, `<meta>` and `<time>`. From the same places
comes what a page declares of its length and of who may read it, which `boilerplate.truncation`
weighs once the blocks are judged.

Sources: schema.org (`NewsArticle`, `isAccessibleForFree`, `hasPart`, `wordCount`, `articleBody`);
the way search engines ask publishers to mark paywalled content, which is a `hasPart` with the class
of the element in `cssSelector`; and `article:content_tier`, which is `free`, `metered` or `locked`.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from lxml.html import HtmlElement

from cleaner.extraction.blocks import parse_page, read_page
from cleaner.model import Access
from cleaner.words import count_words, squeeze

_PUBLISHED_META = (
    "//meta[@property='article:published_time' or @property='og:article:published_time' "
    "or @itemprop='datePublished' or @name='date' or @name='pubdate']/@content"
)
_PUBLISHED_TIME = "//article//time[1]/@datetime"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")

_MAX_JSON_CHARS = 1_000_000
_MAX_OBJECTS = 20_000
"""Objects of JSON-LD that are looked at in a page: some shops list thousands of products."""
_WRAPPING = re.compile(r"\s*(?:(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|<!--|\ufeff)?\s*")
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review)$")
_PAGE = re.compile(r"WebPage$")
_OF_OTHERS = frozenset(
    "itemListElement mentions citation isPartOf relatedLink liveBlogUpdate comment review "
    "hasPart isBasedOn subjectOf about publisher author".split()
)
"""What stands below these keys is not about the page's own article."""
_MAX_DEPTH_OF_ESCAPES = 2
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAKING_TAG = re.compile(r"<(?:p|br|div|li|h[1-6])\b", re.IGNORECASE)

_FREE_IN_BROKEN = re.compile(r"isAccessibleForFree['\"]\s*:\s*['\"]?([\w:/.]{1,40})")
_FREE_MARKUP = "//@itemprop[. = 'isAccessibleForFree']/.."
_TIER_META = (
    "//meta[contains(translate(concat(@property, ' ', @name), '-', '_'), 'content_tier')]/@content"
)
_TIERS = ("free", "metered", "locked")
_SELECTOR = re.compile(r"(?:[\w-]+)?((?:[.#][\w-]+)+)")
_SELECTOR_NAME = re.compile(r"([.#])([\w-]+)")
_MAX_SELECTORS = 8
_MAX_GATED_ELEMENTS = 500
_MIN_PARAGRAPH_WORDS = 12
_MAX_PARAGRAPH_LINKS = 0.5
_BODY_END_CHARS = 60


class LinkedData(msgspec.Struct, frozen=True):
    """The objects of a page's JSON-LD, those on the outside first.

    Attributes:
        objects: All of them.
        own: Those that may be about the page's own article, not about others that it lists.
        articles: Those of them about its article: the ones with its headline, if any have it.
        body: The text that they give as the body of the article.
        broken: Scripts that are no JSON.
    """

    objects: tuple[Mapping[str, Any], ...] = ()
    own: tuple[Mapping[str, Any], ...] = ()
    articles: tuple[Mapping[str, Any], ...] = ()
    body: str | None = None
    broken: tuple[str, ...] = ()


def page_language(root: HtmlElement) -> str | None:
    """Return the language that the page declares, as a lower-case code without region."""
    declared = root.get("lang") or root.get("xml:lang") or ""
    found = _LANGUAGE.match(declared.strip().lower())
    return found[0] if found else None


def read_linked_data(root: HtmlElement) -> LinkedData:
    """Parse the JSON-LD of a page, once for all questions.

    HTML comments and CDATA around it, line ends inside its strings and what follows its first value
    are tolerated: of 37 scripts on 717 pages that are no JSON by the letter, that leaves 8.
    """
    objects: list[Mapping[str, Any]] = []
    own: list[Mapping[str, Any]] = []
    broken: list[str] = []
    for script in root.iter("script"):
        media_type = (script.get("type") or "").partition(";")[0].strip().lower()
        source = script.text or ""
        if media_type != "application/ld+json" or len(source) > _MAX_JSON_CHARS:
            continue
        try:
            value = _parse(source)
        except (ValueError, RecursionError):
            broken.append(source)
            continue
        for item, is_own in itertools.islice(_walk(value), _MAX_OBJECTS - len(objects)):
            objects.append(item)
            if is_own:
                own.append(item)
    articles = _find_articles(root, own)
    return LinkedData(
        objects=tuple(objects),
        own=tuple(own),
        articles=articles,
        body=_find_body(articles),
        broken=tuple(broken),
    )


def _parse(script: str) -> Any:
    wrapping = _WRAPPING.match(script)
    return json.JSONDecoder(strict=False).raw_decode(script, wrapping.end() if wrapping else 0)[0]


def _walk(value: Any) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield all objects in a value, level by level, and whether each may be about the page."""
    values = deque([(value, True)])
    while values:
        item, is_own = values.popleft()
        if isinstance(item, list):
            values.extend((part, is_own) for part in item)
        elif isinstance(item, dict):
            yield item, is_own
            for key, part in item.items():
                if isinstance(part, (list, dict)):
                    values.append((part, is_own and key not in _OF_OTHERS))


def published_candidates(root: HtmlElement, data: LinkedData | None = None) -> Iterator[str]:
    """Yield what the page gives as its time of publication, the most trustworthy first.

    Args:
        root: The page.
        data: Its JSON-LD, if it was parsed before.
    """
    for item in (data or read_linked_data(root)).objects:
        if isinstance(item.get("datePublished"), str):
            yield item["datePublished"]
    yield from root.xpath(_PUBLISHED_META)
    yield from root.xpath(_PUBLISHED_TIME)[:1]


def article_body(root: HtmlElement, data: LinkedData | None = None) -> str | None:
    """Return the text that the JSON-LD gives as the body of the page's article.

    Of several articles it is the one whose headline stands in the page's `<title>` or first `<h1>`,
    else the first. Tags are stripped (paragraphs stay lines) and entities resolved, also where they
    were escaped twice. The body may be a teaser, or hold more than the page shows.

    Args:
        root: The page.
        data: Its JSON-LD, if it was parsed before.
    """
    return (data or read_linked_data(root)).body


def _find_body(articles: Iterable[Mapping[str, Any]]) -> str | None:
    for item in articles:
        body = item.get("articleBody")
        if isinstance(body, str) and (text := _plain_text(body)):
            return text
    return None


def _find_articles(
    root: HtmlElement, own: Iterable[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """Return the objects about the page's article: those with its headline, if any have it."""
    found = [item for item in own if _is_a(_ARTICLE, item)]
    titles = squeeze(
        " ".join(
            element.text_content()
            for name in ("title", "h1")
            for element in itertools.islice(root.iter(name), 1)
        )
    )
    same = [
        item
        for item in found
        if isinstance(item.get("headline"), str)
        and (key := squeeze(html.unescape(item["headline"])))
        and key in titles
    ]
    return tuple(same or found)


def _is_a(kind: re.Pattern[str], item: Mapping[str, Any]) -> bool:
    return any(isinstance(name, str) and kind.search(name) for name in _list(item.get("@type")))


def _plain_text(value: str) -> str:
    """Return what a string says that may be HTML, escaped or not."""
    text = value
    for _ in range(_MAX_DEPTH_OF_ESCAPES):
        if _TAG.search(text):
            source = text if _BREAKING_TAG.search(text) else text.replace("\n", "<br>")
            root = parse_page(f"<div>{source}</div>")
            text = read_page(root)[0] if root is not None else ""
        elif (unescaped := html.unescape(text)) != text:
            text = unescaped
        else:
            break
    return text.strip()


def read_access(root: HtmlElement, data: LinkedData | None = None) -> Access:
    """Return what a page declares of who may read it, and of how long its article is.

    Args:
        root: The page.
        data: Its JSON-LD, if it was parsed before.
    """
    data = data or read_linked_data(root)
    body = data.body
    pages = [item for item in data.own if _is_a(_PAGE, item)]
    is_free, selectors = _declared_free(root, [*data.articles, *pages], data.broken)
    return Access(
        is_free=is_free,
        tier=next((t for v in root.xpath(_TIER_META) if (t := v.strip().lower()) in _TIERS), None),
        gated_chars=_gated_chars(root, selectors),
        num_words=next(
            (n for item in data.articles if (n := _number(item.get("wordCount")))), None
        ),
        body_words=count_words(body) if body else None,
        body_end=squeeze(body)[-_BODY_END_CHARS:] if body else None,
    )


def _declared_free(
    root: HtmlElement, articles: Iterable[Mapping[str, Any]], broken: Iterable[str]
) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether the article is declared free, and the selectors of its parts that are not."""
    selectors: list[str] = []
    found: list[bool] = []
    for item in articles:
        parts = [part for part in _list(item.get("hasPart")) if isinstance(part, Mapping)]
        values = {_truth(part.get("isAccessibleForFree")) for part in parts}
        whole = _truth(item.get("isAccessibleForFree"))
        if whole is None and False in values:
            whole = False
        if whole is not None:
            found.append(whole)
        for part in parts:
            if _truth(part.get("isAccessibleForFree")) is False:
                names = [n for n in _list(part.get("cssSelector")) if isinstance(n, str)]
                selectors += (name.strip() for value in names for name in value.split(","))
    marked = [
        element.get("content") or element.get("href") or element.text_content()
        for element in root.xpath(_FREE_MARKUP)
    ]
    marked += [match[1] for script in broken if (match := _FREE_IN_BROKEN.search(script))]
    found += [value for text in marked if (value := _truth(text)) is not None]
    return (found[0] if found else None), tuple(selectors[:_MAX_SELECTORS])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _truth(value: Any) -> bool | None:
    """Understand a boolean as pages write it: `false`, `"False"`, `http://schema.org/False`.

    >>> _truth("http://schema.org/False"), _truth(True), _truth("maybe")
    (False, True, None)
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().rpartition("/")[2].lower() if isinstance(value, (str, int)) else ""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(word)


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value).strip()[:10]
    return int(text) if text.isascii() and text.isdigit() else None


def _gated_chars(root: HtmlElement, selectors: Iterable[str]) -> int | None:
    """Count the characters of running text in the elements that selectors name.

    Only classes and ids of the last element are understood, which is what publishers are asked to
    write; None if no selector is of this form.
    """
    paths = [path for selector in selectors if (path := _find_path(selector))]
    if not paths:
        return None
    found = {element for path in paths for element in root.xpath(path)[:_MAX_GATED_ELEMENTS]}
    total = 0
    for element in found:
        if found.isdisjoint(element.iterancestors()):
            text, blocks = read_page(element)
            total += sum(
                block.end - block.begin
                for block in blocks
                if block.link_ratio < _MAX_PARAGRAPH_LINKS
                and count_words(text[block.begin : block.end]) >= _MIN_PARAGRAPH_WORDS
            )
    return total


def _find_path(selector: str) -> str | None:
    """Return the XPath of a CSS selector, None if it is of another form than `tag.class#id`."""
    match = _SELECTOR.fullmatch(selector.split()[-1]) if selector.strip() else None
    if match is None:
        return None
    tests = [
        f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"
        if sign == "."
        else f"@id='{name}'"
        for sign, name in _SELECTOR_NAME.findall(match[1])
    ]
    return f"//*[{' and '.join(tests)}]"
