"""Addresses of assessment."""

from django.urls import include, path

from assessment.views import scale

app_name = "assessment"
urlpatterns = [
    path("rulebooks/<int:pk>/grades/", scale.grades, name="grades"),
    path("", include("assessment.urls_performance")),
    path("", include("assessment.urls_grades")),
    path("", include("assessment.urls_results")),
    path("", include("assessment.urls_inspections")),
    path("", include("assessment.urls_surveys")),
]
