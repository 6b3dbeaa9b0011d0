"""What is filtered leaves as a workbook, at once or by the worker, and the audit says who took it."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.jobs import services as jobs
from portal.jobs.models import Job, JobState
from portal.operations.models import AuditEntry
from portal.ui.register import exporting, workbook
from tests.factories import BureauFactory, SchoolFactory
from tests.ui.conftest import SignIn

LIST = "/organizations/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(sign_in: SignIn, settings, tmp_path: Path) -> tuple[Client, Membership]:
    settings.MEDIA_ROOT = tmp_path
    return sign_in(Role.PROGRAM_MANAGER)


def rows_of(content: bytes) -> list[tuple[object, ...]]:
    sheet = load_workbook(BytesIO(content)).active
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def body(response) -> bytes:
    """The file, read to its end: the test client closes it there."""
    return b"".join(response.streaming_content)


def test_a_small_list_is_exported_at_once_as_it_is_filtered_and_sorted(
    signed_in: tuple[Client, Membership],
) -> None:
    client, _membership = signed_in
    bureau = BureauFactory(name="演示甲区")
    for name in ("乙校", "=1+1", "甲校"):
        SchoolFactory(name=name, parent=bureau)
    response = client.post(f"{LIST}?kind=school&sort=-name", {"do": "export"})
    assert response.headers["Content-Type"] == workbook.CONTENT_TYPE
    assert "filename*=UTF-8''%E6%9C%BA%E6%9E%84" in response.headers["Content-Disposition"]
    table = rows_of(body(response))
    head = next(index for index, row in enumerate(table) if row[0] == "机构名称")
    assert table[head] == ("机构名称", "类别", "上级机构", "版本", "建立时间", "在用")
    assert [row[0] for row in table[head + 1 :]] == sorted(["乙校", "=1+1", "甲校"], reverse=True)
    assert table[head + 1][1:4] == ("中职学校", "演示甲区", 1)


def test_an_export_stands_in_the_audit(signed_in: tuple[Client, Membership]) -> None:
    client, membership = signed_in
    SchoolFactory()
    body(client.post(f"{LIST}?kind=school", {"do": "export"}))
    entry = AuditEntry.objects.get(operation="ui.export")
    assert entry.user == membership.user
    assert entry.after == {"register": "机构台账", "filter": "kind=school", "rows": 1}


def test_a_large_list_is_exported_by_the_worker(
    signed_in: tuple[Client, Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _membership = signed_in
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    monkeypatch.setattr(workbook, "STEP", 2)
    SchoolFactory.create_batch(3, parent=BureauFactory())
    response = client.post(f"{LIST}?kind=school", {"do": "export"}, follow=True)
    assert "正在后台生成" in response.text
    job = Job.objects.get(kind="ui.export")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert workbook.path_of(job.pk).stat().st_mode & 0o777 == 0o600
    assert len(rows_of(body(client.get(job.result_url)))) == 3 + 3


def test_an_export_is_its_owners_alone(
    signed_in: tuple[Client, Membership], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _membership = signed_in
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    client.post(LIST, {"do": "export"})
    job = Job.objects.get(kind="ui.export")
    address = f"/ui/exports/{job.pk}/"
    assert client.get(address).status_code == 404
    jobs.run(job.pk)
    stranger, _other = sign_in(Role.PROGRAM_MANAGER)
    assert stranger.get(address).status_code == 404
    assert body(client.get(address)).startswith(b"PK")


def test_old_exports_are_cleared_away(
    signed_in: tuple[Client, Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _membership = signed_in
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    for _time in range(2):
        client.post(LIST, {"do": "export"})
    first, second = Job.objects.filter(kind="ui.export").order_by("pk")
    jobs.run(first.pk)
    os.utime(workbook.path_of(first.pk), (0, 0))
    jobs.run(second.pk)
    gone = client.get(f"/ui/exports/{first.pk}/")
    assert gone.status_code == 409
    assert "请回到列表重新导出" in gone.text
    assert body(client.get(f"/ui/exports/{second.pk}/")).startswith(b"PK")
