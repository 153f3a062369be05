"""Any sequence of rename, move, merge, delete and undo keeps every annotation that it does not speak of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.taxonomies import Desk, sample_dataset
from tests.taxonomy_oracle import Oracle, RefusedError, Stands
from workbench.domain import LabelId, Operations, TaxonomyReport, Uid
from workbench.errors import InputError

MESSAGES = [f"m{i}" for i in range(6)]
PLACES = st.integers(0, 6)
NAMES = st.sampled_from(["Motor", "Home", "Cars", "Water", "Fire"])
SOME = st.sets(PLACES, max_size=3)


class Reorganising(RuleBasedStateMachine):
    """One dataset, its oracle, and what people do to both."""

    def __init__(self, operations: Operations) -> None:
        super().__init__()
        self.operations = operations
        self.desk = Desk(operations, sample_dataset(operations, f"d{len(operations.datasets())}"))
        labels = operations.labels(self.desk.did)
        ids = {one.path: str(one.label_id) for one in labels}
        self.oracle = Oracle(
            labels={str(one.label_id): (ids.get(one.path[:-1]), one.path[-1]) for one in labels},
            messages={},
        )
        self.revisions: dict[str, int] = {}

    @initialize(start=st.lists(st.tuples(SOME, SOME), min_size=3, max_size=len(MESSAGES)))
    def annotate(self, start: list[tuple[set[int], set[int]]]) -> None:
        for message, (assigned, dismissed) in zip(MESSAGES, start, strict=False):
            self.say(message, assigned, dismissed)

    # ---- what people do

    @rule(message=st.sampled_from(MESSAGES), assigned=SOME, dismissed=SOME)
    def say(self, message: str, assigned: set[int], dismissed: set[int]) -> None:
        names = self.desk.names
        if not names:
            return
        given, not_given = ({names[place % len(names)] for place in some} for some in (assigned, dismissed))
        self.desk.say(message, *sorted(given), dismissed=tuple(sorted(not_given - given)))
        self.oracle.judge(message, map(self.desk.id, given), map(self.desk.id, not_given - given))
        self.revisions[message] = self.seen()[message][1]

    @rule(one=PLACES, name=NAMES)
    def rename(self, one: int, name: str) -> None:
        if label := self.label(one):
            self.both(
                lambda dry: self.operations.rename_label(self.desk.did, label, name, dry),
                lambda: self.oracle.rename(label, name),
            )

    @rule(one=PLACES, to=st.none() | PLACES)
    def move(self, one: int, to: int | None) -> None:
        if label := self.label(one):
            parent = None if to is None else self.label(to)
            self.both(
                lambda dry: self.operations.move_label(self.desk.did, label, parent, dry),
                lambda: self.oracle.move(label, parent),
            )

    @rule(some=st.lists(PLACES, min_size=1, max_size=2, unique=True), into=PLACES)
    def merge(self, some: list[int], into: int) -> None:
        if target := self.label(into):
            labels = list(dict.fromkeys(filter(None, map(self.label, some))))
            self.both(
                lambda dry: self.operations.merge_labels(self.desk.did, tuple(labels), target, dry),
                lambda: self.oracle.merge([str(label) for label in labels], target),
            )

    @rule(one=PLACES, emptied=st.sampled_from(["reviewed", "unreviewed"]))
    def delete(self, one: int, emptied: str) -> None:
        if label := self.label(one):
            self.both(
                lambda dry: self.operations.delete_label(self.desk.did, label, emptied, dry),  # type: ignore[arg-type]
                lambda: self.oracle.delete(label, emptied=emptied),
            )

    @rule()
    def undo(self) -> None:
        self.both(lambda dry: self.operations.undo_taxonomy(self.desk.did, dry), self.oracle.undo)

    # ---- what must hold

    @invariant()
    def all_is_as_the_oracle_says(self) -> None:
        labels = self.operations.labels(self.desk.did)
        assert {str(one.label_id): one.path for one in labels} == {
            one: self.oracle.path(one) for one in self.oracle.labels
        }
        seen = self.seen()
        assert {message: seen[message][0] for message in self.oracle.messages} == self.oracle.messages
        assert {message: seen[message][1] for message in self.revisions} == self.revisions

    def teardown(self) -> None:
        """A file of the tree makes the same tree."""
        content = self.operations.export_labels(self.desk.did)
        copy = self.operations.create_dataset("demo", f"{self.desk.did}", (self.desk.source,)).dataset_id
        self.operations.import_labels(copy, content)
        tree, twin = (
            [(one.path, one.instructions) for one in self.operations.labels(did)]
            for did in (self.desk.did, copy)
        )
        assert twin == tree
        assert self.operations.export_labels(copy) == content

    # ---- inside

    def label(self, place: int) -> LabelId | None:
        """One of the labels there are, None when there are none."""
        ids = sorted(self.oracle.labels, key=self.oracle.path)
        return LabelId(ids[place % len(ids)]) if ids else None

    def seen(self) -> dict[str, tuple[Stands, int]]:
        """What stands on each message, and its revision."""
        uids = tuple(Uid(f"{self.desk.source}.{message}") for message in MESSAGES)
        return {
            one.uid.rpartition(".")[2]: (
                Stands(assigned=set(one.assigned), dismissed=set(one.dismissed), reviewed=one.reviewed),
                one.revision,
            )
            for one in self.operations.get_messages(self.desk.did, uids)
        }

    def both(self, change: Callable[[bool], TaxonomyReport], said: Callable[[], object]) -> None:
        """Make a change here and in the oracle: refused by both, or what was foreseen, and nothing else, changed."""
        before = dict(self.oracle.messages)
        try:
            said()
        except RefusedError:
            with pytest.raises(InputError):
                change(False)
            return
        changed = {message for message, stands in self.oracle.messages.items() if stands != before[message]}
        foreseen, made = change(True), change(False)
        assert foreseen.n_messages == made.n_messages == len(changed)
        for message in changed:
            self.revisions[message] += 1


@pytest.mark.parametrize(
    ("n_examples", "n_steps"),
    [(3, 6), pytest.param(100, 25, marks=[pytest.mark.nightly, pytest.mark.timeout(3000)])],
)
def test_every_sequence_comes_to_what_plain_python_says(
    operations: Operations, n_examples: int, n_steps: int
) -> None:
    run_state_machine_as_test(
        lambda: Reorganising(operations),
        settings=settings(max_examples=n_examples, stateful_step_count=n_steps, deadline=None),
    )


def test_a_parent_that_was_said_too_survives_that_its_child_came_and_went(operations: Operations) -> None:
    desk = Desk(operations, sample_dataset(operations, f"d{len(operations.datasets())}"))
    desk.say("m1", "Claims > Motor", "Claims > Home")
    before = desk.stands("m1")
    moved = operations.move_label(desk.did, desk.id("Claims > Motor"), desk.id("Claims > Home"))
    assert (moved.n_messages, operations.undo_taxonomy(desk.did).n_messages) == (0, 0)
    assert desk.stands("m1") == before
