"""What leads from which state to which, for programmes and classes."""

from portal.operations.states import StateTable, Transition
from programs.models import ClassState, Program, ProgramState, TrainingClass

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
