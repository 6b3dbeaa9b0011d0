"""Addresses of teachers and their transfers."""

from django.urls import path

from portal.people.views import teachers, transfers

app_name = "people"
urlpatterns = [
    path("teachers/", teachers.teacher_list, name="teachers"),
    path("teachers/new/<int:school>/", teachers.create, name="create"),
    path("teachers/<int:pk>/", teachers.teacher, name="teacher"),
    path("teachers/<int:pk>/reveal/", teachers.reveal, name="reveal"),
    path("teachers/<int:pk>/<str:verb>/", teachers.act, name="act"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/new/", transfers.ask_in, name="ask_in"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/refuse/", transfers.refuse, name="refuse"),
    path("transfers/<int:pk>/<str:verb>/", transfers.decide, name="decide"),
]
