"""Results out to the national teacher system, and saying that they are in it. Source: CQ20-5.4, domain facts §5.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment import national
from assessment.models import ClassResults, ExportLayout, Result
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from programs.models import Program
from programs.services.deliverables import deliver

IMPORT = "results_import"
EXPORTERS = (Role.BASE_ADMIN, *OFFICE)


def columns_of(program: Program) -> list[str]:
    """The columns of the programme's export, in order: its own layout, or the standard one. One query."""
    layout = ExportLayout.objects.filter(program=program).first()
    return list(layout.columns) if layout else list(national.STANDARD)


@operation(
    "assessment.arrange_export",
    gettext_lazy("设置教师系统导出格式"),
    roles=OFFICE,
    scope=within("office"),
    clauses=["CQ20-5.4"],
)
def arrange_export(act: Act, program: Program, *, columns: Sequence[str]) -> ExportLayout:
    """Choose the columns and their order. Raises Invalid for an unknown or repeated one, or when a required one is missing."""
    unknown = [key for key in columns if key not in national.FIELDS]
    if unknown or len(set(columns)) < len(columns):
        raise Invalid(_("导出列有重复或不存在，请刷新页面后重新选择。"), field="columns")
    missing = [str(national.FIELDS[key][0]) for key in national.REQUIRED if key not in columns]
    if missing:
        raise Invalid(
            _("教师系统要求的列不能省略：%(names)s。") % {"names": "、".join(missing)}, field="columns"
        )
    before = columns_of(program)
    made, _created = ExportLayout.objects.update_or_create(program=program, defaults={"columns": [*columns]})
    act.changed(program, before={"columns": before}, after={"columns": [*columns]})
    return made


@operation(
    "assessment.export_national",
    gettext_lazy("导出教师系统培训结果（完整证件号）"),
    roles=EXPORTERS,
    scope=own("training_class.base") | within("training_class.project.program.office"),
    clauses=["CQ20-5.4"],
)
def export_national(act: Act, results: ClassResults, *, reason: str) -> IO[bytes]:
    """The open xlsx of a class's results with full ID numbers; each is audited. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid(_("导出含完整证件号，请填写用途。"), field="reason")
    act.reason = reason.strip()
    program = results.training_class.project.program
    rows = list(
        Result.objects.filter(results=results)
        .select_related(
            "level",
            "certificate",
            "results__training_class__base",
            "enrollment__teacher",
            "enrollment__school",
            "enrollment__project__program",
        )
        .order_by("enrollment__teacher__sort_key", "pk")
    )
    act.changed(results, after={"count": len(rows), "full": True})
    act.list_rows({"result": each.pk, "name": each.enrollment.teacher.name} for each in rows)
    title = _("%(name)s培训结果") % {"name": results.training_class}
    return national.write(rows, columns_of(program), title=title, watermark=_watermark(act))


@operation(
    "assessment.mark_imported",
    gettext_lazy("登记已导入教师管理信息系统"),
    roles=[Role.BASE_ADMIN],
    scope=own("training_class.base"),
    clauses=["CQ20-3.6", "CQ20-5.4"],
    system=True,
)
def mark_imported(act: Act, results: ClassResults, *, note: str = "") -> ClassResults:
    """Say that the class's results are in the national system; what the base owes as `results_import` is handed in."""
    if results.imported_at is not None:
        raise WrongState(_("本班结果已登记导入，无需重复登记。"))
    results.imported_at, results.imported_by_name = act.now, act.actor.name
    results.save(update_fields=["imported_at", "imported_by_name"])
    title = _("“%(name)s”培训结果已导入教师管理信息系统") % {"name": results.training_class}
    text = _("共%(count)d人。%(note)s") % {"count": results.trainees, "note": note.strip()}
    deliver(act, results.training_class, IMPORT, title=title, text=text)
    act.changed(results, after={"imported": results.trainees})
    return results


def _watermark(act: Act) -> str:
    words = _(
        "本表含个人敏感信息，由%(organization)s %(who)s于%(when)s导出，用途：%(reason)s。仅供导入教师系统，严禁外传。"
    )
    return words % {
        "organization": act.actor.organization or "",
        "who": act.actor.name,
        "when": timezone.localtime(act.now).strftime("%Y-%m-%d %H:%M"),
        "reason": act.reason,
    }
