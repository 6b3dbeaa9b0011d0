"""The grade scale."""

from assessment.models.scale import GradeLevel

__all__ = ["GradeLevel"]
