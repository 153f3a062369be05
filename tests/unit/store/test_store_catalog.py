"""Projects, sources, datasets, labels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, add_model, batch, lay_out, message, uid
from workbench.domain import Dataset, DatasetId, Judgement, Label, LabelId, Project, Source, SourceId
from workbench.errors import DuplicateNameError, UnknownNameError
from workbench.store import Store


def test_counts_are_of_now(store: Store) -> None:
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("1"), message("2")), at=AT)
        session.messages.put(OTHER_SOURCE, batch(message("1")), at=AT)
        judgement = Judgement(event_id="e" * 16, uid=uid("1"), assigned=(LabelId("l1"),))
        session.reviews.judge(DATASET, (judgement,), actor="ann", at=AT)
        add_model(session, 1, {"1": (0.1, 0.2, 0.3)})
    with store.read() as session:
        (dataset,) = session.catalog.datasets()
        found, counted = (
            session.catalog.find_dataset(DATASET),
            session.catalog.counted_dataset("acme/support"),
        )
        sources = session.catalog.sources()
    assert (dataset.n_messages, dataset.n_reviewed, dataset.n_labels) == (2, 1, 4)
    assert (dataset.model_version, dataset.rating, dataset.source_ids) == (1, None, (SOURCE,))
    assert counted == dataset
    assert found == replace(dataset, n_messages=0, n_reviewed=0)  # these two are dear to count
    assert [(s.full_name, s.n_messages) for s in sources] == [("acme/chat", 1), ("acme/mail", 2)]


def test_everything_comes_back_as_it_was(store: Store) -> None:
    with store.read() as session:
        assert session.catalog.projects() == (Project(name="acme", title="Acme", created_at=AT),)
        assert session.catalog.source(SOURCE) == Source(
            source_id=SOURCE,
            project="acme",
            name="mail",
            title="Mail",
            kind="email",
            language="en",
            created_at=AT,
        )
        assert [s.name for s in session.catalog.sources("acme")] == ["chat", "mail"]
        assert session.catalog.sources("nobody") == ()


def test_dataset_is_found_by_name_and_id(store: Store) -> None:
    with store.read() as session:
        assert session.catalog.find_dataset("acme/support") == session.catalog.find_dataset(DATASET)
        with pytest.raises(UnknownNameError, match="did you mean 'acme/support'"):
            session.catalog.find_dataset("acme/suport")


def test_unknown_source_names_the_known(store: Store) -> None:
    with store.read() as session, pytest.raises(UnknownNameError) as caught:
        session.catalog.source(SourceId("none"))
    assert caught.value.details["known"] == sorted([SOURCE, OTHER_SOURCE])


def test_names_are_taken_once(store: Store) -> None:
    with store.write() as session:
        (project,) = session.catalog.projects()
        source = session.catalog.source(SOURCE)
        dataset = session.catalog.find_dataset(DATASET)
        for add, again in (
            (session.catalog.add_project, project),
            (session.catalog.add_source, replace(source, source_id=SourceId("new"))),
            (session.catalog.add_source, replace(source, name="new")),
            (session.catalog.add_dataset, replace(dataset, dataset_id=DatasetId("new"))),
            (session.catalog.add_dataset, replace(dataset, name="new")),
        ):
            with pytest.raises(DuplicateNameError):
                add(again)


def test_dataset_needs_known_sources(store: Store) -> None:
    wrong = Dataset(
        dataset_id=DatasetId("x"),
        project="acme",
        name="x",
        title="",
        description="",
        source_ids=(SourceId("gone"),),
        encoder="tiny",
        created_at=AT,
    )
    with store.write() as session, pytest.raises(UnknownNameError, match="gone"):
        session.catalog.add_dataset(wrong)


def test_dataset_keeps_the_order_of_its_sources(empty_store: Store) -> None:
    with empty_store.write() as session:
        lay_out(session)
        two = replace(
            session.catalog.find_dataset(DATASET),
            dataset_id=DatasetId("two"),
            name="two",
            source_ids=(OTHER_SOURCE, SOURCE),
        )
        session.catalog.add_dataset(two)
        assert session.catalog.find_dataset("two").source_ids == (OTHER_SOURCE, SOURCE)


def test_labels_in_path_order(store: Store) -> None:
    with store.read() as session:
        labels = session.labels.all(DATASET)
        assert [label.name for label in labels] == ["Claims", "Claims > Home", "Claims > Motor", "Praise"]
        assert session.labels.get(DATASET, LabelId("l1")).path == ("Claims", "Motor")
        assert session.labels.find(DATASET, ("Praise",)) == labels[-1]
        assert session.labels.find(DATASET, ("Blame",)) is None
        with pytest.raises(UnknownNameError):
            session.labels.get(DATASET, LabelId("l9"))


def test_label_keeps_every_field_and_is_added_once(store: Store) -> None:
    made = Label(
        label_id=LabelId("l7"),
        dataset_id=DATASET,
        path=("Größe", "日本語 🙂"),
        instructions="size\nand 'quotes'",
        external_id="x-1",
        trainable=False,
    )
    with store.write() as session:
        session.labels.add(made)
        assert session.labels.get(DATASET, made.label_id) == made
        for again in (made, replace(made, label_id=LabelId("l8")), replace(made, path=("Other",))):
            with pytest.raises(DuplicateNameError):
                session.labels.add(again)


def test_label_counts(store: Store) -> None:
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(4))), at=AT)
        add_model(session, 1, {str(i): (0.5, 0.25, 0.125) for i in range(4)})
        given = (
            Judgement(event_id="a", uid=uid("0"), assigned=(LabelId("l1"),)),
            Judgement(event_id="b", uid=uid("1"), assigned=(LabelId("l1"),), reviewed=False),
        )
        session.reviews.judge(DATASET, given, actor="ann", at=AT)
        counts = {
            label.label_id: (label.n_assigned, label.n_predicted) for label in session.labels.all(DATASET)
        }
    assert counts == {"l0": (1, 1.5), "l1": (1, 0.75), "l2": (0, 0.375), "l3": (0, 0.0)}


def test_places_of_datasets_are_known_by_heart_until_one_changes(store: Store) -> None:
    def known() -> dict[str, list[SourceId]]:
        return {one.full_name: list(one.sources) for one in store.dataset_places()}

    before = store.dataset_places()
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("1")), at=AT)
    assert store.dataset_places() is before and known() == {"acme/support": [SOURCE]}
    with store.write() as session:
        two = replace(session.catalog.find_dataset(DATASET), dataset_id=DatasetId("two"), name="two")
        session.catalog.add_dataset(two)
    assert known() == {"acme/support": [SOURCE], "acme/two": [SOURCE]}
    with store.write() as session:
        session.catalog.add_sources(two.dataset_id, (OTHER_SOURCE,))
    assert known()["acme/two"] == [SOURCE, OTHER_SOURCE]
    with store.write() as session:
        session.catalog.remove_source(two.dataset_id, SOURCE)
    assert known()["acme/two"] == [OTHER_SOURCE]
    with store.write() as session:
        session.deletion.source(OTHER_SOURCE)
    assert known()["acme/two"] == []
    with store.write() as session:
        session.deletion.dataset(two.dataset_id)
    assert known() == {"acme/support": [SOURCE]}
    with pytest.raises(RuntimeError), store.write() as session:
        session.deletion.dataset(DATASET)
        assert session.places.datasets() == ()  # whoever writes sees what they did
        raise RuntimeError
    assert known() == {"acme/support": [SOURCE]}
