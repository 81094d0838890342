"""What planning hands on to reading: one planned input, and the plan as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from cleaner.model import Rejection


class InputFile(msgspec.Struct, frozen=True):
    """One planned input.

    Attributes:
        path: Where it lies; None is standard input.
        label: How its documents' `source` and `path` begin, with `/` on every system.
        format: `text`, `html`, `jsonl`, `json`, `parquet`, `warc` or `wet`.
        fields: Field name by role (see `config.FIELD_ROLES`), for JSONL, JSON and Parquet.
        outlet: The outlet of a document that does not name its own.
        outlet_from: `folder` or `file`.
    """

    path: Path | None
    label: str
    format: str
    fields: Mapping[str, str]
    outlet: str
    outlet_from: str


class ReadingPlan(msgspec.Struct, frozen=True):
    """The inputs that will be read, by label, and what was set aside on the way, by source."""

    files: tuple[InputFile, ...]
    rejections: tuple[Rejection, ...]
