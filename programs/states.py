"""What leads from which state to which, for programmes, classes, plans and what is handed in."""

from portal.operations.states import StateTable, Transition
from programs.models import (
    ClassState,
    PlanState,
    Program,
    ProgramState,
    Submission,
    SubmissionState,
    TrainingClass,
    TrainingPlan,
)

PROGRAM = StateTable(
    Program,
    ProgramState,
    [
        Transition(ProgramState.DRAFT, "publish", ProgramState.PUBLISHED),
        Transition(ProgramState.PUBLISHED, "close", ProgramState.CLOSED),
    ],
)

TRAINING_CLASS = StateTable(
    TrainingClass,
    ClassState,
    [
        Transition(ClassState.DRAFT, "publish", ClassState.PUBLISHED),
        Transition(ClassState.PUBLISHED, "withdraw", ClassState.DRAFT),
        Transition(ClassState.PUBLISHED, "open", ClassState.OPEN),
        Transition(ClassState.OPEN, "finish", ClassState.FINISHED),
        Transition(ClassState.FINISHED, "reopen", ClassState.OPEN),
        Transition(ClassState.DRAFT, "cancel", ClassState.CANCELLED),
        Transition(ClassState.PUBLISHED, "cancel", ClassState.CANCELLED),
    ],
)

TRAINING_PLAN = StateTable(
    TrainingPlan,
    PlanState,
    [
        Transition(PlanState.DRAFT, "submit", PlanState.SUBMITTED),
        Transition(PlanState.RETURNED, "submit", PlanState.SUBMITTED),
        Transition(PlanState.SUBMITTED, "approve", PlanState.APPROVED),
        Transition(PlanState.SUBMITTED, "return", PlanState.RETURNED),
        Transition(PlanState.SUBMITTED, "reject", PlanState.REJECTED),
        # Its class was cancelled: nobody need decide on it any more.
        Transition(PlanState.SUBMITTED, "withdraw", PlanState.DRAFT),
        # Whoever was rejected may write a new plan.
        Transition(PlanState.REJECTED, "rewrite", PlanState.DRAFT),
    ],
)

SUBMISSION = StateTable(
    Submission,
    SubmissionState,
    [
        # Until somebody has looked at it, a better copy may take its place.
        Transition(SubmissionState.SUBMITTED, "hand_in", SubmissionState.SUBMITTED),
        Transition(SubmissionState.RETURNED, "hand_in", SubmissionState.SUBMITTED),
        Transition(SubmissionState.SUBMITTED, "accept", SubmissionState.ACCEPTED),
        Transition(SubmissionState.SUBMITTED, "return", SubmissionState.RETURNED),
    ],
)
