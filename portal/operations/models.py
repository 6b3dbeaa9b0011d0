"""The audit: who did what, when, from where, to what, before and after. Append-only: see guard.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class Outcome(models.TextChoices):
    DONE = "done", _("成功")
    REFUSED = "refused", _("拒绝")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, actor: Actor) -> Self:
        """The audit administrator sees everything; everyone else nothing."""
        return self if actor.has_role(Role.AUDIT_ADMIN) or actor.is_system else self.none()

    def about(self, subject: models.Model) -> Self:
        """The entries of one record, for its history."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


class AuditEntry(models.Model):
    """One act. Real time in `at`; the demo's in `business_at`. `rows` holds what a bulk act touched."""

    at = models.DateTimeField(_("时间"), auto_now_add=True)
    business_at = models.DateTimeField(_("业务时间"))
    operation = models.CharField(_("操作代码"), max_length=64)
    label = models.CharField(_("操作"), max_length=64)
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome, default=Outcome.DONE)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("用户"),
    )
    actor_name = models.CharField(_("操作人"), max_length=64)
    role = models.CharField(_("角色"), max_length=24, blank=True)
    organization_id = models.BigIntegerField(null=True)
    organization_name = models.CharField(_("机构"), max_length=100, blank=True)
    ip = models.GenericIPAddressField(_("来源地址"), null=True)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(_("对象"), max_length=200, blank=True)
    before = models.JSONField(_("变更前"), default=dict)
    after = models.JSONField(_("变更后"), default=dict)
    rows = models.JSONField(_("明细"), default=list)
    reason = models.TextField(_("理由"), blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("审计记录")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject_newest"),
            models.Index(fields=["operation", "-id"], name="audit_operation_newest"),
            models.Index(fields=["user", "-id"], name="audit_user_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.subject_label}"
