"""Find inputs, tell their formats apart, and read them as documents.

`plan_inputs` looks at the names and first bytes and refuses bad requests; `read_documents` streams
one planned input. A bad file or record never raises: it becomes a `Rejection`.
"""

from cleaner.reading.documents import read_documents
from cleaner.reading.input_file import InputFile, ReadingPlan, describe_plan
from cleaner.reading.planning import plan_inputs

__all__ = ["InputFile", "ReadingPlan", "describe_plan", "plan_inputs", "read_documents"]
