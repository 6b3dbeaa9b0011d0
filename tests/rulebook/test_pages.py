"""The rulebook's pages and API, as the office and its readers use them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from portal import clock
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from portal.reviews.models import ReviewChain
from portal.rulebook import calendar, hooks
from portal.rulebook.models import Amendment, Phase, Rule, Rulebook
from tests.factories import BureauFactory, make_actor
from tests.rulebook.conftest import NOTICE

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
INDEX = "/rulebooks/"


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode())


@pytest.fixture
def office(manager: Actor) -> Client:
    return signed_in(manager)


@pytest.fixture
def clerk(manager: Actor) -> Client:
    return signed_in(make_actor(Role.BUREAU_CLERK, BureauFactory(parent=manager.organization.parent)))


@pytest.fixture
def published(rulebook: Rulebook) -> Rulebook:
    Rulebook.objects.update(published_at=timezone.now())
    return Rulebook.objects.get()


@pytest.fixture
def phase(rulebook: Rulebook) -> Phase:
    return rulebook.phases.get()


def page(name: str, *args: Any) -> str:
    return reverse(f"rulebook:{name}", args=args)


def form_of(phase: Phase, **changes: Any) -> dict[str, Any]:
    given = {
        "version": phase.version,
        "name": phase.name,
        "opens_at": "2020-10-23T00:00",
        "closes_at": "2020-10-31T23:59",
        "actors": phase.actors,
        "clause": phase.clause_id,
    }
    return given | changes


@pytest.mark.usefixtures("notices")
def test_the_office_previews_confirms_and_lands_on_the_rulebook(office: Client) -> None:
    assert "TEST20" in text(office.get(INDEX))
    shown = text(office.get(page("preview", "TEST20")))
    assert "报送人选：2020-10-23 00:00 — 2020-10-31 23:59" in shown
    assert "请于10月31日前报送。" in shown
    assert "确认载入" in shown
    assert not Rulebook.objects.exists()
    response = office.post(page("preview", "TEST20"), follow=True)
    assert "已载入“2020年试验计划”" in text(response)
    assert Rulebook.objects.count() == 1
    assert "再次载入不会产生任何变化" in text(office.get(page("preview", "TEST20")))


def test_a_faulty_file_is_explained_on_the_preview(notices: Path, office: Client) -> None:
    (notices / "TEST20.toml").write_text(NOTICE.replace("limit = 3, ", ""), encoding="utf-8")
    response = office.get(page("preview", "TEST20"))
    assert response.status_code == 422
    assert "规则“test.most”的参数不符：limit" in text(response)


def test_the_preview_warns_before_edits_are_overwritten(
    notices: Path, rulebook: Rulebook, office: Client
) -> None:
    (notices / "TEST20.toml").write_text(NOTICE + "\n# changed\n", encoding="utf-8")
    assert "覆盖在屏幕上作过的修改" in text(office.get(page("preview", "TEST20")))
    assert "文件有更新" in text(office.get(INDEX))
    Rulebook.objects.update(published_at=timezone.now())
    assert "不能用文件覆盖" in text(office.get(page("preview", "TEST20")))
    assert "逐项变更" in text(office.post(page("preview", "TEST20")))


def test_drafts_are_for_those_who_prepare_them(rulebook: Rulebook, office: Client, clerk: Client) -> None:
    for name in ("detail", "calendar", "calendar_sheet"):
        assert clerk.get(page(name, rulebook.pk)).status_code == 404
    for name in ("detail", "calendar"):
        assert office.get(page(name, rulebook.pk)).status_code == 200
    assert "2020年试验计划" not in text(clerk.get(INDEX))


def test_a_published_rulebook_is_open_but_not_editable(published: Rulebook, clerk: Client) -> None:
    shown = text(clerk.get(page("detail", published.pk)))
    assert "人数不超过上限" in shown
    assert page("rule", published.rules.get().pk) not in shown
    assert clerk.get(page("phase", published.phases.get().pk)).status_code == 403


def test_another_authority_s_people_do_not_see_it(published: Rulebook) -> None:
    stranger = signed_in(make_actor(Role.BUREAU_CLERK))
    assert stranger.get(page("calendar", published.pk)).status_code == 404


def test_the_manager_edits_a_draft_phase(phase: Phase, office: Client) -> None:
    assert "变更理由" not in text(office.get(page("phase", phase.pk)))
    response = office.post(page("phase", phase.pk), form_of(phase, closes_at="2020-11-05T23:59"))
    assert response.url == page("calendar", phase.rulebook_id)
    end = datetime(2020, 11, 5, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    assert Phase.objects.get().closes_at == end


def test_saving_the_form_as_it_is_changes_nothing(phase: Phase, office: Client) -> None:
    office.post(page("phase", phase.pk), form_of(phase))
    assert Phase.objects.get().version == 1


def test_a_published_deadline_needs_a_reason_and_shows_on_the_calendar(
    published: Rulebook, office: Client, clerk: Client
) -> None:
    phase = published.phases.get()
    extended = form_of(phase, closes_at="2020-11-05T23:59")
    refused = office.post(page("phase", phase.pk), extended)
    assert refused.status_code == 422
    assert "变更理由" in text(refused)
    office.post(page("phase", phase.pk), extended | {"reason": "因天气原因延期"})
    shown = text(clerk.get(page("calendar", published.pk)))
    assert "因天气原因延期" in shown
    assert "2020-11-05" in shown
    assert "截止" in shown


def test_a_refusal_stands_beside_its_field(phase: Phase, office: Client) -> None:
    response = office.post(page("phase", phase.pk), form_of(phase, opens_at="2020-11-01T00:00"))
    assert response.status_code == 422
    assert response.context["form"].errors["closes_at"] == ["截止时间应晚于开始时间。"]


def test_the_second_of_two_editors_keeps_what_was_typed(phase: Phase, office: Client) -> None:
    office.post(page("phase", phase.pk), form_of(phase, name="甲"))
    response = office.post(page("phase", phase.pk), form_of(phase, name="乙"))
    assert response.status_code == 422
    assert "您看到的内容已过期" in text(response)
    assert "乙" in text(response)


def test_phases_are_added_to_and_dropped_from_a_draft(rulebook: Rulebook, office: Client) -> None:
    url = page("new_phase", rulebook.pk)
    assert office.get(url).status_code == 200
    assert office.post(url, {"code": "training", "name": "开展培训"}).status_code == 302
    assert office.post(url, {"code": "training", "name": "开展培训"}).status_code == 422
    office.post(page("drop_phase", rulebook.phases.get(code="training").pk))
    assert [each.code for each in rulebook.phases.all()] == ["nomination"]


def test_a_rule_s_parameters_are_typed_fields(rulebook: Rulebook, office: Client) -> None:
    rule = rulebook.rules.get()
    shown = text(office.get(page("rule", rule.pk)))
    assert "人数上限" in shown
    given = {"version": 1, "severity": "block", "active": "on", "p_limit": "7", "p_posts": "校长\n\n 教师 "}
    refused = office.post(page("rule", rule.pk), given | {"p_limit": "many"})
    assert refused.status_code == 422
    assert office.post(page("rule", rule.pk), given).status_code == 302
    stored = Rule.objects.get()
    assert stored.parameters == {"limit": 7, "posts": ["校长", "教师"], "strict": False}
    assert stored.severity == "block"


def test_rules_are_added_by_kind_and_dropped(rulebook: Rulebook, office: Client) -> None:
    assert page("new_rule", rulebook.pk, "test.most") in text(office.get(page("choose_rule", rulebook.pk)))
    url = page("new_rule", rulebook.pk, "test.most")
    assert "人数上限" in text(office.get(url))
    clause = rulebook.notice.clauses.get().pk
    given = {"p_limit": "2", "severity": "warn"}
    assert office.post(url, given).status_code == 302
    assert office.post(url, given | {"clause": clause}).status_code == 422
    assert office.get(page("new_rule", rulebook.pk, "test.nothing")).status_code == 404
    office.post(page("drop_rule", rulebook.rules.get(clause=None).pk))
    assert rulebook.rules.count() == 1


def test_a_chain_s_steps_are_edited_in_one_form(rulebook: Rulebook, office: Client) -> None:
    chain = ReviewChain.objects.create(rulebook=rulebook, subject_kind="test.thing", name="试验审核")
    chain.steps.create(position=1, name="区县审批", role=Role.BUREAU_APPROVER, where="bureau")
    url = page("chain", chain.pk)
    assert "区县审批" in text(office.get(url))
    given = {
        "version": rulebook.version,
        "steps-TOTAL_FORMS": 2,
        "steps-INITIAL_FORMS": 1,
        "steps-0-name": "审批",
        "steps-0-role": Role.BUREAU_APPROVER,
        "steps-0-where": "bureau",
        "steps-0-days": "2",
        "steps-1-name": "审核",
        "steps-1-role": Role.OFFICE_REVIEWER,
        "steps-1-where": "project_office",
    }
    wrong = office.post(url, given | {"steps-1-where": "bureau"})
    assert wrong.status_code == 422
    assert "不设在" in text(wrong)
    assert office.post(url, given | {"steps-0-days": "0"}).status_code == 422
    assert office.post(url, given).status_code == 302
    assert [(each.name, each.days) for each in chain.steps.all()] == [("审批", 2), ("审核", None)]
    untouched = {f"steps-2-{name}": "" for name in ("name", "role", "where", "days")}
    removed = (
        given
        | untouched
        | {
            "version": rulebook.version + 1,
            "steps-TOTAL_FORMS": 3,
            "steps-INITIAL_FORMS": 2,
            "steps-1-DELETE": "on",
        }
    )
    assert office.post(url, removed).status_code == 302
    assert chain.steps.count() == 1


def test_the_calendar_sheet_has_the_clause_and_the_changes(published: Rulebook, clerk: Client) -> None:
    Amendment.objects.create(
        rulebook=published,
        target="phase:nomination",
        subject="进程“报送人选”",
        before={},
        after={},
        reason="因天气原因延期",
        effective_at=clock.now(),
        made_at=clock.now(),
        made_by="演示",
    )
    response = clerk.get(page("calendar_sheet", published.pk))
    from io import BytesIO

    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "报送人选" in cells
    assert "请于10月31日前报送。" in cells
    assert any("因天气原因延期" in cell for cell in cells)


def test_the_current_calendar_is_the_published_one(published: Rulebook, clerk: Client) -> None:
    assert clerk.get("/rulebooks/calendar/").url == page("calendar", published.pk)


def test_without_any_programme_the_calendar_says_so(clerk: Client) -> None:
    assert "还没有已发布的计划" in text(clerk.get("/rulebooks/calendar/"))


def test_an_app_says_which_rulebook_one_works_in(published: Rulebook, office: Client, rf: Any) -> None:
    other = Rulebook.objects.create(notice=published.notice, title="另一计划", office=published.office)
    hooks.chooses_rulebook(lambda request: None)
    hooks.chooses_rulebook(lambda request: other)
    assert office.get("/rulebooks/calendar/").url == page("calendar", other.pk)


@pytest.mark.parametrize(
    ("now", "state"), [("2020-10-22", "pending"), ("2020-10-24", "open"), ("2020-11-01", "over")]
)
def test_each_window_is_before_in_or_after(phase: Phase, now: str, state: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    [line] = calendar.lines(phase.rulebook, moment)
    assert line.state == state
    assert line.word


def test_the_desk_s_strip_shows_published_windows_only(rulebook: Rulebook, manager: Actor, rf: Any) -> None:
    request = rf.get("/")
    assert list(calendar.strip(request)) == []
    request.actor = manager
    assert list(calendar.strip(request)) == []
    Rulebook.objects.update(published_at=timezone.now())
    [window] = calendar.strip(request)
    assert (window.name, window.url) == ("报送人选", page("calendar", rulebook.pk) + "#nomination")


def test_pages_cost_the_same_with_one_and_with_three(
    published: Rulebook, clerk: Client, django_assert_num_queries: Any
) -> None:
    def count(path: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        clerk.get(path)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            clerk.get(path)
        return len(captured)

    paths = [page("calendar", published.pk), page("detail", published.pk), INDEX]
    with_one = [count(path) for path in paths]
    clause = published.notice.clauses.get()
    for number in range(2):
        Phase.objects.create(rulebook=published, code=f"p{number}", name=f"环节{number}", clause=clause)
        Rule.objects.create(rulebook=published, kind=f"test.r{number}", clause=clause)
        Rulebook.objects.create(
            notice=published.notice, title=f"计划{number}", office=published.office, published_at=clock.now()
        )
    assert [count(path) for path in paths] == with_one


@pytest.fixture
def demo(settings: Any) -> Any:
    settings.DEMO = True
    yield
    cache.delete("demo-clock-seconds")


def test_the_clock_page_moves_the_demo(demo: None, published: Rulebook) -> None:
    admin = signed_in(make_actor(Role.SYSTEM_ADMIN, published.office.parent))
    shown = text(admin.get("/rulebooks/clock/"))
    assert "“报送人选”截止后1小时" in shown
    assert admin.post("/rulebooks/clock/", {"to": "2020-11-01 09:00"}).status_code == 302
    assert timedelta() <= clock.now() - datetime(2020, 11, 1, 9, tzinfo=SHANGHAI) < timedelta(minutes=1)
    assert admin.post("/rulebooks/clock/", {"to": "soon"}).status_code == 422


def test_a_real_portal_has_no_clock_page(settings: Any) -> None:
    settings.DEMO = False
    assert signed_in(make_actor(Role.SYSTEM_ADMIN)).get("/rulebooks/clock/").status_code == 404


def test_the_api_reads_the_same(published: Rulebook, clerk: Client) -> None:
    notice = clerk.get("/api/v1/notices/").json()["results"][0]
    assert notice["clauses"][0]["quote"] == "请于10月31日前报送。"
    assert clerk.get("/api/v1/rulebooks/").json()["results"][0]["notice"] == "TEST20"
    [phase] = clerk.get(f"/api/v1/phases/?rulebook={published.pk}").json()["results"]
    assert phase["clause"] == "TEST20-1"
    assert clerk.get("/api/v1/rules/").json()["results"][0]["parameters"]["limit"] == 3
    assert clerk.get("/api/v1/amendments/").json()["results"] == []


def test_the_api_shows_no_drafts(rulebook: Rulebook, clerk: Client) -> None:
    for name in ("notices", "rulebooks", "phases", "rules"):
        assert clerk.get(f"/api/v1/{name}/").json()["results"] == [], name


@pytest.mark.usefixtures("notices")
def test_the_api_loads_and_changes_with_the_same_refusals(office: Client) -> None:
    loaded = office.post("/api/v1/rulebooks/load/", {"code": "TEST20"}, "application/json").json()
    assert loaded["changed"] is True
    phase, rule = Phase.objects.get(), Rule.objects.get()
    Rulebook.objects.update(published_at=timezone.now())
    change = {"version": 1, "closes_at": "2020-11-05T23:59:59+08:00"}
    refused = office.post(f"/api/v1/phases/{phase.pk}/change/", change, "application/json")
    assert refused.status_code == 422
    assert refused.json()["fields"]["reason"]
    done = office.post(f"/api/v1/phases/{phase.pk}/change/", change | {"reason": "延期"}, "application/json")
    assert done.json()["version"] == 2
    changed = office.post(
        f"/api/v1/rules/{rule.pk}/change/",
        {"version": 1, "active": False, "reason": "取消"},
        "application/json",
    )
    assert changed.json()["active"] is False
    assert Amendment.objects.count() == 2
