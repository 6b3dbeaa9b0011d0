"""Pages of the audit administrator and of the security administrator."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from portal.accounts.roles import Role
from portal.operations.diff import changes
from portal.operations.matrix import matrix
from portal.operations.models import AuditEntry
from portal.operations.tables import AUDIT, role_word
from portal.ui.pages import PageRequest, page

# More rows of a bulk act than this are for the API.
MOST_ROWS = 500


@page(roles=[Role.AUDIT_ADMIN])
def audit_list(request: PageRequest) -> HttpResponseBase:
    return AUDIT.respond(request)


@page(roles=[Role.AUDIT_ADMIN])
def entry(request: PageRequest, pk: int) -> HttpResponse:
    """Who, when, from where, what, before and after, and the rows of a bulk act."""
    found = get_object_or_404(AuditEntry.objects.visible_to(request.actor), pk=pk)
    context = {
        "title": found.label,
        "entry": found,
        "role": role_word(found),
        "changes": changes(found.before, found.after, found.subject_type),
        "rows": found.rows[:MOST_ROWS],
        "more": max(len(found.rows) - MOST_ROWS, 0),
    }
    return render(request, "operations/entry.html", context)


@page(roles=[Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def permissions(request: PageRequest) -> HttpResponse:
    """Roles by operations."""
    context = {"title": _("权限矩阵"), "rows": matrix(), "roles": [role.label for role in Role]}
    return render(request, "operations/permissions.html", context)
