"""What becomes of reviewed final accounts: a settled one gives back what is left. Source: CQ20-5.5."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import deadlines, ledger
from finance.models import FinalAccount
from finance.services.final_accounts import KIND, require_reconciled
from finance.services.funds import keepers_of
from finance.services.owed import answered
from finance.states import FINAL_ACCOUNT
from portal.operations.act import Act
from portal.reviews.handlers import ReviewHandler, review_handler


@review_handler(KIND, gettext_lazy("经费决算审核"))
class FinalAccountReviews(ReviewHandler[FinalAccount]):
    """Settling checks once more that everything adds up."""

    model = FinalAccount

    def approved(self, act: Act, subjects: QuerySet[FinalAccount]) -> None:
        for each in subjects.select_related("training_class__base").order_by("pk"):
            require_reconciled(each)
            FINAL_ACCOUNT.apply(each, "settle", settled_at=act.now, opinion="")
            answered(act, each.training_class, deadlines.FINAL_ACCOUNT, accepted=True)
            left = ledger.give_back(act, each.training_class, reason=_("决算结余上交"))
            words = _("决算已结算，结余%(left)s元应上交。") if left else _("决算已结算，无结余。")
            act.tell(
                keepers_of(each.training_class.base),
                _("%(name)s已结算") % {"name": each},
                body=words % {"left": f"{left:,.2f}"},
                url=reverse("finance:final_account", args=[each.pk]),
            )

    def returned(self, act: Act, subjects: QuerySet[FinalAccount], opinion: str) -> None:
        for each in subjects.select_related("training_class").order_by("pk"):
            FINAL_ACCOUNT.apply(each, "return", opinion=opinion)
            answered(act, each.training_class, deadlines.FINAL_ACCOUNT, accepted=False, opinion=opinion)

    def rejected(self, act: Act, subjects: QuerySet[FinalAccount], opinion: str) -> None:
        # Money that was spent must be accounted for: a refused final account comes again.
        self.returned(act, subjects, opinion)

    def lapsed(self, act: Act, subjects: QuerySet[FinalAccount]) -> None:
        self.returned(act, subjects, _("逾期未审核，请重新报送"))

    def url(self, subject_id: int) -> str:
        return reverse("finance:final_account", args=[subject_id])
