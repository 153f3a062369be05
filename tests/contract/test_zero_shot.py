"""A model version from labels' names, by every way in."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.contract.messages import batch
from workbench.domain import MessageFilter, Operations
from workbench.door import Job
from workbench.errors import TooFewAnnotationsError


def test_labels_alone_make_a_version(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    did = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    operations.import_labels(
        did,
        "label,description\nRefund,\nDelivery > Late,My parcel has not arrived and the tracking page shows nothing.\n",
    )
    with pytest.raises(TooFewAnnotationsError, match="'demo/support' has no messages and 3 labels"):
        operations.start_train(did)
    operations.put_messages(source.source_id, batch(60), "first", 60)
    done = Job(operations, operations.start_train(did)).wait(progress=False)
    assert done == {"version": 1, "validated": False}
    (made,) = operations.model_versions(did)
    assert (made.n_reviewed, made.n_labels, made.validated, made.rating) == (0, 3, False, None)
    assert [label.zero_shot for label in operations.labels(did)] == [1.0] * 3
    bodies = operations.messages_table(did, MessageFilter())
    body_of = dict(zip(bodies["uid"].to_pylist(), bodies["body"].to_pylist(), strict=True))
    said = operations.predictions_table(did, MessageFilter()).to_pylist()
    for name, word in (("Refund", "refund"), ("Delivery > Late", "not arrived"), ("Delivery", "not arrived")):
        ours = {one["uid"]: one["probability"] for one in said if one["label"] == name}
        about = fmean(ours.get(uid, 0.0) for uid, body in body_of.items() if word in body)
        others = fmean(ours.get(uid, 0.0) for uid, body in body_of.items() if word not in body)
        assert about > others + 0.05, name
