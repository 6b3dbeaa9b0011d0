"""The one door: who, when, whether; then the change, one audit entry and the messages, all or nothing."""

from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, OutsidePhase
from portal.messages.models import Message
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry, Outcome
from portal.operations.registry import find, operation, operations
from portal.operations.scope import anywhere, oneself, own, within
from portal.organizations.models import Organization
from tests.factories import BureauFactory, SchoolFactory, UserFactory, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def rename() -> Any:
    @operation("test.rename", "改名", roles=[Role.BUREAU_CLERK], scope=within(""), clauses=["CQ20-2.2"])
    def rename(act: Act, school: Organization, *, name: str) -> Organization:
        """Rename a school."""
        if not name:
            raise Invalid("名称不能为空")
        act.changed(school, before={"name": school.name}, after={"name": name})
        act.tell([act.actor.user] if act.actor.user else [], "已改名")
        act.reason = "试验"
        Organization.objects.filter(pk=school.pk).update(name=name)
        return school

    return rename


@pytest.fixture
def clerk() -> Actor:
    return make_actor(Role.BUREAU_CLERK)


@pytest.fixture
def school(clerk: Actor) -> Organization:
    return SchoolFactory(parent=clerk.organization)


def test_an_act_changes_audits_and_tells(rename: Any, clerk: Actor, school: Organization) -> None:
    assert rename(clerk, school, name="新名") is school
    assert Organization.objects.get(pk=school.pk).name == "新名"
    entry = AuditEntry.objects.about(school).get()
    assert (entry.operation, entry.label, entry.outcome) == ("test.rename", "改名", Outcome.DONE)
    assert (entry.actor_name, entry.role, entry.organization_name) == (
        clerk.name,
        clerk.role,
        clerk.organization.name,
    )
    assert (entry.ip, entry.request_id, entry.reason) == ("127.0.0.1", "test", "试验")
    assert (entry.before, entry.after) == ({"name": school.name}, {"name": "新名"})
    assert Message.objects.get().recipient == clerk.user


def test_a_refused_body_leaves_neither_change_nor_entry_nor_message(
    rename: Any, clerk: Actor, school: Organization
) -> None:
    with pytest.raises(Invalid):
        rename(clerk, school, name="")
    assert not AuditEntry.objects.exists()
    assert not Message.objects.exists()


def test_another_role_is_refused_and_the_attempt_is_kept(rename: Any, school: Organization) -> None:
    approver = make_actor(Role.BUREAU_APPROVER, school.parent)
    with pytest.raises(NotAllowed, match="改名"):
        rename(approver, school, name="新名")
    entry = AuditEntry.objects.get()
    assert (entry.outcome, entry.subject_id) == (Outcome.REFUSED, str(school.pk))
    assert Organization.objects.get(pk=school.pk).name == school.name


def test_an_attempt_without_a_subject_is_kept_too(rename: Any, clerk: Actor) -> None:
    with pytest.raises(NotAllowed):
        rename(clerk, None, name="新名")
    assert AuditEntry.objects.get().subject_type == ""


def test_another_bureau_s_school_is_out_of_scope(rename: Any, clerk: Actor) -> None:
    assert isinstance(rename.refusal(clerk, SchoolFactory()), NotAllowed)


def test_refusal_says_why_and_writes_nothing(
    rename: Any, clerk: Actor, school: Organization, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert rename.refusal(clerk, school) is None
        assert rename.refusal(make_system(), school) is not None
    assert not AuditEntry.objects.exists()


def make_system() -> Actor:
    return Actor.system("worker")


def test_workers_do_only_what_says_so(rename: Any, school: Organization) -> None:
    @operation("test.sweep", "清扫", system=True)
    def sweep(act: Act, _none: None) -> int:
        act.list_rows([{"school": school.pk}])
        return 1

    assert sweep(make_system(), None) == 1
    entry = AuditEntry.objects.get()
    assert (entry.actor_name, entry.user, entry.rows) == ("worker", None, [{"school": school.pk}])
    with pytest.raises(NotAllowed):
        rename(make_system(), school, name="新名")


def test_a_code_is_declared_once(rename: Any) -> None:
    with pytest.raises(ValueError, match="declared twice"):

        @operation("test.rename", "再改名")
        def again(act: Act, _none: None) -> None:
            """Never runs."""


def test_the_registry_finds_and_lists_by_code(rename: Any) -> None:
    assert find("test.rename") is rename
    codes = [each.code for each in operations()]
    assert codes == sorted(codes)
    assert rename.clauses == ("CQ20-2.2",)
    assert rename.__doc__ == "Rename a school."


def test_the_audit_keeps_any_value_by_its_name(clerk: Actor, school: Organization) -> None:
    @operation("test.note", "记录", roles=[Role.BUREAU_CLERK])
    def note(act: Act, subject: Organization) -> None:
        act.changed(subject, after={"who": subject, "when": act.today})

    note(clerk, school)
    entry = AuditEntry.objects.get()
    assert entry.after["who"] == school.name
    assert len(entry.after["when"]) == 10


class Thing:
    """Something that has an organisation and a person."""

    def __init__(self, organization: Any, person: Any = None) -> None:
        self.organization, self.person = organization, person


def test_scopes_compare_organisations_and_people(clerk: Actor, school: Organization) -> None:
    ours, theirs = Thing(school, clerk.user), Thing(SchoolFactory(), UserFactory())
    nowhere = Actor("无机构", user=clerk.user)
    assert within("organization").allows(clerk, ours)
    assert not within("organization").allows(clerk, theirs)
    assert not within("organization").allows(clerk, Thing("no organisation"))
    assert not within("organization").allows(nowhere, ours)
    assert own("organization").allows(clerk, Thing(clerk.organization))
    assert not own("organization").allows(clerk, ours)
    assert not own("organization").allows(nowhere, ours)
    assert oneself("person").allows(clerk, ours)
    assert not oneself("person").allows(clerk, theirs)
    assert not oneself("person").allows(Actor("匿名"), Thing(school, None))
    assert anywhere().allows(clerk, theirs)


def test_scopes_join(clerk: Actor, school: Organization) -> None:
    either = own("organization") | oneself("person")
    assert either.label == "本单位 / 本人"
    assert either.allows(clerk, Thing(school, clerk.user))
    assert not either.allows(clerk, Thing(BureauFactory()))


def test_outside_its_phase_an_operation_is_refused_without_an_entry(clerk: Actor) -> None:
    from portal.rulebook.models import Rulebook

    @operation("test.act", "办理", roles=[Role.BUREAU_CLERK], phase="nomination")
    def act_now(act: Act, subject: Rulebook) -> None:
        """Never runs here."""

    with pytest.raises(OutsidePhase):
        act_now(clerk, Rulebook(title="2020年试验计划"))
    assert not AuditEntry.objects.exists()
