"""Forms of inspections: planning, the record on the spot, follow-up, circulating."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from assessment.coverage import unvisited
from assessment.models import Inspection, InspectionItem, InspectionMark, InspectionPoint, Method, PointState
from assessment.services.inspections import VisitPlan, eligible_inspectors
from assessment.services.visiting import PointDraft, VisitRecord
from portal import clock
from portal.accounts.models import User
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.ui.widgets import DateInput, FilesField, SearchSelectMultiple
from programs.models import Program, Project, TrainingClass

# So many empty places for findings stand below those written; saving gives as many again.
SPARE = 3


class PlanForm(forms.Form):
    """When, how, by whom; `projects` are offered where several may be planned at once, classes where there is one."""

    planned_on = forms.DateField(label=_("视导日期"), widget=DateInput)
    method = forms.ChoiceField(label=_("视导方式"), choices=Method.choices)
    inspectors = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("视导人员"), widget=SearchSelectMultiple, help_text=_("可多选")
    )

    def __init__(self, program: Program, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inspectors"].queryset = eligible_inspectors(program)  # type: ignore[attr-defined]
        if project is None:
            self.fields["projects"] = ProjectsField(unvisited(program))
        else:
            classes = TrainingClass.objects.published().filter(project=project)
            self.fields["training_class"] = forms.ModelChoiceField(
                classes, label=_("班级"), required=False, empty_label=_("整个项目")
            )

    def plan(self) -> VisitPlan:
        given = self.cleaned_data
        return VisitPlan(
            given["planned_on"], given["method"], list(given["inspectors"]), given.get("training_class")
        )


class ProjectsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Projects that nobody has visited, to tick."""

    def __init__(self, rows: QuerySet[Project]) -> None:
        super().__init__(
            rows,
            label=_("尚未视导的项目"),
            widget=forms.CheckboxSelectMultiple,
            help_text=_("可一次安排多个项目"),
        )

    def label_from_instance(self, obj: Any) -> str:
        planned = _("（已安排）") if obj.due else ""
        return f"{obj} · {obj.base.label if obj.base else ''}{planned}"


class VisitForm(forms.Form):
    """The record as it is filled on a phone: points and a note for each item, then findings."""

    visited_on = forms.DateField(label=_("视导日期"), widget=DateInput)

    def __init__(
        self, inspection: Inspection, items: Sequence[InspectionItem], *args: Any, **kwargs: Any
    ) -> None:
        self.items = items
        self.points = list(inspection.points.all())
        super().__init__(*args, **kwargs | {"initial": self._stored(inspection)})
        for item in items:
            self._add_item(item)
        self.fields["opinion"] = _long(_("总体评价"))
        self.fields["advice"] = _long(_("意见建议"))
        self.places = range(len(self.points) + SPARE)
        for place in self.places:
            self._add_point(place)

    def record(self) -> VisitRecord:
        """What the form says; items left empty are not marked yet."""
        given = self.cleaned_data
        marks = {
            item.pk: (given[f"points_{item.pk}"], given[f"note_{item.pk}"])
            for item in self.items
            if given[f"points_{item.pk}"] is not None
        }
        by_key = {str(item.pk): item for item in self.items}
        points = [
            PointDraft(given[f"text_{each}"], by_key.get(given[f"item_{each}"]), given[f"demands_{each}"])
            for each in self.places
        ]
        return VisitRecord(given["visited_on"], given["opinion"], given["advice"], marks, points)

    def _add_item(self, item: InspectionItem) -> None:
        self.fields[f"points_{item.pk}"] = forms.DecimalField(
            label=_("%(item)s（满分%(points)d分）") % {"item": item.name, "points": item.points},
            min_value=Decimal(0),
            max_value=item.points,
            decimal_places=1,
            required=False,
            help_text=item.asks,
        )
        self.fields[f"note_{item.pk}"] = forms.CharField(
            label=_("%(item)s说明") % {"item": item.name}, max_length=300, required=False
        )

    def _add_point(self, place: int) -> None:
        choices = [("", _("不归类")), *((str(each.pk), each.name) for each in self.items)]
        number = {"number": place + 1}
        self.fields[f"text_{place}"] = _long(_("问题与发现%(number)d") % number, rows=2)
        self.fields[f"item_{place}"] = forms.ChoiceField(
            label=_("发现%(number)d所属内容") % number, choices=choices, required=False
        )
        self.fields[f"demands_{place}"] = forms.BooleanField(
            label=_("发现%(number)d须整改反馈") % number, required=False
        )

    def _stored(self, inspection: Inspection) -> dict[str, Any]:
        found: dict[str, Any] = {
            "visited_on": inspection.visited_on or clock.today(),
            "opinion": inspection.opinion,
            "advice": inspection.advice,
        }
        marks: QuerySet[InspectionMark] = inspection.marks.all()
        for mark in marks:
            found |= {f"points_{mark.item_id}": mark.points, f"note_{mark.item_id}": mark.note}
        for place in range(len(self.points) + SPARE):
            point = self.points[place] if place < len(self.points) else None
            found |= _point_values(place, point)
        return found


def _point_values(place: int, point: InspectionPoint | None) -> dict[str, Any]:
    if point is None:
        return {f"demands_{place}": True}
    return {
        f"text_{place}": point.text,
        f"item_{place}": str(point.item_id or ""),
        f"demands_{place}": point.state != PointState.NOTED,
    }


def _long(label: Any, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=2000, widget=forms.Textarea({"rows": rows})
    )


class FilesForm(forms.Form):
    files = FilesField(  # type: ignore[assignment]
        label=_("照片和资料"), help_text=_("照片（JPG、PNG）、PDF、Word、Excel，可多选")
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("整改情况"), widget=forms.Textarea({"rows": 3}), max_length=2000)


class SettleForm(forms.Form):
    opinion = forms.CharField(
        label=_("核实意见"), widget=forms.Textarea({"rows": 2}), max_length=1000, required=False
    )


class CircularForm(forms.Form):
    title = forms.CharField(label=_("标题"), max_length=120)
    text = forms.CharField(label=_("正文"), widget=forms.Textarea({"rows": 6}))
    inspections = forms.ModelMultipleChoiceField(
        Inspection.objects.none(), label=_("通报的视导"), widget=forms.CheckboxSelectMultiple
    )
    organizations = forms.ModelMultipleChoiceField(
        Organization.objects.none(),
        label=_("接收单位"),
        widget=SearchSelectMultiple,
        help_text=_("可选培训基地、区县和院校；通报只发给选中的单位"),
    )

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visited = Inspection.objects.visited().filter(project__program=program)
        rows = visited.select_related("project", "base").order_by("project__code")
        self.fields["inspections"] = VisitsField(rows)
        reach = Organization.objects.active().under(program.office.reach)
        kinds = [Kind.BASE, Kind.BUREAU, Kind.COLLEGE, Kind.SCHOOL]
        self.fields["organizations"].queryset = reach.filter(kind__in=kinds)  # type: ignore[attr-defined]
        self.order_fields(["title", "text", "inspections", "organizations"])


class VisitsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Visits that took place, to tick."""

    def __init__(self, rows: QuerySet[Inspection]) -> None:
        super().__init__(rows, label=_("通报的视导"), widget=forms.CheckboxSelectMultiple)

    def label_from_instance(self, obj: Any) -> str:
        return _("%(project)s · %(base)s · %(score)s分") % {
            "project": obj.project,
            "base": obj.base.label,
            "score": obj.score,
        }
