"""Any sequence of changes leaves a sound tree and every annotation that it does not speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.domain import (
    DatasetId,
    Label,
    LabelId,
    MessageChange,
    MessageLabels,
    Tree,
    TreeChange,
    Uid,
    parse_path,
)
from workbench.errors import DuplicateNameError, InputError

NAMES = ("A", "A > A", "A > B", "A > B > A", "A > B > C", "B", "B > A", "B > C", "C")
START = Tree.of(
    Label(label_id=LabelId(str(i)), dataset_id=DatasetId("d"), path=parse_path(name))
    for i, name in enumerate(NAMES)
)
IDS = st.sampled_from([LabelId(str(i)) for i in range(len(NAMES))])
CHANGES = st.tuples(st.sampled_from(["rename", "move", "merge", "delete"]), IDS, IDS, st.sampled_from("ABCD"))
SAID = st.lists(st.tuples(st.sets(IDS, max_size=3), st.sets(IDS, max_size=2)), min_size=1, max_size=5)


def closed(tree: Tree, labels: set[LabelId]) -> frozenset[LabelId]:
    return frozenset(labels).union(*(tree.above(one) for one in labels))


def changed(tree: Tree, change: tuple[str, LabelId, LabelId, str]) -> TreeChange:
    """One change; raises as the tree does."""
    kind, one, other, name = change
    if kind == "rename":
        return TreeChange(before=tree, after=tree.with_(replace(tree.get(one), name=name)))
    if kind == "move":
        return TreeChange(before=tree, after=tree.moved(one, None if one == other else other))
    if kind == "merge":
        after, became = tree.merged(one, other)
        return TreeChange(before=tree, after=after, became=became)
    tree.get(one)
    return TreeChange(before=tree, after=tree.without(tree.subtree(one)), emptied="unreviewed")


def check_tree(tree: Tree) -> None:
    assert set(tree.paths) == set(tree.nodes)
    assert len(set(tree.paths.values())) == len(tree.paths)
    for label_id, node in tree.nodes.items():
        above = () if node.parent_id is None else tree.paths[node.parent_id]
        assert tree.paths[label_id] == (*above, node.name)


def check_message(change: TreeChange, before: MessageLabels, after: MessageLabels) -> None:
    assert after.assigned == closed(change.after, set(after.assigned))
    assert not after.assigned & after.dismissed
    assert (after.assigned | after.dismissed) <= change.after.nodes.keys()
    said = before.assigned - {above for one in before.assigned for above in change.before.above(one)}
    assert {one for one in said if one in change.after.nodes} <= after.assigned
    ends = {successor(change.became, one) for one in before.assigned}
    assert after.assigned <= closed(change.after, {one for one in ends if one in change.after.nodes})
    assert after.dismissed <= {successor(change.became, one) for one in before.dismissed}
    assert after.reviewed or not after.assigned


def successor(became: Mapping[LabelId, LabelId], one: LabelId) -> LabelId:
    while one in became:
        one = became[one]
    return one


@settings(max_examples=150, deadline=None)
@given(changes=st.lists(CHANGES, min_size=1, max_size=8), said=SAID)
def test_changes_keep_what_they_do_not_speak_of(
    changes: list[tuple[str, LabelId, LabelId, str]], said: list[tuple[set[LabelId], set[LabelId]]]
) -> None:
    tree = START
    stands = {
        Uid(str(i)): MessageLabels(
            assigned=closed(tree, assigned),
            dismissed=frozenset(dismissed) - closed(tree, assigned),
        )
        for i, (assigned, dismissed) in enumerate(said)
    }
    for wanted in changes:
        try:
            change = changed(tree, wanted)
        except (DuplicateNameError, InputError):
            continue
        check_tree(change.after)
        touched = change.touched()
        carried = [
            MessageChange(uid=uid, revision=0, before=one, after=one)
            for uid, one in stands.items()
            if (one.assigned | one.dismissed) & touched
        ]
        outcome = stands | {one.uid: one.after for one in change.apply(carried)}
        for uid, before in stands.items():
            check_message(change, before, outcome[uid])
        tree, stands = change.after, outcome
