"""Teachers and transfers over the API: the same masks, operations and refusals as the pages."""

import pytest
from rest_framework.test import APIClient

from portal.accounts.roles import Role
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.people.models import Teacher
from tests.factories import MembershipFactory, SchoolFactory, TeacherFactory, make_id_number

pytestmark = pytest.mark.django_db


def client_of(role: Role, organization: Organization) -> APIClient:
    client = APIClient()
    user = MembershipFactory(role=role, organization=organization).user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def teacher() -> Teacher:
    return TeacherFactory(phone="13900000001", ethnicity="")


@pytest.fixture
def api(teacher: Teacher) -> APIClient:
    return client_of(Role.SCHOOL_ADMIN, teacher.school)


def test_the_list_is_masked_and_says_what_is_missing(api: APIClient, teacher: Teacher) -> None:
    TeacherFactory()
    (found,) = api.get("/api/v1/teachers/").json()["results"]
    assert (found["id_number"], found["phone"]) == (teacher.masked_id, "139****0001")
    assert found["missing"] == [{"field": "ethnicity", "label": "民族"}]


def test_search_and_filters(api: APIClient, teacher: Teacher) -> None:
    count = lambda **query: len(api.get("/api/v1/teachers/", query).json()["results"])  # noqa: E731
    assert count(q=teacher.id_number) == 1
    assert count(q=teacher.id_number[:-1]) == 0
    assert count(complete="1") == 0
    assert count(complete="0") == 1


def test_create_and_change(api: APIClient, teacher: Teacher) -> None:
    data = {"school": teacher.school_id, "name": "李演示", "id_number": make_id_number(31)}
    made = api.post("/api/v1/teachers/", data)
    assert made.status_code == 201, made.json()
    url = f"/api/v1/teachers/{made.json()['id']}/"
    changed = api.patch(url, {"post": "教研组长", "version": 1})
    assert (changed.status_code, changed.json()["post"], changed.json()["version"]) == (200, "教研组长", 2)
    stale = api.patch(url, {"post": "系主任", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    wrong = api.post("/api/v1/teachers/", {**data, "id_number": "123"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "length")
    twice = api.post("/api/v1/teachers/", data)
    assert (twice.status_code, twice.json()["code"]) == (422, "taken")


def test_nobody_creates_in_a_school_out_of_reach(api: APIClient) -> None:
    data = {"school": SchoolFactory().pk, "name": "李演示", "id_number": make_id_number(31)}
    assert api.post("/api/v1/teachers/", data).status_code == 400
    assert not Teacher.objects.filter(name="李演示").exists()


def test_reveal_needs_a_reason_and_is_audited(api: APIClient, teacher: Teacher) -> None:
    url = f"/api/v1/teachers/{teacher.pk}/reveal/"
    assert api.post(url, {}).status_code == 400
    assert not AuditEntry.objects.filter(operation="people.reveal_id").exists()
    shown = api.post(url, {"reason": "核对"})
    assert shown.json() == {"id_number": teacher.id_number, "phone": "13900000001"}
    assert shown["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(operation="people.reveal_id", reason="核对").count() == 1


def test_leaving_and_coming_back(api: APIClient, teacher: Teacher) -> None:
    url = f"/api/v1/teachers/{teacher.pk}/"
    assert api.post(f"{url}deactivate/", {"reason": "退休", "version": 1}).json()["active"] is False
    assert api.post(f"{url}reactivate/", {"reason": "返聘", "version": 2}).json()["active"] is True


def test_a_transfer_over_the_api(api: APIClient, teacher: Teacher) -> None:
    target = SchoolFactory()
    other = client_of(Role.SCHOOL_ADMIN, target)
    asked = api.post(f"/api/v1/teachers/{teacher.pk}/transfer/", {"target": target.pk, "reason": "调动"})
    assert asked.status_code == 201
    url = f"/api/v1/transfers/{asked.json()['id']}/"
    assert api.post(f"{url}agree/").status_code == 403
    assert api.post(f"{url}withdraw/").json()["state"] == "withdrawn"
    again = other.post("/api/v1/transfers/", {"number": teacher.id_number, "reason": "引进"})
    assert again.status_code == 201
    url = f"/api/v1/transfers/{again.json()['id']}/"
    assert api.post(f"{url}refuse/", {}).status_code == 400
    assert api.post(f"{url}refuse/", {"reason": "不同意"}).json()["state"] == "refused"
    last = other.post("/api/v1/transfers/", {"number": teacher.id_number, "reason": "引进"}).json()
    assert api.post(f"/api/v1/transfers/{last['id']}/agree/").json()["state"] == "agreed"
    assert Teacher.objects.get(pk=teacher.pk).school == target
    assert len(api.get("/api/v1/transfers/").json()["results"]) == 3


def test_a_stranger_gets_404_everywhere(teacher: Teacher) -> None:
    stranger = client_of(Role.SCHOOL_ADMIN, SchoolFactory())
    url = f"/api/v1/teachers/{teacher.pk}/"
    assert stranger.get(url).status_code == 404
    assert stranger.patch(url, {"post": "x", "version": 1}).status_code == 404
    for verb in ("reveal", "deactivate", "reactivate", "transfer"):
        assert stranger.post(f"{url}{verb}/", {"reason": "看看"}).status_code == 404
    assert APIClient().get(url).status_code in {401, 403}
