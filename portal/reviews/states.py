"""How a review ends. Returned subjects come back as a new review."""

from portal.operations.states import StateTable, Transition
from portal.reviews.models import Review, ReviewState, Verdict

LAPSE = "lapse"
WITHDRAW = "withdraw"

REVIEW = StateTable(
    Review,
    ReviewState,
    [
        Transition(ReviewState.OPEN, Verdict.APPROVE, ReviewState.APPROVED),
        Transition(ReviewState.OPEN, Verdict.RETURN, ReviewState.RETURNED),
        Transition(ReviewState.OPEN, Verdict.REJECT, ReviewState.REJECTED),
        Transition(ReviewState.OPEN, LAPSE, ReviewState.LAPSED),
        Transition(ReviewState.OPEN, WITHDRAW, ReviewState.WITHDRAWN),
    ],
)
