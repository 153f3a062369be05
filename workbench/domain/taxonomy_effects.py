"""What a change of a taxonomy does to what people said of messages.

The rules: a message keeps the labels that were said of it, under their new names and places, and the parents that
follow from them. A parent that stood on a message only because of a label below it goes where that label goes. A
label that was merged becomes its target. A label that was deleted leaves the one it hung from. A sentiment goes with
its label; where labels meet, the one said last stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from workbench.domain.ids import LabelId, Uid
from workbench.domain.sentiments import SentimentMark, whole_marks
from workbench.domain.taxonomies import EmptiedChoice, LabelEffect
from workbench.domain.taxonomy_tree import Tree


@dataclass(frozen=True, kw_only=True)
class MessageLabels:
    """What stands on a message: its labels, the marks of their sentiments, and whether it is reviewed."""

    assigned: frozenset[LabelId] = frozenset()
    dismissed: frozenset[LabelId] = frozenset()
    reviewed: bool = True
    sentiments: frozenset[tuple[LabelId, SentimentMark]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class MessageChange:
    """An annotated message at a revision: what stands on it, and what it comes to."""

    uid: Uid
    revision: int
    before: MessageLabels
    after: MessageLabels


@dataclass(frozen=True, kw_only=True)
class TreeChange:
    """A change of a taxonomy.

    Attributes
    ----------
    became
        Which label each merged one became.
    emptied
        What becomes of reviewed messages that lose their last label.
    split_id, parts
        A label that is split, and the parts each message goes to.
    """

    before: Tree
    after: Tree
    became: Mapping[LabelId, LabelId] = field(default_factory=dict)
    emptied: EmptiedChoice = "reviewed"
    split_id: LabelId | None = None
    parts: Mapping[Uid, frozenset[LabelId]] = field(default_factory=dict)

    def touched(self) -> frozenset[LabelId]:
        """Labels whose messages must be looked at: vanished, merged or split ones, and those that hang elsewhere now."""
        after = self.after
        changed = {
            one
            for one in self.before.nodes
            if one not in after.nodes or set(self.before.above(one)) != set(after.above(one))
        }
        return frozenset(changed | self.became.keys() | ({self.split_id} if self.split_id else set()))

    def apply(self, carried: Iterable[MessageChange]) -> tuple[MessageChange, ...]:
        """What messages come to; those that stay as they are are left out."""
        recast = self._recast()
        changes = (replace(one, after=recast(one.uid, one.before)) for one in carried)
        return tuple(one for one in changes if one.after != one.before)

    def _recast(self) -> Callable[[Uid, MessageLabels], MessageLabels]:
        known: dict[tuple[MessageLabels, frozenset[LabelId]], MessageLabels] = {}

        def recast(uid: Uid, stands: MessageLabels) -> MessageLabels:
            # Few sets of labels stand on many messages: each is worked out once.
            parts = self.parts.get(uid, frozenset()) if self.split_id in stands.assigned else frozenset()
            if (stands, parts) not in known:
                known[stands, parts] = self._come_to(stands, parts)
            return known[stands, parts]

        return recast

    def _come_to(self, stands: MessageLabels, parts: frozenset[LabelId]) -> MessageLabels:
        implied = {above for one in stands.assigned for above in self.before.above(one)}
        said = stands.assigned - implied
        if parts and self.split_id is not None:
            said = (said - {self.split_id}) | parts
        kept = {self._successor(one) for one in said} - {None}
        assigned = frozenset(one for one in kept if one is not None)
        assigned = assigned.union(*(self.after.above(one) for one in assigned))
        dismissed = frozenset(self._merged(one) for one in stands.dismissed)
        gone = {one for one in dismissed if one in self.before.nodes and one not in self.after.nodes}
        lost_all = stands.reviewed and bool(stands.assigned) and not assigned
        return MessageLabels(
            assigned=assigned,
            dismissed=dismissed - gone - assigned,
            reviewed=stands.reviewed and not (lost_all and self.emptied == "unreviewed"),
            sentiments=self._marks(stands, parts, assigned) if stands.sentiments else frozenset(),
        )

    def _marks(
        self, stands: MessageLabels, parts: frozenset[LabelId], assigned: frozenset[LabelId]
    ) -> frozenset[tuple[LabelId, SentimentMark]]:
        """The marks where they go: those of merged and split labels meet others, the last said of them stays.

        What a deleted label leaves to the one it hung from gives way to what was said of that one itself.
        """
        own = dict(stands.sentiments)
        whole = whole_marks(self.before.paths, stands.assigned, own)
        moved = [(self._merged(one), mark) for one, mark in own.items()]
        if parts and self.split_id in whole:
            moved = [(one, mark) for one, mark in moved if one != self.split_id]
            moved += [(one, whole[self.split_id]) for one in parts]
        found = {one: mark for one, mark in sorted(moved, key=_last_said) if one in assigned}
        implied = whole_marks(self.after.paths, assigned, found)
        for one, mark in sorted(whole.items(), key=_last_said):
            left = self._successor(one)
            if left is not None and left in assigned and left not in implied:
                found[left] = mark
        return frozenset(found.items())

    def _merged(self, label_id: LabelId) -> LabelId:
        while label_id in self.became:
            label_id = self.became[label_id]
        return label_id

    def _successor(self, label_id: LabelId) -> LabelId | None:
        merged = self._merged(label_id)
        if merged in self.after.nodes or merged not in self.before.nodes:
            return merged
        return next((one for one in self.before.above(merged) if one in self.after.nodes), None)


def _last_said(said: tuple[LabelId, SentimentMark]) -> tuple[int, SentimentMark]:
    """Sorts what was said last behind the rest; of two said at once the positive one."""
    return abs(said[1]), said[1]


def label_effects(before: Tree, after: Tree, changes: Iterable[MessageChange]) -> tuple[LabelEffect, ...]:
    """What a change does to each label that changes, in the order of the tree before, new labels last."""
    added: dict[LabelId, int] = {}
    removed: dict[LabelId, int] = {}
    undismissed: dict[LabelId, int] = {}
    for one in changes:
        for counts, ids in (
            (added, one.after.assigned - one.before.assigned),
            (removed, one.before.assigned - one.after.assigned),
            (undismissed, one.before.dismissed - one.after.dismissed),
        ):
            for label_id in ids:
                counts[label_id] = counts.get(label_id, 0) + 1
    return tuple(
        LabelEffect(
            label_id=one,
            before=before.name(one),
            after=after.name(one),
            n_added=added.get(one, 0),
            n_removed=removed.get(one, 0),
            n_undismissed=undismissed.get(one, 0),
        )
        for one in dict.fromkeys((*before.paths, *after.paths))
        if before.paths.get(one) != after.paths.get(one)
        or before.nodes.get(one) != after.nodes.get(one)
        or one in added | removed | undismissed
    )
