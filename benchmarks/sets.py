"""Labelled pages: which layout a folder has, what its gold says, and the digests of both.

Which layout a folder has is told by what lies in it:

* `gold.jsonl` (`id`, and `text` or the snippet lists `with` and `without`) and `html/ID.html.gz`;
* `ground-truth.json` (`{id: {articleBody, url}}`) and `html/ID.html.gz`: scrapinghub's
  article-extraction-benchmark as its repository has it;
* `ground-truth/ID.json` with a main text each, `html/ID.html.gz`, and `metadata.json` here or in
  the folder above: the Web Content Extraction Benchmark (WCXB);
* `gold.json` with `pages`: lines that are labelled by hand (`benchmarks/kinds.py`), beside the
  pages; the main lines are the main text.

Pages may lie as `ID.html` too. Nothing of a set is ever changed or left out without being counted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cleaner.extraction.language import detect_language
from cleaner.reading.decoding import decode_bytes
from cleaner.reading.metadata import find_outlet, parse_language

UNKNOWN = "unknown"
"""The language of a page of which nothing tells it."""

_GROUND_TRUTH = ("ground-truth", "ground_truth")
_MAIN_TEXT = ("main_content", "articleBody", "article_body", "content", "text", "body")
_SNIPPETS = ("with", "without")
_LANG = re.compile(rb"""<html\b[^>]*?\blang\s*=\s*["']?([A-Za-z-]+)""", re.IGNORECASE)
_MAX_HEAD_BYTES = 20_000


class SetError(click.ClickException):
    """A folder that is not a labelled set, or one that lacks a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A labelled page.

    Attributes:
        path: The file with its source.
        language: What the gold says, else what is detected in the gold text or, where that is too
            short, what the page itself says.
        text: The main text, if the set has it.
        wanted, unwanted: Snippets that must and must not be in the main text.
        outlet: The URL's registrable domain, as the cleaner has it; else the gold's `host`.
        facts: All else that the set says of the page, by name; nested objects joined by dots.
    """

    id: str
    path: Path
    url: str | None
    language: str
    text: str | None
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    title: str | None
    outlet: str | None
    facts: Mapping[str, str]

    def read(self) -> str:
        """Return the source, decoded as the cleaner decodes it; every system is given this."""
        raw = self.path.read_bytes()
        return decode_bytes(_unpack(self.path, raw), html=True)[0]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A set of labelled pages.

    Attributes:
        name: The folder's own name.
        pages: Those that were chosen, by id.
        num_pages: How many there are in all.
        gold_digest: SHA-256 of the gold file, or of the names and digests of the gold files.
        html_digest: SHA-256 of the names and digests of all files of the pages.
    """

    name: str
    layout: str
    pages: tuple[Page, ...]
    num_pages: int
    gold_digest: str
    html_digest: str

    @property
    def has_texts(self) -> bool:
        """Whether there are main texts to compare with."""
        return any(page.text is not None for page in self.pages)

    def as_json(self) -> dict[str, Any]:
        """Say which set it is, so that another run of it is known to be of the same pages."""
        return {
            "name": self.name,
            "layout": self.layout,
            "num_pages": len(self.pages),
            "num_all_pages": self.num_pages,
            "gold_sha256": self.gold_digest,
            "html_sha256": self.html_digest,
        }


def read_set(folder: Path, num_pages: int | None = None, only: Iterable[str] = ()) -> LabelledSet:
    """Read what a labelled set says of its pages.

    Args:
        folder: The set.
        num_pages: Take a sample of so many pages, always the same ones: those whose ids have the
            smallest SHA-256.
        only: `NAME=VALUE` conditions on facts of a page; the last part of a name is enough.

    Raises:
        SetError: If the folder has none of the layouts, a page is not there, or none is left.
    """
    layout, gold_files, rows = _read_gold(folder)
    html = folder if layout == "labelled lines" else folder / "html"
    pages = [_make_page(identifier, row, html) for identifier, row in rows]
    conditions = [_parse_condition(text) for text in only]
    chosen = [page for page in pages if all(_meets(page, *c) for c in conditions)]
    if num_pages is not None:
        chosen = sorted(chosen, key=lambda page: _digest(page.id.encode()))[:num_pages]
    if not chosen:
        message = f"{folder}: no page is left" if pages else f"{folder}: there are no pages"
        raise SetError(message)
    return LabelledSet(
        name=folder.resolve().name,
        layout=layout,
        pages=tuple(sorted(chosen, key=lambda page: page.id)),
        num_pages=len(pages),
        gold_digest=_digest(gold_files[0].read_bytes())
        if len(gold_files) == 1
        else digest_files(gold_files),
        html_digest=digest_files(
            path for path in html.iterdir() if path.is_file() and path not in gold_files
        ),
    )


def digest_files(paths: Iterable[Path]) -> str:
    """Return one SHA-256 for the names and bytes of files, whatever their order."""
    whole = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        whole.update(f"{path.name}\0{_digest(path.read_bytes())}\n".encode())
    return whole.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unpack(path: Path, raw: bytes) -> bytes:
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def _read_gold(folder: Path) -> tuple[str, list[Path], list[tuple[str, dict[str, Any]]]]:
    """Return the layout, the gold files, and what they say of each page, by id."""
    lines, scrapinghub = folder / "gold.jsonl", folder / "ground-truth.json"
    if lines.is_file():
        records = [json.loads(line) for line in _lines(lines)]
        return "gold.jsonl", [lines], [(str(record["id"]), record) for record in records]
    if scrapinghub.is_file():
        texts = json.loads(scrapinghub.read_text(encoding="utf-8"))
        return "article-extraction-benchmark", [scrapinghub], list(texts.items())
    by_hand = folder / "gold.json"
    if by_hand.is_file():
        about = json.loads(by_hand.read_text(encoding="utf-8")).get("pages", {})
        rows = [
            (Path(name).stem, {"text": "\n".join(page["main"]), "language": page["language"]})
            for name, page in about.items()
        ]
        return "labelled lines", [by_hand], rows
    for name in _GROUND_TRUTH:
        if (folder / name).is_dir():
            files = sorted((folder / name).glob("*.json"))
            facts = _read_metadata(folder)
            rows = [
                (file.stem, facts.get(file.stem, {}) | json.loads(file.read_text(encoding="utf-8")))
                for file in files
            ]
            return "WCXB", files, rows
    message = (
        f"{folder} is no labelled set: it has neither gold.jsonl nor gold.json nor "
        "ground-truth.json nor a folder ground-truth (docs/quality.md says how a set looks)"
    )
    raise SetError(message)


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file; a gold text may hold other line ends than LF."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from (line for line in lines if line.strip())


def _read_metadata(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what `metadata.json` says of each page: an object by id, or a list with ids."""
    for file in (folder / "metadata.json", folder.parent / "metadata.json"):
        if file.is_file():
            data = json.loads(file.read_text(encoding="utf-8"))
            for key in ("files", "pages", "items"):
                data = data[key] if isinstance(data, dict) and key in data else data
            if isinstance(data, dict):
                return {str(k): v for k, v in data.items() if isinstance(v, dict)}
            names = ("id", "file_id", "page_id")
            return {
                str(row[name]): row
                for row in data
                if isinstance(row, dict)
                for name in names
                if name in row
            }
    return {}


def _make_page(identifier: str, row: dict[str, Any], html: Path) -> Page:
    inner = row.get("ground_truth", row.get("ground-truth"))
    values: dict[str, Any] = row | inner if isinstance(inner, dict) else row
    path = next((p for p in _sources(html, identifier) if p.is_file()), None)
    if path is None:
        message = f"{html} has no page {identifier}.html.gz, which the gold speaks of"
        raise SetError(message)
    text = next((values[n] for n in _MAIN_TEXT if isinstance(values.get(n), str)), None)
    wanted, unwanted = (tuple(map(str, values.get(name) or ())) for name in _SNIPPETS)
    if text is None and not wanted and not unwanted:
        message = f"the gold of {identifier} beside {html} has neither a text nor snippets"
        raise SetError(message)
    url = values.get("url")
    said = parse_language(values.get("language", values.get("lang")))
    language = said or detect_language(text or "\n".join(wanted)) or _declared_language(path)
    return Page(
        id=identifier,
        path=path,
        url=url,
        language=language or UNKNOWN,
        text=text,
        wanted=wanted,
        unwanted=unwanted,
        title=values.get("title"),
        outlet=(find_outlet(url) if url else None) or values.get("host"),
        facts=dict(_flatten(row)),
    )


def _declared_language(path: Path) -> str | None:
    """Return the language that a page says it is in: snippets are mostly too short to tell."""
    found = _LANG.search(_unpack(path, path.read_bytes())[:_MAX_HEAD_BYTES])
    return parse_language(found[1].decode("ascii")) if found else None


def _sources(html: Path, identifier: str) -> tuple[Path, Path]:
    return html / f"{identifier}.html.gz", html / f"{identifier}.html"


def _flatten(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, (str, int, float, bool)):
            yield f"{prefix}{name}", str(value)


def _parse_condition(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        message = f"--only {text}: write NAME=VALUE"
        raise SetError(message)
    return name, value


def _meets(page: Page, name: str, value: str) -> bool:
    return any(
        found == value and (known == name or known.endswith(f".{name}"))
        for known, found in page.facts.items()
    )
