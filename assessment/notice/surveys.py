"""What a notice file says of questionnaires and of what inspections score. Source: CQ20-3.5, CQ20-3.6, CQ20-6.4."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from assessment.models import InspectionItem, QuestionKind, SurveyTemplate, TemplateQuestion
from assessment.services.inspection_items import FIELDS as ITEM_FIELDS
from assessment.services.inspection_items import check_items, item_line
from assessment.services.questionnaires import (
    QUESTION_FIELDS,
    SURVEY_FIELDS,
    check_survey,
    checked_question,
    window_line,
)
from portal.rulebook.models import Rulebook
from portal.rulebook.sections import section
from portal.rulebook.services.syncing import sync

Rows = list[dict[str, Any]]


def load_surveys(rulebook: Rulebook, rows: Rows) -> None:
    """Make the questionnaires those of the file. Raises Invalid naming the first that cannot be."""
    clauses = _clauses(rulebook)
    for row in rows:
        check_survey(row)
    wanted = [
        SurveyTemplate(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            anchor=row["anchor"],
            opens_days=row["opens_days"],
            closes_days=row["closes_days"],
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.survey_templates.all(), lambda row: row.code, wanted, [*SURVEY_FIELDS, "position"])


def load_questions(rulebook: Rulebook, rows: Rows) -> None:
    """Make the questions those of the file; the questionnaires are loaded before them."""
    known = set(rulebook.survey_templates.values_list("code", flat=True))
    clauses = _clauses(rulebook)
    wanted = [
        TemplateQuestion(
            rulebook=rulebook,
            survey=row["survey"],
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            required=row.get("required", True),
            options=row["options"],
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate((checked_question(each, known) for each in rows), 1)
    ]
    sync(rulebook.survey_questions.all(), lambda row: row.code, wanted, [*QUESTION_FIELDS, "position"])


def load_items(rulebook: Rulebook, rows: Rows) -> None:
    """Make what inspections score what the file says. Raises Invalid when the points do not add up to 100."""
    check_items(rows)
    clauses = _clauses(rulebook)
    wanted = [
        InspectionItem(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            asks=row.get("asks", ""),
            points=row["points"],
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.inspection_items.all(), lambda row: row.code, wanted, [*ITEM_FIELDS, "position"])


def _clauses(rulebook: Rulebook) -> dict[str, int]:
    return dict(rulebook.notice.clauses.values_list("code", "pk"))


def preview_surveys(rows: Rows) -> list[str]:
    return [
        f"{row['name']}：{window_line(row['anchor'], row['opens_days'], row['closes_days'])}" for row in rows
    ]


def preview_questions(rows: Rows) -> list[str]:
    return [f"{row['name']}（{_one_of_label(row['kind'])}）" for row in rows]


def preview_items(rows: Rows) -> list[str]:
    return [item_line(InspectionItem(name=row["name"], points=row["points"])) for row in rows]


def _one_of_label(kind: str) -> str:
    return str(QuestionKind(kind).label) if kind in QuestionKind.values else kind


section(
    "surveys",
    gettext_lazy("问卷"),
    load=load_surveys,
    preview=preview_surveys,
    order=50,
    editor="assessment:survey_templates",
)
section(
    "survey_questions",
    gettext_lazy("问卷题目"),
    load=load_questions,
    preview=preview_questions,
    order=51,
    editor="assessment:survey_questions",
)
section(
    "inspection_items",
    gettext_lazy("视导评分项"),
    load=load_items,
    preview=preview_items,
    order=52,
    editor="assessment:inspection_items",
)
