"""Chromium without a window: what opens reports for tests, benchmarks and pictures.

The browser is one that the system has, found by name; Playwright drives it and downloads none of
its own. It is started without its sandbox, which a container's root may not set up, and without
the GPU and everything by which it would reach for the network by itself. Nothing but reports that
were made here is opened in it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = "no browser found: install Chromium (Debian: `apt-get install chromium`)"
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def find_chromium() -> str | None:
    """Return the path of the first browser of `NAMES` that the system has; None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def start_chromium(path: str | None = None) -> Iterator[Browser]:
    """Start the browser at a path, or else the one that is found, and stop it in the end.

    Raises:
        FileNotFoundError: No path is given, and no browser is found.
    """
    from playwright.sync_api import sync_playwright

    executable = path or find_chromium()
    if executable is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
