"""What results plug into the frame: navigation, work that waits, search, figures, the class's card."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import ClassResults, ExcellentCopy, Result
from assessment.papers.results import REPORTERS
from assessment.queries import results as queries
from assessment.services.national import IMPORT
from assessment.services.results import LIST, PHASE
from assessment.views.results import SEERS
from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from portal.ui.registry import Group, NavEntry, Number, SearchHit, WorkItem, nav, outcomes, search, work_items
from programs.hooks import (
    Link,
    Panel,
    class_conditions,
    class_panels,
    class_records,
    delivered_at,
    program_links,
)
from programs.models import ClassState, Program, TrainingClass
from programs.queries import open_programs

FOUND = 5
# What a base does after publishing: the field that says when it was done, and the line until then.
_STEPS = {
    "forms_sent_at": (gettext_lazy("“%(name)s”推荐表考核意见待填写并反馈"), gettext_lazy("推荐表")),
    "imported_at": (gettext_lazy("“%(name)s”培训结果待导入教师管理信息系统"), gettext_lazy("导入")),
}

# These two are handed in where the results are published and exported.
delivered_at[LIST] = delivered_at[IMPORT] = lambda key: reverse("assessment:class_results", args=[key])

nav(
    NavEntry(
        Group.ASSESSMENT,
        gettext_lazy("培训结果"),
        "assessment:results",
        "clipboard-check",
        frozenset(SEERS),
        60,
    ),
    NavEntry(
        Group.REPORTS,
        gettext_lazy("参训结果统计"),
        "assessment:unit_report",
        "chart-bar",
        REPORTERS,
        30,
    ),
)


@work_items
def results_wait(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    """What a base still owes after grading, and lists of excellent trainees nobody has opened. At most seven queries."""
    if actor.has_role(Role.BASE_ADMIN) and actor.organization is not None:
        yield from _of_base(actor, now)
    elif actor.role in SEERS and not actor.has_role(Role.CLASS_TEACHER, Role.PROVINCIAL_OFFICER):
        rows = ExcellentCopy.objects.filter(organization=actor.organization, read_at=None)
        for key, name in rows.values_list("results__training_class", "results__training_class__name")[:FOUND]:
            title = _("“%(name)s”优秀学员名单待查看") % {"name": name}
            yield WorkItem(title, reverse("assessment:excellent_list", args=[key]), kind=_("名单"))


def _of_base(actor: Actor, now: datetime) -> Iterator[WorkItem]:
    assert actor.organization is not None  # noqa: S101 - asked by the caller
    phases = (program.rulebook.phase(PHASE) for program in open_programs(actor))
    found = next((each for each in phases if each), None)
    due, citation = (found.closes_at, found.citation) if found else (None, None)
    waiting: Any = queries.unpublished([actor.organization.pk])
    for key, name, published in waiting.values_list("pk", "name", "published")[:FOUND]:
        title = (
            _("“%(name)s”成绩已重开并审定，结果待重新公布") if published else _("“%(name)s”培训结果待公布")
        )
        yield WorkItem(title % {"name": name}, _page(key), due, 1, citation, _("结果"))
    published = ClassResults.objects.filter(training_class__base=actor.organization)
    uncertified = Count("rows", filter=Q(rows__passed=True, rows__certificate=None))
    unfinished = published.annotate(left=uncertified).filter(
        Q(left__gt=0) | Q(forms_sent_at=None) | Q(imported_at=None)
    )
    rows = list(unfinished.values("training_class", "training_class__name", "left", *_STEPS))
    for row in [each for each in rows if each["left"]][:FOUND]:
        title = _("“%(name)s”结业证书待发放") % {"name": row["training_class__name"]}
        yield WorkItem(title, _page(row["training_class"]), due, row["left"], citation, _("证书"))
    for step, (words, kind) in _STEPS.items():
        for row in [each for each in rows if each[step] is None][:FOUND]:
            title = str(words) % {"name": row["training_class__name"]}
            yield WorkItem(title, _page(row["training_class"]), due, 1, citation, kind)


@search
def certificates_found(actor: Actor, text: str) -> Iterator[SearchHit]:
    """A result by the certificate's number. One query."""
    if actor.role not in SEERS:
        return
    rows = queries.result_rows(actor).filter(certificate__number__startswith=text.upper())
    for each in rows.order_by("-pk")[:FOUND]:
        url = reverse("assessment:result", args=[each.pk])
        yield SearchHit(_("证书"), each.enrollment.teacher.name, url, each.certificate.number)


@outcomes
def results_counted(actor: Actor, now: datetime) -> Iterator[Number]:
    """Who has finished with a pass. One query."""
    if actor.role not in SEERS:
        return
    count = Result.objects.visible_to(actor).filter(passed=True).count()
    if count:
        yield Number(_("培训合格"), count, f"{reverse('assessment:results')}?passed=true")


class_records += ["results"]
class_conditions["results"] = lambda rows: rows.exclude(results=None)


@class_panels
def results_card(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """The class's results on its page. One query."""
    if actor.role not in SEERS:
        return
    made: ClassResults | None = getattr(training_class, "results", None)
    seen = made and Result.objects.visible_to(actor).filter(results=made).exists()
    mine = made is None and actor.has_role(Role.BASE_ADMIN) and training_class.base == actor.organization
    if seen or (mine and queries.unpublished([training_class.base_id]).filter(pk=training_class.pk).exists()):
        context = {"made": made, "url": _page(training_class.pk)}
        yield Panel(_("培训结果"), "assessment/_results_card.html", context, (ClassState.FINISHED,))


@program_links
def layout_link(actor: Actor, program: Program) -> Iterator[Link]:
    if actor.has_role(*OFFICE):
        yield Link(_("教师系统导出格式"), reverse("assessment:export_layout", args=[program.pk]))


def _page(key: int) -> str:
    return reverse("assessment:class_results", args=[key])
