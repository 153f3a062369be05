"""Changes of a taxonomy as they are stored: labels, what stands on messages, the step that did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import (
    DatasetId,
    LabelId,
    LabelPath,
    MessageChange,
    MessageLabels,
    Node,
    TaxonomyReport,
    TaxonomyStep,
    Tree,
    Uid,
)
from workbench.primitives import hex_digest
from workbench.store.cursor import Cursor
from workbench.store.repositories.judging import sets_of

_IDS = pa.list_(pa.string())
_MARKS = pa.list_(pa.int32())
_LABELS = pa.schema(
    [
        ("label_id", pa.string()),
        ("path", pa.list_(pa.string())),
        ("name", pa.string()),
        ("title", pa.string()),
        ("instructions", pa.string()),
        ("external_id", pa.string()),
        ("position", pa.int32()),
    ]
)
_EVENTS = pa.schema(
    [
        ("row", pa.int64()),
        ("event_id", pa.string()),
        ("uid", pa.string()),
        ("revision", pa.int32()),
        ("before_assigned", _IDS),
        ("before_dismissed", _IDS),
        ("before_reviewed", pa.bool_()),
        ("assigned", _IDS),
        ("dismissed", _IDS),
        ("reviewed", pa.bool_()),
        ("before_sentiments", _MARKS),
        ("sentiments", _MARKS),
    ]
)
_PAIRS = pa.schema([("uid", pa.string()), ("label_id", pa.string())])
_MARKED = pa.schema([*_PAIRS, ("sentiment", pa.int32())])


@dataclass(frozen=True, kw_only=True)
class StoredStep:
    """A step to take back.

    Attributes
    ----------
    before, after
        The labels it changed or took away as they were; those it changed or made as it left them.
    came_from
        Parts of a split, and the label each was split off.
    last_event
        Number of the newest event of a review when it was made; None where that was not kept yet.
    """

    step_id: str
    action: str
    summary: str
    before: tuple[Node, ...]
    after: tuple[Node, ...]
    came_from: dict[LabelId, LabelId]
    last_event: int | None = None


class Taxonomies:
    """Reads what a change touches, and writes it whole."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    # ---- reading

    def carriers(self, dataset_id: DatasetId, label_ids: Iterable[LabelId]) -> tuple[MessageChange, ...]:
        """Messages on which one of the labels is assigned or dismissed, those of removed sources included."""
        with self._cursor.staged(_staged(label_ids)):
            rows = self._cursor.rows("taxonomy.carriers", dataset_id=dataset_id)
        found = []
        for uid, revision, reviewed, assigned, dismissed, marks in rows:
            stands = _labels(assigned, dismissed, marks, reviewed=reviewed)
            found.append(MessageChange(uid=uid, revision=revision, before=stands, after=stands))
        return tuple(found)

    def untouched(self, dataset_id: DatasetId, step_id: str) -> tuple[MessageChange, ...]:
        """Messages that a step changed and nobody judged since: as they stand, and as they were before it."""
        rows = self._cursor.rows("taxonomy.untouched", dataset_id=dataset_id, step_id=step_id)
        return tuple(
            MessageChange(
                uid=uid,
                revision=revision,
                before=_labels(assigned, dismissed, marks, reviewed=reviewed),
                after=_labels(was_assigned, was_dismissed, was_marks, reviewed=was_reviewed),
            )
            for uid, revision, reviewed, assigned, dismissed, was_assigned, was_dismissed, was_reviewed, marks, was_marks in rows
        )

    def judged_since(self, dataset_id: DatasetId, event: int) -> frozenset[Uid]:
        """Messages that somebody judged after an event, given by its number."""
        rows = self._cursor.rows("taxonomy.judged_since", dataset_id=dataset_id, seq=event)
        return frozenset(Uid(uid) for (uid,) in rows)

    def n_changed_by(self, dataset_id: DatasetId, step_id: str) -> int:
        """How many messages a step changed."""
        ((n,),) = self._cursor.rows("taxonomy.count_step", dataset_id=dataset_id, step_id=step_id)
        return int(n)

    def knowing(self, dataset_id: DatasetId, label_ids: Iterable[LabelId]) -> tuple[int, ...]:
        """Model versions that know one of the labels."""
        with self._cursor.staged(_staged(label_ids)):
            rows = self._cursor.rows("taxonomy.knowing", dataset_id=dataset_id)
        return tuple(version for (version,) in rows)

    def names(self, dataset_id: DatasetId, label_ids: Iterable[LabelId]) -> dict[LabelId, str]:
        """What labels are called: now, or last where they were merged or deleted; the id where nothing tells.

        A level above that is still there is called as it is now.
        """
        live = {
            label_id: tuple(path)
            for label_id, path in self._cursor.rows("label.paths", dataset_id=dataset_id)
        }
        wanted = tuple(label_ids)
        gone: dict[LabelId, Node] = {}
        if not live.keys() >= set(wanted):
            for (before,) in self._cursor.rows("taxonomy.vanishing", dataset_id=dataset_id):
                gone |= {node.label_id: node for node in msgspec.json.decode(before, type=list[Node])}

        def path_of(label_id: LabelId) -> LabelPath:
            if label_id in live:
                return live[label_id]
            if label_id not in gone:
                return (str(label_id),)
            node = gone[label_id]
            return (*(path_of(node.parent_id) if node.parent_id else ()), node.name)

        return {label_id: " > ".join(path_of(label_id)) for label_id in wanted}

    # ---- writing

    def put_tree(self, dataset_id: DatasetId, before: Tree, after: Tree) -> None:
        """Make the labels of a dataset those of a tree: vanished ones go first, new ones come last."""
        gone = [one for one in before.nodes if one not in after.nodes]
        if gone:
            self._cursor.bulk("taxonomy.drop_labels", _staged(gone), dataset_id=dataset_id)
        changed = [
            one
            for one in after.nodes
            if one in before.nodes
            and (before.nodes[one], before.paths[one]) != (after.nodes[one], after.paths[one])
        ]
        if changed:
            rows = [_row(after, one) for one in changed]
            self._cursor.bulk("taxonomy.put_labels", pa.Table.from_pylist(rows, schema=_LABELS))
        for one in after.paths:
            if one not in before.nodes:
                row = _row(after, one) | {"trainable": after.nodes[one].trainable}
                self._cursor.execute("label.add", dataset_id=dataset_id, **row)

    def put_messages(
        self,
        dataset_id: DatasetId,
        changes: Sequence[MessageChange],
        *,
        step_id: str,
        actor: str,
        at: datetime,
    ) -> None:
        """Set what stands on messages, each with an event that tells it; who reviewed them stays."""
        if not changes:
            return
        events = [
            {
                "row": row,
                "event_id": hex_digest(step_id, one.uid, n_digits=16),
                "uid": one.uid,
                "revision": one.revision + 1,
                "before_assigned": sorted(one.before.assigned),
                "before_dismissed": sorted(one.before.dismissed),
                "before_reviewed": one.before.reviewed,
                "assigned": sorted(one.after.assigned),
                "dismissed": sorted(one.after.dismissed),
                "reviewed": one.after.reviewed,
                "before_sentiments": _marks_beside(one.before),
                "sentiments": _marks_beside(one.after),
            }
            for row, one in enumerate(changes, 1)
        ]
        staged = pa.Table.from_pylist(events, schema=_EVENTS)
        told: dict[str, Any] = {"dataset_id": dataset_id, "step_id": step_id, "actor": actor, "at": at}
        self._cursor.bulk("taxonomy.add_events", staged, **told)
        states = staged.select(["uid", "revision", "reviewed"])
        self._cursor.bulk("taxonomy.put_states", states, dataset_id=dataset_id)
        marks = {one.uid: dict(one.after.sentiments) for one in changes}
        for kind in ("assigned", "dismissed"):
            pairs = [(one.uid, getattr(one.before, kind), getattr(one.after, kind)) for one in changes]
            self._write(f"review.drop_{kind}", dataset_id, [(uid, old - new) for uid, old, new in pairs])
            added = [(uid, new - old) for uid, old, new in pairs]
            self._write(f"review.add_{kind}", dataset_id, added, marks if kind == "assigned" else None)
        said_anew = [(one.uid, _said_anew(one)) for one in changes if one.before.sentiments]
        self._write("review.set_sentiments", dataset_id, said_anew, marks)

    def _write(
        self,
        name: str,
        dataset_id: DatasetId,
        labels: list[tuple[Uid, frozenset[LabelId]]],
        marks: Mapping[Uid, Mapping[LabelId, int]] | None = None,
    ) -> None:
        rows: list[dict[str, Any]] = [
            {"uid": uid, "label_id": one} | ({} if marks is None else {"sentiment": marks[uid].get(one)})
            for uid, ids in labels
            for one in sorted(ids)
        ]
        if rows:
            schema = _PAIRS if marks is None else _MARKED
            self._cursor.bulk(name, pa.Table.from_pylist(rows, schema=schema), dataset_id=dataset_id)

    # ---- steps

    def add_step(
        self,
        report: TaxonomyReport,
        *,
        before: Tree,
        after: Tree,
        came_from: Mapping[LabelId, LabelId],
        became: Mapping[LabelId, LabelId],
        actor: str,
        at: datetime,
        undoes: str | None = None,
    ) -> None:
        """Record what was done, with all it takes to undo it."""
        nodes: dict[str, Any] = {
            "before": [node for one, node in before.nodes.items() if after.nodes.get(one) != node],
            "after": [node for one, node in after.nodes.items() if before.nodes.get(one) != node],
            "came_from": dict(came_from),
            "last_event": self._cursor.rows("taxonomy.last_event")[0][0],
        }
        if became:
            nodes["became"] = dict(became)
        self._cursor.execute(
            "taxonomy.add_step",
            step_id=report.step_id,
            dataset_id=report.dataset_id,
            at=at,
            actor=actor,
            action=report.action,
            summary=report.summary,
            n_messages=report.n_messages,
            retrains=report.retrains,
            undoes=undoes,
            nodes=msgspec.json.encode(nodes).decode(),
            report=msgspec.json.encode(report).decode(),
        )

    def steps(self, dataset_id: DatasetId, n_most: int) -> tuple[TaxonomyStep, ...]:
        """Steps, newest first."""
        rows = self._cursor.rows("taxonomy.steps", dataset_id=dataset_id, n_most=n_most)
        names = ("step_id", "at", "actor", "action", "summary", "n_messages", "undoes", "undone")
        return tuple(TaxonomyStep(**dict(zip(names, row, strict=True))) for row in rows)

    def report(self, step_id: str) -> TaxonomyReport | None:
        """What a step reported, None when there is no such step."""
        row = self._cursor.one("taxonomy.report", step_id=step_id)
        return None if row is None else msgspec.json.decode(row[0], type=TaxonomyReport)

    def to_undo(self, dataset_id: DatasetId) -> StoredStep | None:
        """The newest step that was not taken back, None without one."""
        row = self._cursor.one("taxonomy.to_undo", dataset_id=dataset_id)
        if row is None:
            return None
        step_id, action, summary, nodes = row
        kept = msgspec.json.decode(nodes, type=dict[str, Any])
        return StoredStep(
            step_id=step_id,
            action=action,
            summary=summary,
            before=msgspec.convert(kept["before"], tuple[Node, ...]),
            after=msgspec.convert(kept["after"], tuple[Node, ...]),
            came_from=kept["came_from"],
            last_event=kept.get("last_event"),
        )

    def newest(self, dataset_id: DatasetId) -> tuple[int, datetime] | None:
        """Number and time of the newest step that a training must follow, None without one."""
        row = self._cursor.one("taxonomy.newest", dataset_id=dataset_id)
        return None if row is None else (int(row[0]), row[1])


def _labels(
    assigned: Iterable[LabelId],
    dismissed: Iterable[LabelId],
    marks: Iterable[int | None] | None,
    *,
    reviewed: bool,
) -> MessageLabels:
    sets = sets_of(assigned, dismissed, marks)
    return MessageLabels(
        assigned=sets.assigned, dismissed=sets.dismissed, reviewed=reviewed, sentiments=sets.sentiments
    )


def _marks_beside(labels: MessageLabels) -> list[int | None] | None:
    """Marks beside the sorted assigned labels of an event, None without any."""
    marks = dict(labels.sentiments)
    return [marks.get(one) for one in sorted(labels.assigned)] if marks else None


def _said_anew(change: MessageChange) -> frozenset[LabelId]:
    """Labels that stay assigned and whose mark is another."""
    changed = {one for one, _ in change.before.sentiments ^ change.after.sentiments}
    return frozenset(changed) & change.before.assigned & change.after.assigned


def _staged(label_ids: Iterable[LabelId]) -> pa.Table:
    return pa.table({"label_id": pa.array(list(label_ids), pa.string())})


def _row(tree: Tree, label_id: LabelId) -> dict[str, Any]:
    node = tree.nodes[label_id]
    return {
        "label_id": label_id,
        "path": list(tree.paths[label_id]),
        "name": tree.name(label_id),
        "title": node.title,
        "instructions": node.instructions,
        "external_id": node.external_id,
        "position": node.position,
    }
