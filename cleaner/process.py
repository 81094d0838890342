"""How a process of our own is set up: the command's and its workers', not a caller's of the API."""

from __future__ import annotations

import atexit
import gc
import os
import sys

_OBJECTS_A_COLLECTION = 250_000
"""Python looks for garbage in cycles each time so many more objects live than before, 700 by
default. A worker leaves a thousand in a run, and spent a tenth of its time looking for them."""


def set_up_process() -> None:
    """Look for cycles of garbage less often, at the end not at all; multiply without threads.

    To be called before NumPy is imported: its library for matrices starts a thread a core as it is
    loaded, which takes as long as the rest of NumPy.
    """
    gc.set_threshold(_OBJECTS_A_COLLECTION)
    atexit.register(_keep_garbage)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _keep_garbage() -> None:
    """Spare the interpreter the last look through all there is before it goes.

    Not where DuckDB was loaded: its bindings would list what they still hold. Such a run is long.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()
