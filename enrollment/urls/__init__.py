"""Addresses of nominations, sheets, the reviewers' queue and, included, of registration."""

from django.urls import include, path

from enrollment.views import arrivals, choosing, eligibility, nominations, sheets

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
    path("classes/<int:pk>/check-in/", arrivals.check_in, name="check_in"),
    path("classes/<int:pk>/check-in/code/", arrivals.check_in_code, name="check_in_code"),
    path("classes/<int:pk>/check-in/code.svg", arrivals.check_in_picture, name="check_in_picture"),
    path("check-in/<int:pk>/correct/", arrivals.correct, name="check_in_correct"),
    path("check-in/<str:token>/", arrivals.arrive, name="arrive"),
    path("", include("enrollment.urls.registration")),
]
