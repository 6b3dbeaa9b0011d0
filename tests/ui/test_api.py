"""The API's page and refusal shapes."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from portal.errors import Conflict, Invalid, RuleBroken
from portal.organizations.models import Organization
from portal.ui.api import KeysetPagination, exception_handler
from tests.factories import OrganizationFactory
from tests.ui.pages import CITATION, FINDINGS


def test_a_refusal_has_code_message_clause_and_findings() -> None:
    response = exception_handler(RuleBroken("在禁训期内", citation=CITATION, findings=FINDINGS), {})
    assert response.status_code == 422
    assert response.data["code"] == "rule_broken"
    assert response.data["message"] == "在禁训期内"
    assert response.data["clause"] == "CQ20-2.2"
    assert [(each["verdict"], each["clause"]) for each in response.data["findings"]] == [
        ("pass", "CQ20-2.2"),
        ("warn", "CQ20-2.2"),
        ("block", "CQ20-2.2"),
    ]


def test_a_refusal_names_its_field() -> None:
    response = exception_handler(Invalid("不能为空。", field="name"), {})
    assert response.data["fields"] == {"name": ["不能为空。"]}
    assert "fields" not in exception_handler(Conflict("已变化。"), {}).data


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.ParseError(), 400, "parse_error"),
    ],
)
def test_the_frameworks_refusals_have_the_same_shape(error: Exception, status: int, code: str) -> None:
    response = exception_handler(error, {})
    assert response.status_code == status
    assert set(response.data) == {"code", "message", "clause", "findings"}
    assert response.data["code"] == code


def test_validation_adds_its_fields() -> None:
    response = exception_handler(exceptions.ValidationError({"name": ["必填"]}), {})
    assert response.status_code == 400
    assert response.data["fields"] == {"name": ["必填"]}
    assert exception_handler(exceptions.ValidationError(["坏"]), {}).data["fields"] == {
        "non_field_errors": ["坏"]
    }


def test_throttling_says_when_to_come_again() -> None:
    assert exception_handler(exceptions.Throttled(wait=7), {}).headers["Retry-After"] == "7"


def test_other_errors_are_not_answered() -> None:
    assert exception_handler(ValueError(), {}) is None


@pytest.mark.django_db
def test_pages_follow_one_another_newest_first_without_a_count(django_assert_num_queries) -> None:
    made = [OrganizationFactory().pk for _n in range(5)]
    paging = KeysetPagination()
    request = Request(APIRequestFactory().get("/api/v1/organizations/", {"page_size": "2"}))
    with django_assert_num_queries(1):
        first = paging.paginate_queryset(Organization.objects.all(), request)
    assert [each.pk for each in first] == made[:2:-1]
    answer = paging.get_paginated_response([]).data
    assert set(answer) == {"next", "previous", "results"}
    again = KeysetPagination()
    second = again.paginate_queryset(
        Organization.objects.all(), Request(APIRequestFactory().get(answer["next"]))
    )
    assert [each.pk for each in second] == [made[2], made[1]]
