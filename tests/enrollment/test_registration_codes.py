"""Issuing codes and opening registration with them: one valid code a person, refused alike, rate-limited. CQ20-3.3."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from enrollment.attempts import BY_ADDRESS, BY_CODE, TooManyAttempts, count_attempt
from enrollment.codes import new_code, shown
from enrollment.models import ClassCode, Enrollment, RegistrationCode
from enrollment.plugs.class_codes import codes_of
from enrollment.services.codes import issue_class_code, issue_codes
from enrollment.services.registration import open_enrollment
from portal import clock
from portal.errors import Invalid, NotAllowed, RuleBroken
from programs.sheets import export_annex_1
from tests.enrollment.enrolled import enroll, issue_to
from tests.enrollment.support import Scene
from tests.factories import make_actor
from tests.programs.world import make_class, moment, set_clock


@pytest.mark.clause("CQ20-3.3")
def test_only_the_digest_of_a_code_is_stored_and_it_ends_with_the_window(scene: Scene) -> None:
    [trainee] = enroll(scene)
    code = issue_to(scene, trainee)
    row = RegistrationCode.objects.get()
    phase = trainee.rulebook.phase("registration")
    assert code not in str(vars(row))
    assert phase is not None
    assert row.expires_at == phase.closes_at
    with pytest.raises(Invalid):
        open_enrollment(code, trainee.teacher.id_number[-4:], now=clock.now() + timedelta(days=30))


@pytest.mark.clause("CQ20-3.3")
def test_a_reissued_code_ends_the_former_one(scene: Scene) -> None:
    [trainee] = enroll(scene)
    first, second = issue_to(scene, trainee), issue_to(scene, trainee)
    tail = trainee.teacher.id_number[-4:]
    assert open_enrollment(second, tail, now=clock.now()).enrollment == trainee
    with pytest.raises(Invalid, match="不符"):
        open_enrollment(first, tail, now=clock.now())
    assert RegistrationCode.objects.filter(used_at=None, revoked_at=None).count() == 1


@pytest.mark.clause("CQ20-3.3")
def test_no_code_is_issued_after_the_window(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    enroll(scene)
    set_clock(monkeypatch, moment(11, 1))
    with pytest.raises(RuleBroken, match="已截止"):
        issue_codes(scene.clerk, None, enrollments=Enrollment.objects.all())


def test_only_ones_own_people_get_codes(scene: Scene) -> None:
    enroll(scene)
    with pytest.raises(RuleBroken, match="没有待注册的学员"):
        issue_codes(make_actor("school_admin"), None, enrollments=Enrollment.objects.all())
    with pytest.raises(NotAllowed):
        issue_codes(scene.world.base_admin, None, enrollments=Enrollment.objects.all())


def test_the_code_alone_or_the_number_alone_opens_nothing_and_both_are_refused_alike(scene: Scene) -> None:
    [trainee] = enroll(scene)
    code = issue_to(scene, trainee)
    said = set()
    for wrong, tail in ((new_code(), trainee.teacher.id_number[-4:]), (code, "0000"), (code, "")):
        with pytest.raises(Invalid) as refused:
            open_enrollment(wrong, tail, now=clock.now())
        said.add(str(refused.value.message))
    assert len(said) == 1


@pytest.mark.django_db
def test_a_mistyped_group_is_named_without_a_lookup(django_assert_num_queries: Any) -> None:
    code = new_code()
    wrong = code[:5] + ("0" if code[5] != "0" else "1") + code[6:]
    with django_assert_num_queries(0), pytest.raises(Invalid, match="第2组"):
        open_enrollment(wrong, "1234", now=clock.now())


def test_a_code_may_be_tried_eight_times_and_an_address_sixty() -> None:
    cache.clear()
    code = new_code()
    for _try in range(BY_CODE):
        count_attempt("10.0.0.1", code)
    with pytest.raises(TooManyAttempts, match="10分钟"):
        count_attempt("10.0.0.2", code)
    for _try in range(BY_ADDRESS):
        count_attempt("10.0.0.3", new_code())
    with pytest.raises(TooManyAttempts):
        count_attempt("10.0.0.3", new_code())
    count_attempt("10.0.0.4", new_code())


def test_a_window_that_ends_between_the_two_calls_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_key: str) -> int:
        raise ValueError

    monkeypatch.setattr(cache, "incr", gone)
    count_attempt("10.0.0.9", new_code())


@pytest.mark.clause("CQ20-A1")
def test_the_class_code_of_annex_1_opens_registration_to_the_classs_own_people(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    [trainee] = enroll(scene)
    assert trainee.training_class == made
    code = issue_class_code(scene.world.base_admin, made).code
    tail = trainee.teacher.id_number[-6:]
    assert open_enrollment(code, tail, name=trainee.teacher.name, now=clock.now()).enrollment == trainee
    for name, end in ((trainee.teacher.name, tail[-4:]), ("别人", tail), ("", tail)):
        with pytest.raises(Invalid):
            open_enrollment(code, end, name=name, now=clock.now())


@pytest.mark.clause("CQ20-A1")
def test_annex_1_prints_the_class_code_to_those_concerned(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    issue_class_code(scene.world.base_admin, made)
    code = issue_class_code(scene.world.base_admin, made).code
    assert ClassCode.objects.get(revoked_at=None).code == code
    for actor in (scene.clerk, scene.world.base_admin, scene.reviewer):
        assert codes_of(actor, [made.pk]) == {made.pk: shown(code)}
    for role in ("base_admin", "expert"):
        assert codes_of(make_actor(role), [made.pk]) == {}
    file, _name = export_annex_1(scene.world.program, scene.clerk)
    with file:
        assert file.read(2) == b"PK"
