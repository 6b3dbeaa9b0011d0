"""Rows that are copied in stand in the database as `save` would have written them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from portal.bulk import Among, Blank, array, copy_in
from portal.jobs.models import Job
from portal.organizations.models import Organization
from portal.people.models import Teacher
from tests.factories import SchoolFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

ODD = "制表\t换行\n回车\r反斜线\\n \\N \\. \\x41 “引号” 'x' \"y\",;𠮷"


def unsaved(count: int, school: Organization, **values: Any) -> list[Teacher]:
    made: list[Teacher] = TeacherFactory.build_batch(count, school=school, **values)
    for each in made:
        each.fill_keys()
    return made


def columns_of(record: Any) -> dict[str, Any]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


@pytest.fixture
def school() -> Organization:
    made: Organization = SchoolFactory()
    return made


def test_every_column_is_read_back_as_it_was(school: Organization) -> None:
    first, second = copy_in(unsaved(2, school, resume=ODD, double_qualified=None, in_national_system=False))
    assert columns_of(Teacher.objects.get(pk=first.pk)) == columns_of(first)
    assert columns_of(Teacher.objects.get(pk=second.pk)) == columns_of(second)


def test_the_empty_text_is_not_null_and_a_text_like_the_sign_of_null_stays_text(school: Organization) -> None:
    (made,) = copy_in(unsaved(1, school, email="", resume=r"\N"))
    made.refresh_from_db()
    assert (made.email, made.resume, made.user_id) == ("", r"\N", None)


def test_json_is_kept() -> None:
    said = {"文字": ODD, "列表": [1, None, True, 2.5]}
    (made,) = copy_in([Job(owner=UserFactory(), kind="tests.copy", parameters=said)])
    assert Job.objects.get(pk=made.pk).parameters == said


def test_what_is_encrypted_rests_encrypted(school: Organization) -> None:
    (made,) = copy_in(unsaved(1, school))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM people_teacher WHERE id = %s", [made.pk])
        (resting,) = cursor.fetchone()
    assert made.id_number not in resting
    assert Teacher.objects.get(pk=made.pk).id_number == made.id_number


def test_the_rows_have_keys_that_nobody_else_gets(school: Organization) -> None:
    made = copy_in(unsaved(3, school))
    assert len({each.pk for each in made} | {TeacherFactory(school=school).pk}) == 4
    made[0].name = "张改名"
    made[0].save()
    assert Teacher.objects.count() == 4


def test_a_broken_constraint_is_djangos_integrity_error_and_writes_nothing(school: Organization) -> None:
    (stored,) = copy_in(unsaved(1, school))
    again = unsaved(2, school)
    again[1].id_digest = stored.id_digest
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in(again)
    assert Teacher.objects.count() == 1


@pytest.mark.parametrize("value", [F("name"), b"bytes", ["list"]])
def test_what_is_no_plain_value_is_refused(school: Organization, value: object) -> None:
    with pytest.raises(TypeError, match=r"cannot be copied|unhashable"):
        copy_in(unsaved(1, school, major=value))


@pytest.mark.parametrize(("count", "queries"), [(0, 0), (1, 2), (300, 2)])
def test_two_statements_however_many(
    school: Organization, count: int, queries: int, django_assert_num_queries: Any
) -> None:
    rows = unsaved(count, school)
    with django_assert_num_queries(queries):
        assert len(copy_in(rows)) == count


def test_a_filled_blank_is_what_the_model_would_have_been(school: Organization) -> None:
    blank = Blank(Teacher, school=school, major="会计学")
    made = blank.fill({"name": "张演示", "phone": ""})
    called = Teacher(school=school, major="会计学", name="张演示", phone="")
    assert columns_of(made) == columns_of(called)
    assert made.school is school
    assert made._state.adding
    assert made.pk is None


def test_what_one_filled_blank_holds_is_not_the_others(school: Organization) -> None:
    blank = Blank(Job, kind="tests.copy")
    one, other = blank.fill({}), blank.fill({"owner": UserFactory()})
    one.parameters["name"] = "张演示"
    assert other.parameters == {}
    assert one.owner_id is None
    assert other.owner_id == other.owner.pk


def test_a_filled_blank_can_be_copied_in_and_saved(school: Organization) -> None:
    (pattern,) = unsaved(1, school)
    values = {name: value for name, value in columns_of(pattern).items() if name not in {"id", "school_id"}}
    (made,) = copy_in([Blank(Teacher).fill({**values, "school": school})])
    made.name = "张改名"
    made.save()
    assert Teacher.objects.get().name == "张改名"


def test_a_blank_refuses_what_the_model_has_not() -> None:
    with pytest.raises(TypeError, match="shoe_size"):
        Blank(Teacher).fill({"shoe_size": 42})


@pytest.mark.parametrize("column", ["pk", "school"])
def test_among_finds_what_in_would(school: Organization, column: str) -> None:
    stored = copy_in(unsaved(2, school))
    TeacherFactory()
    wanted = {each.pk for each in stored} if column == "pk" else {school.pk}
    assert set(Teacher.objects.filter(Among(F(column), wanted))) == set(stored)
    assert not Teacher.objects.filter(Among(F(column), ())).exists()


def test_rows_copied_together_are_of_one_moment(school: Organization) -> None:
    assert len({each.created_at for each in copy_in(unsaved(3, school))}) == 1


def test_an_array_is_read_back_as_it_was() -> None:
    texts = [ODD, "", "NULL", None, "{a,b}", '"', " 一 "]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[], %s::numeric[]", [array(texts), array([1, None, Decimal("2.5")])])
        assert cursor.fetchone() == (texts, [Decimal(1), None, Decimal("2.5")])
