"""Lists: paging by key, filters, sorting, search, columns, acts on many rows, and what a page costs."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Value
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.accounts.roles import Role
from portal.organizations.kinds import Kind as OrganizationKind
from portal.organizations.models import Organization
from portal.ui.models import ColumnSet
from portal.ui.register import Column, Kind, Register, registers
from portal.ui.register.columns import walk
from portal.ui.register.keyset import Order, window
from portal.ui.register.listing import COUNTED
from tests.factories import BureauFactory, SchoolFactory, make_actor
from tests.ui.conftest import SignIn
from tests.ui.pages import ORGANIZATIONS

LIST = "/organizations/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in: SignIn) -> Client:
    return sign_in(Role.PROGRAM_MANAGER)[0]


def names(response) -> list[str]:
    return [str(row.label) for row in response.context["listing"].rows]


def walk_through(queryset, order: Order, size: int) -> tuple[list[int], list[int]]:
    """All keys by going forward to the end, and all keys by then going back to the start."""
    there, seen = window(queryset, order, size), []
    pages = [there]
    while there.after:
        there = window(queryset, order, size, after=there.after)
        pages.append(there)
    forward = [row.pk for page in pages for row in page.rows]
    seen = [row.pk for row in there.rows]
    while there.before:
        there = window(queryset, order, size, before=there.before)
        seen = [row.pk for row in there.rows] + seen
    return forward, seen


@pytest.mark.parametrize(
    "path", ["pk", "-pk", "version", "-version", "name", "parent__name", "-parent__name"]
)
def test_paging_meets_every_row_once_forward_and_back(path: str) -> None:
    for number in range(5):
        BureauFactory(
            version=number % 2 + 1, parent=None if number % 2 else BureauFactory(name=f"上级{number % 3}")
        )
    everything = Organization.objects.all()
    order = Order.of(everything, path)
    forward, backward = walk_through(everything, order, 2)
    assert forward == [row.pk for row in order.apply(everything)]
    assert backward == forward


def test_nulls_stand_last_in_both_directions() -> None:
    without = BureauFactory(parent=None)
    BureauFactory(parent=without)
    for path in ("parent__name", "-parent__name"):
        rows = Organization.objects.all()
        assert Order.of(rows, path).apply(rows).last() == without


def test_an_annotation_sorts_too() -> None:
    SchoolFactory.create_batch(3)
    rows = Organization.objects.annotate(weight=Value(1))
    forward, backward = walk_through(rows, Order.of(rows, "weight"), 2)
    assert len(forward) == Organization.objects.count()
    assert backward == forward


def test_an_unknown_path_is_a_mistake_of_ours() -> None:
    with pytest.raises(FieldDoesNotExist):
        Order.of(Organization.objects.all(), "name__other")


@pytest.mark.parametrize("cursor", ["!!!", "bm8", "W10", "WzEsIngiXQ", "eyJhIjoxfQ"])
def test_a_place_changed_by_hand_leads_to_the_first_page(client: Client, cursor: str) -> None:
    response = client.get(LIST, {"after": cursor})
    assert response.status_code == 200
    assert names(response) == names(client.get(LIST))


def test_a_place_whose_rows_have_gone_leads_to_the_first_page() -> None:
    last = SchoolFactory()
    rows = Organization.objects.all()
    order = Order.of(rows, "pk")
    assert window(rows, order, 50, after=order.cursor(last)).rows == list(order.apply(rows))


def test_pages_link_to_their_neighbours_and_keep_the_filter(client: Client) -> None:
    SchoolFactory.create_batch(60, parent=BureauFactory())
    first = client.get(LIST, {"kind": "school", "sort": "name"})
    listing = first.context["listing"]
    assert len(listing.rows) == 50
    assert listing.previous_url == ""
    query = parse_qs(urlsplit(listing.next_url).query)
    assert query["kind"] == ["school"]
    assert query["sort"] == ["name"]
    second = client.get(listing.next_url)
    assert len(names(second)) == 10
    assert not set(names(first)) & set(names(second))
    assert names(client.get(second.context["listing"].previous_url)) == names(first)


def test_filters_narrow_and_say_how_many(client: Client) -> None:
    SchoolFactory.create_batch(3, parent=BureauFactory())
    response = client.get(LIST, {"kind": "school"})
    assert len(names(response)) == 3
    assert response.context["listing"].count_label == "共3条"


def test_a_page_with_other_forms_knows_the_lists_own() -> None:
    factory = RequestFactory()
    assert ORGANIZATIONS.handles(factory.post(LIST, {"register": "test.organizations"}))
    assert not ORGANIZATIONS.handles(factory.post(LIST, {"register": "other"}))
    assert not ORGANIZATIONS.handles(factory.get(LIST, {"register": "test.organizations"}))


def test_a_wrong_filter_value_shows_nothing_and_says_why(client: Client) -> None:
    response = client.get(LIST, {"kind": "nonsense"})
    assert names(response) == []
    assert "field-error" in response.text
    assert "没有符合条件的记录" in response.text


def test_every_word_of_a_search_must_be_found(client: Client) -> None:
    SchoolFactory(name="演示 甲校")
    SchoolFactory(name="演示 乙校", school_code="5001234567")
    assert names(client.get(LIST, {"q": "演示 甲"})) == ["演示 甲校"]
    assert names(client.get(LIST, {"q": " 50012 "})) == ["演示 乙校"]


def test_a_search_function_gets_the_whole_text() -> None:
    asked: list[str] = []

    def find(rows, text: str):
        asked.append(text)
        return rows.none()

    found = Register(
        code="test.find", title="x", rows=lambda actor: Organization.objects.all(), columns=[], search=find
    )
    query = QueryDict("q=+甲 乙+")
    assert list(found.matching(make_actor(Role.PROGRAM_MANAGER), query)) == []
    assert asked == ["甲 乙"]


def test_sorting_by_a_head_turns_round_at_the_second_click(client: Client) -> None:
    for name in ("丙校", "甲校", "乙校"):
        SchoolFactory(name=name, parent=BureauFactory())
    up = client.get(LIST, {"sort": "name", "kind": "school"})
    assert names(up) == sorted(names(up))
    head = up.context["listing"].headers[0]
    assert head.direction == "ascending"
    down = client.get(head.url)
    assert names(down) == sorted(names(up), reverse=True)
    assert down.context["listing"].headers[0].direction == "descending"
    assert 'aria-sort="descending"' in down.text


def test_sorting_by_what_does_not_sort_changes_nothing(client: Client) -> None:
    SchoolFactory.create_batch(2)
    assert names(client.get(LIST, {"sort": "kind"})) == names(client.get(LIST))


def test_counting_stops_where_nobody_needs_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    SchoolFactory.create_batch(4)
    monkeypatch.setattr("portal.ui.register.listing.COUNTED", 2)
    assert client.get(LIST).context["listing"].count_label == "超过2条"
    assert COUNTED == 10_000


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_queries_whatever_its_length(sign_in: SignIn, rows: int) -> None:
    client, _membership = sign_in(Role.PROGRAM_MANAGER)
    SchoolFactory.create_batch(rows, parent=BureauFactory())
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(LIST)
    ours = [
        each["sql"]
        for each in captured
        if "organizations_organization" in each["sql"] and "accounts_" not in each["sql"]
    ]
    sets = [each["sql"] for each in captured if "ui_columnset" in each["sql"]]
    # The rows, the choices of the filter "上级"; one for the column sets. What fits on a page is counted on it.
    assert (len(ours), len(sets)) == (2, 1)


def test_a_list_of_several_pages_is_counted_whole_on_each_of_them(client: Client) -> None:
    SchoolFactory.create_batch(ORGANIZATIONS.page_size + 1, parent=BureauFactory())
    page, counts = LIST, []
    while page:
        listing = client.get(page).context["listing"]
        counts.append((len(listing.rows), listing.count))
        page = listing.next_url
    assert len(counts) == 2
    assert {count for _rows, count in counts} == {sum(rows for rows, _count in counts)}


def test_htmx_gets_the_list_alone_and_history_the_page(client: Client) -> None:
    fragment = client.get(LIST, headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert 'id="register-testorganizations"' in fragment.text
    assert "HX-Request" in fragment.headers["Vary"]
    whole = client.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


def test_an_empty_list_says_what_to_do(sign_in: SignIn) -> None:
    client, _membership = sign_in(Role.PROGRAM_MANAGER)
    assert "清除条件" in client.get(LIST, {"q": "不存在的学校"}).text
    assert "还没有任务。请先发起一个。" in client.get("/nothing/").text


def test_columns_are_kept_for_the_person(sign_in: SignIn) -> None:
    client, _membership = sign_in(Role.PROGRAM_MANAGER)
    address = f"{LIST}?kind=bureau"
    chosen = {"do": "columns:save", "name": "联系", "column": ["contact_name", "name", "nonsense"]}
    assert client.post(address, chosen).headers["Location"] == address
    listing = client.get(LIST).context["listing"]
    assert [column.key for column in listing.columns] == ["name", "contact_name"]
    assert [each.name for each in listing.sets] == ["联系"]
    other, _other = sign_in(Role.PROGRAM_MANAGER)
    assert len(other.get(LIST).context["listing"].columns) == 6
    client.post(LIST, {"do": "columns:use", "set": ""})
    assert len(client.get(LIST).context["listing"].columns) == 6
    kept = ColumnSet.objects.get()
    client.post(LIST, {"do": "columns:use", "set": str(kept.pk)})
    assert len(client.get(LIST).context["listing"].columns) == 2
    client.post(LIST, {"do": "columns:drop", "set": str(kept.pk)})
    assert not ColumnSet.objects.exists()


def test_no_column_at_all_is_refused(client: Client) -> None:
    response = client.post(LIST, {"do": "columns:save", "name": "空"}, follow=True)
    assert "至少保留一列" in response.text


def test_ticked_rows_are_acted_upon_and_no_others(client: Client) -> None:
    one, two = SchoolFactory(), SchoolFactory()
    response = client.post(LIST, {"do": "mark", "pk": [str(one.pk)]}, follow=True)
    assert "已标记1条" in response.text
    two.refresh_from_db()
    assert two.contact_phone == ""


def test_all_that_match_are_acted_upon_across_pages(client: Client) -> None:
    SchoolFactory.create_batch(55, parent=BureauFactory())
    response = client.post(f"{LIST}?kind=school", {"do": "mark", "all": "1"}, follow=True)
    assert "已标记55条" in response.text
    assert (
        Organization.objects.filter(contact_phone="marked").exclude(kind=OrganizationKind.SCHOOL).count() == 0
    )


def test_rows_outside_the_filter_cannot_be_ticked(client: Client) -> None:
    school = SchoolFactory()
    response = client.post(f"{LIST}?kind=college", {"do": "mark", "pk": [str(school.pk)]}, follow=True)
    assert "已标记0条" in response.text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"do": "mark"}, "没有选中任何记录"),
        ({"do": "mark", "pk": ["x"]}, "无法识别"),
        ({"do": "drop", "pk": ["1"]}, "不能批量执行"),
        ({"do": "nonsense", "pk": ["1"]}, "不能批量执行"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(client: Client, data: dict[str, object], said: str) -> None:
    assert said in client.post(LIST, data, follow=True).text


def test_an_act_that_must_know_more_asks_on_a_page_of_its_own(client: Client) -> None:
    school = SchoolFactory()
    data = {"do": "rename", "pk": [str(school.pk)]}
    asked = client.post(LIST, data)
    assert "将处理 1 条记录" in asked.text
    assert "改名后对方会收到消息" in asked.text
    assert client.post(LIST, data | {"confirmed": "1"}).status_code == 422
    done = client.post(LIST, data | {"confirmed": "1", "reason": "新名"}, follow=True)
    assert "已处理1条" in done.text
    school.refresh_from_db()
    assert school.contact_name == "新名"


def test_a_refusal_of_a_bulk_act_is_shown_with_its_clause(client: Client) -> None:
    school = SchoolFactory()
    data = {"do": "rename", "pk": [str(school.pk)], "confirmed": "1", "reason": "违规"}
    text = client.post(LIST, data, follow=True).text
    assert "在禁训期内" in text
    assert "名额不得跨区县调剂" in text


def test_two_columns_of_one_key_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="two columns"):
        Register(
            code="test.twice",
            title="x",
            rows=lambda actor: Organization.objects.all(),
            columns=[Column("a", "x")] * 2,
        )


def test_registers_are_known_by_code() -> None:
    assert ORGANIZATIONS in registers()


def test_cells_read_as_their_kinds_say() -> None:
    school = SchoolFactory.build(name="<b>甲</b>", version=1234, active=True)
    assert str(Column("name", "x").cell(school)) == "<b>甲</b>"
    assert Column("version", "x", kind=Kind.NUMBER).cell(school) == "1,234"
    assert Column("version", "x", kind=Kind.MONEY).cell(school) == "¥1,234.00"
    assert Column("active", "x", kind=Kind.FLAG).cell(school) == "是"
    assert Column("contact_name", "x").cell(school) == "—"
    assert "state-idle" in str(Column("kind", "x", kind=Kind.BADGE).cell(school))
    linked = Column("name", "x", url=lambda row: "/a/").cell(school)
    assert linked == '<a href="/a/">&lt;b&gt;甲&lt;/b&gt;</a>'
    assert Column("kind", "x", kind=Kind.BADGE).plain(school) == "中职学校"
    assert Column("version", "x", kind=Kind.NUMBER).plain(school) == 1234
    assert Column("created_at", "x", kind=Kind.MOMENT).plain(school) is None


def test_a_path_ends_where_a_record_is_missing() -> None:
    assert walk(SchoolFactory.build(parent=None), "parent__name") is None


def test_a_name_with_markup_is_shown_as_text(client: Client) -> None:
    SchoolFactory(name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(LIST).text
