"""A class in place of a cancelled one, after the window: the office's consent, once, until its day. CQ20-3.1."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase, WrongState
from portal.messages.models import Message
from programs.models import ClassState, TrainingClass
from programs.plugs.training import base_owes
from programs.services.cancelling import cancel_class
from programs.services.classes import publish_class, set_timetable, update_class
from programs.services.replacing import allow_replacement, replace_class
from tests.factories import BaseFactory, make_actor
from tests.programs.world import CLASS_VALUES, World, as_actor, make_class, moment, set_clock

pytestmark = pytest.mark.django_db

UNTIL = date(2020, 12, 10)


@pytest.fixture
def cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> TrainingClass:
    """A class that was published in time and cancelled after the window had closed."""
    made = make_class(world, published=True)
    set_clock(monkeypatch, moment(12, 1))
    cancel_class(world.base_admin, made, reason="生源不足")
    return fresh(made)


def fresh(made: TrainingClass) -> TrainingClass:
    rows = TrainingClass.objects.select_related(
        "project__program__rulebook", "project__program__office__parent", "base", "replaces"
    )
    return rows.get(pk=made.pk)


def lessons(made: TrainingClass) -> list[dict[str, object]]:
    day = made.starts_on
    return [
        {
            "starts_at": moment(day.month, day.day, 9),
            "ends_at": moment(day.month, day.day, 12),
            "topic": "课程",
        }
    ]


@pytest.mark.clause("CQ20-3.1")
def test_after_the_window_a_class_is_replaced_only_with_consent(
    world: World, cancelled: TrainingClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutsidePhase):
        replace_class(world.base_admin, cancelled, values=dict(CLASS_VALUES))
    allow_replacement(world.manager, cancelled, until=UNTIL, reason="疫情停课")
    assert Message.objects.filter(recipient=world.base_admin.user, title__contains="12月10日24时前").exists()
    made = fresh(replace_class(world.base_admin, fresh(cancelled), values=dict(CLASS_VALUES)))
    assert (made.state, made.replaces) == (ClassState.DRAFT, cancelled)
    update_class(world.base_admin, made, version=1, values={"place": "南校区"})
    set_timetable(world.base_admin, fresh(made), lessons=lessons(made))
    set_clock(monkeypatch, moment(12, 10, 23))
    publish_class(world.base_admin, fresh(made))
    assert fresh(made).state == ClassState.PUBLISHED


@pytest.mark.clause("CQ20-3.1")
def test_the_consent_ends_with_its_day_and_may_be_given_again(
    world: World, cancelled: TrainingClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_replacement(world.manager, cancelled, until=UNTIL, reason="疫情停课")
    set_clock(monkeypatch, moment(12, 11))
    with pytest.raises(OutsidePhase):
        replace_class(world.base_admin, fresh(cancelled), values=dict(CLASS_VALUES))
    allow_replacement(world.manager, fresh(cancelled), until=date(2020, 12, 20), reason="再宽限")
    made = replace_class(world.base_admin, fresh(cancelled), values=dict(CLASS_VALUES))
    set_clock(monkeypatch, moment(12, 21))
    with pytest.raises(OutsidePhase):
        update_class(world.base_admin, fresh(made), version=1, values={"place": "南校区"})


def test_a_class_is_replaced_once(world: World, cancelled: TrainingClass) -> None:
    allow_replacement(world.manager, cancelled, until=UNTIL, reason="疫情停课")
    replace_class(world.base_admin, fresh(cancelled), values=dict(CLASS_VALUES))
    with pytest.raises(WrongState, match="已补编为"):
        replace_class(world.base_admin, fresh(cancelled), values=dict(CLASS_VALUES))
    with pytest.raises(WrongState, match="已补编为"):
        allow_replacement(world.manager, fresh(cancelled), until=UNTIL, reason="再来")


def test_while_the_window_is_open_no_consent_is_needed(world: World) -> None:
    made = make_class(world, published=True)
    with pytest.raises(WrongState, match="没有取消"):
        replace_class(world.base_admin, fresh(made), values=dict(CLASS_VALUES))
    cancel_class(world.base_admin, made, reason="录错")
    again = replace_class(world.base_admin, fresh(made), values=dict(CLASS_VALUES))
    assert again.number == made.number + 1


def test_consent_asks_why_and_only_the_office_gives_it(world: World, cancelled: TrainingClass) -> None:
    with pytest.raises(Invalid, match="理由"):
        allow_replacement(world.manager, cancelled, until=UNTIL, reason=" ")
    with pytest.raises(Invalid, match="早于今天"):
        allow_replacement(world.manager, cancelled, until=date(2020, 11, 30), reason="补")
    with pytest.raises(NotAllowed):
        allow_replacement(world.base_admin, cancelled, until=UNTIL, reason="补")
    other = make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city))
    with pytest.raises(NotAllowed):
        replace_class(other, cancelled, values=dict(CLASS_VALUES))


def test_the_pages_lead_from_consent_to_the_new_class(world: World, cancelled: TrainingClass) -> None:
    office, base = as_actor(world.manager), as_actor(world.base_admin)
    page = reverse("programs:class", args=[cancelled.pk])
    allow, replace = (
        reverse(f"programs:{name}", args=[cancelled.pk])
        for name in ("class_allow_replacement", "class_replace")
    )
    assert allow in office.get(page).content.decode()
    assert "已于" in base.get(page).content.decode()
    assert office.post(allow, {"until": "", "reason": "补"}).status_code == 422
    assert office.post(allow, {"until": "2020-12-10", "reason": "疫情停课"}).status_code == 302
    waiting = [each.title for each in base_owes(world.base_admin, moment(12, 1))]
    assert "1个班级经项目办同意补编，请编排并发布" in waiting
    assert base.get(replace).context["form"].initial["name"] == cancelled.name
    given = {name: str(value) for name, value in CLASS_VALUES.items()}
    assert base.post(replace, given).status_code == 302
    made = TrainingClass.objects.get(replaces=cancelled)
    assert "代替已取消的班级" in base.get(reverse("programs:class", args=[made.pk])).content.decode()
    assert "已补编为" in office.get(page).content.decode()
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)))
    assert stranger.get(replace).status_code == 404
    assert stranger.get(allow).status_code in (403, 404)


def test_the_api_allows_and_replaces(world: World, cancelled: TrainingClass) -> None:
    office, base = APIClient(), APIClient()
    for client, actor in ((office, world.manager), (base, world.base_admin)):
        assert actor.user
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    url = f"/api/v1/classes/{cancelled.pk}/"
    given = office.post(f"{url}allow-replacement/", {"until": UNTIL, "reason": "疫情停课"}, format="json")
    assert given.json()["publishable_until"], given.content
    made = base.post(f"{url}replace/", CLASS_VALUES, format="json")
    assert (made.status_code, made.json()["replaces"]) == (201, cancelled.pk), made.content
