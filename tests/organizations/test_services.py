"""Organisations are created, changed, renamed, moved, merged and put out of use by those who may."""

import pytest
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.organizations.services import lifecycle, merge, records, tree
from portal.people.models import Transfer, TransferState
from tests.factories import (
    BaseFactory,
    BureauFactory,
    CollegeFactory,
    MembershipFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    TeacherFactory,
    make_actor,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Actor:
    return make_actor(Role.PROGRAM_MANAGER)


@pytest.fixture
def root(office: Actor) -> Organization:
    return office.organization.parent


@pytest.fixture
def bureau(root: Organization) -> Organization:
    return BureauFactory(parent=root)


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_an_office_creates_a_school_under_a_bureau(office: Actor, bureau: Organization) -> None:
    school = records.create(
        office,
        bureau,
        kind=Kind.SCHOOL,
        name=" 演示　职教中心 ",
        school_code="３６５００００１２３",
        contact_phone="023-12345678",
    )
    assert (school.name, school.school_code) == ("演示 职教中心", "3650000123")
    assert school.path == f"{bureau.path}{school.pk}/"
    assert last_entry().operation == "organizations.create"
    assert last_entry().after["school_code"] == "3650000123"


def test_a_stranger_may_not_create(bureau: Organization) -> None:
    stranger = make_actor(Role.PROGRAM_MANAGER)
    with pytest.raises(NotAllowed):
        records.create(stranger, bureau, kind=Kind.SCHOOL, name="学校")
    assert last_entry().outcome == "refused"


def test_a_bureau_creates_schools_below_itself(bureau: Organization) -> None:
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    assert records.create(clerk, bureau, kind=Kind.SCHOOL, name="学校").parent == bureau
    with pytest.raises(NotAllowed):
        records.create(clerk, BureauFactory(parent=bureau.parent), kind=Kind.SCHOOL, name="学校")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "校" * 101}, "name"),
        ({"school_code": "123"}, "school_code"),
        ({"credit_code": "123"}, "credit_code"),
        ({"region_code": "999999"}, "region_code"),
        ({"contact_phone": "12"}, "contact_phone"),
        ({"ownership": "state"}, "ownership"),
        ({"kind": Kind.COLLEGE}, "parent"),
        ({"kind": Kind.PROVINCE}, "parent"),
    ],
)
def test_wrong_values_are_refused_by_field(
    office: Actor, bureau: Organization, data: dict, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        records.create(office, bureau, **{"kind": Kind.SCHOOL, "name": "学校", **data})
    assert refused.value.field == field


def test_codes_and_names_are_borne_once(office: Actor, bureau: Organization) -> None:
    given = {
        "kind": Kind.SCHOOL,
        "name": "学校",
        "school_code": "3650000123",
        "credit_code": "91350100M000100Y43",
    }
    records.create(office, bureau, **given)
    for field in ("school_code", "credit_code", "name"):
        other = {"kind": Kind.SCHOOL, "name": "另一学校", field: given[field]}
        with pytest.raises(Invalid) as refused:
            records.create(office, bureau, **other)
        assert refused.value.field == field


def test_nothing_is_created_under_what_is_out_of_use(office: Actor, bureau: Organization) -> None:
    Organization.objects.filter(pk=bureau.pk).update(active=False)
    with pytest.raises(Invalid):
        records.create(office, bureau, kind=Kind.SCHOOL, name="学校")


def test_only_the_system_founds_a_root() -> None:
    root = records.found(
        Actor.system("test"), None, kind=Kind.MUNICIPALITY, name="演示市教委", region_code="500000"
    )
    assert root.path == f"{root.pk}/"
    with pytest.raises(Invalid):
        records.found(Actor.system("test"), None, kind=Kind.BUREAU, name="区")
    with pytest.raises(NotAllowed):
        records.found(make_actor(Role.PROVINCIAL_OFFICER), None, kind=Kind.PROVINCE, name="省")


def test_an_unknown_field_is_a_programming_error(office: Actor, bureau: Organization) -> None:
    with pytest.raises(TypeError):
        records.update(office, bureau, version=1, path="1/")


def test_an_update_is_audited_and_versioned(office: Actor, bureau: Organization) -> None:
    updated = records.update(office, bureau, version=1, short_name="演示区", address="")
    assert (updated.short_name, updated.version) == ("演示区", 2)
    assert (last_entry().before, last_entry().after) == ({"short_name": ""}, {"short_name": "演示区"})
    with pytest.raises(Conflict, match=office.name):
        records.update(office, Organization.objects.get(pk=bureau.pk), version=1, short_name="另一简称")


def test_a_bureau_keeps_its_schools_but_only_the_contact_of_itself(bureau: Organization) -> None:
    clerk, school = make_actor(Role.BUREAU_CLERK, bureau), SchoolFactory(parent=bureau)
    records.update(clerk, school, version=1, short_name="职教中心")
    with pytest.raises(NotAllowed):
        records.update(clerk, bureau, version=1, short_name="区")
    assert (
        records.update_contact(clerk, bureau, version=1, contact_name="演示联系人").contact_name
        == "演示联系人"
    )


@pytest.mark.parametrize("role", [Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BASE_ADMIN])
def test_an_administrator_keeps_only_the_own_contact(role: Role) -> None:
    actor = make_actor(role)
    records.update_contact(actor, actor.organization, version=1, contact_phone="13912345678")
    with pytest.raises(NotAllowed):
        records.update(actor, actor.organization, version=2, short_name="简称")
    with pytest.raises(NotAllowed):
        records.update_contact(actor, SchoolFactory(), version=1, contact_name="别人")
    with pytest.raises(TypeError):
        records.update_contact(actor, actor.organization, version=2, school_code="3650000123")


def test_a_rename_keeps_the_former_name(office: Actor, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau, name="旧名")
    lifecycle.rename(office, school, name="新名", reason="市政府批复", version=1)
    school.refresh_from_db()
    assert (school.name, school.initials, school.version) == ("新名", "xm", 2)
    assert [(each.name, each.until) for each in school.former_names.all()] == [
        ("旧名", timezone.localdate(last_entry().business_at))
    ]
    assert last_entry().reason == "市政府批复"


@pytest.mark.parametrize(("name", "reason"), [("旧名", "理由"), ("新名", " "), ("", "理由")])
def test_a_rename_needs_a_new_name_and_a_reason(
    office: Actor, bureau: Organization, name: str, reason: str
) -> None:
    school = SchoolFactory(parent=bureau, name="旧名")
    with pytest.raises(Invalid):
        lifecycle.rename(office, school, name=name, reason=reason, version=1)
    assert not school.former_names.exists()


def test_moving_an_organisation_moves_the_paths_of_its_subtree(office: Actor, root: Organization) -> None:
    old, new = BureauFactory(parent=root), BureauFactory(parent=root)
    school = SchoolFactory(parent=old)
    base = BaseFactory(parent=school)
    tree.move(office, school, parent=new, reason="区划调整", version=1)
    school.refresh_from_db()
    base.refresh_from_db()
    assert school.parent == new
    assert (school.path, base.path) == (f"{new.path}{school.pk}/", f"{new.path}{school.pk}/{base.pk}/")
    assert set(Organization.objects.under(old)) == {old}
    assert last_entry().after["moved"] == 2


def test_a_move_stays_within_the_reach_and_the_kinds(office: Actor, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau)
    with pytest.raises(NotAllowed):
        tree.move(office, school, parent=BureauFactory(), reason="理由", version=1)
    with pytest.raises(Invalid):
        tree.move(office, school, parent=CollegeFactory(parent=bureau.parent), reason="理由", version=1)
    with pytest.raises(Conflict):
        tree.move(office, school, parent=BureauFactory(parent=bureau.parent), reason="理由", version=9)


def test_only_the_empty_go_out_of_use_and_their_roles_end(office: Actor, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau)
    teacher = TeacherFactory(school=school)
    held = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=school)
    with pytest.raises(WrongState, match="1名在岗教师"):
        lifecycle.deactivate(office, school, reason="撤销", version=1)
    teacher.active = False
    teacher.save()
    lifecycle.deactivate(office, school, reason="撤销", version=1)
    held.refresh_from_db()
    assert held.ended_at is not None
    with pytest.raises(WrongState):
        lifecycle.deactivate(office, school, reason="再次", version=2)


def test_what_is_out_of_use_comes_back_unless_it_was_merged(office: Actor, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau, active=False)
    lifecycle.reactivate(office, school, reason="恢复办学", version=1)
    school.refresh_from_db()
    assert school.active
    with pytest.raises(WrongState):
        lifecycle.reactivate(office, school, reason="再次", version=2)
    merged = SchoolFactory(parent=bureau, active=False, merged_into=school)
    with pytest.raises(WrongState):
        lifecycle.reactivate(office, merged, reason="恢复", version=1)


def test_a_merge_moves_all_and_keeps_the_history(office: Actor, bureau: Organization) -> None:
    source, into = SchoolFactory(parent=bureau), SchoolFactory(parent=bureau)
    teacher, base = TeacherFactory(school=source), BaseFactory(parent=source)
    admin = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=source)
    both = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=source)
    kept = MembershipFactory(role=Role.SCHOOL_ADMIN, organization=into, user=both.user)
    merge.merge(office, source, into=into, reason="布局调整", version=1)
    for each in (source, teacher, base, admin, both, kept):
        each.refresh_from_db()
    assert (source.active, source.merged_into, source.name != into.name) == (False, into, True)
    assert (teacher.school, teacher.version) == (into, 2)
    assert (base.parent, base.path) == (into, f"{into.path}{base.pk}/")
    assert (admin.organization, admin.ended_at) == (into, None)
    assert both.ended_at is not None
    assert kept.ended_at is None
    assert last_entry().after == {
        "merged_into": into.name,
        "children": 1,
        "memberships": 1,
        "teachers": 1,
        "transfers_lapsed": 0,
    }
    assert Membership.objects.current().filter(organization=source).count() == 0


def test_open_transfers_follow_a_merge_or_lapse(office: Actor, bureau: Organization) -> None:
    source, into, third = (SchoolFactory(parent=bureau) for _each in range(3))
    leaving = Transfer.objects.create(
        teacher=TeacherFactory(school=source), source=source, target=third, asked_by=source, reason="调出"
    )
    between = Transfer.objects.create(
        teacher=TeacherFactory(school=source), source=source, target=into, asked_by=into, reason="调入"
    )
    merge.merge(office, source, into=into, reason="合并", version=1)
    leaving.refresh_from_db()
    between.refresh_from_db()
    assert (leaving.source, leaving.asked_by, leaving.state) == (into, into, TransferState.REQUESTED)
    assert (between.source, between.state) == (source, TransferState.WITHDRAWN)


def test_what_cannot_be_one_is_not_merged(office: Actor, root: Organization, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau)
    closed = SchoolFactory(parent=bureau, active=False)
    for into in (school, closed, bureau):
        with pytest.raises(Invalid):
            merge.merge(office, school, into=into, reason="合并", version=1)
    with pytest.raises(NotAllowed):
        merge.merge(office, school, into=SchoolFactory(), reason="合并", version=1)
    with pytest.raises(Conflict):
        merge.merge(office, school, into=SchoolFactory(parent=bureau), reason="合并", version=3)


def test_children_of_one_name_stop_a_merge(office: Actor, root: Organization) -> None:
    first, second = BureauFactory(parent=root), BureauFactory(parent=root)
    SchoolFactory(parent=first, name="同名学校")
    SchoolFactory(parent=second, name="同名学校")
    with pytest.raises(Conflict, match="同名学校"):
        merge.merge(office, first, into=second, reason="合并", version=1)
    first.refresh_from_db()
    assert first.active


def test_a_bureau_cannot_be_merged_into_what_stands_below_it(root: Organization) -> None:
    officer = make_actor(Role.PROVINCIAL_OFFICER, OrganizationFactory(kind=Kind.PROVINCE))
    city = OrganizationFactory(parent=officer.organization)
    inner = OrganizationFactory(parent=city)
    with pytest.raises(Invalid):
        merge.merge(officer, city, into=inner, reason="合并", version=1)


def test_people_see_their_reach_and_their_superiors(root: Organization, bureau: Organization) -> None:
    school, other = SchoolFactory(parent=bureau), SchoolFactory()
    admin = make_actor(Role.SCHOOL_ADMIN, school)
    assert set(Organization.objects.visible_to(admin)) == {school, bureau, root}
    assert other not in Organization.objects.visible_to(
        make_actor(Role.PROGRAM_MANAGER, ProjectOfficeFactory(parent=root))
    )
