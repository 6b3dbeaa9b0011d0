"""Taking unused seats back when the nomination window has closed, where the notice says so."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.rulebook.facts import fact
from portal.rulebook.models import Phase
from programs.models import Program
from quotas import ledger
from quotas.models import Quota
from quotas.services.planned import shift_cells

RELEASES = fact("release_unused_seats", gettext_lazy("报送截止后收回未用名额"), False)


@operation(
    "quotas.release_unused",
    gettext_lazy("收回未用名额"),
    roles=[Role.PROGRAM_MANAGER],
    scope=within("office"),
    system=True,
)
def release_unused(act: Act, program: Program, *, reason: str) -> int:
    """Take back what schools, bureaus and colleges have free; return how many seats. Again: nothing more.

    Held seats stay. A constant number of statements, whatever the number of quotas.
    """
    quotas = Quota.objects.filter(project__program=program)
    ledger.lock(quotas.values_list("pk", flat=True))
    below = {each.pk: each for each in quotas.exclude(parent=None) if each.free}
    ledger.reclaim(
        act,
        {key: each.parent_id for key, each in below.items() if each.parent_id},
        {key: each.free for key, each in below.items()},
        reason=reason,
    )
    roots = list(quotas.filter(parent=None).select_related("project", "organization"))
    back = {each.pk: -each.free for each in roots if each.free}
    ledger.receive(act, back, reason=reason)
    shift_cells([each for each in roots if each.pk in back], back)
    act.reason = reason
    act.changed(program, after={"released": -sum(back.values())})
    act.list_rows({"organization": each.organization_id, "seats": each.free} for each in roots if each.free)
    return -sum(back.values())


def release_after_closing(phase: Phase, now: datetime) -> None:
    """Plugged into the closing of the nomination window; a notice that does not say so keeps seats where they are."""
    program = Program.objects.filter(rulebook=phase.rulebook).select_related("office").first()
    if program and RELEASES.of(phase.rulebook):
        release_unused(Actor.system("worker"), program, reason=_("报送截止，收回未用名额"))
