"""Notices, rulebooks, phases, rules and amendments under /api/v1/: the same lists, changes and refusals as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from portal.api import actor_of, router, valid
from portal.rulebook.models import Amendment, Clause, Notice, Phase, Rule, Rulebook
from portal.rulebook.services.amending import Why
from portal.rulebook.services.facts import edit_facts
from portal.rulebook.services.loading import load_notice
from portal.rulebook.services.phases import edit_phase
from portal.rulebook.services.rules import edit_rule


class ClauseSerializer(serializers.ModelSerializer[Clause]):
    class Meta:
        model = Clause
        fields = ["code", "section", "actor", "kind", "requirement", "quote"]
        read_only_fields = fields


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    clauses = ClauseSerializer(many=True, read_only=True)

    class Meta:
        model = Notice
        fields = ["id", "code", "number", "title", "issuer", "issued_on", "text", "clauses"]
        read_only_fields = fields


class RulebookSerializer(serializers.ModelSerializer[Rulebook]):
    notice = serializers.CharField(source="notice.code", read_only=True)

    class Meta:
        model = Rulebook
        fields = ["id", "title", "notice", "office", "published_at", "facts", "version"]
        read_only_fields = fields


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    clause = serializers.CharField(source="clause.code", default=None, read_only=True)

    class Meta:
        model = Phase
        fields = ["id", "rulebook", "code", "name", "opens_at", "closes_at", "actors", "clause", "version"]
        read_only_fields = fields


class RuleSerializer(serializers.ModelSerializer[Rule]):
    clause = serializers.CharField(source="clause.code", default=None, read_only=True)

    class Meta:
        model = Rule
        fields = ["id", "rulebook", "kind", "parameters", "severity", "active", "clause", "version"]
        read_only_fields = fields


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    class Meta:
        model = Amendment
        fields = [
            *("id", "rulebook", "target", "subject", "before", "after"),
            *("reason", "effective_at", "made_at", "made_by"),
        ]
        read_only_fields = fields


class RuleFindingSerializer(serializers.Serializer[Any]):
    """What one rule said: `verdict` is pass, warn or block."""

    rule = serializers.CharField()
    verdict = serializers.CharField()
    message = serializers.CharField()
    clause = serializers.CharField(source="citation.clause", default=None, allow_null=True)


class LoadSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=16, help_text="A notice file's code, such as CQ20.")


class LoadedSerializer(serializers.Serializer[Any]):
    rulebook = RulebookSerializer()
    changed = serializers.BooleanField()
    message = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Any]):
    """A change names the version it was made on; once the rulebook is published it needs a reason."""

    version = serializers.IntegerField(help_text="The version you saw; a newer one is a conflict.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)
    effective_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def change(self) -> dict[str, Any]:
        """The arguments of the operation: version, why, and the values that were given."""
        values = dict(self.validated_data)
        why = Why(values.pop("reason"), values.pop("effective_at"))
        return {"version": values.pop("version"), "why": why, "values": values}


class PhaseChangeSerializer(ChangeSerializer):
    name = serializers.CharField(required=False, max_length=60)
    opens_at = serializers.DateTimeField(required=False, allow_null=True)
    closes_at = serializers.DateTimeField(required=False, allow_null=True)
    actors = serializers.CharField(required=False, max_length=100, allow_blank=True)


class RuleChangeSerializer(ChangeSerializer):
    parameters = serializers.DictField(required=False)
    severity = serializers.CharField(required=False, max_length=8)
    active = serializers.BooleanField(required=False)


class FactsChangeSerializer(ChangeSerializer):
    values = serializers.DictField(help_text="Values by name; days are lists of numbers.")


class NoticeViewSet(ReadOnlyModelViewSet[Notice]):
    queryset = Notice.objects.none()
    serializer_class = NoticeSerializer

    def get_queryset(self) -> QuerySet[Notice]:
        return Notice.objects.visible_to(actor_of(self.request)).prefetch_related("clauses")


class RulebookViewSet(ReadOnlyModelViewSet[Rulebook]):
    queryset = Rulebook.objects.none()
    serializer_class = RulebookSerializer

    def get_queryset(self) -> QuerySet[Rulebook]:
        return Rulebook.objects.visible_to(actor_of(self.request)).select_related("notice")

    @extend_schema(request=LoadSerializer, responses=LoadedSerializer)
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def load(self, request: Request) -> Response:
        """Load a notice file for one's own office; a second time nothing changes."""
        loaded = load_notice(actor_of(request), None, **valid(LoadSerializer, request))
        return Response(LoadedSerializer(loaded).data)

    @extend_schema(request=FactsChangeSerializer, responses=RulebookSerializer)
    @action(detail=True, methods=["post"])
    def facts(self, request: Request, pk: str) -> Response:
        """Set single values: freely in a draft, as a dated and reasoned amendment once published."""
        asked = FactsChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        change = asked.change()
        change |= change["values"]
        done = edit_facts(actor_of(request), self.get_object(), **change)
        return Response(RulebookSerializer(done).data)


class PartViewSet(ReadOnlyModelViewSet[Any]):
    """Phases, rules, amendments of the rulebooks one sees; `rulebook` narrows to one."""

    filterset_fields: tuple[str, ...] = ("rulebook",)
    related: tuple[str, ...] = ("rulebook", "clause")

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        seen = Rulebook.objects.visible_to(actor_of(self.request))
        narrowed: QuerySet[Any] = rows.filter(rulebook__in=seen).select_related(*self.related)
        return narrowed


class PhaseViewSet(PartViewSet):
    queryset = Phase.objects.all()
    serializer_class = PhaseSerializer

    @extend_schema(request=PhaseChangeSerializer, responses=PhaseSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Change a window: freely in a draft, as a dated and reasoned amendment once published."""
        asked = PhaseChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        phase = edit_phase(actor_of(request), self.get_object(), **asked.change())
        return Response(PhaseSerializer(phase).data)


class RuleViewSet(PartViewSet):
    queryset = Rule.objects.all()
    serializer_class = RuleSerializer

    @extend_schema(request=RuleChangeSerializer, responses=RuleSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """Change a rule's parameters, severity, or whether it is in force."""
        asked = RuleChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rule = edit_rule(actor_of(request), self.get_object(), **asked.change())
        return Response(RuleSerializer(rule).data)


class AmendmentViewSet(PartViewSet):
    queryset = Amendment.objects.all()
    serializer_class = AmendmentSerializer
    related = ("rulebook",)


router.register("notices", NoticeViewSet)
router.register("rulebooks", RulebookViewSet)
router.register("phases", PhaseViewSet)
router.register("rules", RuleViewSet)
router.register("amendments", AmendmentViewSet)
