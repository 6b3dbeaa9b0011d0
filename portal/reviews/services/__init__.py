"""What other apps call: opening, deciding, closing and delegating reviews."""

from portal.reviews.services.closing import lapse, withdraw_reviews
from portal.reviews.services.deadlines import lapse_with
from portal.reviews.services.deciding import Tally, decide, decide_many
from portal.reviews.services.delegating import delegate, take_back
from portal.reviews.services.opening import open_review, open_reviews

__all__ = [
    "Tally",
    "decide",
    "decide_many",
    "delegate",
    "lapse",
    "lapse_with",
    "open_review",
    "open_reviews",
    "take_back",
    "withdraw_reviews",
]
