"""The same articles in the form that each system takes, on disk; making them is not measured.

A corpus is a folder with `articles.jsonl` (objects with `id`, `url`, `outlet`, `date`, `title` and
`text`, where `text` is the source for a corpus of pages) and, of pages, `html/OUTLET/NAME.html`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.speed import news, pages
from benchmarks.speed.news import Newsroom
from benchmarks.speed.pages import make_pages

SEED = 1
PAGES, TEXTS = "pages", "texts"
Row = dict[str, Any]
_SOURCES = (news.__file__, pages.__file__, __file__)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles on disk.

    Attributes:
        name: What a reader may call it.
        num_bytes: Of UTF-8 in all texts or sources of pages.
        sha256: Of `articles.jsonl`.
    """

    name: str
    folder: Path
    num_documents: int
    num_bytes: int
    sha256: str

    @property
    def articles(self) -> Path:
        """The file of objects, in a folder of its own for readers that take folders."""
        return self.folder / "jsonl" / "articles.jsonl"

    @property
    def html(self) -> Path:
        """The pages as files, a folder an outlet."""
        return self.folder / "html"

    @property
    def plain(self) -> Path:
        """All texts one after another, for commands that count words."""
        return self.folder / "plain.txt"

    def as_json(self) -> dict[str, Any]:
        """Return what it is, without where it lies."""
        return {
            "name": self.name,
            "num_documents": self.num_documents,
            "num_bytes": self.num_bytes,
            "sha256": self.sha256,
        }


def make_corpus(folder: Path, kind: str, number: int, words: int = 500) -> Corpus:
    """Invent a corpus, unless it is there already.

    Args:
        folder: Holds all corpora.
        kind: `pages` or `texts`.
        number: So many articles.
        words: So many words has an article, in the mean.
    """
    source = b"".join(Path(name).read_bytes() for name in _SOURCES)
    digest = hashlib.sha256(source).hexdigest()[:8]
    target = folder / f"{kind}-{number}-{words}-{SEED}-{digest}"
    name = f"{number:,} invented {kind} (seed {SEED}, {words} words in the mean)"
    return _keep(target, name, kind, _invent(kind, number, words))


def take_corpus(folder: Path, kind: str, path: Path, limit: int | None) -> Corpus:
    """Take real articles: `.html` files for pages; `.txt`, or `.jsonl` with `text`, for texts.

    Args:
        folder: Holds all corpora; this one is made anew.
        kind: `pages` or `texts`.
        path: A file or a folder; what lies in it is taken in the order of names.
        limit: At most so many documents.

    Raises:
        click.UsageError: If there are none.
    """
    target = folder / f"{kind}-real"
    shutil.rmtree(target, ignore_errors=True)
    corpus = _keep(target, path.name, kind, _take(kind, path, limit))
    if not corpus.num_documents:
        message = f"there are no {kind} in {path}"
        raise click.UsageError(message)
    return corpus


def _invent(kind: str, number: int, words: int) -> Iterator[Row]:
    newsroom = Newsroom(SEED, words)
    if kind == PAGES:
        made = make_pages(newsroom, number)
    else:
        made = ((article, article.text) for article in newsroom.articles(number))
    for article, text in made:
        yield {
            "id": article.name,
            "url": article.url,
            "outlet": article.outlet.domain,
            "date": article.date,
            "title": article.title,
            "text": text,
        }


def _take(kind: str, path: Path, limit: int | None) -> Iterator[Row]:
    endings = (".html", ".htm") if kind == PAGES else (".txt", ".jsonl")
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    number = 0
    for file in files:
        if file.suffix not in endings:
            continue
        for row in _read_rows(file):
            if number == limit:
                return
            yield {"outlet": file.parent.name, **row, "id": f"{number:07}"}
            number += 1


def _read_rows(file: Path) -> Iterator[Row]:
    if file.suffix == ".jsonl":
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)
    else:
        yield {"text": file.read_text("utf-8", "replace")}


def _keep(target: Path, name: str, kind: str, rows: Iterator[Row]) -> Corpus:
    """Write a corpus into a folder, unless it is whole there; return what it is."""
    mark = target / "corpus.json"
    if not mark.is_file():
        shutil.rmtree(target, ignore_errors=True)
        facts = _write(target, kind, rows)
        mark.write_text(json.dumps(facts), "utf-8")
    return Corpus(name, target, **json.loads(mark.read_text("utf-8")))


def _write(target: Path, kind: str, rows: Iterable[Row]) -> dict[str, Any]:
    (target / "jsonl").mkdir(parents=True)
    whole = hashlib.sha256()
    number = num_bytes = 0
    with (
        (target / "jsonl" / "articles.jsonl").open("wb") as objects,
        (target / "plain.txt").open("wb") as plain,
    ):
        for row in rows:
            text = row["text"].encode()
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            objects.write(line)
            whole.update(line)
            number += 1
            num_bytes += len(text)
            if kind == PAGES:
                file = target / "html" / row["outlet"] / f"{row['id']}.html"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text)
            else:
                plain.write(text + b"\n")
    return {"num_documents": number, "num_bytes": num_bytes, "sha256": whole.hexdigest()}


def find_cache() -> Path:
    """Return the user's folder for environments and corpora."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cleaner-speed"
