"""The demo's surveys and inspections of the year, on a small world and a clock that moves."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import LazySettings

from assessment.coverage import coverage
from assessment.demo.surveys import survey_all
from assessment.demo.visits import inspect_all
from assessment.models import Circular, Inspection, Survey, SurveyState
from assessment.survey_results import evaluations
from portal import clock
from portal.accounts.roles import Role
from portal.runtime.demo import Demo
from programs.models import Program
from tests.assessment.surveyed import make_surveyed
from tests.enrollment.support import make_scene
from tests.programs.world import moment, set_clock

pytestmark = pytest.mark.django_db


def test_the_year_s_surveys_and_inspections_are_played_once(settings: LazySettings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        course = make_surveyed(make_scene(seats=6))
        world = course.scene.world
        people = world.actor(Role.EXPERT, world.city), world.manager, world.base_admin
    settings.DEMO = True
    Program.objects.filter(pk=world.program.pk).update(demo=True)
    demo = Demo(say=print, until=date(2021, 8, 31))
    for _time in range(2):
        survey_all(demo)
        inspect_all(demo)
    figures = evaluations([course.training_class.pk])[course.training_class.pk]
    assert (figures.answered, figures.mean is not None) == (6, True)
    assert set(Survey.objects.values_list("state", flat=True)) == {SurveyState.CLOSED}
    found = coverage(Program.objects.get())
    assert (found.percent, Inspection.objects.count(), Circular.objects.count()) == (100, 2, 1)
    assert len(people) == 3
    assert clock.today() <= date(2021, 8, 31)
