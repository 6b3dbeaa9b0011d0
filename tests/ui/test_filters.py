"""The filters of lists: what they offer is kept for each person, asked for when needed, and copied for each request."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import django_filters
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import mark_safe

from portal.accounts.roles import Role
from portal.organizations.models import Organization
from portal.ui.filters import FilterSet, carried, meeting
from portal.ui.register import leads_to
from portal.ui.selects import select_html
from portal.ui.templatetags.portal_ui import badge
from tests.factories import BureauFactory, SchoolFactory, make_actor

pytestmark = pytest.mark.django_db


class Filters(FilterSet):
    above = django_filters.ModelChoiceFilter(
        field_name="parent",
        label="上级",
        queryset=lambda request: Organization.objects.under(request.actor.organization),
    )
    short = django_filters.BooleanFilter(method="by_length")
    below = carried("parent")
    having = meeting({"named": lambda rows: rows.exclude(name="")})

    class Meta:
        model = Organization
        fields: list[str] = []

    def by_length(self, rows: QuerySet[Organization], _name: str, _value: bool) -> QuerySet[Organization]:
        return rows.filter(name__in=self.request.short)


def request_of(organization: Organization, **more: Any) -> Any:
    return SimpleNamespace(actor=make_actor(Role.BUREAU_CLERK, organization), **more)


def filters(request: Any, query: str = "") -> Filters:
    return Filters(QueryDict(query), Organization.objects.all(), request=request)


def offered(request: Any, query: str = "") -> str:
    return select_html(filters(request, query).form["above"], {})


def test_what_is_offered_is_kept_for_the_person_without_a_query(
    settings: LazySettings, django_assert_num_queries: Any
) -> None:
    settings.CHOICES_SECONDS = 60
    cache.clear()
    one, other = BureauFactory(name="甲区"), BureauFactory(name="乙区")
    mine, others = request_of(one), request_of(other)
    first = offered(mine)
    with django_assert_num_queries(0):
        assert offered(mine) == first
    assert "甲区" in first
    assert "乙区" not in first
    assert "甲区" not in offered(others)


def test_nothing_is_kept_when_keeping_is_off(settings: LazySettings) -> None:
    settings.CHOICES_SECONDS = 0
    bureau = BureauFactory(name="甲区")
    request = request_of(bureau)
    offered(request)
    SchoolFactory(name="新校", parent=bureau)
    assert "新校" in offered(request)


def test_what_is_chosen_is_checked_against_the_database(settings: LazySettings) -> None:
    settings.CHOICES_SECONDS = 60
    cache.clear()
    bureau, other = BureauFactory(), BureauFactory()
    school = SchoolFactory(parent=bureau)
    request = request_of(bureau)
    assert list(filters(request, f"above={bureau.pk}").qs) == [school]
    assert not filters(request, f"above={other.pk}").is_valid()


def test_a_method_finds_the_request_of_its_own_filters() -> None:
    one, other = BureauFactory(name="甲区"), BureauFactory(name="乙区")
    first = filters(request_of(one, short=["甲区"]), "short=true")
    second = filters(request_of(other, short=["乙区"]), "short=true")
    assert list(first.qs) == [one]
    assert list(second.qs) == [other]


def test_an_address_narrows_by_a_key_or_a_condition() -> None:
    bureau = BureauFactory()
    school = SchoolFactory(parent=bureau)
    request = request_of(bureau)
    assert list(filters(request, f"below={bureau.pk}&having=named").qs) == [school]
    assert not filters(request, "having=nonsense").qs.exists()


def test_a_row_s_address_is_what_reverse_says() -> None:
    school = SchoolFactory()
    assert leads_to("record")(school) == reverse("record", args=[school.pk])
    assert leads_to("record", "parent_id")(school) == reverse("record", args=[school.parent_id])


def test_a_badge_s_word_is_escaped_though_the_same_was_safe_before() -> None:
    safe = badge("done", mark_safe("<b>好</b>"))
    assert "<b>好</b>" in safe
    assert "&lt;b&gt;好" in badge("done", "<b>好</b>")
