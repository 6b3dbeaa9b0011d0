"""Addresses of the audit and of the permission matrix."""

from django.urls import path

from portal.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.audit_list, name="audit"),
    path("<int:pk>/", views.entry, name="entry"),
    path("permissions/", views.permissions, name="permissions"),
]
