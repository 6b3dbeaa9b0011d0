"""Money: what it may be spent on, budgets, the ledger, expenses, final accounts."""

from finance.models.account import FundAccount, FundMovement, MovementKind
from finance.models.budget import Budget, BudgetEdition, BudgetLine, BudgetState
from finance.models.category import ExpenseCategory, VoucherRequirement
from finance.models.expense import Expense, Transfer, TransferState, Voucher
from finance.models.final_account import SEALED, FinalAccount, FinalAccountLine, FinalAccountState

__all__ = [
    "SEALED",
    "Budget",
    "BudgetEdition",
    "BudgetLine",
    "BudgetState",
    "Expense",
    "ExpenseCategory",
    "FinalAccount",
    "FinalAccountLine",
    "FinalAccountState",
    "FundAccount",
    "FundMovement",
    "MovementKind",
    "Transfer",
    "TransferState",
    "Voucher",
    "VoucherRequirement",
]
