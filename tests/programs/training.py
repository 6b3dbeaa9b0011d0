"""A class on its way to its opening: needs surveyed, plan written and approved, notice issued."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter

from portal.accounts.roles import Role
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide
from programs.models import Deliverable, OpeningNotice, TrainingClass, TrainingPlan
from programs.services.notices import issue_notice, save_notice
from programs.services.plans import PLAN_FIELDS, record_needs, save_plan, submit_plan
from programs.services.prefilling import notice_draft
from tests.finance.support import Money
from tests.programs.world import World, make_class

NEEDS: dict[str, Any] = {
    "method": "questionnaire",
    "surveyed_on": date(2020, 10, 20),
    "respondents": 30,
    "findings": "希望增加实操。",
    "response": "实操由20%增至40%。",
}
PLAN: dict[str, Any] = dict.fromkeys(PLAN_FIELDS, "内容")


def pdf(name: str = "附件.pdf") -> SimpleUploadedFile:
    writer, file = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(file)
    return SimpleUploadedFile(name, file.getvalue(), "application/pdf")


def fresh(made: TrainingClass) -> TrainingClass:
    """Read anew, as a page would."""
    rows = TrainingClass.objects.select_related(
        "project__program__rulebook",
        "project__program__office__parent",
        "project__audience",
        "base",
        "needs",
        "plan",
        "notice",
    )
    return rows.get(pk=made.pk)


def published(world: World, **values: Any) -> TrainingClass:
    return fresh(make_class(world, published=True, **values))


def planned(world: World, made: TrainingClass) -> TrainingPlan:
    """The plan is written, after the survey of needs."""
    record_needs(world.base_admin, made, values=dict(NEEDS))
    return save_plan(world.base_admin, fresh(made), values=dict(PLAN))


def submitted(world: World, made: TrainingClass) -> TrainingPlan:
    planned(world, made)
    return submit_plan(world.base_admin, fresh(made).plan)


def decided(world: World, plan: TrainingPlan, verdict: Verdict, opinion: str = "") -> TrainingPlan:
    """The office decides on the plan; the plan read anew."""
    review = Review.objects.open().of_subject(plan).get()
    decide(world.actor(Role.OFFICE_REVIEWER), review, verdict=verdict, opinion=opinion)
    return fresh(plan.training_class).plan


def approved(world: World, made: TrainingClass) -> TrainingClass:
    decided(world, submitted(world, made), Verdict.APPROVE)
    return fresh(made)


def budgeted(world: World, made: TrainingClass) -> TrainingClass:
    """The class has its money: funds granted, a budget approved."""
    money = Money(world, made)
    money.approved()
    return fresh(made)


def ready(world: World, made: TrainingClass) -> TrainingClass:
    """Plan and budget are approved: the class may open on its day."""
    return budgeted(world, approved(world, made))


def noticed(world: World, made: TrainingClass) -> OpeningNotice:
    """The notice is drawn up and issued."""
    save_notice(world.base_admin, fresh(made), values=notice_draft(fresh(made)))
    return issue_notice(world.base_admin, fresh(made).notice)


def owed(made: TrainingClass, code: str) -> Deliverable:
    rows = Deliverable.objects.select_related(
        "requirement", "training_class__base", "training_class__project__program__office"
    )
    return rows.get(training_class=made, requirement__code=code)
