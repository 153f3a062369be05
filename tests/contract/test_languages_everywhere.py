"""Languages, translations, quotas and the newer conditions, by every way in."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    Bounds,
    MessageFilter,
    Operations,
    ThreadFilter,
)
from workbench.door import Job
from workbench.errors import InputError


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


def test_translations_need_a_translator(operations: Operations) -> None:
    source = operations.create_source("demo", "mail", should_translate=True)
    dataset = operations.create_dataset("demo", "all", (source.source_id,))
    with pytest.raises(InputError, match=r"no translator is configured.*Set 'translator'"):
        operations.start_translate(dataset.dataset_id)


def test_quotas(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3), "a", 3)
    found = {one.kind: one for one in operations.quotas()}
    assert (found["messages_per_source"].used, found["messages_per_source"].where) == (3, "demo/mail")
    assert (found["sources_per_dataset"].hard_limit, found["messages"].hard_limit) == (20, None)


def test_conditions_on_copies_files_and_threads(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3), "a", 3)
    dataset = operations.create_dataset("demo", "all", (source.source_id,))
    for where, n in (
        (MessageFilter(attachments=AttachmentFilter(types=("image/*",))), 0),
        (MessageFilter(attachments=AttachmentFilter(at_least=0, at_most=0)), 3),
        (MessageFilter(cc=AddressFilter(missing="only"), translated=False), 3),
        (MessageFilter(text="parcel", text_in="any"), 3),
        (MessageFilter(thread=ThreadFilter(n_messages=Bounds(at_least=2), answered=False)), 0),
    ):
        assert operations.count_messages(dataset.dataset_id, where) == n
