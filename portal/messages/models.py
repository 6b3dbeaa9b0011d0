"""Messages to people: shown in the portal, and sent outside by the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(recipient=actor.user_id)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def unread_first(self) -> Self:
        """With `is_unread`, by which lists sort before anything else."""
        return self.annotate(is_unread=Case(When(read_at=None, then=Value(1)), default=Value(0)))


class Message(models.Model):
    """One message to one person. `key` makes a reminder unique: the same reminder is written once.

    With a `digest` a person has at most one unread message of the kind: `count` says of how many it speaks.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="inbox", verbose_name=_("收件人")
    )
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(_("链接"), max_length=300, blank=True)
    urgent = models.BooleanField(_("紧急"), default=False)
    key = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=60, blank=True)
    count = models.PositiveIntegerField(_("件数"), default=1)
    sent_at = models.DateTimeField(_("发送时间"), auto_now_add=True)
    business_at = models.DateTimeField(_("业务时间"), null=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("消息")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "key"], condition=~Q(key=""), name="message_reminder_once"
            ),
            models.UniqueConstraint(
                fields=["recipient", "digest"],
                condition=Q(read_at=None) & ~Q(digest=""),
                name="message_digest_unread_once",
            ),
        ]
        indexes = [models.Index(fields=["recipient", "read_at", "-id"], name="message_recipient_newest")]

    def __str__(self) -> str:
        return self.title


class Channel(models.TextChoices):
    EMAIL = "email", _("邮件")
    SMS = "sms", _("短信")


class DispatchState(models.TextChoices):
    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("失败")


class Dispatch(models.Model):
    """A message's way outside. Written in the transaction of the act, sent by the worker afterwards.

    `attempts` counts the claims; `not_before` is the (real) time of the next one after a failure.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="dispatches")
    channel = models.CharField(_("渠道"), max_length=8, choices=Channel)
    address = models.CharField(_("地址"), max_length=254)
    state = models.CharField(_("状态"), max_length=8, choices=DispatchState, default=DispatchState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("发送")
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="dispatch_once_per_channel")
        ]
        indexes = [models.Index(fields=["state", "claimed_at"], name="dispatch_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"
