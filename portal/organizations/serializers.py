"""What the API reads and shows of organisations. Rules are the operations': serializers only shape."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.operations.actor import Actor
from portal.organizations.kinds import Kind
from portal.organizations.models import FormerName, Organization
from portal.organizations.services.records import CONTACT_FIELDS, DATA_FIELDS

# The operations check values and say in words what is wrong.
UNCHECKED: dict[str, Any] = {"validators": [], "required": False}


class FormerNameSerializer(serializers.ModelSerializer[FormerName]):
    class Meta:
        model = FormerName
        fields = ["name", "until"]


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    kind_name = serializers.CharField(source="get_kind_display", read_only=True)
    former_names = FormerNameSerializer(many=True, read_only=True)

    class Meta:
        model = Organization
        fields = [
            *("id", "parent", "kind", "kind_name", "name", *DATA_FIELDS),
            *("active", "merged_into", "former_names", "version"),
        ]
        read_only_fields = fields


class OrganizationDataSerializer(serializers.ModelSerializer[Organization]):
    version = serializers.IntegerField(help_text="The version you saw; a newer one is a conflict.")

    class Meta:
        model = Organization
        fields = [*DATA_FIELDS, "version"]
        extra_kwargs = dict.fromkeys(DATA_FIELDS, UNCHECKED)
        validators: list[Any] = []


class OrganizationContactSerializer(OrganizationDataSerializer):
    class Meta(OrganizationDataSerializer.Meta):
        fields = [*CONTACT_FIELDS, "version"]
        extra_kwargs = dict.fromkeys(CONTACT_FIELDS, UNCHECKED)


class NewOrganizationSerializer(serializers.ModelSerializer[Organization]):
    parent = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=Kind.choices)

    class Meta:
        model = Organization
        fields = ["parent", "kind", "name", *DATA_FIELDS]
        extra_kwargs = dict.fromkeys(DATA_FIELDS, UNCHECKED)
        validators: list[Any] = []

    def get_fields(self) -> dict[str, Any]:
        return _within_sight(self, super().get_fields(), "parent")


class OrganizationReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)
    version = serializers.IntegerField()


class OrganizationRenameSerializer(OrganizationReasonSerializer):
    name = serializers.CharField(max_length=100)


class OrganizationMoveSerializer(OrganizationReasonSerializer):
    parent = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())  # type: ignore[assignment]

    def get_fields(self) -> dict[str, Any]:
        return _within_sight(self, super().get_fields(), "parent")


class OrganizationMergeSerializer(OrganizationReasonSerializer):
    into = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())

    def get_fields(self) -> dict[str, Any]:
        return _within_sight(self, super().get_fields(), "into")


def _within_sight(
    serializer: serializers.BaseSerializer[Any], fields: dict[str, Any], name: str
) -> dict[str, Any]:
    """Let `name` be only what the caller sees."""
    actor: Actor | None = getattr(serializer.context.get("request"), "actor", None)
    if actor is not None:
        fields[name].queryset = Organization.objects.visible_to(actor)
    return fields
