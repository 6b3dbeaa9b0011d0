"""Ending a programme, once nothing of it is under way any more. Source: CQ20-1.1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.reviews.models import Review
from portal.rulebook.findings import Finding, Verdict, require
from portal.rulebook.kinds import judge, rules_for
from portal.rulebook.services.publishing import close_rulebook
from programs import hooks
from programs.models import ClassState, Deliverable, Program, TrainingClass
from programs.rules.closing import UnsettledCase
from programs.services.programs import addressed
from programs.states import PROGRAM

NAMED = 5
ENDED = (ClassState.FINISHED, ClassState.CANCELLED)
_RULE = "programs.close"
ACCEPTED = "programs.deliverables_accepted"


@operation(
    "programs.close",
    gettext_lazy("结束计划"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    clauses=["CQ20-1.1"],
)
def close_program(act: Act, program: Program, *, reason: str) -> Program:
    """End the programme: no window of its calendar opens again, nobody is reminded, its rules stay as they are.

    Raises RuleBroken with the findings while a class is neither finished nor cancelled or a review is open.
    """
    if not reason.strip():
        raise Invalid(_("请填写结束说明。"), field="reason")
    require(closing_findings(program, act.now))
    PROGRAM.apply(program, "close")
    close_rulebook(act, program.rulebook)
    act.reason = reason
    act.changed(program, before={"state": "published"}, after={"state": program.state})
    act.tell(
        addressed(program),
        _("%(program)s已结束") % {"program": program},
        body=reason,
        url=f"/programs/{program.pk}/",
    )
    return program


def closing_findings(program: Program, now: datetime) -> list[Finding]:
    """What stands in the way of ending the programme, and what would be cut off by it. Five queries, and the guards'."""
    found = [*_classes(program), *_reviews(program), *_windows(program, now), *_owed(program)]
    return found + [each for guard in hooks.closing_guards for each in guard(program)]


def _classes(program: Program) -> Iterator[Finding]:
    rows = TrainingClass.objects.filter(project__program=program).exclude(state__in=ENDED)
    names = list(rows.order_by("project__code", "number").values_list("name", flat=True))
    if names:
        words = {"count": len(names), "names": "、".join(names[:NAMED])}
        message = _("还有%(count)d个班级没有结班或取消，请先办理：%(names)s") % words
        yield Finding(_RULE, Verdict.BLOCK, message + (_(" 等") if len(names) > NAMED else ""))
    else:
        yield Finding(_RULE, Verdict.PASS, _("所有班级都已结班或取消。"))


def _reviews(program: Program) -> Iterator[Finding]:
    count = Review.objects.open().filter(chain__rulebook=program.rulebook_id).order_by().count()
    if count:
        message = _("还有%(count)d件审核没有办结，请先办结或退回。") % {"count": count}
        yield Finding(_RULE, Verdict.BLOCK, message)
    else:
        yield Finding(_RULE, Verdict.PASS, _("没有未办结的审核。"))


def _owed(program: Program) -> list[Finding]:
    """五（三）: what finished classes owe, as far as the notice's rule asks for it."""
    rules = rules_for(program.rulebook, ACCEPTED)
    if not rules:
        return []
    rows = Deliverable.objects.filter(
        training_class__project__program=program,
        training_class__state=ClassState.FINISHED,
        accepted__lt=F("requirement__minimum"),
    )
    names = rows.order_by("due_on", "pk").values_list("training_class__name", "requirement__name")
    return judge(rules, UnsettledCase([f"{name}（{what}）" for name, what in names]))


def _windows(program: Program, now: datetime) -> Iterator[Finding]:
    rows = program.rulebook.phases.filter(closes_at__gt=now).order_by("closes_at")
    names = list(rows.values_list("name", flat=True))
    if names:
        message = _("以下环节尚未截止，结束后立即停办：%(names)s") % {"names": "、".join(names)}
        yield Finding(_RULE, Verdict.WARN, message)
