"""Inspections: planned for every project, recorded on the spot, answered by the base, circulated; coverage must be full."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.coverage import base_scores, class_scores, coverage, coverage_findings, inspected, unvisited
from assessment.models import (
    Circular,
    Inspection,
    InspectionFile,
    InspectionPoint,
    InspectionState,
    PointState,
)
from assessment.papers.inspections import (
    circular_context,
    circular_facts,
    circular_rows,
    record_context,
    record_facts,
    record_rows,
)
from assessment.plugs.inspections import PHASE, projects_not_visited
from assessment.services.circulating import circulate, read_circular
from assessment.services.following_up import answer_point, close_inspection, settle_point
from assessment.services.inspections import (
    VisitPlan,
    cancel_inspection,
    change_inspection,
    plan_inspections,
)
from assessment.services.visit_clock import remind_inspections, word_of
from assessment.services.visiting import (
    PointDraft,
    VisitRecord,
    add_files,
    record_visit,
    remove_file,
    submit_visit,
)
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.errors import Conflict, FileRefused, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.rulebook.findings import Verdict
from portal.rulebook.models import Rulebook
from programs.services.closing import close_program
from tests.enrollment.support import pdf, picture
from tests.factories import make_actor
from tests.programs.world import World, as_actor, make_class, make_world, moment, set_clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("CQ20-6.4")]
DAY = moment(11, 12)


@dataclass
class Visits:
    """`expert` is an inspector of the city; the world has two projects, the first with a class."""

    world: World
    expert: Actor

    @property
    def inspector(self) -> User:
        assert self.expert.user
        return self.expert.user

    def planned(self, code: str = "P1", **changes: Any) -> Inspection:
        values = {"planned_on": DAY.date(), "method": "on_site", "inspectors": [self.inspector], **changes}
        (made,) = plan_inspections(
            self.world.manager,
            self.world.program,
            projects=[self.world.project(code)],
            plan=VisitPlan(**values),
        )
        return self.again(made)

    def again(self, inspection: Inspection) -> Inspection:
        rows = Inspection.objects.select_related(
            "project__program__rulebook", "project__program__office__parent"
        )
        return rows.select_related("base", "training_class").get(pk=inspection.pk)

    def record(self, **changes: Any) -> VisitRecord:
        items = self.world.program.rulebook.inspection_items.all()
        values = {
            "visited_on": DAY.date(),
            "opinion": "组织有序",
            "marks": {each.pk: (Decimal(each.points) - 1, "") for each in items},
            "points": [PointDraft("签到表缺一个半天"), PointDraft("课程安排紧凑", demands=False)],
        }
        return VisitRecord(**(values | changes))

    def submitted(self, code: str = "P1", **changes: Any) -> Inspection:
        made = self.planned(code)
        record_visit(self.expert, made, version=made.version, record=self.record(**changes))
        return self.again(submit_visit(self.expert, self.again(made)))


@pytest.fixture(scope="module")
def shared_visits(shared_database: None) -> Visits:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, moment(10, 24))
        world = make_world()
        make_class(world, published=True)
        return Visits(world, make_actor(Role.EXPERT, world.city))


@pytest.fixture
def visits(
    db: None, shared_visits: Visits, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path
) -> Visits:
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, DAY)
    return deepcopy(shared_visits)


def point_of(inspection: Inspection, number: int = 1) -> InspectionPoint:
    rows = InspectionPoint.objects.select_related(
        "inspection__base", "inspection__project__program__office__parent"
    )
    return rows.get(inspection=inspection, number=number)


def test_what_was_opened_before_a_fellow_submitted_is_not_written_behind_it(visits: Visits) -> None:
    made = visits.planned()
    record_visit(visits.expert, made, version=made.version, record=visits.record())
    mine, early = visits.again(made), visits.again(made)
    record_visit(visits.expert, mine, version=mine.version, record=visits.record(opinion="改过的评价"))
    with pytest.raises(Conflict):
        submit_visit(visits.expert, early)
    theirs = visits.again(made)
    submit_visit(visits.expert, visits.again(made))
    with pytest.raises(Conflict):
        record_visit(visits.expert, theirs, version=theirs.version, record=visits.record(points=[]))
    assert InspectionPoint.objects.filter(inspection=made).count() == 2


def test_every_project_is_visited_before_the_programme_ends(visits: Visits) -> None:
    program = visits.world.program
    assert (coverage(program).percent, unvisited(program).count()) == (0, 2)
    visits.submitted("P1")
    (finding,) = coverage_findings(program)
    assert (finding.verdict, finding.citation and finding.citation.clause) == (Verdict.BLOCK, "CQ20-6.4")
    assert "2个项目中还有1个没有视导" in finding.message
    with pytest.raises(RuleBroken, match="没有视导"):
        close_program(visits.world.manager, program, reason="全部结束")
    visits.submitted("P2")
    (finding,) = coverage_findings(program)
    assert (finding.verdict, coverage(program).percent, unvisited(program).count()) == (Verdict.PASS, 100, 0)


def test_a_planned_or_cancelled_visit_is_none(visits: Visits) -> None:
    program = visits.world.program
    made = visits.planned()
    assert (coverage(program).visited, coverage(program).planned) == (0, 1)
    with pytest.raises(Invalid):
        cancel_inspection(visits.world.manager, made, reason=" ")
    cancel_inspection(visits.world.manager, made, reason="疫情")
    assert (coverage(program).visited, coverage(program).planned) == (0, 0)
    with pytest.raises(WrongState):
        change_inspection(
            visits.world.manager, made, version=1, plan=VisitPlan(DAY.date(), "online", [visits.inspector])
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planned_on": moment(11, 11).date()}, "日期已过"),
        ({"inspectors": []}, "至少安排一名"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(visits: Visits, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        visits.planned(**changes)


def test_nobody_inspects_their_own_base_and_only_inspectors_inspect(visits: Visits) -> None:
    own = make_actor(Role.EXPERT, visits.world.base)
    stranger = make_actor(Role.EXPERT)
    with pytest.raises(Invalid, match="不能视导本单位"):
        visits.planned(inspectors=[own.user])
    with pytest.raises(Invalid, match="须是本级"):
        visits.planned(inspectors=[stranger.user])
    with pytest.raises(Invalid, match="不属于此项目"):
        visits.planned("P2", training_class=visits.world.project("P1").classes.get())
    with pytest.raises(Invalid, match="请选择要视导"):
        plan_inspections(
            visits.world.manager,
            visits.world.program,
            projects=[],
            plan=VisitPlan(DAY.date(), "online", [visits.inspector]),
        )
    with pytest.raises(NotAllowed):
        plan_inspections(
            visits.world.base_admin,
            visits.world.program,
            projects=[visits.world.project("P1")],
            plan=VisitPlan(DAY.date(), "online", [visits.inspector]),
        )


def test_a_plan_is_changed_and_the_new_inspector_told(visits: Visits) -> None:
    made, other = visits.planned(), make_actor(Role.EXPERT, visits.world.city)
    assert other.user
    plan = VisitPlan(moment(11, 16).date(), "classroom", [other.user])
    change_inspection(visits.world.manager, made, version=made.version, plan=plan)
    assert [each.user for each in made.inspectors.all()] == [other.user]
    assert Message.objects.filter(recipient=other.user, title__contains="2020-11-16").exists()
    with pytest.raises(Conflict):
        change_inspection(visits.world.manager, made, version=1, plan=plan)


def test_the_score_is_the_sum_of_the_points_and_nobody_gives_more_than_an_item_has(visits: Visits) -> None:
    made = visits.submitted()
    assert (made.state, made.score) == (InspectionState.SUBMITTED, Decimal(94))
    other = visits.planned("P2")
    item = visits.world.program.rulebook.inspection_items.get(code="funds")
    with pytest.raises(Invalid, match="0至5分"):
        record_visit(
            visits.expert,
            other,
            version=1,
            record=visits.record(marks={item.pk: (Decimal("5.5"), "")}),
        )
    with pytest.raises(Invalid, match="评分项已变化"):
        record_visit(visits.expert, other, version=1, record=visits.record(marks={0: (Decimal(1), "")}))
    with pytest.raises(Invalid, match="不能晚于今天"):
        record_visit(visits.expert, other, version=1, record=visits.record(visited_on=moment(11, 13).date()))


def test_an_unfinished_record_is_not_submitted(visits: Visits) -> None:
    made = visits.planned()
    with pytest.raises(RuleBroken, match="未填视导日期；未填总体评价；“组织管理”未评分"):
        submit_visit(visits.expert, made)
    record_visit(visits.expert, made, version=1, record=visits.record(opinion=""))
    with pytest.raises(RuleBroken, match="未填总体评价"):
        submit_visit(visits.expert, visits.again(made))


def test_two_inspectors_do_not_overwrite_each_other_and_others_do_not_write(visits: Visits) -> None:
    made = visits.planned()
    record_visit(visits.expert, made, version=1, record=visits.record())
    with pytest.raises(Conflict):
        record_visit(visits.expert, visits.again(made), version=1, record=visits.record())
    with pytest.raises(NotAllowed):
        record_visit(make_actor(Role.EXPERT, visits.world.city), made, version=2, record=visits.record())
    submit_visit(visits.expert, visits.again(made))
    with pytest.raises(WrongState):
        record_visit(visits.expert, visits.again(made), version=2, record=visits.record())


def test_files_are_checked_kept_and_removed(visits: Visits) -> None:
    made = visits.planned()
    kept = add_files(visits.expert, made, files=[picture(), pdf()])
    assert [each.name for each in kept] == ["scan.png", "盖章扫描件.pdf"]
    with pytest.raises(FileRefused):
        add_files(visits.expert, made, files=[picture(name="a.exe"), pdf(password="geheim")])
    with pytest.raises(Invalid):
        add_files(visits.expert, made, files=[])
    assert made.files.count() == 2
    remove_file(visits.expert, InspectionFile.objects.select_related("inspection").get(pk=kept[0].pk))
    assert made.files.count() == 1
    record_visit(visits.expert, made, version=1, record=visits.record())
    submit_visit(visits.expert, visits.again(made))
    with pytest.raises(WrongState):
        add_files(visits.expert, visits.again(made), files=[picture()])
    with pytest.raises(WrongState):
        remove_file(visits.expert, InspectionFile.objects.select_related("inspection").get(pk=kept[1].pk))


def test_the_base_answers_by_the_deadline_and_the_office_settles(visits: Visits) -> None:
    made = visits.submitted()
    base, office = visits.world.base_admin, visits.world.manager
    first = point_of(made)
    assert (first.due_on, point_of(made, 2).state) == (moment(11, 22).date(), PointState.NOTED)
    assert Message.objects.filter(recipient=base.user, title__contains="请于2020-11-22前反馈").exists()
    with pytest.raises(RuleBroken, match="还有1项"):
        close_inspection(office, made)
    with pytest.raises(Invalid):
        answer_point(base, first, answer=" ")
    with pytest.raises(NotAllowed):
        answer_point(make_actor(Role.BASE_ADMIN), first, answer="已补")
    answer_point(base, first, answer="已补签并说明")
    with pytest.raises(WrongState):
        answer_point(base, point_of(made, 2), answer="无需")
    with pytest.raises(Invalid, match="退回理由"):
        settle_point(office, point_of(made), accept=False)
    settle_point(office, point_of(made), accept=False, opinion="请附签到表")
    answer_point(base, point_of(made), answer="已附签到表")
    settle_point(office, point_of(made), accept=True)
    assert close_inspection(office, visits.again(made)).state == InspectionState.CLOSED
    with pytest.raises(WrongState):
        answer_point(base, point_of(made), answer="再补")


def test_the_base_sees_a_visit_only_when_it_is_submitted_an_expert_only_their_own(visits: Visits) -> None:
    made = visits.planned()
    page = reverse("assessment:inspection", args=[made.pk])
    base, other = as_actor(visits.world.base_admin), as_actor(make_actor(Role.EXPERT, visits.world.city))
    assert (base.get(page).status_code, other.get(page).status_code) == (404, 404)
    assert as_actor(visits.expert).get(page).status_code == 200
    record_visit(visits.expert, made, version=1, record=visits.record())
    submit_visit(visits.expert, visits.again(made))
    assert (base.get(page).status_code, other.get(page).status_code) == (200, 404)
    assert as_actor(make_actor(Role.BASE_ADMIN)).get(page).status_code == 404


def test_results_are_circulated_to_the_organisations_chosen(visits: Visits) -> None:
    made, office = visits.submitted(), visits.world.manager
    college, other = visits.world.college(), visits.world.college()
    reader = make_actor(Role.COLLEGE_ADMIN, college)
    words = {"title": "视导情况通报", "text": "总体良好", "inspections": [made]}
    found = circulate(office, visits.world.program, **words, organizations=[college, visits.world.base])
    assert Message.objects.filter(recipient=reader.user, title="视导情况通报").exists()
    page = reverse("assessment:circular", args=[found.pk])
    assert "94" in as_actor(reader).get(page).content.decode()
    copy = found.copies.get(organization=college)
    assert copy.read_at == DAY
    assert read_circular(reader, found).read_at == DAY
    assert as_actor(make_actor(Role.COLLEGE_ADMIN, other)).get(page).status_code == 404
    assert "已阅" in as_actor(office).get(page).content.decode()
    for change in ({"title": ""}, {"text": ""}, {"inspections": []}, {"inspections": [visits.planned("P2")]}):
        with pytest.raises(Invalid):
            circulate(office, visits.world.program, **(words | change), organizations=[college])
    with pytest.raises(Invalid, match="管理范围"):
        circulate(office, visits.world.program, **words, organizations=[])
    with pytest.raises(NotAllowed):
        read_circular(make_actor(Role.COLLEGE_ADMIN, other), found)


def test_scores_go_into_the_summary_and_the_choice_of_bases(visits: Visits) -> None:
    key = visits.world.project("P1").classes.get().pk
    assert (class_scores([key]), inspected([key])) == ({}, {})
    visits.submitted()
    assert class_scores([key]) == {key: [Decimal(94)]}
    assert inspected([key]) == {key: {"inspection_sum": Decimal(94), "inspection_full": 100}}
    (line,) = base_scores(visits.world.program)
    assert (line.projects, line.visited, line.mean) == (2, 1, Decimal(94))
    own = visits.planned(training_class=visits.world.project("P1").classes.get())
    record_visit(visits.expert, own, version=1, record=visits.record(marks=full(visits)))
    submit_visit(visits.expert, visits.again(own))
    assert class_scores([key]) == {key: [Decimal(100)]}, "its own visit before its project's"


def full(visits: Visits) -> dict[int, tuple[Decimal, str]]:
    items = visits.world.program.rulebook.inspection_items.all()
    return {each.pk: (Decimal(each.points), "") for each in items}


def test_the_office_is_reminded_of_what_nobody_visited(visits: Visits) -> None:
    phase = visits.world.program.rulebook.phase(PHASE)
    assert phase
    visits.world.manager  # noqa: B018 - somebody holds the role
    (reminder,) = projects_not_visited(phase, DAY)
    assert "2个项目没有视导" in str(reminder.title)
    visits.submitted("P1")
    visits.submitted("P2")
    assert list(projects_not_visited(phase, DAY)) == []


def test_the_office_plans_several_on_one_page(visits: Visits) -> None:
    client, program = as_actor(visits.world.manager), visits.world.program
    page = reverse("assessment:plan_inspections", args=[program.pk])
    assert "P2 演示项目P2" in client.get(page).content.decode()
    values = {"planned_on": "2020-11-20", "method": "on_site", "inspectors": [visits.inspector.pk]}
    assert client.post(page, values).status_code == 422
    keys = [visits.world.project(code).pk for code in ("P1", "P2")]
    assert client.post(page, {**values, "projects": keys}).status_code == 302
    assert Inspection.objects.count() == 2
    shown = client.get(reverse("assessment:coverage", args=[program.pk])).content.decode()
    assert ("0 / 2" in shown, "已安排" in shown) == (True, True)
    assert "2个项目尚未视导（已覆盖0%）" in client.get("/").content.decode()
    assert (
        "视导覆盖：0 / 2个项目" in client.get(reverse("programs:program", args=[program.pk])).content.decode()
    )
    only = client.get(page, {"project": keys[0]}).content.decode()
    assert ("整个项目" in only, "尚未视导的项目" in only) == (True, False)


def test_an_inspector_fills_the_record_on_the_phone(visits: Visits) -> None:
    made = visits.planned()
    client, page = as_actor(visits.expert), reverse("assessment:visit", args=[made.pk])
    assert page in client.get("/").content.decode()
    assert "组织管理（满分20分）" in client.get(page).content.decode()
    sent = client.post(reverse("assessment:visit_files", args=[made.pk]), {"files": [picture(), pdf()]})
    assert (sent.status_code, made.files.count()) == (302, 2)
    items = list(visits.world.program.rulebook.inspection_items.all())
    values: dict[str, Any] = {"visited_on": "2020-11-12", "opinion": "好", "version": made.version}
    values |= {f"points_{each.pk}": "5" for each in items}
    values |= {"text_0": "缺签到", "demands_0": "on", "item_0": str(items[0].pk), "text_1": "亮点"}
    assert client.post(page, values | {f"points_{items[0].pk}": "99"}).status_code == 422
    assert client.post(page, values).status_code == 302
    assert "缺签到" in client.get(page).content.decode()
    values["version"] = visits.again(made).version
    assert client.post(page, {**values, "submit": "1"}).status_code == 302
    done = visits.again(made)
    assert (done.state, done.score, done.points.count()) == (InspectionState.SUBMITTED, Decimal(30), 2)
    assert client.get(page).status_code == 302
    file = reverse("assessment:visit_file", args=[done.files.all()[0].pk])
    response = as_actor(visits.world.base_admin).get(file)
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_base_and_office_follow_up_on_the_page(visits: Visits) -> None:
    made = visits.submitted()
    page = reverse("assessment:inspection", args=[made.pk])
    base, office = as_actor(visits.world.base_admin), as_actor(visits.world.manager)
    point = point_of(made)
    assert "视导问题待反馈整改情况" in base.get("/").content.decode()
    assert "问题1的整改情况" in base.get(page).content.decode()
    base.post(reverse("assessment:point_answer", args=[point.pk]), {"answer": "已补"})
    assert "视导问题的整改待核实" in office.get("/").content.decode()
    settle = reverse("assessment:point_settle", args=[point.pk])
    assert "请填写退回理由" in office.post(settle, {"do": "return"}, follow=True).content.decode()
    office.post(settle, {"do": "accept"})
    office.post(reverse("assessment:inspection_close", args=[made.pk]))
    assert visits.again(made).state == InspectionState.CLOSED
    assert "已办结" in office.get(page).content.decode()


def test_the_office_changes_cancels_and_circulates_on_pages(visits: Visits) -> None:
    made, office = visits.planned(), as_actor(visits.world.manager)
    change = reverse("assessment:inspection_change", args=[made.pk])
    assert office.get(change).status_code == 200
    values = {
        "planned_on": "2020-11-20",
        "method": "online",
        "inspectors": [visits.inspector.pk],
        "version": 1,
    }
    assert office.post(change, values).status_code == 302
    cancel = reverse("assessment:inspection_cancel", args=[made.pk])
    assert office.get(cancel).status_code == 200
    assert office.post(cancel, {"reason": "改期"}).status_code == 302
    assert visits.again(made).state == InspectionState.CANCELLED
    done = visits.submitted()
    create = reverse("assessment:circular_create", args=[visits.world.program.pk])
    assert "94.00分" in office.get(create).content.decode()
    sent = {
        "title": "通报",
        "text": "正文",
        "inspections": [done.pk],
        "organizations": [visits.world.base.pk],
    }
    assert office.post(create, sent).status_code == 302
    assert Circular.objects.get().copies.count() == 1
    assert "通报" in as_actor(visits.world.base_admin).get(reverse("assessment:circulars")).content.decode()


def test_strangers_find_nothing(visits: Visits) -> None:
    made = visits.submitted()
    point = point_of(made)
    pages = [
        *(
            reverse(f"assessment:{name}", args=[made.pk])
            for name in ("inspection", "inspection_change", "inspection_cancel", "visit")
        ),
        reverse("assessment:coverage", args=[visits.world.program.pk]),
        reverse("assessment:plan_inspections", args=[visits.world.program.pk]),
        reverse("assessment:circular_create", args=[visits.world.program.pk]),
    ]
    acts = [
        *(
            reverse(f"assessment:{name}", args=[made.pk])
            for name in ("inspection_close", "inspection_print", "visit_files")
        ),
        *(reverse(f"assessment:{name}", args=[point.pk]) for name in ("point_answer", "point_settle")),
    ]
    strangers = [make_actor(Role.BASE_ADMIN), make_actor(Role.PROGRAM_MANAGER), make_actor(Role.EXPERT)]
    for stranger in [*strangers, make_actor(Role.COLLEGE_ADMIN, visits.world.college())]:
        client = as_actor(stranger)
        assert {client.get(page).status_code for page in pages} <= {403, 404}, stranger.role
        assert {client.post(page).status_code for page in acts} <= {403, 404}, stranger.role


def test_lists_cost_the_same_however_many_there_are(visits: Visits) -> None:
    client = as_actor(visits.world.manager)
    page = reverse("assessment:inspections")
    visits.planned()
    client.get(page)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
        visits.planned("P2")
        visits.planned("P1")
    assert counts[0] == counts[1]


def test_what_is_due_or_overdue_is_called_to_mind_once_each_stage(visits: Visits) -> None:
    """Inspectors before their visit, the base before its answer is due; the office when either is late."""
    visits.world.manager  # noqa: B018 - somebody holds the role
    visits.planned("P2", planned_on=moment(11, 20).date())
    made = visits.submitted()
    due = point_of(made).due_on
    assert due
    assert remind_inspections(DAY) == 0
    near = Message.objects.filter(key__startswith="point:", key__endswith=":3d")
    assert (remind_inspections(moment(11, 20)), remind_inspections(moment(11, 20))) == (2, 0)
    assert [each.recipient for each in near] == [visits.world.base_admin.user]
    assert remind_inspections(moment(11, 25)) == 4
    late = Message.objects.filter(recipient=visits.world.manager.user, key__endswith=":over")
    assert {each.key.split(":")[0] for each in late} == {"visit", "point"}
    answer_point(visits.world.base_admin, point_of(made), answer="已补")
    assert remind_inspections(moment(11, 26)) == 0


@pytest.mark.parametrize(("days", "word"), [(4, ""), (3, "3d"), (1, "1d"), (0, "1d"), (-1, "over")])
def test_the_stage_of_a_reminder(days: int, word: str) -> None:
    assert word_of(DAY.date() + timedelta(days=days), DAY.date(), Rulebook()) == word


def test_papers_say_what_the_pages_say(visits: Visits) -> None:
    made = visits.submitted()
    found = circulate(
        visits.world.manager,
        visits.world.program,
        title="通报",
        text="正文",
        inspections=[made],
        organizations=[visits.world.base],
    )
    (paper,) = record_context(list(record_rows()))
    assert (paper["score"], len(paper["marks"]), len(paper["points"])) == (Decimal(94), 6, 2)
    assert record_facts(record_rows().get()).issuer == visits.world.office.name
    (circular,) = circular_context(list(circular_rows()))
    assert (circular["rows"][0][3], "视导得分" in circular["picture"]) == (Decimal(94), True)
    assert circular_facts(found).title == "通报"
