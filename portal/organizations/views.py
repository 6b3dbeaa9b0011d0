"""Pages of organisations: register, tree, record, and the acts upon one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import STAFF
from portal.errors import Text
from portal.operations.history import history_of
from portal.operations.registry import Operation
from portal.organizations import forms
from portal.organizations.models import Organization
from portal.organizations.permits import KEEPERS
from portal.organizations.queries import chain, level
from portal.organizations.services import lifecycle, merge, records, tree
from portal.organizations.tables import ORGANIZATIONS, rows_of, state_of
from portal.ui.pages import PageRequest, page, submit


@dataclass(frozen=True)
class Act:
    """One act upon an organisation that asks for more on a page of its own."""

    operation: Operation[Organization, Any, Organization]
    form: type[forms.RecordForm]
    words: Text = ""


ACTS: dict[str, Act] = {
    "edit": Act(records.update, forms.OrganizationForm),
    "contact": Act(records.update_contact, forms.ContactForm),
    "rename": Act(
        lifecycle.rename, forms.RenameForm, gettext_lazy("原名称会作为曾用名保留；已签发的文件不变。")
    ),
    "move": Act(
        tree.move, forms.MoveForm, gettext_lazy("该机构连同全部下级一起调整，数据可见范围随之改变。")
    ),
    "merge": Act(
        merge.merge,
        forms.MergeForm,
        gettext_lazy(
            "本机构的教师、人员角色和下级机构将全部转入另一机构，本机构停用，合并后不能撤销。已签发的文件不变。"
        ),
    ),
    "deactivate": Act(
        lifecycle.deactivate, forms.ReasonForm, gettext_lazy("停用后，本机构人员的角色全部终止。")
    ),
    "reactivate": Act(lifecycle.reactivate, forms.ReasonForm, gettext_lazy("恢复后须重新授予人员角色。")),
    "create": Act(records.create, forms.CreateForm),
}


@page(roles=STAFF)
def organization_list(request: PageRequest) -> HttpResponseBase:
    return ORGANIZATIONS.respond(request, may_import=request.actor.role in KEEPERS)


@page(roles=STAFF)
def organization_tree(request: PageRequest) -> HttpResponse:
    """One level of the tree; htmx puts it below the line that was opened, without script it is a page of its own."""
    at = request.GET.get("at", "")
    parent = get_object_or_404(rows_of(request.actor), pk=at) if at.isdecimal() else None
    context: dict[str, Any] = {"title": _("机构树"), "parent": parent, "nodes": level(request.actor, parent)}
    if request.htmx and not request.htmx.history_restore_request and parent is not None:
        return render(request, "organizations/_level.html", context)
    return render(request, "organizations/tree.html", context)


@page(roles=STAFF)
def detail(request: PageRequest, pk: int) -> HttpResponse:
    organization = get_object_or_404(rows_of(request.actor).select_related("merged_into"), pk=pk)
    context = {
        "title": organization.name,
        "organization": organization,
        "state": state_of(organization),
        "facts": _facts(organization),
        "chain": chain(organization),
        "former_names": organization.former_names.all(),
        "children": level(request.actor, organization)[:20],
        "acts": _acts(request, organization),
        "entries": history_of(organization),
    }
    return render(request, "organizations/detail.html", context)


def _acts(request: PageRequest, organization: Organization) -> set[str]:
    """The acts that this person may do; keepers of others' data see the rest with the reason why not."""
    return {verb for verb, act in ACTS.items() if act.operation.refusal(request.actor, organization) is None}


def _facts(organization: Organization) -> list[tuple[str, object]]:
    return [
        (_("机构类别"), organization.get_kind_display()),
        (_("简称"), organization.short_name),
        (_("行政区划代码"), organization.region_code),
        (_("学校标识码"), organization.school_code),
        (_("统一社会信用代码"), organization.credit_code),
        (_("办别"), organization.get_ownership_display()),
        (_("城乡"), organization.get_locality_display()),
        (_("联系人"), organization.contact_name),
        (_("联系电话"), organization.contact_phone),
        (_("地址"), organization.address),
        (_("备注"), organization.remark),
    ]


@page(roles=STAFF)
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Ask for what the act needs and do it. Raises what the actor may not."""
    organization = get_object_or_404(rows_of(request.actor), pk=pk)
    chosen = ACTS.get(verb)
    if chosen is None:
        raise Http404(verb)
    refused = chosen.operation.refusal(request.actor, organization)
    if refused:
        raise refused
    form = chosen.form(request.actor, organization, request.POST or None)
    if form.is_valid():
        done = submit(request, form, chosen.operation, organization, **form.cleaned_data)
        if done is not None:
            messages.success(request, _("已办理：%(act)s") % {"act": chosen.operation.label})
            return redirect("organizations:detail", done.pk)
    context = {
        "title": chosen.operation.label,
        "organization": organization,
        "form": form,
        "words": chosen.words,
    }
    return render(request, "organizations/form.html", context, status=422 if form.is_bound else 200)
