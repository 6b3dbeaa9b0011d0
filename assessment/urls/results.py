"""Addresses of results, certificates and the finished forms. Included by `assessment.urls`."""

from django.urls import path

from assessment.views import closing, results

urlpatterns = [
    path("results/", results.result_list, name="results"),
    path("results/units/", results.report, name="unit_report"),
    path("results/units/<int:pk>/paper/", results.report_paper, name="unit_report_paper"),
    path("results/<int:pk>/", results.result, name="result"),
    path("results/<int:pk>/correct/", results.correct, name="correct_result"),
    path("results/<int:pk>/certificate/", closing.print_certificate, name="print_certificate"),
    path("results/<int:pk>/opinion/", closing.write_opinion, name="write_opinion"),
    path("results/<int:pk>/form/", closing.print_form, name="print_result_form"),
    path("classes/<int:pk>/results/", results.class_results, name="class_results"),
    path("classes/<int:pk>/results/publish/", results.publish, name="publish_results"),
    path("classes/<int:pk>/results/republish/", results.republish, name="republish_results"),
    path("classes/<int:pk>/results/excellent/", results.excellent, name="excellent_list"),
    path("classes/<int:pk>/results/certificates/", closing.issue, name="issue_certificates"),
    path(
        "classes/<int:pk>/results/certificates/print/", closing.print_certificates, name="print_certificates"
    ),
    path("classes/<int:pk>/results/opinions/", closing.write_opinions, name="write_opinions"),
    path("classes/<int:pk>/results/forms/", closing.return_forms, name="return_forms"),
    path("classes/<int:pk>/results/forms/print/", closing.print_forms, name="print_result_forms"),
    path("classes/<int:pk>/results/export/", closing.export, name="export_national"),
    path("classes/<int:pk>/results/imported/", closing.imported, name="mark_imported"),
    path("programs/<int:pk>/export-layout/", closing.layout, name="export_layout"),
]
