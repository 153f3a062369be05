"""Changes of a taxonomy, through every way in: foreseen, carried out, recorded, taken back."""

from __future__ import annotations

import pytest

from tests.taxonomies import Desk, counted, sample_dataset
from workbench.domain import LabelId, LabelPart, Operations, Uid
from workbench.errors import InputError


def test_a_taxonomy_is_reorganised_and_taken_back_step_by_step(operations: Operations) -> None:
    desk = Desk(operations, sample_dataset(operations))
    did = desk.did
    desk.say("m0", "Claims > Motor > Glass")
    desk.say("m1", "Claims > Motor", "Claims > Home", dismissed=("Cars",))
    desk.say("m2", "Praise", dismissed=("Claims > Home",))
    desk.say("m3", "Claims > Home")
    start = {f"m{i}": desk.stands(f"m{i}") for i in range(4)}
    names, ids = desk.names, {name: desk.id(name) for name in desk.names}

    foreseen = operations.rename_label(did, ids["Claims"], "Damage", dry_run=True)
    renamed = operations.rename_label(did, ids["Claims"], "Damage")
    assert (foreseen.step_id, foreseen.labels) == (None, renamed.labels)
    assert counted(renamed) == (0, 0, 0, 0)
    assert renamed.summary == "rename 'Claims' to 'Damage'"
    assert [one.after for one in renamed.labels][:2] == ["Damage", "Damage > Home"]
    assert desk.id("Damage > Motor > Glass") == ids["Claims > Motor > Glass"]

    foreseen = operations.move_label(did, ids["Claims > Motor"], ids["Praise"], dry_run=True)
    moved = operations.move_label(did, ids["Claims > Motor"], ids["Praise"])
    assert counted(foreseen) == counted(moved) == (2, 2, 0, 0)
    effects = {one.before: (one.n_added, one.n_removed) for one in moved.labels}
    assert (effects["Praise"], effects["Damage"]) == ((2, 0), (0, 1))
    assert desk.stands("m0")[0] == ["Praise", "Praise > Motor", "Praise > Motor > Glass"]
    assert desk.stands("m1") == (["Damage", "Damage > Home", "Praise", "Praise > Motor"], ["Cars"], True)

    merged = operations.merge_labels(did, (ids["Praise"],), ids["Cars"])
    assert counted(merged) == (3, 3, 1, 0)
    assert [one.before for one in merged.labels if not one.after] == ["Praise", "Praise > Motor"]
    assert desk.id("Cars > Motor > Glass") == ids["Claims > Motor > Glass"]
    assert desk.stands("m0")[0] == ["Cars", "Cars > Motor", "Cars > Motor > Glass"]
    assert desk.stands("m1") == (["Cars", "Cars > Motor", "Damage", "Damage > Home"], [], True)

    deleted = operations.delete_label(did, ids["Claims"], "unreviewed")
    assert counted(deleted) == (3, 2, 1, 1)
    assert desk.stands("m3") == ([], [], False)
    assert desk.names == ["Cars", "Cars > Motor", "Cars > Motor > Glass"]

    split_and_take_in(operations, desk, ids["Claims > Motor > Glass"])

    steps = operations.taxonomy_steps(did)[4:]
    assert [one.action for one in steps] == ["delete", "merge", "move", "rename"]
    assert operations.undo_taxonomy(did, dry_run=True).summary == "undo: delete 'Damage' with 1 below it"
    undone = [operations.undo_taxonomy(did) for _ in range(4)]
    assert [one.n_messages for one in undone] == [3, 3, 2, 0]
    assert {f"m{i}": desk.stands(f"m{i}") for i in range(4)} == start
    assert (desk.names, {name: desk.id(name) for name in desk.names}) == (names, ids)
    steps = operations.taxonomy_steps(did, 12)
    assert [one.undone for one in steps] == [False] * 6 + [True] * 6
    assert steps[0].undoes == steps[-1].step_id
    actions = [row["action"] for row in operations.audit_table().to_pylist()][-12:]
    made = ("rename", "move", "merge", "delete", "split", "import")
    assert actions == [f"taxonomy_{one}" for one in (*made, *["undo"] * 6)]
    with pytest.raises(InputError, match="'demo/support' has no change of its taxonomy to undo"):
        operations.undo_taxonomy(did)


def split_and_take_in(operations: Operations, desk: Desk, glass: LabelId) -> None:
    did = desk.did
    parts = (LabelPart(name="Small", uids=(Uid(f"{desk.source}.m0"),)),)
    split = operations.split_label(did, glass, parts, below=False)
    assert (counted(split), desk.stands("m0")[0][-1]) == ((1, 1, 0, 0), "Cars > Motor > Small")
    taken = operations.import_labels(did, "label,description\nCars,All of them.\nCars > =1,\n")
    assert (taken.n_new, taken.n_changed, taken.applied) == (1, 1, True)
    assert operations.import_labels(did, "label\n>\n").errors[0].problem == "label '>' has an empty level."
    assert "Cars > =1,," in operations.export_labels(did)
    assert [operations.undo_taxonomy(did).n_messages for _ in range(2)] == [0, 1]
