"""Addresses of programmes, projects and classes."""

from django.urls import path

from programs.views import classes, deliverables, programs, projects

app_name = "programs"
urlpatterns = [
    path("programs/", programs.program_list, name="list"),
    path("programs/<int:pk>/", programs.program, name="program"),
    path("programs/<int:pk>/publish/", programs.publish, name="publish"),
    path("programs/<int:pk>/close/", programs.close, name="close"),
    path("programs/<int:pk>/unpublished/", programs.unpublished, name="unpublished"),
    path("programs/<int:pk>/remind/", programs.remind, name="remind"),
    path("programs/<int:pk>/annex1/", programs.export, {"annex": "1"}, name="annex1"),
    path("programs/<int:pk>/annex2/", programs.export, {"annex": "2"}, name="annex2"),
    path("programs/<int:pk>/projects/new/", projects.create, name="project_create"),
    path("rulebooks/<int:pk>/deliverables/", deliverables.deliverables, name="deliverables"),
    path("projects/", projects.project_list, name="projects"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("projects/<int:pk>/edit/", projects.edit, name="project_edit"),
    path("projects/<int:pk>/delete/", projects.delete, name="project_delete"),
    path("projects/<int:pk>/classes/new/", classes.create, name="class_create"),
    path("classes/", classes.class_list, name="classes"),
    path("classes/<int:pk>/", classes.training_class, name="class"),
    path("classes/<int:pk>/edit/", classes.edit, name="class_edit"),
    path("classes/<int:pk>/publish/", classes.publish, name="class_publish"),
    path("classes/<int:pk>/withdraw/", classes.withdraw, name="class_withdraw"),
    path("classes/<int:pk>/timetable/print/", classes.print_timetable, name="timetable_print"),
    path("classes/<int:pk>/cancel/", classes.cancel, name="class_cancel"),
    path("classes/<int:pk>/teacher/", classes.assign_teacher, name="class_teacher"),
]
