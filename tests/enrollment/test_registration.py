"""A code and the end of the ID number open registration once; base and office confirm, or send back."""

from __future__ import annotations

import pytest

from enrollment.models import Enrollment, EnrollmentState, RegistrationCode
from enrollment.services.codes import issue_class_code
from enrollment.services.registration import (
    Confirmation,
    Opened,
    confirm_by_base,
    join,
    resubmit_registration,
    send_back,
    still_open,
)
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.operations.actor import Actor
from portal.people.models import Teacher
from tests.enrollment.course import (
    base_confirms,
    code_of,
    enrolled,
    find,
    fresh,
    office_confirms,
    open_class,
    opened,
    register_with,
    registered,
    rows,
    state_of,
)
from tests.enrollment.support import Scene
from tests.factories import PASSWORD, make_actor
from tests.programs.world import SYSTEM, moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-3.3")]


def trainee(user: object) -> Actor:
    return Actor.of(Membership.objects.select_related("user", "organization").get(user=user))


def test_a_trainee_registers_and_the_account_is_bound_to_the_record(scene: Scene) -> None:
    (made,) = enrolled(scene)
    user = registered(made)
    assert (fresh(made).teacher.user, state_of(made)) == (user, EnrollmentState.REGISTERED)
    assert user.check_password(PASSWORD)
    assert trainee(user).organization == made.school


def test_a_code_serves_once(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    stale = opened(code, made.teacher)
    register_with(opened(code, made.teacher))
    assert RegistrationCode.objects.get().used_at is not None
    with pytest.raises(Invalid, match="已失效"):
        find(code, made.teacher)
    with pytest.raises(Invalid, match="打开此页的验证码已失效"):
        register_with(stale)


def test_a_page_left_open_registers_nobody_once_its_code_has_ended(scene: Scene) -> None:
    made, other = enrolled(scene, scene.teacher(), scene.teacher())
    page = opened(code_of(made), made.teacher)
    again = opened(code_of(made), made.teacher)
    RegistrationCode.objects.filter(pk=again.code.pk).update(expires_at=moment(10, 23))
    theirs = opened(code_of(other), other.teacher)
    for stale in (page, again, Opened(again.enrollment, theirs.code)):
        with pytest.raises(Invalid, match="打开此页的验证码已失效"):
            register_with(stale)
    assert state_of(made) == EnrollmentState.APPROVED
    assert fresh(made).teacher.user is None
    assert RegistrationCode.objects.get(pk=theirs.code.pk).used_at is None
    register_with(opened(code_of(made), made.teacher))


@pytest.mark.clause("CQ20-A1")
@pytest.mark.parametrize("ends", ["reissued", "moved"])
def test_a_class_s_code_must_still_be_the_trainee_s_own(scene: Scene, ends: str) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    given = {"name": made.teacher.name, "tail": made.teacher.id_number[-6:]}
    page = opened(issue_class_code(SYSTEM, only).code, made.teacher, **given)
    if ends == "reissued":
        issue_class_code(SYSTEM, only)
    else:
        Enrollment.objects.filter(pk=made.pk).update(training_class=None, during=None)
    with pytest.raises(Invalid, match="打开此页的验证码已失效"):
        register_with(page)
    assert state_of(made) == EnrollmentState.APPROVED


def test_a_mistyped_group_is_named(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    wrong = code[:5] + ("0" if code[5] != "0" else "1") + code[6:]
    with pytest.raises(Invalid, match="第2组"):
        find(wrong, made.teacher)


@pytest.mark.parametrize("tail", ["", "12", "0000", "XXXX"])
def test_the_end_of_the_id_number_must_fit_and_the_answer_tells_nothing(scene: Scene, tail: str) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(Invalid, match="验证码或身份信息不符"):
        find(code_of(made), made.teacher, tail=tail)


def test_an_expired_code_opens_nothing(scene: Scene) -> None:
    (made,) = enrolled(scene)
    code = code_of(made)
    assert find(code, made.teacher, now=moment(10, 31, 23, 59)) == made
    with pytest.raises(Invalid, match="已失效"):
        find(code, made.teacher, now=moment(11, 1, 0))


@pytest.mark.clause("CQ20-A1")
def test_a_class_s_code_opens_only_the_class_s_approved_people_by_name(scene: Scene) -> None:
    only = open_class(scene)
    (made,) = enrolled(scene)
    stranger = scene.teacher()
    code, person = issue_class_code(SYSTEM, only).code, made.teacher
    tail = person.id_number[-6:]
    assert find(code, person, name=f" {person.name} ", tail=tail) == made
    for given in (
        {"name": "", "tail": tail},
        {"name": person.name, "tail": tail[-4:]},
        {"name": stranger.name, "tail": stranger.id_number[-6:]},
    ):
        with pytest.raises(Invalid, match="不符"):
            find(code, person, **given)
    register_with(opened(code, person, name=person.name, tail=tail))
    with pytest.raises(Invalid, match="不符"):
        find(code, person, name=person.name, tail=tail)


@pytest.mark.clause("CQ20-3.2")
def test_after_31_october_the_clock_itself_refuses(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    late, on_time = enrolled(scene, scene.teacher(), scene.teacher())
    page = opened(code_of(late), late.teacher)
    set_clock(monkeypatch, moment(10, 31, 23, 59))
    registered(on_time)
    assert (state_of(on_time), still_open(on_time)) == (EnrollmentState.REGISTERED, True)
    set_clock(monkeypatch, moment(11, 1, 0))
    with pytest.raises(OutsidePhase):
        register_with(page)
    assert (state_of(late), still_open(late)) == (EnrollmentState.APPROVED, False)


def test_who_has_an_account_joins_with_it_instead(scene: Scene) -> None:
    person = scene.teacher()
    (first,) = enrolled(scene, person)
    user = registered(first)
    second = scene.submitted(person, project=scene.world.project("P2"))
    scene.decided(second[0], "approve")
    further = fresh(second[0].enrollment)
    page = opened(code_of(further), person)
    with pytest.raises(RuleBroken, match="已有账号"):
        register_with(page)
    with pytest.raises(RuleBroken, match="属于其他人"):
        join(make_actor(Role.TRAINEE, scene.school), further, code=page.code)
    join(trainee(user), further, code=page.code)
    assert state_of(further) == EnrollmentState.REGISTERED
    assert not RegistrationCode.objects.filter(used_at=None, revoked_at=None).exists()
    assert Membership.objects.filter(user=user).count() == 1


def test_a_staff_member_who_joins_becomes_a_trainee_too(scene: Scene) -> None:
    (made,) = enrolled(scene)
    Teacher.objects.filter(pk=made.teacher_id).update(user=scene.school_admin.user)
    join(scene.school_admin, fresh(made), code=opened(code_of(made), made.teacher).code)
    assert Membership.objects.filter(user=scene.school_admin.user, role=Role.TRAINEE).count() == 1


def test_base_then_office_confirm(scene: Scene) -> None:
    (made,) = enrolled(scene)
    with pytest.raises(RuleBroken, match="没有等待您确认"):
        base_confirms(scene, made)
    registered(made)
    with pytest.raises(RuleBroken, match="没有等待您确认"):
        office_confirms(scene, made)
    assert base_confirms(scene, made) == 1
    assert state_of(made) == EnrollmentState.BASE_CONFIRMED
    assert office_confirms(scene, made) == 1
    assert state_of(made) == EnrollmentState.CONFIRMED
    assert fresh(made).confirmed_at == moment(10, 24)


def test_another_base_sees_nothing_to_confirm(scene: Scene) -> None:
    (made,) = enrolled(scene)
    registered(made)
    stranger = make_actor(Role.BASE_ADMIN)
    with pytest.raises(Invalid, match="没有选中"):
        confirm_by_base(stranger, Confirmation(rows(made), stranger))
    with pytest.raises(NotAllowed):
        confirm_by_base(scene.clerk, Confirmation(rows(made), scene.clerk))
    assert state_of(made) == EnrollmentState.REGISTERED


def test_an_incomplete_record_is_not_confirmed(scene: Scene) -> None:
    (made,) = enrolled(scene)
    registered(made)
    Teacher.objects.filter(pk=made.teacher_id).update(email="", graduated_from="", education="")
    with pytest.raises(RuleBroken, match=made.teacher.name):
        base_confirms(scene, made)
    assert state_of(made) == EnrollmentState.REGISTERED


def test_a_registration_sent_back_is_submitted_again_without_a_code(scene: Scene) -> None:
    (made,) = enrolled(scene)
    user = registered(made)
    base_confirms(scene, made)
    with pytest.raises(Invalid, match="退回理由"):
        send_back(scene.world.base_admin, fresh(made), reason=" ")
    send_back(scene.world.base_admin, fresh(made), reason="请补照片")
    assert (state_of(made), fresh(made).registered_at) == (EnrollmentState.APPROVED, None)
    assert user.inbox.filter(body="请补照片").exists()
    with pytest.raises(RuleBroken, match="本人"):
        resubmit_registration(make_actor(Role.TRAINEE, scene.school), fresh(made))
    resubmit_registration(trainee(user), fresh(made))
    assert state_of(made) == EnrollmentState.REGISTERED


def test_what_is_confirmed_is_not_sent_back(scene: Scene) -> None:
    (made,) = enrolled(scene)
    rows(made).update(state=EnrollmentState.CONFIRMED)
    with pytest.raises(WrongState, match="报名成功"):
        send_back(scene.reviewer, fresh(made), reason="重填")
