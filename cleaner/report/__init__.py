"""The page that shows what a run removed and which text stands in more than one document."""

from cleaner.report.render import render_report

__all__ = ["render_report"]
