"""Setting up a programme's rulebook from a notice file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.roles import Role
from portal.errors import Invalid, WrongState
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.rulebook import hooks
from portal.rulebook.models import Clause, Notice, Phase, Rule, Rulebook
from portal.rulebook.notice_file import NoticeFile, read_notice
from portal.rulebook.services.syncing import UNTOUCHED, Synced, sync

NOTICE_FIELDS = ["number", "title", "issuer", "issued_on", "text"]
CLAUSE_FIELDS = ["notice", "section", "actor", "kind", "requirement", "quote", "position"]
PHASE_FIELDS = ["name", "opens_at", "closes_at", "clause", "actors", "position"]
RULE_FIELDS = ["parameters", "severity", "active", "position"]


@dataclass(frozen=True)
class Loaded:
    """What loading did. `changed` is False when the same file had been loaded before."""

    rulebook: Rulebook
    changed: bool
    clauses: Synced = UNTOUCHED
    phases: Synced = UNTOUCHED
    rules: Synced = UNTOUCHED

    @property
    def message(self) -> str:
        """What happened, for the person who asked for it."""
        if not self.changed:
            return _("“%(title)s”已载入过，文件没有变化，未作任何改动。") % {"title": self.rulebook}
        parts = [(_("条款"), self.clauses), (_("进程"), self.phases), (_("规则"), self.rules)]
        counts = "；".join(
            _("%(part)s新增%(new)d、更新%(changed)d、删除%(gone)d")
            % {"part": part, "new": each.created, "changed": each.updated, "gone": each.deleted}
            for part, each in parts
        )
        return _("已载入“%(title)s”：%(counts)s。") % {"title": self.rulebook, "counts": counts}


@operation(
    "rulebook.load_notice",
    gettext_lazy("载入通知"),
    roles=[Role.PROGRAM_MANAGER],
    system=True,
)
def load_notice(act: Act, _none: None, *, code: str, office: Organization | None = None) -> Loaded:
    """Make or renew the draft rulebook of `notices/CODE.toml` for `office`; a second time nothing changes.

    What was edited on screen stays unless the file itself has changed since. Raises Invalid for a faulty file,
    WrongState when the programme is published and the file has changed.
    """
    file = read_notice(code)
    office = office if act.actor.is_system else act.actor.organization
    notice = _locked_notice(file)
    rulebook = notice.rulebooks.filter(office=office or _only_office()).first()
    if rulebook and rulebook.source_digest == file.digest:
        act.changed(rulebook, after={"file": code, "changed": False})
        return Loaded(rulebook, changed=False)
    if rulebook and rulebook.is_published:
        raise WrongState(_published(rulebook))
    loaded = _load(act, file, rulebook or Rulebook(notice=notice, office=office or _only_office()))
    act.changed(loaded.rulebook, after={"file": code, "changed": True, "summary": loaded.message})
    return loaded


def _published(rulebook: Rulebook) -> str:
    return _(
        "“%(title)s”已经发布，不能用文件覆盖。如通知有调整，请打开“进程日历”或“规则”页面逐项变更：填写生效时间和理由，变更会公示并留痕。"
    ) % {"title": rulebook}


def _only_office() -> Organization:
    """The office that a command loads for when it names none."""
    offices = list(Organization.objects.active().of(Kind.PROJECT_OFFICE)[:2])
    if len(offices) != 1:
        raise Invalid(
            _("无法确定项目办：系统中应有且只有一个项目办机构。请先建立，或用 --office 指明机构编号。"),
            field="office",
        )
    return offices[0]


def _locked_notice(file: NoticeFile) -> Notice:
    """The notice's row, held so that two who load it at once do so one after the other."""
    notice, _created = Notice.objects.get_or_create(code=file.code, defaults=_notice_values(file))
    return Notice.objects.select_for_update().get(pk=notice.pk)


def _notice_values(file: NoticeFile) -> dict[str, Any]:
    return {name: getattr(file, name) for name in NOTICE_FIELDS}


def _load(act: Act, file: NoticeFile, rulebook: Rulebook) -> Loaded:
    notice = rulebook.notice
    Notice.objects.filter(pk=notice.pk).update(**_notice_values(file))
    rulebook = _header(rulebook, file)
    clauses = sync(
        notice.clauses.all(), lambda row: row.code, _clauses(notice, file), CLAUSE_FIELDS, prune=False
    )
    ids = dict(notice.clauses.values_list("code", "pk"))
    phases = sync(rulebook.phases.all(), lambda row: row.code, _phases(rulebook, file, ids), PHASE_FIELDS)
    rules = sync(
        rulebook.rules.all(), lambda row: (row.kind, row.clause_id), _rules(rulebook, file, ids), RULE_FIELDS
    )
    for hook in hooks.loaded():
        hook(act, rulebook, file.program)
    for section, data in file.sections():
        section.load(rulebook, data)
    _drop_clauses(notice, file)
    return Loaded(rulebook, True, clauses, phases, rules)


def _header(rulebook: Rulebook, file: NoticeFile) -> Rulebook:
    rulebook.title = str(file.program.get("title") or file.title)
    rulebook.facts, rulebook.source_digest = file.facts, file.digest
    if rulebook.pk:
        rulebook.version += 1
    rulebook.save()
    return rulebook


def _clauses(notice: Notice, file: NoticeFile) -> Iterable[Clause]:
    for position, each in enumerate(file.clauses, 1):
        yield Clause(notice=notice, position=position, **vars(each))


def _phases(rulebook: Rulebook, file: NoticeFile, ids: dict[str, int]) -> Iterable[Phase]:
    for position, each in enumerate(file.phases, 1):
        yield Phase(
            rulebook=rulebook,
            position=position,
            **vars(each) | {"clause": None},
            clause_id=ids.get(each.clause),
        )


def _rules(rulebook: Rulebook, file: NoticeFile, ids: dict[str, int]) -> Iterable[Rule]:
    for position, each in enumerate(file.rules, 1):
        yield Rule(
            rulebook=rulebook,
            position=position,
            kind=each.kind,
            parameters=each.parameters,
            severity=each.severity,
            clause_id=ids.get(each.clause),
        )


def _drop_clauses(notice: Notice, file: NoticeFile) -> None:
    """Clauses that the file no longer has go last, when nothing of this rulebook cites them any more."""
    try:
        notice.clauses.exclude(code__in=[each.code for each in file.clauses]).delete()
    except ProtectedError as error:
        raise Invalid(
            _("文件删去的条款仍被引用：%(rows)s。请先在文件中改掉引用，再载入。")
            % {"rows": "、".join(sorted(str(each) for each in error.protected_objects))}
        ) from error
