"""Changes of a taxonomy, through every way in: foreseen, carried out, recorded, taken back."""

from __future__ import annotations

import pytest

from tests.taxonomies import Desk, counted, sample_dataset
from workbench.domain import Operations
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

    steps = operations.taxonomy_steps(did)
    assert [one.action for one in steps] == ["delete", "merge", "move", "rename"]
    assert operations.undo_taxonomy(did, dry_run=True).summary == "undo: delete 'Damage' with 1 below it"
    undone = [operations.undo_taxonomy(did) for _ in range(4)]
    assert [one.n_messages for one in undone] == [3, 3, 2, 0]
    assert {f"m{i}": desk.stands(f"m{i}") for i in range(4)} == start
    assert (desk.names, {name: desk.id(name) for name in desk.names}) == (names, ids)
    steps = operations.taxonomy_steps(did, 8)
    assert [one.undone for one in steps] == [False] * 4 + [True] * 4
    assert steps[0].undoes == steps[-1].step_id
    actions = [row["action"] for row in operations.audit_table().to_pylist()][-8:]
    assert actions == [f"taxonomy_{one}" for one in ("rename", "move", "merge", "delete", *["undo"] * 4)]
    with pytest.raises(InputError, match="'demo/support' has no change of its taxonomy to undo"):
        operations.undo_taxonomy(did)
