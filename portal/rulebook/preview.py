"""What loading a notice file would make: shown before it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.errors import Text
from portal.organizations.models import Organization
from portal.rulebook import kinds
from portal.rulebook.facts import facts, shown
from portal.rulebook.models import Notice, Rulebook, Severity
from portal.rulebook.notice_file import NoticeFile, PhaseEntry, RuleEntry, available, digest_of


@dataclass(frozen=True)
class Part:
    """One section of the preview: its name and a line for each thing it would make."""

    label: Text
    lines: list[str]


@dataclass(frozen=True)
class Choice:
    """One line of the list of notices: what there is as a file, what is loaded, and how they differ."""

    code: str
    notice: Notice | None
    rulebook: Rulebook | None
    digest: str | None

    @property
    def has_file(self) -> bool:
        return self.digest is not None

    @property
    def is_current(self) -> bool:
        return bool(self.rulebook and self.rulebook.source_digest == self.digest)

    @property
    def can_load(self) -> bool:
        return self.has_file and not (self.rulebook and self.rulebook.is_published)


def parts_of(file: NoticeFile) -> list[Part]:
    """Everything the file would make, section by section, clauses apart."""
    return [
        Part(_("进程"), [_phase_line(each) for each in file.phases]),
        Part(_("规则"), [_rule_line(each) for each in file.rules]),
        *(Part(section.label, section.preview(data)) for section, data in file.sections()),
        Part(_("其他事项"), _fact_lines(file.facts)),
    ]


def choices(office: Organization | None) -> Iterator[Choice]:
    """Notices to be had as files or already loaded for `office`, by code. Two queries."""
    loaded = {
        each.notice.code: each for each in Rulebook.objects.filter(office=office).select_related("notice")
    }
    files = available()
    for code in sorted({*files, *loaded}):
        rulebook = loaded.get(code)
        digest = digest_of(code) if code in files else None
        yield Choice(code, rulebook.notice if rulebook else None, rulebook, digest)


def _fact_lines(said: dict[str, Any]) -> list[str]:
    known = {each.name: each for each in facts()}
    return [
        f"{known[name].label}：{shown(value)}" if name in known else f"{name} = {value}"
        for name, value in said.items()
    ]


def _phase_line(phase: PhaseEntry) -> str:
    return f"{phase.name}：{_when(phase.opens_at)} — {_when(phase.closes_at)}（{phase.actors}）{phase.clause}"


def _rule_line(rule: RuleEntry) -> str:
    return f"{kinds.label_of(rule.kind)}：{Severity(rule.severity).label}，{_('依据')} {rule.clause or '-'}"


def _when(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else _("不限")
