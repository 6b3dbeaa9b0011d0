"""The import of grades: each row's person found, each class's caps counted before anything is written. CQ20-5.2."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Grade, GradeLevel
from assessment.services.grading import GIVEN, Entry, GradedClasses, record_grades
from assessment.services.tallying import most_of
from assessment.sheets import grade_sheet, scale_of
from enrollment.models import Arrival, Enrollment
from portal.errors import Invalid
from portal.operations.actor import Actor
from portal.people.codes import DocumentType
from portal.people.models import id_digest
from portal.rulebook.models import Rulebook
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.layout import Sheet
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from programs.models import ClassState, TrainingClass
from programs.scopes import RUNNERS, followed_by

KIND = "assessment.grades"


@dataclass(frozen=True)
class Person:
    """Who may be graded: enrolment, class, name."""

    key: int
    training_class: int
    name: str


@dataclass
class Roll:
    """Everybody of the classes who has come, by number and by document digest, and how the capped levels stand."""

    classes: dict[int, str]
    by_key: dict[int, Person] = field(default_factory=dict)
    by_digest: dict[str, list[Person]] = field(default_factory=lambda: defaultdict(list))
    held: dict[int, int | None] = field(default_factory=dict)
    used: Counter[tuple[int, int]] = field(default_factory=Counter)
    trainees: Counter[int] = field(default_factory=Counter)
    levels: dict[str, GradeLevel] = field(default_factory=dict)


def prepare(actor: Actor, params: Mapping[str, str]) -> Context:
    """For one class (`class`), or for every open class of a programme that one runs (`program`)."""
    rows = followed_by(actor).select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    )
    if actor.role not in RUNNERS:
        rows = rows.none()
    wanted = params.get("class", ""), params.get("program", "")
    if wanted[0].isdecimal():
        rows = rows.filter(pk=int(wanted[0]))
    elif wanted[1].isdecimal():
        rows = rows.filter(project__program=int(wanted[1]), state=ClassState.OPEN)
    else:
        rows = rows.none()
    found = list(rows)
    if not found:
        raise Invalid(_("没有可登记成绩的班级，请从班级的成绩页面进入。"), field="class")
    refused = record_grades.refusal(actor, GradedClasses(*found))
    if refused:
        raise refused
    name = found[0].name if len(found) == 1 else _("本单位%(count)d个班级") % {"count": len(found)}
    return {"classes": [each.pk for each in found], "rulebook": found[0].rulebook.pk, "name": name}


def layout(context: Context) -> Sheet:
    return grade_sheet(scale_of(Rulebook(pk=context["rulebook"])))


def choices(context: Context) -> Mapping[str, Sequence[str]]:
    """The drop-down of classes."""
    return {"class": list(_classes(context).values())}


def judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row, four queries. Caps are counted in the order of the sheet, over what is stored."""
    roll = _roll(batch.context)
    seen: set[int] = set()
    placed = [(row, _person(row, roll)) for row in rows]
    _free_regraded(roll, placed)
    for row, found in placed:
        yield _verdict(row, found, roll, seen)


def take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    """Record the ready rows in one operation over all their classes."""
    keys = {row.payload["class"] for row in rows}
    found = TrainingClass.objects.filter(pk__in=keys).select_related(
        "project__program__rulebook", "project__program__office__parent", "base"
    )
    entries = [Entry(row.payload["enrollment"], _given(row.values)) for row in rows]
    changed = record_grades(actor, GradedClasses(*found.order_by("pk")), entries=entries)
    url = (
        reverse("assessment:class_grades", args=[min(keys)])
        if len(keys) == 1
        else reverse("assessment:grade_list")
    )
    return Receipt(len(rows), [(_("成绩"), _("%(count)d人有改动") % {"count": changed})], url)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in GIVEN if values.get(name) not in (None, "")}


def _classes(context: Context) -> dict[int, str]:
    return dict(TrainingClass.objects.filter(pk__in=context["classes"]).values_list("pk", "name"))


def _roll(context: Context) -> Roll:
    roll = Roll(_classes(context))
    levels = GradeLevel.objects.filter(rulebook=context["rulebook"]).select_related("clause__notice")
    roll.levels = {each.code: each for each in levels}
    present = Enrollment.objects.on_roster().filter(
        training_class__in=roll.classes, check_in__state=Arrival.PRESENT
    )
    columns = present.order_by().values_list("pk", "training_class", "teacher__name", "teacher__id_digest")
    for key, training_class, name, digest in columns:
        person = Person(key, training_class or 0, name)
        roll.by_key[key] = person
        roll.by_digest[digest].append(person)
        roll.trainees[person.training_class] += 1
    stored = Grade.objects.filter(enrollment__training_class__in=roll.classes).exclude(level=None)
    for key, training_class, level in stored.order_by().values_list(
        "enrollment", "enrollment__training_class", "level"
    ):
        roll.held[key] = level
        roll.used[training_class or 0, level or 0] += 1
    return roll


def _person(row: ParsedRow, roll: Roll) -> Person | CellFinding:
    """Whom a row means, or why nobody."""
    number, document = row.values.get("number"), row.values.get("id_number")
    if number:
        candidates = [roll.by_key[int(number)]] if number.isdecimal() and int(number) in roll.by_key else []
        column = "number"
    elif document:
        candidates = [each for digest in _digests(document) for each in roll.by_digest.get(digest, [])]
        column = "id_number"
    else:
        return row.finding("id_number", _("请填写身份证号，或保留导出成绩表中的编号"))
    named = row.values.get("class")
    candidates = [each for each in candidates if not named or roll.classes[each.training_class] == named]
    if not candidates:
        return row.finding(column, _("不在所选班级已报到的学员中，请核对证件号和班级；未报到的不参加考核"))
    if len(candidates) > 1:
        return row.finding("class", _("此人参加了不止一个班级，请填写班级名称"))
    if candidates[0].name != row.values.get("name"):
        return row.finding("name", _("姓名与学员档案不一致，请核对"))
    return candidates[0]


def _digests(document: str) -> Iterator[str]:
    """The digests under which the number may rest: an eighteen-digit one is an ID card's."""
    yield id_digest(DocumentType.RESIDENT_ID, document)
    if len(document) != 18:
        yield from (id_digest(each, document) for each in DocumentType if each != DocumentType.RESIDENT_ID)


def _free_regraded(roll: Roll, placed: Sequence[tuple[ParsedRow, Person | CellFinding]]) -> None:
    """Who gets a new level by the sheet leaves the old one first, so that an exchange is no breach."""
    for row, found in placed:
        if isinstance(found, Person) and row.values.get("level"):
            level = roll.held.pop(found.key, None)
            if level is not None:
                roll.used[found.training_class, level] -= 1


def _verdict(row: ParsedRow, found: Person | CellFinding, roll: Roll, seen: set[int]) -> RowVerdict:
    if isinstance(found, CellFinding):
        return RowVerdict(row, Outcome.ERROR, [found])
    if found.key in seen:
        return RowVerdict(row, Outcome.ERROR, [row.finding("name", _("此人在表中重复出现"))])
    if not _given(row.values):
        return RowVerdict(row, Outcome.ERROR, [row.finding("", _("本行没有填写任何成绩"))])
    seen.add(found.key)
    over = _over_cap(row, found, roll)
    if over:
        return RowVerdict(row, Outcome.CONFLICT, [over])
    return RowVerdict(row, Outcome.READY, [], {"enrollment": found.key, "class": found.training_class})


def _over_cap(row: ParsedRow, found: Person, roll: Roll) -> CellFinding | None:
    level = roll.levels.get(row.values.get("level") or "")
    if level is None:
        return None
    used = roll.used[found.training_class, level.pk]
    most = most_of(level, roll.trainees[found.training_class])
    if level.cap is not None and used >= most:
        words = _("“%(class)s”的“%(level)s”最多%(most)d人（参训%(trainees)d人），名额已满") % {
            "class": roll.classes[found.training_class],
            "level": level,
            "most": most,
            "trainees": roll.trainees[found.training_class],
        }
        return row.finding("level", words, citation=level.clause.citation if level.clause else None)
    roll.used[found.training_class, level.pk] += 1
    return None


register(
    ImportKind(
        code=KIND,
        label=gettext_lazy("学员成绩表"),
        sheet=layout,
        judge=judge,
        take=take,
        prepare=prepare,
        choices=choices,
        about=lambda context: str(context["name"]),
    )
)
