"""Addresses of organisations."""

from django.urls import path

from portal.organizations import views

app_name = "organizations"
urlpatterns = [
    path("", views.organization_list, name="list"),
    path("tree/", views.organization_tree, name="tree"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/<str:verb>/", views.act, name="act"),
]
