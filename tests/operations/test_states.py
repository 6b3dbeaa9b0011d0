"""State tables: every cell; the row moves only from the state it was read in."""

import pytest

from portal.errors import Conflict, WrongState
from portal.jobs.models import Job, JobState
from portal.operations.states import StateTable, Transition
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TABLE = StateTable(
    Job,
    JobState,
    [
        Transition("waiting", "start", "running"),
        Transition("waiting", "cancel", "cancelled"),
        Transition("running", "cancel", "cancelled"),
        Transition("running", "finish", "done"),
    ],
)
MOVES = {(each.source, each.action): each.target for each in TABLE.transitions}


@pytest.fixture
def job() -> Job:
    return Job.objects.create(kind="test", title="试验任务", owner=UserFactory())


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("action", ["start", "cancel", "finish"])
def test_every_cell(job: Job, state: JobState, action: str) -> None:
    Job.objects.update(state=state)
    job.state = state
    target = MOVES.get((state.value, action))
    assert TABLE.target(state, action) == target
    if target is None:
        with pytest.raises(WrongState, match=str(state.label)):
            TABLE.apply(job, action)
        assert Job.objects.get().state == state
    else:
        assert TABLE.apply(job, action, done=0).state == target
        assert Job.objects.get().state == target


def test_fields_are_set_with_the_move(job: Job) -> None:
    TABLE.apply(job, "start", title="新题")
    assert Job.objects.get().title == job.title == "新题"


def test_a_row_that_someone_moved_meanwhile_is_a_conflict(job: Job) -> None:
    Job.objects.update(state=JobState.RUNNING)
    with pytest.raises(Conflict, match="试验任务"):
        TABLE.apply(job, "start")


def test_sources_of_an_action() -> None:
    assert TABLE.sources("cancel") == ["waiting", "running"]


def test_many_rows_move_at_once_and_the_others_stay(job: Job, django_assert_num_queries: object) -> None:
    owner = job.owner
    for state in (JobState.RUNNING, JobState.DONE, JobState.WAITING):
        Job.objects.create(kind="test", title="x", owner=owner, state=state)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert TABLE.apply_to(Job.objects.all(), "cancel") == 3
    assert Job.objects.filter(state=JobState.CANCELLED).count() == 3
    assert Job.objects.filter(state=JobState.DONE).count() == 1
