"""The pages of results, performance and progress in a browser: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import SummaryLevel
from assessment.services.certificates import issue_certificates
from assessment.services.performance import reckon
from programs.models import Program
from tests.assessment.finished import Finished, fresh, make_finished
from tests.browser import DESKTOP, PHONE, Browser, axe, look, too_wide
from tests.programs.world import moment, set_clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finished(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Finished:
    """A class with published results and certificates, and a summary."""
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished()
    set_clock(monkeypatch, moment(11, 20))
    issue_certificates(made.base, fresh(made.published()))
    reckon(made.office, Program.objects.select_related("rulebook", "office__parent").get())
    return made


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_pages_are_clean_and_fit(
    browser: Browser, live_server: Any, finished: Finished, size: Any
) -> None:
    run = finished.office
    summary = Program.objects.get().performance_runs.get()
    row = summary.rows.get(level=SummaryLevel.BASE)
    key, result = finished.training_class.pk, finished.result()
    office = [
        summary.get_absolute_url(),
        reverse("assessment:performance_row", args=[row.pk]),
        reverse("assessment:performance_ranking"),
        reverse("assessment:progress"),
        reverse("assessment:results"),
        reverse("assessment:unit_report"),
        reverse("assessment:excellent_list", args=[key]),
        reverse("assessment:export_layout", args=[finished.world.program.pk]),
        reverse("assessment:correct_result", args=[result.pk]),
    ]
    base = [
        reverse("assessment:class_results", args=[key]),
        reverse("assessment:write_opinions", args=[key]),
        reverse("assessment:result", args=[result.pk]),
    ]
    trainee = [reverse("enrollment:trainee"), reverse("assessment:result", args=[result.pk])]
    for actor, pages in ((run, office), (finished.base, base), (finished.trainee_of(result), trainee)):
        with browser.page(live_server.url, size) as page:
            browser.signed_in(page, actor.user)
            for url in pages:
                page.goto(url)
                look(page, f"results-{url.strip('/').replace('/', '-')}-{size[0]}")
                assert axe(page) == [], url
                assert too_wide(page) <= 0, url
