"""Addresses of print runs and of public verification; included at the root, for the latter stands on paper."""

from django.urls import path

from portal.papers import views

app_name = "papers"
urlpatterns = [
    path("verify/", views.verify, name="verify_form"),
    path("verify/<str:code>/", views.verify, name="verify"),
    path("papers/batches/", views.batch_list, name="batches"),
    path("papers/batches/<int:pk>/", views.batch, name="batch"),
    path("papers/batches/<int:pk>/file/", views.batch_file, name="batch_file"),
    path("papers/batches/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("papers/<int:pk>/file/", views.paper_file, name="paper_file"),
]
