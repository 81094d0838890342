"""What `clean diff` tells: how the outcome of two runs differs, and what can be the cause.

`folder` reads a run, `manifests` compares what was asked of both, `pairing` finds the documents of
one in the other, `texts` compares texts, `fates` ledgers, `marks` says which documents differ,
`documents` and `clusters` what changed, `causes` why; `changes` is what they give, and `compare`
puts it together.
"""

from cleaner.comparison.causes import Cause
from cleaner.comparison.changes import (
    ClusterChange,
    DocumentChange,
    Judgement,
    PassageChange,
    RejectionChange,
    RuleChange,
    TextDifference,
)
from cleaner.comparison.compare import Comparison, RunCounts, compare_runs
from cleaner.comparison.manifests import Difference, InputChange, RunDifferences

__all__ = [
    "Cause",
    "ClusterChange",
    "Comparison",
    "Difference",
    "DocumentChange",
    "InputChange",
    "Judgement",
    "PassageChange",
    "RejectionChange",
    "RuleChange",
    "RunCounts",
    "RunDifferences",
    "TextDifference",
    "compare_runs",
]
