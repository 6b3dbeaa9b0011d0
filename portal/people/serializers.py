"""What the API reads and shows of teachers: numbers masked, except in the answer to `reveal`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.operations.actor import Actor
from portal.organizations.models import Organization
from portal.people.checks import DATA_FIELDS
from portal.people.codes import DocumentType
from portal.people.completeness import completeness
from portal.people.models import Teacher, Transfer
from portal.people.tables import schools_of

_UNCHECKED: dict[str, Any] = {"validators": [], "required": False}


class TeacherMissingSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class TeacherSerializer(serializers.ModelSerializer[Teacher]):
    id_number = serializers.CharField(source="masked_id", read_only=True)
    phone = serializers.CharField(source="masked_phone", read_only=True)
    school_name = serializers.CharField(source="school.name", read_only=True)
    missing = serializers.SerializerMethodField()

    class Meta:
        model = Teacher
        fields = ["id", "school", "school_name", *DATA_FIELDS, "active", "missing", "version", "updated_at"]
        read_only_fields = fields

    @extend_schema_field(TeacherMissingSerializer(many=True))
    def get_missing(self, teacher: Teacher) -> list[dict[str, str]]:
        """What the record lacks of what programmes commonly ask for."""
        return [{"field": field, "label": label} for field, label in completeness(teacher).missing]


class TeacherDataSerializer(serializers.ModelSerializer[Teacher]):
    version = serializers.IntegerField(help_text="The version you saw; a newer one is a conflict.")

    class Meta:
        model = Teacher
        fields = [*DATA_FIELDS, "version"]
        extra_kwargs = dict.fromkeys(DATA_FIELDS, _UNCHECKED)
        validators: list[Any] = []


class NewTeacherSerializer(serializers.ModelSerializer[Teacher]):
    school = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())

    class Meta:
        model = Teacher
        fields = ["school", *DATA_FIELDS]
        extra_kwargs = dict.fromkeys(DATA_FIELDS, _UNCHECKED)
        validators: list[Any] = []

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        actor: Actor | None = getattr(self.context.get("request"), "actor", None)
        if actor is not None:
            fields["school"].queryset = schools_of(actor)  # type: ignore[attr-defined]
        return fields


class TeacherReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class TeacherVersionedReasonSerializer(TeacherReasonSerializer):
    version = serializers.IntegerField()


class TeacherRevealedSerializer(serializers.Serializer[Any]):
    id_number = serializers.CharField()
    phone = serializers.CharField()


class TransferSerializer(serializers.ModelSerializer[Transfer]):
    teacher_name = serializers.CharField(source="teacher.name", read_only=True)

    class Meta:
        model = Transfer
        fields = [
            *("id", "teacher", "teacher_name", "source", "target", "asked_by"),
            *("state", "reason", "asked_at", "decided_at"),
        ]
        read_only_fields = fields


class TransferOutSerializer(TeacherReasonSerializer):
    """To whom one's own teacher is to go: any school or college in use."""

    target = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.active())


class TransferInSerializer(TeacherReasonSerializer):
    document_type = serializers.ChoiceField(choices=DocumentType.choices, default=DocumentType.RESIDENT_ID)
    number = serializers.CharField(max_length=30)
