"""Importing schools: hundreds at once, judged row by row, known by code."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.organizations.services.imports import SchoolRow, import_schools
from portal.sheets.models import Outcome
from tests.factories import BureauFactory, CollegeFactory, SchoolFactory, make_actor
from tests.imports import book, preview, said, shown, taken

pytestmark = pytest.mark.django_db
HEAD = [
    *(
        "一级地区",
        "二级地区",
        "三级地区",
        "学校编码",
        "学校名称",
        "学校类型",
        "联系人",
        "联系方式",
        "联系地址",
    ),
    *("备注", "学校办别", "统一社会信用代码", "城乡"),
]


@pytest.fixture
def office() -> Actor:
    return make_actor(Role.PROGRAM_MANAGER)


@pytest.fixture
def bureau(office: Actor) -> Organization:
    return BureauFactory(parent=office.organization.parent, name="万州区教育委员会", short_name="万州")


def row(name: str, code: str = "", district: str = "万州区", kind: str = "中等职业", *more: str) -> list[str]:
    return ["重庆市", "", district, code, name, kind, *more]


def test_schools_and_colleges_are_taken(office: Actor, bureau: Organization) -> None:
    data = book(
        HEAD,
        row(
            "演示职教中心",
            "3650000001",
            "万州区",
            "中等职业",
            "演示联系人",
            "023-58000000",
            "演示路1号",
            "示范校",
            "民办",
            "",
            "农村",
        ),
        row("演示职业学院", "4150000001", "", "高等职业"),
        row("第二演示职教中心", "", "万州"),
    )
    batch = preview(office, "organizations.schools", data)
    assert (batch.ready, batch.conflict, batch.error) == (3, 0, 0), said(batch)
    taken(office, batch)
    school = Organization.objects.get(school_code="3650000001")
    assert (school.parent, school.kind, school.path) == (bureau, Kind.SCHOOL, f"{bureau.path}{school.pk}/")
    assert (school.ownership, school.locality, school.remark) == ("private", "rural", "示范校")
    assert school.initials == "yszjzx"
    college = Organization.objects.get(school_code="4150000001")
    assert (college.parent, college.kind) == (bureau.parent, Kind.COLLEGE)
    entry = AuditEntry.objects.get(operation="organizations.import_schools")
    assert (entry.after, len(entry.rows)) == ({"created": 3, "updated": 0, "unchanged": 0}, 3)


def test_known_schools_are_brought_up_to_date_by_code_or_name(office: Actor, bureau: Organization) -> None:
    coded = SchoolFactory(parent=bureau, name="甲校", school_code="3650000001", contact_name="原联系人")
    named = SchoolFactory(parent=bureau, name="乙校", school_code="")
    same = SchoolFactory(parent=bureau, name="丙校", school_code="3650000003")
    data = book(
        HEAD,
        row("甲校", "3650000001", "万州区", "中职", "", "023-58000000"),
        row("乙校", "3650000002"),
        row("丙校", "3650000003"),
    )
    batch = taken(office, preview(office, "organizations.schools", data))
    assert [text for _label, text in batch.receipt["lines"]] == ["0所", "2所", "1所"]
    for each in (coded, named, same):
        each.refresh_from_db()
    assert (coded.contact_name, coded.contact_phone, coded.version) == ("原联系人", "02358000000", 2)
    assert named.school_code == "3650000002"
    assert same.version == 1


def test_every_bad_row_is_told_what_is_wrong(office: Actor, bureau: Organization) -> None:
    SchoolFactory(parent=bureau, name="甲校", school_code="3650000001")
    SchoolFactory(parent=bureau, name="停用校", school_code="3650000002", active=False)
    SchoolFactory(
        parent=BureauFactory(parent=bureau.parent, name="涪陵区教委"), name="涪陵校", school_code="3650000003"
    )
    SchoolFactory(name="外省校", school_code="3651000004")
    SchoolFactory(parent=bureau, name="信用校", credit_code="91350100M000100Y43")
    data = book(
        HEAD,
        row("新名", "3650000001"),
        row("停用校", "3650000002"),
        row("涪陵校", "3650000003"),
        row("外省校", "3651000004"),
        row("借用校", "3650000005", "万州区", "中职", "", "", "", "", "", "91350100M000100Y43"),
        row("无此区", "3650000006", "某某区"),
        row("错码", "4150000007"),
        row("重复", "3650000008"),
        row("重复", "3650000009"),
        row("错信用", "3650000010", "万州区", "中职", "", "", "", "", "", "91350100M000100Y40"),
        row("短码", "365"),
        row("小学", "", "万州区", "小学"),
        row("无地区", "3650000012", ""),
    )
    batch = preview(office, "organizations.schools", data)
    messages = said(batch)
    expected = {
        2: "登记的名称是“甲校”",
        3: "已停用",
        4: "与本行不同",
        5: "属于其他区县",
        6: "已属于“信用校”",
        7: "不在您管理的区县中",
        8: "属于高等学校",
        9: "另一行",
        10: "另一行",
        11: "校验位不符",
        12: "应为10位",
        13: "不在可选范围内",
        14: "未填写三级地区",
    }
    for number, words in expected.items():
        assert words in messages[number], (number, messages[number])
    assert [each.number for each in shown(batch, Outcome.CONFLICT)] == [2, 3, 4, 5, 6]
    assert batch.ready == 0


def test_a_bureau_imports_its_own_schools_only(bureau: Organization) -> None:
    BureauFactory(parent=bureau.parent, name="涪陵区教委")
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    data = book(HEAD, row("甲校", "", ""), row("乙校", "", "涪陵区"), row("学院", "", "", "高职"))
    batch = preview(clerk, "organizations.schools", data)
    assert [each.number for each in shown(batch, Outcome.READY)] == [2]
    assert "由省级或项目办导入" in said(batch)[4]
    taken(clerk, batch)
    assert Organization.objects.get(name="甲校").parent == bureau


def test_a_district_that_fits_two_bureaus_is_asked_for(office: Actor, bureau: Organization) -> None:
    BureauFactory(parent=bureau.parent, name="万州区教育局")
    assert "对应多个" in said(preview(office, "organizations.schools", book(HEAD, row("甲校"))))[2]


def test_others_may_not_import(office: Actor, bureau: Organization) -> None:
    with pytest.raises(NotAllowed):
        preview(make_actor(Role.SCHOOL_ADMIN), "organizations.schools", book(HEAD, row("甲校")))
    with pytest.raises(NotAllowed):
        import_schools(office, None, rows=[SchoolRow(BureauFactory(), Kind.SCHOOL, "甲校", {})])
    foreign = CollegeFactory(school_code="4150000001")
    rows = [SchoolRow(bureau.parent, Kind.COLLEGE, foreign.name, {"school_code": "4150000001"})]
    with pytest.raises(Invalid):
        import_schools(office, None, rows=rows)


@pytest.mark.parametrize("count", [20, 200])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    office: Actor, bureau: Organization, count: int
) -> None:
    SchoolFactory(parent=bureau, name="学校0", school_code="3650000000")
    rows = [
        row(f"学校{number}", f"36500{number:05d}", "万州区", "中职", f"联系人{number}")
        for number in range(count)
    ]
    with CaptureQueriesContext(connection) as captured:
        batch = taken(office, preview(office, "organizations.schools", book(HEAD, *rows)))
    assert batch.receipt["taken"] == count
    assert len([each for each in captured if "SAVEPOINT" not in each["sql"]]) == IMPORT_QUERIES


IMPORT_QUERIES = 31
