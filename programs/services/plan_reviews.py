"""What follows from the office's decision on a plan. Source: CQ20-5.1."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.operations.act import Act
from portal.reviews.handlers import ReviewHandler, review_handler
from programs.models import Submission, SubmissionState, TrainingPlan
from programs.services.handing_in import decide
from programs.services.opening import PLAN
from programs.services.plans import KIND
from programs.states import TRAINING_PLAN


@review_handler(KIND, gettext_lazy("培训方案审核"))
class PlanReviews(ReviewHandler[TrainingPlan]):
    """The plan's state and what stands for it among the deliverables go the same way."""

    model = TrainingPlan

    def approved(self, act: Act, subjects: QuerySet[TrainingPlan]) -> None:
        self._settle(act, subjects, "approve", "accept", "")

    def returned(self, act: Act, subjects: QuerySet[TrainingPlan], opinion: str) -> None:
        self._settle(act, subjects, "return", "return", opinion)

    def rejected(self, act: Act, subjects: QuerySet[TrainingPlan], opinion: str) -> None:
        self._settle(act, subjects, "reject", "return", opinion)

    def lapsed(self, act: Act, subjects: QuerySet[TrainingPlan]) -> None:
        self.returned(act, subjects, _("逾期未审核，请重新报送"))

    def url(self, subject_id: int) -> str:
        return reverse("programs:plan_record", args=[subject_id])

    def queue_url(self) -> str:
        return f"{reverse('programs:plans')}?state=submitted"

    def _settle(
        self, act: Act, subjects: QuerySet[TrainingPlan], action: str, outcome: str, opinion: str
    ) -> None:
        classes = list(subjects.values_list("training_class", flat=True))
        TRAINING_PLAN.apply_to(subjects, action, decided_at=act.now, opinion=opinion)
        waiting = Submission.objects.filter(
            deliverable__training_class__in=classes,
            deliverable__requirement__code=PLAN,
            state=SubmissionState.SUBMITTED,
        )
        for each in waiting:
            decide(act, each, outcome, opinion)
