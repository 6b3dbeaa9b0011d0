"""The tables of a rulebook under /api/v1/: their rows to read, and `replace`, which gives the table others.

@table_api(DeliverableRequirementSerializer, edit_deliverables)
class DeliverableRequirementViewSet(TableViewSet):
    queryset = DeliverableRequirement.objects.all()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api import actor_of
from portal.operations.registry import Operation
from portal.rulebook.api import ChangeSerializer, PartViewSet, RulebookSerializer
from portal.rulebook.models import Clause, Rulebook
from portal.rulebook.row_forms import MOST_ROWS


def clause_field() -> serializers.SlugRelatedField[Clause]:
    """The clause that a row cites, by its id, such as CQ20-5.1."""
    return serializers.SlugRelatedField(
        slug_field="code", queryset=Clause.objects.all(), required=False, allow_null=True, default=None
    )


class ReplacementSerializer(ChangeSerializer):
    """The whole table anew, in its order; rows are known by their code. `version` is the rulebook's."""

    rulebook = serializers.PrimaryKeyRelatedField(queryset=Rulebook.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            self.fields["rulebook"].queryset = Rulebook.objects.visible_to(actor_of(request))  # type: ignore[attr-defined]


class TableViewSet(PartViewSet):
    """One table of the rulebooks one sees; `rulebook` narrows to one."""

    operation: ClassVar[Operation[Rulebook, Any, Rulebook]]
    replacement: ClassVar[type[ReplacementSerializer]]

    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def replace(self, request: Request) -> Response:
        """Give the table other rows: freely in a draft, as a dated and reasoned amendment once published."""
        asked = self.replacement(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        change = asked.change()
        values = change.pop("values")
        rows = [dict(row) for row in values["rows"]]
        done = type(self).operation(actor_of(request), values["rulebook"], rows=rows, **change)
        return Response(RulebookSerializer(done).data)


def table_api(
    row: type[serializers.ModelSerializer[Any]], operation: Operation[Rulebook, Any, Rulebook]
) -> Callable[[type[TableViewSet]], type[TableViewSet]]:
    """Make a TableViewSet that shows and takes rows as `row` shapes them, and changes them by `operation`."""
    name = row.__name__.removesuffix("Serializer")
    rows = row(many=True, max_length=MOST_ROWS)  # type: ignore[call-arg]
    fields = {"rows": rows, "__doc__": ReplacementSerializer.__doc__}
    replacement = type(f"{name}ReplacementSerializer", (ReplacementSerializer,), fields)

    def decorate(cls: type[TableViewSet]) -> type[TableViewSet]:
        cls.serializer_class, cls.operation, cls.replacement = row, operation, replacement
        schema = extend_schema(request=replacement, responses=RulebookSerializer)
        decorated: type[TableViewSet] = extend_schema_view(replace=schema)(cls)
        return decorated

    return decorate
