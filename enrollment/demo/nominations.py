"""The demo's nominations, in mid-flow: most submitted, many approved, some returned, some bureaus still to begin."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from pypdf import PdfWriter

from enrollment.models import Enrollment, EnrollmentState, Nomination, RegistrationCode
from enrollment.services.codes import issue_codes
from enrollment.services.nominations import Proposal, Standing, nominate
from enrollment.services.registration import Confirmation, confirm_by_base, confirm_by_office, register
from enrollment.services.sheets import draft_sheet, submit_sheet
from portal.accounts.demo import remember_demo_account
from portal.accounts.models import Membership
from portal.accounts.passwords import temporary_password
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.completeness import completeness
from portal.people.demo import teacher_data
from portal.people.models import Teacher
from portal.people.services.bulk import TeacherRow, import_teachers
from portal.reviews.models import Review, Verdict
from portal.reviews.services.deciding import decide_many
from portal.runtime.demo import Demo, demo_stage
from programs.models import ClassState, Program, TrainingClass
from quotas.demo import clerk_of
from quotas.models import Quota

# Every twelfth organisation has not begun, so that its people find seats waiting.
IDLE_EVERY = 12
# And every second school that was given seats has sent its people to the bureau.
SCHOOLS_SENDING_EVERY = 2
# How many trainees have registered, and the user name of the one whom the demo lets in.
REGISTERED, TRAINEE = 16, "trainee"
# Of each hundred in the queue, which the office has approved, returned and rejected.
DECIDED = (
    ({*range(40), *range(50, 70)}, Verdict.APPROVE, ""),
    (range(40, 42), Verdict.RETURN, "任教专业与证书不一致，请核对后重新报送。"),
    (range(42, 43), Verdict.REJECT, "近三年已参加同类培训。"),
)


@demo_stage(60, "演示教师")
def load_teachers(demo: Demo) -> None:
    """For each quota, teachers who fit its project, and a few who do not."""
    rows = [
        row
        for organization, quotas in _by_organization(demo)
        for row in _teachers_of(demo, organization, quotas)
    ]
    import_teachers(demo.system, None, rows=rows)


@demo_stage(70, "演示推荐")
def load_nominations(demo: Demo) -> None:
    """Nominate as each organisation would, most of its seats; schools that were given some send theirs."""
    program = Program.objects.select_related("rulebook", "office__parent").get(demo=True)
    for index, (organization, quotas) in enumerate(_by_organization(demo)):
        if index % IDLE_EVERY == IDLE_EVERY - 1:
            continue
        proposals = list(_proposals(organization, quotas))
        if proposals:
            clerk = clerk_of(organization)
            sheet = draft_sheet(clerk, Standing(program, organization), proposals=proposals)
            submit_sheet(clerk, sheet, scan=_scan())
    for school, quotas in _by_organization(demo, Kind.SCHOOL):
        # One seat stays, so that the school's administrator finds somebody to put forward.
        proposals = list(_proposals(school, quotas))[:-1]
        if proposals and school.pk % SCHOOLS_SENDING_EVERY == 0:
            nominate(clerk_of(school), Standing(program, school), proposals=proposals)


@demo_stage(80, "演示资格审核")
def load_decisions(demo: Demo) -> None:
    """The office has worked through a part of the queue."""
    reviewer = person(Role.OFFICE_REVIEWER)
    waiting = list(Review.objects.waiting_for(reviewer).order_by("pk").values_list("pk", flat=True))
    # Spread over the whole queue, so that every office finds some of each outcome.
    for share, verdict, opinion in DECIDED:
        keys = [key for index, key in enumerate(waiting) if index % 100 in share]
        decide_many(reviewer, Review.objects.filter(pk__in=keys), verdict=verdict, opinion=opinion)


def _scan() -> SimpleUploadedFile:
    """An empty page in place of the stamped sheet that a real office would have scanned."""
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(file)
    return SimpleUploadedFile("演示盖章扫描件.pdf", file.getvalue(), "application/pdf")


def person(role: Role) -> Actor:
    """The demo's person in `role`."""
    held = Membership.objects.current().select_related("user", "organization")
    return Actor.of(held.filter(role=role).order_by("pk")[0])


def _by_organization(demo: Demo, *kinds: Kind) -> Iterator[tuple[Organization, list[Quota]]]:
    """Each organisation of `kinds` (bureaus and colleges) with its quotas."""
    rows = Quota.objects.filter(organization__kind__in=kinds or [Kind.BUREAU, Kind.COLLEGE]).select_related(
        "organization", "project__program__rulebook", "project__audience"
    )
    found: dict[Organization, list[Quota]] = {}
    classes = Prefetch("project__classes", TrainingClass.objects.order_by("number"))
    for each in rows.prefetch_related(classes).order_by("organization_id", "project__code"):
        found.setdefault(each.organization, []).append(each)
    yield from found.items()


def _teachers_of(demo: Demo, organization: Organization, quotas: list[Quota]) -> Iterator[TeacherRow]:
    schools = list(organization.children.filter(kind=Kind.SCHOOL)) or [organization]
    for quota in quotas:
        yield from _teachers(demo, schools, quota)


def _teachers(demo: Demo, schools: list[Organization], quota: Quota) -> Iterator[TeacherRow]:
    audience = quota.project.audience
    for index in range(demo.scaled(quota.received)):
        wishes: dict[str, Any] = {"subject": (audience.subjects or ["机械制造"])[0]}
        if audience.min_title_level:
            wishes["level"] = audience.min_title_level
        if audience.max_age:
            wishes["born"] = 1984 + index % 4
        if audience.posts:
            wishes["post"] = audience.posts[index % len(audience.posts)]
        school = schools[(quota.project_id + index) % len(schools)]
        yield TeacherRow(school, teacher_data(demo.rng, school, wishes))


def _proposals(organization: Organization, quotas: list[Quota]) -> Iterator[Proposal]:
    """For each quota the organisation's own people of the subject, each of them once."""
    pool = list(
        Teacher.objects.filter(school__path__startswith=organization.path)
        .select_related("school")
        .order_by("pk")
    )
    used = set(Nomination.objects.filter(teacher__in=pool).values_list("teacher_id", flat=True))
    for index, quota in enumerate(quotas):
        audience, taken = quota.project.audience, 0
        classes = [each for each in quota.project.classes.all() if each.state == ClassState.PUBLISHED]
        for teacher in pool:
            # Of its first project each organisation has a seat left to fill.
            if taken >= quota.free - (index == 0):
                break
            if teacher.pk not in used and _fits(teacher, audience):
                used.add(teacher.pk)
                taken += 1
                # Of each project with several classes, one in ten is left for the base to place.
                chosen = classes[taken % len(classes)] if classes and taken % 10 else None
                yield Proposal(teacher, quota.project, chosen)


def _fits(teacher: Teacher, audience: Any) -> bool:
    return (
        (not audience.subjects or teacher.subject in audience.subjects)
        and (not audience.posts or teacher.post in audience.posts)
        and (not audience.max_age or (teacher.birth_date is not None and teacher.birth_date.year >= 1984))
        and (not audience.min_title_level or teacher.title_level == audience.min_title_level)
    )


@demo_stage(85, "演示验证码与注册")
def load_registrations(demo: Demo) -> None:
    """Codes are out at the schools, some people have registered, one of them as the demo's trainee."""
    clerks = person(Role.COLLEGE_ADMIN), person(Role.BUREAU_CLERK), person(Role.SCHOOL_ADMIN)
    for clerk in clerks:
        waiting = Enrollment.objects.visible_to(clerk).filter(state=EnrollmentState.APPROVED)
        if waiting.exists():
            issue_codes(clerk, None, enrollments=waiting)
    rows = Enrollment.objects.filter(state=EnrollmentState.APPROVED, teacher__user=None)
    chosen = rows.exclude(training_class=None).select_related("project__program__rulebook", "teacher")
    first, *others = _of_different_people(chosen.order_by("project__base", "pk"), demo.scaled(REGISTERED))
    issue_codes(demo.system, None, enrollments=_keyed([first, *others]))
    valid = RegistrationCode.objects.filter(enrollment__in=[first, *others], used_at=None, revoked_at=None)
    codes = {each.enrollment_id: each for each in valid}
    password = temporary_password()
    user = register(demo.system, first, code=codes[first.pk], password=password, username=TRAINEE)
    remember_demo_account(user.memberships.get(), password, url=reverse("enrollment:trainee"))
    for each in others:
        register(demo.system, each, code=codes[each.pk], password=temporary_password())


@demo_stage(90, "演示报名确认")
def load_confirmations(demo: Demo) -> None:
    """The first base has confirmed some of its people, and the office a part of these."""
    base, office = person(Role.BASE_ADMIN), person(Role.OFFICE_REVIEWER)
    registered = _complete(Enrollment.objects.visible_to(base).filter(state=EnrollmentState.REGISTERED))
    if registered[1:]:
        third = len(registered) // 3 + 1
        confirm_by_base(base, Confirmation(_keyed(registered[1 : 2 * third]), base))
        confirm_by_office(office, Confirmation(_keyed(registered[1 : third + 1]), office))


def _of_different_people(rows: QuerySet[Enrollment], most: int) -> list[Enrollment]:
    found: dict[int, Enrollment] = {}
    for each in rows:
        if len(found) >= most:
            break
        found.setdefault(each.teacher_id, each)
    return list(found.values())


def _complete(rows: QuerySet[Enrollment]) -> list[Enrollment]:
    return [
        each for each in rows.select_related("teacher").order_by("pk") if completeness(each.teacher).complete
    ]


def _keyed(rows: list[Enrollment]) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(pk__in=[each.pk for each in rows])
