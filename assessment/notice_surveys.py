"""What a notice file says of questionnaires and of what inspections score. Source: CQ20-3.5, CQ20-3.6, CQ20-6.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessment.models import InspectionItem, QuestionKind, SurveyKind, SurveyTemplate, TemplateQuestion
from assessment.models.template import CHOSEN
from portal.errors import Invalid
from portal.rulebook.models import Rulebook
from portal.rulebook.services.syncing import sync
from programs.models import Anchor

SURVEY_FIELDS = ["name", "kind", "anchor", "opens_days", "closes_days", "clause", "position"]
QUESTION_FIELDS = ["survey", "name", "kind", "required", "options", "clause", "position"]
ITEM_FIELDS = ["name", "asks", "points", "clause", "position"]
WHOLE = 100
Rows = list[dict[str, Any]]


def load_surveys(rulebook: Rulebook, rows: Rows) -> None:
    """Make the questionnaires those of the file. Raises Invalid naming the first that cannot be."""
    clauses = _clauses(rulebook)
    wanted = [
        SurveyTemplate(
            rulebook=rulebook,
            code=row["code"],
            name=row["name"],
            kind=_one_of(SurveyKind, row["kind"], row),
            anchor=_one_of(Anchor, row["anchor"], row),
            opens_days=row["opens_days"],
            closes_days=row["closes_days"],
            clause_id=clauses.get(row.get("clause", "")),
            position=position,
        )
        for position, row in enumerate(rows, 1)
    ]
    sync(rulebook.survey_templates.all(), lambda row: row.code, wanted, SURVEY_FIELDS)


def load_questions(rulebook: Rulebook, rows: Rows) -> None:
    """Make the questions those of the file; the questionnaires are loaded before them."""
    known = set(rulebook.survey_templates.values_list("code", flat=True))
    clauses = _clauses(rulebook)
    wanted = [_question(rulebook, row, position, known, clauses) for position, row in enumerate(rows, 1)]
    sync(rulebook.survey_questions.all(), lambda row: row.code, wanted, QUESTION_FIELDS)


def load_items(rulebook: Rulebook, rows: Rows) -> None:
    """Make what inspections score what the file says. Raises Invalid when the points do not add up to 100."""
    if sum(row["points"] for row in rows) != WHOLE:
        raise Invalid(_("[[inspection_item]] 的分值合计应为100分。"), field="points")
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
    sync(rulebook.inspection_items.all(), lambda row: row.code, wanted, ITEM_FIELDS)


def _question(
    rulebook: Rulebook, row: dict[str, Any], position: int, known: set[str], clauses: dict[str, int]
) -> TemplateQuestion:
    if row["survey"] not in known:
        raise Invalid(_("题目“%(name)s”所属的问卷“%(survey)s”不在 [[survey]] 中。") % row, field="survey")
    kind = _one_of(QuestionKind, row["kind"], row)
    return TemplateQuestion(
        rulebook=rulebook,
        survey=row["survey"],
        code=row["code"],
        name=row["name"],
        kind=kind,
        required=row.get("required", True),
        options=_options(row) if kind in CHOSEN else [],
        clause_id=clauses.get(row.get("clause", "")),
        position=position,
    )


def _options(row: dict[str, Any]) -> list[dict[str, Any]]:
    given = [{"text": each["text"], "weight": each.get("weight")} for each in row.get("options", [])]
    if len(given) < 2:
        raise Invalid(_("题目“%(name)s”是选择题，至少要有两个选项。") % row, field="options")
    if any(each["weight"] is not None and not 0 <= Decimal(each["weight"]) <= WHOLE for each in given):
        raise Invalid(_("题目“%(name)s”的选项分值应在0至100之间。") % row, field="options")
    return given


def _one_of(choices: Any, value: str, row: dict[str, Any]) -> str:
    if value not in choices.values:
        raise Invalid(_("“%(name)s”的“%(value)s”不是已知的种类。") % {"name": row["name"], "value": value})
    return value


def _clauses(rulebook: Rulebook) -> dict[str, int]:
    return dict(rulebook.notice.clauses.values_list("code", "pk"))


def survey_line(anchor: str, opens_days: int, closes_days: int) -> str:
    """When a questionnaire is open, in words."""
    return _("%(opens)s至%(closes)s") % {
        "opens": _day(anchor, opens_days),
        "closes": _day(anchor, closes_days),
    }


def _day(anchor: str, days: int) -> str:
    name = _("开班") if anchor == Anchor.START else _("结束")
    if not days:
        return _("%(name)s当天") % {"name": name}
    side = _("前") if days < 0 else _("后")
    return _("%(name)s%(side)s%(days)d天") % {"name": name, "side": side, "days": abs(days)}


def preview_surveys(rows: Rows) -> list[str]:
    return [
        f"{row['name']}：{survey_line(row['anchor'], row['opens_days'], row['closes_days'])}" for row in rows
    ]


def preview_questions(rows: Rows) -> list[str]:
    return [f"{row['name']}（{_one_of_label(row['kind'])}）" for row in rows]


def preview_items(rows: Rows) -> list[str]:
    return [_("%(name)s：%(points)d分") % row for row in rows]


def _one_of_label(kind: str) -> str:
    return str(QuestionKind(kind).label) if kind in QuestionKind.values else kind
