"""What is said of a column at once is what the cells say one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.ingest.columns import read_numbers, read_texts, read_times
from workbench.ingest.quick import as_texts, fits, is_clean, iso_times
from workbench.ingest.text import sanitise
from workbench.ingest.time_order import TimeEvidence
from workbench.ingest.times import TimeKind, TimeProblem, parse_time

CELLS = st.text(max_size=12) | st.sampled_from(
    ["", " ", "\x7f", "\x85", "a\tb\n", "\r", "é\u0080", "\ud800", "Â£"]
)
MOMENTS = st.datetimes(datetime(1969, 1, 1), datetime(2202, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
TIMES = (
    MOMENTS.map(lambda t: t.isoformat().replace("+00:00", "Z"))
    | MOMENTS.map(lambda t: t.isoformat())
    | st.sampled_from(
        ["2026-02-30T10:00:00Z", "2026-03-04", "2026-03-04T24:00:00Z", "2026-03-04 10:00:00Z", "", "x"]
    )
)
NUMBERS = st.sampled_from(["1", " 2.5", "-0.0", "1e3", "", "nan", "inf", "1_000", "٣", "x", "1e999"])


@settings(deadline=None)
@given(st.lists(CELLS, max_size=5))
def test_clean_columns_are_left_alone(cells: list[str]) -> None:
    whole = as_texts(cells)
    plain = whole is not None and is_clean(whole)
    assert plain == all(sanitise(cell) == cell for cell in cells)
    if whole is not None:
        assert fits(whole, 5) == all(len(cell) <= 5 for cell in cells)


@settings(deadline=None)
@given(st.lists(CELLS, max_size=5), st.booleans())
def test_texts(cells: list[str], required: bool) -> None:
    together = read_texts(list(range(len(cells))), "c", cells, [], required=required, limit=8)
    alone = [read_texts([0], "c", [cell], [], required=required, limit=8)[0] for cell in cells]
    assert together == alone


@settings(deadline=None)
@given(st.lists(TIMES, min_size=1, max_size=4))
def test_times(cells: list[str]) -> None:
    expected: list[datetime | None] = []
    n_plain = 0
    for cell in cells:
        try:
            kind, time, _ = parse_time(cell)
        except TimeProblem:
            expected.append(None)
        else:
            n_plain += kind is TimeKind.PLAIN
            expected.append(time)
    evidence = TimeEvidence()
    errors: list = []
    day, month = read_times(list(range(len(cells))), "c", cells, errors, evidence)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for found in (day, month):
        numbers = found.cast(pa.int64()).to_pylist()
        assert [None if n is None else epoch + timedelta(microseconds=n) for n in numbers] == expected
    assert (evidence.n_plain, len(errors)) == (n_plain, expected.count(None))


def test_columns_of_plain_times_are_read_at_once() -> None:
    cells = ["2026-03-04T10:00:00Z", "2026-03-04T10:00:00.5Z"]
    found = iso_times(cells)
    assert found is not None
    assert found.cast(pa.int64()).to_pylist() == [1772618400000000, 1772618400500000]
    assert iso_times([*cells, "04/03/2026"]) is None
    assert iso_times(["2201-01-01T00:00:00Z"]) is None


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=5))
def test_numbers(cells: list[str]) -> None:
    errors: list = []
    together = read_numbers(list(range(len(cells))), "c", cells, errors)
    alone_errors: list = []
    alone = [read_numbers([n], "c", [cell], alone_errors)[0] for n, cell in enumerate(cells)]
    assert (together, errors) == (alone, alone_errors)
