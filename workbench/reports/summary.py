"""The first paragraph: what came in, what changed, how good the model is, what to do next."""

from __future__ import annotations

from datetime import timedelta

from workbench.charts.totals import ALPHA, LabelTrend
from workbench.charts.words import change, count, day, percent, percent_range, plain, points
from workbench.domain import ValidationReport
from workbench.reports.facts import Facts

_NAMED = 3


def summary(facts: Facts) -> list[str]:
    """Sentences made from the numbers, in the order they are read."""
    return [came_in(facts), changed(facts), quality(facts), "Next: " + lower_first(next_step(facts))]


def came_in(facts: Facts) -> str:
    """How many messages, against the period before, and what most are about."""
    span = f"Between {day(facts.since)} and {day(facts.until - timedelta(days=1))}"
    text = f"{span}, {count(facts.n_now)} messages came in"
    if facts.n_before:
        text += f" ({change(facts.n_now, facts.n_before)} against the {(facts.until - facts.since).days} days before)"
    top = [t for t in facts.trends if t.now >= 0.5][:_NAMED]  # noqa: PLR2004  half a message
    if top and facts.n_now:
        named = _list([f"{_quote(t.name)} ({percent(t.share_now)})" for t in top])
        return f"{text}; most are about {named}."
    if facts.cluster_run and facts.cluster_run.clusters:
        named = _list([f"{_quote(c.name)} ({percent(c.share)})" for c in facts.cluster_run.clusters[:_NAMED]])
        return f"{text}; the largest groups of all messages are {named}."
    return f"{text}; nothing is labelled or grouped yet."


def changed(facts: Facts) -> str:
    """Labels whose share changed beyond chance, and the drift alarm."""
    if not facts.n_before:
        text = "There are no messages in the period before to compare with."
    else:
        moved = movers(facts)
        text = (
            f"Beyond chance changed {_list([_moved(t) for t in moved[:_NAMED]])}."
            if moved
            else "No label changed its share beyond chance."
            if facts.trends
            else "Changes cannot be told before messages are labelled."
        )
    if facts.drift is None:
        return text
    if facts.drift.alarm:
        return f"{text} The drift monitor raises an alarm: new messages differ from those the model learned from."
    return f"{text} The drift monitor sees no alarm."


def movers(facts: Facts) -> list[LabelTrend]:
    """Labels whose share changed (adjusted p below 0.05), the largest change first."""
    moved = [t for t in facts.trends if t.p_adjusted < ALPHA]
    return sorted(moved, key=lambda t: -abs(t.share_now - t.share_before))


def quality(facts: Facts) -> str:
    """The rating and mean average precision in words."""
    report = facts.validation
    if report is None:
        return "There is no validated model yet, so shares of labels are not yet an estimate to rely on."
    mean = report.mean_average_precision
    rated = (
        f"Model version {report.version} is rated {report.rating.band} ({report.rating.score:.0f} of 100)"
        if report.rating.score is not None
        else f"Model version {report.version} has no rating yet"
    )
    if mean.value is None:
        return f"{rated}; its mean average precision is not known yet."
    return (
        f"{rated}; its mean average precision is {percent(mean.value, 0)} "
        f"(95 % interval {percent_range(mean.low, mean.high)}, n = {count(mean.n)} test messages)"
        f"{_corrected(report)}."
    )


def _corrected(report: ValidationReport) -> str:
    """The mean corrected for how the messages were chosen, where it rests on enough."""
    found = report.corrected
    if found is None or found.warning or found.mean_average_precision.value is None:
        return ""
    mean = found.mean_average_precision
    return (
        f", or {percent(mean.value, 0)} ({percent_range(mean.low, mean.high)}, {count(found.n_effective)} effective) "
        "corrected for how these were chosen"
    )


def next_step(facts: Facts) -> str:
    """The one thing to do next."""
    if facts.dataset.n_messages == 0:
        return "Import messages into one of the dataset's sources."
    if facts.cluster_run is None and not facts.labels:
        return "Run Discover to see what the messages are about, then turn clusters into labels."
    if facts.validation is None:
        return (
            f"Review messages (so far {count(facts.dataset.n_reviewed)}) and train; "
            "a label needs 25 examples before it can be tested."
        )
    if facts.drift is not None and facts.drift.alarm:
        return (
            "Review recent messages with Low confidence and train again, because the messages have changed."
        )
    factors = [f for f in facts.validation.rating.factors if f.action]
    if factors:
        known = [f for f in factors if f.score is not None]
        return min(known, key=lambda f: f.score or 0.0).action if known else factors[0].action
    return "Nothing presses; keep reviewing a few messages with Shuffle every week."


def lower_first(text: str) -> str:
    """``text`` to follow a colon."""
    return text[:1].lower() + text[1:]


def _moved(trend: LabelTrend) -> str:
    return f"{_quote(trend.name)} ({points(trend.share_now, trend.share_before)})"


def _quote(name: str) -> str:
    return f"“{plain(name, 64)}”"


def _list(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
