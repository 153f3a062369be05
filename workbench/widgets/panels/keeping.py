"""The verdict "keep as is" in the modes that doubt what people said."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

import ipywidgets as ipw

from workbench.domain import JudgementReceipt, LabelId, Uid, Verdict
from workbench.widgets.elements import AnnotationCard, JudgementEvent
from workbench.widgets.panels.base import Panel

_DOUBTING = ("check", "missed", "suspects")


class Keeping:
    """A button, and the key ``y`` on the card: the message on screen stays as it is, and the next one comes.

    Parameters
    ----------
    panel
        Where errors and news are shown.
    card
        Its queue holds what is doubted.
    label
        The control that names the doubted label.
    doubted
        Given a message, the labels it is in the queue for, where they differ by message; none = that of the control.

    Attributes
    ----------
    revisions
        Revision of each message that was judged here since it was put into the queue.
    """

    def __init__(
        self,
        panel: Panel,
        card: AnnotationCard,
        label: ipw.Dropdown,
        doubted: Callable[[str], tuple[LabelId, ...]] = lambda _uid: (),
    ) -> None:
        self._panel, self._card, self._label, self._doubted = panel, card, label, doubted
        self._last: tuple[Verdict, ...] = ()
        self.revisions: dict[str, int] = {}
        self.keep = ipw.Button(
            description="Keep as is",
            tooltip="The label is right: do not ask again until it or the message changes (y)",
        )
        self.keep.on_click(panel.guard(self.keep_shown))
        self.undo = ipw.Button(description="Ask again", tooltip="Take back the last 'Keep as is'")
        self.undo.on_click(panel.guard(self.take_back))
        card.handle("keep", lambda *_: panel.guard(self.keep_shown)())
        self.widgets = (self.keep, self.undo)
        self.show("")

    def show(self, mode: str) -> None:
        """Offer the verdict in the modes that doubt; another batch ends the undo."""
        self._last = ()
        self.keep.layout.display = None if mode in _DOUBTING else "none"
        self.undo.layout.display = "none"

    def keep_shown(self) -> None:
        """Keep the message on screen as it is and go on; nothing in other modes or at the end of the queue."""
        if self.keep.layout.display == "none" or self._card.cursor >= len(self._card.queue):
            return
        shown = self._card.queue[self._card.cursor]
        labels = self._doubted(shown["uid"]) or (LabelId(self._label.value),)
        self._last = tuple(
            Verdict(
                event_id=secrets.token_hex(8),
                uid=Uid(shown["uid"]),
                label_id=label_id,
                revision=max(shown["revision"], self.revisions.get(shown["uid"], 0)),
            )
            for label_id in labels
        )
        for verdict in self._last:
            self._say(verdict)
        self.undo.layout.display = None
        self._card.cursor += 1

    def follow(self, event: JudgementEvent, receipt: JudgementReceipt) -> None:
        """A message was judged on the card: a verdict is about what it came to."""
        self.revisions[event["uid"]] = receipt.revision

    def take_back(self) -> None:
        """Take back the last verdict and show its message."""
        if not self._last:
            return
        last, self._last = self._last, ()
        for verdict in last:
            self._say(replace(verdict, event_id=secrets.token_hex(8), kept=False))
        self.undo.layout.display = "none"
        uid = last[0].uid
        place = next((i for i, row in enumerate(self._card.queue) if row["uid"] == uid), None)
        if place is not None:
            self._card.cursor = place

    def _say(self, verdict: Verdict) -> None:
        self._panel.operations.keep_as_is(self._panel.dataset.dataset_id, verdict)
