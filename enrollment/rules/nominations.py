"""Who may be nominated: the rule kinds of CQ20-6.1, 6.2, 3.4 and 2.1. Pure; a case carries all they look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.cases import NominationCase
from portal.organizations.kinds import Kind
from portal.people.codes import TITLE_ORDER, Stage, TitleLevel
from portal.people.completeness import REQUIRED, completeness
from portal.rulebook.kinds import rule_kind


@rule_kind("enrollment.audience", gettext_lazy("符合培训对象条件"))
@dataclass(frozen=True)
class AudienceRule:
    """Each condition of the project's audience that the teacher does not meet is said in words. CQ20-6.1."""

    def check(self, case: NominationCase) -> str:
        return "；".join(filter(None, [test(case) for test in _CONDITIONS]))


@rule_kind("enrollment.seats", gettext_lazy("有可用名额"))
@dataclass(frozen=True)
class SeatsRule:
    """The nominating organisation has a free seat of the project for this person, in the order of the sheet."""

    def check(self, case: NominationCase) -> str:
        if case.free_seats is None:
            return _("本单位没有项目%(project)s的名额") % {"project": case.project.code}
        if case.rank > case.free_seats:
            return _("项目%(project)s剩余名额%(free)d个，本条为第%(rank)d人") % {
                "project": case.project.code,
                "free": case.free_seats,
                "rank": case.rank,
            }
        return ""


@rule_kind("enrollment.completeness", gettext_lazy("个人信息完整"))
@dataclass(frozen=True)
class CompletenessRule:
    """The record has every field that the nomination sheet prints."""

    fields: tuple[str, ...] = REQUIRED

    def check(self, case: NominationCase) -> str:
        missing = completeness(case.teacher, self.fields).missing
        if not missing:
            return ""
        return _("个人信息缺少：%(fields)s") % {"fields": "、".join(label for _name, label in missing)}


@rule_kind("enrollment.no_duplicate", gettext_lazy("未重复推荐"))
@dataclass(frozen=True)
class NoDuplicateRule:
    """The teacher is not already nominated for the project, nor stands twice in one sheet."""

    def check(self, case: NominationCase) -> str:
        if case.repeated:
            return _("本表中此人同一项目重复出现")
        if case.duplicate_of:
            return _("此人已由%(organization)s推荐参加本项目") % {"organization": case.duplicate_of}
        return ""


@rule_kind("enrollment.no_overlap", gettext_lazy("培训时间不冲突"))
@dataclass(frozen=True)
class NoOverlapRule:
    """No class of another project that the teacher stands for runs at the same time."""

    def check(self, case: NominationCase) -> str:
        if not case.overlaps:
            return ""
        return _("与已推荐或已报名的%(classes)s时间冲突") % {"classes": "、".join(case.overlaps)}


@rule_kind("enrollment.not_banned", gettext_lazy("不在禁训期"))
@dataclass(frozen=True)
class NotBannedRule:
    """The teacher is not barred from programmes of this level."""

    def check(self, case: NominationCase) -> str:
        ban = case.ban
        if ban is None:
            return ""
        return _("此人在禁训期内（至%(until)s）：%(reason)s") % {"until": ban.until_day, "reason": ban.reason}


@rule_kind("enrollment.stamped_scan", gettext_lazy("附盖章扫描件"))
@dataclass(frozen=True)
class StampedScanRule:
    """A nomination sheet is submitted with its stamped scan. CQ20-6.2."""

    def check(self, case: object) -> str:
        if getattr(case, "has_scan", True):
            return ""
        return _("推荐汇总表未附盖章扫描件，请上传后再报送")


@rule_kind("enrollment.same_subject_substitute", gettext_lazy("替换学员专业相同"))
@dataclass(frozen=True)
class SameSubjectRule:
    """A substitute comes from the same organisation and teaches the same subject. CQ20-3.4."""

    def check(self, case: NominationCase) -> str:
        original = case.replaces
        if original is None:
            return ""
        complaints = []
        if case.teacher.subject != original.subject:
            complaints.append(
                _("替换学员的任教专业为%(new)s，与原学员的%(old)s不同")
                % {"new": case.teacher.subject or _("空"), "old": original.subject or _("空")}
            )
        if not case.same_organization:
            complaints.append(_("替换学员不属于原推荐单位"))
        return "；".join(complaints)


def _stage(case: NominationCase) -> str:
    allowed = case.audience.stages
    if allowed and case.teacher.stage not in allowed:
        return _("任教学段为%(found)s，要求%(wanted)s") % {
            "found": case.teacher.get_stage_display() or _("空"),
            "wanted": _any_of(Stage(each).label for each in allowed),
        }
    return ""


def _school_kind(case: NominationCase) -> str:
    allowed = case.audience.school_kinds
    if allowed and case.school_kind not in allowed:
        return _("工作单位类别为%(found)s，要求%(wanted)s") % {
            "found": Kind(case.school_kind).label,
            "wanted": _any_of(Kind(each).label for each in allowed),
        }
    return ""


def _subject(case: NominationCase) -> str:
    allowed = case.audience.subjects
    if allowed and case.teacher.subject not in allowed:
        return _("任教专业为%(found)s，要求%(wanted)s") % {
            "found": case.teacher.subject or _("空"),
            "wanted": _any_of(allowed),
        }
    return ""


def _title(case: NominationCase) -> str:
    wanted = case.audience.min_title_level
    level = case.teacher.title_level or TitleLevel.NONE
    if wanted and TITLE_ORDER.index(level) < TITLE_ORDER.index(wanted):
        return _("职称为%(found)s，要求%(wanted)s及以上") % {
            "found": f"{case.teacher.title or _('空')}（{TitleLevel(level).label}）",
            "wanted": TitleLevel(wanted).label,
        }
    return ""


def _years(case: NominationCase) -> str:
    wanted, found = case.audience.min_years, case.teacher.years_of_teaching(case.on)
    if wanted and (found is None or found < wanted):
        return _("教龄%(found)s年，要求满%(wanted)d年") % {
            "found": _("未填") if found is None else found,
            "wanted": wanted,
        }
    return ""


def _age(case: NominationCase) -> str:
    limit, found = case.audience.max_age, case.teacher.age(case.on)
    if limit and (found is None or found > limit):
        return _("年龄%(found)s岁，要求不超过%(limit)d岁") % {
            "found": _("未填") if found is None else found,
            "limit": limit,
        }
    return ""


def _post(case: NominationCase) -> str:
    allowed = case.audience.posts
    if allowed and case.teacher.post not in allowed:
        return _("行政职务为%(found)s，要求%(wanted)s") % {
            "found": case.teacher.post or _("无"),
            "wanted": _any_of(allowed),
        }
    return ""


def _double_qualified(case: NominationCase) -> str:
    if case.audience.double_qualified and not case.teacher.double_qualified:
        return _("不是双师型教师，本项目要求双师型")
    return ""


def _any_of(words: object) -> str:
    return "或".join(str(word) for word in words)  # type: ignore[attr-defined]


_CONDITIONS: tuple[Callable[[NominationCase], str], ...] = (
    _stage,
    _school_kind,
    _subject,
    _title,
    _years,
    _age,
    _post,
    _double_qualified,
)
