"""When: the calendar opens and closes operations by the clock itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from portal.operations.gate import phase_refusal
from portal.rulebook.models import Clause, Notice, Phase, Rulebook

OPENS = datetime(2020, 10, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
CLOSES = datetime(2020, 10, 31, 23, 59, 59, 999999, tzinfo=ZoneInfo("Asia/Shanghai"))
TICK = timedelta(microseconds=1)


@pytest.fixture
def rulebook(db: None) -> Rulebook:
    notice = Notice.objects.create(
        code="T", number="试〔2020〕1号", title="t", issuer="i", issued_on="2020-10-23"
    )
    clause = Clause.objects.create(notice=notice, code="T-1", section="一", quote="10月31日前", position=1)
    rulebook = Rulebook.objects.create(notice=notice, title="试验计划", published_at=timezone.now())
    Phase.objects.create(
        rulebook=rulebook, code="nomination", name="报送", opens_at=OPENS, closes_at=CLOSES, clause=clause
    )
    Phase.objects.create(rulebook=rulebook, code="always", name="随时")
    return rulebook


@pytest.mark.parametrize("now", [OPENS, OPENS + timedelta(days=3), CLOSES])
def test_the_window_is_open_from_its_first_to_its_last_moment(rulebook: Rulebook, now: datetime) -> None:
    assert phase_refusal("nomination", rulebook, now) is None


@pytest.mark.parametrize(
    ("now", "said"),
    [(OPENS - TICK, "自2020年10月23日00时00分起办理"), (CLOSES + TICK, "已于2020年10月31日23时59分截止")],
)
def test_outside_it_says_when_and_quotes_the_clause(rulebook: Rulebook, now: datetime, said: str) -> None:
    refused = phase_refusal("nomination", rulebook, now)
    assert refused is not None
    assert said in str(refused.message)
    assert refused.citation is not None
    assert refused.citation.quote == "10月31日前"


def test_a_window_without_bounds_is_always_open(rulebook: Rulebook) -> None:
    assert phase_refusal("always", rulebook, OPENS) is None


def test_an_operation_without_a_phase_needs_no_rulebook() -> None:
    assert phase_refusal(None, object(), OPENS) is None


def test_a_draft_opens_nothing(rulebook: Rulebook) -> None:
    rulebook.published_at = None
    refused = phase_refusal("always", rulebook, OPENS)
    assert refused is not None
    assert refused.code == "unpublished"


def test_a_phase_that_the_notice_does_not_have_is_closed(rulebook: Rulebook) -> None:
    refused = phase_refusal("selection", rulebook, OPENS)
    assert refused is not None
    assert refused.code == "no_such_phase"


def test_the_calendar_is_read_once_an_instance(rulebook: Rulebook, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(3):
            phase_refusal("nomination", rulebook, OPENS)
