"""Both schools agree to a transfer; one is open at a time; two answers at once count once."""

import pytest

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.operations.states import StateTable
from portal.people.models import Teacher, Transfer, TransferState
from portal.people.services import transfers
from tests.factories import MembershipFactory, SchoolFactory, TeacherFactory, UserFactory, make_actor
from tests.races import at_once

pytestmark = pytest.mark.django_db


class Case:
    """A teacher of one school, with an administrator on each side and one of neither."""

    def __init__(self) -> None:
        self.teacher = TeacherFactory(user=UserFactory())
        self.source, self.target = self.teacher.school, SchoolFactory()
        self.leaving = make_actor(Role.SCHOOL_ADMIN, self.source)
        self.taking = make_actor(Role.SCHOOL_ADMIN, self.target)
        self.stranger = make_actor(Role.SCHOOL_ADMIN)

    def push(self) -> Transfer:
        return transfers.request_transfer(self.leaving, self.teacher, target=self.target, reason="工作调动")

    def pull(self, actor: Actor | None = None) -> Transfer:
        asker = actor or self.taking
        return transfers.request_transfer_in(
            asker,
            asker.organization,
            document_type="resident_id",
            number=self.teacher.id_number.lower(),
            reason="引进",
        )


@pytest.fixture
def case() -> Case:
    return Case()


def test_the_target_agrees_to_what_the_source_asks(case: Case) -> None:
    transfer = case.push()
    for actor in (case.leaving, case.stranger):
        with pytest.raises(NotAllowed):
            transfers.agree_transfer(actor, transfer)
    transfers.agree_transfer(case.taking, transfer)
    case.teacher.refresh_from_db()
    assert (case.teacher.school, case.teacher.version) == (case.target, 2)
    assert Transfer.objects.get().decided_at is not None


def test_the_source_agrees_to_what_the_target_asks(case: Case) -> None:
    transfer = case.pull()
    assert (transfer.source, transfer.target, transfer.asked_by) == (case.source, case.target, case.target)
    for actor in (case.taking, case.stranger):
        with pytest.raises(NotAllowed):
            transfers.agree_transfer(actor, transfer)
    transfers.agree_transfer(case.leaving, transfer)
    assert Teacher.objects.get(pk=case.teacher.pk).school == case.target


def test_the_teachers_account_goes_along(case: Case) -> None:
    held = MembershipFactory(user=case.teacher.user, role=Role.TRAINEE, organization=case.source)
    transfers.agree_transfer(case.taking, case.push())
    held.refresh_from_db()
    assert (held.organization, held.ended_at) == (case.target, None)
    back = transfers.request_transfer(
        case.taking, Teacher.objects.get(pk=case.teacher.pk), target=case.source, reason="调回"
    )
    MembershipFactory(user=case.teacher.user, role=Role.TRAINEE, organization=case.source)
    transfers.agree_transfer(case.leaving, back)
    assert Membership.objects.filter(user=case.teacher.user).count() == 2


def test_only_the_own_teachers_are_offered(case: Case) -> None:
    with pytest.raises(NotAllowed):
        transfers.request_transfer(case.stranger, case.teacher, target=case.target, reason="调动")
    with pytest.raises(NotAllowed):
        transfers.request_transfer_in(
            case.stranger,
            case.target,
            document_type="resident_id",
            number=case.teacher.id_number,
            reason="调动",
        )


def test_a_request_needs_a_reason_a_teacher_and_another_school(case: Case) -> None:
    with pytest.raises(Invalid):
        transfers.request_transfer(case.leaving, case.teacher, target=case.target, reason=" ")
    with pytest.raises(Invalid):
        transfers.request_transfer(case.leaving, case.teacher, target=case.source, reason="调动")
    with pytest.raises(Invalid):
        transfers.request_transfer(case.leaving, case.teacher, target=case.source.parent, reason="调动")
    with pytest.raises(Invalid, match="没有登记"):
        transfers.request_transfer_in(
            case.taking, case.target, document_type="passport", number=case.teacher.id_number, reason="调动"
        )


def test_one_transfer_is_open_at_a_time(case: Case) -> None:
    transfer = case.push()
    with pytest.raises(WrongState, match="正待对方同意"):
        case.pull(case.stranger)
    transfers.withdraw_transfer(case.leaving, transfer)
    assert case.pull(case.stranger).state == TransferState.REQUESTED


def test_a_refusal_says_why_and_moves_nothing(case: Case) -> None:
    transfer = case.push()
    with pytest.raises(Invalid):
        transfers.refuse_transfer(case.taking, transfer, reason="")
    transfers.refuse_transfer(case.taking, transfer, reason="编制已满")
    assert Teacher.objects.get(pk=case.teacher.pk).school == case.source
    assert AuditEntry.objects.latest("pk").reason == "编制已满"
    with pytest.raises(WrongState):
        transfers.agree_transfer(case.taking, Transfer.objects.get())


def test_only_the_asker_withdraws(case: Case) -> None:
    transfer = case.push()
    with pytest.raises(NotAllowed):
        transfers.withdraw_transfer(case.taking, transfer)
    transfers.withdraw_transfer(case.leaving, transfer, reason="教师改变意愿")
    assert Transfer.objects.get().state == TransferState.WITHDRAWN


def test_a_teacher_who_moved_otherwise_is_not_moved_again(case: Case) -> None:
    transfer = case.push()
    Teacher.objects.filter(pk=case.teacher.pk).update(school=SchoolFactory())
    with pytest.raises(Conflict):
        transfers.agree_transfer(case.taking, transfer)
    assert Transfer.objects.get().state == TransferState.REQUESTED


def test_each_side_is_told(case: Case) -> None:
    transfer = case.push()
    transfers.agree_transfer(case.taking, transfer)
    told = Message.objects.order_by("pk").values_list("recipient_id", flat=True)
    assert list(told) == [case.taking.user_id, case.leaving.user_id]


def test_both_sides_and_their_superiors_see_a_transfer(case: Case) -> None:
    transfer = case.push()
    superior = make_actor(Role.BUREAU_CLERK, case.target.parent)
    for actor in (case.leaving, case.taking, superior):
        assert list(Transfer.objects.visible_to(actor)) == [transfer]
    for actor in (case.stranger, make_actor(Role.TRAINEE, case.source)):
        assert not Transfer.objects.visible_to(actor).exists()


def agree_twice_at_once(case: Case) -> list[Exception]:
    """Two people of the target agree at the same moment, each with the page still open; what was refused."""
    pages = Transfer.objects.select_related("teacher", "source", "target", "asked_by")
    key, second = case.push().pk, make_actor(Role.SCHOOL_ADMIN, case.target)
    mine, theirs = pages.get(pk=key), pages.get(pk=key)
    results = at_once(
        lambda: transfers.agree_transfer(case.taking, mine),
        lambda: transfers.agree_transfer(second, theirs),
    )
    return [each for each in results if isinstance(each, Exception)]


def agreements() -> int:
    return AuditEntry.objects.filter(operation="people.agree_transfer", outcome="done").count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_agreements_at_once_count_once() -> None:
    case = Case()
    refused = agree_twice_at_once(case)
    assert [type(each) for each in refused] == [Conflict]
    assert agreements() == 1
    assert Teacher.objects.get(pk=case.teacher.pk).version == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_guards_both_agreements_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def unguarded(table: StateTable, obj: Transfer, action: str, **fields: object) -> Transfer:
        Transfer.objects.filter(pk=obj.pk).update(state=TransferState.AGREED, **fields)
        return obj

    everyone = Teacher.objects.filter
    monkeypatch.setattr(StateTable, "apply", unguarded)
    monkeypatch.setattr(Teacher.objects, "filter", lambda pk, school: everyone(pk=pk))
    assert agree_twice_at_once(Case()) == []
    assert agreements() == 2
