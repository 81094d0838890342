"""The articles that the reuse benchmarks plant copies in, hide others among, and grow with.

A folder of texts holds `NAME.jsonl.gz` files of objects with `id`, `source`, `text` and, if known,
`title` and `date`. The name begins with the codes of its languages: `en-...`, or `ro-ru-...`, where
the language of each article is then told by its text. Some sets are Markdown: front matter and tags
are left out, and a broadcast with an item under each heading of the third level becomes as many
articles.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.matching import Article
from benchmarks.sets import digest_files
from cleaner.extraction.language import detect_language
from cleaner.reading.metadata import parse_date
from cleaner.words import is_unspaced

_CODE_LENGTH = 2
_FRONT_MATTER = re.compile(r"\A\s*---\n.*?\n---\n", re.DOTALL)
_PARAGRAPH_END = re.compile(r"</p>\s*|<br\s*/?>")
_TAG = re.compile(r"</?[a-z][^<>]*>")
_ITEM = re.compile(r"^### ", re.MULTILINE)
_MIN_ITEMS = 3
_CHAIN_WORDS = (200, 600)
"""A synthetic article has so many words, in paragraphs of so many:"""
_PARAGRAPH_WORDS = 60


class NewsError(Exception):
    """A folder without the articles that a part needs; the command line prints the message."""


def find_texts(data: Path) -> Path:
    """Return the folder of texts in a folder of data, or the folder itself.

    Raises:
        NewsError: If there is none.
    """
    for folder in (data / "text", data):
        if any(folder.glob("*.jsonl.gz")):
            return folder
    message = f"there are no NAME.jsonl.gz files of articles in {data} or {data / 'text'}"
    raise NewsError(message)


def read_news(folder: Path) -> list[Article]:
    """Read all articles of a folder, file by file; an article whose text came before is left out.

    Raises:
        NewsError: If a file is none of such objects.
    """
    articles: list[Article] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.jsonl.gz")):
        languages = _languages(path)
        for row in _read_rows(path):
            for number, text in enumerate(split_items(drop_markup(str(row["text"])))):
                if text in seen:
                    continue
                seen.add(text)
                found = languages[0] if len(languages) == 1 else detect_language(text)
                articles.append(
                    Article(
                        name=f"{path.name}#{row['id']}" + f"/{number}" * bool(number),
                        text=text,
                        outlet=str(row["source"]),
                        published=parse_date(row.get("date") or "")[0],
                        language=found if found in languages else None,
                        title=row.get("title"),
                    )
                )
    return articles


def drop_markup(text: str) -> str:
    r"""Return a text without front matter, tags and the space around it.

    >>> drop_markup("---\ntitle: Ferry\n---\n<p>It left.</p><p>It came back.</p>")
    'It left.\n\nIt came back.'
    """
    without = _FRONT_MATTER.sub("", text)
    return _TAG.sub("", _PARAGRAPH_END.sub("\n\n", without)).strip()


def split_items(text: str) -> list[str]:
    r"""Return the items of a broadcast, without its table of contents; else the text alone.

    >>> split_items("Today\n### One\nA ferry.\n### Two\nA pier.\n### Three\nA boat.")
    ['A ferry.', 'A pier.', 'A boat.']
    """
    items = [item.partition("\n")[2].strip() for item in _ITEM.split(text)[1:]]
    return [item for item in items if item] if len(items) >= _MIN_ITEMS else [text]


def _languages(path: Path) -> list[str]:
    """Return the codes that a file's name begins with.

    >>> _languages(Path("ro-ru-moldova.jsonl.gz")), _languages(Path("ja-livedoor.jsonl.gz"))
    (['ro', 'ru'], ['ja'])
    """
    parts = path.name.split(".")[0].split("-")
    return list(itertools.takewhile(lambda part: len(part) == _CODE_LENGTH, parts))


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if not {"id", "source", "text"} <= set(row):
                    message = f"{path}: an article has no id, source or text"
                    raise NewsError(message)
                yield row
    except (OSError, ValueError) as cause:
        message = f"cannot read the articles of {path}: {cause}"
        raise NewsError(message) from cause


def digest_news(folder: Path) -> str:
    """Return one SHA-256 for all files of articles."""
    return digest_files(folder.glob("*.jsonl.gz"))


def cycle_languages(articles: Sequence[Article]) -> list[Article]:
    """Return articles one of each language in turn, so that any beginning of the list is mixed."""
    by_language: dict[str, list[Article]] = {}
    for article in articles:
        by_language.setdefault(article.language or "", []).append(article)
    rounds = itertools.zip_longest(*(found for _, found in sorted(by_language.items())))
    return [article for row in rounds for article in row if article is not None]


def invent_articles(articles: Sequence[Article], number: int) -> Iterator[Article]:
    """Yield synthetic articles: chains of words, each drawn by the two before it in real ones.

    They have the words and phrases of real articles, and share with each other what chance makes
    them share; no passage of them is longer than what the chain of two words allows.
    """
    chains: dict[str, dict[tuple[str, str], list[str]]] = {}
    for article in articles:
        chain = chains.setdefault(article.language or "", {})
        words = _split(article.text)
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            chain.setdefault((first, second), []).append(third)
    draw = random.Random(0)
    starts = {language: sorted(chain) for language, chain in chains.items() if chain}
    for at in range(number):
        model = articles[at % len(articles)]
        language = model.language if (model.language or "") in starts else next(iter(starts))
        text = _walk(chains[language or ""], starts[language or ""], draw)
        yield Article(f"synthetic#{at}", text, model.outlet, model.published, model.language)


def _split(text: str) -> list[str]:
    """Return words with what hugs them; characters where there are no spaces."""
    return list(text.replace("\n", "")) if is_unspaced(text) else text.split()


def _walk(
    chain: dict[tuple[str, str], list[str]], starts: Sequence[tuple[str, str]], draw: random.Random
) -> str:
    low, high = _CHAIN_WORDS
    words = [*starts[int(draw.random() * len(starts))]]
    wanted = low + int(draw.random() * (high - low))
    while len(words) < wanted:
        followers = chain.get((words[-2], words[-1]))
        if followers is None:
            words += starts[int(draw.random() * len(starts))]
        else:
            words.append(followers[int(draw.random() * len(followers))])
    joint = "" if is_unspaced("".join(words)) else " "
    return "\n\n".join(
        joint.join(words[at : at + _PARAGRAPH_WORDS]).strip() + "."
        for at in range(0, len(words), _PARAGRAPH_WORDS)
    )
