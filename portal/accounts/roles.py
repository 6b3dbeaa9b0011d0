"""The roles of the portal, and where each may be held."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.organizations.kinds import Kind


class Role(models.TextChoices):
    PROVINCIAL_OFFICER = "provincial_officer", _("市教委（省级）管理员")
    PROGRAM_MANAGER = "program_manager", _("项目办管理员")
    OFFICE_REVIEWER = "office_reviewer", _("项目办审核员")
    BUREAU_CLERK = "bureau_clerk", _("区县经办人")
    BUREAU_APPROVER = "bureau_approver", _("区县审批人")
    SCHOOL_ADMIN = "school_admin", _("学校管理员")
    COLLEGE_ADMIN = "college_admin", _("高职院校管理员")
    BASE_ADMIN = "base_admin", _("培训基地管理员")
    CLASS_TEACHER = "class_teacher", _("班主任")
    FINANCE_OFFICER = "finance_officer", _("财务人员")
    EXPERT = "expert", _("专家")
    TRAINEE = "trainee", _("学员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


# The three separated administrators: one person holds at most one of them, and no other role beside it.
SEPARATED = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
OFFICE = (Role.PROGRAM_MANAGER, Role.OFFICE_REVIEWER)
STAFF = frozenset(Role) - {Role.TRAINEE}

HELD_IN: dict[Role, frozenset[Kind]] = {
    Role.PROVINCIAL_OFFICER: frozenset({Kind.PROVINCE, Kind.MUNICIPALITY}),
    Role.PROGRAM_MANAGER: frozenset({Kind.PROJECT_OFFICE}),
    Role.OFFICE_REVIEWER: frozenset({Kind.PROJECT_OFFICE}),
    Role.BUREAU_CLERK: frozenset({Kind.BUREAU}),
    Role.BUREAU_APPROVER: frozenset({Kind.BUREAU}),
    Role.SCHOOL_ADMIN: frozenset({Kind.SCHOOL}),
    Role.COLLEGE_ADMIN: frozenset({Kind.COLLEGE}),
    Role.BASE_ADMIN: frozenset({Kind.BASE}),
    Role.CLASS_TEACHER: frozenset({Kind.BASE}),
    Role.FINANCE_OFFICER: frozenset({Kind.BASE, Kind.PROJECT_OFFICE, Kind.PROVINCE, Kind.MUNICIPALITY}),
    Role.EXPERT: frozenset(Kind),
    Role.TRAINEE: frozenset({Kind.SCHOOL, Kind.COLLEGE}),
    Role.SYSTEM_ADMIN: frozenset({Kind.PROVINCE, Kind.MUNICIPALITY}),
    Role.SECURITY_ADMIN: frozenset({Kind.PROVINCE, Kind.MUNICIPALITY}),
    Role.AUDIT_ADMIN: frozenset({Kind.PROVINCE, Kind.MUNICIPALITY}),
}
