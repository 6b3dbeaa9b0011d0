"""Every cell of every state table of the portal, each table written out a second time by hand.

A table without an entry here fails, so does an entry without a table.
"""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from portal.errors import WrongState
from portal.operations.states import StateTable

ROOT = Path(settings.BASE_DIR)
# One move a line: from, by, to. What is not here must be refused.
WRITTEN = {
    "assessment.states.grades.GRADING": """
        open submit submitted
        submitted return open
        submitted close closed
        closed reopen open""",
    "assessment.states.grades.LEAVE": """
        pending approve approved
        pending refuse refused
        pending withdraw withdrawn""",
    "assessment.states.surveys.INSPECTION": """
        planned submit submitted
        planned cancel cancelled
        submitted close closed""",
    "assessment.states.surveys.POINT": """
        open answer answered
        returned answer answered
        answered accept accepted
        answered return returned""",
    "assessment.states.surveys.SURVEY": "open close closed",
    "enrollment.states.ENROLLMENT": """
        approved register registered
        registered confirm_by_base base_confirmed
        registered send_back approved
        base_confirmed confirm_by_office confirmed
        base_confirmed send_back approved
        approved replace replaced
        registered replace replaced
        base_confirmed replace replaced
        confirmed replace replaced
        replaced give_up withdrawn""",
    "enrollment.states.NOMINATION": """
        draft submit submitted
        draft send_to_bureau at_bureau
        draft lapse lapsed
        draft withdraw withdrawn
        at_bureau forward submitted
        at_bureau return returned
        at_bureau reject rejected
        at_bureau lapse lapsed
        at_bureau withdraw withdrawn
        submitted approve approved
        submitted return returned
        submitted reject rejected
        submitted lapse lapsed
        submitted withdraw withdrawn
        returned submit submitted
        returned send_to_bureau at_bureau
        returned lapse lapsed
        returned withdraw withdrawn
        approved replace replaced
        approved withdraw withdrawn""",
    "enrollment.states.SHEET": """
        draft submit submitted
        draft withdraw withdrawn""",
    "finance.states.BUDGET": """
        draft submit submitted
        returned submit submitted
        submitted withdraw draft
        submitted return returned
        submitted approve approved
        submitted reject rejected
        rejected revise draft""",
    "finance.states.FINAL_ACCOUNT": """
        draft submit submitted
        returned submit submitted
        submitted withdraw draft
        submitted return returned
        submitted settle settled""",
    "finance.states.TRANSFER": """
        pending carry_out done
        pending return returned
        pending reject rejected
        pending withdraw withdrawn""",
    "portal.papers.states.PAPERS": """
        pending issue valid
        valid supersede superseded
        valid revoke revoked""",
    "portal.people.states.TRANSFER": """
        requested agree agreed
        requested refuse refused
        requested withdraw withdrawn""",
    "portal.reviews.states.REVIEW": """
        open approve approved
        open return returned
        open reject rejected
        open lapse lapsed
        open withdraw withdrawn""",
    "portal.sheets.states.BATCH": """
        uploaded parse parsing
        uploaded cancel cancelled
        parsing parse parsing
        parsing preview previewed
        parsing refuse refused
        parsing cancel cancelled
        previewed recheck parsing
        previewed take taking
        previewed cancel cancelled
        taking finish taken
        taking return previewed""",
    "programs.states.PROGRAM": """
        draft publish published
        published close closed""",
    "programs.states.SUBMISSION": """
        submitted hand_in submitted
        submitted accept accepted
        submitted return returned
        returned hand_in submitted""",
    "programs.states.TRAINING_CLASS": """
        draft publish published
        draft cancel cancelled
        published withdraw draft
        published open open
        published cancel cancelled
        open finish finished
        finished reopen open""",
    "programs.states.TRAINING_PLAN": """
        draft submit submitted
        returned submit submitted
        submitted approve approved
        submitted return returned
        submitted reject rejected
        submitted withdraw draft
        rejected rewrite draft""",
}
# Where a row may begin, when that is not its column's default or the first line above.
BEGINNINGS = {"assessment.states.surveys.POINT": {"open", "noted"}}
# Rows that workers claim by conditional updates of their own; a table that is issued under its lock; what was seen.
WITHOUT_A_TABLE = {"jobs.Job", "portal_messages.Dispatch", "quotas.QuotaTable", "enrollment.CheckIn"}


def tables_of_the_portal() -> dict[str, StateTable]:
    """Every state table of a room `states`, a module or a package of modules, by its dotted name."""
    rooms = [*ROOT.glob("[a-z]*/states*"), *ROOT.glob("portal/*/states*")]
    inside = itertools.chain.from_iterable(each.glob("[a-z]*.py") for each in rooms if each.is_dir())
    paths = itertools.chain((each for each in rooms if each.suffix == ".py"), inside)
    names = [".".join(each.relative_to(ROOT).with_suffix("").parts) for each in paths]
    modules = [importlib.import_module(each) for each in names]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, StateTable)
    }


TABLES = tables_of_the_portal()
MOVES = {name: [tuple(line.split()) for line in text.strip().splitlines()] for name, text in WRITTEN.items()}
CELLS = [
    pytest.param(table, str(state), action, id=f"{name}-{state}-{action}")
    for name, table in TABLES.items()
    for state in table.labels
    for action in sorted({str(each.action) for each in table.transitions})
]


def test_each_table_is_written_out_here() -> None:
    assert sorted(TABLES) == sorted(WRITTEN)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_each_table_has_the_moves_that_are_written_and_no_other(name: str) -> None:
    rows = [(str(each.source), str(each.action), str(each.target)) for each in TABLES[name].transitions]
    assert sorted(rows) == sorted(MOVES[name])
    assert len({row[:2] for row in rows}) == len(rows), "an action leads to two places from one state"


@pytest.mark.parametrize(("table", "state", "action"), CELLS)
def test_every_cell(table: StateTable, state: str, action: str) -> None:
    name = next(key for key, value in TABLES.items() if value is table)
    written = {(source, by): to for source, by, to in MOVES[name]}.get((state, action))
    assert table.target(state, action) == written
    if written is None:
        with pytest.raises(WrongState, match=str(table.labels(state).label)):
            table.apply(table.model(state=state), action)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_each_state_can_be_reached(name: str) -> None:
    """From where a row begins, that is."""
    table = TABLES[name]
    field = table.model._meta.get_field("state")
    begins = {str(field.default)} if field.has_default() else {MOVES[name][0][0]}
    reached, before = BEGINNINGS.get(name, begins), set()
    while reached != before:
        before, reached = reached, reached | {to for source, _by, to in MOVES[name] if source in reached}
    assert {str(each) for each in table.labels} == reached


def test_each_model_with_a_state_has_a_table() -> None:
    with_state = {
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "state" for field in model._meta.get_fields())
        and (ROOT / model.__module__.split(".")[0]).is_dir()
    }
    assert with_state - {table.model._meta.label for table in TABLES.values()} == WITHOUT_A_TABLE
