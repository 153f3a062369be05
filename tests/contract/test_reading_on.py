"""Reading a dataset on and saying labels by name, by every way in."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from workbench.domain import DatasetId, Labelling, MessageFilter, MessageSequence, Operations, Uid
from workbench.errors import InputError, UnknownMessageError, UnknownNameError

ORDERS: tuple[MessageSequence, ...] = ("recent", "oldest", "arrival", "shuffle", "relevance")
WORDS = MessageFilter(text="parcel")


@pytest.fixture
def dataset_id(operations: Operations) -> DatasetId:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(6), "first", 6)
    return operations.create_dataset("demo", "support", (source.source_id,)).dataset_id


def test_labels_are_said_by_name(operations: Operations, dataset_id: DatasetId) -> None:
    uid = operations.find_messages(dataset_id, MessageFilter()).messages[0].uid
    said = Labelling(assigned=("Parcel > Late", "Parcel >  Late"), dismissed=("Kind",))
    labelled = operations.set_labels(dataset_id, uid, said)
    message = labelled.message
    names = {label.label_id: label.name for label in operations.taxonomy(dataset_id)}
    assert sorted(names.values()) == ["Kind", "Parcel", "Parcel > Late"]
    assert [names[one] for one in message.assigned] == ["Parcel", "Parcel > Late"]
    assert ([names[one] for one in message.dismissed], message.revision) == (["Kind"], 1)
    assert operations.set_labels(DatasetId("demo/support"), uid, said) == labelled
    assert operations.review_events(dataset_id).num_rows == 1
    counts = operations.label_counts(dataset_id, MessageFilter(), "day").to_pylist()
    assert [(one["label"], one["positive"], one["negative"]) for one in counts] == [
        ("Parcel", 1, 0),
        ("Parcel > Late", 1, 0),
    ]
    assert {" > ".join(path) for path in labelled.paths.values()} == set(names.values())
    emptied = operations.set_labels(dataset_id, uid, Labelling()).message
    assert (emptied.assigned, emptied.dismissed, emptied.reviewed) == ((), (), False)
    with pytest.raises(UnknownMessageError, match="unknown message"):
        operations.set_labels(dataset_id, Uid("x.y"), said)


def test_pages_hold_everything_once_in_every_order(operations: Operations, dataset_id: DatasetId) -> None:
    wanted = {one.uid for one in operations.find_messages(dataset_id, WORDS).messages}
    for order in ORDERS:
        found: list[Uid] = []
        page = operations.query_messages(dataset_id, WORDS, order, limit=2)
        while page.messages:
            found += [one.uid for one in page.messages]
            page = operations.query_messages(dataset_id, WORDS, order, page.after, 2)
        assert len(found) == len(wanted) and set(found) == wanted and page.after == ""
    first = operations.export_messages(dataset_id, WORDS, "oldest", limit=1)
    assert first == operations.query_messages(dataset_id, WORDS, "oldest", limit=1)


@pytest.mark.parametrize(
    "mark", ["x", "recent", "recent.1", "recent.-1.2", "oldest.1.2", f"recent.1.{'9' * 17}"]
)
def test_a_mark_that_is_none(operations: Operations, dataset_id: DatasetId, mark: str) -> None:
    with pytest.raises(InputError, match="no mark to go on from"):
        operations.query_messages(dataset_id, WORDS, "recent", mark)


def test_what_cannot_be_read(operations: Operations, dataset_id: DatasetId) -> None:
    for limit in (0, 1_025):
        with pytest.raises(InputError, match="messages cannot be had at once"):
            operations.query_messages(dataset_id, WORDS, limit=limit)
    with pytest.raises(UnknownNameError, match="unknown dataset"):
        operations.query_messages(DatasetId("0" * 16), WORDS)
    with pytest.raises(UnknownNameError, match="unknown dataset"):
        operations.taxonomy(DatasetId("0" * 16))
