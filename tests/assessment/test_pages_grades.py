"""Pages of arriving, attendance, leave and grades. Source: CQ20-5.2."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import load_workbook

from assessment.models import Attendance, Grade, GradingState, LeaveRequest, Submission
from assessment.services import attendance
from enrollment import tokens
from enrollment.models import CheckIn
from enrollment.services import arrivals
from portal.accounts.roles import Role
from portal.operations.actor import Actor
from tests.assessment.classroom import Classroom, add_trainees
from tests.factories import BaseFactory, make_actor
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db


def class_pages(room: Classroom) -> list[str]:
    key, session = room.training_class.pk, room.session().pk
    names = ("attendance", "class_grades", "paste_grades")
    return [
        reverse("enrollment:check_in", args=[key]),
        reverse("enrollment:check_in_code", args=[key]),
        reverse("enrollment:check_in_picture", args=[key]),
        *(reverse(f"assessment:{name}", args=[key]) for name in names),
        *(
            reverse(f"assessment:{name}", args=[session])
            for name in ("session", "session_code", "session_picture")
        ),
    ]


def test_who_runs_the_class_opens_every_page_and_a_stranger_none(classroom: Classroom) -> None:
    strangers = (
        make_actor(Role.CLASS_TEACHER, classroom.world.base),
        make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)),
    )
    for url in class_pages(classroom):
        assert as_actor(classroom.teacher).get(url).status_code == 200, url
        for actor in strangers:
            assert as_actor(actor).get(url).status_code == 404, url
        assert as_actor(make_actor(Role.SCHOOL_ADMIN, classroom.school)).get(url).status_code == 403, url


def test_the_sheet_can_be_taken_out_filled_and_without_id_numbers(classroom: Classroom) -> None:
    url = reverse("assessment:export_grades", args=[classroom.training_class.pk])
    answer = as_actor(classroom.teacher).get(url)
    cells = read_sheet(answer)
    assert cells[1] == ["编号", "班级", "姓名", "学习表现", "培训成果", "考核等级", "评语"]
    assert len([row for row in cells if row[0] in map(str, classroom.keys)]) == 5
    assert as_actor(make_actor(Role.BASE_ADMIN, BaseFactory())).get(url).status_code == 404


def read_sheet(answer: Any) -> list[list[str]]:
    """The cells of a workbook that was answered."""
    data = BytesIO(b"".join(answer.streaming_content))
    return [[str(cell) for cell in row] for row in load_workbook(data).get_sheet_by_index(0).to_python()]


def test_a_stranger_changes_nothing(classroom: Classroom) -> None:
    stranger = as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)))
    key = classroom.training_class.pk
    for name in ("prepare", "print_sheets", "submit_grades", "close_grades", "return_grades"):
        assert stranger.post(reverse(f"assessment:{name}", args=[key])).status_code == 404
    assert stranger.post(reverse("assessment:reopen_grades", args=[key])).status_code == 403
    assert stranger.get(reverse("enrollment:check_in_correct", args=[classroom.keys[0]])).status_code == 404


def test_arrivals_are_ticked_on_the_list(classroom: Classroom) -> None:
    (late,) = add_trainees(classroom, 1, arrived=False)
    client, url = (
        as_actor(classroom.teacher),
        reverse("enrollment:check_in", args=[classroom.training_class.pk]),
    )
    assert "交齐推荐表 0 人" in client.get(url).content.decode()
    answer = client.post(url, {"came": [late.pk], "forms": [late.pk]}, follow=True)
    assert "更新1人" in answer.content.decode()
    assert CheckIn.objects.get(enrollment=late).form_copies == 3
    wrong = reverse("enrollment:check_in_correct", args=[late.pk])
    assert client.post(wrong, {"reason": ""}).status_code == 422
    client.post(wrong, {"reason": "点错人"})
    assert not CheckIn.objects.filter(enrollment=late).exists()


def test_the_list_of_arrivals_costs_the_same_for_many(
    classroom: Classroom, django_assert_num_queries: Any
) -> None:
    client, url = (
        as_actor(classroom.teacher),
        reverse("enrollment:check_in", args=[classroom.training_class.pk]),
    )
    client.get(url)
    with django_assert_num_queries(ARRIVAL_QUERIES):
        client.get(url)
    add_trainees(classroom, 3, arrived=False)
    with django_assert_num_queries(ARRIVAL_QUERIES):
        client.get(url)


ARRIVAL_QUERIES = 8


def test_a_trainee_arrives_and_signs_in_by_scanning(classroom: Classroom) -> None:
    CheckIn.objects.filter(enrollment=classroom.keys[0]).delete()
    client = as_actor(classroom.trainee())
    url = reverse("enrollment:arrive", args=[tokens.sign(arrivals.PURPOSE, classroom.training_class.pk)])
    assert "确认报到" in client.get(url).content.decode()
    assert "报到成功" in client.post(url, follow=True).content.decode()
    url = reverse("assessment:attend", args=[tokens.sign(attendance.PURPOSE, classroom.session().pk)])
    assert "确认签到" in client.get(url).content.decode()
    assert "已签到：出勤" in client.post(url, {"nonce": uuid4()}, follow=True).content.decode()
    assert Attendance.objects.get().enrollment_id == classroom.keys[0]


def test_a_code_that_is_no_code_gets_a_page_that_says_so(classroom: Classroom) -> None:
    client = as_actor(classroom.trainee())
    for url in (
        reverse("enrollment:arrive", args=["forged"]),
        reverse("assessment:attend", args=["forged"]),
        reverse("assessment:attend", args=[tokens.sign(attendance.PURPOSE, 10**9)]),
        reverse("enrollment:arrive", args=[tokens.sign(arrivals.PURPOSE, 10**9)]),
    ):
        answer = client.get(url)
        assert answer.status_code == 422
        assert "二维码" in answer.content.decode()


def posted(room: Classroom, **marks: str) -> dict[str, Any]:
    """The page's form with the first trainee's choice and so on."""
    data: dict[str, Any] = {"nonce": uuid4()}
    for key, status in zip(room.keys, marks.values(), strict=False):
        data |= {f"s-{key}": status, f"was-{key}": ""}
    return data


def test_the_list_is_kept_and_a_script_that_sends_again_is_answered_in_json(classroom: Classroom) -> None:
    client, url = as_actor(classroom.teacher), reverse("assessment:session", args=[classroom.session().pk])
    data = posted(classroom, a="late") | {"rest": "1"}
    assert "已登记5人" in client.post(url, data, follow=True).content.decode()
    again = client.post(url, data, headers={"X-Roll": "1"})
    assert again.json() == {"changed": 5}
    assert Submission.objects.count() == 1
    assert client.post(url, {"nonce": "?"}).status_code == 200
    refused = client.post(url, posted(classroom, a="absent"), headers={"X-Roll": "1"})
    assert refused.status_code == 422
    assert "更正须填写理由" in refused.content.decode()


def test_marks_that_the_page_did_not_change_are_left_alone(classroom: Classroom) -> None:
    client, url = as_actor(classroom.teacher), reverse("assessment:session", args=[classroom.session().pk])
    client.post(url, posted(classroom, a="late"))
    key = classroom.keys[0]
    client.post(url, {"nonce": uuid4(), f"s-{key}": "present", f"was-{key}": "present"})
    assert Attendance.objects.get().status == "late"


def test_sheets_are_printed_for_the_ticked_half_days(classroom: Classroom) -> None:
    client = as_actor(classroom.teacher)
    url = reverse("assessment:print_sheets", args=[classroom.training_class.pk])
    answer = client.post(url, {"session": [classroom.session().pk]})
    assert answer.status_code == 302
    assert "papers" in answer["Location"] or "prints" in answer["Location"] or answer["Location"] != url


def test_leave_is_asked_on_the_phone_and_decided_by_the_class_teacher(classroom: Classroom) -> None:
    mine = as_actor(classroom.trainee())
    url = reverse("assessment:ask_leave", args=[classroom.keys[0]])
    data = {"first": classroom.session(1).pk, "last": classroom.session(2).pk, "reason": "看病"}
    assert mine.post(url, data | {"reason": ""}).status_code == 422
    assert mine.post(url, data).status_code == 302
    leave = LeaveRequest.objects.get()
    assert "待审批" in mine.get(reverse("assessment:mine")).content.decode()
    assert as_actor(classroom.trainee(1)).get(reverse("assessment:leave", args=[leave.pk])).status_code == 404
    assert as_actor(classroom.trainee(1)).get(url).status_code == 404
    teacher = as_actor(classroom.teacher)
    page = reverse("assessment:leave", args=[leave.pk])
    assert "看病" in teacher.get(page).content.decode()
    assert teacher.post(page, {"verdict": "refuse", "opinion": ""}).status_code == 422
    assert "1份请假申请" in teacher.get("/").content.decode()
    teacher.post(page, {"verdict": "approve"})
    assert Attendance.objects.count() == 2
    mine.post(url, data | {"first": classroom.session(3).pk, "last": classroom.session(3).pk})
    mine.post(reverse("assessment:withdraw_leave", args=[LeaveRequest.objects.latest("pk").pk]))
    assert LeaveRequest.objects.latest("pk").state == "withdrawn"


def sheet(room: Classroom, *levels: str, **marks: str) -> dict[str, str]:
    """The posted grade sheet, everything shown as empty before."""
    data = {}
    for key, level in zip(room.keys, levels, strict=False):
        data |= {f"was-{key}": "|||", f"level-{key}": level}
        data |= {f"{name}-{key}": mark for name, mark in marks.items()}
    return data


@pytest.mark.clause("CQ20-5.2")
def test_the_grade_sheet_saves_and_says_how_many_excellent_are_left(classroom: Classroom) -> None:
    client = as_actor(classroom.teacher)
    url = reverse("assessment:class_grades", args=[classroom.training_class.pk])
    assert "优秀已评 0 人，最多 1 人，还可评 1 人" in client.get(url).content.decode()
    refused = client.post(url, sheet(classroom, "excellent", "excellent", performance_mark="90"))
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "最多1人" in text
    assert "优秀等级比例不超过20%" in text
    # What was typed is still there.
    assert text.count('value="90"') == 2
    assert client.post(url, sheet(classroom, "excellent", "pass", performance_mark="x")).status_code == 422
    done = client.post(url, sheet(classroom, "excellent", "pass", performance_mark="90.5"), follow=True)
    assert "改动2人" in done.content.decode()
    assert [each.level.code for each in Grade.objects.order_by("enrollment_id") if each.level] == [
        "excellent",
        "pass",
    ]


def test_cells_somebody_else_changed_meanwhile_are_left_alone(classroom: Classroom) -> None:
    client = as_actor(classroom.teacher)
    url = reverse("assessment:class_grades", args=[classroom.training_class.pk])
    client.post(url, sheet(classroom, "pass"))
    key = classroom.keys[0]
    stale = {f"was-{key}": "|||", f"level-{key}": "", f"comment-{key}": "认真"}
    client.post(url, stale)
    grade = Grade.objects.get()
    assert (grade.level and grade.level.code, grade.comment) == ("pass", "认真")


@pytest.mark.clause("CQ20-5.2")
def test_pasted_lines_are_taken_whole_or_not_at_all(classroom: Classroom) -> None:
    client = as_actor(classroom.teacher)
    url = reverse("assessment:paste_grades", args=[classroom.training_class.pk])
    names = [classroom.person(index).teacher.name for index in range(3)]
    wrong = (
        f"{names[0]}\t101\t90\t优秀\n无此人\t1\n{names[1]},88.55,,合格\n{names[2]}\t\t\t良好\n{names[2]}\tx"
    )
    text = client.post(url, {"text": wrong}).content.decode()
    for words in ("第1行", "第2行", "第3行", "第4行", "第5行", "最多一位小数", "没有“无此人”", "良好"):
        assert words in text
    assert not Grade.objects.exists()
    over = "\n".join(f"{name}\t90\t90\t优秀" for name in names)
    assert "最多1人" in client.post(url, {"text": over}).content.decode()
    assert "没有可读取" in client.post(url, {"text": "姓名\t学习表现"}).content.decode()
    right = f"姓名\t学习表现\n{names[0]}\t９０\t90\t优秀\t很好\n{names[1]},88.5,,合格"
    assert client.post(url, {"text": right}).status_code == 302
    first = Grade.objects.get(enrollment=classroom.keys[0])
    assert (str(first.performance_mark), first.comment) == ("90.0", "很好")


def test_grades_are_handed_in_closed_and_reopened_on_the_pages(classroom: Classroom) -> None:
    teacher, base, office = (as_actor(each) for each in (classroom.teacher, classroom.base, classroom.office))
    key = classroom.training_class.pk

    def go(client: Client, name: str, **data: str) -> int:
        return client.post(reverse(f"assessment:{name}", args=[key]), data).status_code

    url = reverse("assessment:class_grades", args=[key])
    assert (
        "还有5名学员"
        in teacher.post(reverse("assessment:submit_grades", args=[key]), follow=True).content.decode()
    )
    teacher.post(url, sheet(classroom, *["pass"] * 5))
    go(teacher, "submit_grades")
    assert go(teacher, "close_grades") == 403
    assert go(base, "return_grades", reason="") == 422
    go(base, "return_grades", reason="补评语")
    go(teacher, "submit_grades")
    go(base, "close_grades")
    assert classroom.fresh().grading.state == GradingState.CLOSED
    assert "合格" in as_actor(classroom.trainee()).get(reverse("assessment:mine")).content.decode()
    go(office, "reopen_grades", reason="核对有误")
    assert classroom.fresh().grading.state == GradingState.OPEN
    assert office.get(url).status_code == 200


def registers(actor: Actor) -> dict[str, Any]:
    return {
        name: as_actor(actor).get(reverse(f"assessment:{name}"))
        for name in ("gradings", "grade_list", "leaves")
    }


@pytest.mark.parametrize("name", ["gradings", "grade_list", "leaves"])
def test_the_registers_cost_the_same_for_many(
    classroom: Classroom, name: str, django_assert_num_queries: Any
) -> None:
    from assessment.tables import grades as tables_grades

    register = {"gradings": tables_grades.grading_rows, "grade_list": tables_grades.grade_list_rows}
    rows = register.get(name, tables_grades.leave_rows)
    assert registers(classroom.teacher)[name].status_code == 200
    as_actor(classroom.teacher).post(
        reverse("assessment:class_grades", args=[classroom.training_class.pk]),
        sheet(classroom, *["pass"] * 3),
    )
    with django_assert_num_queries(1):
        for each in rows(classroom.teacher):
            str(each)


def test_work_waits_for_who_runs_the_class(classroom: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    add_trainees(classroom, 1, arrived=False)
    set_clock(monkeypatch, moment(11, 9, 13))
    desk = as_actor(classroom.teacher).get("/").content.decode()
    assert "1名学员待登记报到" in desk
    assert "1个半天尚未点名" in desk
    set_clock(monkeypatch, moment(11, 18, 18))
    desk = as_actor(classroom.base).get("/").content.decode()
    assert "4个半天尚未点名" in desk
    assert "成绩待评定并提交" in desk


def test_the_class_page_shows_how_far_it_is(classroom: Classroom) -> None:
    url = reverse("programs:class", args=[classroom.training_class.pk])
    assert "报到、考勤与成绩" in as_actor(classroom.teacher).get(url).content.decode()
    assert (
        "报到、考勤与成绩"
        not in as_actor(make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)))
        .get(url)
        .content.decode()
    )
