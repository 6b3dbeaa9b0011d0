"""Every task of the portal with something to do: for each, what makes it due. A new task needs an entry here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from assessment.services import survey_clock
from assessment.services.inspections import VisitPlan, plan_inspections
from assessment.services.performance import ask_for_performance
from assessment.services.visiting import PointDraft, VisitRecord, record_visit, submit_visit
from enrollment.models import Enrollment
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.jobs.models import Job, JobState
from portal.jobs.running import SILENCE
from portal.jobs.services import start_job
from portal.rulebook.models import Phase
from portal.sheets.models import BatchState, ImportBatch
from programs.models import ClassState, TrainingClass
from tests.assessment.surveyed import AFTER_THE_END, LAST_DAY, Surveyed, answer
from tests.factories import make_actor
from tests.programs.training import approved, noticed
from tests.programs.world import moment, set_clock

DAY_AFTER_THE_WINDOWS = moment(11, 1)


@dataclass
class Stage:
    """A published class of six confirmed trainees, whose people can all be reached by e-mail, and the clock."""

    course: Surveyed
    patch: pytest.MonkeyPatch

    def at(self, when: datetime) -> datetime:
        set_clock(self.patch, when)
        return when

    @property
    def scene(self) -> Any:
        return self.course.scene

    def reachable(self) -> None:
        """Give everybody an address: an urgent message is also an e-mail."""
        for each in User.objects.filter(email=""):
            User.objects.filter(pk=each.pk).update(email=f"{each.username}@example.org")


Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Work:
    """`prepare` makes something due and returns the task's arguments; `later` lets a dead worker's claim run out."""

    task: str
    prepare: Callable[[Stage], Arguments]
    later: Callable[[], None] = lambda: None


def survey_to_open(stage: Stage) -> Arguments:
    return next(survey_clock.to_open(stage.at(LAST_DAY)))


def surveys_to_open(stage: Stage) -> Arguments:
    survey_to_open(stage)
    return ()


def survey_with_a_leaver(stage: Stage) -> Arguments:
    stage.at(LAST_DAY)
    survey = stage.course.survey()
    Enrollment.objects.filter(pk=stage.course.people[0].pk).update(state="withdrawn", during=None)
    return (survey.pk,)


def survey_that_is_over(stage: Stage) -> Arguments:
    stage.at(LAST_DAY)
    survey = stage.course.survey()
    answer(survey, stage.course.people[0])
    stage.at(AFTER_THE_END)
    return (survey.pk,)


def survey_near_its_end(stage: Stage) -> Arguments:
    stage.at(LAST_DAY)
    survey = stage.course.survey()
    stage.at(moment(11, 26))
    stage.reachable()
    return (survey.pk,)


def visits_and_answers(stage: Stage) -> Arguments:
    """One visit is planned for tomorrow, the findings of another are not answered in time."""
    world, expert = stage.scene.world, make_actor(Role.EXPERT, stage.scene.world.city)
    day = stage.at(moment(11, 12)).date()
    plan = VisitPlan(planned_on=day, method="on_site", inspectors=[expert.user])
    projects = [world.project("P1"), world.project("P2")]
    visited, _planned = plan_inspections(world.manager, world.program, projects=projects, plan=plan)
    items = world.program.rulebook.inspection_items.all()
    record = VisitRecord(
        visited_on=day,
        opinion="组织有序",
        marks={each.pk: (Decimal(each.points) - 1, "") for each in items},
        points=[PointDraft("签到表缺一个半天")],
    )
    record_visit(expert, visited, version=visited.version, record=record)
    visited.refresh_from_db()
    submit_visit(expert, visited)
    stage.at(moment(11, 30))
    stage.reachable()
    return ()


def windows_that_closed(stage: Stage) -> Arguments:
    """A nomination is not sent, another not decided, when their windows close."""
    scene = stage.scene
    stage.at(moment(10, 30))
    scene.submitted(scene.teacher(), project=scene.world.project("P2"))
    scene.sheet(scene.teacher(), project=scene.world.project("P2"))
    stage.at(DAY_AFTER_THE_WINDOWS)
    return ()


def window_that_closed(code: str) -> Callable[[Stage], Arguments]:
    def prepare(stage: Stage) -> Arguments:
        windows_that_closed(stage)
        return (Phase.objects.get(code=code).pk,)

    return prepare


def windows_near_their_end(stage: Stage) -> Arguments:
    stage.at(moment(10, 30))
    stage.reachable()
    return ()


def window_near_its_end(stage: Stage) -> Arguments:
    windows_near_their_end(stage)
    return (Phase.objects.get(code="nomination").pk,)


def owed_and_overdue(stage: Stage) -> Arguments:
    """On 2020-11-17 the plan is overdue for long, the briefings are due tomorrow."""
    stage.at(moment(11, 17))
    stage.reachable()
    return ()


def notice_with_a_newcomer(stage: Stage) -> Arguments:
    world = stage.scene.world
    kept = stage.course.people[0].pk
    Enrollment.objects.filter(pk=kept).update(training_class=None, during=None)
    stage.at(moment(10, 25))
    notice = noticed(world, approved(world, stage.course.class_again()))
    Enrollment.objects.filter(pk=kept).update(training_class=notice.training_class)
    stage.at(moment(11, 7))
    stage.reachable()
    return ()


def class_nobody_came_to(stage: Stage) -> Arguments:
    TrainingClass.objects.filter(pk=stage.course.training_class.pk).update(state=ClassState.OPEN)
    stage.at(moment(11, 11, 0, 1))
    return ()


def reviews_nearly_due(stage: Stage) -> Arguments:
    scene = stage.scene
    stage.at(moment(10, 28))
    scene.submitted(scene.teacher(), project=scene.world.project("P2"))
    stage.at(moment(10, 31))
    stage.reachable()
    return ()


def old_folders_of_codes(_stage: Stage) -> Arguments:
    for name in ("a", "b"):
        folder = Path(settings.MEDIA_ROOT) / "codes" / name
        folder.mkdir(parents=True)
        (folder / "cards.pdf").write_bytes(b"%PDF")
        os.utime(folder, (0, 0))
    return ()


def files_without_a_record(_stage: Stage) -> Arguments:
    for name in ("scans/a.pdf", "imports/a.xlsx"):
        os.utime(default_storage.path(default_storage.save(name, ContentFile(b"x"))), (0, 0))
    return ()


def old_uploads(stage: Stage) -> Arguments:
    """One was refused a month ago, one was never taken."""
    for state in (BatchState.REFUSED, BatchState.PREVIEWED):
        batch = ImportBatch(number=f"B{state}", kind="tests", size=7, uploader=stage.scene.clerk.user)
        batch.state = state
        batch.file.save("upload.xlsx", ContentFile(b"x"))
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=31))
    return ()


def jobs_that_were_lost(stage: Stage) -> Arguments:
    """One never reached a worker, the worker of another died for the last time."""
    first, second = (
        start_job(stage.scene.clerk, "ui.export", title=each, register="", query="", columns=[])
        for each in "ab"
    )
    past = timezone.now() - 2 * SILENCE
    Job.objects.filter(pk=first.pk).update(handed_at=past)
    Job.objects.filter(pk=second.pk).update(
        state=JobState.RUNNING, attempts=9, heartbeat_at=past, created_at=past
    )
    return ()


def heart_stops() -> None:
    Job.objects.filter(state=JobState.RUNNING).update(heartbeat_at=timezone.now() - 2 * SILENCE)


def export(stage: Stage) -> Arguments:
    return (start_job(stage.scene.world.manager, "ui.export", title="导出", **EXPORT).pk,)


def summary(stage: Stage) -> Arguments:
    stage.at(LAST_DAY)
    world = stage.scene.world
    return (ask_for_performance(world.manager, world.program).pk,)


EXPORT = {"register": "organizations.organizations", "query": "", "columns": ["name"]}

WORKS = {
    "sweep_surveys": Work("assessment.tasks.sweep_surveys", surveys_to_open),
    "open_survey": Work("assessment.tasks.open_survey", survey_to_open),
    "renew_survey": Work("assessment.tasks.renew_survey", survey_with_a_leaver),
    "close_survey": Work("assessment.tasks.close_survey", survey_that_is_over),
    "remind_survey": Work("assessment.tasks.remind_survey", survey_near_its_end),
    "remind_inspections": Work("assessment.tasks.remind_inspections", visits_and_answers),
    "close_check_ins": Work("enrollment.tasks.close_check_ins", class_nobody_came_to),
    "forget_code_files": Work("enrollment.tasks.forget_code_files", old_folders_of_codes),
    "sweep_jobs": Work("portal.jobs.tasks.sweep_jobs", jobs_that_were_lost),
    "sweep_orphaned_files": Work("portal.jobs.tasks.sweep_orphaned_files", files_without_a_record),
    "ui.export": Work("portal.jobs.tasks.run_job", export, heart_stops),
    "assessment.performance": Work("portal.jobs.tasks.run_job", summary, heart_stops),
    "remind_reviewers": Work("portal.reviews.tasks.remind_reviewers", reviews_nearly_due),
    "close_phases": Work("portal.rulebook.tasks.close_phases", windows_that_closed),
    "close nomination": Work("portal.rulebook.tasks.close_phase", window_that_closed("nomination")),
    "close eligibility_review": Work(
        "portal.rulebook.tasks.close_phase", window_that_closed("eligibility_review")
    ),
    "remind_phases": Work("portal.rulebook.tasks.remind_phases", windows_near_their_end),
    "remind_phase": Work("portal.rulebook.tasks.remind_phase", window_near_its_end),
    "forget_old_imports": Work("portal.sheets.tasks.forget_old_imports", old_uploads),
    "sweep_deliverables": Work("programs.tasks.sweep_deliverables", owed_and_overdue),
    "follow_notices": Work("programs.tasks.follow_notices", notice_with_a_newcomer),
}
# What needs more than a database to be killed or delivered twice has its own tests: (twice, killed).
ELSEWHERE = {
    "portal.papers.tasks.help_print": (
        "tests.papers.test_printing.test_a_chunk_delivered_twice_changes_nothing",
        "tests.papers.test_killing.test_what_a_killed_worker_printed_stays_and_the_rest_follows",
    ),
    "portal.messages.tasks.send_dispatches": (
        "tests.messages.test_sending.test_delivered_twice_it_is_sent_once",
        "tests.messages.test_sending.test_killed_in_the_middle_it_is_sent_after_the_claim_has_run_out",
    ),
    # Codes that a killed run has issued never got out: the next run's replace them.
    "enrollment.codes": (
        "tests.enrollment.test_registration_jobs.test_a_job_delivered_twice_issues_once",
        "tests.enrollment.test_registration_jobs."
        "test_a_run_killed_in_the_middle_is_run_again_and_leaves_one_valid_code_each",
    ),
    "papers.batch": (
        "tests.papers.test_pages.test_a_job_delivered_twice_prints_once",
        "tests.papers.test_printing.test_a_run_killed_in_the_middle_goes_on_where_it_stopped",
    ),
    "sheets.preview": (
        "tests.sheets.test_batches.test_a_preview_delivered_twice_is_made_once",
        "tests.sheets.test_batches.test_a_preview_killed_in_the_middle_is_made_again",
    ),
    "sheets.take": (
        "tests.sheets.test_batches.test_taking_delivered_twice_takes_once",
        "tests.sheets.test_batches.test_taking_killed_in_the_middle_leaves_nothing_and_is_resumed",
    ),
    "sheets.mark": (
        "tests.sheets.test_batches.test_the_marked_workbook_is_made_once_and_downloads_are_audited",
        "tests.sheets.test_batches.test_marking_killed_in_the_middle_is_done_by_the_next_delivery",
    ),
}
