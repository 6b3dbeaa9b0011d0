"""Issuing codes to many at once, with their cards and list, as long work. Source: CQ20-3.3."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment import code_files
from enrollment.code_files import IssuedCode
from enrollment.models import Enrollment, EnrollmentState, RegistrationCode
from enrollment.services.codes import ISSUERS, issue_codes
from portal.errors import DomainError, Invalid, RuleBroken
from portal.jobs.models import Job
from portal.jobs.services import Run, job_kind, start_job
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.papers.render import require_pdf

JOB = "enrollment.codes"
MOST = 5_000


def ask_for_codes(actor: Actor, enrollments: QuerySet[Enrollment], *, title: str) -> Job:
    """Start issuing to all of `enrollments` that wait for registration. Raises RuleBroken when none does, Invalid
    above 5,000, PdfUnavailable."""
    require_pdf()
    rows = Enrollment.objects.visible_to(actor).filter(
        pk__in=enrollments.order_by().values("pk"), state=EnrollmentState.APPROVED
    )
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        raise RuleBroken(
            _("所选人员中没有待注册的学员：只有资格审核通过、尚未注册的人可以领取验证码。"),
            code="none_waiting",
        )
    if len(keys) > MOST:
        raise Invalid(_("一次最多发放%(most)d人，请按学校或项目分批发放。") % {"most": MOST})
    return start_job(actor, JOB, title=title, enrollments=keys)


@job_kind(JOB, gettext_lazy("发放学员验证码"))
def issue_and_print(run: Run) -> str:
    """Issue, write cards and list, and only then name their folder: what a killed run had issued never got out, and the
    next run's codes replace it."""
    require_pdf()
    keys = run.job.parameters["enrollments"]
    codes = issue_codes(run.actor, None, enrollments=Enrollment.objects.filter(pk__in=keys))
    issued = _issued(codes)
    folder = code_files.new_folder()
    with code_files.path_of(folder, code_files.LIST).open("wb") as file:
        code_files.write_list(file, issued)
    with code_files.path_of(folder, code_files.CARDS).open("wb") as file:
        for done in code_files.write_cards(file, issued):
            run.advance(done, len(issued))
    Job.objects.filter(pk=run.job.pk).update(result={"folder": folder, "issued": len(issued)})
    return reverse("enrollment:codes_issued", args=[run.job.pk])


@operation("enrollment.download_codes", gettext_lazy("下载学员验证码"), roles=ISSUERS, clauses=["CQ20-3.3"])
def download_codes(act: Act, _none: None, *, job: Job, file: str) -> Path:
    """The cards or the list of one's own job. Raises DomainError when the file was removed after its seven days."""
    if job.owner_id != act.actor.user_id or file not in {code_files.CARDS, code_files.LIST}:
        raise Invalid(_("没有这个文件，请从“我的任务”重新打开。"))
    path = code_files.path_of(str(job.result.get("folder", "-")), file)
    if not path.is_file():
        raise DomainError(
            _("验证码文件只保留7天，现已删除。请重新发放；旧验证码将作废。"), code="codes_forgotten"
        )
    act.changed(job, after={"file": file, "issued": job.result.get("issued")})
    return path


def _issued(codes: dict[int, str]) -> Sequence[IssuedCode]:
    """The people in the order of their schools, so that each school's cards come together. Two queries."""
    expires = dict(
        RegistrationCode.objects.filter(enrollment__in=codes, used_at=None, revoked_at=None).values_list(
            "enrollment", "expires_at"
        )
    )
    rows = Enrollment.objects.filter(pk__in=codes).select_related(
        "teacher", "school", "project", "training_class"
    )
    return [
        IssuedCode(each, codes[each.pk], expires[each.pk])
        for each in rows.order_by("school__path", "school__name", "teacher__sort_key", "pk")
    ]
