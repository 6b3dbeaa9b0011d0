"""An import kind of the tests' own: teachers' names, taken as colleges so that something is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.roles import Role
from portal.errors import NotAllowed
from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.rulebook.findings import Citation, Verdict
from portal.sheets import imports
from portal.sheets.imports import ImportKind, ReadyRow, Receipt, RowVerdict
from portal.sheets.models import ImportBatch, Outcome
from portal.sheets.reading import ParsedRow
from tests.factories import make_actor
from tests.sheets.samples import HEADER, TEACHERS, xlsx

CODE = "tests.teachers"
CITATION = Citation("渝教师函〔2020〕1号", "CQ20-2.2", "二", "名额内推荐")


def row(name: str, seed: int) -> list[str]:
    return [name, f"50010319900101{seed:04}", f"1380000{seed:04}"]


def prepare(actor: Actor, params: Mapping[str, str]) -> dict[str, Any]:
    if params.get("for") == "others":
        raise NotAllowed("只能为本单位上传。")
    return {"year": int(params.get("year", "2020"))}


def judge(batch: ImportBatch, rows: Sequence[ParsedRow]) -> Iterable[RowVerdict]:
    """A name that exists is a conflict, 超额 an error with its clause, 提醒 only warned of."""
    taken = set(Organization.objects.values_list("name", flat=True))
    for each in rows:
        name = each.values["name"]
        if name in taken:
            yield RowVerdict(each, Outcome.CONFLICT, [each.finding("name", "已经存在，内容不同")])
        elif name == "超额":
            yield RowVerdict(each, Outcome.READY, [each.finding("", "超过名额", citation=CITATION)])
        elif name == "提醒":
            warning = each.finding("phone", "号码与登记的不同", severity=Verdict.WARN)
            yield RowVerdict(each, Outcome.READY, [warning], {"key": 7})
        else:
            yield RowVerdict(each, payload={"key": each.number})


def take(actor: Actor, batch: ImportBatch, rows: Sequence[ReadyRow]) -> Receipt:
    if any(each.values["name"] == "拒绝" for each in rows):
        raise NotAllowed("名额刚刚用完。")
    bodies = [Organization(kind=Kind.COLLEGE, name=each.values["name"]) for each in rows]
    Organization.objects.bulk_create(bodies)
    if any(each.values["name"] == "崩溃" for each in rows):
        raise RuntimeError("the worker was killed here")
    return Receipt(len(rows), [("年度", str(batch.context["year"]))], url="/")


KIND = ImportKind(
    code=CODE,
    label="教师名单",
    sheet=TEACHERS,
    judge=judge,
    take=take,
    prepare=prepare,
    choices=lambda context: {"school": ["演示学校"]},
    about=lambda context: f"{context['year']}年度",
)


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> ImportKind:
    """The kind, known; files under a folder that vanishes."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imports, "_kinds", {CODE: KIND})
    return KIND


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor(Role.BUREAU_CLERK)


@pytest.fixture
def client_of() -> Callable[[Actor], Client]:
    def signed_in(actor: Actor) -> Client:
        client = Client()
        assert actor.user
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Jobs are handed over to nobody; their keys are collected."""
    handed: list[int] = []
    monkeypatch.setattr("portal.jobs.tasks.run_job.delay", handed.append)
    return handed


def upload_file(
    *rows: Sequence[Any], name: str = "C:\\名单 .xlsx", header: Sequence[str] = HEADER
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, xlsx(header, *rows))


def other_kind(**changes: Any) -> ImportKind:
    return replace(KIND, **changes)
