"""The grade scale, attendance, marks and grades."""

from assessment.models.attendance import (
    ATTENDED,
    Attendance,
    AttendanceMethod,
    AttendanceStatus,
    Half,
    LeaveRequest,
    LeaveState,
    Session,
    Submission,
)
from assessment.models.grades import ClassGrading, Grade, GradingState, LevelTally
from assessment.models.scale import GradeLevel

__all__ = [
    "ATTENDED",
    "Attendance",
    "AttendanceMethod",
    "AttendanceStatus",
    "ClassGrading",
    "Grade",
    "GradeLevel",
    "GradingState",
    "Half",
    "LeaveRequest",
    "LeaveState",
    "LevelTally",
    "Session",
    "Submission",
]
