"""A teacher's record: who may keep it, what is refused, what the audit says, how numbers rest."""

from datetime import date

import pytest
from django.db import connection

from portal.accounts.roles import Role
from portal.crypto import decrypt, digest
from portal.errors import Conflict, Invalid, NotAllowed, WrongState
from portal.operations.models import AuditEntry
from portal.organizations.models import Organization
from portal.people.models import Teacher, id_digest
from portal.people.services import records
from tests.factories import (
    BureauFactory,
    CollegeFactory,
    SchoolFactory,
    TeacherFactory,
    UserFactory,
    make_actor,
    make_id_number,
    make_phone,
)

pytestmark = pytest.mark.django_db
NUMBER = make_id_number(1)


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def create(school: Organization, **data: object) -> Teacher:
    actor = make_actor(Role.SCHOOL_ADMIN, school)
    return records.create_teacher(actor, school, **{"name": "张演示", "id_number": NUMBER, **data})


def test_a_school_creates_a_record_and_the_rest_follows_from_the_number() -> None:
    teacher = create(SchoolFactory(), name=" 张　演示", title="高级讲师", phone="+86 139-0000-0001")
    teacher.refresh_from_db()
    assert (teacher.name, teacher.phone) == ("张 演示", "13900000001")
    assert (teacher.birth_date, teacher.gender) == (date(1980, 1, 1), "1")
    assert (teacher.stage, teacher.title_level) == ("secondary", "associate")
    assert create(CollegeFactory(), id_number=make_id_number(2)).stage == "higher"


def test_the_audit_never_holds_a_full_number() -> None:
    teacher = create(SchoolFactory(), phone="13900000001")
    actor = make_actor(Role.SCHOOL_ADMIN, teacher.school)
    records.update_teacher(actor, teacher, version=1, id_number=make_id_number(3), phone="13900000003")
    written = " ".join(str(list(AuditEntry.objects.values())))
    for secret in (NUMBER, make_id_number(3), "13900000001", "13900000003"):
        assert secret not in written.replace(" ", "")
    assert last_entry().after["phone"] == "139****0003"


def test_numbers_rest_encrypted_and_are_found_by_digest() -> None:
    teacher = TeacherFactory(id_number=NUMBER, phone="13900000001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_teacher WHERE id = %s", [teacher.pk])
        row = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
    assert not [value for value in row.values() if NUMBER in str(value) or "13900000001" in str(value)]
    assert decrypt(row["id_number"]) == NUMBER
    assert row["id_digest"] == id_digest("resident_id", NUMBER) != digest(NUMBER, purpose="teacher-id")
    assert Teacher.objects.with_number("resident_id", NUMBER).get() == teacher
    assert not Teacher.objects.with_number("passport", NUMBER).exists()


def test_an_encrypted_column_cannot_be_searched_by_mistake() -> None:
    with pytest.raises(TypeError, match="digest"):
        Teacher.objects.filter(id_number=NUMBER).exists()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 65}, "name"),
        ({"id_number": NUMBER[:-1] + "A"}, "id_number"),
        ({"document_type": "library"}, "document_type"),
        ({"phone": "123"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"ethnicity": "99"}, "ethnicity"),
        ({"education": "00"}, "education"),
        ({"teaching_since": date(2100, 1, 1)}, "teaching_since"),
    ],
)
def test_wrong_values_are_refused_by_field(data: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(SchoolFactory(), **data)
    assert refused.value.field == field
    assert not Teacher.objects.exists()


def test_one_person_has_one_record_and_is_told_where() -> None:
    other = TeacherFactory(id_number=NUMBER).school
    with pytest.raises(Invalid, match=other.name) as refused:
        create(SchoolFactory())
    assert refused.value.field == "id_number"


def test_a_national_code_is_borne_once() -> None:
    TeacherFactory(national_code="N1")
    with pytest.raises(Invalid) as refused:
        create(SchoolFactory(), national_code="N1")
    assert refused.value.field == "national_code"


def test_the_database_refuses_a_second_record_in_words() -> None:
    TeacherFactory(id_number=NUMBER)
    with pytest.raises(Conflict, match="刚被他人登记"), records.told_if_taken():
        TeacherFactory(id_number=NUMBER)


def test_teachers_belong_to_schools_and_colleges_in_use() -> None:
    bureau = BureauFactory()
    with pytest.raises(Invalid):
        records.create_teacher(make_actor(Role.BUREAU_CLERK, bureau), bureau, name="张演示", id_number=NUMBER)
    with pytest.raises(Invalid):
        create(SchoolFactory(active=False))


@pytest.mark.parametrize("role", [Role.BASE_ADMIN, Role.TRAINEE, Role.SYSTEM_ADMIN, Role.OFFICE_REVIEWER])
def test_others_may_not_create(role: Role) -> None:
    with pytest.raises(NotAllowed):
        records.create_teacher(make_actor(role), SchoolFactory(), name="张演示", id_number=NUMBER)


def test_superiors_keep_the_teachers_of_their_schools_and_no_others() -> None:
    teacher = TeacherFactory()
    clerk = make_actor(Role.BUREAU_CLERK, teacher.school.parent)
    assert records.update_teacher(clerk, teacher, version=1, post="教研组长").version == 2
    for stranger in (make_actor(Role.BUREAU_CLERK), make_actor(Role.SCHOOL_ADMIN)):
        with pytest.raises(NotAllowed):
            records.update_teacher(stranger, teacher, version=2, post="校长")


def test_the_second_of_two_editors_is_told_what_changed() -> None:
    teacher = TeacherFactory()
    first, second = (make_actor(Role.SCHOOL_ADMIN, teacher.school) for _each in range(2))
    copy = Teacher.objects.get(pk=teacher.pk)
    records.update_teacher(first, teacher, version=1, post="教研组长")
    with pytest.raises(Conflict, match=first.name):
        records.update_teacher(second, copy, version=1, post="系主任")
    assert Teacher.objects.get(pk=teacher.pk).post == "教研组长"


def test_a_new_title_brings_its_level_and_a_new_name_its_keys() -> None:
    teacher = TeacherFactory(title="讲师", title_level="intermediate")
    actor = make_actor(Role.SCHOOL_ADMIN, teacher.school)
    records.update_teacher(actor, teacher, version=1, title="正高级讲师", name="单演示")
    teacher.refresh_from_db()
    assert (teacher.title_level, teacher.sort_key, teacher.initials) == ("senior", "shan yan shi", "sys")
    assert last_entry().after["title_level"] == "senior"


def test_a_trainee_keeps_the_own_record_but_not_who_one_is() -> None:
    teacher = TeacherFactory()
    trainee = make_actor(Role.TRAINEE, teacher.school)
    colleague = TeacherFactory(school=teacher.school, user=UserFactory())
    Teacher.objects.filter(pk=teacher.pk).update(user=trainee.user)
    mine = Teacher.objects.get(pk=teacher.pk)
    records.update_teacher(trainee, mine, version=1, resume="2008年起任教。\n2015年任教研组长。")
    assert "\n" in Teacher.objects.get(pk=teacher.pk).resume
    for field, value in (("name", "李演示"), ("id_number", make_id_number(7)), ("in_national_system", True)):
        with pytest.raises(NotAllowed, match="学校维护"):
            records.update_teacher(trainee, mine, version=2, **{field: value})
    with pytest.raises(NotAllowed):
        records.update_teacher(trainee, colleague, version=1, post="校长")


def test_a_teacher_leaves_and_comes_back_with_reasons() -> None:
    teacher = TeacherFactory()
    actor = make_actor(Role.SCHOOL_ADMIN, teacher.school)
    with pytest.raises(Invalid):
        records.deactivate_teacher(actor, teacher, reason="", version=1)
    records.deactivate_teacher(actor, teacher, reason="退休", version=1)
    assert not Teacher.objects.get(pk=teacher.pk).active
    with pytest.raises(WrongState):
        records.deactivate_teacher(actor, teacher, reason="退休", version=2)
    records.reactivate_teacher(actor, teacher, reason="返聘", version=2)
    assert Teacher.objects.get(pk=teacher.pk).active
    assert last_entry().reason == "返聘"


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_need_them_see_records(role: Role) -> None:
    teacher = TeacherFactory()
    school, bureau = teacher.school, teacher.school.parent
    where = {
        Role.SCHOOL_ADMIN: school,
        Role.BUREAU_CLERK: bureau,
        Role.BUREAU_APPROVER: bureau,
        Role.PROVINCIAL_OFFICER: bureau.parent,
        Role.SYSTEM_ADMIN: bureau.parent,
        Role.SECURITY_ADMIN: bureau.parent,
        Role.AUDIT_ADMIN: bureau.parent,
        Role.FINANCE_OFFICER: bureau.parent,
        Role.EXPERT: bureau.parent,
        Role.TRAINEE: school,
    }
    seeing = {Role.SCHOOL_ADMIN, Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.PROVINCIAL_OFFICER}
    actor = make_actor(role, where.get(role))
    assert Teacher.objects.visible_to(actor).exists() == (role in seeing)


def test_masks_show_little() -> None:
    teacher = TeacherFactory(id_number=NUMBER, phone=make_phone(1))
    assert (teacher.masked_id, teacher.masked_phone) == ("500**************" + NUMBER[-1], "139****0001")


def test_years_are_full_years() -> None:
    teacher = TeacherFactory(birth_date=date(1980, 10, 25), teaching_since=None)
    assert (teacher.age(date(2020, 10, 24)), teacher.age(date(2020, 10, 25))) == (39, 40)
    assert teacher.years_of_teaching(date(2020, 10, 24)) is None
