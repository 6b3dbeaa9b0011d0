"""The questionnaires and their questions, as the office sets them. Source: CQ20-3.5, CQ20-3.6.

What is asked of a class is copied when its survey opens: a change speaks for the surveys that open after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import QuestionKind, SurveyKind, SurveyTemplate, TemplateQuestion
from assessment.models.template import CHOSEN
from portal.errors import Invalid
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.rulebook.models import Rulebook
from portal.rulebook.services.amending import MANAGERS, UNEXPLAINED, Why, our_rulebook
from portal.rulebook.services.tables import PartTable, replace_rows
from programs.models import Anchor

SURVEY_FIELDS = ("name", "kind", "anchor", "opens_days", "closes_days", "clause")
QUESTION_FIELDS = ("survey", "name", "kind", "required", "options", "clause")
CLAUSES = ["CQ20-3.5", "CQ20-3.6"]
WHOLE = 100
LEAST_OPTIONS = 2
Row = dict[str, Any]


def window_line(anchor: str, opens_days: int, closes_days: int) -> str:
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


def survey_line(row: SurveyTemplate) -> str:
    """The questionnaire in words: its kind, and when it is open."""
    return _("%(name)s（%(kind)s）：%(window)s") % {
        "name": row.name,
        "kind": row.get_kind_display(),
        "window": window_line(row.anchor, row.opens_days, row.closes_days),
    }


def question_line(row: TemplateQuestion) -> str:
    """The question in words: of which questionnaire, how it is answered, what may be chosen."""
    kind = row.get_kind_display()
    words = _("%(survey)s｜%(name)s（%(kind)s）") % {"survey": row.survey, "name": row.name, "kind": kind}
    optional = "" if row.required else _("，选答")
    return f"{words}{optional}{_options_line(row.options)}"


def _options_line(options: Sequence[Row]) -> str:
    if not options:
        return ""
    named = [
        each["text"] if each["weight"] is None else f"{each['text']}={each['weight']}" for each in options
    ]
    return f"：{'、'.join(named)}"


SURVEYS = PartTable("surveys", gettext_lazy("问卷"), SurveyTemplate, SURVEY_FIELDS, survey_line)
QUESTIONS = PartTable(
    "survey_questions", gettext_lazy("问卷题目"), TemplateQuestion, QUESTION_FIELDS, question_line
)


@operation(
    "assessment.edit_surveys", gettext_lazy("修改问卷"), roles=MANAGERS, scope=our_rulebook, clauses=CLAUSES
)
def edit_surveys(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[Row], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the questionnaires `rows`, keyed by `code` and SURVEY_FIELDS; days before the anchor are negative.

    Raises Invalid for an unknown kind or anchor, an end before the opening, or a questionnaire that would go and has
    questions; and what `replace_rows` raises.
    """
    for row in rows:
        check_survey(row)
    codes = {row["code"] for row in rows}
    left = rulebook.survey_questions.exclude(survey__in=codes).first()
    if left:
        raise Invalid(
            _("要删去的问卷“%(survey)s”还有题目“%(question)s”等，请先删去它的题目。")
            % {"survey": left.survey, "question": left.name}
        )
    return replace_rows(act, rulebook, SURVEYS, version=version, rows=rows, why=why)


@operation(
    "assessment.edit_survey_questions",
    gettext_lazy("修改问卷题目"),
    roles=MANAGERS,
    scope=our_rulebook,
    clauses=CLAUSES,
)
def edit_questions(
    act: Act, rulebook: Rulebook, *, version: int, rows: list[Row], why: Why = UNEXPLAINED
) -> Rulebook:
    """Make the questions `rows`, keyed by `code` and QUESTION_FIELDS; options are `{"text", "weight"}`, 0 to 100 or None.

    Raises Invalid for a question of no questionnaire, a choice of fewer than two options, a weight beyond 100; and what
    `replace_rows` raises.
    """
    known = set(rulebook.survey_templates.values_list("code", flat=True))
    wanted = [checked_question(row, known) for row in rows]
    return replace_rows(act, rulebook, QUESTIONS, version=version, rows=wanted, why=why)


def check_survey(row: Row) -> None:
    """Raise Invalid unless kind and anchor are known and the survey does not close before it opens."""
    one_of(SurveyKind, row["kind"], row)
    one_of(Anchor, row["anchor"], row)
    if row["closes_days"] < row["opens_days"]:
        raise Invalid(_("问卷“%(name)s”的截止早于开放，请检查偏移天数。") % row)


def checked_question(row: Row, surveys: set[str]) -> Row:
    """The row with its options as they are stored: none for a text. Raises Invalid for what cannot be asked."""
    if row["survey"] not in surveys:
        raise Invalid(_("题目“%(name)s”所属的问卷“%(survey)s”不存在，请先增加问卷。") % row, field="survey")
    one_of(QuestionKind, row["kind"], row)
    return row | {"options": _options(row) if row["kind"] in CHOSEN else []}


def _options(row: Row) -> list[Row]:
    given = [{"text": each["text"], "weight": each.get("weight")} for each in row.get("options") or []]
    if len(given) < LEAST_OPTIONS:
        raise Invalid(_("题目“%(name)s”是选择题，至少要有两个选项。") % row, field="options")
    if any(each["weight"] is not None and not 0 <= each["weight"] <= WHOLE for each in given):
        raise Invalid(_("题目“%(name)s”的选项分值应在0至100之间。") % row, field="options")
    return given


def one_of(choices: Any, value: str, row: Row) -> str:
    """`value`, if it is one of the choices. Raises Invalid."""
    if value not in choices.values:
        raise Invalid(_("“%(name)s”的“%(value)s”不是已知的种类。") % {"name": row["name"], "value": value})
    return value
