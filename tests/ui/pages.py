"""A small portal of its own for the frame's tests: a list of organisations, a form, a refusing page."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import include, path

from portal.accounts.roles import Role
from portal.errors import Conflict, Invalid, RuleBroken
from portal.jobs.models import Job
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import Organization
from portal.rulebook.findings import Citation, Finding, Verdict
from portal.ui.charts import Chart, ChartKind, Series
from portal.ui.filters import FilterSet
from portal.ui.pages import PageRequest, page, perform, submit
from portal.ui.register import BulkAction, Column, Kind, Register
from portal.ui.widgets import DateInput, SearchSelect

CITATION = Citation("渝教师发〔2020〕1号", "CQ20-2.2", "二（二）", "名额不得跨区县调剂")
FINDINGS = [
    Finding("demo.quota", Verdict.PASS, "名额充足", CITATION),
    Finding("demo.age", Verdict.WARN, "原则上不超过45周岁", CITATION),
    Finding("demo.ban", Verdict.BLOCK, "在禁训期内", CITATION),
]


class OrganizationFilter(FilterSet):
    kind = django_filters.ChoiceFilter(label="类别", choices=OrganizationKind.choices, empty_label="全部")
    parent = django_filters.ModelChoiceFilter(
        label="上级", queryset=Organization.objects.of(OrganizationKind.BUREAU)
    )

    class Meta:
        model = Organization
        fields = ["kind", "parent"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", help_text="会发给对方单位")


@operation("ui.rename", "改名", roles=[Role.PROGRAM_MANAGER, Role.BUREAU_CLERK])
def rename(act: Act, subject: None, *, rows: Any, name: str) -> int:
    if name == "占用":
        raise Invalid("名称已被使用，请换一个。", field="reason")
    if name == "违规":
        raise RuleBroken("在禁训期内", citation=CITATION, findings=FINDINGS)
    return rows.update(contact_name=name)


@operation("ui.close", "关闭", roles=[Role.PROVINCIAL_OFFICER])
def close(act: Act, subject: Organization) -> Organization:
    return subject


def _bulk_rename(request: PageRequest, rows: Any, data: dict[str, Any]) -> str:
    return f"已处理{rename(request.actor, None, rows=rows, name=data['reason'])}条"


def _bulk_mark(request: PageRequest, rows: Any, data: dict[str, Any]) -> str:
    return f"已标记{rows.update(contact_phone='marked')}条"


ORGANIZATIONS: Register[Organization] = Register(
    code="test.organizations",
    title="机构台账",
    rows=lambda actor: Organization.objects.select_related("parent"),
    columns=[
        Column("name", "机构名称", sort="name"),
        Column("kind", "类别", kind=Kind.BADGE),
        Column("parent__name", "上级机构", sort="parent__name"),
        Column("version", "版本", kind=Kind.NUMBER, sort="version"),
        Column("created_at", "建立时间", kind=Kind.MOMENT, sort="created_at"),
        Column("active", "在用", kind=Kind.FLAG),
        Column("contact_name", "联系人", shown=False),
    ],
    filters=OrganizationFilter,
    search=("name__icontains", "school_code__startswith"),
    search_hint="名称或学校标识码",
    order="-pk",
    url=lambda each: f"/record/{each.pk}/",
    actions=[
        BulkAction("mark", "标记", _bulk_mark),
        BulkAction("rename", "批量改名", _bulk_rename, confirm="改名后对方会收到消息。", form=ReasonForm),
        BulkAction("drop", "清除", _bulk_mark, style="danger", roles=frozenset({Role.SYSTEM_ADMIN})),
    ],
    empty="还没有机构。请先导入机构表。",
)


@page
def organizations(request: PageRequest) -> HttpResponseBase:
    return ORGANIZATIONS.respond(request)


JOBS: Register[Job] = Register(
    code="test.jobs",
    title="任务",
    rows=Job.objects.visible_to,
    columns=[Column("title", "任务"), Column("state", "状态", kind=Kind.BADGE)],
    empty="还没有任务。请先发起一个。",
    exports=False,
)


@page
def nothing(request: PageRequest) -> HttpResponseBase:
    return JOBS.respond(request)


class LongForm(forms.Form):
    title = forms.CharField(label="标题", help_text="不超过50字")
    day = forms.DateField(label="日期", required=False, widget=DateInput)
    kind = forms.ChoiceField(label="类别", choices=OrganizationKind.choices, widget=SearchSelect)
    agree = forms.BooleanField(label="已核对")
    password = forms.CharField(label="口令", required=False, widget=forms.PasswordInput)


@page(roles=[Role.BUREAU_CLERK])
def long_form(request: PageRequest) -> HttpResponseBase:
    form = LongForm(request.POST or None)
    if form.is_valid():
        messages.success(request, "已保存")
        return HttpResponseRedirect("/")
    return render(request, "test/form.html", {"title": "填写方案", "form": form})


@page
def one_field(request: PageRequest) -> HttpResponseBase:
    form = ReasonForm(request.POST or None)
    if (
        form.is_valid()
        and submit(
            request, form, rename, None, rows=Organization.objects.none(), name=form.cleaned_data["reason"]
        )
        is not None
    ):
        return HttpResponseRedirect("/")
    return render(request, "test/form.html", {"title": "改名", "form": form})


@page
def performing(request: PageRequest) -> HttpResponseBase:
    perform(request, rename, None, rows=Organization.objects.none(), name=request.GET["name"])
    return render(request, "test/form.html", {"title": "办理", "form": ReasonForm()})


@page
def refusing(request: PageRequest) -> HttpResponseBase:
    raise Conflict("记录已被他人修改，请刷新后重新办理。", citation=CITATION)


@page
def record(request: PageRequest, pk: int) -> HttpResponseBase:
    subject = Organization.objects.get(pk=pk)
    chart = Chart(
        "各类机构",
        ChartKind.BAR,
        "类别",
        ["学校", "高职"],
        [Series("数量", [12, 1234]), Series("上年", [9, None])],
        "所",
    )
    context = {
        "title": subject.name,
        "subject": subject,
        "findings": FINDINGS,
        "close": close,
        "rename": rename,
        "chart": chart,
    }
    return render(
        request, "test/record.html", context | {"facts": [("类别", subject.get_kind_display()), ("地址", "")]}
    )


def crashing(request: Any) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    path("account/", include("portal.accounts.sign_in_urls")),
    path("", include(([path("organizations/", organizations, name="organizations")], "test"))),
    # The frame links to these where they exist.
    path("", include(([path("messages/", organizations, name="list")], "messages"))),
    path("", include(([path("switch/", organizations, name="switch")], "accounts"))),
    path("nothing/", nothing),
    path("form/", long_form),
    path("one/", one_field),
    path("perform/", performing),
    path("refuse/", refusing),
    path("record/<int:pk>/", record, name="record"),
    path("crash/", crashing),
    path("", include("portal.ui.urls")),
]
