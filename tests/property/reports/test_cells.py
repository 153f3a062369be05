"""The columns of an export are neutralised at once as single cells are."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.ingest.columns import read_addresses
from workbench.ingest.text import sanitise
from workbench.primitives import bare_cell, neutral_cell
from workbench.reports.export.columns import ADDRESSES, FIELDS, LISTS, as_cells

SIGNS = st.sampled_from(
    ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " ", "\u00a0", "\u2003", "x", "'"]
)
STORED = (st.text(max_size=6) | st.lists(SIGNS, max_size=4).map("".join)).map(sanitise)


def frame(text: str, addresses: list[str]) -> pl.DataFrame:
    columns: dict[str, object] = {name: [text] for name in FIELDS}
    columns |= {name: [[text, "x"]] for name in LISTS}
    columns |= {name: pl.Series([addresses], dtype=pl.List(pl.String)) for name in ADDRESSES}
    columns |= {name: [datetime(2026, 3, 4, tzinfo=UTC)] for name in ("Date", "sent_at")}
    return pl.DataFrame(columns | {"annotated": [True], "attachments": [0]})


@given(st.lists(st.text(st.sampled_from('ab;,"<> '), min_size=1).map(str.strip).filter(bool), max_size=4))
@example(["a<b", "c"])
@example(['a"b', "c"])
@example(["a, b"])
def test_addresses_come_back(addresses: list[str]) -> None:
    cell = as_cells(frame("", addresses))["cc"][0]
    assert read_addresses([1], "cc", [cell], []) == [addresses]


@given(STORED)
@example("\t=1+1")
@example("\n@x")
@example("\u2003\u00a0=1")
@example("'=1")
@example("''\tx")
@example("' @x")
def test_as_single_cells_and_back(text: str) -> None:
    cells = as_cells(frame(text, ["x"]))
    assert bare_cell(cells["body"][0]) == text
    assert cells["body"].to_list() == [neutral_cell(text)]
    assert cells["assigned"].to_list() == [neutral_cell(f"{text}; x")]
    assert cells["Date"].to_list() == ["2026-03-04T00:00:00Z"]
