"""Pages of a source, put together, are its messages within the bounds in the order of time and id."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.stores import AT, OTHER_SOURCE, SOURCE, batch, lay_out, message
from workbench.domain import MessageId, MessagePosition
from workbench.store import Range, Store, prepare

Rows = list[tuple[datetime, str]]
STEP = timedelta(microseconds=1)
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
times = st.integers(-1, 8).map(lambda n: AT + n * STEP)
places = st.builds(
    lambda at, name: MessagePosition(timestamp=at, message_id=MessageId(name)),
    times,
    st.sampled_from(["", "a", "m05", "m30", "zz"]),
)


@pytest.fixture(scope="module")
def stored() -> Iterator[tuple[Store, Rows]]:
    """Two sources with the same ids; times a microsecond apart, and many of them the same."""
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=2) as store:
        with store.write() as session:
            lay_out(session)
            for source_id in (OTHER_SOURCE, SOURCE):
                rows = [(AT + chance.choice((0, 1, 1, 1, 2, 5, 7)) * STEP, f"m{n:02}") for n in range(40)]
                chance.shuffle(rows)
                made = batch(*(message(one, timestamp=at) for at, one in rows))
                session.messages.put(source_id, prepare(source_id, made), at=AT)
        yield store, rows


@CALM
@given(st.none() | times, st.none() | times, st.booleans(), st.integers(1, 45), st.none() | places)
@example(None, None, False, 1, None)
@example(None, None, True, 1, None)
@example(AT + STEP, AT + STEP, True, 3, MessagePosition(timestamp=AT + STEP, message_id=MessageId("m30")))
def test_pages_are_the_sorted_messages(
    stored: tuple[Store, Rows],
    since: datetime | None,
    until: datetime | None,
    newest_first: bool,
    limit: int,
    after: MessagePosition | None,
) -> None:
    store, rows = stored
    expected = sorted(
        (at, one) for at, one in rows if (since is None or at >= since) and (until is None or at <= until)
    )
    if newest_first:
        expected.reverse()
    if after is not None:
        reached = (after.timestamp, after.message_id)
        expected = [one for one in expected if (one < reached if newest_first else one > reached)]
    found: Rows = []
    within = Range(since=since, until=until, newest_first=newest_first)
    with store.read() as session:
        while True:
            page = session.by_source.page(SOURCE, after, limit, within)
            found += [(one.timestamp, one.message_id) for one in page.messages]
            assert len(page.messages) == limit or page.next is None
            if page.next is None:
                break
            after = page.next
    assert found == expected
