"""Giving papers their codes, and ending them. One valid paper a subject and kind, always."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.accounts.roles import Role
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import within
from portal.papers import codes
from portal.papers.kinds import Facts, PaperKind
from portal.papers.models import IssuedPaper, PaperBatch, PaperState
from portal.papers.states import PAPERS

REVOKERS = (
    Role.PROGRAM_MANAGER,
    Role.BUREAU_APPROVER,
    Role.SCHOOL_ADMIN,
    Role.COLLEGE_ADMIN,
    Role.BASE_ADMIN,
)


@dataclass(frozen=True)
class Draft:
    """What one paper is going to say."""

    subject_id: int
    context: Mapping[str, Any]
    facts: Facts

    @property
    def key(self) -> tuple[int, str]:
        return self.subject_id, self.digest

    @cached_property
    def digest(self) -> str:
        """Equal for equal content. Raises TypeError when the context holds more than plain values."""
        said = {
            "context": self.context,
            "facts": self.facts.public(),
            "title": self.facts.title,
            "number": self.facts.number,
        }
        plain = json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


def draft(kind: PaperKind[Any], subjects: Sequence[Any]) -> list[Draft]:
    """What the papers of `subjects` would say now, in their order."""
    contexts = kind.context(subjects)
    return [
        Draft(subject.pk, context, kind.facts(subject))
        for subject, context in zip(subjects, contexts, strict=True)
    ]


def assign(kind: PaperKind[Any], batch: PaperBatch, drafts: Sequence[Draft]) -> list[IssuedPaper]:
    """Return the paper of each draft: the live one that says the same, else a new one. Three queries.

    Run twice, or by two workers at once, it returns the same papers.
    """
    rows = IssuedPaper.objects.live().filter(
        kind=kind.code, subject_id__in=[each.subject_id for each in drafts]
    )
    papers = {_key(paper): paper for paper in rows}
    # Again only when another worker's equal paper stopped ours and was ended before we could read it.
    while missing := [each for each in drafts if each.key not in papers]:
        new = [_new_paper(kind, batch, each) for each in missing]
        IssuedPaper.objects.bulk_create(new, ignore_conflicts=True)
        papers |= {_key(paper): paper for paper in rows.all()}
    return [papers[each.key] for each in drafts]


def head(paper: IssuedPaper, batch: PaperBatch) -> dict[str, Any]:
    """What `papers/base.html` is given as `paper`."""
    return {
        "title": paper.title,
        "number": paper.number,
        "code": codes.shown(paper.code),
        "verify_url": codes.verification_url(paper.code),
        "issued_on": paper.issued_on,
        "printed_on": batch.printed_on,
    }


def issue(papers: Sequence[IssuedPaper]) -> None:
    """Make the printed papers valid and end what they replace. Inside a transaction; constant number of queries."""
    kind, subjects = papers[0].kind, [paper.subject_id for paper in papers]
    live = IssuedPaper.objects.live().filter(kind=kind, subject_id__in=subjects)
    # Two runs of the same people at once: the second waits here and then replaces what the first has issued.
    printed = {paper.pk for paper in papers}
    locked = {paper.pk: paper for paper in live.select_for_update().order_by("pk")}
    pending = [pk for pk in printed if pk in locked and locked[pk].state == PaperState.PENDING]
    replaced = {locked[pk].subject_id for pk in pending}
    old = IssuedPaper.objects.filter(kind=kind, subject_id__in=replaced).exclude(pk__in=printed)
    PAPERS.apply_to(old, "supersede", ended_at=clock.now())
    PAPERS.apply_to(IssuedPaper.objects.filter(pk__in=pending), "issue")


@operation("papers.revoke", _("作废已出具文件"), roles=REVOKERS, scope=within("organization"))
def revoke(act: Act, paper: IssuedPaper, *, reason: str) -> IssuedPaper:
    """Make a valid paper void; its public page then says so. Raises Invalid without a reason, WrongState, Conflict."""
    if not reason.strip():
        raise Invalid(_("请填写作废原因，核验页面不公开原因，仅供本单位留痕。"), field="reason")
    PAPERS.apply(paper, "revoke", reason=reason.strip()[:200], ended_at=act.now)
    act.reason = reason
    act.changed(paper, before={"state": PaperState.VALID}, after={"state": PaperState.REVOKED})
    return paper


def revoke_for(kind: str, subject_ids: Iterable[int], *, reason: str) -> int:
    """End the valid papers of subjects that another operation has just ended; return how many. One query."""
    rows: QuerySet[IssuedPaper] = IssuedPaper.objects.filter(kind=kind, subject_id__in=list(subject_ids))
    return PAPERS.apply_to(rows, "revoke", reason=reason[:200], ended_at=clock.now())


def _key(paper: IssuedPaper) -> tuple[int, str]:
    return paper.subject_id, paper.content_digest


def _new_paper(kind: PaperKind[Any], batch: PaperBatch, drafted: Draft) -> IssuedPaper:
    return IssuedPaper(
        kind=kind.code,
        subject_type=kind.subject_type,
        subject_id=drafted.subject_id,
        title=drafted.facts.title,
        number=drafted.facts.number,
        facts=drafted.facts.public(),
        content_digest=drafted.digest,
        organization_id=batch.organization_id,
        owner_id=batch.owner_id,
        issued_on=batch.printed_on,
    )
