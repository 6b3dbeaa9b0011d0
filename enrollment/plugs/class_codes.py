"""The registration codes that annex 1 prints, for those who may hand them on. Source: CQ20-3.3, CQ20-A1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from enrollment.codes import shown
from enrollment.models import ClassCode
from portal import clock
from portal.accounts.roles import OFFICE, Role
from portal.operations.actor import Actor
from programs.hooks import Panel, class_codes, class_panels
from programs.models import ANNOUNCED, TrainingClass

SEES_CODES = frozenset(
    {*OFFICE, Role.BASE_ADMIN, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.COLLEGE_ADMIN, Role.SCHOOL_ADMIN}
)


@class_codes
def codes_of(actor: Actor, classes: Iterable[int]) -> dict[int, str]:
    """The valid code of each class, as far as the actor sees it; a base only its own. One query."""
    if actor.role not in SEES_CODES:
        return {}
    rows = ClassCode.objects.filter(
        training_class__in=TrainingClass.objects.visible_to(actor).filter(pk__in=list(classes)),
        revoked_at=None,
        expires_at__gte=clock.now(),
    )
    if actor.has_role(Role.BASE_ADMIN):
        rows = rows.filter(training_class__base=actor.organization)
    return {key: shown(code) for key, code in rows.values_list("training_class", "code")}


@class_panels
def code_panel(actor: Actor, training_class: TrainingClass) -> Iterator[Panel]:
    """The class's code on its page, with the button that issues one. One query."""
    if actor.role not in SEES_CODES or training_class.state not in ANNOUNCED:
        return
    code = codes_of(actor, [training_class.pk]).get(training_class.pk, "")
    issues = actor.has_role(Role.PROGRAM_MANAGER) or (
        actor.has_role(Role.BASE_ADMIN) and training_class.base == actor.organization
    )
    context = {"code": code, "training_class": training_class, "issues": issues}
    yield Panel(_("班级验证码"), "enrollment/_class_code.html", context)
