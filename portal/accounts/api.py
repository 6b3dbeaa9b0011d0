"""Accounts under /api/v1/: me, people, memberships, invitations. The same operations as the pages."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED
from rest_framework.viewsets import ReadOnlyModelViewSet, ViewSet

from portal.accounts import serializers as shapes
from portal.accounts.current import memberships_of
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.queries import people_of
from portal.accounts.roles import Role
from portal.accounts.services import invitations, memberships, passwords, second_factor, users
from portal.api import actor_of, router, valid


class MeViewSet(ViewSet):
    """Who calls, in which role, and which roles could be named in `X-Membership`."""

    @extend_schema(responses=shapes.MeSerializer)
    def list(self, request: Request) -> Response:
        """The caller."""
        actor = actor_of(request)
        held = memberships_of(request.user) if isinstance(request.user, User) else []
        return Response(shapes.MeSerializer({"actor": actor, "held": held}).data)


class UserViewSet(ReadOnlyModelViewSet[User]):
    """The people whom the caller sees."""

    queryset = User.objects.none()
    serializer_class = shapes.UserSerializer
    filterset_fields = ["is_active", "username"]

    def get_queryset(self) -> QuerySet[User]:
        return people_of(actor_of(self.request))

    @extend_schema(request=shapes.NewUserSerializer, responses={201: shapes.OpenedSerializer})
    def create(self, request: Request) -> Response:
        """Make an account without a role; the one-time password is in the answer only."""
        opened = users.create_user(actor_of(request), None, **valid(shapes.NewUserSerializer, request))
        return Response(shapes.OpenedSerializer(opened).data, status=HTTP_201_CREATED)

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.StateSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Shut an account."""
        given = valid(shapes.ReasonSerializer, request)
        return _state(users.deactivate_user(actor_of(request), self.get_object(), **given))

    @extend_schema(request=None, responses=shapes.StateSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        """Open an account again."""
        return _state(users.reactivate_user(actor_of(request), self.get_object()))

    @extend_schema(request=None, responses=shapes.OpenedSerializer)
    @action(detail=True, methods=["post"])
    def reset_password(self, request: Request, pk: str) -> Response:
        """Give a one-time password and end the person's sessions and tokens; it is in the answer only."""
        user = self.get_object()
        password = passwords.reset_password(actor_of(request), user)
        return Response(shapes.OpenedSerializer({"user": user, "password": password}).data)

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.StateSerializer)
    @action(detail=True, methods=["post"])
    def reset_second_factor(self, request: Request, pk: str) -> Response:
        """Take a lost second factor off the account and end its sessions."""
        user = self.get_object()
        second_factor.reset_second_factor(actor_of(request), user, **valid(shapes.ReasonSerializer, request))
        return _state(user)


class MembershipViewSet(ReadOnlyModelViewSet[Membership]):
    """The roles that the caller sees, ended ones too."""

    queryset = Membership.objects.none()
    serializer_class = shapes.MembershipSerializer
    filterset_fields = {
        "role": ["exact"],
        "organization": ["exact"],
        "user": ["exact"],
        "ended_at": ["isnull"],
    }

    def get_queryset(self) -> QuerySet[Membership]:
        return Membership.objects.visible_to(actor_of(self.request)).select_related("organization", "user")

    @extend_schema(request=shapes.GrantSerializer, responses={201: shapes.MembershipSerializer})
    def create(self, request: Request) -> Response:
        """Grant a role."""
        given = valid(shapes.GrantSerializer, request)
        wish = memberships.RoleWish(given["user"], Role(given["role"]), given["organization"])
        made = memberships.grant_role(actor_of(request), wish)
        return Response(shapes.MembershipSerializer(made).data, status=HTTP_201_CREATED)

    @extend_schema(request=shapes.ReasonSerializer, responses=shapes.MembershipSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a role."""
        given = valid(shapes.ReasonSerializer, request)
        ended = memberships.end_membership(actor_of(request), self.get_object(), **given)
        return Response(shapes.MembershipSerializer(ended).data)


class InvitationViewSet(ReadOnlyModelViewSet[Invitation]):
    """Invitations into the caller's reach."""

    queryset = Invitation.objects.none()
    serializer_class = shapes.InvitationSerializer
    filterset_fields = ["role", "organization"]

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.visible_to(actor_of(self.request)).select_related("organization")

    @extend_schema(request=shapes.InviteSerializer, responses={201: shapes.IssuedSerializer})
    def create(self, request: Request) -> Response:
        """Invite somebody; the link is in the answer only."""
        given = valid(shapes.InviteSerializer, request)
        issued = invitations.invite(actor_of(request), given.pop("organization"), **given)
        return Response(shapes.IssuedSerializer(issued).data, status=HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.InvitationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Make a link useless."""
        revoked = invitations.revoke_invitation(actor_of(request), self.get_object())
        return Response(shapes.InvitationSerializer(revoked).data)


def _state(user: User) -> Response:
    return Response(shapes.StateSerializer(user).data)


router.register("me", MeViewSet, basename="me")
router.register("users", UserViewSet, basename="user")
router.register("memberships", MembershipViewSet, basename="membership")
router.register("invitations", InvitationViewSet, basename="invitation")
