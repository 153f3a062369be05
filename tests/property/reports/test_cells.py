"""The columns of an export are neutralised at once as single cells are."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.ingest.text import sanitise
from workbench.reports import neutral_cell
from workbench.reports.export.columns import FIELDS, LISTS, as_cells

SIGNS = st.sampled_from(
    ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " ", "\u00a0", "\u2003", "x", "'"]
)
STORED = (st.text(max_size=6) | st.lists(SIGNS, max_size=4).map("".join)).map(sanitise)


@given(STORED)
@example("\t=1+1")
@example("\n@x")
@example("\u2003\u00a0=1")
def test_as_single_cells(text: str) -> None:
    columns: dict[str, object] = {name: [text] for name in FIELDS}
    columns |= {name: [[text, "x"]] for name in LISTS}
    columns |= {"Date": [datetime(2026, 3, 4, tzinfo=UTC)], "annotated": [True]}
    cells = as_cells(pl.DataFrame(columns))
    assert cells["body"].to_list() == [neutral_cell(text)]
    assert cells["assigned"].to_list() == [neutral_cell(f"{text}; x")]
    assert cells["Date"].to_list() == ["2026-03-04T00:00:00Z"]
