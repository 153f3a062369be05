"""What to review next: the first rule that fires, and the alternatives by expected gain."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.review.gain import forecast
from workbench.review.standing import Gain, LabelStanding, PastBatch, Proposal, Standing

BATCH = 20
"""Messages of a batch."""
CLUSTER_BATCH = 60
"""Messages of a batch of clusters: five clusters, twelve messages each."""
ENOUGH_PINS = 25
"""Examples a label needs before its quality is estimated."""
SHUFFLE_SHARE = 0.20
"""Least share of the reviewed messages that is to come from Shuffle."""
GOOD = 70.0
"""Score from which a factor is good."""
STRAGGLERS = 0.25
"""Share of the labels up to which labels with few examples are taught one by one."""
_ALTERNATIVE_LABELS = 5
_WEAK = frozenset({"poor", "fair"})
_USUAL_SECONDS = (5.0, 20.0)
"""What a judgement usually takes, from short commands to long mail, as long as nobody measured it here."""
_PACE = (0.75, 1.5)
"""A batch takes between these multiples of the measured median."""

__all__ = [
    "Gain",
    "LabelStanding",
    "PastBatch",
    "Proposal",
    "Standing",
    "propose",
]


def propose(standing: Standing) -> tuple[Proposal, ...]:
    """The recommended next batch first, then the other possible ones by expected gain.

    Rules, the first that fires (``docs/explanation/what-to-review-next.md`` says what each rests on):

    1. ``define``: there is no message or no label;
    2. ``cluster``: less than half of the first clusters have a reviewed message;
    3. ``shuffle``: less than a fifth of the reviewed messages come from Shuffle, or there is no model;
    4. ``coverage``: coverage is not good or not known, or more than a quarter of the labels have few examples;
    5. ``few_examples``: a label has under 25 examples;
    6. ``balance``: the reviewed messages do not resemble all;
    7. ``check``, ``missed``, ``teach``: a label with enough examples is weak;
    8. ``ready``.

    Within a rule comes the label with the highest ``weight * (100 - health)``, the earlier among equals. A rule
    whose batch cannot be made (all is reviewed, no cluster, no prediction) does not fire. The answer depends on
    ``standing`` alone and is never empty.
    """
    if not standing.labels or standing.n_messages <= 0:
        first = _none("define")
    else:
        first = next((found for rule in _RULES if (found := rule(standing)) is not None), _none("ready"))
    others = [
        found for found in _possible(standing) if (found.mode, found.label_id) != (first.mode, first.label_id)
    ]
    # Unknown gains last; sorting keeps the order of equals.
    others.sort(key=lambda found: -1.0 if found.gain is None else found.gain.value, reverse=True)
    return (first, *others)


def _cluster(standing: Standing) -> Proposal | None:
    fresh = 2 * standing.n_first_clusters_reviewed < standing.n_first_clusters
    return _batch(standing, "cluster", rule="cluster") if fresh else None


def _shuffle(standing: Standing) -> Proposal | None:
    lacking = standing.mode_shares.get("shuffle", 0.0) < SHUFFLE_SHARE
    return _batch(standing, "shuffle", rule="shuffle") if lacking or not standing.has_model else None


def _coverage(standing: Standing) -> Proposal | None:
    score = standing.factors.get("coverage")
    n_few = sum(label.n_pins < ENOUGH_PINS for label in standing.labels)
    weak = score is None or score < GOOD or n_few > STRAGGLERS * len(standing.labels)
    return _batch(standing, "low_confidence", rule="coverage") if weak else None


def _few_examples(standing: Standing) -> Proposal | None:
    for label in _pressing(standing, lambda label: 0 < label.n_pins < ENOUGH_PINS):
        return _batch(standing, "teach", label, rule="few_examples")
    return None


def _balance(standing: Standing) -> Proposal | None:
    score = standing.factors.get("balance")
    if score is None or score >= GOOD:
        return None
    return _batch(standing, "rebalance", rule="balance") or _batch(standing, "shuffle", rule="balance")


def _weak_label(standing: Standing) -> Proposal | None:
    for label in _pressing(standing, lambda label: label.n_pins >= ENOUGH_PINS and label.state in _WEAK):
        modes = (
            ("check", "missed", "teach") if label.n_check >= label.n_missed else ("missed", "check", "teach")
        )
        for mode in modes:
            found = _batch(standing, mode, label, rule=mode)
            if found is not None:
                return found
    return None


_RULES: tuple[Callable[[Standing], Proposal | None], ...] = (
    _cluster,
    _shuffle,
    _coverage,
    _few_examples,
    _balance,
    _weak_label,
)


def _possible(standing: Standing) -> Iterator[Proposal]:
    """One batch of each kind that can be made now."""
    general = {
        "shuffle": "shuffle",
        "low_confidence": "coverage",
        "cluster": "cluster",
        "rebalance": "balance",
    }
    for mode, rule in general.items():
        found = _batch(standing, mode, rule=rule)
        if found is not None:
            yield found
    teachable = _pressing(standing, lambda label: label.n_pins > 0)
    for label in teachable[:_ALTERNATIVE_LABELS]:
        rule = "few_examples" if label.n_pins < ENOUGH_PINS else "teach"
        found = _batch(standing, "teach", label, rule=rule)
        if found is not None:
            yield found
    for mode in ("check", "missed"):
        for label in teachable:
            found = _batch(standing, mode, label, rule=mode)
            if found is not None:
                yield found
                break


def _pressing(standing: Standing, asked: Callable[[LabelStanding], bool]) -> list[LabelStanding]:
    """Labels that are asked for, the one that would raise the rating most first."""
    found = [label for label in standing.labels if asked(label)]
    return sorted(found, key=lambda label: -label.weight * (100.0 - label.health))


def _batch(
    standing: Standing, mode: str, label: LabelStanding | None = None, *, rule: str
) -> Proposal | None:
    """The batch of one mode; None where it cannot be made."""
    n_open = max(standing.n_messages - standing.n_reviewed, 0)
    if mode in ("cluster", "rebalance") and not standing.has_clusters:
        return None
    if mode in ("low_confidence", "teach", "check", "missed") and not standing.has_model:
        return None
    n = min(CLUSTER_BATCH if mode == "cluster" else BATCH, n_open)
    if mode in ("check", "missed"):
        n = 0 if label is None else min(BATCH, label.n_check if mode == "check" else label.n_missed)
    if n < 1:
        return None
    label_id = None if label is None else label.label_id
    low, high = _USUAL_SECONDS
    if standing.seconds_per_message is not None:
        low, high = (standing.seconds_per_message * pace for pace in _PACE)
    return Proposal(
        mode=mode,
        label_id=label_id,
        n=n,
        gain=forecast(standing, mode, label_id, n),
        minutes=(n * low / 60, n * high / 60),
        rule=rule,
    )


def _none(rule: str) -> Proposal:
    """Nothing to review: something else comes first, or all is well."""
    return Proposal(mode=rule, label_id=None, n=0, gain=None, minutes=(0.0, 0.0), rule=rule)
