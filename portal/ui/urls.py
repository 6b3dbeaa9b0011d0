"""Addresses of the frame."""

from django.urls import include, path

from portal.ui import views
from portal.ui.register import files

frame = [
    path("search/", views.search, name="search"),
    path("large-type/", views.large_type, name="large_type"),
    path("program/", views.program, name="program"),
    path("exports/<int:job_id>/", files.download, name="export"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("ui/", include((frame, "ui"))),
]
