"""The recommendation form (annex 5), filled from the record; its second part is plugged in. CQ20-6.3, domain facts §2.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.form_parts import SecondPart, parts_of
from enrollment.models import Enrollment, SchoolOpinion
from enrollment.services.replacement import RECOMMENDATION_FORM
from portal.accounts.roles import OFFICE, Role
from portal.papers.kinds import Facts, PaperKind, register_kind
from portal.people.codes import ETHNICITIES
from portal.people.models import Teacher
from programs.models import TrainingClass

PRINTERS = frozenset(
    {
        *OFFICE,
        Role.BUREAU_CLERK,
        Role.BUREAU_APPROVER,
        Role.SCHOOL_ADMIN,
        Role.COLLEGE_ADMIN,
        Role.BASE_ADMIN,
        Role.TRAINEE,
    }
)


def form_rows() -> QuerySet[Enrollment]:
    """Standing enrolments with all that the form prints. One query."""
    return Enrollment.objects.standing().select_related(
        "teacher",
        "school",
        "organization",
        "nomination",
        "training_class__base",
        "project__program__office__parent",
        "project__program__rulebook",
        "project__base",
        "school_opinion",
    )


def form_context(enrollments: Sequence[Enrollment]) -> list[Mapping[str, Any]]:
    """What the form of each says, plain values only. The queries of the second part."""
    parts = parts_of([each.pk for each in enrollments])
    return [_context(each) | _second(parts.get(each.pk)) for each in enrollments]


def form_facts(enrollment: Enrollment) -> Facts:
    """What a stranger who scans the form may see."""
    state = _("已审核") if _opinion(enrollment) else _("待学校审核")
    return Facts(
        title=_("%(program)s学员推荐表") % {"program": enrollment.project.program.name},
        number=form_number(enrollment),
        holder=enrollment.teacher.name,
        issuer=enrollment.school.name,
        lines=[(_("参训项目"), str(enrollment.project)), (_("学校审核"), state)],
    )


def form_number(enrollment: Enrollment) -> str:
    """The form's number: project code and the enrolment's own number."""
    return f"{enrollment.project.code}-{enrollment.pk:06d}"


def _second(part: SecondPart | None) -> dict[str, Any]:
    """The base's opinion, as far as it was given."""
    if part is None:
        return {}
    return {
        "base_opinion": part.opinion,
        "base_levels": [list(pair) for pair in part.levels],
        "base_lines": list(part.lines),
        "assessed_on": part.on,
    }


def _context(enrollment: Enrollment) -> dict[str, Any]:
    opinion = _opinion(enrollment)
    return {
        "program": enrollment.project.program.name,
        "person": _person(enrollment.teacher),
        "school": enrollment.school.name,
        "superior": _superior(enrollment),
        "training": _training(enrollment),
        "resume": enrollment.teacher.resume.strip(),
        "achievements": enrollment.teacher.achievements.strip(),
        "opinion": opinion.opinion if opinion else "",
        "approved_by": opinion.by_name if opinion else "",
        "approved_on": timezone.localdate(opinion.at) if opinion else None,
    }


def _person(teacher: Teacher) -> dict[str, Any]:
    education = [teacher.get_education_display(), teacher.get_degree_display() if teacher.degree else ""]
    studies = [teacher.graduated_from, teacher.major]
    return {
        "name": teacher.name,
        "gender": teacher.get_gender_display(),
        "born": teacher.birth_date,
        "ethnicity": ETHNICITIES.get(teacher.ethnicity, ""),
        "politics": teacher.get_political_status_display(),
        "education": " / ".join(each for each in education if each),
        "studies": " ".join(each for each in studies if each),
        "title": teacher.title,
        "post": teacher.post,
        "subject": teacher.subject,
        "since": teacher.teaching_since,
        "double_qualified": teacher.double_qualified,
        "document": teacher.get_document_type_display(),
        "id_number": teacher.id_number,
        "phone": teacher.phone,
        "email": teacher.email,
    }


def _training(enrollment: Enrollment) -> dict[str, Any]:
    project, found = enrollment.project, enrollment.training_class
    base = found.base if found else project.base
    return {
        "project": str(project),
        "base": base.name if base else "",
        "class": found.name if found else "",
        "when": _when(found) if found else "",
        "place": found.place if found else "",
        "extent": _("%(days)d天 / %(hours)d学时") % {"days": project.days, "hours": project.hours},
    }


def _when(found: TrainingClass) -> str:
    return f"{found.starts_on:%Y-%m-%d} — {found.ends_on:%Y-%m-%d}"


def _superior(enrollment: Enrollment) -> str:
    """Whose opinion stands beside the school's: the bureau that nominated, or the programme's office."""
    nominator = enrollment.organization
    if nominator.pk != enrollment.school_id:
        return nominator.name
    return enrollment.project.program.office.name


def _opinion(enrollment: Enrollment) -> SchoolOpinion | None:
    return getattr(enrollment, "school_opinion", None)


FORM = register_kind(
    PaperKind(
        RECOMMENDATION_FORM,
        gettext_lazy("学员推荐表"),
        "papers/recommendation_form.html",
        PRINTERS,
        form_rows,
        form_context,
        form_facts,
    )
)
