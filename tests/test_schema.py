"""The OpenAPI schema says of every address under /api/v1/ what it does, and says it without a doubt."""

from typing import Any

import pytest
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from portal.api import router


@pytest.fixture(scope="module")
def schema() -> Any:
    get_resolver().url_patterns  # noqa: B018 - imports every app's api module
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def test_it_is_generated_without_a_warning_and_valid(schema: Any) -> None:
    doubts = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    # How a set of choices is called is a matter of taste; the schema is right either way.
    assert [each for each in doubts if "enum naming" not in each and "same choice set" not in each] == []
    validate_schema(schema)


def test_serializers_of_one_name_are_told_apart(schema: Any) -> None:
    found = schema["components"]["schemas"]
    assert {"TrainingNotice", "RulebookNotice"} <= set(found)
    assert "clauses" in found["RulebookNotice"]["properties"]
    assert "clauses" not in found["TrainingNotice"]["properties"]


def test_every_list_is_in_it_and_every_act_says_what_it_takes_and_gives(schema: Any) -> None:
    assert {f"/api/v1/{prefix}/" for prefix, _viewset, _name in router.registry} <= set(schema["paths"])
    silent = [
        f"{method} {path}"
        for path, methods in schema["paths"].items()
        for method, act in methods.items()
        if method in {"post", "put", "patch"}
        and not any("content" in answer for code, answer in act["responses"].items() if code != "204")
        and "204" not in act["responses"]
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/deliverable-requirements/replace/", "post"),
        ("/api/v1/expense-categories/replace/", "post"),
        ("/api/v1/grade-levels/replace/", "post"),
        ("/api/v1/review-chains/{id}/change/", "post"),
        ("/api/v1/users/{id}/reset_password/", "post"),
        ("/api/v1/users/{id}/reset_second_factor/", "post"),
        ("/api/v1/print-runs/", "post"),
        ("/api/v1/print-runs/{id}/file/", "get"),
        ("/api/v1/programs/{id}/close/", "post"),
        ("/api/v1/classes/{id}/cancel/", "post"),
        ("/api/v1/classes/{id}/findings/", "get"),
    ],
)
def test_what_the_pages_do_the_schema_names(schema: Any, path: str, method: str) -> None:
    act = schema["paths"][path][method]
    assert act["description"]
    if method == "post" and "password" not in path.rsplit("/", 2)[-2]:
        assert act["requestBody"]["content"]
