"""How figures, states, due times and actions read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.roles import Role
from portal.jobs.models import Job, JobState
from portal.operations.actor import Actor
from portal.ui import formats
from portal.ui.charts import Chart, ChartKind, Series
from portal.ui.icons import known_icons
from portal.ui.templatetags import portal_ui
from portal.ui.tones import tone_of
from portal.ui.widgets import DateInput, DateTimeInput, SearchSelectMultiple
from tests.ui.pages import CITATION, FINDINGS, ReasonForm, close, rename


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1234.5"), "¥1,234.50"),
        (0, "¥0.00"),
        (-3, "-¥3.00"),
        (Decimal("1234567.891"), "¥1,234,567.89"),
    ],
)
def test_money(value: Decimal, shown: str) -> None:
    assert formats.money(value) == shown
    assert draw("{{ value|money }}", value=value) == shown


def test_figures_that_are_not_there_are_nothing() -> None:
    assert draw("{{ x|money }}{{ x|number }}{{ x|ten_thousands }}{{ x|day }}{{ x|moment }}", x=None) == ""


def test_large_sums_and_counts() -> None:
    assert draw("{{ x|ten_thousands }} {{ x|number }}", x=1234500) == "123.45万元 1,234,500"


def test_days_and_moments() -> None:
    assert formats.day(date(2020, 10, 31)) == "2020-10-31"
    assert formats.day(at("2020-10-31T23:59:59.999999")) == "2020-10-31"
    assert formats.day(at("2020-10-31T12:00")) == "2020-10-31 12:00"
    assert draw("{{ x|moment }}", x=at("2020-10-31T12:00")) == "2020-10-31 12:00"


@pytest.mark.parametrize(
    ("now", "words", "tone"),
    [
        ("2020-10-24T08:00", "还剩7天", "idle"),
        ("2020-10-29T08:00", "还剩2天", "warn"),
        ("2020-10-31T08:00", "今天截止", "warn"),
        ("2020-11-01T00:00", "已逾期1天", "bad"),
    ],
)
def test_due_times_say_how_long_is_left(now: str, words: str, tone: str) -> None:
    due = formats.due(at("2020-10-31T23:59:59.999999"), at(now))
    assert (due.day, due.words, due.tone) == ("2020-10-31", words, tone)


def test_what_ended_earlier_today_is_over() -> None:
    assert formats.due(at("2020-10-31T12:00"), at("2020-10-31T13:00")).words == "今天已截止"


def test_no_due_time_is_a_dash() -> None:
    assert "—" in draw("{% due x %}", x=None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13812345678", "138****5678"),
        ("500101198001010017", "500***********0017"),
        ("张三", "张*"),
        ("", ""),
        ("1234567", "1*****7"),
    ],
)
def test_masks(value: str, shown: str) -> None:
    assert draw("{{ value|mask }}", value=value) == shown


@given(st.text(min_size=6, max_size=40))
def test_a_mask_keeps_the_length_and_hides_something(value: str) -> None:
    assert len(formats.mask(value)) == len(value)
    assert "*" in formats.mask(value)


def test_icons_come_from_the_list() -> None:
    assert 'href="/static/vendor/icons.svg#bell"' in draw('{% icon "bell" %}')
    with pytest.raises(ValueError, match=r"icons\.txt"):
        portal_ui.icon("no-such-icon")
    assert len(known_icons()) > 40


def test_a_state_is_a_word_on_its_tone() -> None:
    assert draw('{% badge "approved" "已批准" %}') == '<span class="state state-ok">已批准</span>'
    assert tone_of("nobody_named_this") == "idle"
    record = SimpleNamespace(state="x")
    assert "state-bad" in draw('{% badge "x" "坏" tone="bad" %}', record=record)


def test_the_word_of_a_state_is_escaped() -> None:
    assert "&lt;b&gt;" in draw("{% badge 'x' word %}", word="<b>")


def test_evidence_shows_the_gravest_first_with_its_clause() -> None:
    html = draw("{% evidence findings %}", findings=FINDINGS)
    assert html.index("在禁训期内") < html.index("原则上不超过45周岁") < html.index("名额充足")
    assert "名额不得跨区县调剂" in html
    assert "没有适用的规则" in draw("{% evidence findings %}", findings=[])


def test_no_citation_is_nothing() -> None:
    assert draw("{% citation x %}", x=None).strip() == ""
    assert "渝教师发〔2020〕1号" in draw("{% citation x %}", x=CITATION)


def test_history_says_who_when_what_and_why() -> None:
    entry = SimpleNamespace(
        label="退回修改",
        outcome="done",
        business_at=at("2020-10-31T12:00"),
        actor_name="演示用户",
        organization_name="项目办",
        reason="缺盖章",
    )
    html = draw("{% history entries %}", entries=[entry])
    for word in ("退回修改", "2020-10-31 12:00", "演示用户", "项目办", "缺盖章"):
        assert word in html
    assert "还没有记录" in draw("{% history entries %}", entries=[])
    assert "更早的" not in html


def test_old_history_is_folded() -> None:
    entries = [SimpleNamespace(label=f"第{number}步", at=at("2020-10-31T12:00")) for number in range(11)]
    recent, older = draw("{% history entries %}", entries=entries).split("更早的3条记录")
    assert "第7步" in recent
    assert "第8步" in older


def as_actor(role: Role) -> SimpleNamespace:
    return SimpleNamespace(actor=Actor(name="演示用户", role=role))


def test_an_action_that_is_not_allowed_stands_disabled_with_its_reason() -> None:
    html = draw('{% action op None "关闭" "/close/" %}', op=close, request=as_actor(Role.BUREAU_CLERK))
    assert "disabled" in html
    assert "您当前的角色不能" in html
    assert "<form" not in html


def test_an_allowed_action_is_a_form_or_a_link() -> None:
    request = as_actor(Role.BUREAU_CLERK)
    form = draw(
        '{% action op None "改名" "/r/" confirm="不能撤回" %}', op=rename, request=request, csrf_token="t"
    )
    assert 'data-confirm="不能撤回"' in form
    assert 'value="t"' in form
    link = draw(
        '{% action "ui.rename" None "改名" "/r/" method="get" style="primary" glyph="edit" %}',
        request=request,
    )
    assert '<a class="btn btn-primary" href="/r/">' in link


def test_a_form_field_has_its_label_hint_and_error_in_words() -> None:
    html = draw("{{ form }}", form=ReasonForm({"reason": ""}))
    assert 'for="id_reason"' in html
    assert "必填" in html
    assert "会发给对方单位" in html
    assert 'id="id_reason_error"' in html
    assert "is-invalid" in html


def test_crumbs() -> None:
    html = draw('{% crumb "台账" "/list/" %}{% crumb "某校" %}')
    assert '<a href="/list/">台账</a>' in html
    assert 'aria-current="page"' in html


def test_a_chart_is_its_table() -> None:
    chart = Chart("名额", ChartKind.BAR, "区县", ["甲", "乙"], [Series("已用", [1, None])])
    assert list(chart.rows) == [("甲", [1]), ("乙", [None])]
    html = draw('{% include "components/chart.html" %}', chart=chart)
    assert 'data-value="1"' in html
    assert 'data-value=""' in html
    with pytest.raises(ValueError, match="needs 2 figures"):
        Chart("名额", ChartKind.BAR, "区县", ["甲", "乙"], [Series("已用", [1])])


def test_nothing_is_due_three_days_before_without_a_warning() -> None:
    now = at("2020-10-28T12:00")
    assert formats.due(now + formats.SOON, now).tone == "warn"
    assert formats.due(now + formats.SOON + timedelta(seconds=1), now).tone == "idle"


def test_a_record_with_a_state_is_its_own_badge() -> None:
    assert (
        draw("{% badge job %}", job=Job(state=JobState.FAILED)) == '<span class="state state-bad">失败</span>'
    )


def test_browsers_get_the_dates_they_read() -> None:
    value = datetime(2020, 10, 31, 9, 30)
    assert 'value="2020-10-31"' in DateInput().render("day", value)
    assert 'value="2020-10-31T09:30"' in DateTimeInput().render("at", value)
    assert 'data-search="1"' in SearchSelectMultiple(choices=[("a", "b")]).render("x", [])
