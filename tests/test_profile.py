"""What a run's stages cost."""

import time

from cleaner.engines import Profile


def spend(seconds: float) -> None:
    """Use the processor for some time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_inner_stages_count_for_themselves() -> None:
    """The costs of all stages together are what the outermost took."""
    profile = Profile()
    begin = time.process_time()
    with profile.stage("outer"):
        spend(0.02)
        for _ in range(2):
            with profile.stage("inner") as cost:
                cost.rows_in += 5
                spend(0.05)
    total = time.process_time() - begin
    outer, inner = profile.stages
    assert (outer.name, outer.calls, inner.name, inner.calls) == ("outer", 1, "inner", 2)
    assert inner.rows_in == 10
    assert inner.cpu_seconds >= 0.1 > outer.cpu_seconds >= 0.02
    assert outer.cpu_seconds + inner.cpu_seconds <= total


def test_a_stage_that_fails_is_counted() -> None:
    """What was spent before an error is not forgotten, and later stages are right."""
    profile = Profile()
    try:
        with profile.stage("fails"):
            spend(0.02)
            raise ValueError
    except ValueError:
        pass
    with profile.stage("next"):
        pass
    assert profile.stages[0].cpu_seconds >= 0.02 > profile.stages[1].cpu_seconds
