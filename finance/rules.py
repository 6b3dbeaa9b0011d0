"""What may be charged, and what must be complete: the rule kinds of CQ20-4.1, 4.2, 5.5. Pure; a case carries all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import BudgetState
from portal.rulebook.kinds import rule_kind
from programs.rules.closing import UnsettledCase


@dataclass(frozen=True)
class SpendingCase:
    """Something that is to be charged: a budget's line or an expense. `category` is the code."""

    category: str
    words: str


@dataclass(frozen=True)
class OpeningCase:
    """`budget_state` of the class that is to open; "" when it has no budget."""

    budget_state: str


@dataclass(frozen=True)
class ClosingLine:
    """One category of a final account."""

    name: str
    budgeted: Decimal
    spent: Decimal
    explanation: str


@dataclass(frozen=True)
class ClosingCase:
    """A final account before it is submitted: its lines, and the names of vouchers that are not there."""

    lines: Sequence[ClosingLine]
    missing: Sequence[str]


@rule_kind("finance.accounts_settled", gettext_lazy("结束计划前决算均已批复"))
@dataclass(frozen=True)
class AccountsSettledRule:
    """Every finished class that had money has an approved final account."""

    def check(self, case: UnsettledCase) -> str:
        return case.said(_("还有%(count)d个班级的经费决算没有批复：%(names)s"))


@rule_kind("finance.forbidden_words", gettext_lazy("用途符合列支范围"))
@dataclass(frozen=True)
class ForbiddenWordsRule:
    """No description names what the programme's money must not pay for.

    `words` may stand in the categories `exempt`, words of `everywhere` in none.
    """

    what: str = field(metadata={"label": gettext_lazy("不得列支的内容")})
    words: tuple[str, ...] = field(metadata={"label": gettext_lazy("字样")})
    exempt: tuple[str, ...] = field(default=(), metadata={"label": gettext_lazy("不受此限的科目代号")})
    everywhere: tuple[str, ...] = field(
        default=(), metadata={"label": gettext_lazy("任何科目均不得有的字样")}
    )

    def check(self, case: SpendingCase) -> str:
        asked = () if case.category in self.exempt else self.words
        found = [each for each in (*asked, *self.everywhere) if each in case.words]
        if not found:
            return ""
        return _("“%(text)s”中有“%(words)s”字样：%(what)s不得列入专项经费") % {
            "text": case.words,
            "words": "、".join(found),
            "what": self.what,
        }


@rule_kind("finance.doubtful_words", gettext_lazy("用途无需核对"))
@dataclass(frozen=True)
class DoubtfulWordsRule(ForbiddenWordsRule):
    """Words that are often, but not always, of something that must not be charged: meant to warn."""

    def check(self, case: SpendingCase) -> str:
        complaint = super().check(case)
        return _("请核对：%(complaint)s") % {"complaint": complaint} if complaint else ""


@rule_kind("finance.budget_before_opening", gettext_lazy("经费预算已批复"))
@dataclass(frozen=True)
class BudgetBeforeOpeningRule:
    """A class opens only with an approved budget. CQ20-5.5."""

    def check(self, case: OpeningCase) -> str:
        if case.budget_state == BudgetState.APPROVED:
            return ""
        state = BudgetState(case.budget_state).label if case.budget_state else _("未编制")
        return _("本班经费预算%(state)s，批复后才能开班") % {"state": state}


@rule_kind("finance.vouchers_complete", gettext_lazy("决算凭证齐全"))
@dataclass(frozen=True)
class VouchersCompleteRule:
    """A final account comes with every document of the checklist. Domain facts §3.4."""

    def check(self, case: ClosingCase) -> str:
        if not case.missing:
            return ""
        return _("决算凭证缺少：%(names)s。请逐项上传后再报送") % {"names": "、".join(case.missing)}


@rule_kind("finance.differences_explained", gettext_lazy("预决算差额已说明"))
@dataclass(frozen=True)
class DifferencesExplainedRule:
    """Where less than the budget was spent by more than `share` of it, the final account says why."""

    share: str = field(default="0.1", metadata={"label": gettext_lazy("须说明的差额比例")})

    def check(self, case: ClosingCase) -> str:
        bound = Decimal(self.share)
        names = [
            each.name
            for each in case.lines
            if each.budgeted - each.spent > each.budgeted * bound and not each.explanation.strip()
        ]
        if not names:
            return ""
        return _("以下科目决算比预算少%(share)s以上，请填写说明：%(names)s") % {
            "share": f"{bound:.0%}",
            "names": "、".join(names),
        }


@rule_kind("finance.transfer_review", gettext_lazy("科目调剂须经审核"))
@dataclass(frozen=True)
class TransferReviewRule:
    """A transfer above `share` of the giving category's budget goes through the review chain."""

    share: str = field(default="0.1", metadata={"label": gettext_lazy("可自行调剂的比例")})

    def check(self, case: TransferCase) -> str:
        bound = Decimal(self.share)
        if case.moved + case.amount <= case.budgeted * bound:
            return ""
        return _("从“%(name)s”累计调出超过其预算的%(share)s，须报项目办审核") % {
            "name": case.name,
            "share": f"{bound:.0%}",
        }


@dataclass(frozen=True)
class TransferCase:
    """A transfer out of the category `name`: `budgeted` as approved, `moved` out of it before."""

    name: str
    budgeted: Decimal
    moved: Decimal
    amount: Decimal
