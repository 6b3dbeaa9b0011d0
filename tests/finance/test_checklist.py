"""What a final account comes with: changed on screen, amended after publication."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from finance.models import VoucherRequirement
from finance.services.checklist import FIELDS, TABLE, edit_vouchers
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.rulebook.models import Amendment, Rulebook
from portal.rulebook.services.amending import Why
from tests.rulebook_rows import load_cq20, make_manager, rows_form, signed_in

pytestmark = pytest.mark.django_db

PHOTOS = {"code": "photos", "name": "现场照片", "category_code": "teaching", "clause": None}


@pytest.fixture
def manager() -> Actor:
    return make_manager()


@pytest.fixture
def rulebook(manager: Actor) -> Rulebook:
    return load_cq20(manager)


def rows(rulebook: Rulebook) -> list[dict[str, Any]]:
    return [row | {"clause": None} for row in TABLE.stored(rulebook).values("code", *FIELDS)]


@pytest.mark.clause("CQ20-5.5")
def test_after_publication_the_change_is_dated_and_reasoned(manager: Actor, rulebook: Rulebook) -> None:
    Rulebook.objects.update(published_at=clock.now())
    rulebook = Rulebook.objects.get()
    why = Why("审计要求", clock.now())
    edit_vouchers(manager, rulebook, version=rulebook.version, rows=[*rows(rulebook), PHOTOS], why=why)
    assert VoucherRequirement.objects.get(code="photos").position == 13
    made = Amendment.objects.get()
    assert (made.target, made.after["photos"]) == ("vouchers", "现场照片（有teaching支出时）")
    assert made.reason == "审计要求"


def test_a_document_of_no_category_is_refused(manager: Actor, rulebook: Rulebook) -> None:
    wanted = [*rows(rulebook), PHOTOS | {"category_code": "gifts"}]
    with pytest.raises(Invalid, match="gifts"):
        edit_vouchers(manager, rulebook, version=rulebook.version, rows=wanted)


def test_another_office_may_not(rulebook: Rulebook) -> None:
    with pytest.raises(NotAllowed):
        edit_vouchers(make_manager(), rulebook, version=rulebook.version, rows=[PHOTOS])


def test_the_rulebook_leads_to_the_page_and_the_page_saves(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("finance:voucher_list", args=[rulebook.pk])
    assert url in client.get(reverse("rulebook:detail", args=[rulebook.pk])).content.decode()
    assert "住宿费结算单" in client.get(url).content.decode()
    assert signed_in(make_manager()).get(url).status_code == 404
    form = rows_form(rulebook, [*rows(rulebook), PHOTOS], stored=12)
    assert client.post(url, form).status_code == 302
    assert VoucherRequirement.objects.get(code="photos").category_code == "teaching"


def test_the_api_replaces_the_list(manager: Actor, rulebook: Rulebook) -> None:
    client = signed_in(manager)
    body = {"rulebook": rulebook.pk, "version": rulebook.version, "rows": [PHOTOS]}
    done = client.post("/api/v1/voucher-requirements/replace/", body, content_type="application/json")
    assert done.status_code == 200, done.content
    assert client.get("/api/v1/voucher-requirements/").json()["results"][0]["name"] == "现场照片"


def test_the_page_costs_the_same_for_one_row_and_for_many(manager: Actor, rulebook: Rulebook) -> None:
    client, url = signed_in(manager), reverse("finance:voucher_list", args=[rulebook.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    VoucherRequirement.objects.filter(rulebook=rulebook, position__gt=1).delete()
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    assert len(one) == len(many)
