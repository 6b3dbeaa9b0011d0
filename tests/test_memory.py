"""The collector rests during the work and is left as it was found."""

import gc

import pytest

from portal.memory import uncollected


@uncollected()
def failing() -> None:
    raise ValueError("resting" if not gc.isenabled() else "at work")


def test_the_collector_rests_and_comes_back_after_a_failure_too() -> None:
    with pytest.raises(ValueError, match="resting"):
        failing()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
