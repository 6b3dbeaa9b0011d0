"""The ledger never overdraws, whatever is asked of it, and its balances are the sums of its movements."""

from collections.abc import Callable
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.roles import Role
from portal.errors import DomainError, RuleBroken
from portal.operations.models import AuditEntry
from quotas import ledger
from quotas.models import MovementKind, Quota, QuotaMovement
from quotas.services import splitting
from tests.programs.world import World, make_world, moment, set_clock
from tests.quotas.support import assert_sound, balances, issue, make_act, quota_of
from tests.races import at_once

SEATS = 4
TAKERS = 8


def make_tree(world: World, seats: int = SEATS) -> tuple[Quota, list[Quota]]:
    """A bureau's quota of P1 and those of its two schools, still empty."""
    bureau = world.bureau(schools=2)
    issue(world, {(bureau, world.project("P1")): seats})
    root = quota_of(bureau, world.project("P1"))
    children = [
        Quota.objects.create(project=root.project, organization=school, parent=root)
        for school in bureau.children.order_by("path")
    ]
    return root, children


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("release"), st.integers(0, 2), st.integers(1, 4)),
        st.tuples(st.just("issue"), st.just(0), st.integers(-5, 5)),
        st.tuples(st.just("split"), st.integers(0, 4), st.integers(0, 6)),
        st.tuples(st.just("move"), st.integers(1, 2), st.integers(1, 4)),
        st.tuples(st.just("reclaim"), st.integers(1, 2), st.integers(1, 4)),
    ),
    max_size=14,
)


def perform(quotas: list[Quota], name: str, place: int, seats: int) -> None:
    act, root, children = make_act(), quotas[0], quotas[1:]
    pair = (children[place % 2], children[(place + 1) % 2])
    acts: dict[str, Callable[[], None]] = {
        "hold": lambda: ledger.hold(act, quotas[place], seats),
        "release": lambda: ledger.release(act, quotas[place].pk, seats),
        "issue": lambda: ledger.receive(act, {root.pk: seats}),
        "split": lambda: ledger.pass_down(
            act, root, {children[0].pk: seats, children[1].pk: place - 2}, kind=MovementKind.ALLOCATE
        ),
        "move": lambda: ledger.move_between(act, *pair, seats, reason="调剂"),
        "reclaim": lambda: ledger.reclaim(act, {pair[0].pk: root.pk}, {pair[0].pk: seats}, reason="收回"),
    }
    acts[name]()


@pytest.mark.django_db
@pytest.mark.clause("CQ20-2.1")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_no_sequence_of_acts_overdraws_or_loses_a_seat(
    world: World, acts: list[tuple[str, int, int]]
) -> None:
    """Every act is done whole or refused whole; after each the tree adds up."""
    with transaction.atomic():
        root, children = _tree_of(world)
        for name, place, seats in acts:
            before = sorted(Quota.objects.values_list("pk", "received", "passed", "held"))
            try:
                with transaction.atomic():
                    perform([root, *children], name, place, seats)
            except RuleBroken:
                assert sorted(Quota.objects.values_list("pk", "received", "passed", "held")) == before
            assert_sound()
        transaction.set_rollback(True)


def _tree_of(world: World) -> tuple[Quota, list[Quota]]:
    project = world.project("P1")
    root = Quota.objects.filter(project=project, parent=None).first()
    return (root, list(root.children.order_by("pk"))) if root else make_tree(world)


@pytest.mark.django_db
def test_holding_many_takes_all_or_none(world: World) -> None:
    root, (first, second) = make_tree(world)
    ledger.pass_down(make_act(), root, {first.pk: 2, second.pk: 2}, kind=MovementKind.ALLOCATE)
    with pytest.raises(RuleBroken, match=second.organization.label), transaction.atomic():
        ledger.hold_many(make_act(), {first.pk: 1, second.pk: 3})
    assert (balances(first), balances(second)) == ((2, 0, 0), (2, 0, 0))
    ledger.hold_many(make_act(), {first.pk: 1, second.pk: 2})
    ledger.release_many(make_act(), {first.pk: 1, second.pk: 1}, reason="退回")
    assert (balances(first), balances(second)) == ((2, 0, 0), (2, 0, 1))
    ledger.hold_many(make_act(), {})
    assert_sound()


@pytest.mark.django_db
def test_bulk_moves_cost_the_same_for_two_quotas_and_for_many(
    world: World, django_assert_num_queries: Any
) -> None:
    bureaus = [world.bureau() for _each in range(9)]
    issue(world, {(each, world.project("P1")): 1 for each in bureaus})
    keys = [quota_of(each, world.project("P1")).pk for each in bureaus]
    for some in (keys[:2], keys[2:]):
        with django_assert_num_queries(3):  # lock, update, movements
            ledger.hold_many(make_act(), dict.fromkeys(some, 1))


@pytest.mark.django_db
def test_the_database_itself_refuses_an_overdrawn_row(world: World) -> None:
    root, _children = make_tree(world)
    with pytest.raises(IntegrityError, match="quota_never_overdrawn"), transaction.atomic():
        Quota.objects.filter(pk=root.pk).update(held=SEATS + 1)


def guarded_take(quota: Quota, _meet: Barrier) -> None:
    with transaction.atomic():
        ledger.hold(make_act(), quota)


def naive_take(quota: Quota, meet: Barrier) -> None:
    """Read, check, write: what the ledger does not do."""
    seen = Quota.objects.get(pk=quota.pk)
    meet.wait(timeout=10)
    if seen.free >= 1:
        Quota.objects.filter(pk=quota.pk).update(held=seen.held + 1)
        QuotaMovement.objects.create(
            quota_id=quota.pk, kind=MovementKind.HOLD, held=1, by_name="naive", at=make_act().now
        )


@pytest.mark.race
@pytest.mark.clause("CQ20-2.1")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("take", "taken"), [(guarded_take, SEATS), (naive_take, TAKERS)], ids=["ledger", "control"]
)
def test_eight_who_want_the_last_four_seats(take: Callable[[Quota, Barrier], None], taken: int) -> None:
    """Through the ledger four get one and four are refused; the control, reading first, gives out all eight."""
    root, _children = make_tree(make_world())
    meet = Barrier(TAKERS)
    results = at_once(*[lambda: take(root, meet) for _each in range(TAKERS)])
    assert sum(isinstance(each, RuleBroken) for each in results) == TAKERS - taken
    assert QuotaMovement.objects.filter(quota=root, kind=MovementKind.HOLD).count() == taken
    if take is guarded_take:
        assert balances(root) == (SEATS, 0, SEATS)
        assert_sound()
    else:
        assert ledger.discrepancies(), "the check command would find it"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_opposite_transfers_and_a_split_at_once_neither_block_nor_lose_seats() -> None:
    world = make_world()
    root, (first, second) = make_tree(world, 10)
    clerk = world.actor(Role.BUREAU_CLERK, root.organization)
    splitting.split(clerk, root, seats={first.organization_id: 5, second.organization_id: 5})
    root, first, second = (quota_of(each.organization, each.project) for each in (root, first, second))

    def move(source: Quota, target: Quota) -> None:
        for _each in range(5):
            splitting.transfer(clerk, source, target=target.organization, seats=1, reason="调剂")

    def share() -> None:
        for _each in range(5):
            seats = {first.organization_id: 5, second.organization_id: 5}
            splitting.split(clerk, root, seats=seats)

    results = at_once(lambda: move(first, second), lambda: move(second, first), share)
    assert all(each is None or isinstance(each, DomainError) for each in results), results
    assert sum(each.received for each in root.children.all()) == 10
    assert_sound()


@pytest.mark.django_db
def test_the_check_names_what_does_not_add_up_and_rebuilds_it(world: World) -> None:
    root, (first, _second) = make_tree(world)
    ledger.pass_down(make_act(), root, {first.pk: 2}, kind=MovementKind.ALLOCATE)
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "名额3条，余额与变动明细一致" in out.getvalue()
    Quota.objects.filter(pk=first.pk).update(received=3)
    with pytest.raises(CommandError) as refused:
        call_command("check_ledger")
    assert f"{first}：余额（下达/分出/占用）3/0/0，变动合计2/0/0" in str(refused.value)
    assert f"{root}：已分出2，下级共收到3" in str(refused.value)
    call_command("check_ledger", "--rebuild", stdout=out)
    assert "已重建1条" in out.getvalue()
    assert balances(first) == (2, 0, 0)
    entry = AuditEntry.objects.get(operation="quotas.rebuild")
    assert entry.rows == [{"quota": first.pk, "before": [3, 0, 0], "after": [2, 0, 0]}]


@pytest.mark.django_db
def test_a_rebuild_that_would_overdraw_is_refused_by_the_database(world: World) -> None:
    root, _children = make_tree(world)
    QuotaMovement.objects.create(
        quota=root, kind=MovementKind.HOLD, held=SEATS + 1, by_name="x", at=make_act().now
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.rebuild([root.pk])
    assert connection.is_usable()


@pytest.mark.django_db
class TestReleasing:
    """When the nomination window has closed, and only where the notice says so."""

    def close(self, world: World, monkeypatch: pytest.MonkeyPatch, *, says_so: bool) -> None:
        from portal.rulebook.services.deadlines import close_phase

        book = world.program.rulebook
        book.facts = book.facts | {"release_unused_seats": says_so}
        book.save()
        set_clock(monkeypatch, moment(11, 1))
        phase = book.phases.get(code="nomination")
        assert close_phase(phase.pk, moment(11, 1))
        assert not close_phase(phase.pk, moment(11, 1)), "delivered twice, done once"

    def tree(self, world: World) -> tuple[Quota, Quota]:
        root, (first, _second) = make_tree(world, 10)
        ledger.pass_down(make_act(), root, {first.pk: 6}, kind=MovementKind.ALLOCATE)
        ledger.hold(make_act(), first, 2)
        ledger.hold(make_act(), root, 1)
        return root, first

    def test_unused_seats_of_schools_and_bureau_fall_back(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root, school = self.tree(world)
        self.close(world, monkeypatch, says_so=True)
        assert (balances(school), balances(root)) == ((2, 0, 2), (3, 2, 1))
        assert AuditEntry.objects.get(operation="quotas.release_unused").after == {"released": 7}
        assert world.program.quota_tables.get().cells.get().seats == 3, (
            "issuing again does not bring them back"
        )
        assert_sound()

    def test_they_stay_where_the_notice_does_not_say_so(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root, school = self.tree(world)
        self.close(world, monkeypatch, says_so=False)
        assert (balances(school), balances(root)) == ((6, 0, 2), (10, 6, 1))

    def test_doing_it_again_takes_nothing_more(self, world: World) -> None:
        from quotas.services.releasing import release_unused

        self.tree(world)
        assert release_unused(world.manager, world.program, reason="收回") == 7
        count = QuotaMovement.objects.count()
        assert release_unused(world.manager, world.program, reason="收回") == 0
        assert QuotaMovement.objects.count() == count
