"""The one door: an operation asks who, when and whether, changes, audits and tells, in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.roles import Role
from portal.errors import DomainError, NotAllowed
from portal.messages.outbox import post
from portal.operations import audit
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.gate import phase_refusal
from portal.operations.scope import Scope, anywhere

if TYPE_CHECKING:
    from portal.errors import Text

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")

_registry: dict[str, Operation[Any, Any, Any]] = {}


@dataclass(frozen=True)
class Permit:
    """Who may: roles, over whose things, and whether the portal's own workers may."""

    roles: frozenset[Role]
    scope: Scope
    system: bool

    def refusal(self, actor: Actor, subject: object, label: Text) -> NotAllowed | None:
        if actor.is_system:
            return None if self.system else _not_for(label)
        if actor.role not in self.roles or not self.scope.allows(actor, subject):
            return _not_for(label)
        return None


class Operation(Generic[S, P, R]):
    """A business verb. Calling it with `(actor, subject, …)` runs it; `refusal` says why it would not."""

    # Templates hand operations to {% action %}; Django would call them otherwise.
    do_not_call_in_templates = True

    def __init__(
        self,
        body: Callable[Concatenate[Act, S, P], R],
        *,
        code: str,
        label: Text,
        permit: Permit,
        phase: str | None,
        clauses: Sequence[str],
    ) -> None:
        self.body, self.code, self.label = body, code, label
        self.permit, self.phase, self.clauses = permit, phase, tuple(clauses)
        update_wrapper(self, body)

    def refusal(self, actor: Actor, subject: S) -> DomainError | None:
        """Return what permission or phase would refuse now, or None. Costs no write."""
        return self.permit.refusal(actor, subject, self.label) or phase_refusal(
            self.phase, subject, clock.now()
        )

    def __call__(self, actor: Actor, subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the operation. Raises a DomainError and changes nothing when it is refused."""
        refused = self.permit.refusal(actor, subject, self.label)
        if refused:
            audit.refused(self, actor, subject)
            raise refused
        with transaction.atomic():
            act = Act(actor, clock.now(), subject if isinstance(subject, models.Model) else None)
            outside = phase_refusal(self.phase, subject, act.now)
            if outside:
                raise outside
            result = self.body(act, subject, *args, **kwargs)
            audit.done(self, act)
            post(act.letters)
        return result


def operation(
    code: str,
    label: Text,
    *,
    roles: Iterable[Role] = (),
    scope: Scope | None = None,
    phase: str | None = None,
    clauses: Sequence[str] = (),
    system: bool = False,
) -> Callable[[Callable[Concatenate[Act, S, P], R]], Operation[S, P, R]]:
    """Declare a service function as the operation `code` (`app.verb`)."""

    def register(body: Callable[Concatenate[Act, S, P], R]) -> Operation[S, P, R]:
        if code in _registry:
            raise ValueError(f"operation {code} is declared twice")
        permit = Permit(frozenset(roles), scope or anywhere(), system)
        made = Operation(body, code=code, label=label, permit=permit, phase=phase, clauses=clauses)
        _registry[code] = made
        return made

    return register


def operations() -> list[Operation[Any, Any, Any]]:
    """Every declared operation, by code."""
    return [_registry[code] for code in sorted(_registry)]


def find(code: str) -> Operation[Any, Any, Any]:
    """The operation `code`. Raises KeyError."""
    return _registry[code]


def _not_for(label: Text) -> NotAllowed:
    return NotAllowed(
        _("您当前的角色不能对此“%(label)s”。如需办理，请切换角色或联系本单位管理员。") % {"label": label}
    )
