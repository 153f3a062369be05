"""The store against plain Python: round trips, imports, judgements."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import (
    AT,
    DATASET,
    PATHS,
    SOURCE,
    batch,
    lay_out,
    message,
    uid,
)
from workbench.domain import (
    Judgement,
    LabelId,
    ancestors,
    read_properties,
)
from workbench.store import Store
from workbench.store.repositories.merging import Taxonomy, judged, merged

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Undo(Exception):  # noqa: N818 - leaves a write transaction without committing
    pass


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        yield store


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
said = texts.filter(str.strip)  # a blank value says nothing and is dropped
people = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
properties = st.dictionaries(
    names,
    st.one_of(said, st.floats(allow_nan=False, allow_infinity=False)),
    max_size=3,
).map(lambda d: {("string:" if isinstance(v, str) else "number:") + k: v for k, v in d.items()})
FIRST, LAST = datetime(1970, 1, 1), datetime(2200, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - no zone wanted
times = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
rows = st.fixed_dictionaries(
    {
        "timestamp": times,
        "thread_id": st.none() | texts,
        "subject": texts,
        "body": texts,
        "signature": texts,
        "full_text": texts,
        "sender": st.none() | people,
        "recipients": st.lists(people, max_size=3),
        "language": st.none() | st.just("en"),
        "properties": properties.map(lambda d: msgspec.json.encode(d).decode()),
    }
)


@CALM
@given(given_rows=st.lists(rows, min_size=1, max_size=4))
def test_messages_come_back_unharmed_and_twice_is_once(
    laid_out: Store, given_rows: list[dict[str, Any]]
) -> None:
    made = [message(f"p{i}", **row) for i, row in enumerate(given_rows)]
    with pytest.raises(Undo), laid_out.write() as session:
        assert session.messages.put(SOURCE, batch(*made), at=AT).counts.new == len(made)
        again = session.messages.put(SOURCE, batch(*reversed(made)), at=AT)
        assert (again.counts.new, again.counts.updated, again.counts.unchanged) == (0, 0, len(made))
        assert again.charged.num_rows == 0
        found = session.messages.get(DATASET, tuple(uid(row["message_id"]) for row in made))
        for one, row in zip(found, made, strict=True):
            for name in ("timestamp", "thread_id", "subject", "body", "signature", "full_text", "sender"):
                assert getattr(one, name) == row[name]
            assert one.recipients == tuple(row["recipients"])
            assert one.properties == read_properties(row["properties"])
        raise Undo


ids = st.sets(st.sampled_from([LabelId(i) for i in PATHS])).map(frozenset)
TAXONOMY = Taxonomy({LabelId(i): path for i, path in PATHS.items()})


@given(seen=st.tuples(ids, ids), current=st.tuples(ids, ids), asked=st.tuples(ids, ids))
def test_merging_keeps_its_promises(
    seen: tuple[frozenset[LabelId], ...],
    current: tuple[frozenset[LabelId], ...],
    asked: tuple[frozenset[LabelId], ...],
) -> None:
    was, now, said = (judged(TAXONOMY, *pair) for pair in (seen, current, asked))
    result = merged(TAXONOMY, seen=was, current=now, asked=said)
    assert not result.assigned & result.dismissed
    assert result.assigned == TAXONOMY.closed(result.assigned)
    assert said.assigned - was.assigned <= result.assigned
    assert not (was.assigned - said.assigned) & result.assigned or (said.assigned - was.assigned)
    untouched = set(PATHS) - (was.assigned ^ said.assigned) - (was.dismissed ^ said.dismissed)
    changed = {i for i in PATHS if i not in untouched}
    related = {i for i in untouched for j in changed if related_paths(PATHS[i], PATHS[j])}
    for label_id in untouched - related:
        assert (label_id in result.assigned) == (label_id in now.assigned)
    # Nobody judged in between: what is asked is what comes.
    assert merged(TAXONOMY, seen=now, current=now, asked=said) == said


def related_paths(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one in ancestors(other) or other in ancestors(one)


@CALM
@given(
    steps=st.lists(
        st.tuples(ids, ids, st.integers(0, 3), st.booleans(), st.integers(0, 1)), min_size=1, max_size=6
    )
)
def test_state_is_the_last_event_and_sets_stay_disjoint(
    laid_out: Store,
    steps: list[tuple[frozenset[LabelId], frozenset[LabelId], int, bool, int]],
) -> None:
    """One call with all judgements and one call each end in the same state."""
    ends = []
    for together in (True, False):
        with pytest.raises(Undo), laid_out.write() as session:
            session.messages.put(SOURCE, batch(message("j0"), message("j1")), at=AT)
            revisions = [0, 0]
            given_ = []
            for number, (assigned, dismissed, back, reviewed, which) in enumerate(steps):
                given_.append(
                    Judgement(
                        event_id=f"{0xE000 + number:016x}",
                        uid=uid(f"j{which}"),
                        assigned=tuple(assigned),
                        dismissed=tuple(dismissed - assigned),
                        revision=max(0, revisions[which] - back),
                        reviewed=reviewed,
                    )
                )
                revisions[which] += 1
            if together:
                receipts = list(session.reviews.judge(DATASET, given_, actor="ann", at=AT))
            else:
                receipts = [
                    r for one in given_ for r in session.reviews.judge(DATASET, (one,), actor="ann", at=AT)
                ]
            assert tuple(receipts) == session.reviews.judge(DATASET, given_, actor="eve", at=AT)
            last = {receipt.uid: receipt for receipt in receipts}
            for found in session.messages.get(DATASET, tuple(last)):
                receipt = last[found.uid]
                assert (found.assigned, found.dismissed) == (receipt.assigned, receipt.dismissed)
                assert (found.reviewed, found.revision) == (receipt.reviewed, receipt.revision)
                assert not set(found.assigned) & set(found.dismissed)
                assert TAXONOMY.closed(found.assigned) == set(found.assigned)
            ends.append(receipts)
            raise Undo
    assert ends[0] == ends[1]
