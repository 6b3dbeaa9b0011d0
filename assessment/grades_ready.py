"""Everything that attendance and grades declare, imported once when the app is ready."""

from assessment import hooks_attendance, imports_grades, papers_attendance, plugs_grades, rules_grades
from assessment.services import attendance, closing, grading, leave

__all__ = [
    "attendance",
    "closing",
    "grading",
    "hooks_attendance",
    "imports_grades",
    "leave",
    "papers_attendance",
    "plugs_grades",
    "rules_grades",
]
