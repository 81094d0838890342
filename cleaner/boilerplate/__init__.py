"""Verdicts on blocks: what is main content, what is boilerplate, and why.

Three layers of evidence: the block and its neighbours (`facts`, `rules`, the phrases in `cues/`),
the document (repeats, position; also `rules`) and the outlet (`outlet`). `judge` brings them
together. `truncation` then says whether a document holds its whole article.
"""

from cleaner.boilerplate.judge import (
    JUDGED,
    check_rules,
    judge_blocks,
    judge_documents,
    keep_all,
    known_rules,
)
from cleaner.boilerplate.outlet import (
    LINE_COUNTS,
    LISTED_LINES,
    OUTLET_LINES,
    REPEATED_LINES,
    gather_repeated,
    learn_lines,
    line_counts_sql,
    list_outlet_lines,
)
from cleaner.boilerplate.truncation import (
    OUTLET_LENGTHS,
    OUTLET_LENGTHS_SQL,
    TEXT_FACTS,
    TRUNCATIONS,
    find_truncated,
    list_text_facts,
)

__all__ = [
    "JUDGED",
    "LINE_COUNTS",
    "LISTED_LINES",
    "OUTLET_LENGTHS",
    "OUTLET_LENGTHS_SQL",
    "OUTLET_LINES",
    "REPEATED_LINES",
    "TEXT_FACTS",
    "TRUNCATIONS",
    "check_rules",
    "find_truncated",
    "gather_repeated",
    "judge_blocks",
    "judge_documents",
    "keep_all",
    "known_rules",
    "learn_lines",
    "line_counts_sql",
    "list_outlet_lines",
    "list_text_facts",
]
