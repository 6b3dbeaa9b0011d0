"""What the performance summary plugs into the frame: navigation and the related pages of a programme."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models.performance import OVERSEERS
from assessment.views.performance import SEERS
from portal.operations.actor import Actor
from portal.ui.registry import Group, NavEntry, nav
from programs.hooks import Link, program_links
from programs.models import Program

nav(
    NavEntry(
        Group.REPORTS,
        gettext_lazy("年度进展"),
        "assessment:progress",
        "calendar",
        frozenset(OVERSEERS),
        10,
    ),
    NavEntry(
        Group.REPORTS,
        gettext_lazy("绩效汇总"),
        "assessment:performance_runs",
        "chart-bar",
        frozenset(SEERS),
        40,
    ),
)


@program_links
def performance_link(actor: Actor, program: Program) -> Iterator[Link]:
    if actor.has_role(*OVERSEERS):
        yield Link(_("年度进展"), reverse("assessment:progress"))
        yield Link(_("绩效汇总"), reverse("assessment:performance_runs"))
