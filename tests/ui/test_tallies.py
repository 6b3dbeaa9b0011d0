"""Several counts of one set of rows in one query."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

from portal.organizations.models import Organization
from portal.ui.tallies import Tally, count_of, tally
from tests.factories import BureauFactory, SchoolFactory

pytestmark = pytest.mark.django_db


def test_each_condition_has_its_count_and_its_first(django_assert_num_queries: Any) -> None:
    for version in (3, 2, 5):
        SchoolFactory(version=version, active=version != 5)
    rows = Organization.objects.filter(version__gt=1)
    with django_assert_num_queries(1):
        found = tally(rows, "version", active=Q(active=True), version=Q(version__gt=4), none=Q(version=9))
    assert found == {"active": Tally(2, 2), "version": Tally(1, 5), "none": Tally(0, None)}


def test_without_a_path_it_only_counts() -> None:
    SchoolFactory(version=7)
    assert tally(Organization.objects.all(), found=Q(version=7)) == {"found": Tally(1)}


def test_no_condition_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert tally(Organization.objects.all()) == {}


def test_related_rows_are_counted_beside_each_row(django_assert_num_queries: Any) -> None:
    bureau = BureauFactory()
    SchoolFactory.create_batch(2, parent=bureau)
    schools = count_of(Organization.objects.exclude(name=""), "parent")
    with django_assert_num_queries(1):
        counts = dict(Organization.objects.annotate(schools=schools).values_list("pk", "schools"))
    assert counts[bureau.pk] == 2
    assert sum(counts.values()) == Organization.objects.exclude(parent=None).count()
