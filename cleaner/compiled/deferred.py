"""Loops that are compiled when they are first called: no run needs all of them."""

from __future__ import annotations

import contextlib
import functools
import importlib.resources
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numba.core.compiler_lock import global_compiler_lock

from cleaner.compiled.fold_table import PATH

P = ParamSpec("P")
R = TypeVar("R")


def compile_later(signature: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function for one signature of Numba at its first call, and keep the code.

    Raises:
        RuntimeError: At once, if there is no folder to keep the code in.
    """

    def defer(function: Callable[P, R]) -> Callable[P, R]:
        dispatcher = njit(nogil=True, cache=True)(function)

        @functools.cache
        def ready() -> Callable[P, R]:
            with global_compiler_lock, _alone():
                if not dispatcher.signatures:  # No other thread was here first.
                    dispatcher.compile(signature)
                    dispatcher.disable_compile()
            compiled: Callable[P, R] = dispatcher
            return compiled

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return ready()(*args, **kwargs)

        return call

    return defer


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Have other processes wait, so that one compiles, and they find the code it keeps."""
    try:
        import fcntl
    except ImportError:  # Windows: each process compiles for itself.
        yield
        return
    with importlib.resources.as_file(PATH) as path, path.open("rb") as file:
        with contextlib.suppress(OSError):  # Not every file system locks.
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
