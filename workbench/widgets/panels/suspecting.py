"""Suspect labels on the Annotate screen: which message is in doubt, why, and what looking at them has brought."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from workbench import charts
from workbench.domain import (
    LabelId,
    LabelSuspect,
    MessageFilter,
    Operations,
    ReviewMode,
    SuspectKind,
    SuspectReport,
)

if TYPE_CHECKING:
    from workbench.widgets.panels.annotate import AnnotatePanel

SUSPECTS = "suspects"
"""The choice of the screen; what is reviewed under it is stored as Check or Missed, whichever the doubt is."""
CAPTION = "Suspects: any label may be wrong"
_MOST = 256
_MODES: dict[SuspectKind, ReviewMode] = {"wrong": "check", "instead": "check", "missing": "missed"}


class Suspecting:
    """The suspects in the queue, and a line above the card on the one that is shown.

    Parameters
    ----------
    panel
        Whose card shows them.
    """

    def __init__(self, panel: AnnotatePanel) -> None:
        self._panel = panel
        self._by_uid: dict[str, LabelSuspect] = {}
        self._report: SuspectReport | None = None
        self._names: dict[LabelId, str] = {}
        self.line = panel.words()
        self.line.layout.display = "none"
        panel.card.observe(lambda _change: self.show_line(), ["cursor", "queue"])

    def show(self, mode: str) -> None:
        """Show the line in this mode alone."""
        self._by_uid, self._report = {}, None
        self.line.layout.display = None if mode == SUSPECTS else "none"

    def pick(self, n: int, without: set[str], where: MessageFilter) -> list[LabelSuspect]:
        """The next suspects that pass a filter and are not among those queued."""
        operations: Operations = self._panel.operations
        dataset_id = self._panel.dataset.dataset_id
        self._report = operations.label_suspects(dataset_id, _MOST)
        self._names = {one.label_id: one.name for one in operations.labels(dataset_id)}
        found = [one for one in self._report.suspects if one.uid not in without]
        if found and where not in (MessageFilter(), MessageFilter(reviewed=True)):
            passing = set(operations.message_uids(dataset_id, where).column("uid").to_pylist())
            found = [one for one in found if one.uid in passing]
        self._by_uid |= {one.uid: one for one in found[:n]}
        return found[:n]

    def mode_of(self, suspect: LabelSuspect) -> ReviewMode:
        """The mode that a review of it is stored under."""
        return _MODES[suspect.kind]

    def doubted(self, uid: str) -> tuple[LabelId, ...]:
        """The labels that a message is in the queue for."""
        known = self._by_uid.get(uid)
        return () if known is None else tuple(one for one in (known.said, known.expected) if one is not None)

    def show_line(self) -> None:
        """Say why the message on screen is in doubt, and what looking has brought so far."""
        card = self._panel.card
        if self.line.layout.display == "none" or self._report is None:
            return
        uid = card.queue[card.cursor]["uid"] if card.cursor < len(card.queue) else ""
        known = self._by_uid.get(uid)
        why = "" if known is None else suspect_words(known, self._names)
        self.line.say(
            f'<p class="wb-status">{why}{yield_words(self._report)}</p>',
            charts.suspect_yield(self._report, n=_MOST),
            charts.label_suspects(self._report, n=_MOST),
        )


def suspect_words(suspect: LabelSuspect, names: dict[LabelId, str]) -> str:
    """Why a message is suspect, as HTML."""

    def told(label_id: LabelId | None, probability: float | None) -> str:
        name = html.escape(names.get(label_id, "a label that is gone")) if label_id is not None else ""
        return f"<b>{name}</b> ({probability:.0%})" if probability is not None else f"<b>{name}</b>"

    said = told(suspect.said, suspect.said_probability)
    expected = told(suspect.expected, suspect.expected_probability)
    return {
        "wrong": f"May be wrong: {said}. ",
        "missing": f"May be missing: {expected}. ",
        "instead": f"May be wrong: {said}; expected {expected}. ",
    }[suspect.kind]


def yield_words(report: SuspectReport) -> str:
    """How many suspects there are, and how many of those looked at turned out wrong."""
    if not report.n_judged:
        return "Nothing is suspect before the first validation: train first."
    left = f"{report.n_suspects:,} of {report.n_judged:,} reviewed messages are suspect"
    found = report.found
    if found.value is None or found.low is None or found.high is None:
        return f"{left}; none was looked at yet."
    return (
        f"{left}. Of {report.n_looked_at:,} looked at, {report.n_changed:,} were changed "
        f"({found.value:.0%}, 95 % interval {found.low:.0%} to {found.high:.0%})."
    )
