"""Programmes, projects, classes."""

from programs.models.program import Audience, Category, Level, Program, ProgramState, Project
from programs.models.training_class import (
    Anchor,
    ClassState,
    DeliverableRequirement,
    Lesson,
    LessonMode,
    TrainingClass,
)

__all__ = [
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
