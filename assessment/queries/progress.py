"""How far a programme is, on one screen: nominated → registered → opened → attended → graded → settled, and what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import NOT_NOMINATED, STANDING, Arrival, Enrollment, EnrollmentState, Nomination
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from programs.hooks import class_conditions
from programs.models import Category, ClassState, Deliverable, Program, TrainingClass

# The columns: the figure's name and its word. People first, then classes.
PEOPLE = (
    ("nominated", gettext_lazy("推荐")),
    ("registered", gettext_lazy("报名")),
    ("confirmed", gettext_lazy("确认")),
    ("attended", gettext_lazy("报到")),
    ("graded", gettext_lazy("已评定")),
)
CLASSES = (
    ("published", gettext_lazy("已发布班")),
    ("opened", gettext_lazy("已开班")),
    ("finished", gettext_lazy("已结班")),
    ("results", gettext_lazy("已公布结果")),
    ("settled", gettext_lazy("已结算")),
)
DIMENSIONS = (
    ("category", gettext_lazy("按类别")),
    ("district", gettext_lazy("按区县院校")),
    ("base", gettext_lazy("按培训基地")),
)


@dataclass
class Line:
    """One category, district or base. A district has people and no classes: these are its bases'."""

    key: int
    name: str
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> list[tuple[int, str]]:
        """The figures in the order of the columns, each with the address of its rows (or "")."""
        return [(self.counts[name], self.links.get(name, "")) for name, _word in (*PEOPLE, *CLASSES, OVERDUE)]


OVERDUE = ("overdue", gettext_lazy("逾期材料"))
HEADS = (*PEOPLE, *CLASSES, OVERDUE)


def lines(program: Program, by: str, today: date) -> list[Line]:
    """The programme by one dimension. Six queries, and those of the figures plugged in, whatever its size."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    _people(counts, program, by)
    if by != "district":
        _classes(counts, program, by, today)
    names = dict(_names(by, counts))
    return [Line(key, name, counts[key], _links(program, by, key)) for key, name in names.items()]


def total(found: Iterable[Line], program: Program, by: str) -> Line:
    """All lines together."""
    whole = Line(0, _("合计"), links=_links(program, by))
    for line in found:
        for name, count in line.counts.items():
            whole.counts[name] += count
    return whole


def _people(counts: dict[int, dict[str, int]], program: Program, by: str) -> None:
    nominated = Nomination.objects.filter(program=program).exclude(state__in=NOT_NOMINATED).order_by()
    _add(counts, nominated.annotate(key=_path(by)).values("key").annotate(nominated=Count("pk")))
    rows = Enrollment.objects.filter(project__program=program, state__in=STANDING).order_by()
    confirmed = Q(state=EnrollmentState.CONFIRMED)
    _add(
        counts,
        rows.annotate(key=_path(by))
        .values("key")
        .annotate(
            registered=Count("pk", filter=~Q(registered_at=None)),
            confirmed=Count("pk", filter=confirmed),
            attended=Count("pk", filter=confirmed & Q(check_in__state=Arrival.PRESENT)),
            graded=Count("pk", filter=Q(grade__final=True)),
        ),
    )


def _classes(counts: dict[int, dict[str, int]], program: Program, by: str, today: date) -> None:
    path = "base" if by == "base" else "project__category"
    rows = TrainingClass.objects.published().filter(project__program=program).order_by()
    overdue = Deliverable.objects.overdue(today).filter(training_class=OuterRef("pk")).order_by()
    number = overdue.values("training_class").annotate(count=Count("pk")).values("count")
    found = rows.annotate(late=Subquery(number)).values_list("pk", path, "state", "late")
    published, settled = _behind("results", rows), _behind("settled", rows)
    for pk, key, state, late in found:
        line = counts[key]
        line["published"] += 1
        line["opened"] += state in (ClassState.OPEN, ClassState.FINISHED)
        line["finished"] += state == ClassState.FINISHED
        line["results"] += pk in published
        line["settled"] += pk in settled
        line["overdue"] += late or 0


def _behind(name: str, classes: QuerySet[TrainingClass]) -> set[int]:
    """Of `classes` those that the list behind the figure `name` shows; none where no app knows of it. One query."""
    condition = class_conditions.get(name)
    return set(condition(classes).values_list("pk", flat=True)) if condition else set()


def _path(by: str) -> Combinable:
    """What a person's row is counted under; a college answers for itself, a school's people under its district."""
    if by == "base":
        return F("project__base")
    if by == "category":
        return F("project__category")
    return Case(When(school__kind=Kind.SCHOOL, then=F("school__parent")), default=F("school"))


def _add(counts: dict[int, dict[str, int]], rows: Iterable[Mapping[str, Any]]) -> None:
    """Add each row's figures to the line that its `key` names."""
    for row in rows:
        if row["key"] is not None:
            for name in row.keys() - {"key"}:
                counts[row["key"]][name] += row[name]


def _names(by: str, keys: Iterable[int]) -> list[tuple[int, str]]:
    if by == "category":
        return list(Category.objects.filter(pk__in=[*keys]).order_by("position").values_list("pk", "name"))
    units = Organization.objects.filter(pk__in=[*keys]).order_by("path")
    return [(each.pk, each.label) for each in units]


def _links(program: Program, by: str, key: int | None = None) -> dict[str, str]:
    """Where the rows behind a line's figures are; without a key, behind the sums of all lines."""
    of_line = {"program": str(program.pk)} | ({by: str(key)} if key else {})

    def rows(name: str, **more: str) -> str:
        return f"{reverse(name)}?{urlencode(of_line | more)}"

    confirmed = {"state": EnrollmentState.CONFIRMED.value}
    people = {
        "nominated": rows("enrollment:nominations", having="put_forward"),
        "registered": rows("enrollment:enrollments", having="registered"),
        "confirmed": rows("enrollment:enrollments", **confirmed),
        "attended": rows("enrollment:enrollments", **confirmed, check_in=Arrival.PRESENT.value),
        "graded": rows("assessment:grade_list", having="standing", final="true"),
    }
    if by == "district":
        return people
    having = ("published", "opened", "results", "settled")
    classes = {name: rows("programs:classes", having=name) for name in having}
    classes["finished"] = rows("programs:classes", state=ClassState.FINISHED.value)
    return people | classes | {"overdue": rows("programs:owed_list", status="overdue")}
