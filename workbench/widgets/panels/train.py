"""Train: the one batch that is next, reviewed right here, and what it brought."""

from __future__ import annotations

import html
import os
from functools import partial
from typing import ClassVar
from urllib.parse import parse_qs, urlencode

import ipywidgets as ipw

from workbench import charts
from workbench.domain import (
    DiscoverOptions,
    EventPage,
    Guide,
    GuidedBatch,
    JudgementReceipt,
    LabelId,
    NextStep,
    ReviewMode,
)
from workbench.domain.guide_words import mode_title
from workbench.errors import AccessError, TooFewAnnotationsError
from workbench.widgets.elements import BatchBar, JudgementEvent
from workbench.widgets.panels.base import bar, section
from workbench.widgets.panels.judging import Offer
from workbench.widgets.panels.reviewing import MODES, OF_LABEL, ReviewPanel
from workbench.widgets.panels.train_view import (
    effect_html,
    standing_html,
    step_html,
    step_line,
    waiting_html,
)
from workbench.widgets.state import PanelState

_BATCH, _CLUSTER_BATCH = 20, 60
_SHOWN = 6
_VERBS = {"batch": "Start", "discover": "Map now", "train": "Train", "pin": "Pin it", "import": "Look again"}


class TrainPanel(ReviewPanel):
    """Reviews batch by batch, as the guide proposes them; the card is that of Annotate.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.mode`` and ``state.label`` say which other batch is offered at first.
    """

    name: ClassVar[str] = "Train"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.told: Guide | None = None
        self.batch: GuidedBatch | None = None
        self._done: set[str] = set()
        self.standing, self.effect, self.next = self.words(), self.words(), self.words()
        self.start_button = ipw.Button(button_style="primary")
        self.start_button.add_class("wb-train-start")
        self.start_button.on_click(self.guard(self.start))
        self.end_button = ipw.Button(description="End it", tooltip="End the batch that is open")
        self.end_button.on_click(self.guard(self.end_open))
        self.other_button = ipw.Button(description="Choose another batch")
        self.other_button.on_click(self.guard(self.turn_drawer))
        self.proposed = tuple(ipw.Button(tooltip="Start this batch") for _ in range(_SHOWN))
        for place, button in enumerate(self.proposed):
            button.add_class("wb-train-row")
            button.on_click(self.guard(partial(self.start_proposed, place)))
        self.make_choice("Or by", [one for one in MODES if one[1] != "search"], "shuffle")
        self.chosen_button = ipw.Button(description="Start", tooltip="Start a batch in this mode")
        self.chosen_button.on_click(self.guard(self.start_chosen))
        self.mode.observe(self._unless_settling(self.show_choice), "value")
        self.label.observe(self._unless_settling(self.show_choice), "value")
        self.batch_bar = BatchBar()
        self.batch_bar.on_skip(self.guard(self.skip))
        self.batch_bar.on_finish(self.guard(self.finish))
        self.make_desk()
        self.judging.on_stored(self.count)
        self.card.observe(lambda _change: self._quietly(self._moved), "cursor")
        self.drawer = section(
            "Other batches",
            *self.proposed,
            bar(self.mode, self.label, self.chosen_button),
        )
        self.drawer.layout.display = "none"
        step = section("", self.next, bar(self.start_button, self.end_button, self.other_button))
        step.add_class("wb-train-step")
        self.effect_box = section("", self.effect)
        self.between = ipw.VBox([self.standing, step, self.drawer])
        self.at_work = ipw.VBox(
            [self.batch_bar, bar(*self.keeping.widgets), self.desk()], layout=ipw.Layout(display="none")
        )
        self.refresh()
        self.show_guide()
        self._choose(self.state)
        self.show_code()
        return ipw.VBox([self.between, self.at_work, self.effect_box])

    # ---- what is shown ---------------------------------------------------------------------------

    def show_guide(self) -> None:
        """Ask the guide again and show what it says."""
        self.told = told = self.operations.guide(self.dataset.dataset_id)
        self.standing.say(standing_html(told), charts.guide_standing(told))
        brought = effect_html(told)
        self.effect.say(brought, *([charts.guide_effect(told)] if brought else []))
        self.effect_box.layout.display = None if brought else "none"
        step, waiting = told.recommended, told.open_batch
        if waiting is not None and len(waiting.done) < len(waiting.uids):
            self.next.say(waiting_html(waiting), charts.guide_steps(told))
            self.start_button.description = "Go on"
            self.end_button.layout.display = None
        else:
            self.next.say(step_html(step, told) + self._where(step), charts.guide_steps(told))
            self.start_button.description = _VERBS[step.kind]
            self.end_button.layout.display = "none"
        others = self._others()
        for place, button in enumerate(self.proposed):
            button.layout.display = None if place < len(others) else "none"
            button.description = step_line(others[place]) if place < len(others) else ""
        self.other_button.disabled = not told.n_messages
        self.show_choice()

    def show_choice(self) -> None:
        """Show the choice of a label where the chosen mode is about one."""
        of_label = self.mode.value in OF_LABEL
        self.label.layout.display = None if of_label else "none"
        self.chosen_button.disabled = of_label and not self.label.options

    def show_code(self) -> None:
        """The lines that do the same."""
        batch = self.batch
        if batch is None:
            self.code.code = self.state.code("ds.guide()")
            return
        label = f", label={batch.label!r}" if batch.label else ""
        self.code.code = self.state.code(f"ds.begin_batch({batch.mode!r}, {len(batch.uids)}{label})")

    def turn_drawer(self) -> None:
        """Open or close the choice of other batches."""
        self._open_drawer(self.drawer.layout.display == "none")

    def restart(self) -> None:
        """Another dataset: its guide."""
        self.batch = None
        self.taxonomy.restart()
        self.refresh()
        self._show_between()

    def show_again(self, state: PanelState) -> None:
        """Offer the batch of an earlier address."""
        self.state = state
        self._choose(state)

    # ---- doing it --------------------------------------------------------------------------------

    def start(self) -> None:
        """Do what is next: go on with the open batch, begin the proposed one, or take the step it needs."""
        told = self.told or self.operations.guide(self.dataset.dataset_id)
        waiting = told.open_batch
        if waiting is not None and len(waiting.done) < len(waiting.uids):
            self.show_batch(waiting)
        else:
            self.take(told.recommended)

    def start_proposed(self, place: int) -> None:
        """Take one of the other proposed steps, by its place in the list."""
        self.take(self._others()[place])

    def start_chosen(self) -> None:
        """Begin a batch in the chosen mode."""
        mode: ReviewMode = self.mode.value
        label_id = LabelId(self.label.value) if mode in OF_LABEL else None
        self.begin_batch(mode, _CLUSTER_BATCH if mode == "cluster" else _BATCH, label_id)

    def take(self, step: NextStep) -> None:
        """Take a step."""
        dataset_id = self.dataset.dataset_id
        if step.kind == "batch" and step.mode is not None:
            self.begin_batch(step.mode, step.n, step.label_id)
        elif step.kind == "discover":
            self.follow(self.operations.start_discover(dataset_id, DiscoverOptions()), then=self.show_guide)
        elif step.kind == "train":
            self.follow(self.operations.start_train(dataset_id), then=self._learned)
        elif step.kind == "pin" and self.told is not None:
            self.operations.pin_version(dataset_id, self.told.version)
            self.tell(f"Version {self.told.version} is pinned and predicts the same for ever.")
            self.show_guide()
        else:
            self.show_guide()

    def begin_batch(self, mode: ReviewMode, n: int, label_id: LabelId | None) -> None:
        """Begin a batch and put its first message on the card."""
        self.show_batch(self.operations.begin_batch(self.dataset.dataset_id, mode, n, label_id))

    def show_batch(self, batch: GuidedBatch) -> None:
        """Put a batch on the card, at the first message that is not done."""
        self.batch, self._done = batch, set(batch.done)
        version = self.dataset.info.model_version or None
        for uid, chance in zip(batch.uids, batch.probabilities, strict=True):
            self.judging.offers[uid] = Offer(
                mode=batch.mode, probability=chance, model_version=version, n_population=batch.n_population
            )
        rows = self._rows(list(self.operations.get_messages(self.dataset.dataset_id, batch.uids)))
        self._queued = {row["uid"] for row in rows}
        self.show_state(self.state.with_(mode=batch.mode, label=batch.label))
        self.show_code()
        with self.card.hold_sync():
            self.card.scope = str(self.dataset.dataset_id)
            self.card.has_sentiment = self.dataset.info.has_sentiment
            self.card.empty_text = "The messages of this batch are gone."
            self.card.cursor = next((at for at, row in enumerate(rows) if row["uid"] not in self._done), 0)
            self.card.queue = rows
        if batch.label_id in dict(self.label.options).values():
            self.label.value = batch.label_id  # what "keep as is" speaks of
        self.keeping.show(batch.mode)
        self.batch_bar.title = mode_title(batch.mode, batch.label)
        self._open_drawer(False)
        self.between.layout.display = "none"
        self.at_work.layout.display = None
        self._count()
        self.batch_bar.focus_card()

    def count(self, event: JudgementEvent, _receipt: JudgementReceipt) -> None:
        """A judgement was stored: count it."""
        (self._done.add if event["reviewed"] else self._done.discard)(event["uid"])
        self._quietly(self._moved)

    def skip(self) -> None:
        """Go on to the next message that is not done."""
        behind = range(self.card.cursor + 1, len(self.card.queue))
        self.card.cursor = next(
            (at for at in behind if self.card.queue[at]["uid"] not in self._done), len(self.card.queue)
        )
        if self.card.cursor < len(self.card.queue):
            self.batch_bar.focus_card()

    def finish(self) -> None:
        """End the batch; the model learns from it."""
        if self.batch is None:
            return
        ended = self.operations.finish_batch(self.dataset.dataset_id, self.batch.batch_id)
        self._leave(ended)

    def end_open(self) -> None:
        """End the batch that waits to be gone on with."""
        waiting = self.told.open_batch if self.told else None
        if waiting is not None:
            self._leave(self.operations.finish_batch(self.dataset.dataset_id, waiting.batch_id))

    def train(self) -> None:
        """Start a training, where there is something to learn and the person may; else it is awaited."""
        try:
            job_id = self.operations.start_train(self.dataset.dataset_id)
        except (AccessError, TooFewAnnotationsError):
            return
        self.follow(job_id, then=self._learned)

    def take_news(self, page: EventPage) -> None:
        """As every screen of reviews; the guide is asked once per page of news that may change what is next."""
        super().take_news(page)
        if page.missed or any(
            event.topic in ("import", "discover") or (event.topic == "model" and "validated" in event.payload)
            for event in page.events
        ):
            self._quietly(self.show_guide)

    # ---- inside ----------------------------------------------------------------------------------

    def _leave(self, ended: GuidedBatch) -> None:
        n = len(ended.done)
        self.batch = None
        self._show_between()
        self.start_button.focus()
        if n:
            self.tell(
                f"{n} message{'s' * (n != 1)} reviewed.",
                "The model now learns from them; what they brought will stand below.",
            )
            self.train()

    def _open_drawer(self, is_open: bool) -> None:  # noqa: FBT001 - what it becomes
        self.drawer.layout.display = None if is_open else "none"
        self.other_button.description = "Close" if is_open else "Choose another batch"

    def _show_between(self) -> None:
        self.at_work.layout.display = "none"
        self.between.layout.display = None
        self._queued = set()
        self.card.queue = []
        self.show_code()
        self.show_guide()

    def _learned(self) -> None:
        self.refresh()
        self.show_guide()

    def _moved(self) -> None:
        """Count; at the end, with all done, the batch ends by itself, else the keyboard is on the button that ends it."""
        queue = self.card.queue
        self._count()
        if self.batch is None or not queue or self.card.cursor < len(queue):
            return
        if self._queued <= self._done:
            self.finish()
        else:
            self.batch_bar.focus_finish()

    def _count(self) -> None:
        passed = [row["uid"] for row in self.card.queue[: self.card.cursor]]
        with self.batch_bar.hold_sync():
            self.batch_bar.total = len(self.card.queue)
            self.batch_bar.done = len(self._queued & self._done)
            self.batch_bar.skipped = sum(uid not in self._done for uid in passed)

    def _choose(self, state: PanelState) -> None:
        known = {mode for _, mode in self.mode.options}
        self._settling = True
        try:
            self.mode.value = state.mode if state.mode in known else "shuffle"
            self.label.value = dict(self.label.options).get(state.label, self.label.value)
        finally:
            self._settling = False
        self.show_choice()

    def _others(self) -> tuple[NextStep, ...]:
        return self.told.alternatives[:_SHOWN] if self.told else ()

    def _where(self, step: NextStep) -> str:
        """A way to the app in which a step is taken that is not taken here; empty outside a served page."""
        if step.kind != "import" or "VOILA_PREHEAT" not in os.environ:
            return ""
        user = parse_qs(os.environ.get("QUERY_STRING", "")).get("user", [""])[0]
        query = urlencode({"dataset": self.dataset.info.full_name} | ({"user": user} if user else {}))
        return f'<p><a class="wb-download" href="discover.ipynb?{html.escape(query)}">Open Discover</a></p>'
