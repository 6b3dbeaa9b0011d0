"""The columns of teachers' sheets: what they make of a cell is what a record keeps of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.people.checks import DATA_FIELDS, clean_data
from portal.people.sheets import COLUMNS
from portal.sheets.cells import BadCell
from portal.sheets.layout import Column
from portal.text import normalise

# A column's own example, and what people write around it: spaces, full-width signs, dashes, country codes.
_AROUND = st.text(st.sampled_from(" \u3000\u00a0-—·（）()+86０xX\n\t’\u200b"), max_size=4)
_RECORDED = [each for each in COLUMNS if each.key in DATA_FIELDS]


@pytest.mark.parametrize("column", _RECORDED, ids=lambda column: column.key)
@given(before=_AROUND, after=_AROUND, free=st.text(max_size=12), own=st.booleans())
def test_what_a_cell_becomes_is_clean_already(
    column: Column, before: str, after: str, free: str, own: bool
) -> None:
    words = before + (column.example if own else free) + after
    cell = normalise(words, multiline=column.kind.multiline)
    try:
        value = column.kind.parse(cell)
    except BadCell:
        return
    assert clean_data({column.key: value})[column.key] == value
