"""What an input was when it was read: the manifest says it, and a change meanwhile is noticed."""

from __future__ import annotations

import hashlib
import os

import msgspec

from cleaner.model import Rejection
from cleaner.reading.input_file import InputFile

_PIECE_BYTES = 1 << 20


class InputState(msgspec.Struct, frozen=True):
    """An input and its bytes, as they were before it was read.

    Attributes:
        file: The input.
        num_bytes: Its size as it lies there, in bytes; None for standard input, and for a file that
            could not be read.
        sha256: The checksum of these bytes, 64 hexadecimal digits, or None.
        stamp: What the system says of the file that changes with it, or None.
    """

    file: InputFile
    num_bytes: int | None = None
    sha256: str | None = None
    stamp: tuple[int, ...] | None = None


def take_state(file: InputFile) -> InputState:
    """Look at the bytes of an input."""
    if file.path is None:
        return InputState(file)
    digest = hashlib.sha256()
    size = 0
    try:
        with file.path.open("rb") as opened:
            stamp = _stamp(os.fstat(opened.fileno()))
            while piece := opened.read(_PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
    except OSError:  # Reading it says so.
        return InputState(file)
    return InputState(file, size, digest.hexdigest(), stamp)


def reject_changed(state: InputState) -> Rejection | None:
    """Say that a file was written to since its state was taken; None if it was not.

    One that is gone by now was read before that, or its reader has said that it was not.
    """
    if state.file.path is None or state.stamp is None:
        return None
    try:
        now = _stamp(state.file.path.stat())
    except OSError:
        return None
    if now == state.stamp:
        return None
    detail = "another program wrote to it while it was read; what was read of it may be incomplete"
    return Rejection(state.file.label, "changed_while_reading", detail)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
