"""The browser and the reports that tests of the page share: one of each a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from benchmarks.browser import MISSING, find_chromium, start_chromium

if TYPE_CHECKING:
    from browser import Reader, Run
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session; without one, tests are skipped, and fail in CI."""
    if find_chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run over the sample corpus."""
    from browser import ROOT, Run

    from cleaner import clean_corpus

    folder = tmp_path_factory.mktemp("sample") / "cleaned"
    clean_corpus([ROOT / "seeds"], folder, workers=1)
    return Run(folder)


@pytest.fixture
def reader(chromium: Browser, sample: Run) -> Iterator[Reader]:
    """A reader of the report on the sample corpus, who has it not open yet."""
    from browser import open_reader

    with open_reader(chromium, sample.page) as reader:
        yield reader
