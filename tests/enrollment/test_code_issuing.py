"""Codes are issued to approved people only, one valid at a time, and rest as digests."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from enrollment.codes import code_digest, mistyped_group
from enrollment.models import ClassCode, Enrollment, RegistrationCode
from enrollment.services.codes import issue_class_code, issue_codes, revoke_codes
from portal import clock
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, RuleBroken
from portal.operations.models import AuditEntry
from tests.enrollment.course import code_of, enrolled, find, fresh, open_class, rows
from tests.enrollment.support import Scene
from tests.factories import make_actor
from tests.programs.world import SYSTEM, moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-3.3")]
LAST_MOMENT = datetime(2020, 10, 31, 23, 59, 59, 999999, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_each_person_gets_a_code_of_their_own_valid_until_the_window_closes(scene: Scene) -> None:
    made = enrolled(scene, scene.teacher(), scene.teacher())
    codes = issue_codes(scene.clerk, None, enrollments=rows(*made))
    assert set(codes) == {each.pk for each in made}
    assert len(set(codes.values())) == 2
    assert {each.expires_at for each in RegistrationCode.objects.all()} == {LAST_MOMENT}
    assert all(mistyped_group(each) == 0 for each in codes.values())


def test_the_plain_code_rests_nowhere(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    assert RegistrationCode.objects.get().digest == code_digest(code)
    entry = AuditEntry.objects.filter(operation="enrollment.issue_codes").latest("pk")
    assert code not in f"{entry.before}{entry.after}{entry.rows}"


def test_a_new_code_ends_the_former_one(scene: Scene) -> None:
    (made,) = enrolled(scene)
    former, code = code_of(made), code_of(made)
    with pytest.raises(Invalid, match="已失效"):
        find(former, made.teacher)
    assert find(code, made.teacher) == made
    assert made.codes.filter(revoked_at=None).count() == 1


def test_the_database_keeps_two_valid_codes_of_one_person_out(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code_of(made)
    with pytest.raises(IntegrityError, match="registration_code_one_valid"), transaction.atomic():
        made.codes.create(digest="x", issued_at=clock.now(), expires_at=clock.now())


@pytest.mark.clause("CQ20-3.2")
def test_nobody_gets_a_code_before_the_review_is_through(scene: Scene) -> None:
    scene.submitted(scene.teacher())
    assert not Enrollment.objects.exists()
    with pytest.raises(RuleBroken, match="资格审核通过"):
        issue_codes(scene.clerk, None, enrollments=Enrollment.objects.all())


def test_who_registered_already_gets_none(scene: Scene) -> None:
    (made,) = enrolled(scene)
    rows(made).update(state="registered")
    with pytest.raises(RuleBroken, match="没有待注册"):
        code_of(made)


def test_each_issues_only_to_the_own_people(scene: Scene) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(RuleBroken, match="没有待注册"):
        code_of(made, make_actor(Role.BUREAU_CLERK))
    with pytest.raises(NotAllowed):
        code_of(made, scene.world.base_admin)
    assert code_of(made, scene.school_admin)
    assert code_of(made, scene.reviewer)


def test_after_the_window_none_is_issued(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    (made,) = enrolled(scene)
    set_clock(monkeypatch, LAST_MOMENT)
    assert code_of(made)
    set_clock(monkeypatch, moment(11, 1, 0))
    with pytest.raises(RuleBroken, match="已截止") as refused:
        code_of(made)
    assert refused.value.citation is not None
    assert refused.value.citation.clause == "CQ20-3.3"


def test_revoked_codes_open_nothing(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    assert (revoke_codes([made], clock.now()), revoke_codes([made], clock.now())) == (1, 0)
    with pytest.raises(Invalid):
        find(code, made.teacher)


@pytest.mark.clause("CQ20-A1")
def test_a_class_has_one_code_and_a_new_one_ends_it(scene: Scene) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    person = made.teacher
    given = {"name": person.name, "tail": person.id_number[-6:]}
    former = issue_class_code(scene.world.base_admin, only).code
    assert find(former, person, **given) == made
    code = issue_class_code(SYSTEM, only).code
    assert ClassCode.objects.filter(revoked_at=None).count() == 1
    assert find(code, person, **given) == made
    with pytest.raises(Invalid):
        find(former, person, **given)
    assert fresh(made).state == "approved"


@pytest.mark.clause("CQ20-A1")
def test_another_base_gives_no_class_code(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        issue_class_code(make_actor(Role.BASE_ADMIN), open_class(scene))
