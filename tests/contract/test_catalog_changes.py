"""Projects, sources and datasets that change, are copied, hide and come back, by every way in."""

from __future__ import annotations

import pytest

from tests.contract.messages import batch
from workbench.domain import (
    Dataset,
    Judgement,
    LabelFilter,
    MessageFilter,
    Operations,
    Source,
    SourceId,
)
from workbench.errors import DuplicateNameError, InputError, LimitError, UnknownNameError

ALL = MessageFilter()


@pytest.fixture
def sources(operations: Operations) -> tuple[Source, Source]:
    made = tuple(operations.create_source("demo", name) for name in ("mail", "chat"))
    for source in made:
        operations.put_messages(source.source_id, batch(6), source.name, 6)
    return made[0], made[1]


@pytest.fixture
def dataset(operations: Operations, sources: tuple[Source, Source]) -> Dataset:
    made = operations.create_dataset("demo", "support", tuple(source.source_id for source in sources))
    late = operations.create_label(made.dataset_id, "Delivery > Late")
    praise = operations.create_label(made.dataset_id, "Praise")
    judgements = [
        Judgement(
            event_id=f"{source.name}{i}",
            uid=f"{source.source_id}.m{i}",  # type: ignore[arg-type]
            assigned=(late.label_id,) if i else (praise.label_id,),
            dismissed=(praise.label_id,) if i else (),
        )
        for source in sources
        for i in range(3)
    ]
    operations.judge(made.dataset_id, tuple(judgements))
    return operations.dataset(made.dataset_id)


def counts(operations: Operations, name: str) -> tuple[int, int, dict[str, int]]:
    info = operations.dataset(name)
    assigned = {label.name: label.n_assigned for label in operations.labels(info.dataset_id)}
    return info.n_messages, info.n_reviewed, assigned


def actions(operations: Operations) -> list[str]:
    return operations.audit_table().column("action").to_pylist()


def test_amend_a_project(operations: Operations) -> None:
    operations.create_project("demo", "Demo", "first")
    made = operations.amend_project("demo", description="second")
    assert (made.title, made.description) == ("Demo", "second")
    assert operations.projects() == (made,)
    assert made.updated_at is not None
    assert actions(operations)[-1] == "amend_project"
    with pytest.raises(UnknownNameError, match="project 'dmo'"):
        operations.amend_project("dmo", "x")
    with pytest.raises(LimitError, match="project demo would have a title of 129 characters"):
        operations.amend_project("demo", "x" * 129)


def test_amend_a_source(operations: Operations) -> None:
    source = operations.create_source(
        "demo", "mail", language="de", description="d", sensitive_properties=("string:A",)
    )
    made = operations.amend_source(source.source_id, title="New", should_translate=True)
    assert (made.title, made.description, made.should_translate) == ("New", "d", True)
    assert (made.language, made.sensitive_properties) == ("de", ("string:A",))
    made = operations.amend_source(source.source_id, sensitive_properties=())
    assert operations.sources() == (made,)
    assert (made.title, made.sensitive_properties) == ("New", ())
    with pytest.raises(InputError, match="'Account' cannot be a sensitive property"):
        operations.amend_source(source.source_id, sensitive_properties=("Account",))
    with pytest.raises(LimitError, match="4,097 sensitive properties"):
        operations.amend_source(source.source_id, sensitive_properties=("string:a",) * 4097)
    with pytest.raises(LimitError, match="a description of 16,385 characters"):
        operations.create_source("demo", "other", description="x" * 16_385)
    with pytest.raises(InputError, match="'Deutsch' is no language"):
        operations.create_source("demo", "other", language="Deutsch")


def test_amend_a_dataset(operations: Operations, dataset: Dataset) -> None:
    made = operations.amend_dataset(dataset.dataset_id, title="New")
    assert (made.title, made.description, made.n_reviewed) == ("New", dataset.description, 6)
    assert operations.dataset("demo/support") == made
    assert actions(operations)[-1] == "amend_dataset"


def test_language_and_sentiment_are_fixed_at_creation(operations: Operations) -> None:
    ids = {
        language: operations.create_source("demo", f"s{language}", language=language).source_id
        for language in ("en", "de", "multilingual")
    }
    assert operations.create_dataset("demo", "a", (ids["de"],)).language == "de"
    both = operations.create_dataset("demo", "b", (ids["de"], ids["en"]), has_sentiment=True)
    assert (both.language, both.has_sentiment) == ("multilingual", True)
    with pytest.raises(InputError, match="source 'demo/sde' is 'de', dataset 'demo/c' is 'en'"):
        operations.create_dataset("demo", "c", (ids["de"],), language="en")
    single = operations.create_dataset("demo", "d", (ids["en"],), language="en")
    with pytest.raises(InputError, match="is 'multilingual', dataset 'demo/d' is 'en'"):
        operations.add_sources(single.dataset_id, (ids["multilingual"],))
    assert len(operations.add_sources(both.dataset_id, (ids["multilingual"],)).source_ids) == 3


def test_a_removed_source_hides_and_comes_back(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail, chat = (source.source_id for source in sources)
    before = counts(operations, "demo/support")
    assert before == (12, 6, {"Delivery": 4, "Delivery > Late": 4, "Praise": 2})
    late = next(label for label in operations.labels(dataset.dataset_id) if label.name == "Delivery > Late")
    has_late = MessageFilter(labels=(LabelFilter(label_id=late.label_id, status="assigned"),))
    made = operations.remove_sources(dataset.dataset_id, (mail,))
    assert made.source_ids == (chat,)
    assert counts(operations, "demo/support") == (6, 3, {"Delivery": 2, "Delivery > Late": 2, "Praise": 1})
    found = operations.find_messages(dataset.dataset_id, ALL, limit=50)
    assert {message.source_id for message in found.messages} == {chat}
    assert operations.count_messages(dataset.dataset_id, has_late) == 2
    assert operations.review_events(dataset.dataset_id).num_rows == 3
    with pytest.raises(UnknownNameError):
        operations.judge(
            dataset.dataset_id,
            (Judgement(event_id="x", uid=f"{mail}.m0", assigned=()),),  # type: ignore[arg-type]
        )
    made = operations.add_sources(dataset.dataset_id, (mail, chat))
    assert made.source_ids == (chat, mail)
    assert counts(operations, "demo/support") == before
    assert operations.count_messages(dataset.dataset_id, has_late) == 4
    assert actions(operations)[-2:] == ["remove_sources", "add_sources"]


def test_a_dataset_may_have_no_source(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    emptied = operations.remove_sources(dataset.dataset_id, dataset.source_ids)
    assert (emptied.source_ids, emptied.n_messages, emptied.language) == ((), 0, dataset.language)
    assert operations.find_messages(dataset.dataset_id, ALL).n_total == 0
    assert operations.add_sources(dataset.dataset_id, dataset.source_ids) == dataset
    with pytest.raises(UnknownNameError, match="unknown source"):
        operations.remove_sources(dataset.dataset_id, (SourceId("0" * 16),))
    outside = operations.create_source("demo", "outside")
    assert (
        operations.remove_sources(dataset.dataset_id, (outside.source_id,)).source_ids == dataset.source_ids
    )
    with pytest.raises(UnknownNameError, match="unknown source"):
        operations.add_sources(dataset.dataset_id, (SourceId("0" * 16),))
    empty = operations.create_dataset("demo", "empty", ())
    assert (empty.source_ids, empty.language) == ((), "multilingual")


def test_twenty_sources_and_ten_datasets(operations: Operations) -> None:
    ids = tuple(operations.create_source("demo", f"s{i}").source_id for i in range(21))
    with pytest.raises(LimitError, match="dataset demo/all would have 21 sources"):
        operations.create_dataset("demo", "all", ids)
    full = operations.create_dataset("demo", "d0", ids[:20])
    with pytest.raises(LimitError, match="dataset demo/d0 would have 21 sources"):
        operations.add_sources(full.dataset_id, ids[20:])
    for i in range(1, 10):
        operations.create_dataset("demo", f"d{i}", ids[:1])
    with pytest.raises(LimitError, match="source demo/s0 would be in 11 datasets; at most 10"):
        operations.create_dataset("demo", "d10", ids[:1])
    assert len(operations.datasets()) == 10


def test_copy_takes_taxonomy_and_shared_annotations(
    operations: Operations, dataset: Dataset, sources: tuple[Source, Source]
) -> None:
    mail = sources[0].source_id
    made = operations.copy_dataset(dataset.dataset_id, "other", "copy", (mail,))
    assert (made.full_name, made.source_ids, made.encoder) == ("other/copy", (mail,), dataset.encoder)
    assert counts(operations, "other/copy") == (6, 3, {"Delivery": 2, "Delivery > Late": 2, "Praise": 1})
    ids = {label.label_id for label in operations.labels(dataset.dataset_id)}
    copied = operations.labels(made.dataset_id)
    assert not ids & {label.label_id for label in copied}
    late = next(label.label_id for label in copied if label.name == "Delivery > Late")
    praise = next(label.label_id for label in copied if label.name == "Praise")
    first, second = operations.get_messages(
        made.dataset_id,
        (f"{mail}.m0", f"{mail}.m1"),  # type: ignore[arg-type]
    )
    assert (first.assigned, first.dismissed, first.revision) == ((praise,), (), 1)
    assert (late in second.assigned, second.dismissed) == (True, (praise,))
    # What is said in the copy is said there only, on top of what was known.
    receipt = operations.judge(
        made.dataset_id, (Judgement(event_id="new", uid=first.uid, assigned=(late,), revision=1),)
    )[0]
    assert (receipt.revision, late in receipt.assigned, praise in receipt.assigned) == (2, True, False)
    assert counts(operations, "demo/support")[1:] == (6, {"Delivery": 4, "Delivery > Late": 4, "Praise": 2})
    assert actions(operations)[-1] == "copy_dataset"
    with pytest.raises(DuplicateNameError):
        operations.copy_dataset(dataset.dataset_id, "other", "copy")
    assert operations.copy_dataset(dataset.dataset_id, "other", "all").n_reviewed == 6
