"""Take the pictures of the report: `python docs/screenshots.py` writes docs/images/*.png.

Runs the sample corpus and opens its report as the tests do. Needs Chromium; see
benchmarks/browser.py.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.browser import start_chromium  # noqa: E402
from cleaner import clean_corpus  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = ROOT / "docs" / "images"
WIDE, NARROW = (1280, 900), (360, 740)
FERRY = "lady-corvane-safe.html"
"""The article whose wire story several outlets ran."""
_SETTLED = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 300))"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a view.

    Attributes:
        name: The name of its file.
        address: Where it is, after `#/`.
        size: Width and height of the window in pixels.
        is_dark: Whether the reader's system is dark.
        prepare: What a reader does before.
    """

    name: str
    address: str
    size: tuple[int, int] = WIDE
    is_dark: bool = False
    prepare: Callable[[Page], object] = lambda page: None


def list_shots(output: Path) -> list[Shot]:
    """Return the pictures to take of a run's report."""
    with (output / "clusters.jsonl").open(encoding="utf-8") as file:
        clusters = [json.loads(line) for line in file]
    story = next(
        cluster
        for cluster in clusters
        if cluster["level"] == "document"
        and any(member["source"].endswith(FERRY) for member in cluster["members"])
    )
    cluster = f"cluster/{story['cluster_id']}"
    (copy,) = (m for m in story["members"] if m["source"].endswith(FERRY))
    return [
        Shot("overview", "overview"),
        Shot("overview-dark", "overview", is_dark=True),
        Shot("clusters-narrow", "clusters", size=NARROW),
        Shot("cluster", cluster, size=(1280, 800), prepare=compare),
        Shot("outlets", "outlets"),
        Shot("document", f"document/{copy['document_id']}", prepare=explain),
        Shot("threshold", "threshold?threshold=0.95"),
        Shot("judging", "judging"),
    ]


def scroll_to(page: Page, selector: str) -> None:
    """Bring what a selector finds first to the top of the window."""
    page.locator(selector).first.evaluate("found => found.scrollIntoView({ block: 'start' })")


def compare(page: Page) -> None:
    """Look at what differs between the first two copies."""
    scroll_to(page, "h2:has(+ .comparison-key)")


def explain(page: Page) -> None:
    """Press the first sentence of the article that stands elsewhere too."""
    sentence = page.locator(".document-text del").filter(has_text="passenger ferry").first
    sentence.click()
    scroll_to(page, ".document-reader")


def main() -> None:
    """Run the sample corpus, and take all pictures of its report."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, start_chromium() as browser:
        output = Path(folder) / "cleaned"
        clean_corpus([ROOT / "seeds"], output, workers=1)
        for shot in list_shots(output):
            context = browser.new_context(
                viewport={"width": shot.size[0], "height": shot.size[1]},
                color_scheme="dark" if shot.is_dark else "light",
                reduced_motion="reduce",
                locale="en-GB",
                timezone_id="UTC",
            )
            page = context.new_page()
            page.goto(f"{(output / 'report.html').as_uri()}#/{shot.address}")
            page.locator("main h1").wait_for()
            page.evaluate(_SETTLED)
            shot.prepare(page)
            page.evaluate(_SETTLED)
            path = IMAGES / f"{shot.name}.png"
            page.screenshot(path=path, animations="disabled", caret="hide")
            click.echo(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
            context.close()


if __name__ == "__main__":
    main()
