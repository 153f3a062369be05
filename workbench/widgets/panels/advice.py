"""What would make the model better, as a click that opens the right messages."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.domain import LabelId, LabelValidation, ReviewStep
from workbench.domain.guide import StopAdvice
from workbench.domain.guide_words import step_title
from workbench.widgets.state import PanelState

_TONE = {"go_on": "average", "good": "good", "excellent": "excellent"}


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Words and links for one dataset.

    Attributes
    ----------
    dataset
        ``project/name``.
    names
        What its labels are called; a review of a label that is gone is not offered.
    visitor
        Who looks at an app; empty in a notebook, which has no other pages: there the call is told.
    """

    dataset: str
    names: Mapping[LabelId, str]
    visitor: str = ""

    def label(self, label: LabelValidation) -> str:
        """The warnings of a label, and what to do about them; empty without any."""
        if not label.warnings:
            return ""
        lines = "".join(f"<li>{html.escape(one)}</li>" for one in label.warnings)
        return f'<ul class="wb-warnings">{lines}</ul>{self.steps(label.steps)}'

    def steps(self, steps: Sequence[ReviewStep]) -> str:
        """A link for each review."""
        offered = [one for one in steps if one.label_id is None or one.label_id in self.names]
        if not offered:
            return ""
        if not self.visitor:
            return f'<p class="wb-status"><code>{html.escape(self._call(offered[0]))}</code></p>'
        links = "".join(
            f'<a class="wb-download" dir="auto" href="{html.escape(self._state(one).link("annotate", self.visitor))}">'
            f"{html.escape(step_title('', one.mode, self._name(one)))}</a>"
            for one in offered
        )
        return f'<p class="wb-next">{links}</p>'

    def _name(self, step: ReviewStep) -> str:
        return "" if step.label_id is None else self.names[step.label_id]

    def _state(self, step: ReviewStep) -> PanelState:
        return PanelState(dataset=self.dataset, mode=step.mode, label=self._name(step))

    def _call(self, step: ReviewStep) -> str:
        of_label = f", label={self._name(step)!r}" if step.label_id is not None else ""
        return f"ds.next_batch({step.mode!r}, 20{of_label})"


def advice_html(advice: StopAdvice) -> str:
    """Whether to stop or go on, and what is missing."""
    lacking = "".join(f"<li>{html.escape(one[:1].upper() + one[1:])}</li>" for one in advice.missing)
    more = f"<details><summary>What is missing</summary><ul>{lacking}</ul></details>" if lacking else ""
    return (
        f'<div class="wb-advice"><p><span class="wb-band wb-band-{_TONE[advice.readiness]}">'
        f"{html.escape(advice.readiness.replace('_', ' ').capitalize())}</span> {html.escape(advice.text)}</p>{more}</div>"
    )
