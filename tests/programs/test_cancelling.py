"""Cancelling a class before it opens: who may, from which states, who is told."""

import pytest
from django.urls import reverse

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.messages.models import Message
from portal.reviews.models import Review
from programs.models import ClassState, Deliverable, PlanState, TrainingClass, TrainingPlan
from programs.services.cancelling import cancel_class
from programs.services.classes import assign_class_teacher
from programs.services.plans import submit_plan
from tests.factories import BaseFactory, make_actor
from tests.programs import training
from tests.programs.world import World, as_actor, make_class

pytestmark = pytest.mark.django_db


def test_the_base_cancels_its_class_and_office_and_class_teacher_learn_why(world: World) -> None:
    made, teacher = make_class(world, published=True), world.actor(Role.CLASS_TEACHER)
    assert world.manager.user
    assign_class_teacher(world.base_admin, made, user=teacher.user)
    cancel_class(world.base_admin, made, reason="生源不足")
    made.refresh_from_db()
    assert (made.state, made.taken) == (ClassState.CANCELLED, 0)
    told = Message.objects.filter(title="演示班已取消", body="生源不足").values_list("recipient", flat=True)
    assert set(told) == {world.base_admin.user_id, world.manager.user_id, teacher.user_id}
    with pytest.raises(WrongState):
        cancel_class(world.base_admin, made, reason="再次")


def test_a_draft_is_cancelled_without_a_word(world: World) -> None:
    made = make_class(world)
    cancel_class(world.manager, made, reason="录错")
    assert TrainingClass.objects.get().state == ClassState.CANCELLED
    assert not Message.objects.filter(title__contains="取消").exists()


@pytest.mark.parametrize("state", [ClassState.OPEN, ClassState.FINISHED])
def test_not_once_it_has_opened(world: World, state: ClassState) -> None:
    made = make_class(world, published=True)
    TrainingClass.objects.filter(pk=made.pk).update(state=state)
    with pytest.raises(Conflict):
        cancel_class(world.base_admin, made, reason="生源不足")
    made.refresh_from_db()
    with pytest.raises(WrongState):
        cancel_class(world.base_admin, made, reason="生源不足")


def test_it_asks_why_and_a_neighbour_may_not(world: World) -> None:
    made = make_class(world, published=True)
    with pytest.raises(Invalid, match="请填写取消理由"):
        cancel_class(world.base_admin, made, reason=" ")
    for stranger in (
        make_actor(Role.BASE_ADMIN, BaseFactory(parent=world.city)),
        world.actor(Role.CLASS_TEACHER),
    ):
        with pytest.raises(NotAllowed):
            cancel_class(stranger, made, reason="生源不足")


def test_the_page_says_the_consequence_and_cancels(world: World) -> None:
    made = make_class(world, published=True)
    client, page = as_actor(world.base_admin), reverse("programs:class_cancel", args=[made.pk])
    assert page in client.get(reverse("programs:class", args=[made.pk])).content.decode()
    assert "取消后不能恢复" in client.get(page).content.decode()
    assert client.post(page, {"reason": ""}).status_code == 422
    assert client.post(page, {"reason": "生源不足"}).status_code == 302
    assert page not in client.get(reverse("programs:class", args=[made.pk])).content.decode()
    assert "不能进行此操作" in client.post(page, {"reason": "再次"}).content.decode()


def test_the_api_cancels(world: World) -> None:
    made = make_class(world, published=True)
    url = f"/api/v1/classes/{made.pk}/cancel/"
    assert as_actor(world.manager).post(url, {}, content_type="application/json").status_code == 400
    done = as_actor(world.manager).post(url, {"reason": "生源不足"}, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (200, "cancelled")


def test_the_review_of_its_plan_ends_with_the_class(world: World) -> None:
    made = training.published(world)
    training.planned(world, made)
    submit_plan(world.base_admin, training.fresh(made).plan)
    assert Review.objects.open().exists()
    cancel_class(world.base_admin, training.fresh(made), reason="生源不足")
    assert not Review.objects.open().exists()
    assert TrainingPlan.objects.get().state == PlanState.DRAFT
    owed = Deliverable.objects.filter(submissions=None)
    assert not owed.exists(), "it owes nothing any more; what was handed in stays"
