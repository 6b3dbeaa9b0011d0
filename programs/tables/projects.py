"""The lists of programmes, projects and classes."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.operations.actor import Actor
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import Organization, label_of
from portal.ui.filters import FilterSet, carried, meeting
from portal.ui.register import Column, Kind, Register, leads_to
from programs.hooks import class_conditions
from programs.models import ANNOUNCED, Category, ClassState, Program, Project, TrainingClass


def _categories(request: Any) -> QuerySet[Category]:
    return Category.objects.filter(program__in=Program.objects.visible_to(request.actor))


def bases(request: Any) -> QuerySet[Organization]:
    return Organization.objects.active().of(OrganizationKind.BASE).filter(projects__isnull=False).distinct()


def yes_no() -> forms.Select:
    """The choice of a filter that may also be left open."""
    return forms.Select(
        choices=[("", gettext_lazy("全部")), ("true", gettext_lazy("是")), ("false", gettext_lazy("否"))]
    )


class ProjectFilter(FilterSet):
    category = django_filters.ModelChoiceFilter(label=gettext_lazy("类别"), queryset=_categories)
    base = django_filters.ModelChoiceFilter(label=gettext_lazy("承担单位"), queryset=bases)
    open_quota = django_filters.BooleanFilter(label=gettext_lazy("名额由基地另行通知"), widget=yes_no())
    unpublished = django_filters.BooleanFilter(
        label=gettext_lazy("尚未发布编班"), method="without_class", widget=yes_no()
    )

    class Meta:
        model = Project
        fields = ["category", "base", "open_quota"]

    def without_class(self, rows: QuerySet[Project], name: str, value: bool) -> QuerySet[Project]:
        """Projects none of whose classes is published, or the others."""
        published = TrainingClass.objects.published().values("project_id")
        return rows.exclude(pk__in=published) if value else rows.filter(pk__in=published)


class ClassFilter(FilterSet):
    state = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=ClassState.choices)
    base = django_filters.ModelChoiceFilter(label=gettext_lazy("承担单位"), queryset=bases)
    starts_after = django_filters.DateFilter(
        label=gettext_lazy("开班不早于"), field_name="starts_on", lookup_expr="gte"
    )
    starts_before = django_filters.DateFilter(
        label=gettext_lazy("开班不晚于"), field_name="starts_on", lookup_expr="lte"
    )

    # Not offered to choose from: by these the figures of other pages lead to their classes.
    category = carried("project__category")
    program = carried("project__program")
    having = meeting(class_conditions)

    class Meta:
        model = TrainingClass
        fields = ["state", "base"]


class_conditions |= {
    "published": lambda rows: rows.filter(state__in=ANNOUNCED),
    "opened": lambda rows: rows.filter(state__in=[ClassState.OPEN, ClassState.FINISHED]),
}


def project_rows(actor: Actor) -> QuerySet[Project]:
    """The projects the actor sees, with what the list shows. One query."""
    return Project.objects.visible_to(actor).select_related("category", "base", "program")


def class_rows(actor: Actor) -> QuerySet[TrainingClass]:
    return TrainingClass.objects.visible_to(actor).select_related("project", "base")


PROJECTS: Register[Project] = Register(
    "programs.projects",
    gettext_lazy("项目台账"),
    rows=project_rows,
    columns=[
        Column("code", gettext_lazy("项目编号"), sort="code"),
        Column("name", gettext_lazy("项目名称"), sort="name"),
        Column("category__name", gettext_lazy("项目类别"), sort="category__position"),
        Column(
            "base",
            gettext_lazy("承担单位"),
            value=lambda row: row.base.label if row.base else "",
            reads=label_of("base"),
        ),
        Column("seats", gettext_lazy("人数"), Kind.NUMBER, sort="seats"),
        Column("days", gettext_lazy("天数"), Kind.NUMBER, sort="days"),
        Column("hours", gettext_lazy("学时"), Kind.NUMBER, sort="hours"),
        Column("open_quota", gettext_lazy("名额由基地通知"), Kind.FLAG),
        Column("mode", gettext_lazy("培训方式"), shown=False),
        Column("note", gettext_lazy("备注"), shown=False),
    ],
    filters=ProjectFilter,
    search=("code__startswith", "name__icontains", "initials__startswith"),
    search_hint=gettext_lazy("编号、名称或拼音首字母"),
    order="code",
    url=leads_to("programs:project"),
    reads=(),
    empty=gettext_lazy("还没有项目。项目办可在计划页面新增项目，或导入项目说明表（附件2）。"),
)

CLASSES: Register[TrainingClass] = Register(
    "programs.classes",
    gettext_lazy("班级台账"),
    rows=class_rows,
    columns=[
        Column("name", gettext_lazy("班级"), sort="name"),
        Column("project__code", gettext_lazy("项目编号"), sort="project__code"),
        Column("base", gettext_lazy("承担单位"), value=lambda row: row.base.label, reads=label_of("base")),
        Column("state", gettext_lazy("状态"), Kind.BADGE),
        Column("starts_on", gettext_lazy("开班日期"), Kind.DATE, sort="starts_on"),
        Column("ends_on", gettext_lazy("结束日期"), Kind.DATE),
        Column("place", gettext_lazy("培训地点")),
        Column("taken", gettext_lazy("已编入"), Kind.NUMBER, sort="taken"),
        Column("capacity", gettext_lazy("容量"), Kind.NUMBER, sort="capacity"),
        Column("contact_name", gettext_lazy("联系人"), shown=False),
        Column("contact_phone", gettext_lazy("联系电话"), shown=False),
    ],
    filters=ClassFilter,
    search=("name__icontains", "project__code__startswith", "project__initials__startswith"),
    search_hint=gettext_lazy("班级名称或项目编号"),
    order="starts_on",
    url=leads_to("programs:class"),
    reads=(),
    empty=gettext_lazy("还没有班级。培训基地在项目页面编班，发布后区县和院校可见。"),
)


def audience_words(project: Project) -> list[tuple[str, str]]:
    """The conditions of a project's audience as (label, words); the original wording first."""
    audience = getattr(project, "audience", None)
    if audience is None:
        return []
    from portal.people.codes import Stage, TitleLevel

    rows = [
        (_("培训对象"), audience.text),
        (_("学段"), "、".join(str(Stage(each).label) for each in audience.stages)),
        (_("学校类别"), "、".join(str(OrganizationKind(each).label) for each in audience.school_kinds)),
        (_("专业"), "、".join(audience.subjects)),
        (
            _("职称"),
            _("%(level)s及以上") % {"level": TitleLevel(audience.min_title_level).label}
            if audience.min_title_level
            else "",
        ),
        (_("教龄"), _("满%(years)d年") % {"years": audience.min_years} if audience.min_years else ""),
        (_("年龄"), _("不超过%(age)d岁") % {"age": audience.max_age} if audience.max_age else ""),
        (_("职务"), "、".join(audience.posts)),
        (_("双师型"), _("须为双师型教师") if audience.double_qualified else ""),
    ]
    return [(label, words) for label, words in rows if words]
