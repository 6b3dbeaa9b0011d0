"""What is missing from a record, in Python and in SQL alike."""

import pytest
from django.core.exceptions import FieldDoesNotExist

from portal.people.completeness import REQUIRED, completeness, incomplete
from portal.people.models import Teacher
from tests.factories import TeacherFactory

pytestmark = pytest.mark.django_db
EMPTY = {
    "gender": "0",
    "birth_date": None,
    "teaching_since": None,
    "double_qualified": None,
    "in_national_system": None,
}
# Without a name or a number there is no record.
CHANGEABLE = [name for name in REQUIRED if name not in {"name", "id_number"}]


def test_a_full_record_lacks_nothing() -> None:
    found = completeness(TeacherFactory())
    assert (found.missing, found.share, found.complete) == ((), 100, True)


@pytest.mark.parametrize("name", CHANGEABLE)
def test_each_required_field_is_missed_by_name_in_both_ways(name: str) -> None:
    TeacherFactory()
    teacher = TeacherFactory(**{name: EMPTY.get(name, "")})
    found = completeness(teacher)
    assert [field for field, _label in found.missing] == [name]
    assert found.missing[0][1] == str(Teacher._meta.get_field(name).verbose_name)
    assert found.share == 100 * (len(REQUIRED) - 1) // len(REQUIRED)
    assert list(Teacher.objects.filter(incomplete())) == [teacher]


def test_no_is_something_said() -> None:
    teacher = TeacherFactory(double_qualified=False, in_national_system=False)
    assert completeness(teacher).complete


def test_a_programme_asks_for_its_own_fields() -> None:
    teacher = TeacherFactory(resume="", email="")
    assert [name for name, _label in completeness(teacher, ["resume", "email", "post"]).missing] == [
        "resume",
        "email",
        "post",
    ]
    assert completeness(teacher, []).share == 100
    assert list(Teacher.objects.filter(incomplete(["email"]))) == [teacher]
    with pytest.raises((FieldDoesNotExist, AttributeError)):
        completeness(teacher, ["shoe_size"])
