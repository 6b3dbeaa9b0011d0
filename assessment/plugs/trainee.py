"""What assessment puts on a trainee's home: today's class, attendance and leave, surveys, result, certificate, form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessment.models import Ballot, Result, SurveyState
from enrollment.models import Enrollment, EnrollmentState
from enrollment.trainee_links import TraineeLink, trainee_links
from portal.operations.actor import Actor
from programs.models import ANNOUNCED, Lesson

Found = Mapping[int, Iterable[TraineeLink]]


@trainee_links
def my_class(actor: Actor, keys: Sequence[int], now: datetime) -> Found:
    """The class of a confirmed trainee, what it teaches today, attendance and leave. Two queries."""
    rows = Enrollment.objects.filter(pk__in=keys, state=EnrollmentState.CONFIRMED)
    found = dict(rows.filter(training_class__state__in=ANNOUNCED).values_list("pk", "training_class"))
    today = _lessons(set(found.values()), now)
    return {
        key: list(_of_class(training_class, today[training_class])) for key, training_class in found.items()
    }


@trainee_links
def my_surveys(actor: Actor, keys: Sequence[int], now: datetime) -> Found:
    """Surveys that wait for an answer. One query."""
    rows = Ballot.objects.filter(
        enrollment__in=keys,
        answered=False,
        survey__state=SurveyState.OPEN,
        survey__opens_at__lte=now,
        survey__closes_at__gt=now,
    )
    found: dict[int, list[TraineeLink]] = defaultdict(list)
    for enrollment, survey, title in rows.values_list("enrollment", "survey", "survey__title"):
        label = _("请填写：%(title)s（匿名）") % {"title": title}
        found[enrollment].append(TraineeLink(label, _survey_url(survey), "clipboard-check", strong=True))
    return found


@trainee_links
def my_results(actor: Actor, keys: Sequence[int], now: datetime) -> Found:
    """The result, the certificate and the finished form. One query."""
    rows = Result.objects.filter(enrollment__in=keys).select_related(
        "level", "certificate", "enrollment__base_opinion"
    )
    return {each.enrollment_id: [_result(each)] for each in rows}


def _of_class(key: int, lessons: Sequence[str]) -> Iterable[TraineeLink]:
    page = reverse("programs:class", args=[key])
    if lessons:
        yield TraineeLink(_("今日课程"), page, "calendar", "；".join(lessons), strong=True)
    else:
        yield TraineeLink(_("我的班级与课程表"), page, "calendar")
    yield TraineeLink(_("我的考勤与请假"), reverse("assessment:mine"), "user-check")


def _lessons(classes: set[int], now: datetime) -> dict[int, list[str]]:
    """Today's lessons of each class in words."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Lesson.objects.filter(training_class__in=classes, starts_at__date=timezone.localdate(now))
    for each in rows.order_by("starts_at"):
        start = timezone.localtime(each.starts_at)
        found[each.training_class_id].append(f"{start:%H:%M} {each.topic}（{each.place}）")
    return found


def _result(result: Result) -> TraineeLink:
    certificate = getattr(result, "certificate", None)
    parts = [str(result.level), _("%(hours)d学时") % {"hours": result.hours}]
    if certificate and certificate.revoked_at is None:
        parts.append(_("结业证书%(number)s") % {"number": certificate.number})
    if hasattr(result.enrollment, "base_opinion"):
        parts.append(_("推荐表已完成"))
    url = reverse("assessment:result", args=[result.pk])
    return TraineeLink(_("培训结果、证书与推荐表"), url, "clipboard-check", " · ".join(parts), strong=True)


def _survey_url(key: int) -> str:
    return reverse("assessment:answer", args=[key])
