"""A bureau with two schools and a college, each with seats; teachers who fit; sheets, scans and reviewers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

from enrollment.models import Nomination, NominationSheet
from enrollment.services.nominations import Proposal, Standing, nominate
from enrollment.services.sheets import draft_sheet, submit_sheet
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.models import Teacher
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide
from programs.models import Project
from quotas.models import Quota
from tests.factories import SchoolFactory, TeacherFactory, make_actor
from tests.programs.world import World, make_world
from tests.quotas.support import issue, quota_of

SUBJECT = "会计"
SEATS = 3


@dataclass
class Scene:
    """`clerk`, `approver`, `school_admin`, `college_admin`, `reviewer` act for the organisations of the same names."""

    world: World
    bureau: Organization
    school: Organization
    other_school: Organization
    college: Organization
    clerk: Actor
    approver: Actor
    school_admin: Actor
    college_admin: Actor
    reviewer: Actor

    @property
    def project(self) -> Project:
        return self.world.project("P1")

    def teacher(self, school: Organization | None = None, **fields: Any) -> Teacher:
        """A complete teacher of the project's subject."""
        return TeacherFactory(school=school or self.school, **{"subject": SUBJECT, **fields})

    def quota(self, organization: Organization | None = None, project: Project | None = None) -> Quota:
        return quota_of(organization or self.bureau, project or self.project)

    def proposals(self, *teachers: Teacher, project: Project | None = None) -> list[Proposal]:
        return [Proposal(each, project or self.project) for each in teachers]

    def standing(self, organization: Organization) -> Standing:
        return Standing(self.project.program, organization)

    def by_school(self, *teachers: Teacher) -> list[Nomination]:
        """The school nominates; the people wait at the bureau."""
        return nominate(self.school_admin, self.standing(self.school), proposals=self.proposals(*teachers))

    def sheet(self, *teachers: Teacher, project: Project | None = None) -> NominationSheet:
        """The bureau's unsent sheet of the teachers."""
        return draft_sheet(
            self.clerk, self.standing(self.bureau), proposals=self.proposals(*teachers, project=project)
        )

    def submitted(self, *teachers: Teacher, project: Project | None = None) -> list[Nomination]:
        """The bureau's people, waiting for the office."""
        made = submit_sheet(self.clerk, self.sheet(*teachers, project=project), scan=pdf())
        return list(made.nominations.order_by("pk"))

    def decided(self, nomination: Nomination, verdict: Verdict, opinion: str = "") -> Nomination:
        """The office decides; the nomination read anew."""
        decide(self.reviewer, review_of(nomination), verdict=verdict, opinion=opinion)
        return again(nomination)


def make_scene(seats: int = SEATS) -> Scene:
    world = make_world(seats=max(10, 2 * seats))
    bureau, college = world.bureau(), world.college()
    school, other = SchoolFactory(parent=bureau), SchoolFactory(parent=bureau)
    projects = [world.project("P1"), world.project("P2")]
    issue(world, {(bureau, each): seats for each in projects})
    issue(world, {(college, each): seats for each in projects})
    return Scene(
        world,
        bureau,
        school,
        other,
        college,
        clerk=make_actor(Role.BUREAU_CLERK, bureau),
        approver=make_actor(Role.BUREAU_APPROVER, bureau),
        school_admin=make_actor(Role.SCHOOL_ADMIN, school),
        college_admin=make_actor(Role.COLLEGE_ADMIN, college),
        reviewer=make_actor(Role.OFFICE_REVIEWER, world.office),
    )


def review_of(nomination: Nomination) -> Review:
    """The newest review of the nomination."""
    found = Review.objects.of_subject(nomination).order_by("-pk").first()
    assert found is not None
    return found


def again(nomination: Nomination) -> Nomination:
    """Read anew, as a page would."""
    rows = Nomination.objects.select_related(
        "program__rulebook", "organization", "teacher__school", "school", "project__audience", "quota"
    )
    return rows.get(pk=nomination.pk)


def pdf(pages: int = 1, *, password: str = "", name: str = "盖章扫描件.pdf") -> SimpleUploadedFile:
    writer, file = PdfWriter(), BytesIO()
    for _page in range(pages):
        writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(file)
    return SimpleUploadedFile(name, file.getvalue(), "application/pdf")


def picture(kind: str = "PNG", name: str = "scan.png") -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("L", (20, 30), 255).save(file, kind)
    return SimpleUploadedFile(name, file.getvalue())
