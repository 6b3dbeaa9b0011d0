"""Programmes, projects, classes."""

from programs.models.program import Audience, Category, Level, Program, ProgramState, Project
from programs.models.training_class import (
    ANNOUNCED,
    Anchor,
    ClassState,
    DeliverableRequirement,
    Lesson,
    LessonMode,
    TrainingClass,
)

__all__ = [
    "ANNOUNCED",
    "Anchor",
    "Audience",
    "Category",
    "ClassState",
    "DeliverableRequirement",
    "Lesson",
    "LessonMode",
    "Level",
    "Program",
    "ProgramState",
    "Project",
    "TrainingClass",
]
