"""Organisations over the API: the same operations and refusals as the pages."""

import pytest
from rest_framework.test import APIClient

from portal.accounts.roles import Role
from portal.organizations.models import Organization
from tests.factories import BureauFactory, MembershipFactory, SchoolFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/organizations/"


def client_of(role: Role, organization: Organization) -> APIClient:
    client = APIClient()
    user = MembershipFactory(role=role, organization=organization).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def bureau() -> Organization:
    return BureauFactory()


@pytest.fixture
def api(bureau: Organization) -> APIClient:
    return client_of(Role.PROVINCIAL_OFFICER, bureau.parent)


def test_list_search_and_filter(api: APIClient, bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau, name="演示职教中心")
    SchoolFactory()
    ids = lambda **query: {each["id"] for each in api.get(URL, query).json()["results"]}  # noqa: E731
    assert ids() == {school.pk, bureau.pk, bureau.parent_id}
    assert ids(kind="school") == {school.pk}
    assert ids(q="yszj") == {school.pk}


def test_create_change_rename(api: APIClient, bureau: Organization) -> None:
    data = {"parent": bureau.pk, "kind": "school", "name": "新校", "school_code": "3650000001"}
    made = api.post(URL, data)
    assert made.status_code == 201, made.json()
    url = f"{URL}{made.json()['id']}/"
    assert api.patch(url, {"locality": "rural", "version": 1}).json()["locality"] == "rural"
    assert api.patch(url, {"locality": "urban", "version": 1}).json()["code"] == "changed_meanwhile"
    wrong = api.patch(url, {"school_code": "12", "version": 2})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "school_code_form")
    renamed = api.post(f"{url}rename/", {"name": "新校二", "reason": "批复", "version": 2}).json()
    assert (renamed["name"], [each["name"] for each in renamed["former_names"]]) == ("新校二", ["新校"])


def test_move_merge_and_going_out_of_use(api: APIClient, bureau: Organization) -> None:
    other = BureauFactory(parent=bureau.parent)
    first, second = SchoolFactory(parent=bureau), SchoolFactory(parent=bureau)
    moved = api.post(f"{URL}{first.pk}/move/", {"parent": other.pk, "reason": "区划调整", "version": 1})
    assert moved.json()["parent"] == other.pk
    merged = api.post(f"{URL}{first.pk}/merge/", {"into": second.pk, "reason": "合并", "version": 2})
    assert merged.json()["id"] == second.pk
    gone = api.post(f"{URL}{second.pk}/deactivate/", {"reason": "撤销", "version": 1})
    assert gone.json()["active"] is False
    assert (
        api.post(f"{URL}{second.pk}/reactivate/", {"reason": "恢复", "version": 2}).json()["active"] is True
    )


def test_an_administrator_keeps_the_contact_only(bureau: Organization) -> None:
    school = SchoolFactory(parent=bureau)
    admin = client_of(Role.SCHOOL_ADMIN, school)
    url = f"{URL}{school.pk}/"
    assert (
        admin.patch(f"{url}contact/", {"contact_name": "演示", "version": 1}).json()["contact_name"] == "演示"
    )
    refused = admin.patch(url, {"short_name": "x", "version": 2})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_what_is_out_of_sight_cannot_be_named(api: APIClient, bureau: Organization) -> None:
    stranger = SchoolFactory()
    assert api.get(f"{URL}{stranger.pk}/").status_code == 404
    school = SchoolFactory(parent=bureau)
    answer = api.post(f"{URL}{school.pk}/merge/", {"into": stranger.pk, "reason": "合并", "version": 1})
    assert answer.status_code == 400
    data = {"parent": stranger.parent_id, "kind": "school", "name": "新校"}
    assert api.post(URL, data).status_code == 400
