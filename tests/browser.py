"""A report in a browser, as its readers have it, and everything that it must not do there."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from playwright.sync_api import Browser, Page, Route, expect

ROOT = Path(__file__).parent.parent
VIEWS = {
    "overview": "Overview",
    "clusters": "Repeated text",
    "outlets": "Outlets",
    "documents": "Documents",
    "threshold": "Threshold",
    "judging": "Judging",
}
"""The views of the bar, and what it calls them."""
WIDE, NARROW = (1280, 900), (360, 740)
_TIMEOUT_MILLISECONDS = 15_000
_BLANK = "about:blank"

SETTLED = """
async () => {
  // Effects run after the browser has painted, and may load more.
  const paint = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 1)));
  const isReading = () =>
    [...document.querySelectorAll("main [role=status]")].some((e) => e.textContent === "Reading…");
  await paint();
  do await paint();
  while (!document.querySelector("main :is(h1, [role=alert])") || isReading());
  await paint();
}
"""
_GO = """
(address) => new Promise((done) => {
  if (location.hash === address) return done();
  addEventListener("hashchange", () => done(), { once: true });
  location.hash = address;
})
"""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BIDI_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")


def show(text: str) -> str:
    """Return a text as the page shows it, with what would not show replaced."""
    return _BIDI_CONTROL.sub(
        lambda match: f"[U+{ord(match[0]):X}]", _UNPRINTABLE.sub("\ufffd", text)
    )


class Run:
    """What a run wrote, to compare the page with.

    Args:
        folder: The folder of its output.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.page = folder / "report.html"
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        rows = pq.read_table(folder / "documents.parquet").to_pylist()
        self.documents = {row["source"]: row for row in rows}
        self.spans: dict[str, list[dict[str, Any]]] = {row["source"]: [] for row in rows}
        names = {row["document_id"]: row["source"] for row in rows}
        for row in pq.read_table(folder / "ledger.parquet").to_pylist():
            self.spans[names[row["document_id"]]].append(row)
        with (folder / "clusters.jsonl").open(encoding="utf-8") as file:
            self.clusters: list[dict[str, Any]] = [json.loads(line) for line in file]

    def read_chunk(self, name: str) -> Any:
        """Decode a chunk of the page."""
        return read_chunk(self.page, name)

    def link(self, source: str, query: str = "") -> str:
        """Return the address of a document's view."""
        return f"#/document/{self.documents[source]['document_id']}{query}"

    def find_span(self, source: str, words: str) -> dict[str, Any]:
        """Return the span in which words of a document begin."""
        at = self.documents[source]["text"].index(words)
        return next(span for span in self.spans[source] if span["begin"] <= at < span["end"])


def read_chunk(page: Path, name: str) -> Any:
    """Decode a chunk of a page."""
    text = page.read_text(encoding="utf-8")
    (packed,) = re.findall(rf'<script type="[^"]+" id="{name}">([^<]*)</script>', text)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


class Reader:
    """One page of the browser.

    Args:
        page: The page, not opened yet.
        report: The report that it opens.

    Attributes:
        problems: What the page did that no report may do.
    """

    def __init__(self, page: Page, report: Path) -> None:
        self.page, self.report = page, report
        self.problems: list[str] = []
        self._folder = report.parent.as_uri()
        page.set_default_timeout(_TIMEOUT_MILLISECONDS)
        page.context.route("**/*", self._answer)
        page.on("request", lambda request: self._check(request.url))
        page.on("framenavigated", lambda frame: self._check(frame.url))
        page.on("console", lambda said: self._note(f"{said.type}: {said.text}", said.type))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("popup", lambda popup: self.problems.append(f"opened {popup.url}"))
        page.on("dialog", self._dismiss)

    def _is_report(self, url: str) -> bool:
        path = url.partition("#")[0]
        return path.startswith(f"{self._folder}/") and path.endswith(".html")

    def _answer(self, route: Route) -> None:
        if self._is_report(route.request.url):
            route.continue_()
        else:
            self.problems.append(f"asked for {route.request.url}")
            route.abort()

    def _check(self, url: str) -> None:
        if not self._is_report(url) and not url.startswith("blob:") and url != _BLANK:
            self.problems.append(f"went to {url}")

    def _note(self, text: str, kind: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def _dismiss(self, dialog: Any) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            self.problems.append(f"asked: {dialog.message}")
            dialog.dismiss()

    def open(self, address: str = "#/overview") -> None:
        """Open the report from disk at an address of its own."""
        self.page.goto(_BLANK)
        self.page.goto(f"{self.report.as_uri()}{address}")
        self.settle()

    def go(self, address: str) -> None:
        """Go to another address of the page, as a link of it does."""
        self.page.evaluate(_GO, address)
        self.settle()

    def forget(self) -> None:
        """Make the browser forget what the page has stored, and this reader what it did."""
        self.settle()
        self.page.evaluate("window.localStorage.clear()")
        self.page.goto(_BLANK)
        self.problems.clear()

    def settle(self) -> None:
        """Wait until the view is there, with what it loads."""
        self.page.evaluate(SETTLED)

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    @property
    def address(self) -> str:
        """The part of the address after `#`, with it."""
        return str(self.page.evaluate("location.hash"))

    def read(self, selector: str) -> list[str]:
        """Return the texts of all elements that a selector finds, white space squeezed."""
        texts = self.page.locator(selector).all_text_contents()
        return [" ".join(text.split()) for text in texts]

    def expect_heading(self, heading: str) -> None:
        """Wait for a heading of the first level."""
        expect(self.page.locator("h1")).to_have_text(heading)


@contextmanager
def open_reader(
    browser: Browser, report: Path, size: tuple[int, int] = WIDE, *, is_dark: bool = False
) -> Iterator[Reader]:
    """Give a page of a fresh profile; fails in the end if the page did what it must not."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if is_dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    try:
        reader = Reader(context.new_page(), report)
        yield reader
        assert reader.problems == []
    finally:
        context.close()
