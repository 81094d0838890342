"""What all tests share: no time limit for an example, one browser and one report a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from browser import Reader, Run
    from playwright.sync_api import Browser


settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session; without one, tests are skipped, and fail in CI."""
    from benchmarks.browser import MISSING, find_chromium, start_chromium

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


@pytest.fixture(scope="session")
def sample_reader(chromium: Browser, sample: Run) -> Iterator[Reader]:
    """The page of the session, on the sample corpus."""
    from browser import open_reader

    with open_reader(chromium, sample.page) as reader:
        yield reader


@pytest.fixture
def reader(sample_reader: Reader) -> Iterator[Reader]:
    """A reader of the report on the sample corpus; fails if the page did what it must not."""
    yield sample_reader
    problems = list(sample_reader.problems)
    sample_reader.forget()
    assert problems == []
