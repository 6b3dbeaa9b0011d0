"""The base's opinion on annex 5, and the finished form's way back to trainee, school and office. Source: CQ20-6.3."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import BaseOpinion, ClassResults, Result
from assessment.services.results import SCHOOLS, staff
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own

LONGEST = 300
# What a template text may name.
PLACES = ("姓名", "班级", "等级", "学时", "出勤率", "得分")
SUGGESTED = gettext_lazy(
    "{姓名}同志参加本次培训，出勤率{出勤率}%，完成规定的学习任务，考核{等级}，计{学时}学时。"
)


@operation(
    "assessment.write_opinion",
    gettext_lazy("填写培训考核意见"),
    roles=[Role.BASE_ADMIN],
    scope=own("results.training_class.base"),
    clauses=["CQ20-6.3"],
    system=True,
)
def write_opinion(act: Act, result: Result, *, opinion: str) -> BaseOpinion:
    """Record the base's opinion of one trainee; writing again replaces it. Raises Invalid for none or above 300 characters."""
    words = _checked(opinion)
    former = BaseOpinion.objects.filter(enrollment=result.enrollment_id).first()
    _keep(act, [(result, words)])
    act.changed(
        result.enrollment, before={"opinion": former.opinion if former else ""}, after={"opinion": words}
    )
    return BaseOpinion.objects.get(enrollment=result.enrollment_id)


@operation(
    "assessment.write_opinions",
    gettext_lazy("批量填写培训考核意见"),
    roles=[Role.BASE_ADMIN],
    scope=own("training_class.base"),
    clauses=["CQ20-6.3"],
    system=True,
)
def write_opinions(act: Act, results: ClassResults, *, template: str, overwrite: bool = False) -> int:
    """Fill the opinions of a class from one text with places such as {姓名}; return how many were written.

    Those written before stay unless `overwrite`. Two statements. Raises Invalid for an unknown place.
    """
    _checked(template)
    rows = results.rows.select_related("enrollment__teacher", "level", "results__training_class")
    chosen = list(rows if overwrite else rows.filter(enrollment__base_opinion=None))
    _keep(act, [(each, _checked(filled(template, each))) for each in chosen])
    act.changed(results, after={"opinions": len(chosen), "template": template})
    return len(chosen)


@operation(
    "assessment.return_forms",
    gettext_lazy("反馈学员推荐表"),
    roles=[Role.BASE_ADMIN],
    scope=own("training_class.base"),
    clauses=["CQ20-6.3"],
    system=True,
)
def return_forms(act: Act, results: ClassResults) -> int:
    """Give the finished forms of a class back: trainee, school and office may now print them. Return how many.

    Raises RuleBroken while the opinion of somebody is missing.
    """
    rows = results.rows.select_related("enrollment__teacher__user", "enrollment__school")
    missing = rows.filter(enrollment__base_opinion=None).count()
    if missing:
        raise RuleBroken(
            _("还有%(count)d名学员没有培训考核意见，请先填写。") % {"count": missing}, code="no_opinion"
        )
    results.forms_sent_at = act.now
    results.save(update_fields=["forms_sent_at"])
    people = list(rows)
    _tell(act, results, people)
    act.changed(results, after={"forms": len(people)})
    return len(people)


def filled(template: str, result: Result) -> str:
    """The template with the trainee's own facts. Raises Invalid for a place that is not among PLACES."""
    given = {
        "姓名": result.enrollment.teacher.name,
        "班级": result.results.training_class.name,
        "等级": result.level.name,
        "学时": str(result.hours),
        "出勤率": "—" if result.attendance_rate is None else str(result.attendance_rate),
        "得分": "—" if result.score is None else str(result.score),
    }
    words = template
    for name, value in given.items():
        words = words.replace(f"{{{name}}}", value)
    if "{" in words or "}" in words:
        places = "、".join(f"{{{name}}}" for name in PLACES)
        raise Invalid(
            _("模板中可用的变量只有%(places)s，请检查花括号。") % {"places": places}, field="template"
        )
    return words


def _checked(opinion: str) -> str:
    words = opinion.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(_("请填写培训考核意见，不超过%(most)d字。") % {"most": LONGEST}, field="opinion")
    return words


def _keep(act: Act, pairs: Sequence[tuple[Result, str]]) -> None:
    BaseOpinion.objects.bulk_create(
        (
            BaseOpinion(
                enrollment_id=each.enrollment_id,
                opinion=words,
                by=act.actor.user,
                by_name=act.actor.name,
                at=act.now,
            )
            for each, words in pairs
        ),
        update_conflicts=True,
        unique_fields=["enrollment"],
        update_fields=["opinion", "by", "by_name", "at"],
    )


def _tell(act: Act, results: ClassResults, people: Sequence[Result]) -> None:
    title = _("“%(name)s”的学员推荐表已填写培训考核意见") % {"name": results.training_class}
    for each in people:
        if each.enrollment.teacher.user is not None:
            url = reverse("assessment:result", args=[each.pk])
            act.tell([each.enrollment.teacher.user], _("您的推荐表已填写培训考核意见"), body=title, url=url)
    office = results.training_class.project.program.office_id
    where = {each.enrollment.school_id for each in people} | {office}
    url = f"{reverse('assessment:results')}?training_class={results.training_class_id}"
    act.tell(staff(where, *SCHOOLS, *OFFICE), title, url=url)
