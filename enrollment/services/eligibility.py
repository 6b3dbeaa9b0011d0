"""What follows from the reviewers' decisions on nominations. Source: CQ20-3.2."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Nomination
from enrollment.services import seats
from enrollment.services.enrolling import enroll_many
from enrollment.services.nominations import KIND, SUBSTITUTE
from enrollment.states import NOMINATION
from portal.operations.act import Act
from portal.reviews.handlers import ReviewHandler, review_handler
from portal.reviews.models import ReviewStep


@review_handler(KIND, gettext_lazy("推荐人选资格审核"))
class NominationReviews(ReviewHandler[Nomination]):
    """Approved people get their place; returned ones keep their seat; the seats of others are free again."""

    model = Nomination

    def moved_on(self, act: Act, subjects: QuerySet[Nomination], step: ReviewStep) -> None:
        NOMINATION.apply_to(subjects, "forward")

    def approved(self, act: Act, subjects: QuerySet[Nomination]) -> None:
        NOMINATION.apply_to(subjects, "approve", decided_at=act.now, opinion="")
        # Read under the lock that approving took: their class may have been cancelled a moment ago.
        enroll_many(act, list(subjects.select_related("training_class").order_by("pk")))

    def returned(self, act: Act, subjects: QuerySet[Nomination], opinion: str) -> None:
        NOMINATION.apply_to(subjects, "return", decided_at=act.now, opinion=opinion)

    def rejected(self, act: Act, subjects: QuerySet[Nomination], opinion: str) -> None:
        self._end(act, subjects, "reject", opinion)

    def lapsed(self, act: Act, subjects: QuerySet[Nomination]) -> None:
        self._end(act, subjects, "lapse", _("逾期未审核，自动失效"))

    def url(self, subject_id: int) -> str:
        return reverse("enrollment:nomination", args=[subject_id])

    def queue_url(self) -> str:
        return reverse("enrollment:eligibility")

    def _end(self, act: Act, subjects: QuerySet[Nomination], action: str, opinion: str) -> None:
        rows = list(subjects)
        NOMINATION.apply_to(subjects, action, decided_at=act.now, opinion=opinion)
        seats.release_seats(act, rows, reason=opinion[:200])


@review_handler(SUBSTITUTE, gettext_lazy("替换学员资格审核"))
class SubstituteReviews(NominationReviews):
    """Substitutes go the same way, in the window of replacement. Source: CQ20-3.4."""
