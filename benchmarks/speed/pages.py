"""Pages around invented articles, as news sites of our days build them.

Each outlet has a layout of its own: names of classes, order of sidebar and article. A page holds
metadata (OpenGraph, JSON-LD), style and script, a navigation, the article with a figure, boxes
between its paragraphs, a sidebar, teasers of other articles, comments and a footer; how much of
each is drawn, and pages have 50 to 150 kB, half of it markup.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from benchmarks.speed.news import ROUND, Article, Newsroom, Outlet

_MIN_BYTES, _MAX_BYTES = 50_000, 150_000
_SECTIONS = (
    "News Politics Business Sport Culture Opinion Travel Science Health Education Climate Money "
    "Weather Puzzles Podcasts Video Property Motoring Food Books Film Music Television Obituaries"
).split()
_LEGAL = ("Contact us", "Terms and conditions", "Privacy policy", "Cookie settings", "Careers")
_BODY_CLASSES = ("article-body", "story__content", "c-entry-content", "post-text", "body-copy")
_WRAPPERS = ("article", "div", "section")


def make_pages(newsroom: Newsroom, number: int) -> Iterator[tuple[Article, str]]:
    """Yield articles with the sources of their pages."""
    articles = newsroom.articles(number)
    for begin in range(0, number, ROUND):
        of_round = list(islice(articles, ROUND))
        draw = np.random.default_rng([newsroom.seed, 1, begin])
        for article in of_round:
            others = [of_round[at] for at in draw.integers(len(of_round), size=60).tolist()]
            yield article, render_page(draw, article, others)


def render_page(draw: np.random.Generator, article: Article, others: Sequence[Article]) -> str:
    """Return the source of a page.

    Args:
        draw: Decides how much there is beside the article.
        article: What the page is for.
        others: Articles that it may point to.
    """
    outlet = article.outlet
    style = sum(outlet.domain.encode())
    wrapper, body = _WRAPPERS[style % 3], _BODY_CLASSES[style % 5]
    counts = draw.integers((2, 8, 8, 0), (5, 21, 41, 16)).tolist()
    menus, popular, teasers, comments = counts
    side = _box("aside", "sidebar", _list_links(others[:popular], "Most read"))
    main = (
        f'<{wrapper} class="{body}__wrap" itemscope itemtype="https://schema.org/NewsArticle">'
        f"<h1>{_escape(article.title)}</h1>"
        f'<div class="byline"><a href="/by/{article.name}" rel="author">{_escape(article.author)}'
        f'</a> <time datetime="{article.date}">{article.date}</time></div>'
        f'<figure><img src="/img/{article.name}.jpg" alt="{_escape(article.title)}" width="960">'
        f"<figcaption>{_escape(others[0].title)}. Photograph: {_escape(others[0].author[3:])}"
        f'</figcaption></figure><div class="{body}">{_render_body(article, others)}</div>'
        f"</{wrapper}>"
    )
    parts = [
        f'<body class="page page--{style % 7}"><header>{_render_menus(outlet, menus)}</header>',
        f'<main id="content">{main + side if style % 2 else side + main}',
        _box("section", "more-stories", "".join(_render_teaser(of) for of in others[:teasers])),
        _render_comments(others[:comments]),
        f"</main>{_render_footer(outlet)}",
    ]
    content = "\n".join(parts)
    target = int(draw.integers(_MIN_BYTES, _MAX_BYTES))
    head = _render_head(article)
    filler = _render_scripts(others, target - len(head.encode()) - len(content.encode()))
    return f'<!DOCTYPE html>\n<html lang="en">{head}{content}{filler}</body></html>\n'


def _render_head(article: Article) -> str:
    title, about = _escape(article.title), _escape(article.paragraphs[0][:150])
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": f"{article.date}T08:00:00Z",
        "author": {"@type": "Person", "name": article.author[3:]},
        "publisher": {"@type": "Organization", "name": article.outlet.name},
        "mainEntityOfPage": article.url,
    }
    styles = "".join(
        f".c{at}{{display:flex;margin:{at % 9}px;padding:{at % 7}px;color:#{at * 7919 % 4096:03x}}}"
        for at in range(150)
    )
    return (
        f'<head><meta charset="utf-8"><title>{title} | {_escape(article.outlet.name)}</title>'
        f'<meta name="description" content="{about}"><link rel="canonical" href="{article.url}">'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article">'
        f'<meta property="og:url" content="{article.url}">'
        f'<meta property="og:site_name" content="{_escape(article.outlet.name)}">'
        f'<meta property="article:published_time" content="{article.date}T08:00:00Z">'
        f'<script type="application/ld+json">{json.dumps(described)}</script>'
        f"<style>{styles}</style></head>"
    )


def _render_body(article: Article, others: Sequence[Article]) -> str:
    """Put boxes of the outlet between the paragraphs, one after each third of them."""
    lines = [f'<div class="promo"><p>{_escape(line)}</p></div>' for line in article.outlet.lines]
    lines.append(
        f'<p class="related">Related: <a href="{others[1].url}">{_escape(others[1].title)}</a></p>'
    )
    parts = []
    for at, paragraph in enumerate(article.paragraphs):
        parts.append(f"<p>{_escape(paragraph)}</p>")
        if at % 3 == 2 and lines:
            parts.append(lines.pop(0))
    return "\n".join(parts + lines)


def _render_menus(outlet: Outlet, number: int) -> str:
    items = "".join(
        f'<li class="nav__item"><a class="nav__link" href="https://{outlet.domain}/{name.lower()}">'
        f"<span>{name}</span></a></li>"
        for name in _SECTIONS
    )
    return "".join(
        f'<nav class="nav nav--{at}" aria-label="menu"><ul>{items}</ul></nav>'
        for at in range(number)
    )


def _list_links(articles: Sequence[Article], title: str) -> str:
    items = "".join(
        f'<li><a href="{of.url}"><span class="rank">{at}</span> {_escape(of.title)}</a></li>'
        for at, of in enumerate(articles, start=1)
    )
    return f"<h2>{title}</h2><ol>{items}</ol>"


def _render_teaser(article: Article) -> str:
    return (
        f'<div class="teaser teaser--small"><a class="teaser__link" href="{article.url}">'
        f'<picture><source srcset="/img/{article.name}.webp" type="image/webp">'
        f'<img loading="lazy" src="/img/{article.name}.jpg" alt=""></picture>'
        f'<h3 class="teaser__title">{_escape(article.title)}</h3></a>'
        f'<p class="teaser__text">{_escape(article.paragraphs[0][:120])}…</p>'
        f'<span class="teaser__date">{article.date}</span></div>'
    )


def _render_comments(articles: Sequence[Article]) -> str:
    listed = "".join(
        f'<li class="comment"><b>{_escape(of.author[3:])}</b> <i>{of.date}</i>'
        f"<p>{_escape(of.paragraphs[-1][:200])}</p><button>Reply</button></li>"
        for of in articles
    )
    return f'<section id="comments"><h2>Comments</h2><ul>{listed}</ul></section>'


def _render_footer(outlet: Outlet) -> str:
    links = "".join(
        f'<li><a href="https://{outlet.domain}/info/{at}">{name}</a></li>'
        for at, name in enumerate([*_LEGAL, *_SECTIONS])
    )
    return (
        f'<footer class="footer"><ul>{links}</ul>'
        f"<p>© 2024 {_escape(outlet.name)}. All rights reserved.</p></footer>"
    )


def _render_scripts(articles: Sequence[Article], size: int) -> str:
    """Return a page's state as script, about so many bytes of it."""
    state = json.dumps([{"id": of.name, "url": of.url, "text": of.text[:3000]} for of in articles])
    state = state.replace("<", "\\u003c")
    if size <= 0:
        return ""
    return f"<script>window.__STATE__={(state * (size // len(state) + 1))[:size]};</script>"


def _box(tag: str, name: str, content: str) -> str:
    return f'<{tag} class="{name}">{content}</{tag}>'


def _escape(text: str) -> str:
    return html.escape(text)
