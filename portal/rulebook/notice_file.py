"""Notice files: `notices/CODE.toml` read into typed parts, with every mistake of the file said at once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from portal.errors import DomainError, Invalid
from portal.rulebook import kinds
from portal.rulebook.facts import facts
from portal.rulebook.models import Severity
from portal.rulebook.sections import Section, sections
from portal.rulebook.toml_table import Table

CORE = frozenset({"notice", "program", "clause", "phase", "rule", "facts"})


@dataclass(frozen=True)
class ClauseEntry:
    code: str
    section: str
    actor: str
    kind: str
    requirement: str
    quote: str


@dataclass(frozen=True)
class PhaseEntry:
    """Times are aware; None is an open end. `clause` is a clause's id or ""."""

    code: str
    name: str
    opens_at: datetime | None
    closes_at: datetime | None
    clause: str
    actors: str


@dataclass(frozen=True)
class RuleEntry:
    kind: str
    parameters: dict[str, Any]
    severity: str
    clause: str


@dataclass(frozen=True)
class NoticeFile:
    """What one file says. `digest` (SHA-256, hex) changes with any byte of it."""

    code: str
    digest: str
    number: str
    title: str
    issuer: str
    issued_on: date
    text: str
    program: dict[str, Any]
    clauses: tuple[ClauseEntry, ...]
    phases: tuple[PhaseEntry, ...]
    rules: tuple[RuleEntry, ...]
    facts: dict[str, Any]
    plugged: dict[str, Any] = field(default_factory=dict)

    def sections(self) -> list[tuple[Section, Any]]:
        """The plugged sections that the file fills, with what it says, in loading order."""
        return [(each, self.plugged[each.table]) for each in sections() if each.table in self.plugged]


def available() -> list[str]:
    """Codes of the notice files, sorted."""
    return sorted(path.stem for path in _folder().glob("*.toml") if path.stem.isupper())


def digest_of(code: str) -> str:
    """SHA-256 of the file, hex."""
    return hashlib.sha256(_path(code).read_bytes()).hexdigest()


def read_notice(code: str) -> NoticeFile:
    """Read `notices/CODE.toml`. Raises Invalid that lists every mistake by table and key."""
    path = _path(code)
    raw = path.read_bytes()
    try:
        data = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            _("通知文件“%(file)s”不是有效的 TOML：%(error)s。请修正后重新载入。")
            % {"file": path.name, "error": error}
        ) from error
    complaints: list[str] = []
    found = _parse(code, hashlib.sha256(raw).hexdigest(), data, complaints)
    complaints += _mistakes(found)
    if complaints:
        raise Invalid(
            _("通知文件“%(file)s”有%(count)d处错误，未载入：%(list)s")
            % {"file": path.name, "count": len(complaints), "list": "".join(complaints)}
        )
    return found


def _folder() -> Path:
    return Path(settings.NOTICES_DIR)


def _path(code: str) -> Path:
    if code not in available():
        raise Invalid(
            _("没有代号为“%(code)s”的通知文件。可载入的有：%(codes)s。")
            % {"code": code, "codes": "、".join(available()) or _("（无）")},
            field="code",
        )
    return _folder() / f"{code}.toml"


def _parse(code: str, digest: str, data: dict[str, Any], complaints: list[str]) -> NoticeFile:
    notice = Table("[notice]", data.get("notice"), complaints)
    made = NoticeFile(
        code=code,
        digest=digest,
        number=notice.text("number"),
        title=notice.text("title"),
        issuer=notice.text("issuer"),
        issued_on=notice.day("issued_on"),
        text=notice.text("text", ""),
        program=data.get("program", {}),
        clauses=tuple(_clause(each) for each in _rows("clause", data, complaints)),
        phases=tuple(_phase(each) for each in _rows("phase", data, complaints)),
        rules=tuple(_rule(each) for each in _rows("rule", data, complaints)),
        facts=data.get("facts", {}),
        plugged={key: value for key, value in data.items() if key not in CORE},
    )
    notice.finish()
    return made


def _rows(key: str, data: dict[str, Any], complaints: list[str]) -> Iterator[Table]:
    rows = data.get(key, [])
    if not isinstance(rows, list):
        complaints.append(_("“%(key)s”应写成若干个 [[%(key)s]] 表。") % {"key": key})
        return
    for number, row in enumerate(rows, 1):
        table = Table(_("第%(number)d个 [[%(key)s]] ") % {"number": number, "key": key}, row, complaints)
        yield table
        table.finish()


def _clause(table: Table) -> ClauseEntry:
    return ClauseEntry(
        code=table.text("id"),
        section=table.text("section"),
        actor=table.text("actor"),
        kind=table.text("kind"),
        requirement=table.text("requirement"),
        quote=table.text("quote"),
    )


def _phase(table: Table) -> PhaseEntry:
    return PhaseEntry(
        code=table.text("code"),
        name=table.text("name"),
        opens_at=table.opening("opens"),
        closes_at=table.closing("due"),
        clause=table.text("clause", ""),
        actors=table.text("actors", ""),
    )


def _rule(table: Table) -> RuleEntry:
    return RuleEntry(
        kind=table.text("kind"),
        parameters=table.mapping("parameters"),
        severity=table.one_of("severity", list(Severity.values), Severity.BLOCK),
        clause=table.text("clause", ""),
    )


def _mistakes(found: NoticeFile) -> Iterator[str]:
    """What is wrong with the parts taken together."""
    known = {each.code for each in found.clauses}
    yield from _twice("clause", [each.code for each in found.clauses])
    yield from _twice("phase", [each.code for each in found.phases])
    yield from _twice("rule", [f"{each.kind} {each.clause}" for each in found.rules])
    for where, clause in _cited(found):
        if clause and clause not in known:
            yield _("%(where)s引用的条款“%(clause)s”不在 [[clause]] 中。") % {
                "where": where,
                "clause": clause,
            }
    for phase in found.phases:
        if phase.opens_at and phase.closes_at and phase.opens_at >= phase.closes_at:
            yield _("进程“%(name)s”的开始（opens）晚于截止（due）。") % {"name": phase.name}
    yield from _rule_mistakes(found)
    yield from _fact_mistakes(found)
    for key in sorted(set(found.plugged) - {each.table for each in sections()}):
        yield _("没有模块能处理“%(key)s”表，请检查拼写或安装相应模块。") % {"key": key}


def _cited(found: NoticeFile) -> Iterator[tuple[str, str]]:
    for phase in found.phases:
        yield f"phase.{phase.code}", phase.clause
    for rule in found.rules:
        yield f"rule.{rule.kind}", rule.clause
    for key, rows in found.plugged.items():
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, dict) and isinstance(row.get("clause"), str):
                yield key, row["clause"]


def _rule_mistakes(found: NoticeFile) -> Iterator[str]:
    for rule in found.rules:
        try:
            kinds.build(rule.kind, rule.parameters)
        except DomainError as refused:
            yield str(refused.message)


def _fact_mistakes(found: NoticeFile) -> Iterator[str]:
    """Values that somebody asks for must be what they ask for; others are kept as they are."""
    for each in facts():
        if each.name not in found.facts:
            continue
        try:
            each.checked(found.facts[each.name])
        except DomainError as refused:
            yield str(refused.message)


def _twice(key: str, codes: list[str]) -> Iterator[str]:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield _("[[%(key)s]] 中“%(code)s”出现了两次。") % {"key": key, "code": code}
