"""A class's results as published, certificates, the second part of annex 5. Source: CQ20-3.6, 5.4, 6.3."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assessment.models.scale import GradeLevel
from enrollment.models import Enrollment, seen_by
from portal.organizations.models import Organization
from portal.rulebook.models import Rulebook
from programs.models import Program, TrainingClass

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from portal.operations.actor import Actor


class ClassResultsQuerySet(models.QuerySet["ClassResults"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the classes in which one has people or which one runs."""
        if actor.is_system:
            return self
        own = Result.objects.visible_to(actor).order_by()
        return self.filter(pk__in=own.values("results"))


class ClassResults(models.Model):
    """That a class's results were published; the counts are those of its `Result`s."""

    training_class = models.OneToOneField(
        TrainingClass, models.PROTECT, related_name="results", verbose_name=_("班级")
    )
    published_at = models.DateTimeField(_("公布时间"))
    by_name = models.CharField(_("公布人"), max_length=64)
    republished_at = models.DateTimeField(_("重新公布时间"), null=True, blank=True)
    trainees = models.PositiveIntegerField(_("人数"), default=0)
    passed = models.PositiveIntegerField(_("合格"), default=0)
    excellent = models.PositiveIntegerField(_("优秀"), default=0)
    # When and by whom the results were taken over into the national teacher system.
    imported_at = models.DateTimeField(_("导入教师系统时间"), null=True, blank=True)
    imported_by_name = models.CharField(_("导入人"), max_length=64, blank=True)
    forms_sent_at = models.DateTimeField(_("推荐表反馈时间"), null=True, blank=True)

    objects = ClassResultsQuerySet.as_manager()
    rows: RelatedManager[Result]
    copies: RelatedManager[ExcellentCopy]

    class Meta:
        verbose_name = _("班级结果")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(passed__lte=models.F("trainees"), excellent__lte=models.F("passed")),
                name="class_results_counts_nest",
            )
        ]

    def __str__(self) -> str:
        return f"{self.training_class}"

    def get_absolute_url(self) -> str:
        return reverse("assessment:class_results", args=[self.training_class_id])

    @property
    def last_published_at(self) -> datetime:
        return self.republished_at or self.published_at

    @property
    def rulebook(self) -> Rulebook:
        return self.training_class.rulebook


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, actor: Actor) -> Self:
        """The trainee's, the school's, the bureau's, the base's, the office's: as their enrolments are."""
        return self.filter(seen_by(actor, "enrollment__"))


class Result(models.Model):
    """A trainee's result as published: level, hours (学时), credits where they are kept. A failed one has neither."""

    results = models.ForeignKey(ClassResults, models.PROTECT, related_name="rows", verbose_name=_("班级结果"))
    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, related_name="result", verbose_name=_("学员")
    )
    level = models.ForeignKey(GradeLevel, models.PROTECT, related_name="results", verbose_name=_("考核等级"))
    passed = models.BooleanField(_("合格"))
    excellent = models.BooleanField(_("优秀"), default=False)
    hours = models.PositiveIntegerField(_("学时"), default=0)
    credits = models.PositiveIntegerField(_("学分"), null=True, blank=True)
    score = models.DecimalField(_("综合得分"), max_digits=4, decimal_places=1, null=True, blank=True)
    attendance_rate = models.DecimalField(
        _("出勤率（%）"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    comment = models.CharField(_("评语"), max_length=500, blank=True)
    corrected_at = models.DateTimeField(_("更正时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("培训结果")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(passed=True) | Q(hours=0), name="result_failed_has_no_hours"),
            models.CheckConstraint(
                condition=Q(passed=True) | Q(excellent=False), name="result_excellent_passed"
            ),
        ]
        indexes = [models.Index(fields=["results", "-id"], name="result_class")]

    def __str__(self) -> str:
        return f"{self.enrollment.teacher} {self.level}"

    @property
    def rulebook(self) -> Rulebook:
        return self.enrollment.rulebook


class ExcellentCopyQuerySet(models.QuerySet["ExcellentCopy"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those sent to the actor's organisation; the office and its superiors see all of their reach."""
        if actor.is_system:
            return self
        if actor.organization is None or actor.is_trainee:
            return self.none()
        return self.filter(
            Q(organization=actor.organization)
            | Q(results__training_class__base=actor.organization)
            | Q(
                results__training_class__project__program__office__path__startswith=actor.organization.reach.path
            )
        )


class ExcellentCopy(models.Model):
    """That a class's list of excellent trainees went to an organisation, and when it was first opened. CQ20-3.6."""

    results = models.ForeignKey(
        ClassResults, models.CASCADE, related_name="copies", verbose_name=_("班级结果")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("抄送单位")
    )
    sent_at = models.DateTimeField(_("抄送时间"))
    read_at = models.DateTimeField(_("首次查看"), null=True, blank=True)

    objects = ExcellentCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("优秀学员名单抄送")
        ordering = ("organization__path", "pk")
        constraints = [
            models.UniqueConstraint(fields=["results", "organization"], name="excellent_copy_once")
        ]

    def __str__(self) -> str:
        return f"{self.results} → {self.organization}"


class CertificateBook(models.Model):
    """The numbers of one base in one programme: its block (`code`) and the last serial given. Locked to give more."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="+", verbose_name=_("年度计划"))
    base = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("承担单位"))
    code = models.PositiveSmallIntegerField(_("机构代码"))
    last = models.PositiveIntegerField(_("末号"), default=0)

    class Meta:
        verbose_name = _("证书号段")
        constraints = [
            models.UniqueConstraint(fields=["program", "base"], name="certificate_book_once"),
            models.UniqueConstraint(fields=["program", "code"], name="certificate_book_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.base} {self.code:02d}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(result__in=Result.objects.visible_to(actor))

    def standing(self) -> Self:
        return self.filter(revoked_at=None)


class Certificate(models.Model):
    """The certificate of one passed trainee. A number is given once, whatever becomes of it."""

    result = models.OneToOneField(
        Result, models.PROTECT, related_name="certificate", verbose_name=_("培训结果")
    )
    book = models.ForeignKey(
        CertificateBook, models.PROTECT, related_name="certificates", verbose_name=_("证书号段")
    )
    serial = models.PositiveIntegerField(_("序号"))
    number = models.CharField(_("证书编号"), max_length=40, unique=True)
    issued_on = models.DateField(_("发证日期"))
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("结业证书")
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["book", "serial"], name="certificate_serial_once")]

    def __str__(self) -> str:
        return self.number


class BaseOpinion(models.Model):
    """The base's opinion on annex 5 (培训考核意见), the form's second part. Source: CQ20-6.3."""

    enrollment = models.OneToOneField(
        Enrollment, models.CASCADE, related_name="base_opinion", verbose_name=_("报名")
    )
    opinion = models.TextField(_("培训考核意见"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("填写人")
    )
    by_name = models.CharField(_("填写人姓名"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("培训考核意见")

    def __str__(self) -> str:
        return f"{self.enrollment}"


class ExportLayout(models.Model):
    """The columns of the national export of one programme, in their order. Source: domain facts §5.1."""

    program = models.OneToOneField(
        Program, models.CASCADE, related_name="export_layout", verbose_name=_("年度计划")
    )
    columns = models.JSONField(_("列"), default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("导出格式")

    def __str__(self) -> str:
        return f"{self.program}"

    @property
    def rulebook(self) -> Rulebook:
        return self.program.rulebook
