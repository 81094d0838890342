"""What is measured: the cleaner and its peers, each behind one function from a page to its text.

Peers are no dependency of the project; `benchmarks/requirements.txt` pins the versions that the
figures of docs/quality.md are for. Each is run as its documentation shows, with comments left out
where it can, and the settings below where one was found to be better over several sets.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import platform
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import cleaner

INSTALL = "pip install -r benchmarks/requirements.txt"
_PACKAGE = Path(cleaner.__file__).parent
_NO_URL = "https://example.org/"
_JUSTEXT_LISTS = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian_Bokmal",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip
"""jusText's names of its stop lists, by ISO 639 code."""
_WARM_UP = (
    "<html><head><title>Ferry</title></head><body><h1>Ferry</h1><p>"
    + "The ferry reached the harbour at noon on Tuesday, the captain said to the waiting crowd. "
    * 9
    + "</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a system is given of a page.

    Attributes:
        source: The decoded source of the page.
        language: Its language for those that must be told, as the gold has it.
    """

    source: str
    url: str | None
    language: str


Extract = Callable[[Request], str]
"""Return the main text of a page, empty if there is none."""


@dataclass(frozen=True, slots=True)
class System:
    """A way to get at the main text of a page.

    Attributes:
        packages: The distributions that it is made of, the first one being its own.
        load: Import it; raises ImportError where it is not installed.
        hint: What else to know when it is not installed.
    """

    name: str
    packages: tuple[str, ...]
    load: Callable[[], Extract]
    hint: str = ""

    @property
    def versions(self) -> str:
        """Its own version, and those of what it leans on."""
        return ", ".join(f"{package} {_version(package)}" for package in self.packages)


@dataclass(slots=True)
class Running:
    """A system that is ready, with the time that it has taken and the pages it failed on.

    Attributes:
        cpu_seconds: CPU time of this process inside the system, imports and first page left out.
        failures: The error of each page that it failed on, by page id.
    """

    system: System
    extract: Extract
    cpu_seconds: float = 0.0
    failures: dict[str, str] = field(default_factory=dict)

    def run(self, page_id: str, request: Request) -> str:
        """Return what the system makes of a page; an error counts as no text."""
        begin = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self.extract(request) or ""
        except Exception as problem:  # A peer may raise anything; its other pages still count.
            self.failures[page_id] = f"{type(problem).__name__}: {problem}"
            return ""
        finally:
            self.cpu_seconds += time.process_time() - begin


@dataclass(frozen=True, slots=True)
class Missing:
    """A system that is not installed here, and what to do about it."""

    name: str
    reason: str
    install: str


def load_systems(systems: Iterable[System]) -> tuple[list[Running], list[Missing]]:
    """Import systems and let each read a page once; say which ones are not there."""
    running: list[Running] = []
    missing: list[Missing] = []
    for system in systems:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                extract = system.load()
        except ImportError as problem:
            install = f"{INSTALL}{system.hint and f' ({system.hint})'}"
            missing.append(Missing(system.name, str(problem), install))
            continue
        ready = Running(system, extract)
        ready.run("", Request(_WARM_UP, _NO_URL, "en"))
        running.append(Running(system, extract))
    gc.freeze()  # What all have imported is no system's garbage: one collects it at every page.
    return running, missing


def describe_versions(systems: Sequence[System]) -> dict[str, str]:
    """Return versions by name: Python's, and each system's."""
    versions = {"Python": platform.python_version()}
    return versions | {system.name: system.versions for system in systems}


def _version(package: str) -> str:
    if package == "cleaner":
        return f"source {digest_sources(_PACKAGE)[:12]}"
    return metadata.version(package)


def digest_sources(folder: Path) -> str:
    """Return one SHA-256 for all files of a package: its version number changes too seldom."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()


def _load_cleaner() -> Extract:
    from cleaner import clean_text

    def extract(page: Request) -> str:
        """One page has no copies, so its text is that of the full view."""
        return clean_text(page.source, html=True, url=page.url).text

    return extract


def _load_trafilatura(**options: Any) -> Callable[[], Extract]:
    def load() -> Extract:
        import trafilatura

        def extract(page: Request) -> str:
            text: str | None = trafilatura.extract(
                page.source, url=page.url, include_comments=False, **options
            )
            return text or ""

        return extract

    return load


def _load_justext() -> Extract:
    import justext

    def extract(page: Request) -> str:
        paragraphs = justext.justext(page.source, stop_words(page.language))
        return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)

    return extract


@functools.cache
def stop_words(language: str) -> frozenset[str]:
    """Return jusText's stop words of a language; of all languages, if it has none of this one."""
    import justext

    name = _JUSTEXT_LISTS.get(language)
    names = [name] if name else sorted(justext.get_stoplists())
    return frozenset().union(*map(justext.get_stoplist, names))


def _load_readability() -> Extract:
    import html_text
    from readability import Document

    def extract(page: Request) -> str:
        summary = Document(page.source, url=page.url).summary(html_partial=True)
        return str(html_text.extract_text(summary))

    return extract


def _load_resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text

    def extract(page: Request) -> str:
        return str(
            extract_plain_text(
                page.source,
                main_content=True,
                alt_texts=False,
                list_bullets=False,
                comments=False,
            )
        )

    return extract


def _load_magic_html() -> Extract:
    import html_text
    from magic_html import GeneralExtractor

    extractor = GeneralExtractor()

    def extract(page: Request) -> str:
        found = extractor.extract(page.source, base_url=page.url or "")
        return str(html_text.extract_text(found["html"]))

    return extract


def _load_newspaper() -> Extract:
    """newspaper4k asks for the language: the page's if it knows it, else English."""
    import newspaper
    from newspaper.utils import get_available_languages

    known = set(get_available_languages())

    def extract(page: Request) -> str:
        article: Any = newspaper.Article(
            page.url or _NO_URL,
            language=page.language if page.language in known else "en",
            fetch_images=False,
        )
        article.download(input_html=page.source)
        article.parse()
        return str(article.text)

    return extract


SYSTEMS = (
    System("clean", ("cleaner",), _load_cleaner),
    System("trafilatura", ("trafilatura", "lxml"), _load_trafilatura()),
    System(
        "trafilatura precision",
        ("trafilatura", "lxml"),
        _load_trafilatura(favor_precision=True),
    ),
    System("trafilatura fast", ("trafilatura", "lxml"), _load_trafilatura(fast=True)),
    System("readability-lxml", ("readability-lxml", "html_text", "lxml"), _load_readability),
    System("resiliparse", ("resiliparse",), _load_resiliparse),
    System(
        "magic-html",
        ("magic-html", "html_text", "lxml"),
        _load_magic_html,
        "before Python 3.12: pip install --ignore-requires-python magic-html==0.1.8",
    ),
    System("newspaper4k", ("newspaper4k", "lxml"), _load_newspaper),
    System("jusText", ("jusText", "lxml"), _load_justext),
)
"""All systems, the cleaner first; `resiliparse` is its `main_content`."""
