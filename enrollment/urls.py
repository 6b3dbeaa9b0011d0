"""Addresses of nominations, sheets, the reviewers' queue and, included, of registration."""

from django.urls import include, path

from enrollment.views import choosing, eligibility, nominations, sheets

app_name = "enrollment"
urlpatterns = [
    path("nominations/", nominations.nomination_list, name="nominations"),
    path("nominations/new/", choosing.choose_project, name="choose_project"),
    path("nominations/new/<int:pk>/", choosing.choose_teachers, name="choose_teachers"),
    path("nominations/<int:pk>/", nominations.nomination, name="nomination"),
    path("nominations/<int:pk>/withdraw/", nominations.withdraw, name="withdraw"),
    path("nominations/<int:pk>/resubmit/", nominations.resubmit, name="resubmit"),
    path("sheets/", sheets.sheet_list, name="sheets"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/withdraw/", sheets.withdraw, name="sheet_withdraw"),
    path("sheets/<int:pk>/export/", sheets.export, name="sheet_export"),
    path("sheets/<int:pk>/scan/", sheets.scan, name="sheet_scan"),
    path("eligibility/", eligibility.queue, name="eligibility"),
    path("eligibility/<int:pk>/", eligibility.decide_one, name="decide"),
    path("", include("enrollment.urls_registration")),
]
