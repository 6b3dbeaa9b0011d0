"""What becomes of reviewed budgets: an approved one is divided among the categories at once. Source: CQ20-5.5."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance import deadlines, ledger
from finance.models import Budget
from finance.services.budgets import KIND, by_category, lines_of
from finance.services.funds import keepers_of
from finance.services.owed import answered
from finance.states import BUDGET
from portal.operations.act import Act
from portal.reviews.handlers import ReviewHandler, review_handler


@review_handler(KIND, gettext_lazy("经费预算审核"))
class BudgetReviews(ReviewHandler[Budget]):
    """The base is told by the review itself; here the money is divided."""

    model = Budget

    def approved(self, act: Act, subjects: QuerySet[Budget]) -> None:
        for each in subjects.select_related("training_class__base").order_by("pk"):
            BUDGET.apply(each, "approve", decided_at=act.now, opinion="")
            answered(act, each.training_class, deadlines.BUDGET, accepted=True)
            ledger.distribute(act, each.training_class, by_category(lines_of(each)), reason=_("预算批复"))
            url = reverse("finance:class", args=[each.training_class_id])
            people = keepers_of(each.training_class.base)
            act.tell(people, _("%(name)s已批复，可以登记支出") % {"name": each}, url=url)

    def returned(self, act: Act, subjects: QuerySet[Budget], opinion: str) -> None:
        self._sent_back(act, subjects, "return", opinion)

    def rejected(self, act: Act, subjects: QuerySet[Budget], opinion: str) -> None:
        self._sent_back(act, subjects, "reject", opinion)

    def lapsed(self, act: Act, subjects: QuerySet[Budget]) -> None:
        self.returned(act, subjects, _("逾期未审核，请重新报送"))

    def _sent_back(self, act: Act, subjects: QuerySet[Budget], action: str, opinion: str) -> None:
        for each in subjects.select_related("training_class").order_by("pk"):
            BUDGET.apply(each, action, decided_at=act.now, opinion=opinion)
            answered(act, each.training_class, deadlines.BUDGET, accepted=False, opinion=opinion)

    def url(self, subject_id: int) -> str:
        return reverse("finance:budget", args=[subject_id])
