"""The performance summary: reckoned from what happened, kept with its date, shown to those concerned. CQ20-6.4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.hooks import Figures, performance_figures
from assessment.models import Indicator, PerformanceRun, PerformanceSummary, SummaryLevel
from assessment.services.performance import ask_for_performance, reckon, reckon_in_background
from portal.accounts.roles import Role
from portal.errors import NotAllowed, RuleBroken
from portal.jobs.models import Job
from portal.jobs.running import Run
from portal.operations.actor import Actor
from programs.models import Program
from tests.enrollment.course import base_confirms, enrolled, office_confirms, open_class, registered
from tests.enrollment.support import Scene, make_scene
from tests.factories import BaseFactory, make_actor
from tests.programs.world import SYSTEM, as_actor, make_world, moment, set_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day_after_the_notice(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> None:
    set_clock(monkeypatch, moment(10, 24))
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


@pytest.fixture
def money() -> Iterator[None]:
    """An app to the right that supplies figures of its own."""

    def spending(classes: Sequence[int]) -> Figures:
        return {key: {"budget": Decimal("1000.00"), "spent": Decimal("450.00")} for key in classes}

    performance_figures(spending)
    yield
    performance_figures.remove(spending)


def program_of(scene: Scene) -> Program:
    return Program.objects.select_related("rulebook", "office__parent").get(pk=scene.world.program.pk)


def with_three_people(scene: Scene) -> None:
    """Three put forward for P1's class: one confirmed, one registered, one neither; P2's class has nobody."""
    open_class(scene)
    open_class(scene, "P2", name="演示班2")
    first, second, _third = enrolled(scene, scene.teacher(), scene.teacher(), scene.teacher())
    registered(first)
    registered(second)
    base_confirms(scene, first)
    office_confirms(scene, first)


def reckoned(scene: Scene) -> PerformanceRun:
    return reckon(scene.world.manager, program_of(scene))


@pytest.mark.clause("CQ20-6.4")
def test_the_ranking_is_kept_for_the_next_year(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with_three_people(scene)
    run = reckoned(scene)
    before = list(run.rows.values("level", "rank", "score", "figures"))
    assert run.on.isoformat() == "2020-10-24"
    set_clock(monkeypatch, moment(9, 1, year=2021))
    Indicator.objects.all().delete()
    later = reckoned(scene)
    assert (later.on.year, PerformanceRun.objects.count()) == (2021, 2)
    assert list(run.rows.values("level", "rank", "score", "figures")) == before
    assert run.scheme
    assert not later.scheme


def test_counts_run_from_nomination_to_the_roster(scene: Scene) -> None:
    with_three_people(scene)
    row = reckoned(scene).rows.get(training_class__name="演示班")
    assert {name: row.figures[name] for name in ("nominated", "registered", "roster")} == {
        "nominated": 3,
        "registered": 2,
        "roster": 1,
    }
    assert row.points["registration"] == "6.67"


def test_a_base_and_the_programme_are_the_sums_of_their_classes(scene: Scene, money: None) -> None:
    with_three_people(scene)
    run = reckoned(scene)
    base = run.rows.get(level=SummaryLevel.BASE)
    whole = run.rows.get(level=SummaryLevel.PROGRAM)
    assert (base.classes, base.figure("nominated"), base.figure("budget")) == (2, 3, Decimal(2000))
    assert whole.figures == base.figures
    assert base.share("spent", "budget") == Decimal("45.0")
    assert base.points["money"] == "2.50"


def test_the_best_comes_first_and_who_has_no_figures_has_no_place(scene: Scene) -> None:
    with_three_people(scene)
    found = reckoned(scene).rows.filter(level=SummaryLevel.CLASS)
    assert list(found.values_list("training_class__name", "rank")) == [("演示班", 1), ("演示班2", None)]


def test_a_programme_without_classes_is_refused() -> None:
    world = make_world()
    with pytest.raises(RuleBroken, match="班级"):
        reckon(world.manager, Program.objects.select_related("rulebook", "office__parent").get())


def test_a_base_may_not_reckon(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        reckon(scene.world.base_admin, program_of(scene))


def test_the_job_makes_one_summary_however_often_it_is_delivered(scene: Scene) -> None:
    with_three_people(scene)
    job = ask_for_performance(scene.world.manager, program_of(scene))
    Job.objects.filter(pk=job.pk).update(state="running")
    run = Run(Job.objects.get(pk=job.pk), scene.world.manager)
    assert reckon_in_background(run) == reckon_in_background(run)
    assert PerformanceRun.objects.count() == 1
    job.refresh_from_db()
    assert job.done == job.total > 0


def test_a_job_killed_in_the_middle_leaves_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with_three_people(scene)
    job = ask_for_performance(scene.world.manager, program_of(scene))
    Job.objects.filter(pk=job.pk).update(state="running")

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    run = Run(Job.objects.get(pk=job.pk), scene.world.manager)
    with monkeypatch.context() as patch:
        patch.setattr(PerformanceSummary.objects, "bulk_create", killed)
        with pytest.raises(KeyboardInterrupt):
            reckon_in_background(run)
    assert not PerformanceRun.objects.exists()
    reckon_in_background(run)
    assert PerformanceRun.objects.count() == 1


def test_reckoning_costs_the_same_for_one_class_and_for_three(scene: Scene) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            reckon(SYSTEM, program_of(scene))
        return len(counted)

    open_class(scene)
    one = queries()
    open_class(scene, "P2", name="演示班2")
    open_class(scene, "P2", name="演示班3")
    assert queries() == one


class TestPages:
    def test_the_office_follows_the_figures_to_their_people(self, scene: Scene, money: None) -> None:
        with_three_people(scene)
        run = reckoned(scene)
        client = as_actor(scene.world.manager)
        page = client.get(run.get_absolute_url()).content.decode()
        assert "各培训基地得分" in page
        assert f"{reverse('enrollment:enrollments')}?&amp;state=confirmed" in page
        row = run.rows.get(training_class__name="演示班")
        page = client.get(reverse("assessment:performance_row", args=[row.pk])).content.decode()
        assert f"training_class={row.training_class_id}&amp;state=confirmed" in page
        assert "45.0%" in page

    def test_the_list_starts_the_job(self, scene: Scene) -> None:
        client = as_actor(scene.world.manager)
        assert "统计绩效" in client.get(reverse("assessment:performance_runs")).content.decode()
        answer = client.post(reverse("assessment:performance_start", args=[scene.world.program.pk]))
        assert answer.headers["Location"] == reverse("jobs:detail", args=[Job.objects.get().pk])

    def test_a_base_sees_its_own_rows_and_another_none(self, scene: Scene) -> None:
        with_three_people(scene)
        run = reckoned(scene)
        own, other = scene.world.base_admin, make_actor(Role.BASE_ADMIN, BaseFactory(parent=scene.world.city))
        row = run.rows.filter(level=SummaryLevel.CLASS)[0]
        for url in (run.get_absolute_url(), reverse("assessment:performance_row", args=[row.pk])):
            assert as_actor(own).get(url).status_code == 200
            assert as_actor(other).get(url).status_code == 404
        whole = run.rows.get(level=SummaryLevel.PROGRAM)
        url = reverse("assessment:performance_row", args=[whole.pk])
        assert as_actor(own).get(url).status_code == 404

    @pytest.mark.parametrize("role", [Role.TRAINEE, Role.SCHOOL_ADMIN])
    def test_others_are_turned_away(self, scene: Scene, role: Role) -> None:
        stranger = make_actor(role, scene.school)
        assert as_actor(stranger).get(reverse("assessment:performance_ranking")).status_code == 403

    def test_the_list_of_rows_costs_the_same_for_one_and_for_three(self, scene: Scene) -> None:
        client = as_actor(scene.world.manager)
        url = reverse("assessment:performance_ranking")

        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                assert client.get(url).status_code == 200
            return len(counted)

        open_class(scene)
        reckoned(scene)
        queries()
        first = queries()
        open_class(scene, "P2", name="演示班2")
        reckoned(scene)
        assert queries() == first

    def test_the_paper_carries_the_pictures_of_the_page(self, scene: Scene) -> None:
        from assessment.papers.performance import PERFORMANCE, contexts, facts

        with_three_people(scene)
        run = PERFORMANCE.rows().get(pk=reckoned(scene).pk)
        (context,) = contexts([run])
        assert [each["title"] for each in context["pictures"]] == [
            "从推荐到结业的人数",
            "各培训基地得分",
            "各培训基地参训率与合格率",
        ]
        assert "<svg" in context["pictures"][0]["picture"]
        assert facts(run).issuer == scene.world.office.name


class TestApi:
    def test_the_office_reads_rows_and_orders_a_summary(self, scene: Scene) -> None:
        with_three_people(scene)
        run = reckoned(scene)
        client = as_actor(scene.world.manager)
        found = client.get("/api/v1/performance-rows/", {"run": run.pk, "level": "base"}).json()["results"]
        assert [each["rank"] for each in found] == [1]
        answer = client.post("/api/v1/performance-runs/reckon/", {"program": scene.world.program.pk})
        assert (answer.status_code, Job.objects.count()) == (202, 1)

    def test_a_base_may_not_order_one(self, scene: Scene) -> None:
        client = as_actor(scene.world.base_admin)
        answer = client.post("/api/v1/performance-runs/reckon/", {"program": scene.world.program.pk})
        assert answer.status_code == 403


def test_the_system_reads_everything(scene: Scene) -> None:
    with_three_people(scene)
    reckoned(scene)
    reader: Actor = SYSTEM
    assert PerformanceRun.objects.visible_to(reader).count() == 1
    assert PerformanceSummary.objects.visible_to(reader).count() == 4
