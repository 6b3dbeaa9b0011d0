"""Addresses of attendance, leave and grades. Included by `assessment.urls`."""

from django.urls import path

from assessment.views import attendance, grading, leave

urlpatterns = [
    path("classes/<int:pk>/attendance/", attendance.class_attendance, name="attendance"),
    path("classes/<int:pk>/attendance/prepare/", attendance.prepare, name="prepare"),
    path("classes/<int:pk>/attendance/sheets/", attendance.print_sheets, name="print_sheets"),
    path("sessions/<int:pk>/", attendance.session, name="session"),
    path("sessions/<int:pk>/code/", attendance.session_code, name="session_code"),
    path("sessions/<int:pk>/code.svg", attendance.session_picture, name="session_picture"),
    path("attend/<str:token>/", attendance.attend, name="attend"),
    path("leave/", leave.leave_list, name="leaves"),
    path("leave/<int:pk>/", leave.leave_request, name="leave"),
    path("leave/<int:pk>/withdraw/", leave.withdraw, name="withdraw_leave"),
    path("mine/", leave.mine, name="mine"),
    path("mine/<int:pk>/leave/", leave.ask, name="ask_leave"),
    path("grading/", grading.grading_list, name="gradings"),
    path("grades/", grading.grade_list, name="grade_list"),
    path("classes/<int:pk>/grades/", grading.class_grades, name="class_grades"),
    path("classes/<int:pk>/grades/paste/", grading.paste, name="paste_grades"),
    path("classes/<int:pk>/grades/export/", grading.export, name="export_grades"),
    path("classes/<int:pk>/grades/submit/", grading.hand_in, name="submit_grades"),
    path("classes/<int:pk>/grades/return/", grading.give_back, name="return_grades"),
    path("classes/<int:pk>/grades/close/", grading.close, name="close_grades"),
    path("classes/<int:pk>/grades/reopen/", grading.reopen, name="reopen_grades"),
]
