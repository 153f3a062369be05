"""What the Agreement page shows, as the plain rows and words of its elements."""

from __future__ import annotations

from typing import Any

from workbench.charts.agreement import GOOD_ALPHA, USABLE_ALPHA
from workbench.domain import AgreementReport, Disagreement, Message
from workbench.widgets.panels.figures import Row
from workbench.widgets.panels.rows import card_row
from workbench.widgets.state import short

MOST_SHOWN = 100
"""Messages on which people differ that are listed."""
LABEL_COLUMNS = [
    {"key": "label", "title": "Label", "width": 260},
    {"key": "alpha", "title": "Alpha", "kind": "number", "digits": 2, "width": 84},
    {"key": "alpha_interval", "title": "95 % interval", "width": 130},
    {"key": "ac1", "title": "AC1", "kind": "number", "digits": 2, "width": 84},
    {"key": "ac1_interval", "title": "95 % interval", "width": 130},
    {"key": "observed", "title": "Same answer", "kind": "percent", "digits": 0, "width": 136},
    {"key": "n_yes", "title": "Times given", "kind": "number", "width": 130},
    {"key": "advice", "title": "What to do"},
]
PEOPLE_COLUMNS = [
    {"key": "person", "title": "Person", "width": 220},
    {"key": "answers", "title": "Answers", "width": 110},
    {"key": "repeats", "title": "Repeats judged the same", "width": 220},
    {
        "key": "seconds_per_message",
        "title": "Seconds per message",
        "kind": "number",
        "digits": 0,
        "width": 200,
    },
    {"key": "n_judgements", "title": "Reviews in all", "kind": "number", "width": 150},
]
DISAGREEMENT_COLUMNS = [
    {"key": "message", "title": "Message"},
    {"key": "votes", "title": "How many say what"},
    {"key": "state", "title": "State", "width": 110},
]


def message_line(message: Message) -> str:
    """A message on one line."""
    return short(f"{message.subject}: {message.body}" if message.subject else message.body, 160)


def blind_row(message: Message, task_id: str) -> dict[str, Any]:
    """A message for ``AnnotationCard`` that shows nothing of what anybody, or the model, says of it."""
    row = card_row(message, ())
    nothing: dict[str, Any] = {
        "uid": task_id,
        "revision": 0,
        "predictions": [],
        "assigned": [],
        "dismissed": [],
        "reviewed": False,
    }
    return row | nothing


def verdict(report: AgreementReport) -> str:
    """Agreement over all labels, in a sentence of HTML."""
    alpha = report.overall.alpha
    if not report.overall.n_messages:
        return "No message was judged by two people yet."
    if alpha.value is None:
        return "All answers are the same so far."
    words = "good" if alpha.value >= GOOD_ALPHA else "usable" if alpha.value >= USABLE_ALPHA else "low"
    interval = (
        ""
        if alpha.low is None or alpha.high is None
        else f" (95 % interval {alpha.low:.2f} to {alpha.high:.2f})"
    )
    open_ = sum(not one.resolved for one in report.disagreements)
    return (
        f"Agreement is <b>{words}</b>: alpha <b>{alpha.value:.2f}</b>{interval} over {report.overall.n_messages:,} "
        f"messages; people differ on {open_:,} of them that nobody has settled."
    )


def label_words(row: Row) -> dict[str, str]:
    """What the table says beside the figures of a label: its intervals, and what to do about it."""
    return {
        "alpha_interval": _interval(row["alpha_low"], row["alpha_high"]),
        "ac1_interval": _interval(row["ac1_low"], row["ac1_high"]),
        "advice": "" if row["is_all"] else _advice(row),
    }


def _advice(row: Row) -> str:
    if row["alpha"] is None:
        return "Nobody gave it." if not row["n_yes"] else ""
    if row["alpha"] >= GOOD_ALPHA:
        return ""
    if row["ac1"] is not None and row["ac1"] >= GOOD_ALPHA:
        return "Rare here: ask about more messages that may carry it."
    return "Talk it over and describe it more sharply; then check its reviewed messages."


def person_words(row: Row) -> dict[str, str]:
    """What the table says of a person in words made of figures."""
    return {
        "answers": f"{row['n']:,} of {row['n_asked']:,}",
        "repeats": f"{row['n_equal']} of {row['n_repeats']}" if row["n_repeats"] else "none yet",
    }


def votes_words(one: Disagreement, names: dict[Any, str]) -> str:
    """How many of those asked give each label on which they differ."""
    return "; ".join(
        f"{names.get(label_id, '?')}: {votes} of {one.n_people}" for label_id, votes in one.votes
    )


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
