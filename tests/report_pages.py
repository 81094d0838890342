"""Reads the pages of a report as a browser does, and makes articles that have something of all."""

import base64
import gzip
import json
import random
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from cleaner.api import clean_corpus
from cleaner.config import Config

INERT = "application/octet-stream"


@dataclass
class Element:
    """An element of a page, and the text directly in it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page:
    """A page: its elements in order, and the text outside of all of them."""

    elements: list[Element] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def find(self, tag: str) -> list[Element]:
        """Return the elements of a name."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def chunks(self) -> dict[str, str]:
        """The chunks by name, as they stand in the page."""
        found = [element for element in self.find("script") if "type" in element.attributes]
        names = [str(element.attributes["id"]) for element in found]
        assert len(set(names)) == len(names)
        return {name: element.text for name, element in zip(names, found, strict=True)}

    def decode(self, name: str) -> Any:
        """Return what a chunk says."""
        return decode(self.chunks[name])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.page = Page()
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs)
        self.page.elements.append(element)
        if tag not in ("meta", "link"):
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
        else:
            self.page.others.append(data)

    def handle_comment(self, data: str) -> None:
        self.page.others.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.page.others.append(f"<!{decl}>")

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def read_page(path: Path) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader._open == []
    return reader.page


def decode(chunk: str) -> Any:
    """Return what a chunk says."""
    return json.loads(gzip.decompress(base64.b64decode(chunk, validate=True)))


_SYLLABLES = "ba co di fu ga he ji ko lu ma ne pi ro su ta ve wo xi yu za".split()
LINE = "Follow the Harbour Daily on your way to work"


def write_text(seed: int, num_sentences: int = 3) -> str:
    """Write sentences of invented words: two texts share next to nothing."""
    chance = random.Random(seed)
    sentences = []
    for _ in range(num_sentences):
        words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(16)]
        sentences.append(f"{' '.join(words).capitalize()}.")
    return " ".join(sentences)


FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump. \U0001d11e Nobody on the quay would say who had last looked at it."
)
COUNCIL = (
    "The council voted on Monday to keep the old bridge open to buses, although its own engineers "
    "had asked for it to be closed before the winter. It was the third vote in as many years, and "
    "the narrowest of them all."
)
SAID = "“Nobody who has stood on that bridge in a storm will ever vote to keep it open again.”"
RECORDS: list[dict[str, str | None]] = [
    {"outlet": "Courier", "date": "2024-10-17T08:00:00Z", "title": "Ferry late",
     "text": f"Advertisement\n{FERRY}\n{write_text(1)}", "url": "https://courier.example/1"},
    {"outlet": "Ledger", "date": "2024-10-17T13:00:00Z", "title": "Late ferry",
     "text": f"{FERRY}\n{write_text(1)}\nShare this article", "url": "https://ledger.example/1"},
    {"outlet": "Standard", "date": "2024-10-18", "title": "Bridge open",
     "text": f"\U0001f309\U0001f309 {write_text(2)}\n{COUNCIL}\n{SAID} said the mayor."},
    {"outlet": "Ledger", "date": "2024-10-20", "title": None,
     "text": f"{COUNCIL} {write_text(3)}\nAdvertisement"},
    {"outlet": "Courier", "date": None, "title": "Storm",
     "text": f"{write_text(4)}\n{COUNCIL}\n{write_text(5)}"},
    {"outlet": "Zeta", "date": "2024-10-20", "title": "Mayor",
     "text": f"{write_text(6)}\n{SAID} said the mayor of the town."},
    *({"outlet": "Harbour Daily", "date": f"2024-11-{day:02}", "title": f"Day {day}",
       "text": f"{write_text(10 + day)}\n{write_text(30 + day)}\n{LINE}"} for day in range(1, 8)),
    {"outlet": "Zeta", "date": None, "title": "Empty", "text": ""},
]  # fmt: skip


def write_records(path: Path, records: list[dict[str, str | None]] | None = None) -> Path:
    """Write records, by default the articles of this file, as JSONL."""
    lines = [
        json.dumps({"id": f"{at}"} | record)
        for at, record in enumerate(RECORDS if records is None else records)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(folder: Path, records: list[dict[str, str | None]] | None = None, **sections: Any) -> Path:
    """Clean records, and return the output folder."""
    folder.mkdir(exist_ok=True)
    output = {"quality": False} | sections.pop("output", {})
    config = Config().replace(output=output, **sections)
    feed = write_records(folder / "feed.jsonl", records)
    return clean_corpus([feed], folder / "out", config=config, workers=1).output


def read_table(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table of a run."""
    return list(pq.read_table(folder / f"{name}.parquet").to_pylist())
