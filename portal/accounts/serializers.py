"""What the API reads and shows of accounts."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.accounts.models import Invitation, InvitationState, Membership, User
from portal.accounts.queries import invitable_organizations
from portal.accounts.roles import Role
from portal.accounts.services.invitations import Issued
from portal.names import mask_phone
from portal.operations.actor import Actor
from portal.organizations.models import Organization


def _actor(serializer: serializers.BaseSerializer[Any]) -> Actor | None:
    """Who calls; None while the schema is drawn."""
    return getattr(serializer.context.get("request"), "actor", None)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    role_name = serializers.CharField(source="get_role_display", read_only=True)
    organization_name = serializers.CharField(source="organization.name", read_only=True)

    class Meta:
        model = Membership
        fields = [
            "id",
            "user",
            "role",
            "role_name",
            "organization",
            "organization_name",
            "granted_at",
            "ended_at",
        ]
        read_only_fields = fields


class UserSerializer(serializers.ModelSerializer[User]):
    """A person as the register shows them: the phone masked, the roles that the caller sees."""

    phone = serializers.SerializerMethodField()
    memberships = MembershipSerializer(source="shown", many=True, read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "name", "phone", "is_active", "last_login", "memberships"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField)
    def get_phone(self, user: User) -> str:
        return mask_phone(user.phone)


class MeSerializer(serializers.Serializer[Any]):
    """Who calls, and in which role: `membership` is what `X-Membership` names."""

    id = serializers.IntegerField(source="actor.user.pk")
    username = serializers.CharField(source="actor.user.username")
    name = serializers.CharField(source="actor.name")
    membership = serializers.IntegerField(source="actor.membership_id")
    role = serializers.ChoiceField(source="actor.role", choices=Role.choices)
    organization = serializers.IntegerField(source="actor.organization.pk")
    memberships = MembershipSerializer(many=True, source="held")


class StateSerializer(serializers.ModelSerializer[User]):
    """Whether an account is open."""

    class Meta:
        model = User
        fields = ["id", "username", "is_active"]
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class NewUserSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=64)
    phone = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    email = serializers.EmailField(required=False, default="", allow_blank=True)


class OpenedSerializer(serializers.Serializer[Any]):
    """A new account and its one-time password, given only in this answer."""

    id = serializers.IntegerField(source="user.pk")
    password = serializers.CharField()


class GrantSerializer(serializers.Serializer[Any]):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.none())
    role = serializers.ChoiceField(choices=Role.choices)
    organization = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())

    def get_fields(self) -> dict[str, Any]:
        """Only what the caller sees can be named."""
        fields = super().get_fields()
        actor = _actor(self)
        if actor:
            fields["user"].queryset = User.objects.visible_to(actor)  # type: ignore[attr-defined]
            fields["organization"].queryset = Organization.objects.visible_to(actor)  # type: ignore[attr-defined]
        return fields


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    state = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ["id", "name", "role", "organization", "invited_at", "expires_at", "state"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=InvitationState.choices))
    def get_state(self, invitation: Invitation) -> str:
        return invitation.state_at(timezone.now()).value


class InviteSerializer(serializers.Serializer[Any]):
    organization = serializers.PrimaryKeyRelatedField(queryset=Organization.objects.none())
    role = serializers.ChoiceField(choices=Role.choices)
    name = serializers.CharField(max_length=64)
    phone = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    email = serializers.EmailField(required=False, default="", allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        """Only organisations into which the caller may invite can be named."""
        fields = super().get_fields()
        actor = _actor(self)
        if actor:
            fields["organization"].queryset = invitable_organizations(actor)  # type: ignore[attr-defined]
        return fields

    def validate_role(self, value: str) -> Role:
        return Role(value)


class IssuedSerializer(serializers.Serializer[Any]):
    """A new invitation and its link, given only in this answer."""

    invitation = InvitationSerializer()
    url = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField)
    def get_url(self, issued: Issued) -> str:
        return issued.url
