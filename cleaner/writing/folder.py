"""The output folder: what may be written into it, and how a file appears whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cleaner.errors import OutputError

MANIFEST = "manifest.json"
_STAGING, _LOCK = ".cleaner-", ".cleaner.lock"
_HARMLESS = frozenset({"README.md", ".gitignore", ".gitkeep", _LOCK})


class OutputFolder:
    """Files of one run on their way into a folder.

    Everything is first written beside its final name, in a folder of its own; `commit` then moves
    it, the manifest last. A folder with a complete manifest holds whole files of one run. While
    files are moved the manifest says that it is not complete, and names them: a run that was killed
    there is known for ours by the next one. One run writes at a time, by a lock.

    Args:
        path: The folder; it is made if it is not there.
        overwrite: Write even if files of somebody else's lie in it; those of other names stay.

    Raises:
        OutputError: If the folder cannot be written, holds files that no run of ours wrote, or is
            being written by another run.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path = path
        self._names: list[str] = []
        with self._writing():
            self._old = _known_outputs(path)
            _check(path, self._old, overwrite)
            self._made = [folder for folder in (path, *path.parents) if not folder.exists()]
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path)
            for left in path.glob(f"{_STAGING}*"):
                shutil.rmtree(left, ignore_errors=True)
            self.staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=path))

    def write(self, name: str, fill: Callable[[Path], None]) -> None:
        """Write a file, or a folder of files, under a name.

        Raises:
            OutputError: If the system does not let us, for want of space for one.
        """
        with self._writing():
            fill(self.staging / name)
        self._names.append(name)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            problem = cause.strerror or cause
            message = f"cannot write into {self.path}: {problem}; choose another --output folder"
            raise OutputError(message) from cause

    def commit(self, manifest: dict[str, Any]) -> None:
        """Move all files to their final names; the manifest goes last and lists the others.

        Raises:
            OutputError: If the system does not let us.
        """
        with self._writing():
            self._commit(manifest)

    def _commit(self, manifest: dict[str, Any]) -> None:
        outputs = {name: _describe(self.staging / name) for name in sorted(self._names)}
        for file in sorted(self.staging.rglob("*")):
            if file.is_file():
                _sync(file)
        under_way: dict[str, Any] = {name: {} for name in sorted({*self._old, *self._names})}
        self._put_manifest({"tool": manifest["tool"], "complete": False, "outputs": under_way})
        for name in self._old:
            _remove(self.path / name)
        for name in self._names:
            final = self.path / name
            if final.is_dir():
                _remove(final)
            os.replace(self.staging / name, final)
        self._put_manifest(manifest | {"complete": True, "outputs": outputs})
        self.discard()

    def _put_manifest(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        (self.staging / MANIFEST).write_text(text, encoding="utf-8")
        _sync(self.staging / MANIFEST)
        os.replace(self.staging / MANIFEST, self.path / MANIFEST)
        _sync(self.path)

    def discard(self) -> None:
        """Forget what was not committed, and folders that were made for it."""
        if not self._lock.is_locked:
            return
        shutil.rmtree(self.staging, ignore_errors=True)
        (self.path / _LOCK).unlink(missing_ok=True)
        self._lock.release()
        with contextlib.suppress(OSError):  # One that is not empty stays, and those above it.
            for folder in self._made:
                folder.rmdir()


def _lock(path: Path) -> FileLock:
    """Take the lock of a folder; the system frees it when its holder dies.

    Raises:
        OutputError: If another run holds it.
    """
    lock = FileLock(path / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as cause:
        message = f"another run is writing into {path}; wait for it, or choose another folder"
        raise OutputError(message) from cause
    return lock


def _known_outputs(path: Path) -> list[str]:
    """Return the files that an earlier run says it wrote into a folder."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        names = list(manifest["outputs"]) if manifest["tool"] == "cleaner" else []
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if name == Path(name).name and name not in (".", "..")]


def _check(path: Path, old: list[str], overwrite: bool) -> None:
    """Refuse a folder that is none, or that somebody else's files lie in."""
    if path.exists() and not path.is_dir():
        message = f"{path} is a file; --output names a folder"
        raise OutputError(message)
    if overwrite or not path.is_dir():
        return
    ours = {*old, *([MANIFEST] if old else [])}
    strange = sorted(
        entry.name
        for entry in path.iterdir()
        if entry.name not in ours
        and entry.name not in _HARMLESS
        and not entry.name.startswith(_STAGING)
    )
    if strange:
        shown = ", ".join(strange[:3]) + (" ..." if len(strange) > 3 else "")
        message = (
            f"{path} holds {len(strange)} files that are not from an earlier run ({shown}); "
            "choose another --output folder, or add --overwrite to write beside them"
        )
        raise OutputError(message)


def _describe(path: Path) -> dict[str, Any]:
    """Return size and checksum of a file, or of a folder's files put together in name order."""
    digest = hashlib.sha256()
    size = 0
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    described: dict[str, Any] = {"bytes": size, "sha256": digest.hexdigest()}
    return described | ({"files": len(files)} if path.is_dir() else {})


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Make sure that what was written outlives a power cut, where the system lets us."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
