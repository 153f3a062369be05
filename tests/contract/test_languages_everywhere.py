"""Languages of messages, by every way in."""

from __future__ import annotations

import pyarrow as pa

from tests.contract.messages import batch
from workbench.domain import MessageFilter, Operations
from workbench.door import Job


def test_languages(operations: Operations) -> None:
    source = operations.create_source("demo", "mail", language="multilingual")
    rows = batch(6)
    place = rows.schema.get_field_index("language")
    rows = rows.set_column(place, rows.schema.field(place), pa.array(["fr", *[None] * 5], pa.string()))
    operations.put_messages(source.source_id, rows, "a", 6)
    dataset = operations.create_dataset("demo", "all", (source.source_id,))
    Job(operations, operations.start_languages(dataset.dataset_id)).wait(progress=False)
    report = operations.languages(dataset.dataset_id)
    assert [(one.language, one.n_messages) for one in report.counts] == [("en", 5), ("fr", 1)]
    assert (report.n_waiting, report.warning) == (0, "")
    assert operations.count_messages(dataset.dataset_id, MessageFilter(languages=("en",))) == 5
    assert operations.dataset("demo/all").language_warning == ""
