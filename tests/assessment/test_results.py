"""Results: published to those concerned, excellent trainees made known, corrected by the office alone. CQ20-3.6, 5.4."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import ClassGrading, ClassResults, ExcellentCopy, GradingState, Result
from assessment.plugs.results import results_wait
from assessment.services.certificates import issue_certificates
from assessment.services.correcting import correct_result
from assessment.services.results import publish_results
from enrollment.models import OutcomeKind, TrainingOutcome
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, OutsidePhase, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.people.codes import Stage
from portal.people.models import Teacher
from programs.models import Deliverable
from tests.assessment.finished import Finished, graded_class, make_finished
from tests.factories import BaseFactory, SchoolFactory, make_actor
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(db: None, monkeypatch: pytest.MonkeyPatch) -> Finished:
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished()
    set_clock(monkeypatch, moment(11, 20))
    return made


def told(actor: Actor) -> list[str]:
    return list(Message.objects.filter(recipient=actor.user).values_list("title", flat=True))


@pytest.mark.clause("CQ20-3.6")
def test_the_list_of_the_excellent_reaches_office_unit_and_education_department(finished: Finished) -> None:
    people = [finished.office, finished.school_admin, finished.clerk]
    made = finished.published()
    for actor in people:
        assert ExcellentCopy.objects.filter(results=made, organization=actor.organization).exists()
        assert "“演示班”优秀学员名单" in told(actor)
        page = as_actor(actor).get(reverse("assessment:excellent_list", args=[finished.training_class.pk]))
        assert finished.result("excellent").enrollment.teacher.name in page.content.decode()
        assert finished.result("pass").enrollment.teacher.name not in page.content.decode()
    assert not made.copies.filter(read_at=None).exists()
    owed = Deliverable.objects.get(training_class=finished.training_class, requirement__code="excellent_list")
    assert owed.handed_in == 1
    assert "优秀比例20.0%" in owed.submissions.get().text


@pytest.mark.clause("CQ20-5.4")
def test_whoever_passed_gets_the_project_s_hours_and_credits_and_whoever_failed_none(
    finished: Finished,
) -> None:
    Teacher.objects.filter(enrollments__grade__level__code="pass").update(stage=Stage.SECONDARY_VOCATIONAL)
    Teacher.objects.filter(enrollments__grade__level__code="excellent").update(stage=Stage.HIGHER_VOCATIONAL)
    finished.published()
    found = {each.level.code: (each.passed, each.hours, each.credits) for each in Result.objects.all()}
    failed_stage = Result.objects.get(level__code="fail").enrollment.teacher.stage
    nothing = 0 if failed_stage == Stage.SECONDARY_VOCATIONAL else None
    assert found == {
        "excellent": (True, 60, None),
        "pass": (True, 60, 20),
        "fail": (False, 0, nothing),
    }


def test_trainee_school_bureau_and_office_are_told_and_see_it(finished: Finished) -> None:
    first = finished.training_class.enrollments.order_by("pk")[0]
    trainee = make_actor(Role.TRAINEE, finished.school)
    Teacher.objects.filter(pk=first.teacher_id).update(user=trainee.user)
    readers = [finished.school_admin, finished.clerk, finished.office]
    made = finished.published()
    assert (made.trainees, made.passed, made.excellent) == (5, 4, 1)
    assert told(trainee) == ["您的培训结果已公布"]
    result = Result.objects.get(enrollment=first)
    page = as_actor(trainee).get(reverse("assessment:result", args=[result.pk])).content.decode()
    assert "优秀" in page
    for reader in readers:
        assert "“演示班”培训结果已公布" in told(reader)
        listed = as_actor(reader).get(reverse("assessment:results")).content.decode()
        assert first.teacher.name in listed


@pytest.mark.clause("CQ20-3.6")
def test_nothing_is_published_before_the_grades_are_final(finished: Finished) -> None:
    ClassGrading.objects.update(state=GradingState.SUBMITTED)
    with pytest.raises(RuleBroken, match="尚未审定") as refused:
        finished.published()
    assert refused.value.citation is not None
    assert not ClassResults.objects.exists()


def test_results_are_published_once(finished: Finished) -> None:
    finished.published()
    with pytest.raises(WrongState, match="项目办更正"):
        finished.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        ClassResults.objects.create(
            training_class=finished.training_class, published_at=moment(11, 20), by_name="x"
        )


def test_after_the_programme_s_last_day_nothing_is_published(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, moment(9, 1, year=2021))
    with pytest.raises(OutsidePhase):
        finished.published()


def test_another_base_may_not_publish(finished: Finished) -> None:
    other = make_actor(Role.BASE_ADMIN, BaseFactory(parent=finished.world.city))
    with pytest.raises(NotAllowed):
        publish_results(other, finished.training_class)


def test_publishing_costs_the_same_for_five_and_for_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished(("pass",) * 3)
    other = graded_class(made.world, made.school, ("pass",) * 9, code="P2")
    set_clock(monkeypatch, moment(11, 20))
    with CaptureQueriesContext(connection) as few:
        publish_results(made.base, made.training_class)
    with CaptureQueriesContext(connection) as many:
        publish_results(made.base, other)
    assert len(many) == len(few)


class TestCorrecting:
    def test_the_office_corrects_with_a_reason_and_everything_follows(self, finished: Finished) -> None:
        finished.published()
        failed = finished.result("fail")
        trainee = finished.trainee_of(failed)
        failed = finished.result("fail")
        done = correct_result(
            finished.office, failed, version=1, level=finished.level("pass"), reason="补考通过"
        )
        assert (done.passed, done.hours, done.version) == (True, 60, 2)
        assert ClassResults.objects.get().passed == 5
        assert done.enrollment.grade.__class__.objects.get(enrollment=done.enrollment).level.code == "pass"
        assert TrainingOutcome.objects.get(enrollment=done.enrollment).kind == OutcomeKind.PASSED
        entry = AuditEntry.objects.filter(operation="assessment.correct_result").latest("pk")
        assert (entry.reason, entry.before["level"], entry.after["level"]) == ("补考通过", "不合格", "合格")
        assert any("已更正" in title for title in told(trainee))

    def test_the_cap_holds(self, finished: Finished) -> None:
        finished.published()
        with pytest.raises(RuleBroken, match="最多1人"):
            correct_result(
                finished.office,
                finished.result("pass"),
                version=1,
                level=finished.level("excellent"),
                reason="漏评",
            )
        assert finished.result("pass").version == 1

    def test_a_reason_is_asked_for(self, finished: Finished) -> None:
        finished.published()
        with pytest.raises(Invalid, match="理由"):
            correct_result(
                finished.office, finished.result(), version=1, level=finished.level("fail"), reason=" "
            )

    def test_two_who_correct_at_once_do_not_overwrite_each_other(self, finished: Finished) -> None:
        finished.published()
        stale = finished.result()
        correct_result(
            finished.office, finished.result(), version=1, level=finished.level("fail"), reason="误"
        )
        with pytest.raises(Conflict):
            correct_result(finished.office, stale, version=1, level=finished.level("fail"), reason="误")

    @pytest.mark.parametrize("role", [Role.BASE_ADMIN, Role.SCHOOL_ADMIN])
    def test_nobody_else_corrects(self, finished: Finished, role: Role) -> None:
        finished.published()
        actor = finished.base if role == Role.BASE_ADMIN else finished.school_admin
        with pytest.raises(NotAllowed):
            correct_result(actor, finished.result(), version=1, level=finished.level("fail"), reason="误")

    def test_the_page_asks_for_the_reason_and_corrects(self, finished: Finished) -> None:
        finished.published()
        result = finished.result()
        url, client = reverse("assessment:correct_result", args=[result.pk]), as_actor(finished.office)
        sent = {"version": 1, "level": finished.level("fail").pk, "reason": ""}
        assert client.post(url, sent).status_code == 422
        assert client.post(url, sent | {"reason": "误评"}).status_code == 302
        assert Result.objects.get(pk=result.pk).hours == 0


class TestPages:
    def test_the_base_publishes_from_the_class_s_page(self, finished: Finished) -> None:
        client = as_actor(finished.base)
        key = finished.training_class.pk
        assert [item.kind for item in results_wait(finished.base, moment(11, 20))] == ["结果"]
        card = client.get(reverse("programs:class", args=[key])).content.decode()
        assert reverse("assessment:class_results", args=[key]) in card
        assert "公布结果" in client.get(reverse("assessment:class_results", args=[key])).content.decode()
        client.post(reverse("assessment:publish_results", args=[key]))
        page = client.get(reverse("assessment:class_results", args=[key])).content.decode()
        assert "还有 4 人待发放" in page
        assert [item.kind for item in results_wait(finished.base, moment(11, 20))] == [
            "证书",
            "推荐表",
            "导入",
        ]

    def test_a_school_finds_its_copy_waiting_until_it_has_opened_it(self, finished: Finished) -> None:
        admin = finished.school_admin
        finished.published()
        (item,) = results_wait(admin, moment(11, 20))
        as_actor(admin).get(item.url)
        assert list(results_wait(admin, moment(11, 20))) == []

    def test_strangers_find_nothing(self, finished: Finished) -> None:
        finished.published()
        result, key = finished.result(), finished.training_class.pk
        stranger = make_actor(Role.SCHOOL_ADMIN, SchoolFactory(parent=finished.world.bureau()))
        other = make_actor(Role.TRAINEE, finished.school)
        for actor in (stranger, other):
            client = as_actor(actor)
            assert client.get(reverse("assessment:result", args=[result.pk])).status_code == 404
        client = as_actor(stranger)
        for name in ("class_results", "excellent_list"):
            assert client.get(reverse(f"assessment:{name}", args=[key])).status_code == 404
        for name in ("return_forms", "print_result_forms", "print_certificates", "issue_certificates"):
            assert client.post(reverse(f"assessment:{name}", args=[key])).status_code in (403, 404)
        for name in ("print_certificate", "print_result_form"):
            assert client.post(reverse(f"assessment:{name}", args=[result.pk])).status_code == 404
        assert (
            finished.result().enrollment.teacher.name
            not in client.get(reverse("assessment:results")).content.decode()
        )

    def test_the_list_costs_the_same_for_one_and_for_three(self, monkeypatch: pytest.MonkeyPatch) -> None:
        set_clock(monkeypatch, moment(10, 24))
        one = make_finished(("pass",))
        more = graded_class(one.world, one.school, ("pass",) * 2, code="P2")
        set_clock(monkeypatch, moment(11, 20))
        client, url = as_actor(one.office), reverse("assessment:results")

        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                assert client.get(url).status_code == 200
            return len(counted)

        publish_results(one.base, one.training_class)
        queries()
        first = queries()
        publish_results(one.base, more)
        assert queries() == first

    def test_units_are_summed_by_school_and_by_district(self, finished: Finished) -> None:
        clerk = finished.clerk
        finished.published()
        client = as_actor(clerk)
        for by, name in (("school", finished.school.name), ("district", finished.bureau.name)):
            page = client.get(reverse("assessment:unit_report"), {"by": by}).content.decode()
            assert name in page
            assert ">240<" in page.replace("\n", "")
        outside = reverse("assessment:unit_report_paper", args=[finished.world.base.pk])
        assert client.post(outside).status_code == 404


class TestApi:
    def test_the_base_publishes_and_the_office_corrects(self, finished: Finished) -> None:
        client = as_actor(finished.base)
        answer = client.post("/api/v1/class-results/publish/", {"training_class": finished.training_class.pk})
        assert (answer.status_code, answer.json()["passed"]) == (200, 4)
        result = finished.result()
        sent = {"version": 1, "level": finished.level("fail").pk, "reason": "误评"}
        assert client.post(f"/api/v1/results/{result.pk}/correct/", sent).status_code == 403
        answer = as_actor(finished.office).post(f"/api/v1/results/{result.pk}/correct/", sent)
        assert answer.json()["hours"] == 0

    def test_a_school_reads_its_own(self, finished: Finished) -> None:
        finished.published()
        found = as_actor(finished.school_admin).get("/api/v1/results/").json()["results"]
        assert len(found) == 5
        stranger = make_actor(Role.SCHOOL_ADMIN, SchoolFactory(parent=finished.world.bureau()))
        for name in ("results", "class-results", "certificates", "excellent-lists"):
            assert as_actor(stranger).get(f"/api/v1/{name}/").json()["results"] == []


def test_the_list_is_late_when_the_clock_says_so(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, moment(11, 18) + timedelta(days=16))
    finished.published()
    owed = Deliverable.objects.get(training_class=finished.training_class, requirement__code="excellent_list")
    assert owed.late


class TestTraineeHome:
    def test_the_trainee_finds_class_result_certificate_and_form_at_home(
        self, finished: Finished, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trainee = make_actor(Role.TRAINEE, finished.school)
        first = finished.training_class.enrollments.order_by("pk")[0]
        Teacher.objects.filter(pk=first.teacher_id).update(user=trainee.user)
        client, home = as_actor(trainee), reverse("enrollment:trainee")
        set_clock(monkeypatch, moment(11, 9, 8))
        assert "09:00 课程开发" in client.get(home).content.decode()
        set_clock(monkeypatch, moment(11, 20))
        made = finished.published()
        issue_certificates(finished.base, made)
        page = client.get(home).content.decode()
        result = Result.objects.get(enrollment=first)
        assert reverse("assessment:result", args=[result.pk]) in page
        assert f"60学时 · 结业证书{result.certificate.number}" in page
