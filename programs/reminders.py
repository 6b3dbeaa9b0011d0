"""Who is reminded before a deadline: bases that have not published classes. Source: CQ20-3.1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.rulebook.hooks import Reminder, reminds
from portal.rulebook.models import Phase
from programs import queries
from programs.models import Program, ProgramState, Project
from programs.services.classes import PHASE

NAMED = 10


@reminds(PHASE)
def bases_without_published_classes(phase: Phase, now: datetime) -> Iterator[Reminder]:
    """A reminder for each base that owes classes, to its administrators. Three queries, however many bases."""
    program = Program.objects.filter(rulebook=phase.rulebook_id, state=ProgramState.PUBLISHED).first()
    if program is None:
        return
    owing: dict[int, list[Project]] = defaultdict(list)
    for project in queries.without_published_class(program):
        if project.base_id is not None:
            owing[project.base_id].append(project)
    administrators = _administrators(list(owing))
    for base, projects in owing.items():
        if administrators[base]:
            yield Reminder(
                administrators[base],
                _("%(count)d个项目尚未发布编班排课") % {"count": len(projects)},
                _named(projects),
                f"{reverse('programs:projects')}?unpublished=true",
            )


def _administrators(bases: list[int]) -> dict[int, list[int]]:
    """The keys of the users who administer each base."""
    found: dict[int, list[int]] = defaultdict(list)
    held = Membership.objects.current().filter(
        role=Role.BASE_ADMIN, organization__in=bases, user__is_active=True
    )
    for base, user in held.values_list("organization", "user"):
        found[base].append(user)
    return found


def _named(projects: list[Project]) -> str:
    names = "、".join(str(each) for each in projects[:NAMED])
    more = len(projects) - NAMED
    if more <= 0:
        return names
    return _("%(names)s等%(count)d个项目") % {"names": names, "count": len(projects)}
