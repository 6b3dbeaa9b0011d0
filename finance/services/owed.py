"""Budget and final account as what a base owes for a class: handed in, accepted, returned with their review. CQ20-5.5."""

from __future__ import annotations

from finance.deadlines import requirements
from portal.operations.act import Act
from programs.models import Submission, SubmissionState, TrainingClass
from programs.services.handing_in import decide, deliver


def handed_in(act: Act, training_class: TrainingClass, code: str, *, title: str) -> None:
    """Count it among what the base owes, where the rulebook asks for it. For use inside an operation."""
    rulebook = training_class.rulebook.pk
    if (rulebook, code) in requirements([rulebook]):
        deliver(act, training_class, code, title=title)


def answered(
    act: Act, training_class: TrainingClass, code: str, *, accepted: bool, opinion: str = ""
) -> None:
    """What the review said of what was handed in. For use inside an operation."""
    found = Submission.objects.filter(
        deliverable__training_class=training_class,
        deliverable__requirement__code=code,
        state=SubmissionState.SUBMITTED,
    )
    for each in found.order_by("pk"):
        decide(act, each, "accept" if accepted else "return", opinion)
