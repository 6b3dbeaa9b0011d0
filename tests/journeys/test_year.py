"""From the plan of a class to its settled accounts and the year's summary, as ten people do it in the browser."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from assessment.models import Ballot, Grade, Inspection, Result, Survey
from assessment.services import survey_clock
from assessment.services.answering import answer_survey
from enrollment.demo.roster import fill_rosters
from enrollment.models import CheckIn, Enrollment
from finance.models import Budget, Expense, FinalAccount
from portal import clock
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.operations.actor import Actor
from portal.reviews.models import Review
from portal.runtime.demo import Demo
from programs.models import ClassState, Deliverable, TrainingClass, TrainingPlan
from tests.browser import PHONE, follow
from tests.enrollment.support import pdf
from tests.journeys.walk import Walk, fill, press, seen, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VOUCHER = {"name": "凭证.pdf", "mimeType": "application/pdf", "buffer": pdf().read()}
GRANT = "20000.00"


@pytest.fixture
def found(walk: Walk) -> TrainingClass:
    """The class of the demo's trainee, its roster full; the demo's people of bases work at its base for this walk."""
    demo = Demo(say=lambda _line: None)
    fill_rosters(demo)
    mine = Enrollment.objects.on_roster().get(teacher__user__username=Role.TRAINEE)
    made = mine.training_class
    assert made is not None
    names = [Role.BASE_ADMIN, Role.CLASS_TEACHER, Role.FINANCE_OFFICER]
    Membership.objects.filter(user__username__in=names).update(organization=made.base)
    teacher = User.objects.get(username=Role.CLASS_TEACHER)
    TrainingClass.objects.filter(pk=made.pk).update(class_teacher=teacher)
    return TrainingClass.objects.get(pk=made.pk)


def test_from_the_plan_to_the_settled_accounts(walk: Walk, found: TrainingClass) -> None:
    demo = Demo(say=lambda _line: None)
    demo.at(found.starts_on - timedelta(days=14))
    _base_writes_its_plan(walk, found)
    _office_approves(walk, TrainingPlan.objects.get(training_class=found), "plan")
    _office_grants_money(walk, found)
    _base_draws_up_the_budget(walk, found)
    _office_approves(walk, Budget.objects.get(training_class=found), "budget")
    _base_tells_everybody(walk, found)
    demo.at(found.starts_on)
    _base_opens_the_class(walk, found)
    _trainee_reads_the_notice(walk, found)
    _class_teacher_takes_arrivals(walk, found)
    _class_teacher_calls_the_roll(walk, found)
    _office_plans_a_visit(walk, found)
    _expert_visits(walk, found)
    _base_answers_the_findings(walk, found)
    _finance_books_expenses(walk, found)
    demo.at(found.ends_on)
    _trainees_evaluate(walk, found)
    demo.at(found.ends_on, 20)
    _class_teacher_grades(walk, found)
    _base_closes_grades_and_the_class(walk, found)
    demo.at(found.ends_on + timedelta(days=3))
    _base_publishes_the_results(walk, found)
    _base_hands_in_what_it_owes(walk, found)
    _trainee_has_the_certificate(walk, found)
    _base_settles_the_accounts(walk, found)
    _office_approves(walk, FinalAccount.objects.get(training_class=found), "final-account")
    _office_sums_the_year_up(walk, found)
    _others_see_the_results(walk, found)


def _base_writes_its_plan(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/classes/{found.pk}/")
        seen(page, "year-01-class")
        follow(page, page.get_by_role("link", name="登记需求调研", exact=True))
        fill(page)
        press(page, "保存")
        follow(page, page.get_by_role("link", name="编写方案", exact=True))
        fill(page)
        seen(page, "year-02-plan-form")
        press(page, "保存")
        press(page, "报送项目办", asked=True)
        page.get_by_text("培训方案已报送").wait_for()
        seen(page, "year-02-plan")


def _office_approves(walk: Walk, subject: Any, name: str) -> None:
    review = Review.objects.open().of_subject(subject).get()
    with walk.as_(Role(review.step.role) if review.step else Role.OFFICE_REVIEWER) as page:
        page.goto(f"/reviews/{review.pk}/")
        seen(page, f"year-03-review-{name}")
        press(page, "提交审核意见")
    review.refresh_from_db()
    assert review.state == "approved", name


def _office_grants_money(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.PROGRAM_MANAGER) as page:
        page.goto(f"/finance/classes/{found.pk}/grant/")
        fill(page, amount=GRANT)
        send(page)
        page.get_by_text("20,000.00").first.wait_for()
        seen(page, "year-04-grant")


def _base_draws_up_the_budget(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.FINANCE_OFFICER) as page:
        page.goto(f"/finance/classes/{found.pk}/budget/")
        fill(page, bank="示例银行", bank_code="102000000000", bank_account="6200000000000000")
        fill(page, **{"lines-0-price": "1000", "lines-0-count": "4"})
        seen(page, "year-05-budget-form")
        press(page, "保存")
        page.get_by_text("预算已保存").wait_for()
        press(page, "报送审核", asked=True)
        seen(page, "year-05-budget")


def _base_tells_everybody(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/classes/{found.pk}/notice/")
        fill(page)
        press(page, "保存")
        press(page, "发出通知", asked=True)
        seen(page, "year-06-notice")


def _base_opens_the_class(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/classes/{found.pk}/")
        seen(page, "year-06-before-opening")
        press(page, "开班", asked=True)
    found.refresh_from_db()
    assert found.state == ClassState.OPEN


def _trainee_reads_the_notice(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.TRAINEE, PHONE) as page:
        page.goto("/trainee/")
        seen(page, "year-07-trainee")
        page.goto(f"/notices/{found.notice.pk}/")
        press(page, "确认已阅")
        seen(page, "year-07-notice")


def _class_teacher_takes_arrivals(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.CLASS_TEACHER, PHONE) as page:
        page.goto(f"/classes/{found.pk}/check-in/")
        for box in page.locator("input[name=came], input[name=forms]").all():
            box.check()
        seen(page, "year-08-arrivals")
        press(page, "保存报到")
    assert CheckIn.objects.filter(enrollment__training_class=found, state="present").count() == _roster(found)


def _class_teacher_calls_the_roll(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.CLASS_TEACHER, PHONE) as page:
        page.goto(f"/assessment/classes/{found.pk}/attendance/")
        if page.get_by_role("button", name="按课程表生成考勤时段").count():
            press(page, "按课程表生成考勤时段")
        seen(page, "year-09-sessions")
        for session in found.sessions.all()[:2]:
            page.goto(f"/assessment/sessions/{session.pk}/")
            if session == found.sessions.first():
                seen(page, "year-09-roll")
            press(page, "保存，其余记出勤")


def _office_plans_a_visit(walk: Walk, found: TrainingClass) -> None:
    expert = User.objects.get(username=Role.EXPERT)
    with walk.as_(Role.PROGRAM_MANAGER) as page:
        program = found.project.program_id
        page.goto(f"/assessment/programs/{program}/inspections/")
        seen(page, "year-10-coverage")
        page.goto(f"/assessment/programs/{program}/inspections/plan/")
        _choose(page, "projects", found.project_id)
        _choose(page, "inspectors", expert.pk)
        fill(page)
        seen(page, "year-10-plan-visit")
        send(page)
    assert Inspection.objects.filter(project=found.project).exists()


def _choose(page: Page, name: str, value: int) -> None:
    field = page.locator(f"[name={name}]").first
    if field.evaluate("each => each.tagName") == "SELECT":
        field.select_option(f"{value}")
    else:
        page.locator(f"[name={name}][value='{value}']").check()


def _expert_visits(walk: Walk, found: TrainingClass) -> None:
    visit = Inspection.objects.get(project=found.project)
    with walk.as_(Role.EXPERT, PHONE) as page:
        page.goto(f"/assessment/inspections/{visit.pk}/visit/")
        for points in page.locator("input[name^=points_]").all():
            points.fill(points.get_attribute("max") or "5")
        page.locator("[name=item_0]").select_option(index=1)
        page.locator("[name=demands_0]").check()
        page.locator("[name=opinion]").fill("组织有序，教学扎实。")
        page.locator("[name=text_0]").fill("实训工位不足，请增加分组。")
        fill(page)
        seen(page, "year-11-visit")
        press(page, "保存并提交", asked=True)
    visit.refresh_from_db()
    assert visit.state == "submitted"


def _base_answers_the_findings(walk: Walk, found: TrainingClass) -> None:
    visit = Inspection.objects.get(project=found.project)
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/assessment/inspections/{visit.pk}/")
        seen(page, "year-12-findings")
        page.locator("textarea[name=answer]").first.fill("已增加到八组，附照片。")
        press(page, "提交整改情况")
        seen(page, "year-12-answered")


def _finance_books_expenses(walk: Walk, found: TrainingClass) -> None:
    category = found.rulebook.expense_categories.get(code="teaching")
    with walk.as_(Role.FINANCE_OFFICER) as page:
        page.goto(f"/finance/classes/{found.pk}/expenses/new/")
        fill(
            page,
            category=f"{category.pk}",
            amount="600",
            paid_on=f"{clock.today()}",
            description="学员城市间交通费",
        )
        page.locator("[name=vouchers]").set_input_files([VOUCHER])
        send(page)
        page.get_by_text("依据").first.wait_for()
        seen(page, "year-13-refused")
        fill(page, description="专家讲课费")
        page.locator("[name=vouchers]").set_input_files([VOUCHER])
        send(page)
        page.goto(f"/finance/classes/{found.pk}/")
        seen(page, "year-13-money")
    assert Expense.objects.get(training_class=found).amount == 600


def _trainees_evaluate(walk: Walk, found: TrainingClass) -> None:
    for pair in survey_clock.to_open(clock.now()):
        survey_clock.open_due(*pair)
    survey = Survey.objects.get(training_class=found, kind="evaluation")
    with walk.as_(Role.TRAINEE, PHONE) as page:
        page.goto("/assessment/my/surveys/")
        seen(page, "year-14-surveys")
        page.goto(f"/assessment/my/surveys/{survey.pk}/")
        for group in page.locator("main form fieldset").all():
            choices = group.locator("input")
            if choices.count():
                choices.first.check()
        fill(page)
        seen(page, "year-14-survey")
        press(page, "提交答卷", asked=True)
    _classmates_answer(survey)
    assert Ballot.objects.filter(survey=survey, answered=True).count() == _roster(found)


def _classmates_answer(survey: Survey) -> None:
    """The others answer as their own phones would."""
    answers: dict[int, list[int] | str] = {}
    for question in survey.questions.prefetch_related("options"):
        first = question.options.order_by("position").first()
        answers[question.pk] = [first.pk] if first else "案例很实用"
    for ballot in Ballot.objects.filter(survey=survey, answered=False).select_related(
        "enrollment__teacher__user"
    ):
        user = ballot.enrollment.teacher.user
        assert user is not None
        answer_survey(Actor.of(user.memberships.get()), ballot, answers=answers)


def _class_teacher_grades(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.CLASS_TEACHER) as page:
        page.goto(f"/assessment/classes/{found.pk}/grades/")
        for name, mark in (("performance_mark", "90"), ("outcome_mark", "88")):
            for cell in page.locator(f"input[name^={name}-]").all():
                cell.fill(mark)
        levels = page.locator("select[name^=level-]")
        for index in range(levels.count()):
            levels.nth(index).select_option(label="优秀")
        press(page, "保存成绩")
        page.get_by_text("依据").first.wait_for()
        seen(page, "year-15-too-many-excellent")
        for index in range(levels.count()):
            levels.nth(index).select_option(label="合格" if index else "优秀")
        press(page, "保存成绩")
        seen(page, "year-15-grades")
        press(page, "提交成绩", asked=True)


def _base_closes_grades_and_the_class(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/assessment/classes/{found.pk}/grades/")
        press(page, "审定成绩", asked=True)
        page.goto(f"/classes/{found.pk}/")
        seen(page, "year-16-before-finishing")
        press(page, "结班", asked=True)
    found.refresh_from_db()
    assert found.state == ClassState.FINISHED
    assert Grade.objects.final().filter(grading__training_class=found).count() == _roster(found)


def _base_publishes_the_results(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto(f"/assessment/classes/{found.pk}/results/")
        press(page, "公布结果", asked=True)
        seen(page, "year-17-results")
        press(page, "发放证书")
        page.goto(f"/assessment/classes/{found.pk}/results/opinions/")
        fill(page)
        press(page, "确定")
        press(page, "反馈推荐表")
        seen(page, "year-17-forms")
        page.goto(f"/assessment/classes/{found.pk}/results/imported/")
        press(page, "确定")
    assert Result.objects.filter(enrollment__training_class=found).count() == _roster(found)


def _base_hands_in_what_it_owes(walk: Walk, found: TrainingClass) -> None:
    owed = Deliverable.objects.get(training_class=found, requirement__code="performance_report")
    with walk.as_(Role.BASE_ADMIN) as page:
        page.goto("/deliverables/")
        seen(page, "year-18-owed")
        page.goto(f"/deliverables/{owed.pk}/")
        fill(page)
        page.locator("input[type=file]").first.set_input_files([VOUCHER])
        press(page, "报送")
        seen(page, "year-18-handed-in")
    with walk.as_(Role.OFFICE_REVIEWER) as page:
        page.goto(f"/deliverables/{owed.pk}/")
        press(page, "接收")
        page.goto("/deliverables/matrix/")
        seen(page, "year-18-matrix")
    owed.refresh_from_db()
    assert owed.state == "accepted"


def _trainee_has_the_certificate(walk: Walk, found: TrainingClass) -> None:
    result = Result.objects.get(
        enrollment__training_class=found, enrollment__teacher__user__username=Role.TRAINEE
    )
    with walk.as_(Role.TRAINEE, PHONE) as page:
        page.goto("/trainee/")
        seen(page, "year-19-trainee")
        page.goto(f"/assessment/results/{result.pk}/")
        seen(page, "year-19-result")
        page.get_by_role("button", name="证书").first.click()
        page.wait_for_url("**/papers/batches/*/")
        file = page.request.get(f"{page.url}file/").body()
    assert "结业证书" in PdfReader(BytesIO(file)).pages[0].extract_text().replace(" ", "")


def _base_settles_the_accounts(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.FINANCE_OFFICER) as page:
        page.goto(f"/finance/classes/{found.pk}/")
        press(page, "编制决算")
        page.goto(f"/finance/classes/{found.pk}/final-account/")
        for reason in page.locator("main form [name^=c]:visible").all():
            reason.fill("一场讲座改为线上，费用相应减少。")
        send(page)
        while page.locator("tr", has_text="待上传").count():
            row = page.locator("tr", has_text="待上传").first
            row.locator("input[type=file]").set_input_files([VOUCHER])
            with page.expect_navigation():
                row.locator("button").click()
        seen(page, "year-20-final-account")
        press(page, "报送审核", asked=True)


def _office_sums_the_year_up(walk: Walk, found: TrainingClass) -> None:
    with walk.as_(Role.PROGRAM_MANAGER) as page:
        page.goto("/assessment/performance/")
        press(page, "统计绩效")
        jobs.run(Job.objects.latest("pk").pk)
        page.goto("/assessment/performance/")
        seen(page, "year-21-runs")
        page.goto("/assessment/performance/ranking/")
        seen(page, "year-21-ranking")
    with walk.as_(Role.PROVINCIAL_OFFICER) as page:
        page.goto("/assessment/progress/")
        seen(page, "year-21-progress")


def _others_see_the_results(walk: Walk, found: TrainingClass) -> None:
    for role in (Role.SCHOOL_ADMIN, Role.BUREAU_CLERK, Role.COLLEGE_ADMIN):
        with walk.as_(role) as page:
            page.goto("/assessment/results/")
            seen(page, f"year-22-results-{role}")
            page.goto("/")
            seen(page, f"year-22-desk-{role}")


def _roster(found: TrainingClass) -> int:
    return Enrollment.objects.on_roster().filter(training_class=found).count()
