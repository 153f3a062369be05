"""The store against plain Python: filters, round trips, imports, judgements."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import (
    AT,
    DATASET,
    OTHER_SOURCE,
    PATHS,
    SOURCE,
    add_model,
    add_run,
    batch,
    lay_out,
    message,
    uid,
)
from workbench.domain import (
    Judgement,
    LabelFilter,
    LabelId,
    Message,
    MessageFilter,
    PropertyFilter,
    ancestors,
    read_properties,
)
from workbench.store import Store
from workbench.store.filters import search_terms
from workbench.store.repositories.merging import Taxonomy, judged, merged

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = (
    "late",
    "LATE parcel",
    "Ärger",
    "lost\nparcel",
    "x%_y",
    "",
    "(a) [b]\\c",
    "日本 語",
    "late\u00a0night",
)
N = 24


class Undo(Exception):  # noqa: N818 - leaves a write transaction without committing
    pass


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        yield store


@pytest.fixture(scope="module")
def varied(laid_out: Store) -> Store:
    """Messages that differ in everything a filter can ask for."""
    rng = np.random.default_rng(3)
    rows = []
    for i in range(N):
        properties: dict[str, object] = {}
        if i % 2:
            properties["string:Team"] = "AB"[i % 3 % 2]
        if i % 3:
            properties["number:NPS"] = i % 5 - 0.5
        rows.append(
            message(
                str(i),
                timestamp=AT + timedelta(hours=int(rng.integers(0, 50))),
                thread_id=(None, "t", "u")[i % 3],
                subject=WORDS[int(rng.integers(len(WORDS)))],
                body=" ".join(WORDS[j] for j in rng.integers(0, len(WORDS), 2)),
                language=(None, "en", "de")[int(rng.integers(3))],
                properties=json.dumps(properties),
            )
        )
    with laid_out.write() as session:
        session.messages.put(SOURCE, batch(*rows), at=AT)
        session.messages.put(OTHER_SOURCE, batch(message("0", body="late")), at=AT)
        probabilities = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], (N, 3))
        add_model(session, 1, {str(i): (1.0, 1.0, 1.0) for i in range(N)})
        add_model(session, 2, {str(i): tuple(probabilities[i]) for i in range(N - 3)})
        add_run(session, "old", {str(i): 5 for i in range(N)})
        add_run(session, "new", {str(i): i % 3 - 1 for i in range(N - 2)})
        given_ = [
            Judgement(
                event_id=f"{i:016x}",
                uid=uid(str(i)),
                assigned=tuple(LabelId(x) for x in (("l1",), ("l2", "l3"), ())[i % 3]),
                dismissed=(LabelId("l2"),) if i % 3 == 0 else (),
                reviewed=i % 4 != 0,
            )
            for i in range(0, N, 2)
        ]
        session.reviews.judge(DATASET, given_, actor="ann", at=AT)
    return laid_out


label_filters = st.builds(
    lambda label_id, status, bounds: LabelFilter(
        label_id=LabelId(label_id), status=status, at_least=min(bounds), at_most=max(bounds)
    ),
    st.sampled_from([*PATHS, "gone"]),
    st.sampled_from(["assigned", "dismissed", "predicted", "present", "absent"]),
    st.tuples(*[st.sampled_from([0.0, 0.25, 0.3, 0.5, 0.75, 1.0])] * 2),
)
property_filters = st.one_of(
    st.builds(
        PropertyFilter,
        name=st.sampled_from(["string:Team", "string:None"]),
        one_of=st.sampled_from([(), ("A",), ("A", "B"), ("C",)]),
    ),
    st.builds(
        PropertyFilter,
        name=st.sampled_from(["number:NPS", "number:None"]),
        at_least=st.sampled_from([None, 0.0, 1.5]),
        at_most=st.sampled_from([None, 2.5]),
    ),
)
filters = st.builds(
    lambda times, **values: MessageFilter(since=times[0], until=times[1], **values),
    times=st.sampled_from(
        [
            (None, None),
            (AT + timedelta(hours=9), None),
            (None, AT + timedelta(hours=30)),
            (AT + timedelta(hours=5), AT + timedelta(hours=40)),
        ]
    ),
    text=st.sampled_from(
        ["", "", "late", "PARCEL late", '"lost parcel"', "%", "ärger", "語", '"(a) [b]\\c"', "night"]
    ),
    reviewed=st.sampled_from([None, None, True, False]),
    sources=st.sampled_from([(), (), (SOURCE,), (OTHER_SOURCE,)]),
    languages=st.sampled_from([(), (), ("en",), ("en", "de")]),
    thread_id=st.sampled_from([None, None, "t", "v"]),
    clusters=st.sampled_from([(), (), (0,), (-1,), (-1, 1), (5,)]),
    properties=st.lists(property_filters, max_size=2).map(tuple),
    labels=st.lists(label_filters, max_size=2).map(tuple),
    labels_match=st.sampled_from(["all", "any"]),
    uids=st.sampled_from([None, None, None, (), tuple(uid(str(i)) for i in range(0, N, 3))]),
)


def has_term(found: Message, words: tuple[str, ...]) -> bool:
    pattern = re.compile(r"[\t\n\f\r ]+".join(re.escape(word.lower()) for word in words))
    return any(pattern.search(text.lower()) for text in (found.subject, found.body))


def has_property(found: Message, wanted: PropertyFilter) -> bool:
    value = found.properties.get(wanted.name)
    if value is None:
        return False
    if isinstance(value, str):
        return not wanted.one_of or value in wanted.one_of
    return (wanted.at_least is None or value >= wanted.at_least) and (
        wanted.at_most is None or value <= wanted.at_most
    )


def has_label(found: Message, wanted: LabelFilter, predictions: dict[str, dict[str, float]]) -> bool:
    assigned = wanted.label_id in found.assigned
    probability = predictions.get(found.uid, {}).get(wanted.label_id)
    predicted = (
        not found.reviewed and probability is not None and wanted.at_least <= probability <= wanted.at_most
    )
    return {
        "assigned": assigned,
        "dismissed": wanted.label_id in found.dismissed,
        "predicted": predicted,
        "present": assigned or predicted,
        "absent": not (assigned or predicted),
    }[wanted.status]


def passes(found: Message, where: MessageFilter, predictions: dict[str, dict[str, float]]) -> bool:
    labels = [has_label(found, wanted, predictions) for wanted in where.labels]
    return (
        (where.since is None or found.timestamp >= where.since)
        and (where.until is None or found.timestamp < where.until)
        and all(has_term(found, words) for words in search_terms(where.text))
        and (where.reviewed is None or found.reviewed == where.reviewed)
        and (not where.sources or found.source_id in where.sources)
        and (not where.languages or found.language in where.languages)
        and (where.thread_id is None or found.thread_id == where.thread_id)
        and (not where.clusters or found.cluster_id in where.clusters)
        and (where.uids is None or found.uid in where.uids)
        and all(has_property(found, wanted) for wanted in where.properties)
        and (not labels or (all(labels) if where.labels_match == "all" else any(labels)))
    )


@settings(CALM, max_examples=120)
@given(where=filters)
def test_a_filter_passes_what_plain_python_passes(varied: Store, where: MessageFilter) -> None:
    with varied.read() as session:
        everything, _ = session.messages.find(DATASET, MessageFilter(), "oldest", 0, N)
        assert len(everything) == N
        uids, matrix = session.models.predictions(DATASET, 2)
        predictions = {
            one: dict(zip(("l0", "l1", "l2"), row, strict=True))
            for one, row in zip(uids, matrix.tolist(), strict=True)
        }
        found, n_total = session.messages.find(DATASET, where, "oldest", 0, N)
        expected = [one.uid for one in everything if passes(one, where, predictions)]
        assert [one.uid for one in found] == expected
        assert n_total == session.messages.count(DATASET, where) == len(expected)
        assert sorted(session.messages.table(DATASET, where).column("uid").to_pylist()) == sorted(expected)
        page, n_relevant = session.messages.find(DATASET, where, "relevance", 1, 3)
        assert n_relevant == len(expected)
        assert len(page) == max(0, min(3, len(expected) - 1))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
said = texts.filter(str.strip)  # a blank value says nothing and is dropped
people = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
properties = st.dictionaries(
    names,
    st.one_of(said, st.floats(allow_nan=False, allow_infinity=False)),
    max_size=3,
).map(lambda d: {("string:" if isinstance(v, str) else "number:") + k: v for k, v in d.items()})
FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - hypothesis wants bounds without zone
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
