"""What changes of a taxonomy keep, refuse and set off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.taxonomies import Desk, counted, sample_dataset
from workbench.domain import Judgement, LabelId, Operations, Uid
from workbench.errors import DuplicateNameError, InputError, LabelPathError, LimitError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path_factory.mktemp("taxonomy") / "w.duckdb", settings=settings) as made:
        yield made


@pytest.fixture
def operations(opened: OpenedWorkspace) -> Operations:
    return opened.operations("tester")


@pytest.fixture
def desk(operations: Operations) -> Iterator[Desk]:
    dataset = sample_dataset(operations)
    yield Desk(operations, dataset)
    operations.delete_project("demo", "demo", force=True)


def test_what_people_say_after_a_change_outlives_its_undo(operations: Operations, desk: Desk) -> None:
    did = desk.did
    for message in ("m0", "m1"):
        desk.say(message, "Claims > Home")
    home = desk.id("Claims > Home")
    operations.delete_label(did, home, "reviewed")
    desk.say("m0", "Praise")
    made = operations.create_label(did, "Claims > Home").label_id
    desk.say("m2", "Claims > Home")
    undone = operations.undo_taxonomy(did)
    assert undone.n_kept == 1
    assert desk.stands("m0")[0] == ["Praise"]
    assert desk.stands("m1")[0] == desk.stands("m2")[0] == ["Claims", "Claims > Home"]
    assert desk.id("Claims > Home") == home != made
    operations.move_label(did, home, None)
    desk.say("m1", "Home", "Praise")
    operations.undo_taxonomy(did)
    assert desk.stands("m1")[0] == ["Claims", "Claims > Home", "Praise"]
    # A judgement of what was on screen before a change is merged with it.
    uid = Uid(f"{desk.source}.m2")
    (seen,) = operations.get_messages(did, (uid,))
    operations.move_label(did, home, None)
    praise = desk.id("Praise")
    stale = Judgement(event_id="f" * 16, uid=uid, assigned=(*seen.assigned, praise), revision=seen.revision)
    assert operations.judge(did, (stale,))[0].merged
    assert desk.stands("m2")[0] == ["Home", "Praise"]


def test_labels_are_described_and_ordered(operations: Operations, desk: Desk) -> None:
    did, praise, cars = desk.did, desk.id("Praise"), desk.id("Cars")
    amended = operations.amend_label(did, praise, "Thanks", "They thank us.", "P-1")
    assert (amended.retrains, counted(amended)) == (True, (0, 0, 0, 0))
    label = next(one for one in operations.labels(did) if one.label_id == praise)
    assert (label.title, label.instructions, label.external_id) == ("Thanks", "They thank us.", "P-1")
    assert operations.amend_label(did, praise, external_id="").labels[0].after == "Praise"
    same = operations.amend_label(did, praise, title="Thanks")
    assert (same.step_id, same.labels, same.retrains) == (None, (), False)
    ordered = operations.order_labels(did, None, (praise,))
    assert (desk.names[:2], ordered.retrains) == (["Praise", "Cars"], False)
    operations.create_label(did, "Aside")
    assert desk.names[-1] == "Aside"
    operations.order_labels(did, None, (cars, praise))
    operations.undo_taxonomy(did)
    assert desk.names[0] == "Praise"
    copy = operations.copy_dataset(did, "demo", "copy")
    assert [one.name for one in operations.labels(copy.dataset_id)] == desk.names
    operations.delete_dataset(did, "demo/support")
    found = f"SELECT count(*) AS n FROM taxonomy_step WHERE dataset_id = '{did}'"
    assert operations.sql(found).column("n")[0].as_py() == 0


def test_changes_that_cannot_be(operations: Operations, desk: Desk) -> None:
    did, ids = desk.did, {name: desk.id(name) for name in desk.names}
    motor = ids["Claims > Motor"]
    with pytest.raises(DuplicateNameError, match="'Claims > Home'"):
        operations.rename_label(did, motor, "Home")
    with pytest.raises(LabelPathError, match="'A > B' has 2 levels, where a name of one is wanted"):
        operations.rename_label(did, motor, "A > B")
    with pytest.raises(LabelPathError, match="has 66 characters; at most 64 are allowed"):
        operations.rename_label(did, motor, "x" * 49)
    with pytest.raises(InputError, match="label 'Claims' would lie below itself"):
        operations.move_label(did, ids["Claims"], motor)
    with pytest.raises(InputError, match="'Claims' cannot be merged into 'Claims > Motor'"):
        operations.merge_labels(did, (ids["Claims"],), motor)
    with pytest.raises(InputError, match="0 labels cannot be merged into 'Praise'"):
        operations.merge_labels(did, (), ids["Praise"])
    with pytest.raises(
        UnknownNameError, match="unknown choice for messages that lose their last label 'gone'"
    ):
        operations.delete_label(did, motor, "gone")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="unknown label"):
        operations.delete_label(did, LabelId("0" * 16), "reviewed")
    with pytest.raises(UnknownNameError, match="unknown root"):
        operations.order_labels(did, None, (motor,))
    with pytest.raises(LimitError, match="'Praise' would have an external id of 129 characters"):
        operations.amend_label(did, ids["Praise"], external_id="x" * 129)
    with pytest.raises(LimitError, match="'Praise' would have a description of 16,385 characters"):
        operations.amend_label(did, ids["Praise"], instructions="x" * 16_385)
    with pytest.raises(InputError, match="0 steps cannot be had"):
        operations.taxonomy_steps(did, 0)
    assert operations.taxonomy_steps(did) == ()
