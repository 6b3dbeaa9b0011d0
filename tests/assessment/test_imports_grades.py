"""The import of grades: people found, caps counted before anything is written. Source: CQ20-5.2."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessment.imports import KIND
from assessment.models import Grade
from assessment.services.grading import Entry, GradedClasses, record_grades
from portal.accounts.roles import Role
from portal.errors import DomainError
from portal.operations.actor import Actor
from portal.sheets.imports import find_kind
from portal.sheets.models import BatchState, ImportBatch
from portal.sheets.services.running import preview_batch
from portal.sheets.services.uploading import upload
from portal.sheets.template import template
from tests.assessment.classroom import Classroom, add_trainees, more_class
from tests.factories import BaseFactory, make_actor
from tests.imports import book, said, taken

pytestmark = pytest.mark.django_db
HEAD = ["编号", "班级", "姓名", "身份证号", "学习表现", "培训成果", "考核等级", "评语"]


def row(room: Classroom, index: int, level: str | None = "合格", **changes: Any) -> list[Any]:
    """The trainee's line, by ID number."""
    person = room.person(index)
    values = {
        "姓名": person.teacher.name,
        "身份证号": person.teacher.id_number,
        "学习表现": 80,
        "考核等级": level,
        **changes,
    }
    return [values.get(title) for title in HEAD]


def judged(room: Classroom, *rows: list[Any], actor: Actor | None = None, **params: str) -> ImportBatch:
    file = SimpleUploadedFile("成绩.xlsx", book(HEAD, *rows))
    given = params or {"class": str(room.training_class.pk)}
    batch = upload(actor or room.teacher, None, kind=KIND, file=file, params=given)
    preview_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


def counts(batch: ImportBatch) -> tuple[int, int, int]:
    return batch.ready, batch.conflict, batch.error


def test_a_sheet_is_taken_by_id_number_or_by_the_number_of_the_exported_sheet(classroom: Classroom) -> None:
    by_number = row(classroom, 1, "不合格", 编号=classroom.keys[1], 身份证号=None, 学习表现=None, 评语="缺课")
    batch = judged(classroom, row(classroom, 0, 培训成果=91.5), by_number)
    assert counts(batch) == (2, 0, 0)
    done = taken(classroom.teacher, batch)
    assert done.receipt["taken"] == 2
    first, second = Grade.objects.select_related("level").order_by("enrollment_id")
    assert (str(first.performance_mark), str(first.outcome_mark), first.level and first.level.code) == (
        "80.0",
        "91.5",
        "pass",
    )
    assert (second.level and second.level.code, second.comment, second.performance_mark) == (
        "fail",
        "缺课",
        None,
    )


@pytest.mark.clause("CQ20-5.2")
def test_rows_beyond_the_cap_are_conflicts_with_the_clause_and_the_rest_is_taken(
    classroom: Classroom,
) -> None:
    batch = judged(classroom, *(row(classroom, index, "优秀") for index in range(3)))
    assert counts(batch) == (1, 2, 0)
    assert "最多1人" in said(batch)[3]
    taken(classroom.teacher, batch)
    assert Grade.objects.get().level.code == "excellent"  # type: ignore[union-attr]
    again = judged(classroom, row(classroom, 3, "优秀"))
    assert counts(again) == (0, 1, 0)


@pytest.mark.clause("CQ20-5.2")
def test_a_cap_used_up_between_preview_and_taking_refuses_the_whole_file(classroom: Classroom) -> None:
    batch = judged(classroom, row(classroom, 0, "优秀"), row(classroom, 1))
    record_grades(
        classroom.base,
        GradedClasses(classroom.fresh()),
        entries=[Entry(classroom.keys[4], {"level": "excellent"})],
    )
    done = taken(classroom.teacher, batch)
    assert done.state == BatchState.PREVIEWED
    assert "还可评0人" in done.problem
    assert Grade.objects.count() == 1


def test_an_exchange_within_the_sheet_is_no_breach(classroom: Classroom) -> None:
    taken(classroom.teacher, judged(classroom, row(classroom, 0, "优秀")))
    batch = judged(classroom, row(classroom, 0, "合格"), row(classroom, 1, "优秀"))
    assert counts(batch) == (2, 0, 0)
    assert taken(classroom.teacher, batch).receipt["taken"] == 2


def test_each_row_says_what_is_wrong_with_it(classroom: Classroom) -> None:
    absent = add_trainees(classroom, 1, arrived=False)[0]
    batch = judged(
        classroom,
        row(classroom, 0, 姓名="别人"),
        row(classroom, 1, 身份证号=None),
        row(classroom, 2, 身份证号=absent.teacher.id_number, 姓名=absent.teacher.name),
        row(classroom, 3, None, 学习表现=None),
        row(classroom, 4),
        row(classroom, 4),
        row(classroom, 0, "良好"),
        row(classroom, 0, 学习表现=101),
        row(classroom, 0, 编号=999_999),
        row(classroom, 2, 身份证号="H1234567"),
        row(classroom, 2, 班级="没有的班"),
    )
    assert counts(batch) == (1, 0, 10)
    words = list(said(batch).values())
    for expected in (
        "姓名与学员档案不一致",
        "请填写身份证号",
        "未报到的不参加考核",
        "没有填写任何成绩",
        "重复出现",
        "下拉列表",
        "不能大于100",
    ):
        assert any(expected in each for each in words), expected


def test_one_file_for_all_the_bases_classes(classroom: Classroom) -> None:
    other = more_class(classroom, people=2)
    program = str(classroom.training_class.project.program_id)
    rows = [
        row(classroom, 0, 班级=classroom.training_class.name),
        row(other, 0, 班级=other.training_class.name),
    ]
    batch = judged(classroom, *rows, actor=classroom.base, program=program)
    assert counts(batch) == (2, 0, 0)
    assert taken(classroom.base, batch).receipt["taken"] == 2
    assert template(find_kind(KIND).layout(batch.context), {}) is not None
    assert set(find_kind(KIND).choices(batch.context)["class"]) == {"演示班", "演示班P2"}


def test_strangers_import_nothing(classroom: Classroom) -> None:
    for actor in (
        make_actor(Role.BASE_ADMIN, BaseFactory(parent=classroom.world.city)),
        make_actor(Role.CLASS_TEACHER, classroom.world.base),
        classroom.office,
    ):
        with pytest.raises(DomainError):
            judged(classroom, row(classroom, 0), actor=actor)
    with pytest.raises(DomainError):
        judged(classroom, row(classroom, 0), nothing="1")
