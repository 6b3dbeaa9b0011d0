"""What an app does when a review of its records ends. Apps register one handler a kind of subject.

    @review_handler("enrollment.nomination", _("推荐人选"))
    class NominationReviews(ReviewHandler[Nomination]):
        model = Nomination
        def approved(self, act, subjects): TABLE.apply_to(subjects, "approve")
        ...

A handler is always given a queryset, of one record or of three thousand, so that single and bulk decisions share one
path. It runs inside the transaction of the decision: a DomainError it raises undoes everything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.errors import Invalid

if TYPE_CHECKING:
    from portal.errors import Text
    from portal.operations.act import Act
    from portal.organizations.models import Organization
    from portal.reviews.models import ReviewStep

M = TypeVar("M", bound=models.Model)
H = TypeVar("H", bound="type[ReviewHandler[Any]]")


class ReviewHandler(ABC, Generic[M]):
    """The callbacks of one kind of subject. `kind` and `label` are set by `review_handler`."""

    kind: ClassVar[str]
    label: ClassVar[Text]
    model: type[M]

    @abstractmethod
    def approved(self, act: Act, subjects: models.QuerySet[M]) -> None:
        """The last step approved these."""

    @abstractmethod
    def returned(self, act: Act, subjects: models.QuerySet[M], opinion: str) -> None:
        """These go back for correction; a new review is opened when they are submitted again."""

    @abstractmethod
    def rejected(self, act: Act, subjects: models.QuerySet[M], opinion: str) -> None:
        """These are refused for good."""

    @abstractmethod
    def lapsed(self, act: Act, subjects: models.QuerySet[M]) -> None:
        """Nobody decided these in time."""

    @abstractmethod
    def url(self, subject_id: int) -> str:
        """The page of one record. Must not query."""

    def moved_on(self, act: Act, subjects: models.QuerySet[M], step: ReviewStep) -> None:
        """These passed a step and now wait at `step`. Nothing to do for most kinds."""

    def reviewers(self, step: ReviewStep, subject_ids: Sequence[int]) -> Mapping[int, Organization]:
        """Who decides `step` where the organisation tree does not say it (a class's base, say), by record key."""
        return {}

    def queue_url(self) -> str:
        """The list in which a reviewer works through this kind."""
        return f"{reverse('reviews:list')}?{urlencode({'kind': self.kind})}"


_handlers: dict[str, ReviewHandler[Any]] = {}


def review_handler(kind: str, label: Text) -> Callable[[H], H]:
    """Declare a ReviewHandler class as the one of `kind` (`app.noun`)."""

    def register(cls: H) -> H:
        if kind in _handlers:
            raise ValueError(f"review handler {kind} is declared twice")
        cls.kind, cls.label = kind, label
        _handlers[kind] = cls()
        return cls

    return register


def handler_of(kind: str) -> ReviewHandler[Any]:
    """The handler of `kind`. Raises Invalid when no app declares it."""
    if kind not in _handlers:
        raise Invalid(_("没有名为“%(kind)s”的审核事项。") % {"kind": kind}, field="subject_kind")
    return _handlers[kind]


def handlers() -> dict[str, ReviewHandler[Any]]:
    """Every handler by its kind."""
    return dict(sorted(_handlers.items()))
