"""What the pages of nominations show: rows with all that a line needs, seats still free, teachers to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from enrollment.cases import Candidate
from enrollment.models import LIVE, Nomination, NominationSheet
from enrollment.services import seats
from enrollment.services.judging import findings_for
from portal.operations.actor import Actor
from portal.organizations.models import Organization, label_of
from portal.people.models import Teacher
from portal.people.queries import find
from portal.reviews.models import Review
from portal.rulebook.findings import Finding, Verdict, worst
from programs.models import Program, Project
from quotas.models import Quota

# So many teachers are offered at once; a search narrows them.
OFFERED = 60
# Of a teacher, what a reviewer reads.
FACTS = (
    *(
        "name",
        "gender",
        "document_type",
        "id_number",
        "birth_date",
        "stage",
        "subject",
        "title",
        "title_level",
    ),
    *("post", "education", "degree", "teaching_since", "double_qualified"),
)


def nomination_rows(actor: Actor) -> QuerySet[Nomination]:
    """What the actor sees, with what a line shows; long texts stay in the database."""
    rows = Nomination.objects.visible_to(actor).select_related("teacher", "school", "organization", "project")
    return rows.defer("teacher__resume", "teacher__achievements")


def people_of(sheet: NominationSheet) -> QuerySet[Nomination]:
    """The people of a sheet, with what a line of its page shows and no more. One query."""
    rows = sheet.nominations.select_related("teacher", "school", "project").order_by("pk")
    return rows.only(
        "sheet", "state", "opinion", "teacher__name", *label_of("school"), "project__code", "project__name"
    )


def waiting_rows(actor: Actor) -> QuerySet[Nomination]:
    """Nominations whose present review step is the actor's."""
    kind = ContentType.objects.get_for_model(Nomination)
    reviews = Review.objects.waiting_for(actor).filter(subject_type=kind).order_by()
    rows = Nomination.objects.filter(pk__in=reviews.values("subject_id"))
    return rows.select_related("teacher", "school", "organization", "project").defer(
        "teacher__resume", "teacher__achievements"
    )


def waiting_people(actor: Actor) -> QuerySet[Nomination]:
    """Of `waiting_rows`, each with what the reviewer reads of person and project, and nothing else."""
    rows = waiting_rows(actor).select_related("project__base", "substitute_for__teacher")
    return rows.only(
        *("state", "version", "note", "findings", "sheet"),
        *(f"teacher__{name}" for name in FACTS),
        *("project__code", "project__name", *label_of("project__base")),
        *(*label_of("school"), *label_of("organization"), "substitute_for__teacher__name"),
    )


def find_nominations(rows: QuerySet[Nomination], text: str) -> QuerySet[Nomination]:
    """By the person (name, initials, exact number) or the project's code or name."""
    people = find(Teacher.objects.all(), text).order_by().values("pk")
    return rows.filter(
        Q(teacher__in=people) | Q(project__code__startswith=text) | Q(project__name__icontains=text)
    )


@dataclass(frozen=True)
class Offer:
    """A project with the seats that the organisation may fill; `own`: they are its own, not its superior's."""

    project: Project
    quota: Quota
    own: bool


def offers(program: Program, organization: Organization) -> list[Offer]:
    """The projects in which the organisation has free seats. Two queries."""
    projects = {
        each.pk: each for each in program.projects.select_related("category", "base").order_by("code")
    }
    quotas = seats.quotas_for([organization], projects)
    found = ((each, seats.choose_quota(quotas, organization, key)) for key, each in projects.items())
    return [
        Offer(project, quota, quota.organization_id == organization.pk)
        for project, quota in found
        if quota and quota.free > 0
    ]


@dataclass(frozen=True)
class Choice:
    """A teacher with what the rules say of them for one project."""

    teacher: Teacher
    findings: Sequence[Finding]

    @property
    def verdict(self) -> Verdict:
        return worst(self.findings)

    @property
    def complaints(self) -> list[Finding]:
        return [each for each in self.findings if each.verdict != Verdict.PASS]

    @property
    def eligible(self) -> bool:
        return self.verdict != Verdict.BLOCK


def teachers_for(project: Project, organization: Organization, text: str = "") -> QuerySet[Teacher]:
    """The organisation's teachers in service who do not stand for the project yet, those of its subjects first."""
    rows = Teacher.objects.listed().filter(school__path__startswith=organization.path, active=True)
    taken = Nomination.objects.filter(project=project, state__in=LIVE).values("teacher_id")
    rows = rows.exclude(pk__in=taken)
    if text.strip():
        return find(rows, text).order_by("sort_key", "pk")
    subjects = project.audience.subjects
    return (rows.filter(subject__in=subjects) if subjects else rows).order_by("sort_key", "pk")


def judged(
    project: Project, quota: Quota | None, teachers: Sequence[Teacher], on: date, *, counted: bool
) -> list[Choice]:
    """What the rules say of each teacher. Five queries. `counted`: seats are counted in the order given.

    Without it each is judged alone: a list to choose from is longer than the seats.
    """
    rulebook = project.program.rulebook
    found = findings_for(rulebook, [Candidate(each, project, quota) for each in teachers], on)
    if not counted:
        found = [[each for each in row if each.rule != "enrollment.seats"] for row in found]
    return [Choice(teacher, row) for teacher, row in zip(teachers, found, strict=True)]
