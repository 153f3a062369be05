"""What the guide says of a step: what it is, and why it is next."""

from __future__ import annotations

_TITLES = {
    "check": "Check label {label}",
    "cluster": "Review clusters",
    "label": "Confirm label {label}",
    "low_confidence": "Review with Low confidence",
    "missed": "Look for missed {label}",
    "rebalance": "Review with Rebalance",
    "recent": "Review the newest messages",
    "search": "Search for {label}",
    "shuffle": "Review with Shuffle",
    "teach": "Teach label {label}",
}
"""By review mode."""
_TITLES_OF_RULES = {
    "define": "Name the first labels",
    "discover": "Map the messages",
    "import": "Bring messages in",
    "ready": "Pin this version",
    "train": "Train the first model",
}
"""Of steps that a mode does not name."""
_REASONS = {
    "balance": "What was reviewed does not resemble all messages. Messages from where few were reviewed mend that, "
    "so that the figures hold for all of them.",
    "check": "Some messages carry this label although the model doubts it. A look at each shows which of the two errs.",
    "cluster": "Messages of one cluster are about one thing: five clusters show five themes, and a first label for each.",
    "coverage": "Many messages get no label that says something. Those the labels cover least show what is missing.",
    "define": "There is no label yet. Read a few messages and type a label for what each is about; a taxonomy can be "
    "imported too.",
    "discover": "A map of the messages and their clusters shows what people write about, and makes the first labels quick.",
    "few_examples": "This label has fewer than 25 examples. The model asks about the messages it is least sure of.",
    "import": "The dataset has no messages. Import a file or a mailbox first.",
    "missed": "Some reviewed messages lack this label although the model expects it. A look at each shows which of the "
    "two errs.",
    "ready": "The rating and every factor are good and no label gives a warning. Pin the version, so that it predicts the "
    "same for ever.",
    "shuffle": "Messages drawn at random keep the training data like all messages, and the figures honest.",
    "teach": "This label is not yet good. The model asks about the messages it is least sure of.",
    "watch": "All is good, and the version is pinned. A few messages drawn at random now and then show that it stays so.",
    "train": "Enough is reviewed for a first model. With it come predictions, a validation, and modes that ask the model.",
}
_OF_A_BATCH = "Reviewing these messages gives the model new examples."


def step_title(rule: str, mode: str, label: str) -> str:
    """What a step is, in a few words; ``label`` is the name of the label it is about, empty without one."""
    if rule in _TITLES_OF_RULES:
        return _TITLES_OF_RULES[rule]
    return _TITLES.get(mode, mode.replace("_", " ").capitalize()).format(label=label or "a label")


def step_reason(rule: str) -> str:
    """Why it is next, and what it does."""
    return _REASONS.get(rule, _OF_A_BATCH)


def mode_title(mode: str, label: str) -> str:
    """The name of a batch in a mode."""
    return step_title("", mode, label)


def minutes_words(low: float, high: float) -> str:
    """``3 to 6 minutes``, ``about 3 minutes``, ``about 1 minute``."""
    least, most = max(1, round(low)), max(1, round(high))
    return f"{least} to {most} minutes" if least < most else f"about {counted(least, 'minute')}"


def counted(n: int, what: str) -> str:
    """``1 message``, ``1,200 messages``."""
    return f"{n:,} {what}{'s' * (n != 1)}"
