"""Budget and final account as workbooks in the form's layout (domain facts §2.11). Source: CQ20-5.5."""

from __future__ import annotations

from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.models import Budget, FinalAccount
from finance.services.budgets import lines_of
from portal.sheets.export import export
from portal.sheets.kinds import Money
from portal.sheets.layout import Column, Sheet
from programs.models import TrainingClass

BUDGET_SHEET = Sheet(
    "finance.budget",
    gettext_lazy("经费预算表"),
    [
        Column("category", gettext_lazy("科目"), width=22),
        Column("item", gettext_lazy("细目"), width=28),
        Column("amount", gettext_lazy("经费（元）"), Money(), width=18),
        Column("calculation", gettext_lazy("计算说明"), width=48),
        Column("note", gettext_lazy("支出说明"), width=44),
    ],
)
FINAL_SHEET = Sheet(
    "finance.final_account",
    gettext_lazy("经费决算表"),
    [
        Column("category", gettext_lazy("科目"), width=30),
        Column("budgeted", gettext_lazy("预算（元）"), Money(), width=24),
        Column("spent", gettext_lazy("决算（元）"), Money(), width=24),
        Column("difference", gettext_lazy("差额（元）"), Money(), width=24),
        Column("explanation", gettext_lazy("说明"), width=58),
    ],
)


def write_budget(budget: Budget) -> tuple[IO[bytes], str]:
    """The open workbook, and its file name. One query."""
    rows: list[tuple[object, ...]] = [
        (each.category.name, each.item, each.amount, each.calculation, each.note) for each in lines_of(budget)
    ]
    rows.append((_("合计"), "", budget.total, "", ""))
    title = form_title(budget.training_class, _("经费预算表"))
    file = export(
        BUDGET_SHEET,
        rows,
        title=title,
        subtitle=head_of(budget.training_class, _("计划人数"), budget.headcount),
        sign_off=foot_of(budget),
    )
    return file, f"{budget.training_class}{_('经费预算表')}.xlsx"


def write_final_account(final: FinalAccount) -> tuple[IO[bytes], str]:
    """The open workbook, and its file name. One query."""
    rows: list[tuple[object, ...]] = [
        (each.category.name, each.budgeted, each.spent, each.difference, each.explanation)
        for each in final.lines.select_related("category")
    ]
    rows.append((_("合计"), final.budgeted, final.spent, final.difference, ""))
    file = export(
        FINAL_SHEET,
        rows,
        title=form_title(final.training_class, _("经费决算表")),
        subtitle=head_of(final.training_class, _("实际人数"), final.headcount),
        sign_off=[_("承办单位财务专用章："), _("财务负责人："), _("制表人：")],
    )
    return file, f"{final.training_class}{_('经费决算表')}.xlsx"


def form_title(training_class: TrainingClass, form: str) -> str:
    return f"{training_class.project.program}{form}"


def head_of(training_class: TrainingClass, label: str, people: int) -> str:
    """The form's head in one line."""
    return "　".join(
        [
            _("承办单位：%(base)s") % {"base": training_class.base.name},
            _("班级：%(name)s（项目%(code)s）")
            % {"name": training_class, "code": training_class.project.code},
            f"{label}：{people}",
            _("培训时间：%(when)s，%(days)d天")
            % {"when": when_of(training_class), "days": training_class.days},
        ]
    )


def foot_of(budget: Budget) -> list[str]:
    """Who is paid; the account number is masked, as the paper and the page show it."""
    return [
        _("收款单位：%(payee)s") % {"payee": budget.payee},
        _("开户银行及联行号：%(bank)s") % {"bank": f"{budget.bank} {budget.bank_code}".strip()},
        _("账号：%(account)s") % {"account": budget.masked_account},
        _("项目联系人及电话：%(contact)s")
        % {"contact": f"{budget.contact_name} {budget.contact_phone}".strip()},
    ]


def when_of(training_class: TrainingClass) -> str:
    return f"{training_class.starts_on:%Y-%m-%d} — {training_class.ends_on:%Y-%m-%d}"
