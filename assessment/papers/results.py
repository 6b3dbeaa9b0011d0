"""Papers after grading: the certificate, the second part of annex 5, a unit's results. CQ20-3.6, 6.3, domain facts §2.9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import BaseOpinion, Certificate, GradeLevel, Result
from assessment.queries.results import report_rows, totals
from assessment.services.certificates import CERTIFICATE, unknown_words
from enrollment.form_parts import SecondPart, second_parts
from portal.accounts.roles import OFFICE, Role
from portal.organizations.models import Organization
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.rulebook.facts import fact

WORDS = ("name", "authority", "start", "end", "program", "project", "hours", "level")
TEXT = fact(
    "certificate_text",
    gettext_lazy("结业证书正文"),
    "",
    hint=gettext_lazy(
        "可引用{name}姓名、{authority}、{start}、{end}、{program}、{project}、{hours}学时、{level}等级"
    ),
    problem=unknown_words(WORDS),
)
SUPERVISOR = fact("certificate_supervisor", gettext_lazy("结业证书监制单位"), "")
REPORT = "assessment.unit_report"
REPORTERS = frozenset(
    {
        *OFFICE,
        Role.PROVINCIAL_OFFICER,
        Role.BUREAU_CLERK,
        Role.BUREAU_APPROVER,
        Role.SCHOOL_ADMIN,
        Role.COLLEGE_ADMIN,
    }
)


def certificate_rows() -> QuerySet[Certificate]:
    """Standing certificates with all that they say. One query."""
    return Certificate.objects.standing().select_related(
        "result__level",
        "result__results__training_class__base",
        "result__enrollment__teacher",
        "result__enrollment__school",
        "result__enrollment__project__program__rulebook",
        "result__enrollment__project__program__office__parent",
    )


def certificate_contexts(rows: Sequence[Certificate]) -> list[Mapping[str, Any]]:
    """What each certificate says. No query."""
    return [_certificate(each) for each in rows]


def certificate_facts(row: Certificate) -> Facts:
    """What a stranger may see of a certificate."""
    result = row.result
    return Facts(
        title=_("结业证书"),
        number=row.number,
        holder=result.enrollment.teacher.name,
        issuer=result.results.training_class.base.name,
        lines=[
            (_("培训项目"), result.enrollment.project.name),
            (_("学时"), str(result.hours)),
            (_("考核等级"), result.level.name),
        ],
    )


def _certificate(row: Certificate) -> Mapping[str, Any]:
    result = row.result
    program, found = result.enrollment.project.program, result.results.training_class
    authority = program.office.parent or program.office
    words = TEXT.of(program.rulebook).format(
        name=result.enrollment.teacher.name,
        authority=authority.name,
        start=_day(found.starts_on),
        end=_day(found.ends_on),
        program=program.name,
        project=result.enrollment.project.name,
        hours=result.hours,
        level=result.level.name,
    )
    return {
        "words": words,
        "base": found.base.name,
        "on": row.issued_on,
        "supervisor": SUPERVISOR.of(program.rulebook),
    }


def _day(day: date) -> str:
    return _("%(year)d年%(month)d月%(day)d日") % {"year": day.year, "month": day.month, "day": day.day}


@second_parts
def opinions(keys: Sequence[int]) -> dict[int, SecondPart]:
    """The bases' opinions with the grade given. Three queries at most."""
    rows = Result.objects.filter(enrollment__in=keys, enrollment__base_opinion__isnull=False)
    found = {each.enrollment_id: each for each in rows.select_related("level", "certificate")}
    books = {each.level.rulebook_id for each in found.values()}
    scale = list(GradeLevel.objects.filter(rulebook__in=books).order_by("position")) if books else []
    given = BaseOpinion.objects.filter(enrollment__in=found)
    return {each.enrollment_id: _second_part(each, found[each.enrollment_id], scale) for each in given}


def _second_part(given: BaseOpinion, result: Result, scale: Sequence[GradeLevel]) -> SecondPart:
    own = [level for level in scale if level.rulebook_id == result.level.rulebook_id]
    levels = [(level.name, level.pk == result.level_id) for level in own]
    return SecondPart(given.opinion, levels, timezone.localdate(given.at), [_line(result)])


def _line(result: Result) -> str:
    rate = "—" if result.attendance_rate is None else f"{result.attendance_rate}%"
    score = "—" if result.score is None else str(result.score)
    certificate = getattr(result, "certificate", None)
    return _("出勤率：%(rate)s　综合得分：%(score)s　学时：%(hours)d　证书编号：%(number)s") % {
        "rate": rate,
        "score": score,
        "hours": result.hours,
        "number": certificate.number if certificate and certificate.revoked_at is None else "—",
    }


def unit_rows() -> QuerySet[Organization]:
    return Organization.objects.select_related("parent")


def unit_contexts(rows: Sequence[Organization]) -> list[Mapping[str, Any]]:
    """A unit's trainees with hours and grades. One query a unit."""
    return [_unit(each) for each in rows]


def unit_facts(row: Organization) -> Facts:
    return Facts(title=_("%(unit)s参训结果统计") % {"unit": row.name}, issuer=row.name)


def _unit(unit: Organization) -> Mapping[str, Any]:
    found = list(report_rows(unit))
    return {
        "unit": unit.name,
        "totals": totals(found),
        "rows": [
            {
                "name": each.enrollment.teacher.name,
                "school": each.enrollment.school.label,
                "project": str(each.enrollment.project),
                "level": each.level.name,
                "hours": each.hours,
                "credits": "" if each.credits is None else str(each.credits),
            }
            for each in found
        ],
    }


register_kind(
    PaperKind(
        CERTIFICATE,
        gettext_lazy("结业证书"),
        "papers/certificate.html",
        frozenset({*OFFICE, Role.BASE_ADMIN, Role.TRAINEE, Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN}),
        certificate_rows,
        certificate_contexts,
        certificate_facts,
    )
)
register_kind(
    PaperKind(
        REPORT,
        gettext_lazy("参训结果统计"),
        "papers/unit_report.html",
        REPORTERS,
        unit_rows,
        unit_contexts,
        unit_facts,
    )
)
