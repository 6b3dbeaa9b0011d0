"""Addresses of inspections and circulars."""

from django.urls import path

from assessment.views import circulars, inspections, visits

urlpatterns = [
    path("programs/<int:pk>/inspections/", inspections.overview, name="coverage"),
    path("programs/<int:pk>/inspections/plan/", inspections.plan, name="plan_inspections"),
    path("programs/<int:pk>/circulars/new/", circulars.create, name="circular_create"),
    path("inspections/", inspections.inspection_list, name="inspections"),
    path("inspections/<int:pk>/", inspections.inspection, name="inspection"),
    path("inspections/<int:pk>/change/", inspections.change, name="inspection_change"),
    path("inspections/<int:pk>/cancel/", inspections.cancel, name="inspection_cancel"),
    path("inspections/<int:pk>/close/", inspections.close, name="inspection_close"),
    path("inspections/<int:pk>/print/", inspections.print_one, name="inspection_print"),
    path("inspections/<int:pk>/visit/", visits.record, name="visit"),
    path("inspections/<int:pk>/files/", visits.add_files, name="visit_files"),
    path("inspections/files/<int:pk>/", visits.file, name="visit_file"),
    path("inspections/files/<int:pk>/remove/", visits.remove_file, name="visit_file_remove"),
    path("inspections/points/<int:pk>/answer/", inspections.answer, name="point_answer"),
    path("inspections/points/<int:pk>/settle/", inspections.settle, name="point_settle"),
    path("circulars/", circulars.circular_list, name="circulars"),
    path("circulars/<int:pk>/", circulars.circular, name="circular"),
    path("circulars/<int:pk>/print/", circulars.print_one, name="circular_print"),
]
