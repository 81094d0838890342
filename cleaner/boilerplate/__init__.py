"""Verdicts on blocks: what is main content, what is boilerplate, and why.

Three layers of evidence: the block and its neighbours (`facts`, `rules`, the phrases in `cues/`),
the document (repeats, position; also `rules`) and the outlet (`outlet`). `judge` brings them
together.
"""

from cleaner.boilerplate.judge import (
    JUDGED,
    check_rules,
    judge_blocks,
    judge_documents,
    known_rules,
)
from cleaner.boilerplate.outlet import (
    OUTLET_LINES,
    REPEATED_LINES,
    list_outlet_lines,
    repeated_lines_sql,
)

__all__ = [
    "JUDGED",
    "OUTLET_LINES",
    "REPEATED_LINES",
    "check_rules",
    "judge_blocks",
    "judge_documents",
    "known_rules",
    "list_outlet_lines",
    "repeated_lines_sql",
]
