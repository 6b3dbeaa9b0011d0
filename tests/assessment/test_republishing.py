"""Results published anew after the office has reopened the grades. CQ20-3.6, CQ20-5.2."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from assessment.models import Certificate, ClassGrading, Grade, GradingState, Result
from assessment.plugs.closing import RULE, results_published
from assessment.plugs.results import results_wait
from assessment.services.certificates import issue_certificates
from assessment.services.closing import reopen_grades
from assessment.services.republishing import republish_results
from portal import clock
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.rulebook.findings import Verdict
from programs.models import ClassState, TrainingClass
from tests.assessment.finished import Finished, make_finished
from tests.factories import BaseFactory, make_actor
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(db: None, monkeypatch: pytest.MonkeyPatch) -> Finished:
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished()
    set_clock(monkeypatch, moment(11, 20))
    return made


def reopened(finished: Finished, monkeypatch: pytest.MonkeyPatch, **levels: str) -> None:
    """The office reopens, somebody's grade is changed (`was="becomes"`), the base closes again, after the window even."""
    set_clock(monkeypatch, moment(11, 25, year=2021))
    reopen_grades(finished.office, finished.training_class, reason="漏算成绩")
    for was, becomes in levels.items():
        grade = Grade.objects.filter(level__code=was).order_by("-pk")[0]
        Grade.objects.filter(pk=grade.pk).update(level=finished.level(becomes))
    Grade.objects.update(final=True)
    ClassGrading.objects.update(state=GradingState.CLOSED, closed_at=clock.now())
    set_clock(monkeypatch, moment(11, 26, year=2021))


@pytest.mark.clause("CQ20-3.6")
def test_the_results_follow_the_grades_and_whom_it_concerns_is_told(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = finished.published()
    failed = finished.result("fail")
    trainee = finished.trainee_of(failed)
    other = finished.trainee_of(finished.result("pass"))
    reopened(finished, monkeypatch, fail="pass")
    republish_results(finished.base, finished.training_class, reason="漏算成绩")
    kept = Result.objects.get(pk=failed.pk)
    assert (kept.passed, kept.hours, kept.version) == (True, 60, failed.version + 1)
    made.refresh_from_db()
    assert (made.trainees, made.passed, made.republished_at) == (5, 5, clock.now())
    told = Message.objects.filter(title="“演示班”培训结果已重新公布", body="漏算成绩")
    people = (trainee, finished.school_admin, finished.clerk, finished.office)
    assert {each.recipient for each in told} == {each.user for each in people}
    assert not told.filter(recipient=other.user).exists()
    entry = AuditEntry.objects.get(operation="assessment.republish_results")
    assert (entry.reason, len(entry.rows)) == ("漏算成绩", 1)


@pytest.mark.clause("CQ20-5.2")
def test_the_certificate_of_whoever_now_fails_is_void(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_certificates(finished.base, finished.published())
    reopened(finished, monkeypatch, **{"pass": "fail"})
    republish_results(finished.base, finished.training_class, reason="作弊")
    assert Certificate.objects.filter(revoked_at=None).count() == 3
    assert Certificate.objects.exclude(revoked_at=None).get().result.passed is False


def test_grades_that_came_back_the_same_are_published_silently(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.published()
    reopened(finished, monkeypatch)
    before = Message.objects.count()
    republish_results(finished.base, finished.training_class, reason="核对无误")
    assert Message.objects.count() == before
    assert not Result.objects.exclude(corrected_at=None).exists()
    with pytest.raises(WrongState, match="没有重开过"):
        republish_results(finished.base, finished.training_class, reason="再来")


def test_it_asks_why_and_only_after_reopening(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongState, match="还没有公布"):
        republish_results(finished.base, finished.training_class, reason="早了")
    finished.published()
    with pytest.raises(Invalid, match="理由"):
        republish_results(finished.base, finished.training_class, reason=" ")
    reopen_grades(finished.office, finished.training_class, reason="漏算成绩")
    with pytest.raises(RuleBroken, match="尚未审定"):
        republish_results(finished.base, finished.training_class, reason="早了")
    other = make_actor(Role.BASE_ADMIN, BaseFactory())
    for stranger in (other, finished.office):
        with pytest.raises(NotAllowed):
            republish_results(stranger, finished.training_class, reason="代办")


def test_somebody_graded_late_is_added(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    Grade.objects.filter(level__code="fail").update(final=False)
    assert finished.published().trainees == 4
    reopened(finished, monkeypatch)
    assert republish_results(finished.base, finished.training_class, reason="补录").trainees == 5


def test_the_page_asks_and_the_desk_calls_for_it(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    finished.published()
    client, page = (
        as_actor(finished.base),
        reverse("assessment:class_results", args=[finished.training_class.pk]),
    )
    url = reverse("assessment:republish_results", args=[finished.training_class.pk])
    assert url not in client.get(page).content.decode()
    reopened(finished, monkeypatch, fail="pass")
    assert url in client.get(page).content.decode()
    waiting = [each.title for each in results_wait(finished.base, timezone.now())]
    assert "“演示班”成绩已重开并审定，结果待重新公布" in waiting
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "漏算成绩"}).status_code == 302
    assert "重新公布。" in client.get(page).content.decode()
    assert as_actor(make_actor(Role.BASE_ADMIN, BaseFactory())).get(url).status_code == 404


def test_the_api_publishes_anew(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    made = finished.published()
    reopened(finished, monkeypatch, fail="pass")
    client = APIClient()
    assert finished.base.user
    client.force_login(finished.base.user, backend="django.contrib.auth.backends.ModelBackend")
    done = client.post(f"/api/v1/class-results/{made.pk}/republish/", {"reason": "漏算成绩"}, format="json")
    assert done.json()["passed"] == 5, done.content


@pytest.mark.clause("CQ20-3.6")
def test_a_programme_ends_only_after_the_results_are_out(finished: Finished) -> None:
    program = finished.training_class.project.program
    TrainingClass.objects.update(state=ClassState.FINISHED)
    (said,) = results_published(program)
    assert (said.verdict, said.citation and said.citation.clause) == (Verdict.BLOCK, "CQ20-3.6")
    assert "还有1个班级没有公布培训结果：演示班" in said.message
    finished.published()
    assert [each.verdict for each in results_published(program)] == [Verdict.PASS]
    program.rulebook.rules.filter(kind=RULE).delete()
    assert results_published(program) == []
