"""What the Agreement page shows, as the plain rows and words of its elements."""

from __future__ import annotations

from typing import Any

from workbench.charts.agreement import GOOD_ALPHA, USABLE_ALPHA
from workbench.domain import AgreementReport, Disagreement, LabelAgreement, Message, PersonPace
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
    {"key": "seconds", "title": "Seconds per message", "kind": "number", "digits": 0, "width": 200},
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


def label_row(one: LabelAgreement) -> dict[str, Any]:
    """A label for the table, with what to do about it."""
    return {
        "label": one.name,
        "alpha": one.alpha.value,
        "alpha_interval": _interval(one.alpha.low, one.alpha.high),
        "ac1": one.ac1.value,
        "ac1_interval": _interval(one.ac1.low, one.ac1.high),
        "observed": one.observed,
        "n_yes": one.n_yes,
        "advice": _advice(one) if one.label_id else "",
    }


def _advice(one: LabelAgreement) -> str:
    if one.alpha.value is None:
        return "Nobody gave it." if not one.n_yes else ""
    if one.alpha.value >= GOOD_ALPHA:
        return ""
    if one.ac1.value is not None and one.ac1.value >= GOOD_ALPHA:
        return "Rare here: ask about more messages that may carry it."
    return "Talk it over and describe it more sharply; then check its reviewed messages."


def person_row(one: PersonPace) -> dict[str, Any]:
    """A person for the table."""
    return {
        "person": one.person,
        "answers": f"{one.n_given:,} of {one.n_asked:,}",
        "repeats": f"{one.n_equal} of {one.n_repeats}" if one.n_repeats else "none yet",
        "seconds": one.seconds_per_message,
        "n_judgements": one.n_judgements,
    }


def votes_words(one: Disagreement, names: dict[Any, str]) -> str:
    """How many of those asked give each label on which they differ."""
    return "; ".join(
        f"{names.get(label_id, '?')}: {votes} of {one.n_people}" for label_id, votes in one.votes
    )


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
