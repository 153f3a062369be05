"""Storing, finding and reading messages."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, add_model, add_run, batch, fill, message, uid
from workbench.domain import (
    DatasetId,
    Judgement,
    LabelFilter,
    LabelId,
    Message,
    MessageFilter,
    MessageOrder,
    SyncCounts,
    ThreadPlace,
)
from workbench.errors import InputError
from workbench.primitives import hex_digest
from workbench.store import Store

ALL = MessageFilter()


def put(store: Store, *rows: dict[str, object]) -> tuple[SyncCounts, list[tuple[str, str]]]:
    with store.write() as session:
        outcome = session.messages.put(SOURCE, batch(*rows), at=AT)
    return outcome.counts, [(r["message_id"], r["reason"]) for r in outcome.charged.to_pylist()]


def test_new_updated_unchanged(store: Store) -> None:
    assert put(store, message("1"), message("2"), message("3")) == (
        SyncCounts(new=3),
        [("1", "created"), ("2", "created"), ("3", "created")],
    )
    counts, charged = put(
        store,
        message("3", body="other"),
        message("1"),
        message("2", language="de"),
        message("4"),
    )
    assert counts == SyncCounts(new=1, updated=2, unchanged=1, text_modified=1)
    assert charged == [("3", "text_modified"), ("4", "created")]


@pytest.mark.parametrize("column", ["subject", "body", "full_text"])
def test_text_is_subject_body_and_full_text(store: Store, column: str) -> None:
    put(store, message("1"))
    assert put(store, message("1", **{column: "changed"}))[1] == [("1", "text_modified")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("timestamp", AT + timedelta(microseconds=1)),
        ("thread_id", "t"),
        ("signature", "--"),
        ("sender", "a@b"),
        ("recipients", ["x", "y"]),
        ("language", None),
        ("properties", '{"string:a":"b"}'),
    ],
)
def test_any_other_column_updates_without_charge(store: Store, column: str, value: object) -> None:
    put(store, message("1"))
    assert put(store, message("1", **{column: value})) == (SyncCounts(updated=1), [])
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    expected = message("1", **{column: value})[column]
    if column == "properties":
        assert found.properties == {"string:a": "b"}
    else:
        got = getattr(found, column)
        assert (list(got) if column == "recipients" else got) == expected


def test_order_of_property_keys_does_not_matter(store: Store) -> None:
    put(store, message("1", properties='{"string:a":"b","number:n":1}'))
    assert put(store, message("1", properties='{"number:n": 1.0, "string:a": "b"}'))[0] == SyncCounts(
        unchanged=1
    )


def test_when_it_came_and_when_it_changed(store: Store) -> None:
    put(store, message("1"))
    later = AT + timedelta(days=1)
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("1", body="other")), at=later)
        session.messages.put(SOURCE, batch(message("1", body="other")), at=later + timedelta(days=1))
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert (found.created_at, found.updated_at) == (AT, later)


def test_twice_in_one_transaction(store: Store) -> None:
    with store.write() as session:
        for body in ("a", "b", "b", "c"):
            session.messages.put(SOURCE, batch(message("1", body=body, recipients=[body])), at=AT)
    with store.read() as session:
        (found,) = session.messages.get(DATASET, (uid("1"),))
    assert (found.body, found.recipients) == ("c", ("c",))


def test_same_id_twice_in_a_batch_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="'2' occurs twice") as caught:
        put(store, message("1"), message("2"), message("2"))
    assert caught.value.details == {"message_id": "2"}
    with store.read() as session:
        assert session.messages.count(DATASET, ALL) == 0


@pytest.mark.parametrize(
    "properties", ["[]", "{", '{"a":"b"}', '{"string:a":1}', '{"number:a":"1"}', '{"a":null}']
)
def test_unreadable_properties_are_refused(store: Store, properties: str) -> None:
    with pytest.raises(InputError, match="propert"):
        put(store, message("1", properties=properties))


def test_wrong_schema_is_refused(store: Store) -> None:
    with store.write() as session, pytest.raises(InputError, match="message schema"):
        session.messages.put(SOURCE, pa.table({"message_id": ["1"]}), at=AT)


def test_empty_batch(store: Store) -> None:
    assert put(store) == (SyncCounts(), [])


def test_text_change_drops_predictions_and_their_sums(store: Store) -> None:
    put(store, message("1"), message("2"))
    with store.write() as session:
        add_model(session, 1, {"1": (0.5, 0.25, 0.0), "2": (0.25, 0.5, 1.0)})
    put(store, message("2", body="new words"), message("1", language="de"))
    with store.read() as session:
        assert session.models.predictions(DATASET, 1)[0] == (uid("1"),)
        assert [label.n_predicted for label in session.labels.all(DATASET)] == [0.5, 0.0, 0.25, 0.0]


def test_rows_come_in_order_of_arrival(store: Store) -> None:
    put(store, message("b"), message("a"))
    put(store, message("c"), message("b", body="x"))
    with store.read() as session:
        texts = session.messages.texts(DATASET)
        keys = session.messages.keys(DATASET)
    assert texts.column("uid").to_pylist() == [uid("b"), uid("a"), uid("c")] == keys.column("uid").to_pylist()
    assert texts.column("text_hash").to_pylist()[0] == hex_digest("", "x")
    assert texts.column_names == [
        "uid",
        "text_hash",
        "subject",
        "body",
        "timestamp",
        "thread_id",
        "source_id",
    ]
    assert texts.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")


def test_dataset_sees_its_sources_only(store: Store) -> None:
    put(store, message("1"))
    with store.write() as session:
        session.messages.put(OTHER_SOURCE, batch(message("9", thread_id="t")), at=AT)
        assert session.messages.count(DATASET, ALL) == 1
        assert session.messages.get(DATASET, (uid("9", OTHER_SOURCE),)) == ()
        assert session.messages.thread(DATASET, "t") == ()
        assert session.messages.table(DATASET, ALL).num_rows == 1


def test_message_with_all_that_is_known(store: Store) -> None:
    with store.write() as session:
        row = message(
            "1",
            thread_id="t",
            subject="Late",
            signature="Ann",
            full_text="Late\n> quoted",
            sender="ann@example.org",
            recipients=["a", "b"],
            properties='{"string:Team":"A","number:NPS":-3.5}',
        )
        session.messages.put(SOURCE, batch(row, message("2")), at=AT)
        add_model(session, 1, {"1": (0.9, 0.9, 0.9)})
        add_model(session, 2, {"1": (0.04, 0.5, 0.75), "2": (0.0, 0.05, 0.0)})
        add_run(session, "r1", {"1": -1, "2": 0})
        add_run(session, "r2", {"1": 0, "2": 0})
        judgement = Judgement(
            event_id="e", uid=uid("1"), assigned=(LabelId("l1"),), dismissed=(LabelId("l2"),)
        )
        session.reviews.judge(DATASET, (judgement,), actor="ann", at=AT)
    with store.read() as session:
        one, two = session.messages.get(DATASET, (uid("1"), uid("2")))
    assert one == Message(
        uid=uid("1"),
        source_id=SOURCE,
        message_id="1",
        timestamp=AT,
        thread_id="t",
        subject="Late",
        body="body of 1",
        signature="Ann",
        full_text="Late\n> quoted",
        sender="ann@example.org",
        recipients=("a", "b"),
        language="en",
        properties={"string:Team": "A", "number:NPS": -3.5},
        predicted=one.predicted,
        assigned=("l0", "l1"),
        dismissed=("l2",),
        reviewed=True,
        revision=1,
        reviewed_by="ann",
        reviewed_at=AT,
        declared_language="en",
        cluster_id=0,
        thread=ThreadPlace(
            n_messages=1, position=1, duration_s=0.0, response_s=None, first_sender="ann@example.org"
        ),
        created_at=AT,
        updated_at=AT,
    )
    assert [(p.label_id, p.probability) for p in one.predicted] == [("l2", 0.75), ("l0", 0.5), ("l1", 0.5)]
    assert [p.label_id for p in two.predicted] == ["l0", "l1"]
    assert (two.reviewed, two.revision, two.reviewed_by, two.cluster_id) == (False, 0, None, 0)


def test_get_keeps_order_and_leaves_out_unknown(store: Store) -> None:
    put(store, *(message(str(i)) for i in range(5)))
    asked = (uid("3"), uid("none"), uid("0"), uid("3"))
    with store.read() as session:
        assert [m.message_id for m in session.messages.get(DATASET, asked)] == ["3", "0", "3"]


def test_pages_and_totals(store: Store) -> None:
    put(store, *(message(str(i), timestamp=AT + timedelta(hours=i)) for i in range(7)))
    with store.read() as session:
        find = session.messages.find

        def page(order: MessageOrder, offset: int, limit: int) -> tuple[list[str], int]:
            found, n_total = find(DATASET, ALL, order, offset, limit, 3)
            return [m.message_id for m in found], n_total

        assert page("recent", 0, 3) == (["6", "5", "4"], 7)
        assert page("recent", 6, 3) == (["0"], 7)
        assert page("recent", 9, 3) == ([], 7)
        assert page("oldest", 0, 2) == (["0", "1"], 7)
        shuffled = [*page("shuffle", 0, 4)[0], *page("shuffle", 4, 4)[0]]
        assert sorted(shuffled) == [str(i) for i in range(7)]
        assert shuffled != sorted(shuffled)
        assert shuffled == [m.message_id for m in find(DATASET, ALL, "shuffle", 0, 9, 3)[0]]
        assert shuffled != [m.message_id for m in find(DATASET, ALL, "shuffle", 0, 9, 4)[0]]
        assert page("relevance", 0, 1) == (["6"], 7)


def test_relevance(store: Store) -> None:
    put(
        store,
        message("body", body="late late"),
        message("subject", subject="LATE again"),
        message("once", body="late"),
        message("none", body="early"),
    )
    with store.write() as session:
        add_model(session, 1, {"once": (0.9, 0, 0), "none": (0.6, 0, 0), "body": (0.7, 0, 0)})
    with store.read() as session:
        found, n_total = session.messages.find(DATASET, MessageFilter(text="late"), "relevance")
        assert ([m.message_id for m in found], n_total) == (["subject", "body", "once"], 3)
        label = MessageFilter(labels=(LabelFilter(label_id=LabelId("l0")),))
        found, _ = session.messages.find(DATASET, label, "relevance")
        assert [m.message_id for m in found] == ["once", "body", "none"]


def test_thread_is_oldest_first(store: Store) -> None:
    rows = [message(str(i), thread_id="t" if i else None, timestamp=AT - timedelta(days=i)) for i in range(4)]
    put(store, *rows)
    with store.read() as session:
        assert [m.message_id for m in session.messages.thread(DATASET, "t")] == ["3", "2", "1"]


def test_what_stands_beside_a_message_in_its_thread(store: Store) -> None:
    """The nearest on either side, oldest first; of the same source, and without those of the same moment."""
    rows = [
        message(str(i), thread_id="t", timestamp=AT + timedelta(hours=i), body=f"text {i}") for i in range(6)
    ]
    put(store, *rows, message("at2", thread_id="t", timestamp=AT + timedelta(hours=2)), message("alone"))
    with store.read() as session:
        asked = (uid("2"), uid("5"), uid("alone"), uid("unknown"))
        found = session.messages.letters(DATASET, asked, 2)
        assert session.messages.letters(DatasetId("other"), asked, 2) == ()
    names = {uid(name): name for name in ("0", "1", "2", "3", "4", "5")}
    assert [(names[one.beside], names[one.uid], one.body) for one in found] == [
        ("2", "0", "text 0"),
        ("2", "1", "text 1"),
        ("2", "3", "text 3"),
        ("2", "4", "text 4"),
        ("5", "3", "text 3"),
        ("5", "4", "text 4"),
    ]


def test_place_in_a_thread(store: Store) -> None:
    def at(minutes: float, **values: object) -> dict[str, object]:
        return {"timestamp": AT + timedelta(minutes=minutes), "thread_id": "t", **values}

    put(
        store,
        message("late", **at(90, sender="help")),
        message("first", **at(0, sender="ann")),
        message("again", **at(1.5, sender="ann")),
        message("nobody", **at(2)),
        message("answer", **at(30, sender="help")),
        message("alone", thread_id="u"),
        message("none"),
    )
    with store.write() as session:
        session.messages.put(OTHER_SOURCE, batch(message("hidden", **at(99))), at=AT)
    with store.read() as session:
        found, _ = session.messages.find(DATASET, ALL, limit=20)
        (one,) = session.messages.get(DATASET, (uid("answer"),))
    places = {m.message_id: m.thread for m in found}
    order = ["first", "again", "nobody", "answer", "late"]
    assert [places[name].position for name in order if places[name]] == [1, 2, 3, 4, 5]
    whole = {
        (p.n_messages, p.duration_s, p.response_s, p.first_sender) for name in order if (p := places[name])
    }
    assert whole == {(5, 5400.0, 1800.0, "ann")}
    assert one.thread == places["answer"]
    assert places["alone"] == ThreadPlace(n_messages=1, position=1, duration_s=0.0)
    assert places["none"] is None


def test_table(store: Store) -> None:
    put(store, message("1", recipients=["a"], properties='{"string:a":"b"}'), message("2"))
    with store.write() as session:
        judgement = Judgement(event_id="e", uid=uid("1"), assigned=(LabelId("l1"),))
        session.reviews.judge(DATASET, (judgement,), actor="ann", at=AT)
        table = session.messages.table(DATASET, ALL)
        assert session.messages.table(DATASET, ALL, 1).num_rows == 1
    first, second = table.to_pylist()
    assert first["source"] == "acme/mail"
    assert first["properties"] == '{"string:a":"b"}'
    assert (first["reviewed"], first["assigned"]) == (True, ["Claims", "Claims > Motor"])
    assert (second["reviewed"], second["assigned"], second["recipients"]) == (False, [], [])


def test_lone_surrogates_never_reach_the_store() -> None:
    with pytest.raises(UnicodeEncodeError):
        batch(message("1", body="\ud800"))


def test_batches_are_remembered(store: Store) -> None:
    counts = SyncCounts(new=3, updated=2, unchanged=1, text_modified=1, units=4)
    with store.write() as session:
        assert session.batches.seen(SOURCE, "b") is None
        session.batches.remember(SOURCE, "b", counts, AT)
        session.batches.remember(OTHER_SOURCE, "b", counts, AT)
    with store.write() as session:
        assert session.batches.seen(SOURCE, "b") == counts
        session.batches.forget(SOURCE)
        assert session.batches.seen(SOURCE, "b") is None
        assert session.batches.seen(OTHER_SOURCE, "b") == counts


def test_filling_is_visible_after_commit_only(empty_store: Store) -> None:
    with empty_store.read() as before:
        fill(empty_store, message("1"))
        assert before.catalog.datasets() == ()
    with empty_store.read() as after:
        assert after.catalog.datasets()[0].n_messages == 1
