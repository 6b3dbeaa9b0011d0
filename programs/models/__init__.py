"""Programmes, projects, classes; their plans, opening notices and what is owed for them."""

from programs.models.deliverable import (
    Deliverable,
    DeliverableState,
    Submission,
    SubmissionFile,
    SubmissionState,
    due_date,
)
from programs.models.opening_notice import NoticeReceipt, OpeningNotice, PastNotice, PastReceipt
from programs.models.plan import NeedsMethod, NeedsSummary, PlanFile, PlanState, TrainingPlan
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
    "Deliverable",
    "DeliverableRequirement",
    "DeliverableState",
    "Lesson",
    "LessonMode",
    "Level",
    "NeedsMethod",
    "NeedsSummary",
    "NoticeReceipt",
    "OpeningNotice",
    "PastNotice",
    "PastReceipt",
    "PlanFile",
    "PlanState",
    "Program",
    "ProgramState",
    "Project",
    "Submission",
    "SubmissionFile",
    "SubmissionState",
    "TrainingClass",
    "TrainingPlan",
    "due_date",
]
