"""Engines own what shuffles: group by, join, connected components, ordered reads.

The stages are pure kernels over Arrow batches and SQL text in a small portable subset; an engine
runs them. `base` is the interface, `local` the embedded engine (DuckDB and a pool of processes).
"""

from cleaner.engines.base import Engine, Heavy, Kernel, Lookup, count_values, read_rows
from cleaner.engines.local import Advance, LocalEngine
from cleaner.engines.profile import Profile, peak_memory

__all__ = [
    "Advance",
    "Engine",
    "Heavy",
    "Kernel",
    "LocalEngine",
    "Lookup",
    "Profile",
    "count_values",
    "peak_memory",
    "read_rows",
]
