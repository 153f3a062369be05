"""What a threshold makes of one label, in words."""

from __future__ import annotations

from workbench.charts import Figure
from workbench.domain import SentimentAccuracy
from workbench.widgets.panels.figures import Row, rows_of


def threshold_html(at: Figure) -> str:
    """Precision and recall at a threshold with their intervals, in words."""
    (row,) = rows_of(at)
    if row["precision"] is None:
        return '<p class="wb-status">At this threshold nothing is predicted.</p>'
    return (
        f'<p class="wb-status">At <b>{100 * row["threshold"]:.3g}%</b>: precision <b>{row["precision"]:.0%}</b> '
        f"(95 % interval {row['precision_low']:.0%} to {row['precision_high']:.0%}), "
        f"recall <b>{row['recall']:.0%}</b> "
        f"({row['recall_low']:.0%} to {row['recall_high']:.0%}), "
        f"from {_counted(row)}.</p>"
    )


def _counted(row: Row) -> str:
    """The messages that precision and recall are shares of, and what those with the label are worth."""
    effective = "" if row["n_effective"] is None else f" ({row['n_effective']:.0f} effective)"
    predicted = "" if row["n_predicted"] is None else f"{row['n_predicted']} predicted and "
    return f"{predicted}{row['n_positive']} test messages with this label{effective}"


def waiting_html(waiting: Figure) -> str:
    """What to expect among the messages nobody has read; empty where nothing is predicted at the threshold."""
    (row,) = rows_of(waiting)
    if row["right"] is None:
        return ""
    missed = "" if row["missed"] is None else f", and about <b>{row['missed']:,.0f}</b> more are missed"
    return (
        f'<p class="wb-status">Of the messages nobody has read <b>{row["n"]:,}</b> are predicted: about '
        f"<b>{row['right']:,.0f}</b> rightly ({row['right_low']:,.0f} to {row['right_high']:,.0f}){missed}.</p>"
    )


def sentiment_html(found: SentimentAccuracy | None) -> str:
    """How often the sentiment of a label is right; empty where the dataset has no label sentiment."""
    if found is None:
        return ""
    if found.value is None or found.low is None or found.high is None or found.majority is None:
        return '<p class="wb-status">Its sentiment cannot be judged: no test message has one.</p>'
    return (
        f'<p class="wb-status">Its sentiment is right on <b>{found.value:.0%}</b> '
        f"(95 % interval {found.low:.0%} to {found.high:.0%}) of {found.n} test messages with this label; always "
        f"saying the more frequent one would be right on {found.majority:.0%}.</p>"
    )
