"""From the published notice to the printed recommendation form, as nine people do it in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import openpyxl
import pytest
from pypdf import PdfReader

from enrollment.models import Enrollment, EnrollmentState, Nomination, NominationState
from portal import clock
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.demo import teacher_data
from portal.people.models import Teacher
from portal.people.services.bulk import TeacherRow, import_teachers
from portal.runtime.demo import Demo
from programs.models import ClassState, TrainingClass
from quotas.models import Quota
from tests.browser import PHONE, follow
from tests.journeys.walk import Walk, agree, place_of, seen

PASSWORD = "Journey-2020-x"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_notice_to_the_printed_form(walk: Walk) -> None:
    quota = _bureau_quota()
    school = place_of(Role.SCHOOL_ADMIN)
    teacher = _teacher_for(quota, school)
    _base_publishes_a_class(walk)
    _office_looks_at_its_projects(walk)
    _bureau_gives_seats_to_the_school(walk, quota, school)
    nomination = _school_nominates(walk, quota, teacher)
    _bureau_approves(walk, nomination)
    _office_approves(walk, nomination)
    enrollment = Enrollment.objects.get(nomination=nomination)
    code = _school_issues_a_code(walk, enrollment)
    _trainee_registers_on_a_phone(walk, enrollment, code)
    _base_and_office_confirm(walk, enrollment)
    _school_approves_and_prints_the_form(walk, enrollment)


def _bureau_quota() -> Quota:
    """A quota of the demo's bureau with free seats, whose one published class is still open."""
    bureau = Membership.objects.get(user__username=Role.BUREAU_CLERK).organization
    rows = Quota.objects.filter(organization=bureau, project__audience__posts=[]).select_related(
        "project__audience"
    )
    return next(
        each
        for each in rows.order_by("pk")
        if each.free > 1 and each.project.classes.published().count() == 1
    )


def _teacher_for(quota: Quota, school: Organization) -> Teacher:
    """A teacher of the school who fits the project."""
    audience = quota.project.audience
    wishes = {"subject": audience.subjects[0], "born": 1986}
    if audience.min_title_level:
        wishes["level"] = audience.min_title_level
    row = TeacherRow(school, teacher_data(Demo(say=print).rng, school, wishes) | {"name": "演示旅人"})
    return import_teachers(Actor.system("journey"), None, rows=[row]).created[0]


def _base_publishes_a_class(walk: Walk) -> None:
    base = place_of(Role.BASE_ADMIN)
    waiting = TrainingClass.objects.filter(base=base, state=ClassState.DRAFT).first()
    assert waiting is not None
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/classes/{waiting.pk}/")
        seen(page, "1-class")
        page.get_by_role("button", name="发布编班排课").click()
        agree(page)
        page.get_by_text("编班排课已发布。").wait_for()
    waiting.refresh_from_db()
    assert waiting.state == ClassState.PUBLISHED


def _office_looks_at_its_projects(walk: Walk) -> None:
    with walk.as_(Role.PROGRAM_MANAGER) as page:
        seen(page, "2-desk")
        page.goto("/projects/")
        seen(page, "2-projects")


def _bureau_gives_seats_to_the_school(walk: Walk, quota: Quota, school: Organization) -> None:
    with walk.as_(Role.BUREAU_CLERK) as page:
        page.goto(f"/quotas/{quota.pk}/split/")
        page.locator(f"input[name=seats-{school.pk}]").fill("1")
        seen(page, "3-split")
        page.get_by_role("button", name="保存分配").click()
        page.get_by_text("已分配，各校已可推荐。").wait_for()
    given = Quota.objects.get(project=quota.project, organization=school)
    assert given.received == 1


def _school_nominates(walk: Walk, quota: Quota, teacher: Teacher) -> Nomination:
    with walk.as_(Role.SCHOOL_ADMIN) as page:
        page.goto(f"/nominations/new/{quota.project_id}/?q={teacher.name}")
        page.locator(f"input[name=teacher][value='{teacher.pk}']").check()
        seen(page, "4-choose")
        follow(page, page.get_by_role("button", name="核对所选教师"))
        follow(page, page.get_by_role("button", name="报送区县审核"))
        page.get_by_text(teacher.name).first.wait_for()
    nomination = Nomination.objects.get(teacher=teacher)
    assert nomination.state == NominationState.AT_BUREAU
    return nomination


def _bureau_approves(walk: Walk, nomination: Nomination) -> None:
    with walk.as_(Role.BUREAU_APPROVER, PHONE) as page:
        page.goto(f"/eligibility/?at={nomination.pk}")
        seen(page, "5-bureau")
        follow(page, page.get_by_role("button", name="通过", exact=True))
    nomination.refresh_from_db()
    assert nomination.state == NominationState.SUBMITTED


def _office_approves(walk: Walk, nomination: Nomination) -> None:
    with walk.as_(Role.OFFICE_REVIEWER) as page:
        page.goto(f"/eligibility/?at={nomination.pk}")
        page.get_by_role("heading", name=nomination.teacher.name).wait_for()
        seen(page, "6-office")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("a")
    nomination.refresh_from_db()
    assert nomination.state == NominationState.APPROVED


def _school_issues_a_code(walk: Walk, enrollment: Enrollment) -> str:
    with walk.as_(Role.SCHOOL_ADMIN) as page:
        page.goto(f"/enrollments/{enrollment.pk}/")
        follow(page, page.get_by_role("button", name="发放验证码"))
        job = Job.objects.latest("pk")
        jobs.run(job.pk)
        page.goto(f"/enrollments/codes/{job.pk}/")
        seen(page, "7-codes")
        listed = page.request.get(f"/enrollments/codes/{job.pk}/list/").body()
        cards = page.request.get(f"/enrollments/codes/{job.pk}/cards/").body()
    text = PdfReader(BytesIO(cards)).pages[0].extract_text()
    code = next(_codes(listed))
    assert code[:4] in text
    return code


def _codes(workbook: bytes) -> Iterator[str]:
    for row in openpyxl.load_workbook(BytesIO(workbook)).active.iter_rows(values_only=True):  # type: ignore[union-attr]
        yield from (str(cell) for cell in row if re.fullmatch(r"(?:\w{4}-){3}\w{4}", str(cell)))


def _trainee_registers_on_a_phone(walk: Walk, enrollment: Enrollment, code: str) -> None:
    with walk.browser.page(walk.address, PHONE) as page:
        page.goto("/register/guide/")
        seen(page, "8-guide")
        page.goto("/register/")
        page.locator("input[name=code]").fill(code)
        page.locator("input[name=tail]").fill(enrollment.teacher.id_number[-4:])
        seen(page, "8-register")
        follow(page, page.get_by_role("button", name="下一步"))
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=again]").fill(PASSWORD)
        seen(page, "8-account")
        page.get_by_role("button", name="是我本人，注册并报名").click()
        page.get_by_role("heading", name="我的培训").wait_for()
        seen(page, "8-trainee")
    enrollment.refresh_from_db()
    assert enrollment.state == EnrollmentState.REGISTERED


def _base_and_office_confirm(walk: Walk, enrollment: Enrollment) -> None:
    base = enrollment.project.base
    assert base is not None
    # The project's own base confirms: the demo's person for bases works there for this walk.
    Membership.objects.filter(user__username=Role.BASE_ADMIN).update(organization=base)
    for role, state in (
        (Role.BASE_ADMIN, EnrollmentState.BASE_CONFIRMED),
        (Role.OFFICE_REVIEWER, EnrollmentState.CONFIRMED),
    ):
        with walk.as_(role) as page:
            page.goto(f"/enrollments/{enrollment.pk}/")
            follow(page, page.get_by_role("button", name="确认报名"))
        enrollment.refresh_from_db()
        assert enrollment.state == state


def _school_approves_and_prints_the_form(walk: Walk, enrollment: Enrollment) -> None:
    with walk.as_(Role.SCHOOL_ADMIN) as page:
        page.goto(f"/enrollments/{enrollment.pk}/")
        seen(page, "9-enrolment")
        follow(page, page.get_by_role("link", name="审核推荐表"))
        follow(page, page.get_by_role("button", name="提交"))
        page.get_by_text("已审核，请打印推荐表并加盖公章。").wait_for()
        page.get_by_role("button", name="打印推荐表").click()
        page.wait_for_url("**/papers/batches/*/")
        seen(page, "10-printed")
        file = page.request.get(f"{page.url}file/").body()
    pages = PdfReader(BytesIO(file)).pages
    text = "".join(each.extract_text() for each in pages)
    assert "演示旅人" in text
    assert "推荐表" in text


def test_the_clock_closes_what_the_notice_closes(walk: Walk) -> None:
    """After 31 October 2020 the school's page refuses, quoting the clause."""
    quota = _bureau_quota()
    clock.move_demo(clock.start_of(clock.today().replace(month=11, day=1)))
    with walk.as_(Role.BUREAU_CLERK) as page:
        page.goto(f"/quotas/{quota.pk}/")
        page.get_by_text("已于2020年10月31日").first.wait_for()
        seen(page, "late-quota")
