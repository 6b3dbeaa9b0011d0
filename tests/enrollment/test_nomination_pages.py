"""The pages of nominations, sheets and the queue: what they do, whom they refuse, what they cost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment.models import Nomination, NominationSheet, NominationState, SheetState
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import Verdict
from portal.ui import registry
from tests.enrollment.support import Scene, again, pdf, review_of
from tests.factories import make_actor
from tests.programs.world import as_actor

pytestmark = pytest.mark.django_db


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def downloaded(response: Any) -> bytes:
    """What a file's answer sends, to the end: then it closes its file."""
    return b"".join(response.streaming_content)


def test_a_school_chooses_a_project_then_teachers_and_sends_them(scene: Scene) -> None:
    good, bad = scene.teacher(name="张合格"), scene.teacher(name="王缺项", phone="")
    client = as_actor(scene.school_admin)
    projects = text_of(client.get(reverse("enrollment:choose_project")))
    assert "演示项目P1" in projects
    assert scene.bureau.label in projects
    address = reverse("enrollment:choose_teachers", args=[scene.project.pk])
    offered = text_of(client.get(address))
    assert f'value="{good.pk}"' in offered
    assert f'value="{bad.pk}"' not in offered
    assert "个人信息缺少：手机" in offered
    checked = text_of(client.post(address, {"teacher": [good.pk, bad.pk]}))
    assert "有 1 人不符合规定" in checked
    assert not Nomination.objects.exists()
    sent = client.post(address, {"teacher": [good.pk], "do": "submit", "note": "骨干"}, follow=True)
    assert "已报送1人" in text_of(sent)
    assert Nomination.objects.get().note == "骨干"


def test_a_refused_submission_shows_the_people_again(scene: Scene) -> None:
    bad = scene.teacher(phone="")
    client = as_actor(scene.school_admin)
    address = reverse("enrollment:choose_teachers", args=[scene.project.pk])
    again_shown = client.post(address, {"teacher": [bad.pk], "do": "submit"})
    assert again_shown.status_code == 422
    assert bad.name in text_of(again_shown)
    assert "请先勾选" in text_of(client.post(address, {}, follow=True))


@pytest.mark.clause("CQ20-6.2")
def test_a_bureau_draws_up_a_sheet_uploads_its_scan_and_sends_it(scene: Scene) -> None:
    teacher = scene.teacher()
    client = as_actor(scene.clerk)
    address = reverse("enrollment:choose_teachers", args=[scene.project.pk])
    client.post(address, {"teacher": [teacher.pk], "do": "submit"})
    sheet = NominationSheet.objects.get()
    page = reverse("enrollment:sheet", args=[sheet.pk])
    assert "第二步" in text_of(client.get(page))
    refused = client.post(page, {})
    assert refused.status_code == 422
    assert "未附盖章扫描件" in text_of(refused)
    assert "已报送" in text_of(client.post(page, {"scan": pdf()}, follow=True))
    sheet.refresh_from_db()
    assert sheet.state == SheetState.SUBMITTED
    scan = client.get(reverse("enrollment:sheet_scan", args=[sheet.pk]))
    assert scan["Content-Type"] == "application/pdf"
    assert downloaded(scan).startswith(b"%PDF")


def test_a_sheet_is_exported_and_given_up_on_its_pages(scene: Scene) -> None:
    sheet = scene.sheet(scene.teacher())
    client = as_actor(scene.clerk)
    export = reverse("enrollment:sheet_export", args=[sheet.pk])
    assert downloaded(client.get(export)).startswith(b"PK")
    full = client.post(export, {"reason": "打印盖章"})
    assert downloaded(full).startswith(b"PK")
    assert "请填写用途" in text_of(client.post(export, {}, follow=True))
    withdraw = reverse("enrollment:sheet_withdraw", args=[sheet.pk])
    assert client.post(withdraw, {"reason": ""}).status_code == 422
    assert "已撤回" in text_of(client.post(withdraw, {"reason": "填错"}, follow=True))


def test_the_record_says_what_was_found_who_has_it_and_what_happened(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    page = text_of(as_actor(scene.clerk).get(reverse("enrollment:nomination", args=[made.pk])))
    assert "依据" in page
    assert "六（一）" in page
    assert "下一步：项目办资格审核" in page
    assert made.teacher.id_number not in page
    assert made.teacher.masked_id in page


def test_a_returned_person_is_sent_again_from_the_record(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    scene.decided(made, Verdict.RETURN, "请核对专业")
    client = as_actor(scene.clerk)
    assert "请核对专业" in text_of(client.get(reverse("enrollment:nomination", args=[made.pk])))
    client.post(reverse("enrollment:resubmit", args=[made.pk]), {"note": "已核对"})
    assert again(made).state == NominationState.SUBMITTED
    client.post(reverse("enrollment:withdraw", args=[made.pk]), {"reason": "误报"})
    assert again(made).state == NominationState.WITHDRAWN


def test_reviewers_go_through_the_queue_person_by_person(scene: Scene) -> None:
    first, second = scene.submitted(scene.teacher(), scene.teacher())
    client = as_actor(scene.reviewer)
    page = text_of(client.get(reverse("enrollment:eligibility"), {"verdict": "pass"}))
    assert first.teacher.name in page
    assert f'name="next" value="{second.pk}"' in page
    decide = reverse("enrollment:decide", args=[first.pk])
    given = {"verdict": "return", "version": review_of(first).version, "next": second.pk}
    refused = client.post(f"{decide}?verdict=pass", given, follow=True)
    assert "须写明理由" in text_of(refused)
    done = client.post(f"{decide}?verdict=pass", {**given, "opinion": "请核对"})
    assert done["Location"] == f"/eligibility/?verdict=pass&at={second.pk}"
    assert again(first).opinion == "请核对"
    late = client.post(decide, {**given, "verdict": "approve"}, follow=True)
    assert "意见没有提交" in text_of(late)
    wrong = client.post(decide, {"verdict": "maybe"}, follow=True)
    assert "请选择结论" in text_of(wrong)


def test_a_ready_opinion_is_enough(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher())
    client = as_actor(scene.reviewer)
    page = text_of(client.get(reverse("enrollment:eligibility")))
    ready = re.findall(r'<option value="([^"]+)"', page.split('name="ready"')[1])[0]
    given = {"verdict": "reject", "version": review_of(made).version, "ready": ready}
    client.post(reverse("enrollment:decide", args=[made.pk]), given)
    assert (again(made).state, again(made).opinion) == (NominationState.REJECTED, ready)


def test_all_that_the_filter_matches_is_decided_after_one_question_with_its_number(scene: Scene) -> None:
    made = scene.submitted(scene.teacher(), scene.teacher())
    other = scene.submitted(scene.teacher(), project=scene.world.project("P2"))
    client = as_actor(scene.reviewer)
    address = f"{reverse('enrollment:eligibility')}?project={scene.project.pk}"
    given = {"register": "enrollment.waiting", "do": "approve", "all": "1"}
    assert "将处理 2 条记录" in text_of(client.post(address, given))
    done = client.post(address, {**given, "confirmed": "1", "opinion": ""}, follow=True)
    assert "已审核2人" in text_of(done)
    assert {again(each).state for each in made} == {NominationState.APPROVED}
    assert again(other[0]).state == NominationState.SUBMITTED


def test_the_empty_queue_says_so(scene: Scene) -> None:
    client = as_actor(scene.reviewer)
    assert "没有等您审核的推荐人选" in text_of(client.get(reverse("enrollment:eligibility")))
    assert "请放宽或清除" in text_of(client.get(reverse("enrollment:eligibility"), {"q": "谁"}))


def test_the_register_finds_people_by_name_number_and_project_and_exports_masked(scene: Scene) -> None:
    made, other = scene.submitted(scene.teacher(name="张三丰"), scene.teacher(name="李四光"))
    client, address = as_actor(scene.clerk), reverse("enrollment:nominations")
    for words in ("张三丰", "zsf", made.teacher.id_number):
        page = text_of(client.get(address, {"q": words}))
        assert "张三丰" in page
        assert "李四光" not in page
    assert "李四光" in text_of(client.get(address, {"q": "P1", "state": "submitted"}))
    given = {"register": "enrollment.nominations", "pk": other.pk}
    assert downloaded(client.post(address, {**given, "do": "export"})).startswith(b"PK")
    asked = client.post(address, {**given, "do": "export_full"})
    assert "用途" in text_of(asked)
    full = client.post(address, {**given, "do": "export_full", "confirmed": "1", "reason": "归档"})
    assert downloaded(full).startswith(b"PK")


STRANGERS = [Role.COLLEGE_ADMIN, Role.BASE_ADMIN, Role.TRAINEE, Role.AUDIT_ADMIN]


@pytest.mark.parametrize("role", STRANGERS)
def test_a_stranger_finds_neither_people_nor_sheets(scene: Scene, role: Role) -> None:
    (made,) = scene.submitted(scene.teacher())
    client = as_actor(make_actor(role))
    for name in ("nomination", "withdraw", "resubmit"):
        assert client.get(reverse(f"enrollment:{name}", args=[made.pk])).status_code == 404
    for name in ("sheet", "sheet_withdraw", "sheet_export", "sheet_scan"):
        assert client.get(reverse(f"enrollment:{name}", args=[made.sheet_id])).status_code == 404
    decided = client.post(reverse("enrollment:decide", args=[made.pk]), {"verdict": "approve"})
    assert decided.status_code in {403, 404}
    for name in ("nominations", "sheets"):
        assert made.teacher.name not in text_of(client.get(reverse(f"enrollment:{name}")))
    assert again(made).state == NominationState.SUBMITTED


def test_who_may_not_put_people_forward_is_refused_the_pages(scene: Scene) -> None:
    for stranger in (scene.reviewer, make_actor(Role.BASE_ADMIN)):
        assert as_actor(stranger).get(reverse("enrollment:choose_project")).status_code == 403


def test_the_desk_names_seats_returns_sheets_and_search_finds_people(scene: Scene) -> None:
    (made,) = scene.submitted(scene.teacher(name="张三丰"))
    scene.decided(made, Verdict.RETURN, "请核对")
    scene.sheet(scene.teacher())
    client = as_actor(scene.clerk)
    desk = text_of(client.get("/"))
    assert "还有4个名额未推荐人选" in desk
    assert "1人被退回，请更正" in desk
    assert "推荐汇总表（1人）待盖章报送" in desk
    assert reverse("enrollment:nomination", args=[made.pk]) in text_of(
        client.get(reverse("ui:search"), {"q": "张三丰"})
    )
    assert reverse("enrollment:eligibility") in text_of(as_actor(scene.reviewer).get("/"))


@pytest.mark.parametrize("name", ["nominations", "sheets", "eligibility"])
def test_lists_cost_the_same_for_one_row_and_for_three(
    scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.programs, "_providers", [])
    actor: Actor = scene.reviewer
    client, url = as_actor(actor), reverse(f"enrollment:{name}")
    client.get(url)
    costs = []
    for rows in (1, 3):
        while Nomination.objects.count() < rows:
            scene.submitted(scene.teacher())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]
