"""The demo's classes in the year: plans, notices, openings, what bases hand in, and the end of each class."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from pypdf import PdfWriter

from portal.accounts.demo import BACKGROUND
from portal.accounts.models import Membership, User
from portal.accounts.roles import Role
from portal.errors import RuleBroken
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.reviews.models import Review, Verdict
from portal.reviews.services.deciding import decide_many
from portal.runtime.demo import YEAR_ENDS, Demo, demo_stage
from programs.models import (
    ClassState,
    Deliverable,
    OpeningNotice,
    PlanState,
    Submission,
    TrainingClass,
    TrainingPlan,
)
from programs.services.classes import publish_class
from programs.services.handing_in import accept, hand_in, send_back
from programs.services.notices import issue_notice, read_notice, save_notice
from programs.services.opening import finish_class, open_class
from programs.services.plans import KIND, record_needs, save_plan, submit_plan
from programs.services.prefilling import notice_draft

PUBLISHED_ON, FIRST_PLANS = date(2020, 10, 26), date(2020, 10, 27)
# Days before the start: when a plan is sent, when a late one is, when the notice goes out.
PLAN_BEFORE, LATE_PLAN_BEFORE, NOTICE_BEFORE = 13, 8, 5
# One in so many is late, is returned once, owes for ever.
LATE_EVERY, RETURNED_EVERY, SILENT_EVERY = 12, 9, 17
READERS = 3
SECTIONS = {
    "unit_profile": "承担单位多年举办职业院校教师培训，师资与实训条件齐备。（演示）",
    "goals": "提升参训教师的专业教学、实践操作和课程开发能力。",
    "content": "职业教育政策与师德师风、专业新技术、课程与教学设计、企业实践。",
    "methods": "专题讲座、研讨交流、实践教学、现场教学相结合。",
    "appraisal": "出勤、学习表现、培训成果综合考核，等级分优秀、合格、不合格。",
    "outcomes": "每位学员完成一份教学设计和一份实践报告。",
    "resources": "校内外专家与企业技术骨干共同授课。",
    "management": "设班主任，实行每日签到、请假报批和安全责任制。",
    "facilities": "多媒体教室、专业实训室和合作企业实践基地。",
    "logistics": "统一安排住宿和用餐，标准不超过有关规定。",
    "safety": "校医务室值班，购买培训期间意外保险。",
}


@demo_stage(80, "演示补发编班", year=True)
def publish_rest(demo: Demo) -> None:
    """The last classes are published on the last day."""
    rows = _classes().filter(state=ClassState.DRAFT)
    if demo.reached(PUBLISHED_ON) and rows.exists():
        demo.at(PUBLISHED_ON)
        for each in rows:
            publish_class(demo.system, each)


@demo_stage(100, "演示培训方案", year=True)
def send_plans(demo: Demo) -> None:
    """Needs surveyed, plans sent, most of them in time; the office approves, one in nine after a correction."""
    rows = _classes().filter(state=ClassState.PUBLISHED, plan=None)
    for index, each in enumerate(rows.order_by("starts_on", "pk")):
        before = LATE_PLAN_BEFORE if index % LATE_EVERY == LATE_EVERY - 1 else PLAN_BEFORE
        day = max(FIRST_PLANS, each.starts_on - timedelta(days=before))
        if not demo.reached(day):
            break
        demo.at(day)
        keeper = keeper_of(each.base)
        record_needs(keeper, each, values=_needs(each, day))
        plan = save_plan(keeper, each, values=_plan(each), files=[_paper("课程资源清单.pdf")])
        submit_plan(keeper, plan)
        if index % RETURNED_EVERY == RETURNED_EVERY - 1 and demo.reached(day + timedelta(days=1)):
            demo.at(day + timedelta(days=1))
            _decide(plan, Verdict.RETURN, "请补充考核评价办法。")
            submit_plan(keeper, TrainingPlan.objects.get(pk=plan.pk))
        if demo.reached(day + timedelta(days=2)):
            demo.at(day + timedelta(days=2))
            _decide(plan, Verdict.APPROVE, "")


@demo_stage(110, "演示开班通知与开班", year=True)
def open_classes(demo: Demo) -> None:
    """Notices go out and some people read them; each class opens on its day."""
    rows = _classes().filter(state=ClassState.PUBLISHED, plan__state=PlanState.APPROVED)
    for each in rows.select_related("plan", "notice", "project__audience").order_by("starts_on", "pk"):
        day = max(FIRST_PLANS + timedelta(days=3), each.starts_on - timedelta(days=NOTICE_BEFORE))
        if not demo.reached(day):
            break
        keeper = keeper_of(each.base)
        if not OpeningNotice.objects.filter(training_class=each).exists():
            demo.at(day)
            notice = save_notice(keeper, each, values=notice_draft(each))
            _read(issue_notice(keeper, notice))
        if demo.reached(each.starts_on):
            demo.at(each.starts_on, 8)
            try:
                open_class(keeper, TrainingClass.objects.get(pk=each.pk))
            except RuleBroken as refused:
                demo.say(f"{each}：{refused.message}")


@demo_stage(450, "演示应交材料", year=True)
def hand_in_all(demo: Demo) -> None:
    """Briefings, reports and summaries: most in time, some late, some never; the office takes most of them."""
    rows = _classes().filter(state__in=[ClassState.OPEN, ClassState.FINISHED])
    for index, each in enumerate(rows.order_by("ends_on", "pk")):
        if index % SILENT_EVERY == SILENT_EVERY - 1:
            continue
        late = 6 if index % LATE_EVERY == LATE_EVERY - 1 else -2
        for owed in _owed(each):
            for number in range(owed.requirement.minimum - owed.handed_in):
                _hand_in(demo, each, owed, number, late=late)


@demo_stage(480, "演示结班", year=True)
def finish_classes(demo: Demo) -> None:
    """Each class is finished on its last day."""
    for each in _classes().filter(state=ClassState.OPEN).order_by("ends_on", "pk"):
        if not demo.reached(each.ends_on):
            break
        demo.at(min(each.ends_on, YEAR_ENDS), 18)
        try:
            finish_class(keeper_of(each.base), each)
        except RuleBroken as refused:
            demo.say(f"{each}：{refused.message}")


def keeper_of(base: Organization) -> Actor:
    """Who acts for the base in the demo: its administrator, whom nobody need be able to sign in as."""
    user = User.objects.get(username=BACKGROUND)
    return Actor(user.name, user=user, role=Role.BASE_ADMIN, organization=base)


def _hand_in(demo: Demo, each: TrainingClass, owed: Deliverable, number: int, *, late: int) -> None:
    day = min(max(each.starts_on, owed.due_on + timedelta(days=late - number)), YEAR_ENDS)
    if not demo.reached(day):
        return
    demo.at(day, 15)
    words = f"{each}{owed.requirement}" + (f"第{number + 1}期" if owed.requirement.minimum > 1 else "")
    sent = hand_in(
        keeper_of(each.base),
        each,
        code=owed.requirement.code,
        title=words[-120:],
        text="本班按方案完成培训任务，学员出勤良好，成果见附件。（演示）",
        files=[_paper(f"{owed.requirement}.pdf")],
    )
    _look_at(demo, sent, day + timedelta(days=2))


def _look_at(demo: Demo, sent: Submission, day: date) -> None:
    if not demo.reached(day) or sent.pk % 5 == 0:
        return
    demo.at(min(day, YEAR_ENDS), 16)
    if sent.pk % RETURNED_EVERY == 0:
        send_back(_office(), sent, opinion="请补充数据来源后重新报送。")
    else:
        accept(_office(), sent, opinion="材料齐全。")


def _owed(each: TrainingClass) -> QuerySet[Deliverable]:
    rows = each.deliverables.filter(
        completed_at=None, returned=0, requirement__code__in=["briefing", "summary", "performance_report"]
    )
    return rows.select_related("requirement").order_by("due_on", "pk")


def _decide(plan: TrainingPlan, verdict: Verdict, opinion: str) -> None:
    waiting = Review.objects.open().of_subject(plan).filter(chain__subject_kind=KIND)
    decide_many(_office(), waiting, verdict=verdict, opinion=opinion)


def _office() -> Actor:
    held = Membership.objects.current().select_related("user", "organization")
    return Actor.of(held.filter(role=Role.OFFICE_REVIEWER).order_by("pk")[0])


def _read(notice: OpeningNotice) -> None:
    """The first trainees with an account say that they have read it."""
    rows = notice.receipts.filter(teacher__user__isnull=False).values_list("teacher__user", flat=True)
    held = Membership.objects.current().filter(role=Role.TRAINEE, user__in=list(rows[:READERS]))
    for each in {one.user_id: one for one in held.select_related("user", "organization")}.values():
        read_notice(Actor.of(each), notice)


def _needs(each: TrainingClass, day: date) -> dict[str, Any]:
    return {
        "method": "questionnaire",
        "surveyed_on": day - timedelta(days=1),
        "respondents": max(1, each.taken),
        "findings": "学员希望增加实践操作与企业案例，减少通识讲座。（演示）",
        "response": "实践教学课时增至总课时的四成，增加一次企业现场教学。",
    }


def _plan(each: TrainingClass) -> dict[str, Any]:
    cover = {"leader": "演示负责人", "leader_phone": each.contact_phone, "chief_expert": "示例甲 教授"}
    return {**cover, **SECTIONS}


def _paper(name: str) -> SimpleUploadedFile:
    """An empty page in place of what a real base would attach."""
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(file)
    return SimpleUploadedFile(name, file.getvalue(), "application/pdf")


def _classes() -> QuerySet[TrainingClass]:
    rows = TrainingClass.objects.filter(project__program__demo=True)
    return rows.select_related("project__program__rulebook", "project__program__office__parent", "base")
