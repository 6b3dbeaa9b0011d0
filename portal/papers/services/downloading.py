"""Taking out what was printed: personal data leaves the portal here, so each time is audited."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import SEPARATED, Role
from portal.errors import WrongState
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.registry import operation
from portal.operations.scope import Scope
from portal.papers import files
from portal.papers.models import IssuedPaper, Layout, PaperBatch, PaperEntry
from portal.papers.services.assembling import chunk_path, whole


def _sees(actor: Actor, subject: PaperBatch | IssuedPaper) -> bool:
    return type(subject).objects.visible_to(actor).filter(pk=subject.pk).exists()


VISIBLE = Scope("本人打印，或本单位及下属打印", _sees)
ALL = frozenset(Role) - SEPARATED


@operation("papers.download", gettext_lazy("下载打印批次"), roles=ALL, scope=VISIBLE)
def download_batch(act: Act, batch: PaperBatch) -> Path:
    """The finished run's file. Raises as `result`."""
    path = result(batch)
    act.changed(batch, after={"total": batch.total, "sha256": batch.sha256})
    return path


@operation("papers.download_one", gettext_lazy("下载已出具文件"), roles=ALL, scope=VISIBLE)
def download_paper(act: Act, paper: IssuedPaper) -> bytes:
    """The PDF of one paper. Raises as `paper_pdf`."""
    pdf = paper_pdf(paper)
    act.changed(paper, after={"number": paper.number})
    return pdf


def result(batch: PaperBatch) -> Path:
    """The finished run's file. Raises WrongState before it is finished, DomainError when the file was tampered with."""
    if batch.finished_at is None:
        raise WrongState(_("“%(batch)s”还在打印，完成后即可下载。") % {"batch": batch})
    return whole(files.folder(batch) / batch.file_name, batch.sha256)


def paper_pdf(paper: IssuedPaper) -> bytes:
    """The PDF of one issued paper as it was printed last. Raises WrongState before it is, DomainError as `result`."""
    entry = paper.entries.exclude(pages=0).select_related("chunk__batch").order_by("-pk").first()
    if entry is None:
        raise WrongState(_("“%(paper)s”还在打印，完成后即可下载。") % {"paper": paper})
    path = whole(chunk_path(entry.chunk), entry.chunk.sha256)
    if entry.chunk.batch.layout == Layout.FILES:
        return files.member(path, _index(entry))
    return files.cut(path, (entry.first_page, entry.pages))


def _index(entry: PaperEntry) -> int:
    """Which file of the chunk's zip is the entry's: one for each printed entry before it."""
    return entry.chunk.entries.exclude(pages=0).filter(position__lt=entry.position).count()
