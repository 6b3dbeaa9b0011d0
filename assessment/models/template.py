"""The questionnaires of a notice: when each opens and closes for a class, and what it asks. Source: CQ20-3.5, CQ20-3.6."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.rulebook.models import Clause, Rulebook
from programs.models import Anchor


class SurveyKind(models.TextChoices):
    NEEDS = "needs", _("需求调研")
    EVALUATION = "evaluation", _("学员评教")
    SATISFACTION = "satisfaction", _("满意度调查")
    FOLLOW_UP = "follow_up", _("跟踪调研")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("单选")
    MULTIPLE = "multiple", _("多选")
    SCALE = "scale", _("量表")
    TEXT = "text", _("填空")


# What is answered by choosing among options, and what of it one chooses only once.
CHOSEN = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.SCALE)
CHOSEN_ONCE = (QuestionKind.SINGLE, QuestionKind.SCALE)


class SurveyTemplate(models.Model):
    """A questionnaire that every class gets. Days are counted from the class's first or last day, before it negative."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="survey_templates", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("问卷"), max_length=60)
    kind = models.CharField(_("种类"), max_length=12, choices=SurveyKind)
    anchor = models.CharField(_("基准日"), max_length=8, choices=Anchor)
    opens_days = models.SmallIntegerField(_("开放偏移天数"), help_text=_("负数表示基准日之前"))
    closes_days = models.SmallIntegerField(_("截止偏移天数"), help_text=_("截至当天24时"))
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("问卷模板")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="survey_template_once"),
            models.CheckConstraint(
                condition=Q(closes_days__gte=F("opens_days")), name="survey_template_closes_after_opening"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateQuestion(models.Model):
    """One question of a questionnaire. `options` are `{"text", "weight"}` in order; a weight is 0 to 100, or None."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="survey_questions", verbose_name=_("规则手册")
    )
    survey = models.CharField(_("问卷代号"), max_length=32)
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("题干"), max_length=200)
    kind = models.CharField(_("题型"), max_length=8, choices=QuestionKind)
    required = models.BooleanField(_("必答"), default=True)
    options = models.JSONField(_("选项"), default=list, blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("问卷模板题目")
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["rulebook", "code"], name="template_question_once")]

    def __str__(self) -> str:
        return self.name


class InspectionItem(models.Model):
    """What an inspection scores, and the most points it gives; the points of a scheme add up to 100. Source: CQ20-6.4."""

    rulebook = models.ForeignKey(
        Rulebook, models.CASCADE, related_name="inspection_items", verbose_name=_("规则手册")
    )
    code = models.CharField(_("代号"), max_length=32)
    name = models.CharField(_("视导内容"), max_length=60)
    asks = models.TextField(_("视导要点"), blank=True)
    points = models.PositiveSmallIntegerField(_("分值"), validators=[MinValueValidator(1)])
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, verbose_name=_("依据"))
    position = models.PositiveSmallIntegerField(_("序"), default=0)

    class Meta:
        verbose_name = _("视导评分项")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "code"], name="inspection_item_once"),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=100), name="inspection_item_points"
            ),
        ]

    def __str__(self) -> str:
        return self.name
