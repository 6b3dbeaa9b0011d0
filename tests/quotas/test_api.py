"""Quota tables and quotas under /api/v1/: the same lists, changes and refusals as the pages."""

import pytest
from django.test import Client

from portal.accounts.roles import Role
from quotas.models import QuotaCell
from quotas.services import splitting
from tests.programs.world import World, as_actor
from tests.quotas.support import issue, plan, quota_of, table_of

pytestmark = pytest.mark.django_db
API = "/api/v1"


def post(client: Client, path: str, data: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"{API}/{path}", data, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_table_is_edited_and_issued(world: World) -> None:
    bureau, p1, table = world.bureau(), world.project("P1"), table_of(world)
    client, cell = as_actor(world.manager), {"organization": bureau.pk, "project": p1.pk, "seats": 4}
    assert post(client, f"quota-tables/{table.pk}/cells/", {"version": 1, "cells": [cell]}) == (200, [cell])
    assert client.get(f"{API}/quota-tables/{table.pk}/cells/").json() == [cell]
    status, refused = post(client, f"quota-tables/{table.pk}/cells/", {"version": 1, "cells": []})
    assert (status, refused["code"]) == (409, "changed_meanwhile")
    status, done = post(client, f"quota-tables/{table.pk}/issue/", {"version": 2})
    assert (status, done["state"]) == (200, "issued")
    assert quota_of(bureau, p1).received == 4


def test_a_bureau_splits_and_transfers(world: World) -> None:
    bureau, p1 = world.bureau(schools=2), world.project("P1")
    issue(world, {(bureau, p1): 5})
    quota, client = quota_of(bureau, p1), as_actor(world.actor(Role.BUREAU_CLERK, bureau))
    first, second = bureau.children.order_by("path")
    shares = {"shares": [{"organization": first.pk, "seats": 4}]}
    status, split = post(client, f"quotas/{quota.pk}/split/", shares)
    assert (status, split["passed"], split["free"]) == (200, 4, 1)
    wish = {"target": second.pk, "seats": 3, "reason": "专业对口"}
    status, moved = post(client, f"quotas/{quota_of(first, p1).pk}/transfer/", wish)
    assert (status, moved["organization"], moved["received"]) == (200, second.pk, 3)
    status, refused = post(client, f"quotas/{quota_of(first, p1).pk}/transfer/", wish)
    assert (status, refused["code"]) == (422, "quota_overdrawn")
    movements = client.get(f"{API}/quotas/{quota.pk}/movements/").json()
    assert [each["kind"] for each in movements] == ["allocate", "issue"]


def test_neighbours_find_nothing_and_readers_write_nothing(world: World) -> None:
    bureau, p1 = world.bureau(schools=1), world.project("P1")
    draft = plan(world, {(bureau, p1): 5})
    stranger = as_actor(world.actor(Role.BUREAU_CLERK, world.bureau()))
    assert stranger.get(f"{API}/quota-tables/{draft.pk}/").status_code == 404
    issue(world, {(bureau, p1): 5})
    quota = quota_of(bureau, p1)
    assert stranger.get(f"{API}/quotas/{quota.pk}/").status_code == 404
    assert stranger.get(f"{API}/quotas/").json()["results"] == []
    assert post(stranger, f"quotas/{quota.pk}/split/", {"shares": []})[0] == 404
    cells = {"version": 3, "cells": []}
    assert post(stranger, f"quota-tables/{draft.pk}/cells/", cells)[0] == 403
    assert Client().get(f"{API}/quotas/").status_code in {401, 403}
    assert QuotaCell.objects.get().seats == 5


def test_a_school_reads_its_own(world: World) -> None:
    bureau, p1 = world.bureau(schools=2), world.project("P1")
    issue(world, {(bureau, p1): 5})
    first, second = bureau.children.order_by("path")
    clerk = world.actor(Role.BUREAU_CLERK, bureau)
    splitting.split(clerk, quota_of(bureau, p1), seats={first.pk: 2, second.pk: 3})
    found = as_actor(world.actor(Role.SCHOOL_ADMIN, first)).get(f"{API}/quotas/").json()["results"]
    assert [(each["organization"], each["free"]) for each in found] == [(first.pk, 2)]
