"""Addresses of finance."""

from django.urls import path

from finance.views import budgets, categories, classes, expenses, final_accounts, transfers

app_name = "finance"
urlpatterns = [
    path("", classes.overview, name="overview"),
    path("rulebooks/<int:pk>/expense-categories/", categories.expense_categories, name="expense_categories"),
    path("rulebooks/<int:pk>/vouchers/", categories.vouchers, name="voucher_list"),
    path("classes/", classes.class_list, name="classes"),
    path("classes/<int:pk>/", classes.training_class, name="class"),
    path("classes/<int:pk>/grant/", classes.grant, name="grant"),
    path("classes/<int:pk>/budget/", budgets.edit, name="budget_edit"),
    path("classes/<int:pk>/expenses/new/", expenses.create, name="expense_create"),
    path("classes/<int:pk>/transfers/new/", transfers.create, name="transfer_create"),
    path("classes/<int:pk>/supplement/", transfers.supplement, name="supplement"),
    path("classes/<int:pk>/final-account/", final_accounts.edit, name="final_account_edit"),
    path("classes/<int:pk>/vouchers/<int:requirement>/", final_accounts.attach, name="voucher_attach"),
    path("budgets/", budgets.budget_list, name="budgets"),
    path("budgets/<int:pk>/", budgets.budget, name="budget"),
    path("budgets/<int:pk>/submit/", budgets.submit_one, name="budget_submit"),
    path("budgets/<int:pk>/withdraw/", budgets.withdraw, name="budget_withdraw"),
    path("budgets/<int:pk>/revise/", budgets.revise, name="budget_revise"),
    path("budgets/<int:pk>/print/", budgets.print_form, name="budget_print"),
    path("budgets/<int:pk>/xlsx/", budgets.xlsx, name="budget_xlsx"),
    path("expenses/", expenses.expense_list, name="expenses"),
    path("expenses/<int:pk>/", expenses.expense, name="expense"),
    path("expenses/<int:pk>/reverse/", expenses.reverse, name="expense_reverse"),
    path("vouchers/<int:pk>/", expenses.voucher, name="voucher"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/withdraw/", transfers.withdraw, name="transfer_withdraw"),
    path("final-accounts/", final_accounts.final_account_list, name="final_accounts"),
    path("final-accounts/<int:pk>/", final_accounts.final_account, name="final_account"),
    path("final-accounts/<int:pk>/submit/", final_accounts.submit_one, name="final_account_submit"),
    path("final-accounts/<int:pk>/withdraw/", final_accounts.withdraw, name="final_account_withdraw"),
    path("final-accounts/<int:pk>/print/", final_accounts.print_form, name="final_account_print"),
    path("final-accounts/<int:pk>/xlsx/", final_accounts.xlsx, name="final_account_xlsx"),
]
