"""Addresses of finance."""

from django.urls import path

from finance import views

app_name = "finance"
urlpatterns = [
    path("rulebooks/<int:pk>/expense-categories/", views.expense_categories, name="expense_categories"),
]
