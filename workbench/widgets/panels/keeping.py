"""The verdict "keep as is" in the modes that doubt what people said."""

from __future__ import annotations

import secrets

import ipywidgets as ipw

from workbench.domain import JudgementReceipt, LabelId, Uid, Verdict
from workbench.widgets.elements import AnnotationCard, JudgementEvent
from workbench.widgets.panels.base import Panel

_DOUBTING = ("check", "missed")


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

    Attributes
    ----------
    revisions
        Revision of each message that was judged here since it was put into the queue.
    """

    def __init__(self, panel: Panel, card: AnnotationCard, label: ipw.Dropdown) -> None:
        self._panel, self._card, self._label = panel, card, label
        self._last: Verdict | None = None
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
        self._last = None
        self.keep.layout.display = None if mode in _DOUBTING else "none"
        self.undo.layout.display = "none"

    def keep_shown(self) -> None:
        """Keep the message on screen as it is and go on; nothing in other modes or at the end of the queue."""
        if self.keep.layout.display == "none" or self._card.cursor >= len(self._card.queue):
            return
        shown = self._card.queue[self._card.cursor]
        verdict = Verdict(
            event_id=secrets.token_hex(8),
            uid=Uid(shown["uid"]),
            label_id=LabelId(self._label.value),
            revision=max(shown["revision"], self.revisions.get(shown["uid"], 0)),
        )
        self._say(verdict)
        self._last = verdict
        self.undo.layout.display = None
        self._card.cursor += 1

    def follow(self, event: JudgementEvent, receipt: JudgementReceipt) -> None:
        """A message was judged on the card: a verdict is about what it came to."""
        self.revisions[event["uid"]] = receipt.revision

    def take_back(self) -> None:
        """Take back the last verdict and show its message."""
        if self._last is None:
            return
        last, self._last = self._last, None
        self._say(
            Verdict(
                event_id=secrets.token_hex(8),
                uid=last.uid,
                label_id=last.label_id,
                revision=last.revision,
                kept=False,
            )
        )
        self.undo.layout.display = "none"
        place = next((i for i, row in enumerate(self._card.queue) if row["uid"] == last.uid), None)
        if place is not None:
            self._card.cursor = place

    def _say(self, verdict: Verdict) -> None:
        self._panel.operations.keep_as_is(self._panel.dataset.dataset_id, verdict)
