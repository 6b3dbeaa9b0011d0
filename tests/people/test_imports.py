"""Importing teachers: each bad row is told what is wrong, good ones are taken in a constant number of queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.accounts.roles import Role
from portal.errors import NotAllowed
from portal.operations.act import Act
from portal.operations.actor import Actor
from portal.operations.models import AuditEntry
from portal.organizations.models import FormerName
from portal.people.models import Teacher
from portal.people.services.bulk import TeacherRow, find_or_create_teachers, import_teachers
from portal.sheets.models import Outcome
from tests.factories import BureauFactory, SchoolFactory, TeacherFactory, make_actor, make_id_number
from tests.imports import book, preview, said, shown, taken

pytestmark = pytest.mark.django_db
HEAD = ["教师姓名*", "身份证号", "手机号码", "性别", "民族", "职称", "出生年月", "任教学科", "备注栏"]


@pytest.fixture
def admin() -> Actor:
    return make_actor(Role.SCHOOL_ADMIN)


def row(name: str, seed: int, phone: object = "13900000001", *more: object) -> list[object]:
    return [name, make_id_number(seed), phone, *more]


def test_new_teachers_are_taken_and_known_ones_brought_up_to_date(admin: Actor) -> None:
    known = TeacherFactory(
        school=admin.organization, name="李演示", id_number=make_id_number(2), post="教研组长"
    )
    data = book(
        HEAD,
        row("张演示", 1, 13900000001, "男", "土家族", "高级讲师", "1980年1月", "数控"),
        row("李演示", 2, "13900000002", "", "汉", "", "", ""),
    )
    batch = preview(admin, "people.teachers", data)
    assert (batch.ready, batch.conflict, batch.error) == (2, 0, 0)
    assert not Teacher.objects.filter(name="张演示").exists()
    batch = taken(admin, batch)
    assert batch.receipt["taken"] == 2
    made = Teacher.objects.get(name="张演示")
    assert (made.school, made.ethnicity, made.title_level) == (admin.organization, "15", "associate")
    assert (made.birth_date, made.phone) == (date(1980, 1, 1), "13900000001")
    assert made.initials == "zys"
    known.refresh_from_db()
    assert (known.phone, known.post, known.ethnicity, known.version) == ("13900000002", "教研组长", "01", 2)
    entry = AuditEntry.objects.get(operation="people.import_teachers")
    assert {each["done"] for each in entry.rows} == {"created", "updated"}
    assert make_id_number(1) not in str(entry.rows)


def test_every_bad_row_is_told_what_is_wrong(admin: Actor) -> None:
    elsewhere = TeacherFactory(id_number=make_id_number(50))
    TeacherFactory(school=admin.organization, name="王演示", id_number=make_id_number(51))
    wrong = make_id_number(4)[:-1] + ("1" if make_id_number(4)[-1] == "0" else "0")
    data = book(
        HEAD,
        row("张演示", 1),
        row("李演示", 1),
        ["赵演示", wrong, "13900000001"],
        ["钱演示", float(make_id_number(5)[:17] + "0"), "13900000001"],
        row("孙演示", 6, "1390000"),
        row(elsewhere.name, 50),
        row("汪演示", 51),
        ["周演示", "500101", "13900000001"],
        row("", 8),
        row("吴演示", 9, "13900000001", "女"),
        row("王演示", 51, ""),
    )
    batch = preview(admin, "people.teachers", data)
    messages = said(batch)
    assert "与第2行的身份证件号相同" in messages[3]
    assert "校验位不符" in messages[4]
    assert "末几位已丢失" in messages[5]
    assert "手机" in messages[6]
    assert f"登记在“{elsewhere.school}”" in messages[7]
    assert "登记的姓名是“王演示”" in messages[8]
    assert "18位" in messages[9]
    assert 10 in messages
    assert "性别与身份证号不一致" in messages[11]
    assert "与第8行的身份证件号相同" in messages[12]
    assert [each.number for each in shown(batch, Outcome.READY)] == [2, 11]
    assert [each.number for each in shown(batch, Outcome.CONFLICT)] == [7, 8]
    before = Teacher.objects.count()
    taken(admin, batch)
    assert Teacher.objects.count() == before + 2


def test_a_row_that_changes_nothing_says_so(admin: Actor) -> None:
    TeacherFactory(school=admin.organization, name="李演示", id_number=make_id_number(2), phone="13900000002")
    batch = preview(admin, "people.teachers", book(HEAD, row("李演示", 2, "13900000002")))
    assert "无变化" in said(batch)[2]
    assert taken(admin, batch).receipt["lines"][2] == ["无变化", "1名"]
    assert Teacher.objects.get().version == 1


def test_a_bureau_names_the_schools() -> None:
    bureau = BureauFactory()
    clerk = make_actor(Role.BUREAU_CLERK, bureau)
    first, second = SchoolFactory(parent=bureau), SchoolFactory(parent=bureau, name="现名职教中心")
    FormerName.objects.create(organization=second, name="旧名职教中心", until=date(2019, 1, 1))
    stranger = SchoolFactory()
    head = [*HEAD[:3], "学校编码", "工作单位"]
    data = book(
        head,
        [*row("张演示", 1), first.school_code, ""],
        [*row("李演示", 2), "", "旧名职教中心"],
        [*row("王演示", 3), first.school_code, "现名职教中心"],
        [*row("赵演示", 4), stranger.school_code, ""],
        [*row("钱演示", 5), "", stranger.name],
        [*row("孙演示", 6), "", ""],
    )
    batch = preview(clerk, "people.teachers", data)
    messages = said(batch)
    assert "工作单位与学校标识码不一致" in messages[4]
    for number in (5, 6):
        assert "不在您管理的在用学校中" in messages[number]
    assert "至少填写一项" in messages[7]
    taken(clerk, batch)
    assert dict(Teacher.objects.values_list("name", "school")) == {
        "张演示": first.pk,
        "李演示": second.pk,
        "王演示": first.pk,
    }


def test_two_schools_of_one_name_need_the_code() -> None:
    city = make_actor(Role.PROGRAM_MANAGER)
    for _each in range(2):
        SchoolFactory(parent=BureauFactory(parent=city.organization.parent), name="同名学校")
    data = book([*HEAD[:3], "工作单位"], [*row("张演示", 1), "同名学校"])
    assert "请填写学校标识码" in said(preview(city, "people.teachers", data))[2]


def test_who_may_not_import_does_not_get_as_far_as_uploading() -> None:
    with pytest.raises(NotAllowed):
        preview(make_actor(Role.OFFICE_REVIEWER), "people.teachers", book(HEAD, row("张演示", 1)))


def test_nobody_imports_into_a_school_out_of_reach(admin: Actor) -> None:
    teacher = TeacherRow(SchoolFactory(), {"name": "张演示", "id_number": make_id_number(1)})
    with pytest.raises(NotAllowed):
        import_teachers(admin, None, rows=[teacher])


@pytest.mark.parametrize("count", [30, 300])
def test_the_number_of_queries_does_not_grow_with_the_rows(admin: Actor, count: int) -> None:
    for seed in range(count // 3):
        TeacherFactory(school=admin.organization, name="旧演示", id_number=make_id_number(seed))
    rows = [row("旧演示" if seed < count // 3 else "新演示", seed) for seed in range(count)]
    with CaptureQueriesContext(connection) as captured:
        batch = taken(admin, preview(admin, "people.teachers", book(HEAD, *rows)))
    assert batch.receipt["taken"] == count
    statements = [each for each in captured if "SAVEPOINT" not in each["sql"]]
    assert len(statements) == IMPORT_QUERIES


IMPORT_QUERIES = 28


def test_found_or_made_within_another_operation(admin: Actor) -> None:
    school = admin.organization
    lacking = TeacherFactory(
        school=school, name="李演示", id_number=make_id_number(2), phone="", post="教研组长"
    )
    elsewhere = TeacherFactory(id_number=make_id_number(3))
    misnamed = TeacherFactory(school=school, name="王演示", id_number=make_id_number(4))
    rows = [
        TeacherRow(school, {"name": "张演示", "id_number": make_id_number(1), "phone": "13900000001"}),
        TeacherRow(
            school, {"name": "李演示", "id_number": make_id_number(2), "phone": "13900000002", "post": "校长"}
        ),
        TeacherRow(school, {"name": elsewhere.name, "id_number": make_id_number(3)}),
        TeacherRow(school, {"name": "汪演示", "id_number": make_id_number(4)}),
    ]
    act = Act(admin, clock.now())
    with CaptureQueriesContext(connection) as captured:
        gathered = find_or_create_teachers(act, rows)
    assert len([each for each in captured if "SAVEPOINT" not in each["sql"]]) == 4
    assert set(gathered.teachers) == {rows[0].digest, rows[1].digest}
    assert all(teacher.pk for teacher in gathered.teachers.values())
    assert list(gathered.elsewhere.values()) == [elsewhere]
    assert list(gathered.misnamed.values()) == [misnamed]
    lacking.refresh_from_db()
    assert (lacking.phone, lacking.post) == ("13900000002", "教研组长")
    elsewhere.refresh_from_db()
    assert elsewhere.school != school
