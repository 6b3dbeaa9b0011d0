"""Addresses of notices, rulebooks and the calendar."""

from django.urls import path

from portal.rulebook.views import clock, editing, editing_facts, reading

app_name = "rulebook"
urlpatterns = [
    path("", reading.index, name="index"),
    path("calendar/", reading.current_calendar, name="current_calendar"),
    path("clock/", clock.demo_clock, name="clock"),
    path("notices/<str:code>/", reading.preview, name="preview"),
    path("<int:pk>/", reading.detail, name="detail"),
    path("<int:pk>/calendar/", reading.calendar_page, name="calendar"),
    path("<int:pk>/calendar.xlsx", reading.calendar_sheet, name="calendar_sheet"),
    path("<int:pk>/facts/", editing_facts.edit, name="facts"),
    path("<int:pk>/phases/new/", editing.new_phase, name="new_phase"),
    path("<int:pk>/rules/new/", editing.choose_rule, name="choose_rule"),
    path("<int:pk>/rules/new/<str:kind>/", editing.new_rule, name="new_rule"),
    path("phases/<int:pk>/", editing.phase, name="phase"),
    path("phases/<int:pk>/drop/", editing.drop_phase_page, name="drop_phase"),
    path("rules/<int:pk>/", editing.rule, name="rule"),
    path("rules/<int:pk>/drop/", editing.drop_rule_page, name="drop_rule"),
    path("chains/<int:pk>/", editing.chain, name="chain"),
]
