"""What a person chose about the look of pages: visible columns of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class ColumnSetQuerySet(models.QuerySet["ColumnSet"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own sets."""
        return self.filter(user=actor.user_id) if actor.user_id else self.none()


class ColumnSet(models.Model):
    """A named choice of the columns of one register. The one in use is `current`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("用户")
    )
    register = models.CharField(_("台账"), max_length=64)
    name = models.CharField(_("名称"), max_length=20)
    columns = models.JSONField(_("显示的列"), default=list)
    current = models.BooleanField(_("使用中"), default=False)

    objects = ColumnSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("列方案")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["user", "register", "name"], name="column_set_name_once"),
            models.UniqueConstraint(
                fields=["user", "register"], condition=models.Q(current=True), name="column_set_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.name
