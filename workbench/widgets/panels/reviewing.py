"""What the screens share on which messages are reviewed: the card beside the taxonomy, and the news of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as ipw

from workbench.domain import (
    Event,
    EventPage,
    Label,
    LabelId,
    Message,
    ReviewMode,
    ThreadLetter,
    Uid,
    ValidationReport,
)
from workbench.widgets.elements import AnnotationCard
from workbench.widgets.panels.base import Panel, section
from workbench.widgets.panels.judging import CardJudging, told
from workbench.widgets.panels.keeping import Keeping
from workbench.widgets.panels.labelling import in_words
from workbench.widgets.panels.rows import card_row, taxonomy_rows
from workbench.widgets.panels.taxonomy import TaxonomyEditor

MODES: tuple[tuple[str, ReviewMode], ...] = (
    ("Shuffle: a random sample", "shuffle"),
    ("Cluster: typical of each cluster", "cluster"),
    ("Recent: the newest", "recent"),
    ("Low confidence: least covered", "low_confidence"),
    ("Rebalance: under-represented", "rebalance"),
    ("Teach label: unsure", "teach"),
    ("Label: most confident", "label"),
    ("Check label: may be wrong", "check"),
    ("Missed label: may be missing", "missed"),
    ("Search: messages with these words", "search"),
)
OF_LABEL = ("teach", "label", "check", "missed")
"""Modes that are about one label."""
_MOST_READ = 512


class ReviewPanel(Panel):
    """Base of the panels on which messages are reviewed.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    def make_choice(self, caption: str, modes: Iterable[tuple[str, str]], mode: str) -> None:
        """Make the choice of a mode and of the label that some modes are about; an unknown mode is ``shuffle``."""
        offered = list(modes)
        self.mode = ipw.Dropdown(
            options=offered,
            value=mode if mode in {one for _, one in offered} else "shuffle",
            description=caption,
            layout=ipw.Layout(width="330px"),
            style={"description_width": "40px"},
        )
        self.label = ipw.Dropdown(
            description="Label",
            options=[],
            layout=ipw.Layout(width="320px"),
            style={"description_width": "40px"},
        )

    def make_desk(self) -> None:
        """Make the card, what stores what it says, and the taxonomy; the choice is there already."""
        self.card = AnnotationCard()
        self.judging = CardJudging(
            self.card, self.operations, lambda: self.dataset.dataset_id, made_labels=self.name_labels
        )
        self.keeping = Keeping(self, self.card, self.label, self.doubted)
        self.judging.on_stored(self.keeping.follow)
        self.taxonomy = TaxonomyEditor(self, height=620)
        self.tree = self.taxonomy.tree
        self._report: ValidationReport | None = None
        self._queued: set[str] = set()

    def doubted(self, _uid: str) -> tuple[LabelId, ...]:
        """The labels that a message is in the queue for, where they are not that of the control."""
        return ()

    def desk(self, *below: ipw.Widget) -> ipw.HBox:
        """The card beside the taxonomy, with something below the tree."""
        side = section("Taxonomy", self.taxonomy.asking, self.tree, *below)
        side.add_class("wb-side")
        columns = ipw.HBox([self.card, side])
        columns.add_class("wb-columns")
        columns.add_class("wb-main-side")
        return columns

    def refresh(self) -> None:
        """Read the labels and what is known of them again; what is on the card stays."""
        self._report = self.operations.validation(self.dataset.dataset_id)
        self.read_labels()

    def read_labels(self) -> None:
        """Read the labels and their counts again; what is on the card stays."""
        labels = self.operations.labels(self.dataset.dataset_id)
        self.card.taxonomy = taxonomy_rows(labels)
        self.taxonomy.show(labels, self._report)
        self.offer_labels(labels)

    def offer_labels(self, labels: Sequence[Label]) -> None:
        """Offer these labels where one is chosen; the chosen one stays."""
        options = [(one.name, str(one.label_id)) for one in labels]
        if options == list(self.label.options):
            return
        kept = self.label.value
        self._settling = True
        try:
            self.label.options = options
            if kept in dict(options).values():
                self.label.value = kept
        finally:
            self._settling = False

    def name_labels(self) -> None:
        """Tell the card the labels there are now."""
        self.card.taxonomy = taxonomy_rows(self.operations.labels(self.dataset.dataset_id))

    def hear(self, event: Event) -> None:
        """Show what other visitors did to messages of this queue."""
        if event.topic != "judgement" or event.subject not in self.judging.offers:
            return
        payload: dict[str, Any] = json.loads(event.payload)
        if payload["event_id"] not in self.judging.own:
            self.card.apply_remote(event.subject, told(payload, event.actor))

    def read_queue(self) -> None:
        """Show what a change of the taxonomy made of messages in the queue; what is not saved yet stays on top."""
        known = {row["uid"]: row["revision"] for row in self.card.queue[-_MOST_READ:]}
        uids = tuple(Uid(uid) for uid in known)
        for one in self.operations.get_messages(self.dataset.dataset_id, uids) if uids else ():
            if one.revision > known[one.uid]:
                self.card.apply_remote(
                    one.uid,
                    {
                        "assigned": list(one.assigned),
                        "dismissed": list(one.dismissed),
                        "reviewed": one.reviewed,
                        "revision": one.revision,
                        "sentiments": in_words(one.sentiments),
                        "by": "A change of the taxonomy",
                    },
                )

    def take_news(self, page: EventPage) -> None:
        """As every panel; labels and their counts are read once per page of news, however long it is."""
        super().take_news(page)
        topics = {event.topic for event in page.events}
        if "model" in topics:
            self._quietly(self.refresh)
        elif topics & {"judgement", "taxonomy"}:
            self._quietly(self.read_labels)
        if "taxonomy" in topics:
            self._quietly(self.read_queue)

    def _rows(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Messages for the card, with what stands beside them in their threads, words underlined."""
        run = self.operations.cluster_run(self.dataset.dataset_id) if messages else None
        phrases = {cluster.cluster_id: cluster.phrases for cluster in run.clusters} if run else {}
        words = tuple(word.strip('"') for word in self.state.text.split() if word.strip('"'))
        threaded = tuple(one.uid for one in messages if one.thread_id)
        letters = self.operations.thread_letters(self.dataset.dataset_id, threaded) if threaded else ()
        beside: dict[Uid, list[ThreadLetter]] = {}
        for letter in letters:
            beside.setdefault(letter.beside, []).append(letter)
        return [
            card_row(one, beside.get(one.uid, ()), words or phrases.get(one.cluster_id, ()))
            for one in messages
        ]
