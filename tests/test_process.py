"""How the command's processes are set up."""

import gc
import os
import subprocess
import sys

import pytest

from cleaner.process import set_up_process


def test_settings_of_the_user_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a user says of threads holds; where nothing is said, matrices are given one."""
    thresholds = gc.get_threshold()
    try:
        gc.set_threshold(700)
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
        set_up_process()
        assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
        set_up_process()
        assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
        assert gc.get_threshold()[0] > 700
    finally:
        gc.set_threshold(*thresholds)


@pytest.mark.parametrize("library", ["duckdb", "pyarrow"])
def test_end_is_silent(library: str) -> None:
    """No library complains at the end of a process, as DuckDB's bindings would."""
    code = f"""
from cleaner.process import set_up_process
set_up_process()
import {library}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")
