"""Addresses of the performance summary. Included by `assessment.urls`."""

from django.urls import path

from assessment.views import indicators, performance, progress

urlpatterns = [
    path("rulebooks/<int:pk>/indicators/", indicators.indicators, name="indicators"),
    path("progress/", progress.progress, name="progress"),
    path("progress/<int:pk>/paper/", progress.paper, name="progress_paper"),
    path("performance/", performance.run_list, name="performance_runs"),
    path("performance/ranking/", performance.ranking, name="performance_ranking"),
    path("performance/start/<int:pk>/", performance.start, name="performance_start"),
    path("performance/rows/<int:pk>/", performance.row, name="performance_row"),
    path("performance/<int:pk>/", performance.run, name="performance_run"),
    path("performance/<int:pk>/paper/", performance.paper, name="performance_paper"),
]
