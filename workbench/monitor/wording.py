"""The outcome of a comparison in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workbench.domain.results import ClusterChange, DriftTest, LabelChange
from workbench.monitor.windows import WindowData

_WORDS = {
    "label_rates": "how often some labels occur",
    "label_mix": "the mix of labels",
    "embedding": "what messages are about",
    "wording": "the wording",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent(share: float) -> str:
    """A share as people write it: ``0.034`` is "3.4 %"."""
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"  # noqa: PLR2004


def summarise(
    newest: WindowData,
    *,
    tests: Sequence[DriftTest],
    labels: Sequence[LabelChange],
    clusters: Sequence[ClusterChange],
    alarm: bool,
    false_alarm_rate: float,
) -> str:
    """Say in one to three sentences whether something changed and what."""
    span = f"{_day(newest.start)} to {_day(newest.end)}"
    rang = [t for t in tests if t.alarm and t.window_start == newest.start and t.window_end == newest.end]
    if not rang:
        earlier = " An earlier window did." if alarm else ""
        return (
            f"Messages of {span} do not differ from the reference beyond chance and a material size"
            f" (false alarms: at most {percent(false_alarm_rate)} of windows).{earlier}"
        )
    certainty = "Messages changed" if alarm else "Messages may have changed, wait for the next window"
    parts = [f"{certainty}: {span} differs from the reference in {_listed([_word(t) for t in rang])}."]
    moved = [change for change in labels if change.alarm][:2]
    if moved:
        told = [f"'{m.name}' went from {percent(m.share_before)} to {percent(m.share_now)}" for m in moved]
        parts.append(f"{_listed(told)}.")
    if clusters:
        group = clusters[0]
        parts.append(
            f"The group '{group.name}' grew from {percent(group.share_before)} to {percent(group.share_now)}."
        )
    return " ".join(parts)


def _word(test: DriftTest) -> str:
    if test.name == "low_confidence":
        return "more messages that no label fits" if test.effect > 0 else "fewer messages that no label fits"
    if test.name == "exception_rate":
        return f"{'more' if test.effect > 0 else 'fewer'} messages that could not be handled"
    if test.name == "volume":
        return f"how many come in ({'+' if test.effect > 0 else '-'}{percent(abs(test.effect))})"
    return _WORDS[test.name]


def _day(moment: datetime) -> str:
    """``3 Oct 2026``, in English whatever the locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
