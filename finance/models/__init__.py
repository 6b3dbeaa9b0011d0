"""What money may be spent on."""

from finance.models.category import ExpenseCategory

__all__ = ["ExpenseCategory"]
