"""The demo clock: only a demo has one, only its system administrator moves it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal import clock
from portal.accounts.roles import Role
from portal.errors import NotAllowed
from portal.operations.models import AuditEntry
from portal.rulebook import hooks
from portal.rulebook.models import Phase, Rulebook
from portal.rulebook.services.clock import move_clock
from tests.factories import make_actor

pytestmark = pytest.mark.django_db

TO = datetime(2020, 11, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_clock_left() -> Iterator[None]:
    yield
    cache.delete("demo-clock-seconds")


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.mark.usefixtures("demo")
def test_the_system_administrator_moves_the_business_time(django_capture_on_commit_callbacks: Any) -> None:
    moved: list[datetime] = []
    hooks.clock_moved(moved.append)
    with django_capture_on_commit_callbacks(execute=True):
        move_clock(make_actor(Role.SYSTEM_ADMIN), None, to=TO)
    assert timedelta() <= clock.now() - TO < MINUTE
    assert moved == [TO]


@pytest.mark.usefixtures("demo")
def test_audit_keeps_real_time(db: None) -> None:
    move_clock(make_actor(Role.SYSTEM_ADMIN), None, to=TO)
    entry = AuditEntry.objects.get(operation="rulebook.move_clock")
    assert abs(entry.at - timezone.now()) < MINUTE
    assert entry.after == {"now": "2020-11-01 09:00"}


@pytest.mark.usefixtures("demo")
def test_going_back_opens_what_had_been_closed(rulebook: Rulebook) -> None:
    Phase.objects.update(closed_by_worker_at=TO)
    move_clock(make_actor(Role.SYSTEM_ADMIN), None, to=TO)
    assert Phase.objects.get().closed_by_worker_at is not None
    move_clock(make_actor(Role.SYSTEM_ADMIN), None, to=TO - timedelta(days=9))
    assert Phase.objects.get().closed_by_worker_at is None


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("role", [Role.PROGRAM_MANAGER, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_nobody_else_moves_it(role: Role) -> None:
    with pytest.raises(NotAllowed):
        move_clock(make_actor(role), None, to=TO)


def test_a_real_portal_has_no_such_clock(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(NotAllowed, match="DEMO=1"):
        move_clock(make_actor(Role.SYSTEM_ADMIN), None, to=TO)
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_clock", "2020-11-01", stdout=StringIO())


@pytest.mark.usefixtures("demo")
def test_the_command_moves_and_prints() -> None:
    out = StringIO()
    call_command("demo_clock", "2020-11-01", "10:30", stdout=out)
    assert out.getvalue().startswith("2020-11-01 10:30")
    call_command("demo_clock", "2020-11-02", stdout=out)
    call_command("demo_clock", stdout=out)
    assert out.getvalue().splitlines()[-1].startswith("2020-11-02 09:00")


@pytest.mark.usefixtures("demo")
def test_the_command_refuses_what_is_no_time() -> None:
    with pytest.raises(CommandError, match="不是有效的时间"):
        call_command("demo_clock", "11/01")
