"""People who sign in, the roles they hold, and the traces of their sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.delegation import CARERS
from portal.accounts.devices import device
from portal.accounts.roles import Role
from portal.accounts.separation import SEPARATED_ADMINISTRATORS
from portal.organizations.models import Organization

if TYPE_CHECKING:
    from datetime import datetime

    from portal.operations.actor import Actor

# Those who look after accounts see the people of their whole reach; these see nobody but themselves.
_SEES_REACH = frozenset({*CARERS, Role.SECURITY_ADMIN})
_SEES_ONESELF = frozenset({Role.TRAINEE, Role.EXPERT, Role.AUDIT_ADMIN})


def _seen_by(actor: Actor) -> Q:
    """Memberships whose people the actor sees: those of the reach, of the own organisation, or one's own."""
    if actor.organization is None:
        return Q() if actor.is_system else Q(pk__in=[])
    own = Q(user=actor.user_id)
    if actor.role in _SEES_REACH:
        return own | Q(organization__path__startswith=actor.organization.reach.path)
    return own if actor.role in _SEES_ONESELF else own | Q(organization=actor.organization)


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, actor: Actor) -> Self:
        """The actor, the people of the actor's reach, and for those who make accounts and grant roles the unplaced."""
        if actor.organization is None:
            return self if actor.is_system else self.none()
        seen = Q(pk__in=Membership.objects.filter(_seen_by(actor)).values("user_id")) | Q(pk=actor.user_id)
        if actor.role in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}:
            seen |= ~Q(pk__in=Membership.objects.values("user_id"))
        return self.filter(seen)

    def holding(self, role: Role, organization: Organization) -> Self:
        """People who now hold `role` in `organization`."""
        held = Membership.objects.current().filter(role=role, organization=organization)
        return self.filter(is_active=True, pk__in=held.values("user_id"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Save and return a person with a hashed password (unusable when None)."""
        user = User(username=User.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    username = models.CharField(_("用户名"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=64)
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(_("须改密码"), default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    large_type = models.BooleanField(_("长者版"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("用户")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(_seen_by(actor))


class Membership(models.Model):
    """A role held by a person in an organisation, from granting to ending."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=24, choices=Role)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="memberships", verbose_name=_("机构")
    )
    granted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("授权人")
    )
    granted_at = models.DateTimeField(_("授权时间"), auto_now_add=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organization"],
                condition=Q(ended_at=None),
                name="membership_held_once",
            ),
        ]
        indexes = [models.Index(fields=["organization", "role"], name="membership_organization_role")]
        triggers = [SEPARATED_ADMINISTRATORS]

    def __str__(self) -> str:
        return f"{self.organization.label} · {self.get_role_display()}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> Self:
        """Invitations into the reach of those who look after accounts."""
        if actor.organization is None or actor.role not in _SEES_REACH:
            return self if actor.is_system else self.none()
        return self.filter(organization__path__startswith=actor.organization.reach.path)

    def open(self, at: datetime) -> Self:
        """Those that can still be accepted at `at`, in real time."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=at)


class InvitationState(models.TextChoices):
    OPEN = "open", _("待接受")
    ACCEPTED = "accepted", _("已接受")
    REVOKED = "revoked", _("已撤回")
    EXPIRED = "expired", _("已过期")


class Invitation(models.Model):
    """An organisation's invitation to take up a role; the token is stored only as a digest."""

    name = models.CharField(_("姓名"), max_length=64)
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    role = models.CharField(_("角色"), max_length=24, choices=Role)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="invitations", verbose_name=_("机构")
    )
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("邀请人"))
    invited_at = models.DateTimeField(_("邀请时间"), auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("邀请")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.name} → {self.organization}"

    def state_at(self, at: datetime) -> InvitationState:
        """What has become of it at `at`, in real time."""
        if self.accepted_at:
            return InvitationState.ACCEPTED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.OPEN if at < self.expires_at else InvitationState.EXPIRED


class SignInQuerySet(models.QuerySet["SignIn"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return self.filter(user=actor.user_id) if actor.user_id else self.none()


class SignIn(models.Model):
    """One attempt to sign in, shown to the person it concerns. Real time.

    `session_key` is the session it opened, while that lives.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    ip = models.GenericIPAddressField(_("地址"), null=True)
    agent = models.CharField(_("设备"), max_length=200, blank=True)
    succeeded = models.BooleanField(_("成功"))
    session_key = models.CharField(max_length=40, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("登录记录")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["user", "-id"], name="sign_in_user_newest"),
            models.Index(fields=["session_key"], condition=~Q(session_key=""), name="sign_in_session"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"

    @property
    def device(self) -> str:
        """What it was done with, in words."""
        return device(self.agent)


class PasswordHistory(models.Model):
    """Hashes of former passwords, so that the last five are not used again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="password_history")
    password = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own."""
        return self.filter(user=actor.user_id) if actor.user_id else self.none()

    def valid(self, at: datetime) -> Self:
        """Those that open the API at `at`, in real time."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """A person's key for their own programs, stored as a digest. Real time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("用途"), max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口令牌")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name
