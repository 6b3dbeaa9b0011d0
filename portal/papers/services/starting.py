"""Starting a print run: who may print what, and how it is cut into chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import SEPARATED, Role
from portal.errors import Invalid, NotAllowed
from portal.jobs.services import start_job
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.papers.kinds import PaperKind, find_kind
from portal.papers.models import MOST_COPIES, Layout, PaperBatch, PaperChunk, PaperEntry
from portal.papers.render import require_pdf
from portal.papers.services import assembling, printing

# What one worker makes in one go: a few seconds' work, about 150 MB at its peak.
CHUNK = 25
MOST_SUBJECTS = 5_000
JOB = "papers.batch"


PRINTERS = frozenset(Role) - SEPARATED


@operation("papers.print", gettext_lazy("打印文件"), roles=PRINTERS)
def print_papers(
    act: Act,
    subject: None,
    *,
    kind: str,
    subjects: Sequence[int],
    title: str = "",
    copies: int = 1,
    layout: Layout = Layout.BOOK,
    at_once: bool = False,
) -> PaperBatch:
    """Start a print run of `kind` over the subjects' keys, in that order; the worker does the rest.

    With `at_once` no job is started: the caller prints it (see `print_one`). Raises NotAllowed for a subject the actor
    may not print, Invalid for a number of copies or of people that cannot be, PdfUnavailable.
    """
    require_pdf()
    chosen = find_kind(kind)
    wanted = list(dict.fromkeys(subjects))
    _check_size(wanted, copies, layout)
    _check_allowed(act.actor, chosen, wanted)
    batch = PaperBatch.objects.create(
        kind=kind,
        title=title or str(chosen.label),
        layout=layout,
        copies=copies,
        total=len(wanted),
        printed_on=act.today,
        organization=act.actor.organization,
        owner=act.actor.user,
    )
    _cut(batch, wanted)
    if not at_once:
        batch.job = start_job(act.actor, JOB, title=batch.title, batch=batch.pk)
        batch.save(update_fields=["job"])
    act.changed(batch, after={"kind": kind, "total": batch.total, "copies": copies, "layout": layout})
    return batch


def print_one(actor: Actor, kind: str, subject: int, *, copies: int = 1) -> PaperBatch:
    """Print one paper now, in the request (about a fifth of a second), and return the finished run."""
    batch = print_papers(actor, None, kind=kind, subjects=[subject], copies=copies, at_once=True)
    printing.render_chunk(batch.pk, 0)
    assembling.assemble(batch.pk)
    batch.refresh_from_db()
    return batch


def _check_size(subjects: Sequence[int], copies: int, layout: Layout) -> None:
    if not subjects:
        raise Invalid(_("没有可打印的人员，请先选择要打印的记录。"), field="subjects")
    if len(subjects) > MOST_SUBJECTS:
        message = _("一次最多打印%(most)s份，本次共%(count)s份，请按学校、班级或区县分批打印。")
        raise Invalid(message % {"most": MOST_SUBJECTS, "count": len(subjects)}, field="subjects")
    if not 1 <= copies <= MOST_COPIES:
        raise Invalid(_("每人份数须为1至%(most)s份。") % {"most": MOST_COPIES}, field="copies")
    if layout == Layout.FILES and copies > 1:
        raise Invalid(_("每人一个文件时不能重复打印，请将份数改为1，或选择合并为一个文件。"), field="copies")


def _check_allowed(actor: Actor, kind: PaperKind[Any], subjects: Sequence[int]) -> None:
    if actor.role not in kind.roles:
        raise NotAllowed(
            _("您当前的角色不能打印“%(kind)s”。如需办理，请切换角色或联系本单位管理员。")
            % {"kind": kind.label}
        )
    rows = kind.rows()
    allowed = rows.visible_to(actor).filter(pk__in=subjects).count()  # type: ignore[attr-defined]
    if allowed != len(subjects):
        message = _(
            "所选%(all)s条记录中有%(others)s条不在您的管理范围内或已被删除，未打印。请刷新页面后重新选择。"
        )
        raise NotAllowed(message % {"all": len(subjects), "others": len(subjects) - allowed})


def _cut(batch: PaperBatch, subjects: Sequence[int]) -> None:
    """Write the chunks and their entries: two statements however many there are."""
    parts = [subjects[start : start + CHUNK] for start in range(0, len(subjects), CHUNK)]
    chunks = PaperChunk.objects.bulk_create(
        PaperChunk(batch=batch, index=index, size=len(part)) for index, part in enumerate(parts)
    )
    PaperEntry.objects.bulk_create(
        PaperEntry(chunk=chunk, position=chunk.index * CHUNK + offset, subject_id=subject)
        for chunk, part in zip(chunks, parts, strict=True)
        for offset, subject in enumerate(part)
    )
