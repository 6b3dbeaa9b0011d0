"""Assessment under /api/v1/, a module per noun."""

from assessment import (  # noqa: F401 - registers their viewsets
    api_attendance,
    api_grades,
    api_inspections,
    api_performance,
    api_results,
    api_scale,
    api_surveys,
)
