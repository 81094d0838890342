"""Bytes of an input: a file or standard input, decompressed, with a note of where they break off.

Decompression is done here rather than by `gzip` and `zstandard` files: those either raise and lose
what was decoded, or (zstandard) end in silence where a file was cut.
"""

from __future__ import annotations

import atexit
import functools
import io
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from cleaner.errors import InputError
from cleaner.model import Rejection

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18")
"""The second one opens a skippable frame, which some writers put first."""

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
"""Longer files, lines and records are set aside as `too_large`; chosen by hand: no article is
near it, and memory stays bounded whatever a file pretends."""

_CHUNK_BYTES = 256 * 1024
_ZSTD_PIECE_BYTES = 2048
"""A zstd block of 4 bytes may stand for 128 KiB, so little is fed at a time: at most 64 MiB out."""
_SPOOL_BYTES = 64 * 1024 * 1024


class InputStream(io.RawIOBase):
    """The decompressed bytes of one input.

    Attributes:
        damage: After the last byte: what is wrong with the compressed data, or None.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._pending = memoryview(b"")
        self._num_bytes = 0
        self.damage: str | None = None
        magic = source.read(4)
        source.seek(0)
        self.compression = _compression(magic)
        if self.compression == "gzip":
            self._chunks = self._inflate(lambda: zlib.decompressobj(31), _CHUNK_BYTES)
        elif self.compression == "zstd":
            import zstandard

            self._chunks = self._inflate(
                lambda: zstandard.ZstdDecompressor().decompressobj(), _ZSTD_PIECE_BYTES
            )
        else:
            self._chunks = iter(functools.partial(source.read, _CHUNK_BYTES), b"")

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, and return how many bytes that took; 0 at the end."""
        while not self._pending:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._pending = memoryview(chunk)
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        self._num_bytes += size
        return size

    def close(self) -> None:
        """Close the source too, unless it is standard input, which is read twice."""
        if not isinstance(self._source, tempfile.SpooledTemporaryFile):
            self._source.close()
        super().close()

    def _inflate(self, make_engine: Callable[[], Any], piece_bytes: int) -> Iterator[bytes]:
        """Decompress members or frames one after the other; NUL padding after one is harmless."""
        import zstandard

        engine, data = make_engine(), b""
        bounds = (_CHUNK_BYTES,) if self.compression == "gzip" else ()
        try:
            while True:
                data = data or self._source.read(piece_bytes)
                if not data:
                    break
                if engine.eof:
                    data = data.lstrip(b"\0")
                    if not data:
                        continue
                    engine = make_engine()
                chunk = engine.decompress(data, *bounds)
                data = engine.unconsumed_tail or engine.unused_data
                if chunk:
                    yield chunk
            if not engine.eof:
                yield engine.flush() or b""
                self.damage = f"the {self.compression} data breaks off{self._where()}"
        except (zlib.error, zstandard.ZstdError) as cause:
            self.damage = f"the {self.compression} data is damaged{self._where()} ({cause})"

    def _where(self) -> str:
        return f" after {self._num_bytes:,} decompressed bytes; what stands before it was read"


def open_source(path: Path | None) -> IO[bytes]:
    """Open an input as it is, seekable; None is standard input.

    Raises:
        OSError: If it cannot be opened.
        InputError: If it is standard input, and that is closed.
    """
    if path is not None:
        return path.open("rb")
    if sys.stdin is None:
        message = "- stands for standard input, which is closed; give a file or a folder"
        raise InputError(message)
    spool = _spool(sys.stdin.buffer)
    spool.seek(0)
    return spool


def open_stream(path: Path | None) -> tuple[io.BufferedReader, InputStream]:
    """Open an input decompressed: the buffered reader, and the stream in it, which knows damage.

    Raises:
        OSError: If it cannot be opened.
    """
    stream = InputStream(open_source(path))
    return io.BufferedReader(stream, _CHUNK_BYTES), stream


def read_lines(reader: io.BufferedReader | io.BytesIO) -> Iterator[bytes | None]:
    """Yield the lines with their line ends; None stands for a line that is too large."""
    while line := reader.readline(MAX_DOCUMENT_BYTES + 1):
        if len(line) <= MAX_DOCUMENT_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = reader.readline(_CHUNK_BYTES)
        yield None


def reject_too_large(source: str) -> Rejection:
    """Say that something is larger than any article."""
    limit = MAX_DOCUMENT_BYTES // 1024**2
    return Rejection(source, "too_large", f"longer than {limit} MiB: no article is")


class RecodedStream(io.RawIOBase):
    """A stream in another encoding, read as UTF-8."""

    def __init__(self, reader: io.BufferedReader, encoding: str) -> None:
        self._text = io.TextIOWrapper(reader, encoding=encoding, errors="replace", newline="")

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer: a code point takes four bytes at most."""
        data = self._text.read(max(1, len(buffer) // 4)).encode("utf-8", "replace")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is read from, too."""
        self._text.close()
        super().close()


def _compression(magic: bytes) -> str | None:
    if magic.startswith(GZIP_MAGIC):
        return "gzip"
    return "zstd" if magic in ZSTD_MAGICS else None


@functools.lru_cache(maxsize=1)
def _spool(stdin: IO[bytes]) -> IO[bytes]:
    """Read standard input once: planning looks at its first bytes, reading begins again."""
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 - kept for reading
    atexit.register(spool.close)
    while chunk := stdin.read(_CHUNK_BYTES):
        spool.write(chunk)
    return spool
