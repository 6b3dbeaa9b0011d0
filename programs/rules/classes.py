"""What a class owes to its project's description, before it is published. Pure; a case carries all they look at."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.rulebook.kinds import rule_kind


@dataclass(frozen=True)
class DescriptionCase:
    """A class and its project. `minutes` are those of the timetable; `others` the seats of the project's other classes."""

    minutes: int
    capacity: int
    others: int
    project_hours: int
    project_seats: int


@rule_kind("programs.timetable_hours", gettext_lazy("课程表学时与项目说明一致"))
@dataclass(frozen=True)
class TimetableHoursRule:
    """The lessons make up the project's 学时, give or take a percentage. One 学时 is so many minutes."""

    minutes_per_hour: int = 45
    tolerance_percent: int = 0

    def check(self, case: DescriptionCase) -> str:
        hours = case.minutes / self.minutes_per_hour
        if abs(hours - case.project_hours) * 100 <= self.tolerance_percent * case.project_hours:
            return ""
        return _("课程表合计%(hours)s学时，项目规定%(wanted)d学时，请核对") % {
            "hours": f"{hours:.1f}".removesuffix(".0"),
            "wanted": case.project_hours,
        }


@rule_kind("programs.class_seats", gettext_lazy("班级容量与项目人数一致"))
@dataclass(frozen=True)
class ClassSeatsRule:
    """The classes of a project together hold as many people as the project is for."""

    def check(self, case: DescriptionCase) -> str:
        together = case.capacity + case.others
        words = {"together": together, "wanted": case.project_seats}
        if together > case.project_seats:
            return _("各班容量合计%(together)d人，超过项目规定的%(wanted)d人，请核对") % words
        if together < case.project_seats:
            return (
                _("各班容量合计%(together)d人，少于项目规定的%(wanted)d人；如分期举办，请继续编制其他班级")
                % words
            )
        return ""
