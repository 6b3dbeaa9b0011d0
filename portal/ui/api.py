"""How the API pages and how it refuses: the same shapes everywhere."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.errors import DomainError, Invalid
from portal.rulebook.findings import Finding

JSON = dict[str, Any]


class KeysetPagination(CursorPagination):
    """Newest first by key, without a count: `next` and `previous` are addresses, `page_size` at most 200."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200


def exception_handler(error: Exception, context: JSON) -> Response | None:
    """Answer a refusal as `{"code", "message", "clause", "findings"}`; validation adds `fields`."""
    if isinstance(error, DomainError):
        set_rollback()
        return Response(_refusal(error), status=error.status)
    known = _as_api_error(error)
    if known is None:
        return None
    set_rollback()
    return Response(_problem(known), status=known.status_code, headers=_headers(known))


def _refusal(error: DomainError) -> JSON:
    body = _body(error.code, str(error.message))
    body["clause"] = error.citation.clause if error.citation else None
    body["findings"] = [_finding(each) for each in error.findings]
    if isinstance(error, Invalid) and error.field:
        body["fields"] = {error.field: [str(error.message)]}
    return body


def _finding(finding: Finding) -> JSON:
    return finding.as_json() | {"clause": finding.citation.clause if finding.citation else None}


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound(_("没有此记录，或您无权查看。"))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error if isinstance(error, exceptions.APIException) else None


def _problem(error: exceptions.APIException) -> JSON:
    if isinstance(error, exceptions.ValidationError):
        return _body("invalid", _("提交的内容有误，请按各字段的提示修改后重新提交。")) | {
            "fields": _fields(error.detail)
        }
    return _body(str(error.get_codes()), str(error.detail))


def _fields(detail: Any) -> JSON:
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {
        "WWW-Authenticate": getattr(error, "auth_header", ""),
        "Retry-After": str(getattr(error, "wait", None) or ""),
    }
    return {name: value for name, value in headers.items() if value}


def _body(code: str, message: str) -> JSON:
    return {"code": code, "message": message, "clause": None, "findings": []}
