"""An uploaded sheet on its way in: what came, what was found, what was taken."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.crypto import EncryptedTextField
from portal.jobs.models import Job
from portal.organizations.models import Organization

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", _("已上传")
    PARSING = "parsing", _("正在核对")
    PREVIEWED = "previewed", _("待确认导入")
    TAKING = "taking", _("正在导入")
    TAKEN = "taken", _("已导入")
    REFUSED = "refused", _("文件未通过")
    CANCELLED = "cancelled", _("已取消")


class Outcome(models.TextChoices):
    """What would become of a row."""

    READY = "ready", _("可导入")
    CONFLICT = "conflict", _("有冲突")
    ERROR = "error", _("有错误")


def random_name(batch: models.Model, original: str) -> str:
    """Where an upload is kept: nothing of its own name, and not to be guessed."""
    return f"imports/{secrets.token_urlsafe(24)}.xlsx"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's own organisation."""
        if actor.organization is None:
            return self if actor.is_system else self.none()
        return self.filter(organization=actor.organization)

    def open(self) -> Self:
        """Those that still wait for something to be done."""
        return self.exclude(state__in=[BatchState.TAKEN, BatchState.REFUSED, BatchState.CANCELLED])


class ImportBatch(models.Model):
    """One uploaded file. `kind` is the code of an ImportKind; `context` what it is for, as that kind wrote it."""

    number = models.CharField(_("批次号"), max_length=24, unique=True)
    kind = models.CharField(_("导入类型"), max_length=64)
    context = models.JSONField(default=dict)
    file = models.FileField(_("文件"), upload_to=random_name, max_length=120)
    original_name = models.CharField(_("原文件名"), max_length=200)
    size = models.PositiveIntegerField(_("字节数"))
    sha256 = models.CharField(max_length=64)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="import_batches", verbose_name=_("机构")
    )
    state = models.CharField(_("状态"), max_length=10, choices=BatchState, default=BatchState.UPLOADED)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    sheet_name = models.CharField(_("工作表"), max_length=100, blank=True)
    ready = models.PositiveIntegerField(_("可导入"), default=0)
    conflict = models.PositiveIntegerField(_("有冲突"), default=0)
    error = models.PositiveIntegerField(_("有错误"), default=0)
    skipped = models.JSONField(_("未读取的行"), default=list)
    unknown = models.JSONField(_("未识别的列"), default=list)
    problem = models.TextField(_("未通过的原因"), blank=True)
    receipt = models.JSONField(_("回执"), default=dict)
    marked = models.FileField(_("问题标注文件"), upload_to=random_name, max_length=120, blank=True)
    created_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    previewed_at = models.DateTimeField(_("核对时间"), null=True)
    taken_at = models.DateTimeField(_("导入时间"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入批次")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=BatchState.TAKEN) | models.Q(taken_at__isnull=False),
                name="batch_taken_when",
            )
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="batch_organization_newest")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("sheets:batch", args=[self.number])

    @property
    def total(self) -> int:
        """How many rows were read."""
        return self.ready + self.conflict + self.error

    @property
    def working(self) -> bool:
        """Whether the worker has it."""
        return self.state in {BatchState.UPLOADED, BatchState.PARSING, BatchState.TAKING}


class PreviewPage(models.Model):
    """A hundred rows of a preview, as encrypted JSON: they hold ID numbers. See portal.sheets.preview."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="pages")
    outcome = models.CharField(max_length=8, choices=Outcome)
    number = models.PositiveIntegerField()
    rows = EncryptedTextField()

    class Meta:
        ordering = ("batch", "outcome", "number")
        constraints = [
            models.UniqueConstraint(fields=["batch", "outcome", "number"], name="preview_page_once")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.outcome} {self.number}"
