"""Publishing a programme. Source: CQ20-1.1."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.organizations.models import Organization
from portal.rulebook.facts import fact
from portal.rulebook.services.publishing import publish_rulebook
from programs.models import Program
from programs.states import PROGRAM

PROJECTS = fact(
    "projects", gettext_lazy("通知规定的项目数"), 0, hint=gettext_lazy("0为通知未规定"), most=9999
)
# Whom the notice is addressed to.
ADDRESSED = (
    Role.BUREAU_CLERK,
    Role.BUREAU_APPROVER,
    Role.COLLEGE_ADMIN,
    Role.BASE_ADMIN,
    Role.PROVINCIAL_OFFICER,
    Role.OFFICE_REVIEWER,
)


@operation(
    "programs.publish",
    gettext_lazy("发布计划"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    clauses=["CQ20-1.1"],
    system=True,
)
def publish_program(act: Act, program: Program) -> Program:
    """Publish a complete programme; from then on its phases govern. Raises RuleBroken naming what is missing."""
    complaints = shortcomings(program)
    if complaints:
        raise RuleBroken("；".join(complaints), code="incomplete")
    PROGRAM.apply(program, "publish")
    publish_rulebook(act, program.rulebook)
    act.changed(program, before={"state": "draft"}, after={"state": program.state})
    act.tell(
        addressed(program), _("%(program)s已发布") % {"program": program}, url=f"/programs/{program.pk}/"
    )
    return program


def shortcomings(program: Program) -> list[str]:
    """What keeps the programme from being published, in words; empty when nothing does. Four queries."""
    projects = list(program.projects.select_related("audience"))
    if not projects:
        return [_("还没有项目，请先录入或导入项目说明表（附件2）")]
    found = []
    used = {each.category_id for each in projects}
    empty = [each.name for each in program.categories.all() if each.pk not in used]
    if empty:
        found.append(_("以下类别没有项目：%(names)s") % {"names": "、".join(empty)})
    no_base = [each.code for each in projects if each.base_id is None]
    if no_base:
        found.append(_("以下项目没有承担单位：%(codes)s") % {"codes": "、".join(no_base)})
    no_audience = [each.code for each in projects if not hasattr(each, "audience")]
    if no_audience:
        found.append(_("以下项目没有培训对象：%(codes)s") % {"codes": "、".join(no_audience)})
    expected = PROJECTS.of(program.rulebook)
    if expected and len(projects) != expected:
        found.append(
            _("通知规定%(expected)d个项目，现有%(found)d个") % {"expected": expected, "found": len(projects)}
        )
    return found


def addressed(program: Program) -> list[User]:
    """The people of every organisation that the notice is addressed to."""
    reach = Organization.objects.under(program.office.reach)
    return list(
        User.objects.filter(
            is_active=True,
            memberships__ended_at=None,
            memberships__role__in=ADDRESSED,
            memberships__organization__in=reach,
        ).distinct()
    )
