"""Addresses of assessment."""

from django.urls import path

from assessment import views

app_name = "assessment"
urlpatterns = [
    path("rulebooks/<int:pk>/grades/", views.grades, name="grades"),
]
