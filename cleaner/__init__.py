"""Turn articles from many news outlets into a clean, deduplicated corpus, and show why.

from cleaner import Config, clean_corpus, clean_text
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleaner.api import CleanedText, TextSpan, clean_corpus, clean_text, plan_corpus
    from cleaner.config import Config, load_config
    from cleaner.errors import CleanerError
    from cleaner.passages.text_clusters import cluster_texts
    from cleaner.results import OutletResult, RunResult

__all__ = [
    "CleanedText",
    "CleanerError",
    "Config",
    "OutletResult",
    "RunResult",
    "TextSpan",
    "clean_corpus",
    "clean_text",
    "cluster_texts",
    "load_config",
    "plan_corpus",
]

_HOMES = {
    "CleanedText": "api",
    "CleanerError": "errors",
    "Config": "config",
    "OutletResult": "results",
    "RunResult": "results",
    "TextSpan": "api",
    "clean_corpus": "api",
    "clean_text": "api",
    "cluster_texts": "passages.text_clusters",
    "load_config": "config",
    "plan_corpus": "api",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `clean --help` must not wait for Arrow."""
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(f"cleaner.{_HOMES[name]}"), name)
    message = f"module 'cleaner' has no attribute {name!r}"
    raise AttributeError(message)
