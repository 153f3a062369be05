"""Streams as they are stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stores import AT, DATASET, SOURCE, add_model, batch, message, uid
from workbench.domain import (
    DatasetId,
    LabelFilter,
    LabelId,
    LabelThreshold,
    MessageFilter,
    PropertyFilter,
    Stream,
    StreamId,
    StreamSettings,
)
from workbench.errors import UnknownNameError
from workbench.store import Store

GONE = LabelId("9" * 16)


def stream(name: str, dataset_id: DatasetId = DATASET, **settings: object) -> Stream:
    return Stream(
        stream_id=StreamId(f"id of {name}"),
        dataset_id=dataset_id,
        name=name,
        settings=StreamSettings(**settings),  # type: ignore[arg-type]
        created_at=AT,
        updated_at=AT + timedelta(hours=1),
    )


def thresholds(**by_label: float) -> tuple[LabelThreshold, ...]:
    return tuple(LabelThreshold(label_id=LabelId(one), threshold=value) for one, value in by_label.items())


@pytest.mark.parametrize(
    "where",
    [
        MessageFilter(),
        MessageFilter(uids=()),
        MessageFilter(
            since=AT,
            text='"late parcel" -refund',
            uids=(uid("1"),),
            properties=(PropertyFilter(name="number:NPS", at_least=0.1),),
            labels=(LabelFilter(label_id=LabelId("l1"), status="assigned"),),
        ),
    ],
    ids=["all", "nothing", "several"],
)
def test_a_stream_comes_back_whole(store: Store, where: MessageFilter) -> None:
    put = stream("b", title="B", description="for b", where=where, version=3, unlisted="every")
    with store.write() as session:
        session.streams.put(put)
        session.streams.put(stream("a"))
        session.streams.put(stream("of another", DatasetId("e" * 16)))
    with store.read() as session:
        assert session.streams.all(DATASET) == (stream("a"), put)
        assert session.streams.get(DATASET, "b") == put
        with pytest.raises(UnknownNameError, match=r"unknown stream 'of another'. Known: a, b"):
            session.streams.get(DATASET, "of another")


def test_thresholds_keep_their_order_and_what_was_typed(store: Store) -> None:
    typed = {"l2": 0.1 + 0.2, "l1": 1.0, "l0": 0.999_999_999}
    with store.write() as session:
        session.streams.put(stream("a", version=1, thresholds=thresholds(**typed)))
        session.streams.put(stream("b", version=1, thresholds=thresholds(l0=0.5)))
        found = session.streams.get(DATASET, "a").settings.thresholds
        assert [(one.label_id, one.threshold) for one in found] == list(typed.items())
        assert [one.name for one in found] == ["Praise", "Claims > Motor", "Claims"]
        session.streams.put(stream("a", version=1, thresholds=thresholds(l1=0.25)))
        assert [one.threshold for one in session.streams.get(DATASET, "a").settings.thresholds] == [0.25]
        assert [one.threshold for one in session.streams.get(DATASET, "b").settings.thresholds] == [0.5]
        session.streams.drop(StreamId("id of a"))
        assert [one.name for one in session.streams.all(DATASET)] == ["b"]


def test_a_label_that_nothing_tells_of_is_called_by_its_id(store: Store) -> None:
    with store.read() as session:
        names = session.taxonomies.names(DATASET, (LabelId("l1"), GONE))
    assert names == {"l1": "Claims > Motor", GONE: GONE}


def test_what_a_version_says_of_messages_that_pass(store: Store) -> None:
    rows = [message(str(i), properties=f'{{"number:NPS":{i}}}') for i in range(4)]
    where = MessageFilter(properties=(PropertyFilter(name="number:NPS", at_least=1),))
    asked = [uid(str(i)) for i in (3, 2, 1, 0, 9)]
    with store.write() as session:
        session.messages.put(SOURCE, batch(*rows), at=AT)
        add_model(session, 1, {"0": (0, 0, 0), "1": (0.5, 0.25, 1), "2": (0, 1, 0)}, pinned=True)
        add_model(session, 2, {"1": (1, 1, 1)})
        said = session.streams.said(DATASET, 1, asked, where)
        assert said == {
            uid("1"): ([0.5, 0.25, 1.0], None),
            uid("2"): ([0.0, 1.0, 0.0], None),
            uid("3"): (None, None),
        }
        assert session.streams.said(DATASET, None, asked, where) == dict.fromkeys(said, (None, None))
        assert session.streams.said(DatasetId("e" * 16), 1, asked, where) == {}
        assert session.streams.said(DATASET, 1, [], where) == {}
        # More keys than are written out one by one.
        many = [*asked, *(uid(f"none {i}") for i in range(100))]
        assert session.streams.said(DATASET, 1, many, where) == said


def test_a_version_tells_which_streams_hold_it(store: Store) -> None:
    with store.write() as session:
        add_model(session, 1, {})
        add_model(session, 2, {})
        for name in ("b", "a"):
            session.streams.put(stream(name, version=1))
        session.streams.put(stream("of another", DatasetId("e" * 16), version=2))
        assert [one.held_by for one in session.models.versions(DATASET)] == [(), ("a", "b")]
