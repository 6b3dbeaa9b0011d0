"""The demo's quotas: annex 3-1 and 3-2 drawn up and issued, some districts' seats split to their schools."""

from __future__ import annotations

from collections.abc import Iterator

from portal.accounts.demo import BACKGROUND
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import Stage
from portal.runtime.demo import Demo, demo_stage
from programs.models import Program, Project
from quotas.models import Quota, TableKind
from quotas.services import splitting, tables

STAGE_OF = {TableKind.DISTRICTS: Stage.SECONDARY_VOCATIONAL, TableKind.COLLEGES: Stage.HIGHER_VOCATIONAL}
# How many organisations share a project; the rest of its seats the office keeps back.
SHARERS = 12
ISSUED_SHARE = 0.96
# Every third bureau has split its seats; the others find that waiting.
SPLIT_EVERY = 3


@demo_stage(50, "演示名额")
def load_quotas(demo: Demo) -> None:
    """Draw up and issue both tables, let bases notify their open projects, and some bureaus split."""
    program = Program.objects.select_related("rulebook", "office__parent").get(demo=True)
    for kind in TableKind:
        table = tables.open_table(demo.system, program, kind=kind)
        tables.edit_cells(demo.system, table, version=table.version, grid=dict(_cells(demo, program, kind)))
        tables.issue_table(demo.system, table, version=table.version)
    for project in program.projects.filter(open_quota=True).select_related(
        "program__rulebook", "program__office"
    ):
        seats = dict(_shares(demo, project, Kind.BUREAU, project.seats // 2))
        splitting.issue_open(demo.system, project, seats=seats)
    _split(demo)


def clerk_of(organization: Organization) -> Actor:
    """Someone of the organisation's own office, for what the demo has already been through."""
    roles = {Kind.BUREAU: Role.BUREAU_CLERK, Kind.COLLEGE: Role.COLLEGE_ADMIN, Kind.SCHOOL: Role.SCHOOL_ADMIN}
    user = User.objects.get(username=BACKGROUND)
    return Actor(user.name, user=user, role=roles[Kind(organization.kind)], organization=organization)


def _cells(demo: Demo, program: Program, kind: TableKind) -> Iterator[tuple[tuple[int, int], int]]:
    for project in program.projects.filter(open_quota=False).select_related("audience").order_by("code"):
        stages = project.audience.stages
        if STAGE_OF[kind] in stages:
            seats = int(project.seats * ISSUED_SHARE) // len(stages)
            for organization, number in _shares(demo, project, tables.ROW_KINDS[kind], seats):
                yield (organization, project.pk), number


def _shares(demo: Demo, project: Project, kind: Kind, seats: int) -> list[tuple[int, int]]:
    """Share `seats` among some organisations, as even as whole numbers allow."""
    everyone = list(Organization.objects.active().of(kind).order_by("pk").values_list("pk", flat=True))
    chosen = sorted(demo.rng.sample(everyone, min(SHARERS, len(everyone), seats)))
    each, rest = divmod(seats, len(chosen))
    return [(organization, each + (1 if index < rest else 0)) for index, organization in enumerate(chosen)]


def _split(demo: Demo) -> None:
    quotas = Quota.objects.filter(organization__kind=Kind.BUREAU).select_related(
        "organization", "project__program__rulebook"
    )
    for quota in quotas:
        if quota.organization_id % SPLIT_EVERY:
            continue
        schools = list(quota.organization.children.filter(kind=Kind.SCHOOL, active=True).order_by("pk"))
        if schools and quota.received > 1:
            school = schools[quota.project_id % len(schools)]
            splitting.split(clerk_of(quota.organization), quota, seats={school.pk: quota.received // 2})
