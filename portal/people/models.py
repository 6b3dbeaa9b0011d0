"""Teachers: one record per person, keyed by the digest of the identity document's number."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.roles import Role
from portal.crypto import EncryptedTextField, digest
from portal.names import initials, mask_id, mask_phone, sort_key
from portal.organizations.models import Organization
from portal.people.codes import Degree, DocumentType, Education, Gender, PoliticalStatus, Stage, TitleLevel

if TYPE_CHECKING:
    from portal.operations.actor import Actor


# Who sees the records of the teachers in their reach. The separated administrators see no business data.
VIEWERS = frozenset(
    {
        Role.PROVINCIAL_OFFICER,
        Role.PROGRAM_MANAGER,
        Role.OFFICE_REVIEWER,
        Role.BUREAU_CLERK,
        Role.BUREAU_APPROVER,
        Role.SCHOOL_ADMIN,
        Role.COLLEGE_ADMIN,
    }
)


def id_digest(document_type: str, number: str) -> str:
    """Return the digest by which a person is found. `number` is normalised (upper case, no spaces)."""
    return digest(f"{document_type}:{number}", purpose="teacher-id")


class TeacherQuerySet(models.QuerySet["Teacher"]):
    def visible_to(self, actor: Actor) -> Self:
        """Teachers of the schools in the actor's reach; a trainee sees only the own record."""
        if actor.is_system:
            return self
        if actor.is_trainee:
            return self.filter(user=actor.user_id)
        if actor.organization is None or actor.role not in VIEWERS:
            return self.none()
        return self.filter(school__path__startswith=actor.organization.reach.path)

    def listed(self) -> Self:
        """Rows for lists: long texts stay in the database, the school comes along."""
        return self.select_related("school").defer("resume", "achievements")

    def with_number(self, document_type: str, number: str) -> Self:
        return self.filter(id_digest=id_digest(document_type, number))


class Teacher(models.Model):
    """A teacher. The document's number and the phone rest encrypted; screens show `masked_id`, `masked_phone`."""

    name = models.CharField(_("姓名"), max_length=64)
    sort_key = models.CharField(max_length=120, editable=False)
    initials = models.CharField(max_length=100, editable=False)
    document_type = models.CharField(
        _("身份证件类型"), max_length=16, choices=DocumentType, default=DocumentType.RESIDENT_ID
    )
    id_number = EncryptedTextField(_("身份证件号"))
    id_digest = models.CharField(max_length=64, unique=True, editable=False)
    national_code = models.CharField(_("教师个人标识码"), max_length=32, blank=True)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender, default=Gender.UNKNOWN)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    ethnicity = models.CharField(_("民族"), max_length=2, blank=True)
    political_status = models.CharField(_("政治面貌"), max_length=2, choices=PoliticalStatus, blank=True)
    education = models.CharField(_("学历"), max_length=2, choices=Education, blank=True)
    degree = models.CharField(_("学位"), max_length=8, choices=Degree, blank=True)
    graduated_from = models.CharField(_("毕业院校"), max_length=100, blank=True)
    major = models.CharField(_("所学专业"), max_length=100, blank=True)
    school = models.ForeignKey(
        Organization, models.PROTECT, related_name="teachers", verbose_name=_("工作单位")
    )
    stage = models.CharField(_("任教学段"), max_length=12, choices=Stage, blank=True)
    subject = models.CharField(_("任教专业"), max_length=60, blank=True)
    title = models.CharField(_("专业技术职务"), max_length=40, blank=True)
    title_level = models.CharField(_("职称级别"), max_length=12, choices=TitleLevel, blank=True)
    post = models.CharField(_("行政职务"), max_length=40, blank=True)
    teaching_since = models.DateField(_("从教起始时间"), null=True, blank=True)
    double_qualified = models.BooleanField(_("双师型"), null=True, blank=True)
    phone = EncryptedTextField(_("手机"), blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    in_national_system = models.BooleanField(_("已在全国教师管理信息系统"), null=True, blank=True)
    resume = models.TextField(_("工作简历"), blank=True)
    achievements = models.TextField(_("教学科研与企业实践情况"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="teacher",
        verbose_name=_("账号"),
    )
    active = models.BooleanField(_("在岗"), default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TeacherQuerySet.as_manager()

    class Meta:
        verbose_name = _("教师")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["national_code"], condition=~Q(national_code=""), name="teacher_national_code_once"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-id"], name="teacher_school_newest"),
            models.Index(
                fields=["name", "-id"], name="teacher_name", opclasses=["text_pattern_ops", "int8_ops"]
            ),
            models.Index(
                fields=["initials", "-id"],
                name="teacher_initials",
                opclasses=["text_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["subject", "-id"], name="teacher_subject"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """Compute the columns that follow from others; bulk writers call it before writing."""
        self.id_digest = id_digest(self.document_type, self.id_number)
        self.sort_key, self.initials = sort_key(self.name), initials(self.name)

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    def age(self, on: date) -> int | None:
        """Full years on a day, or None when the birth date is not known."""
        return _years(self.birth_date, on)

    def years_of_teaching(self, on: date) -> int | None:
        return _years(self.teaching_since, on)


def _years(since: date | None, on: date) -> int | None:
    if since is None:
        return None
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


class TransferState(models.TextChoices):
    REQUESTED = "requested", _("待对方同意")
    AGREED = "agreed", _("已调动")
    REFUSED = "refused", _("对方不同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, actor: Actor) -> Self:
        """Transfers out of or into the schools in the actor's reach."""
        if actor.is_system:
            return self
        if actor.organization is None or actor.role not in VIEWERS:
            return self.none()
        path = actor.organization.reach.path
        return self.filter(Q(source__path__startswith=path) | Q(target__path__startswith=path))


class Transfer(models.Model):
    """A teacher's move from one school to another: one side asks, the other agrees."""

    teacher = models.ForeignKey(Teacher, models.CASCADE, related_name="transfers", verbose_name=_("教师"))
    source = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("调出学校"))
    target = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("调入学校"))
    asked_by = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("发起单位"))
    state = models.CharField(_("状态"), max_length=10, choices=TransferState, default=TransferState.REQUESTED)
    reason = models.TextField(_("事由"), blank=True)
    asked_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    decided_at = models.DateTimeField(_("办理时间"), null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("教师调动")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["teacher"], condition=Q(state="requested"), name="transfer_one_open_per_teacher"
            ),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="transfer_changes_school"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher}：{self.source} → {self.target}"
