"""Nomination sheets (annex 4): drawn up, submitted with their stamped scan, taken back. Source: CQ20-6.2, CQ20-A4."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Nomination, NominationSheet, NominationState, SheetState
from enrollment.scans import check_scan
from enrollment.services import seats
from enrollment.services.judging import require_scan, scan_required
from enrollment.services.nominations import (
    NOMINATORS,
    PHASE,
    Proposal,
    Standing,
    draft_nominations,
    send,
)
from enrollment.states import NOMINATION, SHEET
from portal.accounts.roles import OFFICE, Role
from portal.errors import Invalid, RuleBroken, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own, within
from portal.people.services.bulk import TeacherRow, find_or_create_teachers
from portal.sheets.models import ImportBatch
from programs.models import Project

# Schools send their people to the bureau one by one; the stamped sheet is the bureaus' and colleges'.
SENDERS = (Role.BUREAU_CLERK, Role.BUREAU_APPROVER, Role.COLLEGE_ADMIN)


class SheetRow(NamedTuple):
    """One row of an uploaded sheet: the person as it gives them, and the project."""

    person: TeacherRow
    project: Project
    note: str = ""


@operation(
    "enrollment.draft_sheet",
    gettext_lazy("编制推荐汇总表"),
    roles=SENDERS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-6.1", "CQ20-A4"],
)
def draft_sheet(act: Act, standing: Standing, *, proposals: Sequence[Proposal]) -> NominationSheet:
    """Draw up a sheet of people chosen from the records; it holds their seats. Raises as `draft_nominations` does."""
    return _draw_up(act, standing, proposals, batch=None)


@operation(
    "enrollment.import_sheet",
    gettext_lazy("导入推荐汇总表"),
    roles=SENDERS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-6.1", "CQ20-6.2", "CQ20-A4"],
)
def import_sheet(
    act: Act, standing: Standing, *, rows: Sequence[SheetRow], batch: ImportBatch | None = None
) -> NominationSheet:
    """Draw up a sheet of uploaded rows; people without a record get one, records get what they lack.

    The number of queries does not grow with the rows. Raises RuleBroken when one of them cannot be taken (any more).
    """
    gathered = find_or_create_teachers(act, [each.person for each in rows])
    lost = [*gathered.elsewhere.values(), *gathered.misnamed.values()]
    if lost:
        names = "、".join(each.name for each in lost[:10])
        raise RuleBroken(
            _("核对后以下人员的档案有变动，请重新上传核对：%(names)s") % {"names": names},
            code="changed_records",
        )
    proposals = [
        Proposal(gathered.teachers[each.person.digest], each.project, note=each.note) for each in rows
    ]
    sheet = _draw_up(act, standing, proposals, batch=batch)
    act.after |= {"teachers_created": len(gathered.created), "teachers_updated": len(gathered.updated)}
    return sheet


@operation(
    "enrollment.submit_sheet",
    gettext_lazy("报送推荐汇总表"),
    roles=SENDERS,
    scope=own("organization"),
    phase=PHASE,
    clauses=["CQ20-3.2", "CQ20-6.2"],
)
def submit_sheet(
    act: Act, sheet: NominationSheet, *, scan: UploadedFile[bytes] | None = None
) -> NominationSheet:
    """Send all of the sheet's people to the reviewers, with the stamped scan where the notice asks for one.

    Raises FileRefused for a file that is no scan, RuleBroken without a required one, Conflict when the sheet is gone
    meanwhile.
    """
    rows = _drafts(sheet)
    if not rows and sheet.state == SheetState.DRAFT:
        raise RuleBroken(_("推荐汇总表中已没有待报送的人员，请撤回此表后重新编制。"), code="empty_sheet")
    require_scan(sheet.rulebook, has_scan=scan is not None)
    kept = _kept(sheet, scan) if scan else {}
    required = scan_required(sheet.rulebook)
    SHEET.apply(sheet, "submit", submitted_at=act.now, scan_required=required, **kept)
    send(act, rows)
    act.changed(sheet, after={"state": sheet.state, "people": len(rows), "scan_sha256": sheet.scan_sha256})
    act.list_rows(_lines(rows))
    return sheet


@operation(
    "enrollment.withdraw_sheet",
    gettext_lazy("撤回推荐汇总表"),
    roles=SENDERS,
    scope=own("organization"),
    clauses=["CQ20-6.2"],
)
def withdraw_sheet(act: Act, sheet: NominationSheet, *, reason: str) -> NominationSheet:
    """Give up a sheet that was not submitted yet; its seats are free again."""
    if not reason.strip():
        raise Invalid(_("请填写撤回理由。"), field="reason")
    if sheet.state == SheetState.SUBMITTED:
        raise WrongState(_("推荐汇总表已报送。如某人不再推荐，请在该人的推荐页面撤回。"), code="submitted")
    rows = _drafts(sheet)
    SHEET.apply(sheet, "withdraw")
    drop_drafts(act, rows, reason)
    act.reason = reason
    act.changed(sheet, after={"state": sheet.state, "people": len(rows)})
    return sheet


@operation(
    "enrollment.open_scan",
    gettext_lazy("查看盖章扫描件"),
    roles=[*NOMINATORS, *OFFICE, Role.PROVINCIAL_OFFICER],
    scope=within("organization"),
    clauses=["CQ20-6.2"],
)
def open_scan(act: Act, sheet: NominationSheet) -> FieldFile:
    """The stamped scan. Raises WrongState when there is none."""
    if not sheet.scan:
        raise WrongState(_("此推荐汇总表还没有盖章扫描件。"))
    act.changed(sheet, after={"opened": sheet.scan_name})
    return sheet.scan


def drop_drafts(act: Act, rows: Sequence[Nomination], reason: str) -> None:
    """Withdraw drafts and give their seats back. For use inside an operation."""
    keys = [each.pk for each in rows]
    NOMINATION.apply_to(
        Nomination.objects.filter(pk__in=keys, state=NominationState.DRAFT),
        "withdraw",
        opinion=reason,
        decided_at=act.now,
    )
    seats.release_seats(act, rows, reason=reason[:200])


def _draw_up(
    act: Act, standing: Standing, proposals: Sequence[Proposal], *, batch: ImportBatch | None
) -> NominationSheet:
    if not proposals:
        raise Invalid(_("没有选择推荐人选。"))
    if act.actor.user is None:
        raise Invalid(_("推荐汇总表须有经办人。"))
    sheet = NominationSheet.objects.create(
        program=standing.program,
        organization=standing.organization,
        batch=batch,
        created_by=act.actor.user,
        created_at=act.now,
    )
    made = draft_nominations(act, standing.program, standing.organization, proposals, sheet=sheet)
    act.changed(sheet, after={"people": len(made), "organization": standing.organization.name})
    act.list_rows(_lines(made))
    return sheet


def _drafts(sheet: NominationSheet) -> list[Nomination]:
    """The sheet's people who wait to be sent, locked, with what reviews are opened from."""
    rows = sheet.nominations.filter(state=NominationState.DRAFT).order_by("pk").select_for_update(of=["self"])
    return list(rows.select_related("program__rulebook", "teacher", "school", "project", "organization"))


def _kept(sheet: NominationSheet, scan: UploadedFile[bytes]) -> dict[str, Any]:
    """Check the scan and put it into its private place; the fields that name it."""
    checked = check_scan(scan)
    storage, field = sheet.scan.storage, sheet.scan.field
    path = storage.save(field.generate_filename(sheet, checked.path), scan)
    return {"scan": path, "scan_name": checked.name, "scan_sha256": checked.sha256}


def _lines(rows: Sequence[Nomination]) -> list[dict[str, Any]]:
    return [
        {"teacher": each.teacher.pk, "name": each.teacher.name, "project": each.project.code} for each in rows
    ]
