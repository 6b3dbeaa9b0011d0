"""Surveys under /api/v1/: the same lists, acts, thresholds and refusals as the pages. Nobody learns who answered."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from assessment.models import Ballot, Question, Survey
from assessment.services.answering import answer_survey
from assessment.services.survey_export import require_shown_to
from assessment.services.surveying import close_survey, remind_survey
from assessment.survey_results import evaluation_of, results_of, with_means
from portal.api import actor_of, router, valid


class OptionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()


class QuestionSerializer(serializers.ModelSerializer[Question]):
    """A question as it is asked; how it was answered stands under `results`."""

    options = OptionSerializer(many=True, read_only=True)

    class Meta:
        model = Question
        fields = ["id", "position", "text", "kind", "required", "options"]
        read_only_fields = fields


class SurveySerializer(serializers.ModelSerializer[Survey]):
    """`mean` (0 to 100) is null until the survey is closed with enough answers."""

    invited = serializers.IntegerField(read_only=True)
    answered = serializers.IntegerField(read_only=True)
    mean = serializers.SerializerMethodField()

    class Meta:
        model = Survey
        fields = [
            *("id", "training_class", "code", "kind", "title", "opens_at", "closes_at", "state"),
            *("invited", "answered", "mean"),
        ]
        read_only_fields = fields

    def get_mean(self, survey: Survey) -> str | None:
        mean = None if actor_of(self.context["request"]).is_trainee else evaluation_of(survey).mean
        return None if mean is None else str(mean)


class ChosenSerializer(serializers.Serializer[Any]):
    option = serializers.CharField()
    count = serializers.IntegerField()
    share = serializers.DecimalField(5, 1)


class SurveyResultSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    answered = serializers.IntegerField()
    mean = serializers.DecimalField(6, 2, allow_null=True)
    options = ChosenSerializer(many=True)
    texts = serializers.ListField(child=serializers.CharField())


class AnswerSerializer(serializers.Serializer[Any]):
    """For one question: keys of the options chosen, or what was written."""

    question = serializers.IntegerField()
    options = serializers.ListField(child=serializers.IntegerField(), required=False, default=list)
    text = serializers.CharField(required=False, default="", allow_blank=True)


class AnswersSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True)


class RemindedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class SurveyViewSet(ReadOnlyModelViewSet[Survey]):
    """Surveys one sees: a trainee those that ask them, others those whose answers they may count."""

    queryset = Survey.objects.none()
    serializer_class = SurveySerializer
    filterset_fields = ("training_class", "kind", "state")

    def get_queryset(self) -> QuerySet[Survey]:
        rows = Survey.objects.visible_to(actor_of(self.request)).counted()
        return with_means(
            rows.select_related(
                "training_class__base",
                "training_class__class_teacher",
                "training_class__project__program__rulebook",
                "training_class__project__program__office__parent",
            )
        )

    @extend_schema(responses=QuestionSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=None)
    def questions(self, request: Request, pk: str) -> Response:
        """What the survey asks."""
        rows = self.get_object().questions.prefetch_related("options")
        return Response(QuestionSerializer(rows, many=True).data)

    @extend_schema(responses=SurveyResultSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=None)
    def results(self, request: Request, pk: str) -> Response:
        """The result of each question. Refused until the survey is closed with enough answers."""
        survey = self.get_object()
        require_shown_to(actor_of(request), survey)
        rows = [
            {
                "question": each.question.text,
                "answered": each.question.answered,
                "mean": each.mean,
                "options": [
                    {"option": option.text, "count": option.count, "share": share}
                    for option, share in each.options
                ],
                "texts": each.texts,
            }
            for each in results_of(survey)
        ]
        return Response(SurveyResultSerializer(rows, many=True).data)

    @extend_schema(request=AnswersSerializer, responses=SurveySerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """A trainee answers, once."""
        rows = Ballot.objects.filter(enrollment__teacher__user=actor_of(request).user_id)
        ballot = get_object_or_404(rows.select_related("enrollment__teacher__user"), survey=self.get_object())
        answers = {
            each["question"]: each["text"] or each["options"]
            for each in valid(AnswersSerializer, request)["answers"]
        }
        answer_survey(actor_of(request), ballot, answers=answers)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=RemindedSerializer)
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, pk: str) -> Response:
        """Remind those who have not answered; how many they are."""
        return Response({"count": remind_survey(actor_of(request), self.get_object())})

    @extend_schema(request=None, responses=SurveySerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End the survey."""
        close_survey(actor_of(request), self.get_object())
        return Response(self.get_serializer(self.get_object()).data)


router.register("surveys", SurveyViewSet)
