"""Who is reminded before registration ends, and that the worker's second run says nothing new. CQ20-3.3."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.models import Enrollment
from enrollment.reminders import unregistered
from enrollment.services.registration import PHASE, send_back
from portal.accounts.models import User
from portal.messages.models import Message
from portal.rulebook.models import Phase
from portal.rulebook.services.deadlines import remind
from tests.enrollment.course import enrolled, fresh, registered
from tests.enrollment.support import Scene, make_scene
from tests.programs.world import moment

pytestmark = [pytest.mark.django_db, pytest.mark.own_worlds, pytest.mark.clause("CQ20-3.3")]
DAY_BEFORE = moment(10, 31)


def phase_of(scene: Scene) -> Phase:
    return Phase.objects.select_related("rulebook").get(code=PHASE)


def told(user: Any) -> list[str]:
    return list(
        Message.objects.filter(recipient=user, key__startswith="phase:").values_list("title", flat=True)
    )


def sent_back(scene: Scene, made: Enrollment) -> User:
    """Someone with an account whose registration waits for them again."""
    user = registered(made)
    send_back(scene.world.base_admin, fresh(made), reason="请补照片")
    return user


def test_who_has_an_account_is_reminded_and_school_and_bureau_for_those_without(scene: Scene) -> None:
    mine, theirs, waiting = enrolled(scene, scene.teacher(), scene.teacher(), scene.teacher())
    user = sent_back(scene, mine)
    registered(waiting)
    assert theirs.teacher.user is None
    remind(phase_of(scene).pk, DAY_BEFORE)
    assert [title for title in told(user) if "您还没有完成“演示项目P1”的报名" in title]
    for actor in (scene.school_admin, scene.clerk):
        assert [title for title in told(actor.user) if "还有1名学员未注册报名" in title], actor.role
    assert [title for title in told(scene.world.base_admin.user) if "还有1名学员的报名等待确认" in title]
    before = Message.objects.count()
    assert remind(phase_of(scene).pk, DAY_BEFORE) == 0, "a second run says nothing new"
    assert Message.objects.count() == before


def test_a_college_is_told_once_though_it_is_school_and_sender(scene: Scene) -> None:
    [one] = enrolled(scene)
    Enrollment.objects.filter(pk=one.pk).update(organization=scene.college, school=scene.college)
    found = list(unregistered(phase_of(scene), DAY_BEFORE))
    assert [list(each.recipients) for each in found] == [[scene.college_admin.user_id]]


def test_the_number_of_queries_does_not_grow() -> None:
    scene = make_scene(seats=4)

    def queries(now: datetime) -> int:
        phase = phase_of(scene)
        with CaptureQueriesContext(connection) as captured:
            list(unregistered(phase, now))
        return len(captured)

    first, second, third, _silent = enrolled(scene, *(scene.teacher() for _each in range(4)))
    sent_back(scene, first)
    registered(third)
    one = queries(DAY_BEFORE)
    sent_back(scene, second)
    assert (one, queries(DAY_BEFORE)) == (7, 7)
