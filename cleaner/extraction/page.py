"""From the source of a page to its visible text, its blocks, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cleaner.boilerplate.cues import is_disabled
from cleaner.config import Config
from cleaner.extraction.blocks import parse_page, walk_page
from cleaner.extraction.language import detect_language
from cleaner.extraction.main_content import read_facts
from cleaner.extraction.metadata import (
    page_language,
    published_candidates,
    read_access,
    read_linked_data,
)
from cleaner.extraction.page_evidence import PageText, find_headline, page_title
from cleaner.extraction.page_judge import find_main_content
from cleaner.model import as_row
from cleaner.reading.metadata import find_outlet, parse_date


def extract_page(row: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """Return what a row of `model.TEXTS` says of a page, beside what was known of it before.

    Args:
        row: A row of `model.DOCUMENTS`.
        config: The run's configuration.
    """
    root = parse_page(row["payload"])
    if root is None:
        return {"rejection": "no_text", "detail": "there is no element in the page"}
    text, blocks, owners = walk_page(root)
    data = read_linked_data(root)
    language = row["language"] or page_language(root) or detect_language(text)
    page = PageText(root, row["payload"], text, blocks, owners, language, page_title(root))
    uses_model = not is_disabled("block_model", config.boilerplate.disabled_rules)
    found = find_main_content(page, data, config.extract, uses_model=uses_model)
    result: dict[str, Any] = {"text": text, "blocks": found.blocks, "language": language}
    result["notes"] = [*row["notes"], *found.notes]
    known = {
        "title": row["title"] or find_headline(page),
        "author": row["author"],
        "url": row["url"],
        "published": row["published"] or _first_date(published_candidates(root, data)),
    }
    missing = [name for name, value in known.items() if not (value or found.is_too_long)]
    result |= known | read_facts(root, row["url"], missing)
    result["access"] = as_row(read_access(root, data))
    domain = find_outlet(result["url"]) if result["url"] else None
    if row["outlet_from"] in ("folder", "file") and domain:
        result |= {"outlet": domain, "outlet_from": "url"}
    return result


def _first_date(candidates: Iterable[str]) -> str | None:
    """Return the first that is understood."""
    return next((found for c in candidates if (found := parse_date(c)[0])), None)
