"""A class in place of a cancelled one, after the window for publishing classes has closed. Source: CQ20-3.1."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.accounts.roles import OFFICE
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from programs.models import ClassState, TrainingClass
from programs.services.classes import BASE, PHASE, add_class
from programs.services.people import base_people, office_people


@operation(
    "programs.allow_replacement",
    gettext_lazy("同意补编班级"),
    roles=OFFICE,
    scope=within("project.program.office"),
    clauses=["CQ20-3.1"],
)
def allow_replacement(act: Act, training_class: TrainingClass, *, until: date, reason: str) -> TrainingClass:
    """Let the base make and publish one class in place of a cancelled one until the end of the day `until`.

    Raises WrongState for a class that is not cancelled or is replaced already, Invalid without a reason or for a day past.
    """
    if not reason.strip():
        raise Invalid(_("请填写同意补编的理由。"), field="reason")
    if until < act.today:
        raise Invalid(_("截止日期不能早于今天。"), field="until")
    _require_replaceable(training_class)
    end = clock.end_of(until)
    before = training_class.publishable_until
    TrainingClass.objects.filter(pk=training_class.pk).update(publishable_until=end)
    training_class.publishable_until = end
    act.reason = reason.strip()
    act.changed(training_class, before={"publishable_until": before}, after={"publishable_until": end})
    act.tell(
        base_people(training_class.base),
        _("项目办同意为已取消的“%(name)s”补编班级，请于%(day)s24时前发布")
        % {"name": training_class, "day": f"{until:%m月%d日}"},
        body=act.reason,
        url=reverse("programs:class", args=[training_class.pk]),
        urgent=True,
    )
    return training_class


@operation(
    "programs.replace_class",
    gettext_lazy("补编班级"),
    roles=BASE,
    scope=own("base"),
    phase=PHASE,
    clauses=["CQ20-3.1"],
)
def replace_class(act: Act, training_class: TrainingClass, *, values: dict[str, Any]) -> TrainingClass:
    """Add a class in draft in place of a cancelled one; it may be published as long as the office has allowed.

    While the window is open it needs no consent. Raises OutsidePhase without consent or after its day, WrongState for a
    class that is not cancelled or is replaced already.
    """
    cancelled = TrainingClass.objects.select_for_update(of=["self"]).get(pk=training_class.pk)
    _require_replaceable(cancelled)
    made = add_class(
        act,
        training_class.project,
        values,
        replaces=training_class,
        publishable_until=cancelled.publishable_until,
    )
    act.after |= {"replaces": str(training_class)}
    act.tell(
        office_people(training_class.project.program.office),
        _("“%(old)s”已补编为“%(new)s”") % {"old": training_class, "new": made},
        url=reverse("programs:class", args=[made.pk]),
    )
    return made


def _require_replaceable(training_class: TrainingClass) -> None:
    if training_class.state != ClassState.CANCELLED:
        raise WrongState(_("“%(name)s”没有取消，无须补编。") % {"name": training_class})
    made = TrainingClass.objects.filter(replaces=training_class).first()
    if made:
        raise WrongState(
            _("“%(name)s”已补编为“%(made)s”，不能再补编。") % {"name": training_class, "made": made}
        )
