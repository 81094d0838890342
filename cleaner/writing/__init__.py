"""From the engine's tables to the files of an output folder; nothing is decided here."""

from cleaner.writing.folder import OutputFolder
from cleaner.writing.outputs import write_outputs

__all__ = ["OutputFolder", "write_outputs"]
