"""The day after the notice, and a programme in which a class has its money."""

import pytest

from tests.finance.support import Money, make_money
from tests.programs.world import moment, set_clock


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(10, 24))


@pytest.fixture
def money(db: None) -> Money:
    return make_money()
