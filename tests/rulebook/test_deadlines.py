"""The worker at deadlines: each closing and each reminder happens once, whatever dies and whatever is delivered twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from portal.messages.models import Message
from portal.rulebook import hooks, tasks
from portal.rulebook.hooks import Reminder
from portal.rulebook.models import Phase, Rulebook
from portal.rulebook.services import deadlines
from tests.factories import UserFactory
from tests.races import at_once, refused

pytestmark = pytest.mark.django_db

END = datetime(2020, 10, 31, 23, 59, 59, 999999, tzinfo=ZoneInfo("Asia/Shanghai"))
AFTER = END + timedelta(hours=1)


@pytest.fixture
def phase(rulebook: Rulebook) -> Phase:
    Rulebook.objects.update(published_at=timezone.now())
    return rulebook.phases.get()


@pytest.fixture
def closings() -> list[tuple[int, datetime]]:
    """What the closers of `nomination` were called with."""
    calls: list[tuple[int, datetime]] = []
    hooks.on_phase_closed("nomination")(lambda phase, now: calls.append((phase.pk, now)))
    hooks.on_phase_closed("training")(lambda phase, now: calls.append((0, now)))
    return calls


@pytest.fixture
def late(phase: Phase) -> Any:
    """A person who has not done what `nomination` asks."""
    person = UserFactory(email="late@example.org")
    hooks.reminds("nomination")(lambda phase, now: [Reminder([person.pk], "请报送人选", url="/x/")])
    return person


def test_a_window_is_closed_after_its_end_and_not_before(phase: Phase, closings: list[Any]) -> None:
    assert deadlines.phases_to_close(END) == []
    assert deadlines.close_phase(phase.pk, END) is False
    assert deadlines.phases_to_close(AFTER) == [phase.pk]
    assert deadlines.close_phase(phase.pk, AFTER) is True
    assert closings == [(phase.pk, AFTER)]


def test_delivered_twice_it_is_closed_once(phase: Phase, closings: list[Any]) -> None:
    deadlines.close_phase(phase.pk, AFTER)
    assert deadlines.close_phase(phase.pk, AFTER) is False
    assert len(closings) == 1
    assert deadlines.phases_to_close(AFTER) == []


def test_a_draft_closes_nothing(phase: Phase, closings: list[Any]) -> None:
    Rulebook.objects.update(published_at=None)
    assert deadlines.phases_to_close(AFTER) == []


def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_next(phase: Phase) -> None:
    attempts: list[int] = []

    @hooks.on_phase_closed("nomination")
    def die_once(phase: Phase, now: datetime) -> None:
        Rulebook.objects.update(title="做了一半")
        attempts.append(1)
        if len(attempts) == 1:
            raise SystemExit

    with pytest.raises(SystemExit):
        deadlines.close_phase(phase.pk, AFTER)
    assert Phase.objects.get().closed_by_worker_at is None
    assert Rulebook.objects.get().title != "做了一半"
    assert deadlines.close_phase(phase.pk, AFTER) is True
    assert Rulebook.objects.get().title == "做了一半"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_two_workers_close_a_window_once(
    phase: Phase, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control claims by reading first and writing later: then both do the work."""
    calls: list[int] = []
    hooks.on_phase_closed("nomination")(lambda phase, now: calls.append(phase.pk))
    barrier = Barrier(2, timeout=20)

    def read_then_write() -> None:
        free = Phase.objects.filter(pk=phase.pk, closed_by_worker_at=None).exists()
        barrier.wait()
        if free:
            Phase.objects.filter(pk=phase.pk).update(closed_by_worker_at=AFTER)
            for close in hooks.closers("nomination"):
                close(phase, AFTER)

    work = partial(deadlines.close_phase, phase.pk, AFTER) if guarded else read_then_write
    assert refused(at_once(work, work)) == []
    assert len(calls) == (1 if guarded else 2)


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        (timedelta(days=3, seconds=1), None),
        (timedelta(days=3), "3d"),
        (timedelta(days=2), "3d"),
        (timedelta(days=1), "1d"),
        (timedelta(), "1d"),
        (-timedelta(hours=1), "over"),
        (-timedelta(days=1), None),
    ],
)
def test_reminders_come_three_days_and_one_day_before_and_at_the_end(
    phase: Phase, before: timedelta, stage: str | None
) -> None:
    key = deadlines.reminder_key(phase, END - before)
    assert key.rpartition(":")[2] == (stage or "")


def test_an_open_window_reminds_of_nothing(phase: Phase) -> None:
    phase.closes_at = None
    assert deadlines.reminder_key(phase, AFTER) == ""


def test_who_is_late_is_reminded_once_a_stage(phase: Phase, late: Any) -> None:
    three = END - timedelta(days=2, hours=1)
    assert deadlines.phases_to_remind(three) == [phase.pk]
    assert deadlines.remind(phase.pk, three) == 1
    assert deadlines.remind(phase.pk, three) == 0
    assert deadlines.phases_to_remind(three) == []
    deadlines.remind(phase.pk, END - timedelta(hours=2))
    deadlines.remind(phase.pk, AFTER)
    titles = list(Message.objects.order_by("pk").values_list("title", flat=True))
    assert titles == [
        "【10月31日23:59截止，还剩2天】请报送人选",
        "【10月31日23:59截止，今天截止】请报送人选",
        "【已截止】请报送人选",
    ]
    assert set(Message.objects.values_list("recipient", flat=True)) == {late.pk}


def test_a_reminder_lost_after_its_mark_is_not_doubled_by_its_key(phase: Phase, late: Any) -> None:
    now = END - timedelta(hours=2)
    deadlines.remind(phase.pk, now)
    Phase.objects.update(reminded="")
    deadlines.remind(phase.pk, now)
    assert Message.objects.count() == 1


def test_an_extended_deadline_reminds_anew(phase: Phase, late: Any) -> None:
    deadlines.remind(phase.pk, END - timedelta(hours=2))
    Phase.objects.update(closes_at=END + timedelta(days=1))
    deadlines.remind(phase.pk, END + timedelta(hours=2))
    assert Message.objects.count() == 2


def test_a_provider_that_fails_leaves_the_reminder_to_be_sent(phase: Phase, late: Any) -> None:
    def fail(phase: Phase, now: datetime) -> Iterator[Reminder]:
        raise RuntimeError("no")

    hooks.reminds("nomination")(fail)
    with pytest.raises(RuntimeError):
        deadlines.remind(phase.pk, END)
    assert Phase.objects.get().reminded == ""
    assert not Message.objects.exists()


def test_nothing_is_due_too_early(phase: Phase, late: Any) -> None:
    assert deadlines.remind(phase.pk, END - timedelta(days=9)) == 0


def test_the_sweeps_hand_each_window_to_a_task_of_its_own(
    phase: Phase, closings: list[Any], late: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.clock, "now", lambda: AFTER)
    for task in (tasks.close_phase, tasks.remind_phase):
        monkeypatch.setattr(task, "delay", task.run)
    tasks.close_phases()
    tasks.remind_phases()
    assert closings == [(phase.pk, AFTER)]
    assert Message.objects.count() == 1


def test_moving_the_clock_starts_the_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    close, remind = Mock(), Mock()
    monkeypatch.setattr(tasks, "close_phases", close)
    monkeypatch.setattr(tasks, "remind_phases", remind)
    tasks.follow_the_clock(AFTER)
    close.delay.assert_called_once_with()
    remind.delay.assert_called_once_with()


def test_a_role_sees_its_reminder_as_urgent(phase: Phase, late: Any) -> None:
    deadlines.remind(phase.pk, END)
    message = Message.objects.get()
    assert message.urgent
    assert message.url == "/x/"


def test_hooks_are_plugged_once() -> None:
    def closer(phase: Phase, now: datetime) -> None:
        """Does nothing."""

    hooks.on_phase_closed("x")(closer)
    hooks.on_phase_closed("x")(closer)
    assert hooks.closers("x") == [closer]
