"""Lists that say what they read load that, and their cells ask for nothing more."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet
from django.urls import get_resolver

from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.tables import TEACHERS
from portal.ui.register import Column, Register, registers
from portal.ui.register.keyset import Order
from portal.ui.register.narrowing import narrow
from tests.factories import SchoolFactory, TeacherFactory

pytestmark = pytest.mark.django_db


def narrowed(register: Register[Any], columns: list[Column] | None = None, order: str = "") -> Any:
    rows = register.rows(Actor.system("test"))
    order_of = Order.of(rows, order or register.order)
    return order_of.apply(narrow(rows, register, columns or [*register.columns], order_of))


def test_what_the_lists_say_they_read_is_there() -> None:
    _loaded = get_resolver("portal.urls").url_patterns
    lists = [each for each in registers() if each.reads is not None]
    assert len(lists) > 8
    for register in lists:
        for column in [*register.columns, None]:
            with suppress(
                EmptyResultSet
            ):  # raised behind the fields, where a list has nothing for this actor
                str(narrowed(register, order=column.sort if column else "").query)


@pytest.mark.parametrize("rows", [1, 3])
def test_every_cell_of_every_column_comes_with_the_row(django_assert_num_queries: Any, rows: int) -> None:
    TeacherFactory.create_batch(rows)
    with django_assert_num_queries(1):
        for teacher in narrowed(TEACHERS):
            assert str(teacher)
            assert [column.cell(teacher) for column in TEACHERS.columns]


def test_what_no_visible_column_shows_stays_in_the_database() -> None:
    TeacherFactory()
    shown = [column for column in TEACHERS.columns if column.key in {"name", "school__name"}]
    teacher = narrowed(TEACHERS, shown).get()
    assert {"id_number", "phone", "resume"} <= teacher.get_deferred_fields()
    assert {"contact_phone", "address"} <= teacher.school.get_deferred_fields()


def test_a_list_that_says_nothing_loads_whole_records() -> None:
    made = SchoolFactory()
    quiet = Register("tests.quiet", "x", lambda _actor: Organization.objects.all(), [Column("name", "x")])
    assert not narrowed(quiet).get(pk=made.pk).get_deferred_fields()


def test_a_column_that_does_not_say_what_it_reads_is_a_mistake_of_ours() -> None:
    columns = [Column("a", "x"), Column("b", "x", value=str)]
    with pytest.raises(ValueError, match=r"\['b'\] do not say what they read"):
        Register("tests.silent", "x", lambda _actor: Organization.objects.all(), columns, reads=())
