"""The import of schools' sheets: each row judged before anything is written, then all ready ones taken at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import NotAllowed
from portal.operations.actor import Actor
from portal.organizations.checks import clean_data, problems_of
from portal.organizations.kinds import TOP, Kind
from portal.organizations.models import Organization
from portal.organizations.permits import KEEPERS
from portal.organizations.problems import Problem
from portal.organizations.services.imports import Known, SchoolRow, import_schools, known_schools
from portal.organizations.sheets import SCHOOLS
from portal.rulebook.findings import Verdict
from portal.sheets.findings import CellFinding
from portal.sheets.imports import Context, ImportKind, ReadyRow, Receipt, RowVerdict, register
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from portal.text import fold, normalise

_DATA = (
    "school_code",
    "contact_name",
    "contact_phone",
    "address",
    "remark",
    "ownership",
    "credit_code",
    "locality",
)


@dataclass(frozen=True)
class Superiors:
    """The bodies under which a sheet's schools may come: bureaus by region name, and the top."""

    bureaus: Sequence[Organization]
    top: Organization | None

    @classmethod
    def of(cls, organization: Organization | None) -> Superiors:
        """Those in the organisation's reach. One query."""
        found = Organization.objects.active().of(Kind.BUREAU, *TOP).order_by("path")
        within = list(found.under(organization.reach) if organization else found)
        top = next((each for each in within if each.kind in TOP), None)
        return cls([each for each in within if each.kind == Kind.BUREAU], top)

    def find(self, kind: str, district: str) -> tuple[Organization | None, str]:
        """The superior of a school of `kind` in `district` (its name or the bureau's), or why there is none."""
        if kind == Kind.COLLEGE:
            return self.top, "" if self.top else _(
                "高职院校由省级或项目办导入。请删除此行，或联系项目办办理。"
            )
        found = [each for each in self.bureaus if not district or self._fits(each, fold(district))]
        if len(found) == 1:
            return found[0], ""
        if not found:
            message = _("“%(district)s”不在您管理的区县中。请核对地区名称；新区县请先在机构管理中登记。")
            return None, message % {"district": district}
        message = _("“%(district)s”对应多个区县教育行政部门。请在三级地区填写全称。")
        return None, message % {"district": district} if district else _(
            "未填写三级地区。请填写学校所在区县。"
        )

    @staticmethod
    def _fits(bureau: Organization, district: str) -> bool:
        return fold(bureau.name).startswith(district) or fold(bureau.short_name) == district


def prepare(actor: Actor, params: Mapping[str, str]) -> Context:
    """Refuse whoever may not import schools."""
    if actor.role not in KEEPERS:
        raise NotAllowed(_("您当前的角色不能导入学校。请由区县教育行政部门或项目办办理。"))
    return {}


def judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterator[RowVerdict]:
    """One verdict a row. Four queries, whatever the number of rows."""
    superiors = Superiors.of(batch.organization)
    placed = [(each, *_place(each, superiors)) for each in rows]
    beside = Beside.of([row for _parsed, row, _problem in placed if row], batch.organization)
    for parsed, row, problem in placed:
        if row is None:
            yield RowVerdict(parsed, Outcome.ERROR, [parsed.finding("district", problem)])
        else:
            yield _verdict(parsed, row, beside)


def _place(parsed: ParsedRow, superiors: Superiors) -> tuple[SchoolRow | None, str]:
    values = parsed.values
    parent, problem = superiors.find(values["kind"], values.get("district") or values.get("city") or "")
    return (school_row(values, parent), "") if parent else (None, problem)


def school_row(values: Mapping[str, Any], parent: Organization) -> SchoolRow:
    """The school that a sheet's values (column key → typed value) describe, under `parent`."""
    data = clean_data({name: values.get(name) for name in _DATA})
    return SchoolRow(parent, values["kind"], normalise(values["name"]), data)


def _verdict(parsed: ParsedRow, row: SchoolRow, beside: Beside) -> RowVerdict:
    problems = [*_own_problems(row), *beside.problems(row)]
    findings = [_finding(parsed, each) for each in problems]
    payload = {"parent": row.parent.pk}
    conflicts = [_finding(parsed, each) for each in beside.conflicts(row)]
    if conflicts:
        return RowVerdict(parsed, Outcome.CONFLICT, [*findings, *conflicts], payload)
    return RowVerdict(parsed, Outcome.READY, findings, payload)


def _own_problems(row: SchoolRow) -> list[Problem]:
    said = {name: value for name, value in row.data.items() if value}
    return problems_of(Organization(parent=row.parent, kind=row.kind, name=row.name, **said))


def _finding(parsed: ParsedRow, problem: Problem) -> CellFinding:
    severity = Verdict.BLOCK if problem.blocks else Verdict.WARN
    return parsed.finding(problem.field, problem.message, severity=severity)


@dataclass
class Beside:
    """What stands beside a row: the schools that exist, who bears which credit code, the file's other rows."""

    known: Known
    credit_owners: Mapping[tuple[str, str], Organization]
    times: Counter[tuple[str, ...]]
    organization: Organization | None

    @classmethod
    def of(cls, rows: Sequence[SchoolRow], organization: Organization | None) -> Beside:
        """Three queries for any number of rows."""
        credits = Organization.objects.filter(
            credit_code__in={row.data["credit_code"] for row in rows} - {""}
        )
        owners = {(each.credit_code, each.kind): each for each in credits}
        return cls(
            known_schools(rows), owners, Counter(key for row in rows for key in _keys(row)), organization
        )

    def problems(self, row: SchoolRow) -> list[Problem]:
        """The same school twice in the file."""
        message = _(
            "表中有另一行的学校编码、信用代码或名称与此行相同。同一学校只能填写一行，请删除多余的行。"
        )
        return [Problem("repeated", message, field=key[0]) for key in _keys(row) if self.times[key] > 1][:1]

    def conflicts(self, row: SchoolRow) -> list[Problem]:
        """Why the record that exists cannot take the row."""
        school = self.known.find(row)
        owner = self.credit_owners.get((row.data["credit_code"], row.kind))
        found = list(self._with_known(school, row)) if school else []
        if owner and owner != school:
            message = _("此统一社会信用代码已属于“%(owner)s”。请核对；如为同一单位，请办理合并。")
            found.append(Problem("taken", message % {"owner": owner}, field="credit_code"))
        return found

    def _with_known(self, school: Organization, row: SchoolRow) -> Iterator[Problem]:
        if self.organization and not self.organization.covers(school):
            yield Problem("elsewhere", _("此学校编码属于其他区县的学校。请核对编码。"), field="school_code")
        elif not school.active:
            message = _("“%(school)s”已停用。如需继续使用，请先办理恢复。")
            yield Problem("inactive", message % {"school": school}, field="school_code")
        elif (school.kind, school.parent_id) != (row.kind, row.parent.pk):
            message = _(
                "此学校编码登记为“%(school)s”，其类别或所属区县与本行不同。请先调整上级机构，或核对本行。"
            )
            yield Problem("moved", message % {"school": school}, field="school_code")
        elif school.name != row.name:
            message = _("此学校编码登记的名称是“%(school)s”。学校改名的，请办理机构更名；否则请核对编码。")
            yield Problem("renamed", message % {"school": school}, field="name")


def _keys(row: SchoolRow) -> list[tuple[str, ...]]:
    """Under which a row must be the only one of its file."""
    named = ("name", str(row.parent.pk), row.kind, fold(row.name))
    codes = [(field, row.data[field]) for field in ("school_code", "credit_code") if row.data[field]]
    return [*codes, named]


def take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    """Take the ready rows in one operation."""
    parents = Organization.objects.in_bulk({row.payload["parent"] for row in rows})
    ready = [school_row(row.values, parents[row.payload["parent"]]) for row in rows]
    done = import_schools(actor, None, rows=ready)
    lines = [
        (_("新增"), _("%(count)d所") % {"count": len(done.created)}),
        (_("更新"), _("%(count)d所") % {"count": len(done.updated)}),
        (_("无变化"), _("%(count)d所") % {"count": done.unchanged}),
    ]
    return Receipt(len(rows), lines, reverse("organizations:list"))


register(
    ImportKind(
        code="organizations.schools",
        label=gettext_lazy("学校信息"),
        sheet=SCHOOLS,
        judge=judge,
        take=take,
        prepare=prepare,
    )
)
