"""Addresses of the inbox."""

from django.urls import path

from portal.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.inbox, name="list"),
    path("read-all/", views.read_all, name="read-all"),
    path("<int:pk>/", views.open_message, name="open"),
]
