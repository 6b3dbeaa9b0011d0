"""Addresses of surveys: those who run them, and the trainees who answer."""

from django.urls import path

from assessment.views import answering, surveys

urlpatterns = [
    path("surveys/", surveys.survey_list, name="surveys"),
    path("surveys/comparison/", surveys.comparison, name="survey_comparison"),
    path("surveys/<int:pk>/", surveys.survey, name="survey"),
    path("surveys/<int:pk>/remind/", surveys.remind, name="survey_remind"),
    path("surveys/<int:pk>/close/", surveys.close, name="survey_close"),
    path("surveys/<int:pk>/print/", surveys.print_survey, name="survey_print"),
    path("surveys/<int:pk>/export/", surveys.export, name="survey_export"),
    path("my/surveys/", answering.my_surveys, name="my_surveys"),
    path("my/surveys/<int:pk>/", answering.answer, name="answer"),
]
