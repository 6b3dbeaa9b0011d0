"""The opening notice: prefilled, issued to whom it concerns, read by each of them."""

from datetime import date

import pytest

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.actor import Actor
from programs.hooks import Addressee
from programs.models import ClassState, OpeningNotice, PastNotice, TrainingClass
from programs.papers.opening_notice import notice_context, notice_facts, notice_rows
from programs.services.correcting import correct_notice
from programs.services.notices import issue_notice, read_notice, remind_unread, save_notice
from programs.services.prefilling import notice_draft
from programs.tasks import follow_notices
from tests.factories import SchoolFactory, make_actor
from tests.programs.audience import Audience
from tests.programs.training import approved, fresh, noticed, published
from tests.programs.world import World, moment, set_clock

pytestmark = pytest.mark.django_db


def unread(actor: Actor) -> int:
    return Message.objects.filter(recipient=actor.user).count()


@pytest.mark.clause("CQ20-5.1")
def test_no_notice_goes_out_before_the_plan_is_approved(world: World) -> None:
    made = published(world)
    save_notice(world.base_admin, made, values=notice_draft(made))
    with pytest.raises(RuleBroken, match="审核通过后方可开班"):
        issue_notice(world.base_admin, fresh(made).notice)
    assert OpeningNotice.objects.get().issued_at is None


@pytest.mark.clause("CQ20-6.3")
def test_the_draft_says_what_is_known(world: World) -> None:
    made = approved(world, published(world))
    draft = notice_draft(made)
    assert "一式3份" in draft["bring"]
    assert "2020年11月09日上午报到" in draft["schedule"]
    assert "课程开发" in draft["content"]
    assert draft["signed"] == world.base.name
    assert all(draft.values())


@pytest.mark.clause("CQ20-4.2")
def test_the_draft_says_that_travel_is_paid_by_the_trainee_s_unit(world: World) -> None:
    assert "城市间交通费由所在单位按规定报销" in notice_draft(published(world))["board"]


@pytest.mark.clause("CQ20-3.4")
def test_trainee_school_and_bureau_get_it_and_say_that_they_read_it(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    assert notice.receipts.count() == 3
    for left, actor in ((2, audience.trainee), (1, audience.admin), (0, audience.clerk)):
        assert Message.objects.filter(recipient=actor.user, title__contains="开班通知").count() == 1
        assert OpeningNotice.objects.visible_to(actor).get() == notice
        for _twice in range(2):
            read_notice(actor, notice)
        assert notice.receipts.unread().count() == left
    assert {each.read_by for each in notice.receipts.all()} == {
        audience.trainee.name,
        audience.admin.name,
        audience.clerk.name,
    }


def test_strangers_neither_see_nor_confirm_it(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    other = make_actor(Role.SCHOOL_ADMIN, SchoolFactory(parent=audience.bureau))
    trainee = make_actor(Role.TRAINEE, audience.school)
    for actor in (other, trainee):
        assert not OpeningNotice.objects.visible_to(actor).exists()
        with pytest.raises(NotAllowed):
            read_notice(actor, notice)
    assert OpeningNotice.objects.visible_to(world.manager).exists()


def test_the_unread_are_reminded_and_the_others_are_not(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    read_notice(audience.admin, notice)
    before = {each: unread(each) for each in (audience.trainee, audience.admin, audience.clerk)}
    assert remind_unread(world.base_admin, notice) == 2
    assert [unread(each) - count for each, count in before.items()] == [1, 0, 1]


def test_who_joins_later_gets_it_once(
    world: World, audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = noticed(world, approved(world, published(world)))
    late = SchoolFactory(parent=audience.bureau)
    audience.people.append(Addressee(late))
    assert (follow_notices(), follow_notices()) == (1, 0)
    assert notice.receipts.count() == 4
    set_clock(monkeypatch, moment(11, 7))
    assert (follow_notices(), follow_notices()) == (1, 0)
    assert notice.receipts.exclude(reminded_at=None).count() == 4


def test_an_issued_notice_stays_as_it_is(world: World) -> None:
    made = approved(world, published(world))
    save_notice(world.base_admin, made, values=notice_draft(made))
    notice = fresh(made).notice
    with pytest.raises(Invalid, match="还没有发出"):
        remind_unread(world.base_admin, notice)
    with pytest.raises(Conflict):
        issue_notice(world.base_admin, notice, version=notice.version + 1)
    issue_notice(world.base_admin, notice, version=notice.version)
    with pytest.raises(WrongState, match="已发出"):
        issue_notice(world.base_admin, fresh(made).notice)
    with pytest.raises(WrongState, match="已发出"):
        save_notice(world.base_admin, fresh(made), values=notice_draft(made), version=1)


def test_a_draft_class_has_no_notice(world: World) -> None:
    made = published(world)
    TrainingClass.objects.update(state="draft")
    with pytest.raises(WrongState, match="尚未发布"):
        save_notice(world.base_admin, fresh(made), values=notice_draft(made))
    assert Membership.objects.exists()


def test_the_paper_says_what_the_notice_says(world: World) -> None:
    notice = noticed(world, approved(world, published(world)))
    (said,) = notice_context([notice])
    assert [heading for heading, _text in said["sections"]][:2] == [
        "一、培训项目与对象",
        "二、报到与培训时间",
    ]
    assert (said["signed"], said["issued_on"]) == (world.base.name, date(2020, 10, 24))
    facts = notice_facts(notice)
    assert (facts.issuer, facts.holder) == (world.base.name, "")
    assert notice in notice_rows().visible_to(world.base_admin)


def corrected(world: World, notice: OpeningNotice, reason: str = "报到地点改为南校区") -> OpeningNotice:
    return correct_notice(
        world.base_admin, notice, values={"place": "南校区"}, reason=reason, version=notice.version
    )


@pytest.mark.clause("CQ20-3.4")
def test_a_corrected_notice_is_read_anew_and_the_old_one_kept(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    was = notice.place
    read_notice(audience.admin, notice)
    corrected(world, notice)
    kept = OpeningNotice.objects.get()
    assert (kept.place, kept.edition, kept.version) == ("南校区", 2, 2)
    assert kept.receipts.count() == kept.receipts.unread().count() == 3
    past = PastNotice.objects.get()
    assert (past.place, past.edition, past.reason) == (was, 1, "报到地点改为南校区")
    assert [each.read_by for each in past.receipts.exclude(read_at=None)] == [audience.admin.name]
    told = Message.objects.filter(title__contains="已更正")
    assert {each.recipient for each in told} == {
        each.user for each in (audience.trainee, audience.admin, audience.clerk)
    }
    assert all("报到地点改为南校区" in each.body for each in told)


def test_who_left_meanwhile_does_not_get_the_correction(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    audience.people.pop(0)
    corrected(world, notice)
    assert notice.receipts.count() == 2
    assert PastNotice.objects.get().receipts.count() == 3


def test_a_correction_says_what_it_changes(world: World, audience: Audience) -> None:
    made = approved(world, published(world))
    save_notice(world.base_admin, made, values=notice_draft(made))
    draft = fresh(made).notice
    with pytest.raises(Invalid, match="还没有发出"):
        corrected(world, draft)
    notice = issue_notice(world.base_admin, draft)
    with pytest.raises(Invalid, match="写明"):
        corrected(world, notice, reason=" ")
    with pytest.raises(Invalid, match="没有变化"):
        correct_notice(world.base_admin, notice, values={"place": notice.place}, reason="改", version=1)
    with pytest.raises(Conflict):
        correct_notice(world.base_admin, notice, values={"place": "甲"}, reason="改", version=9)
    with pytest.raises(NotAllowed):
        correct_notice(world.manager, notice, values={"place": "甲"}, reason="改", version=1)
    TrainingClass.objects.update(state=ClassState.FINISHED)
    with pytest.raises(WrongState, match="不能再更正"):
        corrected(world, fresh(made).notice)
    assert not PastNotice.objects.exists()


def test_who_read_the_old_words_does_not_confirm_the_new(world: World, audience: Audience) -> None:
    notice = noticed(world, approved(world, published(world)))
    corrected(world, notice)
    with pytest.raises(Conflict, match="请阅读新的通知"):
        read_notice(audience.clerk, notice, edition=1)
    read_notice(audience.clerk, notice, edition=2)
    assert notice.receipts.unread().count() == 2


def test_former_editions_are_seen_by_whoever_sees_the_notice(world: World, audience: Audience) -> None:
    corrected(world, noticed(world, approved(world, published(world))))
    for actor in (world.base_admin, world.manager, audience.trainee, audience.clerk):
        assert PastNotice.objects.visible_to(actor).count() == 1
    other = make_actor(Role.SCHOOL_ADMIN, SchoolFactory(parent=audience.bureau))
    assert not PastNotice.objects.visible_to(other).exists()
