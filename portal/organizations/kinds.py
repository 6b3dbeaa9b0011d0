"""The kinds of organisation, and which kind may stand under which."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    PROVINCE = "province", _("省级教育行政部门")
    MUNICIPALITY = "municipality", _("市级教育行政部门")
    PROJECT_OFFICE = "project_office", _("项目办")
    DEVELOPMENT_CENTER = "development_center", _("教师发展中心")
    BUREAU = "bureau", _("区县教育行政部门")
    SCHOOL = "school", _("中职学校")
    COLLEGE = "college", _("高职院校")
    BASE = "base", _("培训基地")


TOP = frozenset({Kind.PROVINCE, Kind.MUNICIPALITY})
PARENTS: dict[Kind, frozenset[Kind]] = {
    Kind.PROVINCE: frozenset(),
    Kind.MUNICIPALITY: frozenset({Kind.PROVINCE}),
    Kind.PROJECT_OFFICE: TOP,
    Kind.DEVELOPMENT_CENTER: TOP | {Kind.BUREAU},
    Kind.BUREAU: TOP,
    Kind.SCHOOL: frozenset({Kind.BUREAU}),
    Kind.COLLEGE: TOP,
    Kind.BASE: TOP | {Kind.BUREAU, Kind.SCHOOL, Kind.COLLEGE},
}
