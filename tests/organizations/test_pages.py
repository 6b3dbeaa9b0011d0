"""Pages of organisations: register, tree, record, acts; who sees and does what; constant queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import FormerName, Organization
from tests.factories import (
    BaseFactory,
    BureauFactory,
    CollegeFactory,
    MembershipFactory,
    OrganizationFactory,
    ProjectOfficeFactory,
    SchoolFactory,
)

pytestmark = pytest.mark.django_db


def sign_in(role: Role, organization: Organization) -> Client:
    client = Client()
    membership = MembershipFactory(role=role, organization=organization)
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    client.actor = Actor.of(membership)  # type: ignore[attr-defined]
    return client


@pytest.fixture
def city() -> Organization:
    return OrganizationFactory(name="演示市教委")


@pytest.fixture
def bureau(city: Organization) -> Organization:
    return BureauFactory(parent=city, name="演示区教委")


@pytest.fixture
def school(bureau: Organization) -> Organization:
    return SchoolFactory(parent=bureau, name="演示职教中心", contact_phone="02358000000")


@pytest.fixture
def office(city: Organization) -> Client:
    return sign_in(Role.PROGRAM_MANAGER, ProjectOfficeFactory(parent=city))


def page_of(client: Client, name: str, *args: object, **query: object) -> str:
    response = client.get(reverse(f"organizations:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("职教", True), ("yszj", True), ("3650999", True), ("旧校名", True), ("不存在", False), ("zzzz", False)],
)
def test_the_register_finds_by_name_initials_code_and_former_name(
    office: Client, school: Organization, typed: str, found: bool
) -> None:
    Organization.objects.filter(pk=school.pk).update(school_code="3650999999")
    FormerName.objects.create(organization=school, name="旧校名", until="2019-01-01")
    assert ("演示职教中心" in page_of(office, "list", q=typed)) == found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"kind": "school"}, {"公办校", "民办校"}),
        ({"ownership": "private"}, {"民办校"}),
        ({"locality": "rural"}, {"公办校"}),
        ({"active": "0"}, {"停用学院"}),
    ],
)
def test_filters(office: Client, bureau: Organization, query: dict, names: set) -> None:
    SchoolFactory(parent=bureau, name="公办校", locality="rural")
    SchoolFactory(parent=bureau, name="民办校", ownership="private")
    CollegeFactory(parent=bureau.parent, name="停用学院", active=False)
    text = page_of(office, "list", **query)
    made = Organization.objects.filter(name__in=["公办校", "民办校", "停用学院"])
    assert {each.name for each in made if reverse("organizations:detail", args=[each.pk]) in text} == names


def test_the_tree_opens_level_by_level(office: Client, school: Organization, bureau: Organization) -> None:
    whole = page_of(office, "tree")
    assert "演示市教委" in whole
    assert "演示职教中心" not in whole
    fragment = office.get(reverse("organizations:tree"), {"at": bureau.pk}, headers={"HX-Request": "true"})
    text = fragment.content.decode()
    assert "演示职教中心" in text
    assert "<html" not in text
    assert "<html" in page_of(office, "tree", at=bureau.pk)
    assert office.get(reverse("organizations:tree"), {"at": BureauFactory().pk}).status_code == 404


def test_a_record_shows_its_facts_history_and_former_names(office: Client, school: Organization) -> None:
    url = reverse("organizations:act", args=[school.pk, "rename"])
    assert office.post(url, {"name": "", "reason": "", "version": 1}).status_code == 422
    assert (
        office.post(url, {"name": "新演示职教中心", "reason": "市政府批复", "version": 1}).status_code == 302
    )
    text = page_of(office, "detail", school.pk)
    for words in ("新演示职教中心", "演示职教中心", "使用至", "机构更名", "市政府批复", "02358000000"):
        assert words in text


def test_a_stranger_gets_404_everywhere(school: Organization) -> None:
    stranger = sign_in(Role.BUREAU_CLERK, BureauFactory())
    assert stranger.get(reverse("organizations:detail", args=[school.pk])).status_code == 404
    for verb in ("edit", "contact", "rename", "move", "merge", "deactivate", "reactivate", "create"):
        url = reverse("organizations:act", args=[school.pk, verb])
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"reason": "理由", "version": 1}).status_code == 404
    assert "演示职教中心" not in page_of(stranger, "list")


def test_trainees_and_visitors_have_no_such_page(school: Organization) -> None:
    assert sign_in(Role.TRAINEE, school).get(reverse("organizations:list")).status_code == 403
    assert Client().get(reverse("organizations:list")).status_code == 302


def test_a_school_administrator_keeps_the_contact_only(school: Organization) -> None:
    admin = sign_in(Role.SCHOOL_ADMIN, school)
    for verb in ("edit", "rename", "move", "merge", "deactivate", "create"):
        assert admin.get(reverse("organizations:act", args=[school.pk, verb])).status_code == 403
    assert admin.get(reverse("organizations:act", args=[school.pk, "fly"])).status_code == 404
    text = page_of(admin, "detail", school.pk)
    assert "修改联系信息" in text
    assert "机构更名" not in text
    url = reverse("organizations:act", args=[school.pk, "contact"])
    data = {"contact_name": "演示联系人", "contact_phone": "13900000001", "address": "", "version": 1}
    assert admin.post(url, {**data, "contact_phone": "12"}).status_code == 422
    assert admin.post(url, data).status_code == 302
    school.refresh_from_db()
    assert (school.contact_name, school.contact_phone) == ("演示联系人", "13900000001")


def test_all_that_is_wrong_is_said_beside_the_fields(office: Client, school: Organization) -> None:
    url = reverse("organizations:act", args=[school.pk, "edit"])
    data = {
        "school_code": "12",
        "credit_code": "12",
        "region_code": "12",
        "ownership": "public",
        "locality": "urban",
        "version": 1,
    }
    response = office.post(url, data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"school_code", "credit_code", "region_code"}


def test_an_office_creates_on_screen_what_may_stand_there(office: Client, bureau: Organization) -> None:
    url = reverse("organizations:act", args=[bureau.pk, "create"])
    kinds = [value for value, _label in office.get(url).context["form"].fields["kind"].choices]
    assert Kind.SCHOOL in kinds
    assert Kind.COLLEGE not in kinds
    data = {"kind": "school", "name": "新校", "ownership": "public", "locality": "urban"}
    assert office.post(url, {**data, "school_code": "3650000001"}).status_code == 302
    assert Organization.objects.get(name="新校").parent == bureau
    twice = office.post(url, data)
    assert twice.status_code == 422
    assert "已属于" in str(twice.context["form"].errors["name"])


def test_merging_and_moving_offer_only_what_fits(
    office: Client, school: Organization, city: Organization
) -> None:
    other = SchoolFactory(parent=BureauFactory(parent=city, name="另一区教委"), name="另一职教中心")
    SchoolFactory(name="外地职教中心")
    base = BaseFactory(parent=school)
    into = office.get(reverse("organizations:act", args=[school.pk, "merge"])).context["form"].fields["into"]
    assert list(into.queryset) == [other]
    parents = (
        office.get(reverse("organizations:act", args=[school.pk, "move"])).context["form"].fields["parent"]
    )
    assert {each.name for each in parents.queryset} == {"演示区教委", "另一区教委"}
    url = reverse("organizations:act", args=[school.pk, "merge"])
    response = office.post(url, {"into": other.pk, "reason": "布局调整", "version": 1})
    assert response["Location"] == reverse("organizations:detail", args=[other.pk])
    base.refresh_from_db()
    assert base.parent == other
    assert "已并入" in page_of(office, "detail", school.pk)


def own(captured: CaptureQueriesContext) -> list[str]:
    """The statements of the page itself: what the frame asks is the frame's own tests' matter."""
    ours = ('FROM "organizations_organization"', 'FROM "organizations_formername"', 'FROM "operations_')
    return [each["sql"] for each in captured if any(name in each["sql"] for name in ours)]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("list", 2), ("tree", 1)])
def test_pages_cost_the_same_with_more_rows(
    office: Client, city: Organization, count: int, name: str, queries: int
) -> None:
    for _each in range(count):
        SchoolFactory(parent=BureauFactory(parent=city))
    url = reverse(f"organizations:{name}")
    office.get(url)
    with CaptureQueriesContext(connection) as captured:
        office.get(url)
    assert len(own(captured)) == queries
