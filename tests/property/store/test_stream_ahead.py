"""What comes next in a stream is what passes, from its place on, however little of the tables is read for it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, add_model, batch, lay_out, message, uid
from workbench.domain import DatasetId, Judgement, LabelFilter, LabelId, MessageFilter, PropertyFilter
from workbench.store import Store
from workbench.store.repositories import stream_queues

N = 90
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STATUSES = ("assigned", "dismissed", "predicted", "present", "absent", "not_assigned", "not_predicted")
conditions = st.builds(
    LabelFilter,
    label_id=st.sampled_from(["l0", "l1", "l2", "l3"]).map(LabelId),
    status=st.sampled_from(STATUSES),
    at_least=st.sampled_from([0.0, 0.3, 0.7]),
    at_most=st.sampled_from([0.8, 1.0]),
)
filters = st.builds(
    MessageFilter,
    labels=st.lists(conditions, max_size=2).map(tuple),
    labels_match=st.sampled_from(["all", "any"]),
    properties=st.sampled_from([(), (PropertyFilter(name="number:NPS", at_least=3),)]),
)


@pytest.fixture(scope="module")
def stored() -> Iterator[tuple[Store, list[int]]]:
    """Messages of a dataset's source among those of another, half of them predicted; and the numbers of the first."""
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
            for start in range(0, N, 10):
                made = [
                    message(str(n), properties=f'{{"number:NPS":{chance.randint(0, 9)}}}')
                    for n in range(start, start + 10)
                ]
                at = AT + timedelta(minutes=start)
                session.messages.put(chance.choice((SOURCE, OTHER_SOURCE)), batch(*made[:3]), at=at)
                session.messages.put(SOURCE, batch(*made[3:]), at=at)
            ours = [
                (str(one).partition(".")[2], seq)
                for one, seq in session._cursor._connection.execute(
                    f"SELECT uid, upload_seq FROM message WHERE source_id = '{SOURCE}' ORDER BY upload_seq"
                ).fetchall()
            ]
            for version in (1, 2):
                said = {one: [chance.random() for _ in range(3)] for one, _ in ours if chance.random() < 0.6}
                add_model(session, version, said)
        with store.write() as session:
            judgements = [
                Judgement(event_id=f"{n:016x}", uid=uid(one), assigned=(LabelId(f"l{n % 4}"),))
                for n, (one, _) in enumerate(ours[::5])
            ]
            session.reviews.judge(DATASET, judgements, actor="ann", at=AT)
        yield store, [seq for _, seq in ours]


@CALM
@given(
    filters, st.integers(0, N), st.integers(1, 40), st.none() | st.integers(1, 30), st.sampled_from([7, 4096])
)
def test_what_comes_next_is_what_passes(
    stored: tuple[Store, list[int]],
    where: MessageFilter,
    position: int,
    size: int,
    max_filtered: int | None,
    window: int,
) -> None:
    store, seqs = stored
    with pytest.MonkeyPatch.context() as patched, store.read() as session:
        patched.setattr(stream_queues, "_FIRST_WINDOW", window)  # several windows, too
        found = session.stream_queues.ahead(DATASET, where, position, size, max_filtered)
        passing = session.messages.passing(DATASET, where)["uid"].to_pylist()
        number = dict(
            zip(session.messages.passing(DATASET, MessageFilter())["uid"].to_pylist(), seqs, strict=True)
        )
        n_waiting, _ = session.stream_queues.waiting(DATASET, where, position, N)
    expected = [(number[one], one) for one in passing if number[one] > position]
    assert n_waiting == sum(seq <= N for seq, _ in expected)
    others = sorted({seq for seq in seqs if seq > position} - {seq for seq, _ in expected})
    taken = expected[:size]
    if max_filtered is not None and len(others) > max_filtered:
        taken = [one for one in taken if one[0] < others[max_filtered]]
    assert list(zip(found.seqs.tolist(), found.uids, strict=True)) == taken
    end = taken[-1][0] if len(taken) == size else max(seqs)
    passed_over = [seq for seq in others if seq <= end]
    if max_filtered is not None:
        passed_over = passed_over[:max_filtered]
    assert found.filtered.tolist() == passed_over
    last = max([position, *found.seqs.tolist(), *found.filtered.tolist()])
    assert found.is_end == (not any(seq > last for seq in seqs))


def test_how_many_are_behind(stored: tuple[Store, list[int]]) -> None:
    store, seqs = stored
    with store.read() as session:
        for position in range(0, N + 20, 3):
            n, first_at = session.stream_queues.behind(DATASET, position)
            after = [seq for seq in seqs if seq > position]
            assert n == len(after)
            minutes = None if not after else (np.ceil(after[0] / 10) - 1) * 10
            assert first_at == (None if minutes is None else AT + timedelta(minutes=minutes))
        assert session.stream_queues.behind(DatasetId("e" * 16), 0) == (0, None)
