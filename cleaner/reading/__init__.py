"""Find inputs, tell their formats apart, and read them as documents.

`plan_inputs` looks at the names and first bytes and refuses bad requests; `read_documents` streams
one planned input. A bad file or record never raises: it becomes a `Rejection`.
"""

from cleaner.reading.documents import read_documents
from cleaner.reading.input_file import InputFile, ReadingPlan
from cleaner.reading.input_state import InputState, reject_changed, take_state
from cleaner.reading.planning import plan_inputs

__all__ = [
    "InputFile",
    "InputState",
    "ReadingPlan",
    "plan_inputs",
    "read_documents",
    "reject_changed",
    "take_state",
]
