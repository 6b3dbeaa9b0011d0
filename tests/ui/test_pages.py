"""Who gets a page, what a refusal looks like, and what the frame shows and costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.checks import Error
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed
from portal.messages.models import Message
from portal.operations.actor import Actor
from portal.ui import checks, registry, services
from portal.ui.models import ColumnSet
from portal.ui.registry import (
    CalendarPhase,
    Group,
    NavEntry,
    Number,
    Plug,
    ProgramChoice,
    SearchHit,
    WorkItem,
)
from tests.factories import UserFactory, make_actor
from tests.ui.conftest import SignIn

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/organizations/?kind=school"}


def test_a_stranger_is_sent_to_sign_in_and_back() -> None:
    response = Client().get("/organizations/?kind=school")
    assert response.headers["Location"] == "/account/login/?next=/organizations/%3Fkind%3Dschool"


def test_a_fragment_asked_for_after_the_session_ended_moves_the_whole_window() -> None:
    response = Client().get("/organizations/?kind=school", headers=HTMX)
    assert response.headers["HX-Redirect"] == "/account/login/?next=%2Forganizations%2F%3Fkind%3Dschool"


def test_a_followed_redirect_to_sign_in_moves_the_whole_window_too() -> None:
    response = Client().get("/account/login/?next=/organizations/", headers=HTMX)
    assert response.headers["HX-Redirect"].startswith("/account/login/?next=%2Forganizations")
    assert response.content == b""


def test_a_person_without_a_role_is_told_whom_to_ask() -> None:
    client = Client()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    response = client.get("/")
    assert response.status_code == 403
    assert "联系本单位管理员为您分配角色" in response.text


def test_a_wrong_role_is_refused_with_what_to_do(sign_in: SignIn) -> None:
    client, _membership = sign_in(Role.EXPERT)
    response = client.get("/form/")
    assert response.status_code == 403
    assert "您无权办理" in response.text
    assert "切换后再打开" in response.text


def test_an_uncaught_refusal_becomes_a_page_with_its_clause(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.get("/refuse/", headers={"Referer": "http://testserver/organizations/"})
    assert response.status_code == 409
    assert "记录已被他人修改" in response.text
    assert "名额不得跨区县调剂" in response.text
    assert 'href="http://testserver/organizations/"' in response.text


def test_the_way_back_never_leads_elsewhere(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.get("/refuse/", headers={"Referer": "https://elsewhere.example/"})
    assert response.context["back"] == "/"


def test_htmx_gets_a_refusal_for_the_messages_region(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.get("/refuse/", headers=HTMX)
    assert response.status_code == 409
    assert response.headers["HX-Retarget"] == "#messages"
    assert "<html" not in response.text
    assert "记录已被他人修改" in response.text


def test_other_errors_stay_errors(sign_in: SignIn) -> None:
    with pytest.raises(ZeroDivisionError):
        Client().get("/crash/")


def test_the_error_page_stands_without_anything_around_it() -> None:
    response = Client(raise_request_exception=False).get("/crash/")
    assert response.status_code == 500
    assert "系统出错，未能完成" in response.text


def test_a_missing_page_says_what_to_do(sign_in: SignIn) -> None:
    response = sign_in()[0].get("/nowhere/")
    assert response.status_code == 404
    assert "返回工作台" in response.text


def test_an_expired_form_says_that_nothing_was_submitted(sign_in: SignIn) -> None:
    _client, membership = sign_in()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    response = strict.post("/form/", {"title": "x"})
    assert response.status_code == 403
    assert "内容没有提交" in response.text
    assert "?next=/form/" in response.text


def test_perform_shows_a_refusal_above_the_page_and_answers_422(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.get("/perform/", {"name": "违规"})
    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert "原则上不超过45周岁" in response.text
    assert client.get("/perform/", {"name": "新名"}).status_code == 200


def test_a_fragment_brings_the_messages_along(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.get("/perform/", {"name": "违规"}, headers=HTMX | {"HX-Boosted": "true"})
    assert "在禁训期内" in response.text
    client.post("/organizations/", {"do": "mark"})
    fragment = client.get("/organizations/", headers=HTMX)
    assert 'hx-swap-oob="true"' in fragment.text
    assert "没有选中任何记录" in fragment.text
    assert "hx-swap-oob" not in client.get("/organizations/", headers=HTMX).text


def test_submit_puts_a_refusal_beside_its_field(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.post("/one/", {"reason": "占用"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"reason": ["名称已被使用，请换一个。"]}
    assert client.post("/one/", {"reason": "新名"}).status_code == 302


def test_submit_shows_findings_above_the_form(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.post("/one/", {"reason": "违规"})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["在禁训期内"]
    assert "名额不得跨区县调剂" in response.text


def test_navigation_shows_what_the_role_can_use_by_groups(sign_in: SignIn) -> None:
    registry.nav(
        NavEntry(Group.PEOPLE, "机构", "test:organizations", "building"),
        NavEntry(Group.DESK, "待办", "home", "home", order=0),
        NavEntry(Group.SYSTEM, "审计", "ui:search", "history", frozenset({Role.AUDIT_ADMIN})),
    )
    client, _membership = sign_in()
    shell = client.get("/organizations/?kind=school").context["shell"]
    assert [(str(group.label), [link.label for link in group.links]) for group in shell.nav] == [
        ("工作台", ["待办"]),
        ("机构与人员", ["机构"]),
    ]
    assert [group.current for group in shell.nav] == [False, True]
    auditor, _other = sign_in(Role.AUDIT_ADMIN)
    assert len(auditor.get("/").context["shell"].nav) == 3


def test_the_same_line_is_added_once() -> None:
    entry = NavEntry(Group.DESK, "待办", "home", "home")
    registry.nav(entry, entry)
    registry.nav(entry)
    assert registry.navigation() == [entry]


def test_a_line_that_leads_nowhere_is_found_at_start() -> None:
    registry.nav(NavEntry(Group.DESK, "x", "no:such", "no-such-icon"))
    found = checks.navigation_leads_somewhere(None)
    assert [each.id for each in found if isinstance(each, Error)] == ["ui.E001", "ui.E002"]


def test_a_provider_is_plugged_in_once_and_can_be_taken_out() -> None:
    plug: Plug = Plug()

    @plug
    def provider() -> None: ...

    plug(provider)
    assert list(plug) == [provider]
    plug.remove(provider)
    assert list(plug) == []


def test_the_desk_lists_what_waits_by_due_time(sign_in: SignIn) -> None:
    now = clock.now()
    registry.work_items(
        lambda actor, when: [
            WorkItem("以后", "/a/"),
            WorkItem("三天", "/b/", now + timedelta(days=3), 4),
            WorkItem("没有", "/c/", now, 0),
        ]
    )
    registry.work_items(lambda actor, when: [WorkItem("逾期", "/d/", now - timedelta(days=2))])
    client, _membership = sign_in()
    response = client.get("/")
    assert [item.title for item in response.context["items"]] == ["逾期", "三天", "以后"]
    assert "已逾期2天" in response.text
    assert "4 条" in response.text


def test_an_empty_desk_says_so(sign_in: SignIn) -> None:
    assert "现在没有等您办理的事项" in sign_in()[0].get("/").text


def test_the_calendar_shows_where_today_lies(sign_in: SignIn) -> None:
    now = clock.now()
    registry.calendar(
        lambda request: [
            CalendarPhase("过去", now - timedelta(days=10), now - timedelta(days=5)),
            CalendarPhase("现在", None, now + timedelta(days=3)),
            CalendarPhase("将来", now + timedelta(days=5), None),
            CalendarPhase("一直", None, None),
        ]
    )
    strip = sign_in()[0].get("/").context["strip"]
    assert [bar.words for bar in strip.bars] == ["已结束", "还剩3天", "未开始", "进行中"]
    assert strip.bars[0].start + strip.bars[0].length < strip.today < strip.bars[2].start
    assert strip.bars[3].length == 1000


def test_no_calendar_no_strip(sign_in: SignIn) -> None:
    registry.calendar(lambda request: [])
    assert sign_in()[0].get("/").context["strip"] is None


def test_six_numbers_at_most(sign_in: SignIn) -> None:
    registry.numbers(lambda actor, now: [Number(f"数{n}", n, "/") for n in range(9)])
    assert len(sign_in()[0].get("/").context["numbers"]) == 6


@pytest.mark.parametrize(("has_begun", "first"), [(False, "已推荐"), (True, "培训合格")])
def test_what_came_of_the_training_stands_first_once_it_has_begun(
    sign_in: SignIn, has_begun: bool, first: str
) -> None:
    registry.outcomes(lambda actor, now: [Number("培训合格", 3, "/")])
    registry.numbers(lambda actor, now: [Number("已推荐", 4, "/")])
    registry.begun(lambda actor, now: has_begun)
    shown = sign_in()[0].get("/").context["numbers"]
    assert (str(shown[0].label), len(shown)) == (first, 2)


def test_search_asks_every_provider_and_groups_by_kind(sign_in: SignIn) -> None:
    asked: list[str] = []

    def found(actor: Actor, text: str) -> list[SearchHit]:
        asked.append(text)
        return [SearchHit("教师", "张演示", "/t/"), SearchHit("班次", "一班", "/c/")]

    registry.search(found)
    client, _membership = sign_in()
    response = client.get("/ui/search/", {"q": " 演示 "})
    assert [kind for kind, _hits in response.context["groups"]] == ["教师", "班次"]
    assert "至少两个字" in client.get("/ui/search/", {"q": "演"}).text
    assert asked == ["演示"]


def test_programmes_are_switched_in_the_session(sign_in: SignIn) -> None:
    registry.programs(
        lambda request: [ProgramChoice(7, "2020年计划", request.session.get("program_id") == 7)]
    )
    client, _membership = sign_in()
    assert "选择年度计划" in client.get("/").text
    response = client.post("/ui/program/", {"program": "7", "next": "/organizations/"})
    assert response.headers["Location"] == "/organizations/"
    assert client.get("/").context["shell"].program.pk == 7
    assert client.post("/ui/program/", {"program": "8"}).status_code == 404


def test_nobody_is_sent_to_another_site(sign_in: SignIn) -> None:
    client, _membership = sign_in()
    response = client.post("/ui/large-type/", {"on": "1", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"


def test_large_type_is_remembered_for_strangers_and_people(sign_in: SignIn) -> None:
    stranger = Client()
    stranger.post("/ui/large-type/", {"on": "1"})
    assert 'class="large-type"' in stranger.get("/account/login/").text
    client, membership = sign_in()
    client.post("/ui/large-type/", {"on": "1"})
    client.cookies.pop("large_type")
    assert 'class="large-type"' in client.get("/").text
    client.post("/ui/large-type/", {"on": "0"})
    membership.user.refresh_from_db()
    assert not membership.user.large_type


def test_the_bell_counts_up_to_99(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client, membership = sign_in()
    Message.objects.bulk_create(Message(recipient=membership.user, title=str(n)) for n in range(101))
    assert client.get("/").context["shell"].unread_label == "99+"
    Message.objects.all()[50].delete()
    Message.objects.filter(pk__in=list(Message.objects.values_list("pk", flat=True)[:90])).delete()
    assert client.get("/").context["shell"].unread_label == "10"


def test_the_demo_says_its_time_on_every_page(sign_in: SignIn, settings) -> None:
    assert "演示时间" not in Client().get("/account/login/").text
    settings.DEMO = True
    assert "演示时间" in Client().get("/account/login/").text


def test_a_trainee_gets_the_bar_instead_of_the_side(sign_in: SignIn) -> None:
    registry.nav(NavEntry(Group.DESK, "待办", "home", "home"))
    text = sign_in(Role.TRAINEE)[0].get("/").text
    assert "bottom-bar" in text
    assert "main-navigation" not in text


@pytest.mark.parametrize("lines", [1, 3])
def test_the_frame_costs_the_same_whatever_it_shows(sign_in: SignIn, lines: int) -> None:
    registry.nav(*(NavEntry(Group.DESK, f"线{n}", "home", "home") for n in range(lines)))
    client, membership = sign_in()
    Message.objects.bulk_create(Message(recipient=membership.user, title=str(n)) for n in range(lines))
    client.get("/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    unread = [each["sql"] for each in captured if "portal_messages_message" in each["sql"]]
    assert len(unread) == 1


def test_pages_forbid_inline_script_and_style_and_have_none(sign_in: SignIn) -> None:
    response = sign_in()[0].get("/organizations/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for forbidden in ("<style", " style=", "javascript:", " onclick="):
        assert forbidden not in response.text
    assert response.text.count("<script") == response.text.count('src="/static/')


def test_column_sets_are_limited_and_belong_to_somebody() -> None:
    actor = make_actor(Role.BUREAU_CLERK)
    for number in range(services.MAX_SETS):
        services.save_columns(actor, "r", f"方案{number}", ["a"])
    with pytest.raises(Invalid):
        services.save_columns(actor, "r", "再来", ["a"])
    services.save_columns(actor, "r", "方案0", ["b"])
    assert ColumnSet.objects.get(current=True).columns == ["b"]
    with pytest.raises(NotAllowed):
        services.save_columns(Actor.system("worker"), "r", "x", ["a"])
    assert not ColumnSet.objects.visible_to(Actor.system("worker")).exists()
