"""Addresses of finance."""

from django.urls import path

from finance.views import categories

app_name = "finance"
urlpatterns = [
    path("rulebooks/<int:pk>/expense-categories/", categories.expense_categories, name="expense_categories"),
]
