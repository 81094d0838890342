"""What a page says of itself where trafilatura does not look, or not closely enough.

trafilatura gives the publication *day*. Who ran a story first is often a matter of hours, so the
time is read here from where publishers put it: JSON-LD, `<meta>` and `<time>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

_PUBLISHED_META = (
    "//meta[@property='article:published_time' or @property='og:article:published_time' "
    "or @itemprop='datePublished' or @name='date' or @name='pubdate']/@content"
)
_PUBLISHED_TIME = "//article//time[1]/@datetime"
_MAX_JSON_CHARS = 1_000_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


def page_language(root: HtmlElement) -> str | None:
    """Return the language that the page declares, as a lower-case code without region."""
    declared = root.get("lang") or root.get("xml:lang") or ""
    found = _LANGUAGE.match(declared.strip().lower())
    return found[0] if found else None


def published_candidates(root: HtmlElement) -> Iterator[str]:
    """Yield what the page gives as its time of publication, the most trustworthy first."""
    for script in root.xpath("//script[@type='application/ld+json']/text()"):
        yield from _json_ld_dates(script)
    yield from root.xpath(_PUBLISHED_META)
    yield from root.xpath(_PUBLISHED_TIME)[:1]


def _json_ld_dates(script: str) -> Iterator[str]:
    if len(script) > _MAX_JSON_CHARS or "datePublished" not in script:
        return
    try:
        values: list[Any] = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    while values:
        value = values.pop(0)
        if isinstance(value, list):
            values.extend(value)
        elif isinstance(value, dict):
            if isinstance(value.get("datePublished"), str):
                yield value["datePublished"]
            values.extend(v for v in value.values() if isinstance(v, (list, dict)))
