"""Keys are rotated batch by batch; a run that was stopped goes on; the old keys can go afterwards."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection

from portal import crypto
from portal.errors import NotAllowed
from portal.operations.actor import Actor
from portal.people.models import Teacher
from portal.people.services import rotation
from tests.factories import TeacherFactory, make_actor

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def tokens(column: str = "id_number") -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {column} FROM people_teacher ORDER BY id")  # noqa: S608 - a column of ours
        return dict(cursor.fetchall())


@pytest.fixture
def teachers() -> list[Teacher]:
    return [*TeacherFactory.create_batch(5), TeacherFactory(phone="")]


@pytest.fixture
def new_key(teachers: list[Teacher], settings: LazySettings) -> str:
    key = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [key, *settings.FIELD_KEYS]
    return key


def place_of(name: str) -> rotation.Place:
    return next(each for each in rotation.encrypted_columns() if each[0] is Teacher and each[1].name == name)


def test_every_encrypted_column_is_known() -> None:
    assert place_of("id_number")
    assert place_of("phone")


def test_afterwards_the_new_key_alone_reads_everything(
    teachers: list[Teacher], new_key: str, settings: LazySettings
) -> None:
    numbers = {each.pk: (each.id_number, each.phone) for each in teachers}
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "全部完成" in out.getvalue()
    settings.FIELD_KEYS = [new_key]
    assert {each.pk: (each.id_number, each.phone) for each in Teacher.objects.all()} == numbers


def test_a_run_that_was_stopped_goes_on_where_work_is_left(
    teachers: list[Teacher], new_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    place = place_of("id_number")
    last = rotation.rotate_batch(SYSTEM, None, place=place, after=0)
    assert last == teachers[1].pk
    first = tokens()
    call_command("rotate_field_keys", stdout=StringIO())
    after = tokens()
    assert [first[each.pk] == after[each.pk] for each in teachers] == [True, True, False, False, False, False]
    assert rotation.rotate_batch(SYSTEM, None, place=place, after=teachers[-1].pk) is None


def test_without_a_new_key_nothing_is_written(teachers: list[Teacher]) -> None:
    before = tokens()
    call_command("rotate_field_keys", stdout=StringIO())
    assert tokens() == before


def test_what_someone_saves_meanwhile_is_left_to_them(
    teachers: list[Teacher], new_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate = crypto.rotate

    def meanwhile(token: str) -> str:
        Teacher.objects.filter(pk=teachers[0].pk).update(phone="13900000099")
        return rotate(token)

    monkeypatch.setattr(crypto, "rotate", meanwhile)
    rotation.rotate_batch(SYSTEM, None, place=place_of("phone"), after=0)
    assert Teacher.objects.get(pk=teachers[0].pk).phone == "13900000099"


def test_only_the_system_rotates() -> None:
    with pytest.raises(NotAllowed):
        rotation.rotate_batch(make_actor("system_admin"), None, place=place_of("phone"), after=0)
