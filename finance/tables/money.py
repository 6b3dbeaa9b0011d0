"""The registers of money: 预算台账, 支出台账, 调剂台账, 决算台账."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from finance.models import (
    Budget,
    BudgetState,
    Expense,
    ExpenseCategory,
    FinalAccount,
    FinalAccountState,
    Transfer,
    TransferState,
)
from finance.reach import classes_with_money
from portal.operations.actor import Actor
from portal.organizations.models import Organization, label_of
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from programs.models import Program, Project
from programs.tables.projects import yes_no


def bases(request: Any) -> QuerySet[Organization]:
    classes = classes_with_money(request.actor)
    return Organization.objects.filter(pk__in=classes.order_by().values("base"))


def _projects(request: Any) -> QuerySet[Project]:
    return Project.objects.filter(pk__in=classes_with_money(request.actor).order_by().values("project"))


def _categories(request: Any) -> QuerySet[ExpenseCategory]:
    programs = Program.objects.visible_to(request.actor)
    return ExpenseCategory.objects.filter(rulebook__in=programs.values("rulebook"), allowed=True)


class MoneyFilter(FilterSet):
    base = django_filters.ModelChoiceFilter(
        label=_("承担单位"), field_name="training_class__base", queryset=bases
    )
    project = django_filters.ModelChoiceFilter(
        label=_("项目"), field_name="training_class__project", queryset=_projects
    )


class BudgetFilter(MoneyFilter):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=BudgetState.choices)


class FinalAccountFilter(MoneyFilter):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=FinalAccountState.choices)


class TransferFilter(MoneyFilter):
    state = django_filters.ChoiceFilter(label=_("状态"), choices=TransferState.choices)


class ExpenseFilter(MoneyFilter):
    category = django_filters.ModelChoiceFilter(label=_("费用科目"), queryset=_categories)
    paid_after = django_filters.DateFilter(label=_("支付不早于"), field_name="paid_on", lookup_expr="gte")
    paid_before = django_filters.DateFilter(label=_("支付不晚于"), field_name="paid_on", lookup_expr="lte")
    reversal = django_filters.BooleanFilter(
        label=_("冲销"), field_name="reverses", lookup_expr="isnull", exclude=True, widget=yes_no()
    )


def budget_rows(actor: Actor) -> QuerySet[Budget]:
    rows = Budget.objects.visible_to(actor)
    return rows.select_related("training_class__base", "training_class__project")


def expense_rows(actor: Actor) -> QuerySet[Expense]:
    rows = Expense.objects.visible_to(actor)
    return rows.select_related("training_class__base", "training_class__project", "category")


def transfer_rows(actor: Actor) -> QuerySet[Transfer]:
    rows = Transfer.objects.visible_to(actor)
    return rows.select_related("training_class__base", "training_class__project", "source", "target")


def final_account_rows(actor: Actor) -> QuerySet[FinalAccount]:
    rows = FinalAccount.objects.visible_to(actor)
    return rows.select_related("training_class__base", "training_class__project")


def _of_class() -> list[Column]:
    return [
        Column("training_class__name", _("班级"), sort="training_class__name"),
        Column("training_class__project__code", _("项目编号"), sort="training_class__project__code"),
        Column(
            "base",
            _("承担单位"),
            value=lambda row: row.training_class.base.label,
            reads=label_of("training_class__base"),
        ),
    ]


SEARCH = ("training_class__name__icontains", "training_class__project__code__startswith")
HINT = _("班级名称或项目编号")

BUDGETS: Register[Budget] = Register(
    "finance.budgets",
    _("预算台账"),
    rows=budget_rows,
    columns=[
        *_of_class(),
        Column("state", _("状态"), Kind.BADGE),
        Column("headcount", _("计划人数"), Kind.NUMBER),
        Column("total", _("预算合计"), Kind.MONEY, sort="total"),
        Column("edition", _("报送次数"), Kind.NUMBER),
        Column("submitted_at", _("报送时间"), Kind.MOMENT, sort="submitted_at"),
        Column("decided_at", _("审核时间"), Kind.MOMENT, shown=False),
        Column("opinion", _("审核意见"), shown=False),
    ],
    filters=BudgetFilter,
    search=SEARCH,
    search_hint=HINT,
    url=leads_to("finance:budget"),
    reads=(),
    empty=_("还没有预算。培训基地在“班级经费”页面编制预算，报项目办审核。"),
)

EXPENSES: Register[Expense] = Register(
    "finance.expenses",
    _("支出台账"),
    rows=expense_rows,
    columns=[
        Column("description", _("用途说明")),
        *_of_class(),
        Column("category__name", _("费用科目"), sort="category__position"),
        Column("amount", _("金额"), Kind.MONEY, sort="amount"),
        Column("paid_on", _("支付日期"), Kind.DATE, sort="paid_on"),
        Column("payee", _("收款方")),
        Column("by_name", _("经办人"), shown=False),
        Column("at", _("登记时间"), Kind.MOMENT, shown=False),
    ],
    filters=ExpenseFilter,
    search=("description__icontains", "payee__icontains", *SEARCH),
    search_hint=_("用途、收款方、班级或项目编号"),
    url=leads_to("finance:expense"),
    reads=(),
    empty=_("还没有支出。预算批复后，培训基地在“班级经费”页面登记支出并上传凭证。"),
)

TRANSFERS: Register[Transfer] = Register(
    "finance.transfers",
    _("调剂台账"),
    rows=transfer_rows,
    columns=[
        *_of_class(),
        Column(
            "source",
            _("调出科目"),
            value=lambda row: row.source_name,
            reads=("source__name",),
        ),
        Column("target__name", _("调入科目")),
        Column("amount", _("金额"), Kind.MONEY, sort="amount"),
        Column("state", _("状态"), Kind.BADGE),
        Column("reason", _("调剂理由")),
        Column("at", _("提出时间"), Kind.MOMENT, sort="at"),
    ],
    filters=TransferFilter,
    search=SEARCH,
    search_hint=HINT,
    url=leads_to("finance:transfer"),
    reads=(),
    empty=_("还没有科目调剂。"),
)

FINAL_ACCOUNTS: Register[FinalAccount] = Register(
    "finance.final_accounts",
    _("决算台账"),
    rows=final_account_rows,
    columns=[
        *_of_class(),
        Column("state", _("状态"), Kind.BADGE),
        Column("headcount", _("实际人数"), Kind.NUMBER),
        Column("budgeted", _("预算合计"), Kind.MONEY, sort="budgeted"),
        Column("spent", _("决算合计"), Kind.MONEY, sort="spent"),
        Column("difference", _("差额"), Kind.MONEY),
        Column("submitted_at", _("报送时间"), Kind.MOMENT, sort="submitted_at"),
        Column("settled_at", _("结算时间"), Kind.MOMENT),
    ],
    filters=FinalAccountFilter,
    search=SEARCH,
    search_hint=HINT,
    url=leads_to("finance:final_account"),
    empty=_("还没有决算。班级结束后，培训基地在“班级经费”页面编制决算，报项目办审核。"),
)
