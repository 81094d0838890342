"""What the class names of an element are a hint of: comments, a share bar, the article itself."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

HINTS = {
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
_MEMORY_BYTES = 64 << 20
"""What the automaton may take; it takes less than one."""


def read_hints(attributes: Mapping[str, str]) -> int:
    """Return the hints in the attributes of an element, as bits in the order of `HINTS`."""
    names = " ".join([attributes[name] for name in _ATTRIBUTES if attributes.get(name)])
    return find_hints(names[:_MAX_NAME_CHARS]) if names else 0


@functools.lru_cache(maxsize=1 << 14)
def find_hints(names: str) -> int:
    """Return the hints in some names, as bits in the order of `HINTS`.

    >>> [name for at, name in enumerate(HINTS) if find_hints("navBar") >> at & 1]
    ['navigation']
    """
    names = _CAMEL.sub("-", names).lower()
    if not names.isascii():  # RE2 takes other letters for the end of a word.
        names = "".join(c if c.isascii() else "0" if c.isalnum() else " " for c in names)
    return sum(1 << at for at in _automaton().Match(names) or ())


@functools.cache
def _automaton() -> Any:
    """Return all patterns as one, for RE2: trying one after the other takes ten times as long."""
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY_BYTES
    automaton = re2.Set.SearchSet(options)
    for pattern in HINTS.values():
        automaton.Add(pattern)
    automaton.Compile()
    return automaton
