"""What changes of a taxonomy keep, refuse and set off."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator

import pytest

from tests.contract.messages import batch
from tests.taxonomies import Desk, counted, sample_dataset
from workbench.domain import DatasetId, Judgement, LabelId, LabelPart, Operations, Uid
from workbench.door import Job
from workbench.errors import (
    DuplicateNameError,
    FileFormatError,
    InputError,
    LabelPathError,
    LimitError,
    UnknownNameError,
)
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.retraining import Retraining


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        predict_after_s=-1,
        retrain_after_reviews=1_000,
        retrain_after_s=3_600,
    )
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
    with pytest.raises(LabelPathError, match=r"label 'xxx.* has 65 characters; at most 64 are allowed"):
        operations.rename_label(did, motor, "x" * 65)
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


def test_a_version_trained_before_predicts_and_validates_after_each_change(
    opened: OpenedWorkspace, operations: Operations, desk: Desk
) -> None:
    did, train = desk.did, Retraining(opened._workspace)
    for i in range(6):
        desk.say(f"m{i}", *[("Claims > Home",), ("Cars > Motor",), ("Praise",)][i % 3])
    trained(opened, operations, did)
    report = operations.validation(did, 1)
    assert report is not None
    names = [label.name for label in report.labels]
    ids = {name: desk.id(name) for name in desk.names}
    assert train.due(did) is None
    changes = (
        lambda: operations.rename_label(did, ids["Claims"], "Damage"),
        lambda: operations.move_label(did, ids["Cars > Motor"], ids["Praise"]),
        lambda: operations.merge_labels(did, (ids["Cars"],), ids["Claims"]),
        lambda: operations.delete_label(did, ids["Claims > Home"], "reviewed"),
        lambda: operations.undo_taxonomy(did),
    )
    for n, change in enumerate(changes):
        assert change().versions == (1,)
        assert train.due(did) is False  # it waits for quiet
        again = operations.validation(did, 1)
        assert again is not None
        assert [label.name for label in again.labels] == names
        if n != 2:
            continue
        operations.put_messages(desk.source, batch(1, first=50 + n), f"later {n}", 1)
        Job(operations, operations.start_predict(did)).wait(progress=False)
        found = operations.get_messages(did, (Uid(f"{desk.source}.m{50 + n}"),))[0].predicted
        likely = {one.label_id: one.probability for one in found}
        paths = {label.label_id: label.path for label in operations.labels(did)}
        assert likely
        for one, probability in likely.items():
            for parent, path in paths.items():
                if path == paths[one][: len(path)] and parent in likely:
                    assert likely[parent] >= probability
    trained(opened, operations, did)
    assert train.due(did) is None
    (newest, first) = operations.model_versions(did)
    assert (newest.version, newest.n_labels, first.n_labels) == (2, len(desk.names), len(names))
    for root in [label.label_id for label in operations.labels(did) if label.depth == 1]:
        operations.delete_label(did, root, "unreviewed")
    assert train.due(did) is None  # nothing is left to learn from


def test_a_label_is_split_by_messages_and_taken_together_again(operations: Operations, desk: Desk) -> None:
    did, home = desk.did, desk.id("Claims > Home")
    for i in range(4):
        desk.say(f"m{i}", "Claims > Home")
    before = {i: desk.stands(f"m{i}") for i in range(5)}
    uids = [Uid(f"{desk.source}.m{i}") for i in range(5)]
    parts = (
        LabelPart(name="Fire", uids=(uids[0], uids[1], uids[4])),
        LabelPart(name="Water", uids=(uids[1],)),
    )
    foreseen = operations.split_label(did, home, parts, dry_run=True)
    assert [(one.before, one.after, one.n_added) for one in foreseen.labels] == [
        ("", "Claims > Home > Fire", 2),
        ("", "Claims > Home > Water", 1),
    ]
    done = operations.split_label(did, home, parts)
    assert counted(done) == counted(foreseen) == (2, 2, 0, 0)
    fire, water = "Claims > Home > Fire", "Claims > Home > Water"
    assert desk.stands("m1")[0] == ["Claims", "Claims > Home", fire, water]
    assert desk.stands("m4") == ([], [], False)
    desk.say("m2", fire)
    assert operations.undo_taxonomy(did).n_kept == 0
    assert {i: desk.stands(f"m{i}") for i in range(5)} == before
    operations.split_label(did, home, parts, below=False)
    assert desk.stands("m1")[0] == ["Claims", "Claims > Fire", "Claims > Water"]
    assert desk.stands("m3")[0] == ["Claims", "Claims > Home"]
    with pytest.raises(DuplicateNameError, match="'Fire'"):
        operations.split_label(did, home, parts, below=False)
    with pytest.raises(UnknownNameError, match="unknown cluster of the newest run '7'"):
        operations.split_label(did, home, (LabelPart(name="A", cluster_ids=(7,)),))
    with pytest.raises(InputError, match="'Claims > Home' was to be split into no parts"):
        operations.split_label(did, home, ())


def test_a_file_of_labels_comes_back_as_it_went(operations: Operations, desk: Desk) -> None:
    did = desk.did
    for name in ("=1+1", "'=1+1", "''", "-a > @b", 'say "hi", you'):
        operations.create_label(did, name)
    operations.amend_label(did, desk.id("-a > @b"), instructions="+49\r\nand, more", external_id="=X")
    operations.order_labels(did, None, (desk.id("Praise"), desk.id("=1+1")))
    content = operations.export_labels(did)
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    other = operations.create_dataset("demo", "other", (desk.source,)).dataset_id
    foreseen = operations.import_labels(other, content, dry_run=True)
    assert (foreseen.n_new, foreseen.applied, operations.labels(other)) == (13, False, ())
    assert operations.import_labels(other, content).n_new == 13
    assert told(operations, other) == told(operations, did)
    assert operations.export_labels(other) == content
    again = operations.import_labels(other, content)
    assert (again.n_unchanged, again.n_changed, again.step_id) == (13, 0, None)
    desk.say("m0", "Praise")
    operations.undo_taxonomy(other)
    assert operations.labels(other) == ()


def test_a_file_of_labels_amends_and_orders_what_is_there(operations: Operations, desk: Desk) -> None:
    did = desk.did
    rows = "Label;Description\nPraise;They thank us.\nNew > One > Two > Three;\nClaims;\n"
    done = operations.import_labels(did, rows)
    assert (done.n_rows, done.n_new, done.n_changed, done.n_unchanged) == (3, 4, 2, 0)
    assert done.warnings == ("label 'New > One > Two > Three' is more than 3 levels deep.",)
    roots = [label.name for label in operations.labels(did) if label.depth == 1]
    assert roots == ["Praise", "New", "Claims", "Cars"]
    desk.say("m0", "New > One")
    operations.undo_taxonomy(did)
    # What is in use since stays, the rest goes.
    roots = [label.name for label in operations.labels(did) if label.depth == 1]
    assert roots == ["Cars", "Claims", "Praise", "New"]
    assert "New > One > Two" not in desk.names
    assert desk.stands("m0")[0] == ["New", "New > One"]


def test_a_file_with_any_error_changes_nothing(operations: Operations, desk: Desk) -> None:
    did = desk.did
    long = "x" * 65
    rows = f"label,description,external_id\nA > ,,\n{long},,\nGood,,\nGood,,\nB,{'d' * 16_385},\nC,,{'e' * 129}\n"
    done = operations.import_labels(did, rows)
    assert (done.n_rows, done.applied, done.step_id) == (6, False, None)
    assert [(one.row, one.column, one.problem) for one in done.errors] == [
        (1, "label", "label 'A > ' has an empty level."),
        (2, "label", f"label '{long}' has 65 characters; at most 64 are allowed."),
        (4, "label", "label 'Good' stands in row 3 already."),
        (
            5,
            "description",
            "label 'B' would have a description of 16,385 characters; at most 16,384 are allowed.",
        ),
        (6, "external_id", "label 'C' would have an external id of 129 characters; at most 128 are allowed."),
    ]
    many = "label\n" + "\n".join(f"L{i}" for i in range(200))
    (error,) = operations.import_labels(did, many).errors
    assert error.problem == "dataset 'demo/support' would have 207 labels; at most 200 are allowed."
    assert "Good" not in desk.names
    with pytest.raises(FileFormatError, match="the file has no column 'label'; its heading is name, text"):
        operations.import_labels(did, "Name,Text\na,b\n")
    with pytest.raises(FileFormatError, match="cannot be read as CSV"):
        operations.import_labels(did, 'label\n"a\n')
    with pytest.raises(LimitError, match="a file of labels has at most 4,194,304"):
        operations.import_labels(did, "x" * 4_194_305)


def trained(opened: OpenedWorkspace, operations: Operations, dataset_id: DatasetId) -> None:
    """Train, and wait until the supervisor has put the job away too."""
    Job(operations, operations.start_train(dataset_id)).wait(progress=False)
    deadline = time.monotonic() + 60
    while opened.busy() and time.monotonic() < deadline:
        time.sleep(0.01)


def told(operations: Operations, dataset_id: DatasetId) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.instructions, one.external_id) for one in operations.labels(dataset_id)]
