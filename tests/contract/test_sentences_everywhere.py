"""A sentence becomes a filter, by every way in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.contract.messages import batch
from workbench.domain import LabelFilter, MessageFilter, Operations, PropertyFilter
from workbench.errors import InputError


def test_a_sentence_is_read(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(6), "a", 6)
    dataset_id = operations.create_dataset("demo", "all", (source.source_id,)).dataset_id
    label = operations.create_label(dataset_id, "Claims > Motor")
    read = operations.read_sentence(
        dataset_id, "unreviewed in mail, Team is N, not labelled Motor, since 2026-03-01, angry"
    )
    assert read.where == MessageFilter(
        reviewed=False,
        since=datetime(2026, 3, 1, tzinfo=UTC),
        sources=(source.source_id,),
        properties=(PropertyFilter(name="string:Team", one_of=("N",)),),
        labels=(LabelFilter(label_id=label.label_id, status="absent"),),
    )
    assert [one.text for one in read.left] == ["angry"]
    assert operations.count_messages(dataset_id, read.where) == 3
    with pytest.raises(InputError, match=r"the sentence 'xxx.* has 1,001 characters.*at most 1,000"):
        operations.read_sentence(dataset_id, "x" * 1001)
