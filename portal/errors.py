"""The one family of refusals that a person sees: what is wrong, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from portal.rulebook.findings import Citation, Finding

    Text: TypeAlias = str | _StrPromise
else:
    Text = str


class DomainError(Exception):
    """A refusal with a Chinese `message`, a stable `code`, and the clause it rests on, if any."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code: ClassVar[str] = "refused"

    def __init__(
        self,
        message: Text,
        *,
        code: str = "",
        citation: Citation | None = None,
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code or self.default_code
        self.citation = citation
        self.findings = tuple(findings)


class NotAllowed(DomainError):
    """The actor's role or organisation may not do this."""

    status = HTTPStatus.FORBIDDEN
    default_code = "not_allowed"


class OutsidePhase(DomainError):
    """The window of the programme's calendar is not open."""

    default_code = "outside_phase"


class RuleBroken(DomainError):
    """At least one finding blocks."""

    default_code = "rule_broken"


class WrongState(DomainError):
    """The record is in a state from which this cannot be done."""

    status = HTTPStatus.CONFLICT
    default_code = "wrong_state"


class Conflict(DomainError):
    """Someone else changed the record meanwhile."""

    status = HTTPStatus.CONFLICT
    default_code = "changed_meanwhile"


class Invalid(DomainError):
    """A value is not acceptable; `field` names it where there is one."""

    default_code = "invalid"

    def __init__(
        self, message: Text, *, field: str = "", code: str = "", citation: Citation | None = None
    ) -> None:
        super().__init__(message, code=code, citation=citation)
        self.field = field


class FileRefused(DomainError):
    """An uploaded file cannot be taken."""

    default_code = "file_refused"
