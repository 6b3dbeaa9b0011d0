"""The day after the notice, and a programme in which a class has its money."""

from copy import deepcopy

import pytest

from tests.finance.support import Money, make_money
from tests.programs.world import DAY_AFTER_THE_NOTICE, clock_at, set_clock


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, DAY_AFTER_THE_NOTICE)


@pytest.fixture(scope="module")
def shared_money(shared_database: None) -> Money:
    with clock_at(DAY_AFTER_THE_NOTICE):
        return make_money()


@pytest.fixture
def money(db: None, shared_money: Money) -> Money:
    return deepcopy(shared_money)
