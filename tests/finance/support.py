"""A class with granted funds, and the way to an approved budget, expenses and a final account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from finance.models import Budget, Expense, ExpenseCategory, FinalAccount, FundAccount
from finance.services import budgets, expenses, final_accounts, funds
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import Review, Verdict
from portal.reviews.services import decide
from programs.models import TrainingClass
from tests.enrollment.support import pdf
from tests.programs.world import World, make_class, make_world

HEAD: dict[str, Any] = {
    "headcount": 10,
    "payee": "演示培训基地",
    "bank": "演示银行",
    "bank_code": "102653000000",
    "bank_account": "6222000011112222",
    "contact_name": "演示联系人",
    "contact_phone": "023-10000000",
}


@dataclass
class Money:
    """`keeper` is the base's administrator, `reviewer` the office's."""

    world: World
    training_class: TrainingClass

    @property
    def keeper(self) -> Actor:
        return self.world.base_admin

    @property
    def reviewer(self) -> Actor:
        return self.world.actor(Role.OFFICE_REVIEWER)

    @property
    def again(self) -> TrainingClass:
        """The class read anew, as a page would."""
        rows = TrainingClass.objects.select_related(
            "project__program__rulebook", "project__program__office__parent", "base"
        )
        return rows.get(pk=self.training_class.pk)

    def category(self, code: str) -> ExpenseCategory:
        rows = ExpenseCategory.objects.select_related("clause__notice")
        return rows.get(rulebook=self.world.program.rulebook, code=code)

    def line(self, code: str = "teaching", price: str = "500", **changes: Any) -> dict[str, Any]:
        """A line of 10 times `price`."""
        values = {
            "category": self.category(code),
            "item": "细目",
            "price": Decimal(price),
            "price_unit": "人·天",
            "count": 10,
            "count_unit": "人",
            "times": 1,
            "times_unit": "天",
            "note": "",
        }
        return values | changes

    def grant(self, amount: str = "10000") -> None:
        funds.grant_funds(self.world.manager, self.again, amount=Decimal(amount), reason="文号")

    def draft(self, *lines: dict[str, Any]) -> Budget:
        """A budget of 5,000.00 for teaching and 1,000.00 for meals, unless other lines are given."""
        wanted = lines or (self.line(), self.line("meals", "100"))
        version = Budget.objects.filter(training_class=self.training_class).values_list("version", flat=True)
        seen = next(iter(version), 0)
        return budgets.save_budget(self.keeper, self.again, version=seen, head=dict(HEAD), lines=list(wanted))

    def submitted(self, *lines: dict[str, Any]) -> Budget:
        if not FundAccount.objects.filter(training_class=self.training_class).exists():
            self.grant()
        return budgets.submit_budget(self.keeper, self.draft(*lines))

    def decided(self, subject: Any, verdict: Verdict = Verdict.APPROVE, opinion: str = "") -> Any:
        """The office decides the newest review of `subject`, which is read anew."""
        review = Review.objects.of_subject(subject).order_by("-pk")[0]
        decide(self.reviewer, review, verdict=verdict, opinion=opinion)
        return type(subject)._default_manager.get(pk=subject.pk)

    def approved(self, *lines: dict[str, Any]) -> Budget:
        made: Budget = self.decided(self.submitted(*lines))
        return made

    def spend(self, amount: str, code: str = "teaching", **changes: Any) -> Expense:
        values = {
            "category": self.category(code),
            "amount": Decimal(amount),
            "paid_on": date(2020, 10, 24),
            "payee": "演示收款方",
            "description": "讲课费",
        }
        files = changes.pop("files", None) or [pdf()]
        key = changes.pop("key", None)
        return expenses.record_expense(self.keeper, self.again, values=values | changes, files=files, key=key)

    def account(self, code: str) -> FundAccount:
        return FundAccount.objects.get(training_class=self.training_class, category__code=code)

    def balances(self) -> dict[str, Decimal]:
        """What is left in each account; "" is what was granted and not budgeted."""
        rows = FundAccount.objects.filter(training_class=self.training_class).select_related("category")
        return {each.category.code if each.category else "": each.balance for each in rows}

    def complete(self) -> FinalAccount:
        """A drafted final account with every voucher and explanation."""
        found = self.again
        for check in final_accounts.checklist_of(found):
            final_accounts.attach_voucher(self.keeper, found, requirement=check.requirement, file=pdf())
        keys = (
            FundAccount.objects.filter(training_class=found)
            .of_categories()
            .values_list("category", flat=True)
        )
        words = {key: "节约开支" for key in keys if key}
        return final_accounts.explain_final_account(self.keeper, found, explanations=words)


def make_money() -> Money:
    world = make_world(1)
    return Money(world, make_class(world, published=True))
