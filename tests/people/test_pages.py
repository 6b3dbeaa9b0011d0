"""Pages of teachers: who sees what, masks, reveal, export, forms, constant queries."""

import re
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.people.models import Teacher, Transfer, TransferState
from portal.people.services import sensitive, transfers
from portal.people.slots import Training, training_history
from tests.factories import (
    BureauFactory,
    MembershipFactory,
    ProjectOfficeFactory,
    SchoolFactory,
    TeacherFactory,
    UserFactory,
    make_actor,
    make_id_number,
    organization_for,
)

pytestmark = pytest.mark.django_db


def sign_in(role: Role, organization: Organization) -> Client:
    client = Client()
    membership = MembershipFactory(role=role, organization=organization)
    client.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    client.actor = Actor.of(membership)  # type: ignore[attr-defined]
    return client


@pytest.fixture
def teacher() -> Teacher:
    return TeacherFactory(phone="13900000001")


@pytest.fixture
def admin(teacher: Teacher) -> Client:
    return sign_in(Role.SCHOOL_ADMIN, teacher.school)


def page_of(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(f"people:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


def test_no_page_shows_a_full_number(admin: Client, teacher: Teacher) -> None:
    for text in (
        page_of(admin, "teachers"),
        page_of(admin, "teacher", teacher.pk),
        page_of(admin, "act", teacher.pk, "edit"),
        page_of(admin, "act", teacher.pk, "transfer"),
    ):
        assert teacher.id_number not in text
        assert "13900000001" not in text
    assert teacher.masked_id in page_of(admin, "teachers")


def test_a_stranger_gets_404_everywhere(teacher: Teacher) -> None:
    stranger = sign_in(Role.SCHOOL_ADMIN, SchoolFactory())
    urls = [
        reverse("people:teacher", args=[teacher.pk]),
        *(
            reverse("people:act", args=[teacher.pk, verb])
            for verb in ("edit", "deactivate", "reactivate", "transfer")
        ),
        reverse("people:create", args=[teacher.school_id]),
    ]
    for url in urls:
        assert stranger.get(url).status_code == 404, url
        assert stranger.post(url, {"reason": "看看"}).status_code == 404, url
    assert stranger.post(reverse("people:reveal", args=[teacher.pk]), {"reason": "看看"}).status_code == 404
    assert teacher.name not in page_of(stranger, "teachers")


@pytest.mark.parametrize("role", [Role.BASE_ADMIN, Role.EXPERT, Role.SYSTEM_ADMIN])
def test_roles_without_teachers_have_no_such_page(role: Role, teacher: Teacher) -> None:
    client = sign_in(role, organization_for(role))
    assert client.get(reverse("people:teachers")).status_code == 403


def test_an_unsigned_visitor_is_sent_to_sign_in(teacher: Teacher) -> None:
    response = Client().get(reverse("people:teacher", args=[teacher.pk]))
    assert response.status_code == 302
    assert "next=" in response["Location"]


def test_a_full_view_needs_a_reason_and_is_audited(admin: Client, teacher: Teacher) -> None:
    url = reverse("people:reveal", args=[teacher.pk])
    assert admin.get(url).status_code == 302
    refused = admin.post(url, {"reason": " "})
    assert refused.status_code == 422
    assert teacher.id_number not in refused.content.decode()
    assert not AuditEntry.objects.filter(operation="people.reveal_id").exists()
    shown = admin.post(url, {"reason": "核对报名材料"})
    assert teacher.id_number in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = AuditEntry.objects.get(operation="people.reveal_id")
    assert (entry.reason, entry.subject_id, entry.user) == ("核对报名材料", str(teacher.pk), admin.actor.user)


def export(client: Client, do: str, **data: str) -> object:
    return client.post(
        reverse("people:teachers"),
        {"register": "people.teachers", "do": do, "all": "1", "confirmed": "1", **data},
    )


def cells(response: object) -> str:
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    return " ".join(str(cell) for row in book.active.values for cell in row)


def test_exports_are_masked_unless_asked_otherwise(admin: Client, teacher: Teacher) -> None:
    other = TeacherFactory()
    text = cells(export(admin, "export"))
    assert teacher.masked_id in text
    assert teacher.id_number not in text
    assert "13900000001" not in text
    assert other.name not in text
    assert AuditEntry.objects.latest("pk").operation == "people.export_teachers"


def test_a_full_export_says_who_and_why(admin: Client, teacher: Teacher) -> None:
    assert export(admin, "export_full").status_code == 422
    assert not AuditEntry.objects.filter(operation="people.export_teachers_full").exists()
    text = cells(export(admin, "export_full", reason="上报省厅"))
    assert teacher.id_number in text
    assert "13900000001" in text
    assert admin.actor.name in text
    assert "上报省厅" in text
    entry = AuditEntry.objects.latest("pk")
    assert (entry.operation, entry.reason, entry.after["count"]) == (
        "people.export_teachers_full",
        "上报省厅",
        1,
    )
    assert teacher.id_number not in str(entry.rows)


def test_a_reviewer_exports_masked_only(teacher: Teacher) -> None:
    office = ProjectOfficeFactory(parent=teacher.school.parent.parent)
    reviewer = sign_in(Role.OFFICE_REVIEWER, office)
    assert teacher.masked_id in cells(export(reviewer, "export"))
    assert export(reviewer, "export_full", reason="看看").status_code == 302
    assert not AuditEntry.objects.filter(operation="people.export_teachers_full", outcome="done").exists()


def own(captured: CaptureQueriesContext) -> list[str]:
    """The statements of the page itself: what the frame asks is the frame's own tests' matter."""
    ours = ("people_", "operations_")
    return [each["sql"] for each in captured if any(f'FROM "{name}' in each["sql"] for name in ours)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_register_costs_the_same_with_more_rows(count: int) -> None:
    school = SchoolFactory()
    TeacherFactory.create_batch(count, school=school)
    client = sign_in(Role.SCHOOL_ADMIN, school)
    client.get(reverse("people:teachers"))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("people:teachers"))
    assert len(own(captured)) == LIST_QUERIES


@pytest.mark.parametrize("count", [1, 3])
def test_the_record_costs_the_same_with_more_history(count: int, teacher: Teacher, admin: Client) -> None:
    for _each in range(count):
        transfer = transfers.request_transfer(admin.actor, teacher, target=SchoolFactory(), reason="调动")
        transfers.withdraw_transfer(admin.actor, transfer)
    url = reverse("people:teacher", args=[teacher.pk])
    admin.get(url)
    with CaptureQueriesContext(connection) as captured:
        admin.get(url)
    assert len(own(captured)) == RECORD_QUERIES


LIST_QUERIES = 1
RECORD_QUERIES = 3


@pytest.mark.parametrize(
    ("typed", "found"),
    [("欧阳", True), ("阳", True), ("oyy", True), ("OY", True), ("张", False), ("zy", False)],
)
def test_search_by_name_and_initials(typed: str, found: bool) -> None:
    teacher = TeacherFactory(name="欧阳演示")
    client = sign_in(Role.SCHOOL_ADMIN, teacher.school)
    text = client.get(reverse("people:teachers"), {"q": typed}).content.decode()
    assert ("欧阳演示" in text) == found
    assert f'name="q" value="{typed}"' in text


def test_search_by_the_exact_number_only() -> None:
    teacher = TeacherFactory(id_number=make_id_number(21))
    client = sign_in(Role.SCHOOL_ADMIN, teacher.school)
    search = lambda text: client.get(reverse("people:teachers"), {"q": text}).content.decode()  # noqa: E731
    assert teacher.name in search(f" {teacher.id_number.lower()} ")
    assert teacher.name not in search(teacher.id_number[:-1])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"complete": "1"}, ["齐全"]),
        ({"complete": "0"}, ["缺手机", "缺性别", "缺双师"]),
        ({"active": "0"}, ["齐全"]),
        ({"title_level": "senior"}, ["缺手机"]),
        ({"subject": "汽车"}, ["缺性别"]),
        ({"stage": "higher"}, ["缺双师"]),
    ],
)
def test_filters(query: dict, names: list[str]) -> None:
    school = SchoolFactory()
    TeacherFactory(school=school, name="齐全", active=False)
    TeacherFactory(school=school, name="缺手机", phone="", title_level="senior")
    TeacherFactory(school=school, name="缺性别", gender="0", subject="汽车维修")
    TeacherFactory(school=school, name="缺双师", double_qualified=None, stage="higher")
    client = sign_in(Role.SCHOOL_ADMIN, school)
    text = client.get(reverse("people:teachers"), query).content.decode()
    assert {name for name in ("齐全", "缺手机", "缺性别", "缺双师") if f">{name}<" in text} == set(names)


def test_what_is_missing_leads_to_its_input() -> None:
    teacher = TeacherFactory(phone="", ethnicity="")
    client = sign_in(Role.SCHOOL_ADMIN, teacher.school)
    text = page_of(client, "teacher", teacher.pk)
    edit = reverse("people:act", args=[teacher.pk, "edit"])
    assert f'href="{edit}#id_phone"' in text
    assert f'href="{edit}#id_ethnicity"' in text
    assert 'id="id_phone"' in page_of(client, "act", teacher.pk, "edit")


def edit_data(client: Client, teacher: Teacher, **changes: str) -> dict[str, str]:
    """What a browser would send back from the edit page, with `changes`."""
    form = client.get(reverse("people:act", args=[teacher.pk, "edit"])).context["form"]
    shown = {name: each.widget.format_value(form[name].value()) for name, each in form.fields.items()}
    shown = {name: value[0] if isinstance(value, list) else value or "" for name, value in shown.items()}
    return shown | changes


def test_editing_leaves_the_numbers_that_were_left_empty(admin: Client, teacher: Teacher) -> None:
    number = teacher.id_number
    url = reverse("people:act", args=[teacher.pk, "edit"])
    response = admin.post(url, edit_data(admin, teacher, post="教研组长"))
    assert response.status_code == 302, response.context["form"].errors
    teacher.refresh_from_db()
    assert (teacher.post, teacher.id_number, teacher.phone) == ("教研组长", number, "13900000001")
    assert (teacher.double_qualified, teacher.in_national_system) == (True, True)
    assert AuditEntry.objects.latest("pk").after == {"post": "教研组长"}


@pytest.mark.parametrize(("value", "word"), [(True, "是"), (False, "否"), (None, "未知")])
def test_the_edit_page_opens_at_what_the_record_says(
    admin: Client, teacher: Teacher, value: bool | None, word: str
) -> None:
    Teacher.objects.filter(pk=teacher.pk).update(double_qualified=value)
    text = page_of(admin, "act", teacher.pk, "edit")
    drawn = re.search(r'<select name="double_qualified".*?</select>', text, re.DOTALL)
    assert drawn
    assert re.findall(r"<option[^>]* selected>([^<]*)<", drawn[0]) == [word]


def test_all_that_is_wrong_is_said_beside_the_fields(admin: Client, teacher: Teacher) -> None:
    url = reverse("people:act", args=[teacher.pk, "edit"])
    response = admin.post(url, edit_data(admin, teacher, phone="12", name="", id_number="123"))
    assert response.status_code == 422
    assert {"phone", "name", "id_number"} <= set(response.context["form"].errors)


def test_an_expired_form_says_who_changed_the_record(admin: Client, teacher: Teacher) -> None:
    url = reverse("people:act", args=[teacher.pk, "edit"])
    stale = edit_data(admin, teacher, post="系主任")
    assert admin.post(url, {**stale, "post": "教研组长"}).status_code == 302
    response = admin.post(url, stale)
    assert response.status_code in {409, 422}
    assert admin.actor.name in response.content.decode()
    assert "系主任" in response.content.decode()


def test_a_school_creates_a_teacher_on_screen(admin: Client, teacher: Teacher) -> None:
    url = reverse("people:create", args=[teacher.school_id])
    assert admin.post(url, {"name": "李演示"}).status_code == 422
    data = {"name": "李演示", "document_type": "resident_id", "id_number": make_id_number(31), "gender": "0"}
    response = admin.post(url, data)
    made = Teacher.objects.get(name="李演示")
    assert response["Location"] == reverse("people:teacher", args=[made.pk])
    assert made.school == teacher.school


def test_a_trainee_edits_only_the_own_part() -> None:
    user = UserFactory()
    teacher = TeacherFactory(user=user)
    MembershipFactory(user=user, role=Role.TRAINEE, organization=teacher.school)
    colleague = TeacherFactory(school=teacher.school)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    form = client.get(reverse("people:act", args=[teacher.pk, "edit"])).context["form"]
    assert "id_number" not in form.fields
    assert "phone" in form.fields
    assert client.get(reverse("people:teacher", args=[colleague.pk])).status_code == 404
    assert client.get(reverse("people:teachers")).status_code == 403
    shown = client.post(reverse("people:reveal", args=[teacher.pk]), {"reason": "本人核对"})
    assert teacher.id_number in shown.content.decode()


def test_acts_that_may_not_be_done_are_refused(teacher: Teacher) -> None:
    clerk = sign_in(Role.BUREAU_CLERK, teacher.school.parent)
    assert clerk.get(reverse("people:act", args=[teacher.pk, "transfer"])).status_code == 403
    assert clerk.get(reverse("people:act", args=[teacher.pk, "fly"])).status_code == 404
    assert clerk.get(reverse("people:act", args=[teacher.pk, "deactivate"])).status_code == 200


def test_a_transfer_from_asking_to_agreeing_on_screen(admin: Client, teacher: Teacher) -> None:
    target = SchoolFactory()
    other = sign_in(Role.SCHOOL_ADMIN, target)
    ask = reverse("people:act", args=[teacher.pk, "transfer"])
    assert admin.post(ask, {"target": "没有这所学校", "reason": "调动"}).status_code == 422
    assert admin.post(ask, {"target": target.school_code, "reason": "调动"}).status_code == 302
    transfer = Transfer.objects.get()
    assert "待答复" in other.get("/").content.decode()
    assert "同意调动" in page_of(other, "transfer", transfer.pk)
    assert "撤回申请" in page_of(admin, "transfer", transfer.pk)
    other.post(reverse("people:decide", args=[transfer.pk, "agree"]))
    assert Teacher.objects.get(pk=teacher.pk).school == target
    assert admin.get(reverse("people:teacher", args=[teacher.pk])).status_code == 404
    assert other.post(reverse("people:decide", args=[transfer.pk, "fly"])).status_code == 404


def test_a_transfer_in_and_its_refusal_on_screen(admin: Client, teacher: Teacher) -> None:
    other = sign_in(Role.SCHOOL_ADMIN, SchoolFactory())
    url = reverse("people:ask_in")
    data = {"document_type": "resident_id", "number": teacher.id_number, "reason": "引进"}
    assert other.post(url, {**data, "number": make_id_number(99)}).status_code == 422
    assert other.post(url, data).status_code == 302
    transfer = Transfer.objects.get()
    refuse = reverse("people:refuse", args=[transfer.pk])
    assert admin.post(refuse, {"reason": ""}).status_code == 422
    assert admin.post(refuse, {"reason": "教学任务重"}).status_code == 302
    transfer.refresh_from_db()
    assert transfer.state == TransferState.REFUSED
    assert "教学任务重" in page_of(other, "transfer", transfer.pk)


def test_a_stranger_sees_no_transfer(admin: Client, teacher: Teacher) -> None:
    transfer = transfers.request_transfer(admin.actor, teacher, target=SchoolFactory(), reason="调动")
    stranger = sign_in(Role.SCHOOL_ADMIN, SchoolFactory())
    assert stranger.get(reverse("people:transfer", args=[transfer.pk])).status_code == 404
    assert stranger.get(reverse("people:refuse", args=[transfer.pk])).status_code == 404
    assert stranger.post(reverse("people:decide", args=[transfer.pk, "agree"])).status_code == 404


def test_the_global_search_finds_teachers_and_schools() -> None:
    teacher = TeacherFactory(name="欧阳演示")
    client = sign_in(Role.BUREAU_CLERK, teacher.school.parent)
    text = client.get(reverse("ui:search"), {"q": "欧阳"}).content.decode()
    assert reverse("people:teacher", args=[teacher.pk]) in text
    text = client.get(reverse("ui:search"), {"q": teacher.school.name}).content.decode()
    assert reverse("organizations:detail", args=[teacher.school_id]) in text
    stranger = sign_in(Role.BUREAU_CLERK, BureauFactory())
    assert "欧阳演示" not in stranger.get(reverse("ui:search"), {"q": "欧阳"}).content.decode()


def test_more_than_an_office_program_opens_is_not_exported(
    admin: Client, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitive, "MOST_ROWS", 0)
    with pytest.raises(Invalid, match="缩小筛选范围"):
        sensitive.export_teachers(admin.actor, None, teachers=Teacher.objects.all())


def test_a_school_sees_its_numbers_and_what_waits_on_the_desk(admin: Client, teacher: Teacher) -> None:
    TeacherFactory(school=teacher.school, phone="")
    text = admin.get("/").content.decode()
    assert "在岗教师" in text
    assert "资料待补充" in text
    assert "待答复" not in text
    other = make_actor(Role.SCHOOL_ADMIN)
    transfers.request_transfer_in(
        other, other.organization, document_type="resident_id", number=teacher.id_number, reason="引进"
    )
    assert "教师调动待答复" in admin.get("/").content.decode()


def test_trainings_of_the_apps_stand_on_the_record(admin: Client, teacher: Teacher) -> None:
    def trainings(actor: Actor, found: Teacher) -> list[Training]:
        return [Training("演示培训班", "2020年11月", "合格")] if found == teacher else []

    training_history(trainings)
    try:
        assert "演示培训班" in page_of(admin, "teacher", teacher.pk)
    finally:
        training_history.remove(trainings)
