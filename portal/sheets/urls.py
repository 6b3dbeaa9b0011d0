"""Addresses of imports."""

from django.urls import path

from portal.sheets import views
from portal.sheets.services.downloading import Copy

app_name = "sheets"
urlpatterns = [
    path("", views.batches, name="list"),
    path("new/<str:kind>/", views.upload, name="upload"),
    path("new/<str:kind>/template/", views.template_file, name="template"),
    path("<str:number>/", views.batch, name="batch"),
    path("<str:number>/original/", views.file, {"copy": Copy.ORIGINAL}, name="original"),
    path("<str:number>/marked/", views.file, {"copy": Copy.MARKED}, name="marked"),
    path("<str:number>/<str:verb>/", views.act, name="act"),
]
