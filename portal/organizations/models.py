"""The organisation tree: authorities, bureaus, schools, colleges, bases."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.names import initials
from portal.organizations.kinds import Kind

if TYPE_CHECKING:
    from portal.operations.actor import Actor


class Ownership(models.TextChoices):
    PUBLIC = "public", _("公办")
    PRIVATE = "private", _("民办")


class Locality(models.TextChoices):
    URBAN = "urban", _("城市")
    RURAL = "rural", _("农村")


def label_of(path: str) -> tuple[str, str]:
    """The fields that the label of the organisation at `path` reads: for lists that load only what they show."""
    return f"{path}__name", f"{path}__short_name"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self) -> Self:
        return self.filter(active=True)

    def of(self, *kinds: Kind) -> Self:
        return self.filter(kind__in=kinds)

    def under(self, organization: Organization) -> Self:
        """The organisation itself and everything below it."""
        return self.filter(path__startswith=organization.path)

    def visible_to(self, actor: Actor) -> Self:
        """The actor's reach and the chain of its superiors."""
        if actor.organization is None:
            return self.none() if not actor.is_system else self
        reach = actor.organization.reach
        return self.filter(Q(path__startswith=reach.path) | Q(pk__in=reach.ancestor_ids))


class Organization(models.Model):
    """One body. `path` is the chain of keys from the root, each followed by a slash: `1/7/93/`."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级机构")
    )
    kind = models.CharField(_("机构类别"), max_length=24, choices=Kind)
    name = models.CharField(_("机构名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    initials = models.CharField(max_length=100, editable=False)
    region_code = models.CharField(_("行政区划代码"), max_length=6, blank=True)
    school_code = models.CharField(_("学校标识码"), max_length=10, blank=True)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    ownership = models.CharField(_("办别"), max_length=8, choices=Ownership, default=Ownership.PUBLIC)
    locality = models.CharField(_("城乡"), max_length=8, choices=Locality, default=Locality.URBAN)
    contact_name = models.CharField(_("联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=20, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    path = models.CharField(max_length=120, editable=False, blank=True)
    active = models.BooleanField(_("在用"), default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("并入")
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()
    named_by: ClassVar = ("name",)

    class Meta:
        verbose_name = _("机构")
        ordering = ("path",)
        constraints = [
            models.UniqueConstraint(
                fields=["school_code"], condition=~Q(school_code=""), name="organization_school_code_once"
            ),
            models.UniqueConstraint(
                fields=["credit_code", "kind"],
                condition=~Q(credit_code=""),
                name="organization_credit_code_once",
            ),
            models.UniqueConstraint(
                fields=["parent", "kind", "name"], condition=Q(active=True), name="organization_name_once"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(active=False), name="organization_merged_is_inactive"
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="organization_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["kind", "initials"], name="organization_kind_initials"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.initials = initials(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        path = f"{self.parent.path if self.parent else ''}{self.pk}/"
        if path != self.path:
            Organization.objects.filter(pk=self.pk).update(path=path)
            self.path = path

    @property
    def ancestor_ids(self) -> list[int]:
        """Keys of the superiors, root first, without itself."""
        return [int(key) for key in self.path.split("/")[:-2]]

    @property
    def reach(self) -> Organization:
        """The organisation over whose subtree its people act: an office works for its authority."""
        if self.kind in {Kind.PROJECT_OFFICE, Kind.DEVELOPMENT_CENTER} and self.parent:
            return self.parent
        return self

    def covers(self, other: Organization) -> bool:
        """Whether `other` lies in this organisation's reach."""
        return other.path.startswith(self.reach.path)

    @property
    def label(self) -> str:
        return self.short_name or self.name


class FormerName(models.Model):
    """A name an organisation bore until `until`; papers issued before keep it."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="former_names")
    name = models.CharField(_("原名称"), max_length=100)
    until = models.DateField(_("使用至"))

    class Meta:
        verbose_name = _("曾用名")
        ordering = ("-until",)

    def __str__(self) -> str:
        return self.name
