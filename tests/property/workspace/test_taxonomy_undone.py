"""Changes taken back leave everything as it was, but for what people said meanwhile."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.taxonomies import Desk, sample_dataset
from workbench.domain import LabelPart, MessageFilter, Operations
from workbench.errors import DuplicateNameError, InputError

CALM = settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = st.sampled_from(["rename", "move", "merge", "delete", "split", "import"])
CHANGES = st.lists(st.tuples(KINDS, st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=6)


def change(desk: Desk, kind: str, first: int, second: int) -> None:
    """Make a change among the labels there are; one that cannot be is passed over."""
    ops, did, names = desk.operations, desk.did, desk.names
    if not names:
        return
    one, other = desk.id(names[first % len(names)]), desk.id(names[second % len(names)])
    uids = tuple(message.uid for message in ops.find_messages(did, MessageFilter()).messages[: second % 4])
    part = LabelPart(name=f"P{second}", uids=uids)
    rows = f"label,description\nI{first} > I{second},new\n{names[0]},told\n"
    with suppress(DuplicateNameError, InputError):
        if kind == "rename":
            ops.rename_label(did, one, f"N{second}")
        elif kind == "move":
            ops.move_label(did, one, None if one == other else other)
        elif kind == "merge":
            ops.merge_labels(did, (one,), other)
        elif kind == "delete":
            ops.delete_label(did, one, "unreviewed" if second % 2 else "reviewed")
        elif kind == "split":
            ops.split_label(did, one, (part,), bool(first % 2))
        else:
            ops.import_labels(did, rows)


@CALM
@given(changes=CHANGES, touched=st.integers(0, 3))
def test_everything_is_as_it_was(
    operations: Operations, changes: list[tuple[str, int, int]], touched: int
) -> None:
    desk = Desk(operations, sample_dataset(operations, f"d{len(operations.datasets())}"))
    desk.say("m0", "Claims > Motor > Glass")
    desk.say("m1", "Claims > Motor", "Claims > Home", dismissed=("Cars",))
    desk.say("m2", "Praise", dismissed=("Claims > Home",))
    desk.say("m3", "Cars > Motor", "Claims > Home")
    labels = [(one.label_id, one.path, one.instructions) for one in operations.labels(desk.did)]
    stood = {f"m{i}": desk.stands(f"m{i}") for i in range(4)}
    for one in changes:
        change(desk, *one)
    roots = [desk.id(name) for name in desk.names[:1]]
    desk.say(f"m{touched}", *desk.names[:1])
    while any(not step.undone and step.action != "undo" for step in operations.taxonomy_steps(desk.did)):
        operations.undo_taxonomy(desk.did)
    known = {label_id for label_id, _, _ in labels}
    left = [(one.label_id, one.path, one.instructions) for one in operations.labels(desk.did)]
    assert [one for one in left if one[0] in known] == labels
    for message, before in stood.items():
        if message != f"m{touched}":
            assert desk.stands(message) == before
    now = {desk.id(name) for name in desk.stands(f"m{touched}")[0]}
    # A part of a split goes back into the label it came from; all else that was said stays.
    assert bool(now) == bool(roots)
    assert not known & set(roots) - now
    file = operations.export_labels(desk.did)
    copy = operations.create_dataset("demo", f"{desk.did}", (desk.source,)).dataset_id
    operations.import_labels(copy, file)
    assert operations.export_labels(copy) == file
