"""Label sentiment by every way in: chosen once, said of labels, kept by everything, predicted."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from workbench.domain import MessageFilter, Operations
from workbench.door import Dataset, Workspace
from workbench.errors import InputError

EVERYTHING = MessageFilter()
WORDS = {"Delivery": "negative", "Delivery > Late": "negative", "Staff": "positive"}


@pytest.fixture
def ds(operations: Operations) -> Dataset:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(10), "first", 10)
    made = Workspace(operations, address="").create_dataset(
        "demo/feedback", sources=["demo/mail"], has_sentiment=True
    )
    first, second, *_ = made.messages()["uid"]
    made.annotate(first, sentiments={"Delivery > Late": "negative", "Staff": "positive"}, create=True)
    made.annotate(second, sentiments={"Staff": "negative"})
    return made


def said(ds: Dataset) -> list[dict[str, str]]:
    """What stands on the messages, by label name."""
    names = {label.label_id: label.name for label in ds.operations.labels(ds.dataset_id)}
    found = ds.operations.get_messages(ds.dataset_id, tuple(ds.messages()["uid"]))
    return [{names[one]: str(word) for one, word in message.sentiments.items()} for message in found]


def test_chosen_once(ds: Dataset) -> None:
    ops = ds.operations
    assert ds.info.has_sentiment
    with pytest.raises(InputError, match="'demo/feedback' was created with label sentiment") as refused:
        ops.amend_dataset(ds.dataset_id, has_sentiment=False)
    assert "Create a dataset without label sentiment" in refused.value.next_step
    assert ops.amend_dataset(ds.dataset_id, title="Feedback", has_sentiment=True).has_sentiment
    plain = ops.create_dataset("demo", "plain", ds.info.source_ids)
    with pytest.raises(InputError, match="created without label sentiment"):
        ops.amend_dataset(plain.dataset_id, has_sentiment=True)


def test_said_shown_and_kept(ds: Dataset) -> None:
    ops, did = ds.operations, ds.dataset_id
    assert said(ds)[:3] == [WORDS, {"Staff": "negative"}, {}]
    with pytest.raises(InputError, match="label 'Staff' has no sentiment on message"):
        ds.annotate(ds.messages()["uid"][2], ["Staff"])
    assert ops.messages_table(did, EVERYTHING)["sentiments"].to_pylist()[:3] == [
        ["negative", "negative", "positive"],
        ["negative"],
        [],
    ]
    assert ops.review_events(did)["sentiments"].to_pylist() == [[None, "negative", "positive"], ["negative"]]
    piece = ops.export_piece(did, EVERYTHING)
    assert piece["sentiments"].to_pylist()[1] == ["negative"]
    assert piece["predicted_sentiments"].to_pylist()[1] == [None, None, None]
    copy = ops.copy_dataset(did, "demo", "copy", ())
    assert copy.has_sentiment
    assert said(Dataset(ops, copy.dataset_id)) == said(ds)
