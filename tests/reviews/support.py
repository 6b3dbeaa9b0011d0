"""A kind of subject to review, and the people who do it. The subjects are phases: the smallest rows with a rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal import clock
from portal.accounts.roles import Role
from portal.errors import RuleBroken
from portal.messages.outbox import post
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.reviews.handlers import ReviewHandler, review_handler
from portal.reviews.models import Review, ReviewChain, ReviewStep
from portal.reviews.services import open_reviews
from portal.rulebook.models import Clause, Notice, Phase, Rulebook
from tests.factories import (
    BureauFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    make_actor,
)

KIND = "tests.phase"
BY_REVIEWER_KIND = "tests.phase_with_base"


class _Outcomes(ReviewHandler[Phase]):
    """Writes into each subject's `actors` what was called for it, and counts the calls in `calls`."""

    model = Phase
    calls: list[tuple[str, int]] = []

    def _mark(self, subjects: QuerySet[Phase], outcome: str) -> None:
        self.calls.append((outcome, subjects.update(actors=outcome)))

    def approved(self, act: Act, subjects: QuerySet[Phase]) -> None:
        if subjects.filter(name="规则不允许").exists():
            raise RuleBroken("名额已用完，不能通过。")
        self._mark(subjects, "approved")

    def returned(self, act: Act, subjects: QuerySet[Phase], opinion: str) -> None:
        self._mark(subjects, f"returned: {opinion}")

    def rejected(self, act: Act, subjects: QuerySet[Phase], opinion: str) -> None:
        self._mark(subjects, f"rejected: {opinion}")

    def lapsed(self, act: Act, subjects: QuerySet[Phase]) -> None:
        self._mark(subjects, "lapsed")

    def moved_on(self, act: Act, subjects: QuerySet[Phase], step: ReviewStep) -> None:
        self._mark(subjects, f"at {step}")

    def url(self, subject_id: int) -> str:
        return f"/subjects/{subject_id}/"


@review_handler(KIND, "进程")
class PhaseReviews(_Outcomes):
    pass


@review_handler(BY_REVIEWER_KIND, "基地进程")
class PhaseReviewsByBase(_Outcomes):
    """Its step at a base is decided by the base that `base` names, which the tree does not know."""

    base: Organization | None = None

    def reviewers(self, step: ReviewStep, subject_ids: Any) -> dict[int, Organization]:
        if step.where != Kind.BASE or self.base is None:
            return {}
        return dict.fromkeys(subject_ids, self.base)


@dataclass
class World:
    """A municipality with its office, a bureau and a school, a rulebook, and who works there."""

    office: Organization
    bureau: Organization
    school: Organization
    rulebook: Rulebook
    clause: Clause
    school_admin: Actor
    approver: Actor
    reviewer: Actor

    def subjects(self, count: int = 1, **fields: Any) -> list[Phase]:
        """New records to review."""
        first = Phase.objects.filter(rulebook=self.rulebook).count()
        return Phase.objects.bulk_create(
            Phase(rulebook=self.rulebook, code=f"s{first + n}", **{"name": f"事项{first + n}", **fields})
            for n in range(count)
        )

    def open(
        self, *subjects: Phase, kind: str = KIND, due_at: datetime | None = None, **kwargs: Any
    ) -> list[Review]:
        """Send `subjects` on their way from the school, as an app's operation would."""
        return opened(kwargs.pop("actor", self.school_admin), subjects, kind=kind, due_at=due_at, **kwargs)


def opened(
    actor: Actor, subjects: Any, *, kind: str = KIND, due_at: datetime | None = None, origin: Any = None
) -> list[Review]:
    """Open reviews of `subjects` and write the letters, in one transaction."""
    where = origin or actor.organization
    with transaction.atomic():
        act = Act(actor, clock.now())
        reviews = open_reviews(act, subjects, kind=kind, origin=lambda _each: where, title=str, due_at=due_at)
        post(act.letters)
    return reviews


def make_world() -> World:
    city = OrganizationFactory()
    office = ProjectOfficeFactory(parent=city)
    bureau = BureauFactory(parent=city)
    school = SchoolFactory(parent=bureau)
    notice = Notice.objects.create(
        code="TEST", number="测试〔2020〕1号", title="测试通知", issuer="测试", issued_on=date(2020, 1, 1)
    )
    clause = Clause.objects.create(
        notice=notice,
        code="TEST-1",
        section="一",
        actor="office",
        kind="rule",
        requirement="审核",
        quote="审核。",
        position=1,
    )
    rulebook = Rulebook.objects.create(notice=notice, title="测试计划", published_at=clock.now())
    world = World(
        office,
        bureau,
        school,
        rulebook,
        clause,
        school_admin=make_actor(Role.SCHOOL_ADMIN, school),
        approver=make_actor(Role.BUREAU_APPROVER, bureau),
        reviewer=make_actor(Role.OFFICE_REVIEWER, office),
    )
    make_chain(world, Kind.SCHOOL, [("区县审批", Role.BUREAU_APPROVER, Kind.BUREAU, 2), OFFICE_STEP])
    make_chain(world, "", [OFFICE_STEP])
    return world


OFFICE_STEP = ("项目办审核", Role.OFFICE_REVIEWER, Kind.PROJECT_OFFICE, 3)


def make_chain(
    world: World, organization_kind: str, steps: list[Any], *, kind: str = KIND, phase: str = ""
) -> ReviewChain:
    chain = ReviewChain.objects.create(
        rulebook=world.rulebook,
        subject_kind=kind,
        organization_kind=organization_kind,
        name=f"测试链{organization_kind}",
        clause=world.clause,
        phase=phase,
    )
    for position, (name, role, where, days) in enumerate(steps, 1):
        ReviewStep.objects.create(
            chain=chain, position=position, name=name, role=role, where=where, days=days
        )
    return chain
