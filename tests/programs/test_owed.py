"""What bases owe: when it is due, handed in, returned, accepted; and what the sweep does to it."""

from datetime import date

import pytest

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from programs.models import Deliverable, Submission, SubmissionState, TrainingClass
from programs.services import sweeping
from programs.services.classes import withdraw_class
from programs.services.handing_in import accept, hand_in, hand_in_again, send_back
from programs.services.owing import owe
from programs.tasks import sweep_deliverables
from tests.factories import BaseFactory, make_actor
from tests.programs.training import fresh, owed, pdf, published
from tests.programs.world import World, make_class, moment, set_clock

pytestmark = pytest.mark.django_db
DUE = {
    "training_plan": date(2020, 10, 30),
    "briefing": date(2020, 11, 18),
    "performance_report": date(2020, 12, 3),
    "results_import": date(2020, 12, 3),
    "summary": date(2020, 12, 3),
    "excellent_list": date(2020, 12, 3),
    "budget": date(2020, 10, 30),
    "final_account": date(2020, 12, 3),
}


@pytest.mark.clause("CQ20-5.4")
def test_a_published_class_owes_what_the_notice_says_and_until_when(world: World) -> None:
    made = published(world)
    rows = Deliverable.objects.filter(training_class=made).select_related("requirement")
    assert {each.requirement.code: each.due_on for each in rows} == DUE
    assert owe([made]) == 0
    assert not Deliverable.objects.filter(training_class=make_class(world)).exists()


def test_due_dates_follow_the_requirement(world: World) -> None:
    made = published(world)
    world.program.rulebook.deliverables.filter(code="briefing").update(offset_days=5)
    owe([made])
    assert owed(made, "briefing").due_on == date(2020, 11, 23)


def test_a_class_taken_back_owes_nothing(world: World) -> None:
    made = published(world)
    withdraw_class(world.base_admin, made, reason="调整")
    assert not Deliverable.objects.exists()


@pytest.mark.clause("CQ20-5.4")
@pytest.mark.parametrize(("day", "late"), [(3, False), (4, True)])
def test_the_report_is_on_time_until_the_fifteenth_day_after_the_end(
    world: World, day: int, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = published(world)
    set_clock(monkeypatch, moment(12, day, 23, 59))
    sent = hand_in(world.base_admin, made, code="performance_report", title="绩效报告", files=[pdf()])
    found = owed(made, "performance_report")
    assert (sent.late, found.late, found.state, sent.files.get().name) == (
        late,
        late,
        "submitted",
        "附件.pdf",
    )


@pytest.mark.clause("CQ20-5.3")
def test_two_briefings_are_asked_for_and_a_third_is_welcome(world: World) -> None:
    made = published(world)
    for number, complete in ((1, False), (2, True), (3, True)):
        hand_in(world.base_admin, made, code="briefing", title=f"第{number}期", text="内容")
        found = owed(made, "briefing")
        assert (found.handed_in, found.is_complete, found.completed_at is not None) == (
            number,
            complete,
            complete,
        )


def test_what_is_returned_is_corrected_and_accepted(world: World) -> None:
    made = published(world)
    sent = hand_in(world.base_admin, made, code="summary", title="总结", text="初稿")
    with pytest.raises(Invalid, match="退回理由"):
        send_back(world.manager, sent, opinion=" ")
    send_back(world.manager, sent, opinion="请补充成效")
    assert owed(made, "summary").state == "returned"
    assert Message.objects.filter(recipient=world.base_admin.user, body="请补充成效").exists()
    sent = Submission.objects.select_related("deliverable__training_class__project__program").get()
    hand_in_again(world.base_admin, sent, title="总结", text="二稿", files=[pdf()])
    accept(world.manager, sent)
    found = owed(made, "summary")
    assert (found.state, found.accepted, found.returned) == ("accepted", 1, 0)
    with pytest.raises(WrongState):
        send_back(world.manager, sent, opinion="又改")
    with pytest.raises(WrongState, match="已由项目办接收"):
        hand_in(world.base_admin, made, code="summary", title="总结", text="三稿")


def test_a_better_copy_takes_the_place_of_one_nobody_looked_at(world: World) -> None:
    made = published(world)
    hand_in(world.base_admin, made, code="summary", title="总结", files=[pdf("旧.pdf")])
    hand_in(world.base_admin, made, code="summary", title="总结（新）", files=[pdf("新.pdf")])
    only = Submission.objects.get()
    assert (only.title, only.state, only.files.get().name) == (
        "总结（新）",
        SubmissionState.SUBMITTED,
        "新.pdf",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"code": "summary", "title": " ", "text": "x"}, "标题"),
        ({"code": "summary", "title": "总结"}, "至少有一项"),
        ({"code": "unknown", "title": "总结", "text": "x"}, "没有要求"),
        ({"code": "training_plan", "title": "方案", "text": "x"}, "专门的页面"),
    ],
)
def test_what_cannot_be_handed_in_is_said(world: World, given: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        hand_in(world.base_admin, published(world), **given)


def test_only_the_base_hands_in_and_only_the_office_decides(world: World) -> None:
    made, stranger = published(world), make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city))
    sent = hand_in(world.base_admin, made, code="summary", title="总结", text="x")
    for actor in (stranger, world.manager):
        with pytest.raises(NotAllowed):
            hand_in(actor, made, code="summary", title="总结", text="x")
    for actor in (stranger, world.base_admin):
        with pytest.raises(NotAllowed):
            accept(actor, sent)
    assert not Deliverable.objects.visible_to(stranger).exists()
    assert not Submission.objects.visible_to(stranger).exists()
    assert Submission.objects.visible_to(world.manager).exists()


def letters(world: World, *words: str) -> list[int]:
    return [
        Message.objects.filter(
            recipient__in=[world.base_admin.user, world.manager.user], title__contains=each
        ).count()
        for each in words
    ]


@pytest.mark.clause("CQ20-5.4")
def test_the_sweep_reminds_marks_and_escalates_once_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.base_admin
    assert world.manager
    published(world)
    words = ("即将到期", "已逾期", "请催办")
    for now, wanted in (
        (moment(10, 26), [0, 0, 0]),
        (moment(10, 27), [1, 0, 0]),
        (moment(10, 31), [1, 1, 0]),
        (moment(11, 3), [1, 1, 1]),
    ):
        set_clock(monkeypatch, now)
        for _twice in range(2):
            sweep_deliverables()
            assert letters(world, *words) == wanted
    assert owed(TrainingClass.objects.get(), "training_plan").escalated_at == moment(11, 3)


def test_a_sweep_killed_in_the_middle_has_told_and_marked_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.base_admin
    published(world)
    set_clock(monkeypatch, moment(10, 31))

    def killed(*_arguments: object, **_named: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(sweeping, "_tell", killed)
        with pytest.raises(SystemExit):
            sweep_deliverables()
    assert not Deliverable.objects.exclude(overdue_at=None).exists()
    assert letters(world, "已逾期") == [0]
    sweep_deliverables()
    assert letters(world, "已逾期") == [1]


def test_a_sweep_with_nothing_to_do_leaves_no_trace(world: World) -> None:
    published(world)
    before = AuditEntry.objects.count()
    assert sweep_deliverables() == 0
    assert AuditEntry.objects.count() == before


def test_what_was_handed_in_in_time_is_not_chased(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = published(world)
    for code in ("performance_report", "summary"):
        hand_in(world.base_admin, fresh(made), code=code, title="x", text="x")
    Deliverable.objects.exclude(requirement__code__in=["performance_report", "summary"]).delete()
    set_clock(monkeypatch, moment(12, 10))
    assert sweep_deliverables() == 0
