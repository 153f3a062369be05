"""Annotate: one message after the other, chosen by a query strategy; others' judgements appear as they come."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench.domain import Event, Judgement, LabelId, Message, ReviewBatch, ReviewMode, Uid
from workbench.errors import WorkbenchError
from workbench.widgets.elements import AnnotationCard, JudgementEvent, TaxonomyTree
from workbench.widgets.panels.base import Panel, bar, section
from workbench.widgets.panels.rows import card_row, taxonomy_rows, tree_rows

BATCH = 20
MODES: tuple[tuple[str, ReviewMode], ...] = (
    ("Shuffle: a random sample", "shuffle"),
    ("Cluster: typical messages of each cluster", "cluster"),
    ("Recent: the newest", "recent"),
    ("Low confidence: least covered", "low_confidence"),
    ("Rebalance: under-represented", "rebalance"),
    ("Teach label: unsure", "teach"),
    ("Label: most confident", "label"),
    ("Check label: may be wrong", "check"),
    ("Missed label: may be missing", "missed"),
)
MOST = 256
_RANDOM = ("shuffle", "rebalance")
_NEEDS_LABEL = ("teach", "label", "check", "missed")


class AnnotatePanel(Panel):
    """Review messages.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.mode`` and ``state.label`` choose the first batch.
    """

    name: ClassVar[str] = "Annotate"

    def build(self) -> ipw.Widget:
        """Make the body."""
        known = {mode for _, mode in MODES}
        self.mode = ipw.Dropdown(
            options=list(MODES),
            value=self.state.mode if self.state.mode in known else "shuffle",
            description="Show",
            style={"description_width": "40px"},
        )
        self.label = ipw.Dropdown(description="Label", options=[], style={"description_width": "40px"})
        self.next_button = ipw.Button(description="New batch")
        self.next_button.on_click(self.guard(self.new_batch))
        self.train_button = ipw.Button(description="Train", button_style="primary")
        self.train_button.on_click(self.guard(self.train))
        self.card = AnnotationCard()
        self.card.on_judge(self.judge)
        self.card.on_need_more(lambda _after: self.more())
        self.tree = TaxonomyTree(multiple=False)
        self.tree.on_new_label(self.guarded_new_label)
        self._batch = ReviewBatch(mode="shuffle", uids=(), probabilities=(), strategy="", seed=0)
        self._probability: dict[str, float] = {}
        self._queued: set[str] = set()
        self.refresh()
        self.mode.observe(self.guard(self.new_batch), "value")
        self.label.observe(self.guard(self.new_batch), "value")
        side = section("Taxonomy", self.tree)
        side.add_class("wb-side")
        columns = ipw.HBox([self.card, side])
        columns.add_class("wb-columns")
        columns.add_class("wb-main-side")
        self.guard(self.new_batch)()
        return ipw.VBox([bar(self.mode, self.label, self.next_button, self.train_button), columns])

    def refresh(self) -> None:
        """Read the taxonomy again."""
        labels = self.operations.labels(self.dataset.dataset_id)
        self.card.taxonomy = taxonomy_rows(labels)
        self.tree.labels = tree_rows(labels, self.operations.validation(self.dataset.dataset_id))
        options = [(one.name, one.label_id) for one in labels]
        if options != list(self.label.options):
            before = self.label.value
            self.label.options = options
            if before in {label_id for _, label_id in options}:
                self.label.value = before

    def new_batch(self) -> None:
        """Choose messages by the mode and show the first."""
        mode = self.mode.value
        self.label.layout.display = None if mode in _NEEDS_LABEL else "none"
        self.state = self.state.with_(mode=mode, label=str(self.label.label or ""))
        self.code.code = self.state.code(f"ds.operations.next_batch(ds.dataset_id, {mode!r}, {BATCH})")
        self._queued.clear()
        rows = self._rows(self._pick())
        with self.card.hold_sync():
            self.card.cursor = 0
            self.card.queue = rows

    def more(self) -> None:
        """Add another batch behind the one on screen."""
        rows = self._rows(self._pick())
        if rows:
            self.card.extend(rows)

    def judge(self, event: JudgementEvent) -> None:
        """Store a judgement and answer the card; what cannot be stored is refused with the reason."""
        receipt = self.operations.judge(
            self.dataset.dataset_id,
            (
                Judgement(
                    event_id=event["seq"],
                    uid=Uid(event["uid"]),
                    assigned=self._ids(event["assigned"], event["new"]),
                    dismissed=self._ids(event["dismissed"], event["new"]),
                    reviewed=event["reviewed"],
                    mode=self._batch.mode,
                    revision=event["before_revision"],
                    probability=self._probability.get(event["uid"]),
                    model_version=self.dataset.info.model_version or None,
                ),
            ),
        )[0]
        self.card.acknowledge(
            event["seq"],
            {
                "assigned": list(receipt.assigned),
                "dismissed": list(receipt.dismissed),
                "reviewed": receipt.reviewed,
                "revision": receipt.revision,
            },
        )

    def train(self) -> None:
        """Start a training."""
        self.follow(self.operations.start_train(self.dataset.dataset_id), then=self.refresh)

    def guarded_new_label(self, path: str) -> None:
        """Create a label from the tree; a refusal is shown there."""
        try:
            self.operations.create_label(self.dataset.dataset_id, path)
        except WorkbenchError as error:
            self.tree.error = str(error)
            return
        self.refresh()

    def hear(self, event: Event) -> None:
        """Show what other visitors did."""
        if event.topic in ("taxonomy", "model"):
            self.refresh()
        if event.topic == "judgement" and event.actor != self.operations.whoami():
            payload: dict[str, Any] = json.loads(event.payload)
            self.card.apply_remote(
                event.subject,
                {
                    "assigned": payload["assigned"],
                    "dismissed": payload["dismissed"],
                    "reviewed": payload["reviewed"],
                    "revision": payload["revision"],
                    "by": event.actor,
                },
            )

    def _pick(self) -> list[Message]:
        mode = self.mode.value
        label_id = LabelId(self.label.value) if mode in _NEEDS_LABEL and self.label.value else None
        waiting = len(self._queued)
        self._batch = self.operations.next_batch(
            self.dataset.dataset_id, mode, min(BATCH + waiting, MOST), label_id
        )
        pairs = zip(self._batch.uids, self._batch.probabilities, strict=True)
        fresh = [(uid, p) for uid, p in pairs if uid not in self._queued]
        taken = fresh[:BATCH]
        self._queued |= {uid for uid, _ in taken}
        # Of a random draw only a part is shown: the chance of being shown is smaller by that part.
        part = len(taken) / max(len(fresh), 1) if mode in _RANDOM else 1.0
        self._probability |= {uid: p * part for uid, p in taken}
        return list(self.operations.get_messages(self.dataset.dataset_id, tuple(uid for uid, _ in taken)))

    def _rows(self, messages: list[Message]) -> list[dict[str, Any]]:
        rows = []
        for one in messages:
            thread = self.operations.thread(self.dataset.dataset_id, one.thread_id) if one.thread_id else ()
            rows.append(card_row(one, [other for other in thread if other.source_id == one.source_id]))
        return rows

    def _ids(self, labels: list[str], new: list[str]) -> tuple[LabelId, ...]:
        return tuple(
            self.operations.create_label(self.dataset.dataset_id, label).label_id
            if label in new
            else LabelId(label)
            for label in labels
        )
