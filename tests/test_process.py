"""How the command's processes are set up."""

import gc
import os

import pytest

from cleaner.process import set_up_process


def test_settings_of_the_user_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a user says of threads holds; where nothing is said, matrices are given one."""
    thresholds = gc.get_threshold()
    try:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
        set_up_process()
        assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
        set_up_process()
        assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
        assert gc.get_threshold()[0] > thresholds[0]
    finally:
        gc.set_threshold(*thresholds)
