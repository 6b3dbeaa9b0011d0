"""The pages and the API of imports."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.sheets.models import BatchState, ImportBatch
from portal.sheets.services import running, uploading
from tests.factories import make_actor
from tests.sheets.conftest import CODE, row, upload_file
from tests.sheets.test_batches import MIXED, previewed, uploaded

pytestmark = pytest.mark.usefixtures("kind", "no_worker")
ClientOf = Callable[[Actor], Client]
NEW = f"/imports/new/{CODE}/"


def test_the_upload_page_explains_each_column_and_offers_the_template(
    actor: Actor, client_of: ClientOf
) -> None:
    client = client_of(actor)
    page = client.get(NEW + "?year=2021").content.decode()
    assert "2021年度" in page
    assert "11位手机号码" in page
    assert "template/?year=2021" in page
    response = client.get(NEW + "template/?year=2021")
    book = load_workbook(io.BytesIO(response.content))
    assert book.active.title == "教师名单"
    assert "attachment" in response["Content-Disposition"]
    assert client.get("/imports/new/unknown/").status_code == 404


def test_uploading_leads_to_the_batch_and_refusals_stand_beside_the_field(
    actor: Actor, client_of: ClientOf
) -> None:
    client = client_of(actor)
    response = client.post(NEW + "?year=2021", {"file": upload_file(row("甲", 1))})
    batch = ImportBatch.objects.get()
    assert response.url == f"/imports/{batch.number}/"
    assert batch.context == {"year": 2021}
    for content, words in ((b"%PDF-1.7", "不是 Excel 文件"), (b"", "文件是空的")):
        bad = type(upload_file())("名单.xlsx", content)
        response = client.post(NEW, {"file": bad})
        assert response.status_code == 422
        assert words in response.content.decode()
    response = client.post(NEW)
    assert response.status_code == 422
    assert "请选择填好的" in response.content.decode()
    assert client.get(NEW + "?for=others").status_code == 403
    assert ImportBatch.objects.count() == 1


def test_a_batch_polls_while_it_is_worked_on_and_then_stops(actor: Actor, client_of: ClientOf) -> None:
    client = client_of(actor)
    batch = uploaded(actor, *MIXED)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    running.preview_batch(batch.pk)
    fragment = client.get(batch.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<div id="batch"')
    assert "every 2s" not in fragment


def test_the_preview_shows_three_lists_with_place_reason_and_clause(
    actor: Actor, client_of: ClientOf
) -> None:
    Organization.objects.create(kind="college", name="已有")
    client = client_of(actor)
    batch = previewed(actor, *MIXED)
    ready = client.get(batch.get_absolute_url()).content.decode()
    assert "可导入 2" in ready
    assert "有冲突 1" in ready
    assert "有错误 2" in ready
    assert "500103199001010001" not in ready
    assert "500***********0001" in ready
    assert "号码与登记的不同" in ready
    errors = client.get(batch.get_absolute_url() + "?tab=error").content.decode()
    for words in ("超过名额", "渝教师函〔2020〕1号", "名额内推荐", "B 身份证号", "Sheet1"):
        assert words in errors
    conflicts = client.get(batch.get_absolute_url() + "?tab=conflict&page=99").content.decode()
    assert "已经存在" in conflicts


def test_script_in_a_cell_is_shown_as_text(actor: Actor, client_of: ClientOf) -> None:
    batch = previewed(actor, row("<script>alert(1)</script>", 1))
    page = client_of(actor).get(batch.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_preview_page_costs_the_same_queries_for_any_length(actor: Actor, client_of: ClientOf) -> None:
    """Two of our own, the batch and one page of its rows, and whatever the frame costs."""
    client = client_of(actor)
    client.get("/imports/")
    seen = []
    for count in (1, 3, 150):
        batch = previewed(actor, *[row(f"演示{number}", number) for number in range(count)])
        with CaptureQueriesContext(connection) as queries:
            page = client.get(batch.get_absolute_url()).content.decode()
        assert ("共 2 页" in page) == (count > 100)
        seen.append((len(queries), sum("sheets_" in each["sql"] for each in queries)))
    assert len(set(seen)) == 1
    assert seen[0][1] == 2


def test_the_acts_of_the_page_lead_to_the_receipt(actor: Actor, client_of: ClientOf) -> None:
    client = client_of(actor)
    batch = previewed(actor, *MIXED)
    address = batch.get_absolute_url()
    assert client.post(address + "mark/").status_code == 302
    assert client.post(address + "take/").status_code == 302
    assert "正在导入" in client.get(address).content.decode()
    Job.objects.update(state=JobState.FAILED, error="磁盘已满")
    stalled = client.get(address).content.decode()
    assert "处理中断" in stalled
    assert "磁盘已满" in stalled
    assert client.post(address + "retry/").status_code == 302
    running.take_batch(batch.pk, actor)
    running.mark_batch(batch.pk)
    receipt = client.get(address).content.decode()
    assert "已导入 3 行" in receipt
    assert batch.number in receipt
    marked = client.get(address + "marked/")
    assert "%EF%BC%88%E9%97%AE%E9%A2%98%E6%A0%87%E6%B3%A8%EF%BC%89" in marked["Content-Disposition"]
    assert b"".join(marked.streaming_content).startswith(b"PK")
    original = client.get(address + "original/")
    assert b"".join(original.streaming_content).startswith(b"PK")
    assert client.post(address + "unknown/").status_code == 404
    assert client.get(address + "take/").status_code == 405


def test_a_press_that_comes_too_late_says_so(actor: Actor, client_of: ClientOf) -> None:
    client = client_of(actor)
    batch = previewed(actor, row("甲", 1))
    uploading.cancel(actor, batch)
    page = client.post(batch.get_absolute_url() + "take/", follow=True).content.decode()
    assert "不能进行此操作" in page
    assert "已取消" in page
    refused = uploading.upload(actor, None, kind=CODE, file=upload_file(["1"], header=["无关"]))
    running.preview_batch(refused.pk)
    assert "没有找到" in client.get(refused.get_absolute_url()).content.decode()


def test_a_stranger_finds_nothing(actor: Actor, client_of: ClientOf) -> None:
    batch = previewed(actor, row("甲", 1))
    client = client_of(make_actor("bureau_clerk"))
    for tail in ("", "original/", "marked/"):
        assert client.get(batch.get_absolute_url() + tail).status_code == 404
    assert client.post(batch.get_absolute_url() + "take/").status_code == 404
    assert batch.number not in client.get("/imports/").content.decode()
    assert client_of(make_actor("trainee")).get(NEW).status_code == 403
    assert batch.number in client_of(actor).get("/imports/").content.decode()


def test_the_api_does_what_the_pages_do(actor: Actor, client_of: ClientOf) -> None:
    client = client_of(actor)
    response = client.post(
        "/api/v1/imports/", {"kind": CODE, "file": upload_file(*MIXED), "params": '{"year": 2021}'}
    )
    assert response.status_code == 201, response.content
    number = response.json()["number"]
    address = f"/api/v1/imports/{number}/"
    batch = ImportBatch.objects.get(number=number)
    running.preview_batch(batch.pk)
    body = client.get(address).json()
    assert (body["state"], body["ready"], body["error"]) == (BatchState.PREVIEWED, 3, 2)
    findings = client.get(address + "findings/").json()
    assert {"row": 3, "clause": "CQ20-2.2"}.items() <= findings[0].items()
    assert "500103" not in str(findings)
    assert client.post(address + "recheck/").json()["state"] == BatchState.PARSING
    running.preview_batch(batch.pk)
    assert client.post(address + "take/").json()["state"] == BatchState.TAKING
    assert client.post(address + "take/").status_code == 409
    Job.objects.update(state=JobState.FAILED)
    assert client.post(address + "retry/").status_code == 200
    running.take_batch(batch.pk, actor)
    assert client.get("/api/v1/imports/").json()["results"][0]["receipt"]["taken"] == 3
    assert client.post(address + "cancel/").status_code == 409
    assert client_of(make_actor("bureau_clerk")).get(address).status_code == 404


def test_the_api_refuses_in_words(actor: Actor, client_of: ClientOf) -> None:
    client = client_of(actor)
    unknown = client.post("/api/v1/imports/", {"kind": "unknown", "file": upload_file()})
    odd = client.post("/api/v1/imports/", {"kind": CODE, "file": upload_file(), "params": "[1]"})
    empty = client.post("/api/v1/imports/", {"kind": CODE, "file": type(upload_file())("a.xlsx", b"")})
    assert "没有这种导入类型" in unknown.content.decode()
    assert "应为 JSON 对象" in odd.content.decode()
    assert empty.json()["code"] == "file_empty"
    assert not ImportBatch.objects.exists()
