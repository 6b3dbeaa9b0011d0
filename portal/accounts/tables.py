"""The lists of accounts: people, invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import Invitation, InvitationState, Membership, User
from portal.accounts.queries import people_of
from portal.accounts.roles import Role
from portal.names import mask_phone
from portal.ui.filters import FilterSet
from portal.ui.register import Column, Kind, Register, leads_to
from portal.ui.words import word_of

if TYPE_CHECKING:
    from portal.operations.actor import Actor

ACTIVE = (("1", gettext_lazy("启用")), ("0", gettext_lazy("停用")))


class UserFilter(FilterSet):
    role = django_filters.ChoiceFilter(label=gettext_lazy("角色"), choices=Role.choices, method="with_role")
    active = django_filters.ChoiceFilter(label=gettext_lazy("状态"), choices=ACTIVE, method="with_state")

    class Meta:
        model = User
        fields: list[str] = []

    request: HttpRequest

    def with_role(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """People who hold the role within the actor's sight."""
        actor: Actor = self.request.actor  # type: ignore[attr-defined]
        held = Membership.objects.current().visible_to(actor).filter(role=value)
        return rows.filter(pk__in=held.values("user_id"))

    def with_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(is_active=value == "1")


class InvitationFilter(FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=InvitationState.choices, method="in_state"
    )
    role = django_filters.ChoiceFilter(label=gettext_lazy("角色"), choices=Role.choices)

    class Meta:
        model = Invitation
        fields = ["role"]

    def in_state(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        now = timezone.now()
        if value == InvitationState.ACCEPTED:
            return rows.exclude(accepted_at=None)
        if value == InvitationState.REVOKED:
            return rows.filter(accepted_at=None).exclude(revoked_at=None)
        if value == InvitationState.EXPIRED:
            return rows.filter(accepted_at=None, revoked_at=None, expires_at__lte=now)
        return rows.filter(pk__in=Invitation.objects.open(now).values("pk"))


def _roles(user: Any) -> str:
    """`机构 · 角色`, joined; people of the register carry them in `shown`."""
    words = [f"{each.organization.label} · {word_of(each, 'role')}" for each in user.shown]
    return "；".join(words) or _("无角色")


def _active(user: User) -> tuple[str, str]:
    return ("active", _("启用")) if user.is_active else ("inactive", _("停用"))


def _state(invitation: Invitation) -> tuple[str, str]:
    state = invitation.state_at(timezone.now())
    return state.value, str(state.label)


USERS: Register[User] = Register(
    code="accounts.users",
    title=gettext_lazy("用户与角色"),
    rows=people_of,
    columns=[
        Column("name", gettext_lazy("姓名"), sort="name"),
        Column("username", gettext_lazy("用户名"), sort="username"),
        Column("roles", gettext_lazy("机构与角色"), value=_roles, reads=("pk",)),
        Column("phone", gettext_lazy("手机"), value=lambda user: mask_phone(user.phone), reads=("phone",)),
        Column("last_login", gettext_lazy("最近登录"), kind=Kind.MOMENT, sort="last_login"),
        Column("active", gettext_lazy("状态"), kind=Kind.BADGE, value=_active, reads=("is_active",)),
    ],
    filters=UserFilter,
    search=("name__icontains", "username__icontains"),
    search_hint=gettext_lazy("姓名、用户名"),
    url=leads_to("accounts:user"),
    reads=(),
    empty=gettext_lazy("没有符合条件的用户。可以调整筛选条件，或点击右上角“邀请人员”。"),
    template="accounts/users.html",
)

INVITATIONS: Register[Invitation] = Register(
    code="accounts.invitations",
    title=gettext_lazy("邀请"),
    rows=lambda actor: Invitation.objects.visible_to(actor).select_related("organization", "invited_by"),
    columns=[
        Column("name", gettext_lazy("姓名"), sort="name"),
        Column("role", gettext_lazy("角色"), kind=Kind.CHOICE),
        Column("organization__name", gettext_lazy("机构")),
        Column("invited_by__name", gettext_lazy("邀请人")),
        Column("invited_at", gettext_lazy("邀请时间"), kind=Kind.MOMENT),
        Column("expires_at", gettext_lazy("有效期至"), kind=Kind.MOMENT, sort="expires_at"),
        Column("state", gettext_lazy("状态"), kind=Kind.BADGE, value=_state),
    ],
    filters=InvitationFilter,
    search=("name__icontains", "organization__name__icontains"),
    search_hint=gettext_lazy("姓名、机构"),
    url=leads_to("accounts:invitation"),
    empty=gettext_lazy("还没有邀请。请点击右上角“邀请人员”，把链接发给对方即可加入。"),
    template="accounts/invitations.html",
)
