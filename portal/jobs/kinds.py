"""What kinds of long work there are. Apps declare theirs with `@job_kind`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.errors import Text
    from portal.jobs.running import Run

JobBody = Callable[["Run"], str]


@dataclass(frozen=True)
class JobKind:
    """`cancellable`: whether its owner may stop it after it has begun."""

    code: str
    label: Text
    body: JobBody
    cancellable: bool


_kinds: dict[str, JobKind] = {}


def job_kind(code: str, label: Text, *, cancellable: bool = True) -> Callable[[JobBody], JobBody]:
    """Declare the function that does the work of `code`. It must be resumable and safe to run twice."""

    def register(body: JobBody) -> JobBody:
        if code in _kinds:
            raise ValueError(f"job kind {code} is declared twice")
        _kinds[code] = JobKind(code, label, body, cancellable)
        return body

    return register


def kind_of(code: str) -> JobKind:
    """The kind `code`. Raises KeyError."""
    return _kinds[code]
