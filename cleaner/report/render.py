"""From the view data to one HTML file; the only place that knows Jinja."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cleaner.report.view import build_page

if TYPE_CHECKING:
    from cleaner.results import RunResult

_AUTOESCAPE = True
"""Article text is hostile: every value that the template prints is escaped, without exception."""

_PAGE, _STYLE = "report.html.j2", "report.css.j2"


def render_report(
    result: RunResult,
    clusters: Sequence[Mapping[str, Any]],
    rejections: Sequence[Mapping[str, str]],
    *,
    num_hidden_clusters: int,
    num_hidden_rejections: int,
) -> str:
    """Write the report of a run as one self-contained HTML page without scripts.

    Args:
        result: What the run found, in numbers.
        clusters: What `describe_clusters` yields, largest first; each member also has `text` (the
            passage, or the kept text of the document for copies), `before` and `after` (the text
            around it, may be empty).
        rejections: Inputs that were set aside, as `source`, `reason` and `detail`.
        num_hidden_clusters: Clusters of the run that are not among `clusters`.
        num_hidden_rejections: Inputs set aside that are not among `rejections`.

    Returns:
        The page; the same arguments give the same page.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cleaner.report", "."),
        autoescape=_AUTOESCAPE,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = build_page(
        result,
        clusters,
        rejections,
        num_hidden_clusters=num_hidden_clusters,
        num_hidden_rejections=num_hidden_rejections,
    )
    style = environment.get_template(_STYLE).render()
    return environment.get_template(_PAGE).render(page=page, policy=_security_policy(style))


def _security_policy(style: str) -> str:
    """Forbid everything but the page's own style sheet, which is named by its digest."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
