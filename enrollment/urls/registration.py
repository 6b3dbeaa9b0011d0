"""Addresses of enrolments: registering, confirming, replacing, forms. Included by `enrollment.urls`."""

from django.urls import path

from enrollment.views import codes, enrollments, forms, registration, replacement, trainee

urlpatterns = [
    path("register/", registration.start, name="register"),
    path("register/account/", registration.account, name="register_account"),
    path("register/join/", registration.take_part, name="register_join"),
    path("register/guide/", registration.guide, name="guide"),
    path("trainee/", trainee.home, name="trainee"),
    path("trainee/<int:pk>/resubmit/", trainee.resubmit, name="trainee_resubmit"),
    path("trainee/<int:pk>/form/", trainee.my_form, name="trainee_form"),
    path("enrollments/", enrollments.enrollment_list, name="enrollments"),
    path("enrollments/confirm/", enrollments.confirmations, name="confirmations"),
    path("enrollments/codes/", codes.issuing, name="codes"),
    path("enrollments/codes/<int:pk>/", codes.issued, name="codes_issued"),
    path("enrollments/codes/<int:pk>/<str:which>/", codes.issued_file, name="codes_file"),
    path("enrollments/<int:pk>/", enrollments.enrollment, name="enrollment"),
    path("enrollments/<int:pk>/code/", codes.issue_one, name="issue_code"),
    path("enrollments/<int:pk>/confirm/", enrollments.confirm, name="confirm"),
    path("enrollments/<int:pk>/send-back/", enrollments.send_back, name="send_back"),
    path("enrollments/<int:pk>/place/", enrollments.place, name="place"),
    path("enrollments/<int:pk>/replace/", replacement.replace, name="replace"),
    path("enrollments/<int:pk>/give-up/", replacement.give_up, name="give_up"),
    path("enrollments/<int:pk>/approve-form/", forms.approve, name="approve_form"),
    path("enrollments/<int:pk>/print-form/", forms.print_one, name="print_form"),
    path("substitutes/<int:pk>/resubmit/", replacement.resubmit, name="resubmit_substitute"),
    path("classes/<int:pk>/code/", codes.issue_class_code, name="class_code"),
]
