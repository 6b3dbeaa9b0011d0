"""Recording a visit on the spot, from a phone, and handing the record in. Source: CQ20-6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import (
    Inspection,
    InspectionFile,
    InspectionItem,
    InspectionMark,
    InspectionPoint,
    PointState,
)
from assessment.models.inspection import VISITORS
from assessment.states.surveys import INSPECTION
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Invalid, RuleBroken
from portal.files import keep_files
from portal.messages.outbox import Digest
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import Scope
from portal.operations.versions import hold, save_version
from portal.rulebook.facts import DAYS, fact
from portal.text import normalise
from programs.services.people import office_people

ANSWER_DAYS = fact(
    "inspection_answer_days", gettext_lazy("基地几天内反馈视导整改情况"), 10, group=DAYS, least=1
)
MOST_FILES = 30


@dataclass(frozen=True)
class PointDraft:
    """One finding; `demands` says whether the base must answer it."""

    text: str
    item: InspectionItem | None = None
    demands: bool = True


@dataclass(frozen=True)
class VisitRecord:
    """What was seen. `marks` are points and a note by the key of the scheme's item."""

    visited_on: date
    opinion: str = ""
    advice: str = ""
    marks: Mapping[int, tuple[Decimal, str]] = field(default_factory=dict)
    points: Sequence[PointDraft] = ()


def _visits(actor: Actor, inspection: Inspection) -> bool:
    return inspection.inspectors.filter(user=actor.user_id).exists()


of_the_visit = Scope("本人的视导", _visits)


@operation(
    "assessment.record_visit",
    gettext_lazy("记录视导"),
    roles=VISITORS,
    scope=of_the_visit,
    clauses=["CQ20-6.4"],
)
def record_visit(act: Act, inspection: Inspection, *, version: int, record: VisitRecord) -> Inspection:
    """Keep what was seen so far; it can be changed until it is submitted.

    Raises Conflict when a fellow inspector saved or submitted meanwhile, Invalid for points beyond an item's or a day to
    come.
    """
    INSPECTION.require(inspection, "submit")
    hold(inspection, "state")
    if record.visited_on > act.today:
        raise Invalid(_("视导日期不能晚于今天。"), field="visited_on")
    items = {each.pk: each for each in inspection.rulebook.inspection_items.all()}
    marks = [_mark(inspection, items, key, *given) for key, given in record.marks.items()]
    points = [_point(inspection, number, each) for number, each in enumerate(_said(record), 1)]
    save_version(
        inspection,
        version,
        visited_on=record.visited_on,
        opinion=normalise(record.opinion, multiline=True),
        advice=normalise(record.advice, multiline=True),
    )
    inspection.marks.all().delete()
    inspection.points.all().delete()
    InspectionMark.objects.bulk_create(marks)
    InspectionPoint.objects.bulk_create(points)
    act.changed(
        inspection, after={"visited_on": record.visited_on, "marks": len(marks), "points": len(points)}
    )
    return inspection


@operation(
    "assessment.add_visit_files",
    gettext_lazy("上传视导照片和资料"),
    roles=VISITORS,
    scope=of_the_visit,
    clauses=["CQ20-6.4"],
)
def add_files(
    act: Act, inspection: Inspection, *, files: Sequence[UploadedFile[bytes]]
) -> list[InspectionFile]:
    """Keep photographs and documents of the visit. Raises FileRefused for what is none, Invalid for too many."""
    INSPECTION.require(inspection, "submit")
    if not files:
        raise Invalid(_("请选择要上传的照片或文件。"), field="files")
    if inspection.files.count() + len(files) > MOST_FILES:
        raise Invalid(_("一次视导最多保存%(most)d个附件。") % {"most": MOST_FILES}, field="files")
    made = keep_files(act, InspectionFile, files, inspection=inspection)
    act.changed(inspection, after={"files": [each.name for each in made]})
    return made


@operation(
    "assessment.remove_visit_file",
    gettext_lazy("删除视导附件"),
    roles=VISITORS,
    scope=Scope("本人的视导", lambda actor, file: _visits(actor, file.inspection)),
    clauses=["CQ20-6.4"],
)
def remove_file(act: Act, file: InspectionFile) -> Inspection:
    """Take a file out of a record that is not submitted."""
    inspection = file.inspection
    INSPECTION.require(inspection, "submit")
    file.delete()
    act.changed(inspection, before={"file": file.name})
    return inspection


@operation(
    "assessment.submit_visit",
    gettext_lazy("提交视导记录"),
    roles=VISITORS,
    scope=of_the_visit,
    clauses=["CQ20-6.4"],
)
def submit_visit(act: Act, inspection: Inspection) -> Inspection:
    """Hand the record in: the score stands, the base sees it and answers each finding that demands it.

    Raises RuleBroken naming what is missing: the day, the opinion, an item without points; Conflict when a fellow
    inspector saved meanwhile.
    """
    hold(inspection, "version")
    missing = list(_missing(inspection))
    if missing:
        raise RuleBroken(_("还不能提交：%(missing)s。") % {"missing": "；".join(missing)}, code="incomplete")
    days = ANSWER_DAYS.of(inspection.rulebook)
    score = sum((each.points for each in inspection.marks.all()), Decimal())
    INSPECTION.apply(
        inspection, "submit", score=score, submitted_at=act.now, submitted_by_name=act.actor.name
    )
    due = act.today + timedelta(days=days)
    asked = inspection.points.filter(state=PointState.OPEN).update(due_on=due)
    act.changed(inspection, before={"state": "planned"}, after={"score": score, "points": asked})
    _tell(act, inspection, asked, due)
    return inspection


def _missing(inspection: Inspection) -> list[str]:
    found = [] if inspection.visited_on else [_("未填视导日期")]
    if not inspection.opinion:
        found.append(_("未填总体评价"))
    marked = inspection.marks.values("item")
    unmarked = inspection.rulebook.inspection_items.exclude(pk__in=marked)
    return [*found, *(_("“%(item)s”未评分") % {"item": each.name} for each in unmarked)]


def _mark(
    inspection: Inspection, items: Mapping[int, InspectionItem], key: int, points: Decimal, note: str
) -> InspectionMark:
    item = items.get(key)
    if item is None:
        raise Invalid(_("评分项已变化，请刷新页面后重新评分。"))
    if not 0 <= points <= item.points:
        raise Invalid(
            _("“%(item)s”应评0至%(most)d分。") % {"item": item.name, "most": item.points},
            field=f"points_{key}",
        )
    return InspectionMark(
        inspection=inspection, item=item, most=item.points, points=points, note=normalise(note)
    )


def _said(record: VisitRecord) -> list[PointDraft]:
    return [each for each in record.points if each.text.strip()]


def _point(inspection: Inspection, number: int, draft: PointDraft) -> InspectionPoint:
    return InspectionPoint(
        inspection=inspection,
        number=number,
        item=draft.item,
        text=normalise(draft.text, multiline=True),
        state=PointState.OPEN if draft.demands else PointState.NOTED,
    )


def _tell(act: Act, inspection: Inspection, asked: int, due: date) -> None:
    url = reverse("assessment:inspection", args=[inspection.pk])
    base = User.objects.holding(Role.BASE_ADMIN, inspection.base)
    words = {"project": inspection.project, "count": asked, "due": due}
    if asked:
        title = _("%(project)s的视导有%(count)d项问题，请于%(due)s前反馈整改情况") % words
        act.tell(base, title, url=url, urgent=True)
    else:
        act.tell(base, _("%(project)s的视导记录已提交") % words, url=url)
    office = office_people(inspection.project.program.office)
    visits = reverse("assessment:inspections")
    digest = Digest("assessment.visited", _("{count}份视导记录已提交"), visits)
    act.tell(office, _("%(project)s的视导记录已提交") % words, url=url, digest=digest)
