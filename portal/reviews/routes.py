"""Which chain a subject takes, and which organisation decides each of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.reviews.handlers import ReviewHandler
from portal.reviews.models import ReviewChain, ReviewStep
from portal.rulebook.models import Rulebook

# These do not stand above those they decide for, but beside them under the authority they work for.
ATTACHED = frozenset({Kind.PROJECT_OFFICE, Kind.DEVELOPMENT_CENTER})


@dataclass(frozen=True)
class Case:
    """One record on its way: whence it came, and the position of the step it has passed (0 at the beginning)."""

    subject_id: int
    origin: Organization
    passed: int = 0


@dataclass(frozen=True)
class Stop:
    """Where a record waits: a step, and the organisation that decides it."""

    step: ReviewStep
    reviewer: Organization


class Tree:
    """The superiors of some organisations and the offices attached to them. One query."""

    def __init__(self, origins: Iterable[Organization]) -> None:
        keys = {key for each in origins for key in _line(each)}
        rows = (
            Organization.objects.active()
            .filter(Q(pk__in=keys) | Q(kind__in=ATTACHED, parent__in=keys))
            .order_by("-pk")
        )
        self._by_id = {each.pk: each for each in rows}
        # The oldest office of an authority comes last in the query and stays.
        self._attached = {(each.parent_id, each.kind): each for each in rows if each.kind in ATTACHED}

    def nearest(self, origin: Organization, where: str) -> Organization | None:
        """The closest organisation of kind `where` above `origin`, itself included, or None."""
        for key in reversed(_line(origin)):
            here = self._by_id.get(key)
            if here is not None and here.kind == where:
                return here
            if (key, where) in self._attached:
                return self._attached[key, where]
        return None


def _line(origin: Organization) -> list[int]:
    return [*origin.ancestor_ids, origin.pk]


def chains_for(rulebook: Rulebook, kind: str) -> dict[str, ReviewChain]:
    """The chains of `kind` by the kind of organisation they are for ("" = any), with their steps. Two queries."""
    rows = ReviewChain.objects.filter(rulebook=rulebook, subject_kind=kind).prefetch_related("steps")
    return {each.organization_kind: each for each in rows}


def chain_for(
    chains: dict[str, ReviewChain], origin: Organization, handler: ReviewHandler[Any]
) -> ReviewChain:
    """The chain for what `origin` submits. Raises DomainError when the rulebook has none."""
    chain = chains.get(origin.kind) or chains.get("")
    if chain is None:
        message = _(
            "通知没有规定“%(unit)s”的“%(kind)s”由谁审核，不能提交。请项目办管理员在规则手册中补充审核链。"
        )
        raise DomainError(
            message % {"unit": origin.get_kind_display(), "kind": handler.label}, code="no_review_chain"
        )
    return chain


def route(
    handler: ReviewHandler[Any], tree: Tree, steps: Sequence[ReviewStep], cases: Sequence[Case]
) -> dict[int, Stop]:
    """Where each case stops next: its first remaining step for which an organisation is found. None found: left out."""
    stops: dict[int, Stop] = {}
    for step in steps:
        waiting = [case for case in cases if case.passed < step.position and case.subject_id not in stops]
        given = handler.reviewers(step, [case.subject_id for case in waiting]) if waiting else {}
        for case in waiting:
            reviewer = given.get(case.subject_id) or tree.nearest(case.origin, step.where)
            if reviewer is not None:
                stops[case.subject_id] = Stop(step, reviewer)
    return stops
