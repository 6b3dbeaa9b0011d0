"""Addresses of the generic review pages."""

from django.urls import path

from portal.reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.review_list, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/delegate/", views.delegation, name="delegate"),
    path("<int:pk>/take-back/", views.end_delegation, name="take-back"),
]
