"""Questionnaires, their questions and what inspections score, under /api/v1/. Source: CQ20-3.5, CQ20-3.6, CQ20-6.4."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from assessment.models import InspectionItem, SurveyTemplate, TemplateQuestion
from assessment.services import inspection_items, questionnaires
from portal.api import router
from portal.rulebook.api_tables import TableViewSet, clause_field, table_api

OWN = ["id", "rulebook", "position"]


class SurveyTemplateSerializer(serializers.ModelSerializer[SurveyTemplate]):
    """Days from the class's start or end; negative: before it."""

    clause = clause_field()

    class Meta:
        model = SurveyTemplate
        fields = ["id", "rulebook", "code", *questionnaires.SURVEY_FIELDS, "position"]
        read_only_fields = OWN
        validators: list[object] = []


class TemplateOptionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=100)
    weight = serializers.IntegerField(min_value=0, max_value=100, allow_null=True, default=None)


class TemplateQuestionSerializer(serializers.ModelSerializer[TemplateQuestion]):
    """`survey` is the code of a questionnaire; a weight is 0 to 100 points, null: not scored."""

    clause = clause_field()
    options = TemplateOptionSerializer(many=True, default=list)

    class Meta:
        model = TemplateQuestion
        fields = ["id", "rulebook", "code", *questionnaires.QUESTION_FIELDS, "position"]
        read_only_fields = OWN
        extra_kwargs = {"required": {"default": True}}
        validators: list[object] = []


class InspectionItemSerializer(serializers.ModelSerializer[InspectionItem]):
    """The points of all items add up to 100."""

    clause = clause_field()

    class Meta:
        model = InspectionItem
        fields = ["id", "rulebook", "code", *inspection_items.FIELDS, "position"]
        read_only_fields = OWN
        extra_kwargs = {"asks": {"default": ""}}
        validators: list[object] = []


@table_api(SurveyTemplateSerializer, questionnaires.edit_surveys)
class SurveyTemplateViewSet(TableViewSet):
    queryset = SurveyTemplate.objects.all()


@table_api(TemplateQuestionSerializer, questionnaires.edit_questions)
class TemplateQuestionViewSet(TableViewSet):
    queryset = TemplateQuestion.objects.all()


@table_api(InspectionItemSerializer, inspection_items.edit_items)
class InspectionItemViewSet(TableViewSet):
    queryset = InspectionItem.objects.all()


router.register("survey-templates", SurveyTemplateViewSet)
router.register("survey-questions", TemplateQuestionViewSet)
router.register("inspection-items", InspectionItemViewSet)
