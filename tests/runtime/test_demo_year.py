"""The demo's year: stages in order, each whole or not at all, on the demo's own clock."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal import clock
from portal.messages.models import Message
from portal.runtime import demo as frame
from portal.runtime.demo import Demo, Stage, demo_stage, play

pytestmark = pytest.mark.django_db


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> list[Stage]:
    """No stages but those that the test declares."""
    made: list[Stage] = []
    monkeypatch.setattr(frame, "_stages", made)
    monkeypatch.setattr(frame, "our_apps", list)
    return made


def made_demo(said: list[str], **fields: Any) -> Demo:
    return Demo(say=said.append, **fields)


def test_the_year_runs_its_own_stages_in_order(stages: list[Stage]) -> None:
    ran: list[str] = []
    demo_stage(20, "二", year=True)(lambda demo: ran.append("二"))
    demo_stage(10, "一", year=True)(lambda demo: ran.append("一"))
    demo_stage(1, "演示")(lambda demo: ran.append("演示"))
    said: list[str] = []
    play(made_demo(said))
    assert ran == ["一", "二"]
    assert [each.split()[0] for each in said] == ["一", "二"]


def test_a_stage_moves_the_clock_and_knows_how_far_to_go(stages: list[Stage], settings: Any) -> None:
    settings.DEMO = True
    demo = made_demo([], until=date(2021, 3, 1))
    assert (demo.reached(date(2021, 3, 1)), demo.reached(date(2021, 3, 2))) == (True, False)
    assert demo.at(date(2020, 11, 9), 8).isoformat() == "2020-11-09T08:00:00+08:00"
    assert clock.today() == date(2020, 11, 9)


def test_a_stage_that_fails_leaves_nothing_of_itself_and_all_of_those_before(stages: list[Stage]) -> None:
    from tests.factories import UserFactory

    person = UserFactory()

    def write(demo: Demo) -> None:
        Message.objects.create(recipient=person, title="一", business_at=clock.now())

    def fail(demo: Demo) -> None:
        write(demo)
        raise RuntimeError

    demo_stage(1, "一", year=True)(write)
    demo_stage(2, "二", year=True)(fail)
    with pytest.raises(RuntimeError):
        play(made_demo([]))
    assert Message.objects.count() == 1


def test_only_a_loaded_demo_has_a_year(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("play_year")
    settings.DEMO = True
    with pytest.raises(CommandError, match="load it first"):
        call_command("play_year")
