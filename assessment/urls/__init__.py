"""Addresses of assessment."""

from django.urls import include, path

from assessment.views import questionnaires, scale

app_name = "assessment"
urlpatterns = [
    path("rulebooks/<int:pk>/grades/", scale.grades, name="grades"),
    path("rulebooks/<int:pk>/surveys/", questionnaires.surveys, name="survey_templates"),
    path("rulebooks/<int:pk>/survey-questions/", questionnaires.questions, name="survey_questions"),
    path("rulebooks/<int:pk>/inspection-items/", scale.inspection_items, name="inspection_items"),
    path("", include("assessment.urls.performance")),
    path("", include("assessment.urls.grades")),
    path("", include("assessment.urls.results")),
    path("", include("assessment.urls.inspections")),
    path("", include("assessment.urls.surveys")),
]
