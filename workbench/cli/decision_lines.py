"""Thresholds, what they lead to, and label errors, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.domain import (
    CostThreshold,
    Estimate,
    ExpectedErrors,
    KeptThreshold,
    LabelId,
    LabelSuspect,
    PromisedThreshold,
    SuspectReport,
    ThresholdChoice,
)

_RISKS = {"wrong": "of what reaches it is wrong", "missed": "of what it should find is missed"}


def kept_line(one: KeptThreshold) -> str:
    """A threshold kept with a version."""
    check = "" if one.check_from is None else f"  check from {one.check_from:.4g}"
    why = f": {one.reason}" if one.reason else ""
    return (
        f"{one.threshold:6.4g}{check}  {one.name or one.label_id}  ({one.basis}{why}; {one.kept_by}, "
        f"{one.kept_at:%Y-%m-%d %H:%M})"
    )


def choice_line(one: ThresholdChoice) -> str:
    """An automatic threshold."""
    return f"{one.threshold:6.4f}  {one.name:14}  precision {one.precision:.1%}  recall {one.recall:.1%}"


def cost_lines(found: CostThreshold) -> list[str]:
    """Thresholds of least cost, the week they lead to, and what others would cost."""
    checked = found.check_from < found.act_from
    check = f", check from {found.check_from:.4g}" if checked else ", nobody checks"
    checks = f", {_range(found.checks)} checked" if checked else ""
    return [
        f"act from {found.act_from:.4g}{check}",
        (
            f"a week: {_range(found.actions)} acted on, {_range(found.wrong)} of them wrongly{checks}, "
            f"{_range(found.missed)} missed"
        ),
        (
            f"cost: {_range(found.cost)}; by the balanced threshold {_range(found.cost_balanced)}, "
            f"acting on nothing {_range(found.cost_of_nothing)}"
        ),
        _basis(found.n_weeks, found.n_held_out),
    ]


def promise_lines(found: PromisedThreshold) -> list[str]:
    """What can be promised, or why nothing can."""
    if found.threshold is None:
        return [f"nothing can be promised: {found.reason}"]
    when = "in the long run" if found.over_next is None else f"over the next {found.over_next:,} messages"
    lines = [
        f"from {found.threshold:.4g} on at most {found.at_most:.4g} {_RISKS[found.risk]} {when}, {found.sure:.4g} sure",
        (
            f"{found.n_bad:,} of {found.n:,} held-out messages count against it; {found.n_held_out:,} were held out, "
            f"{found.n_random:,} of them by Shuffle"
        ),
    ]
    if 2 * found.n_random < found.n_held_out:
        lines.append("note: the promise is for messages like those that were chosen for review, not for all")
    return lines


def week_line(found: ExpectedErrors) -> str:
    """What a threshold leads to in a week."""
    return (
        f"a week of {found.n_messages:,.0f} messages: {_range(found.predicted)} reach {found.threshold:.4g}, "
        f"{_range(found.wrong)} of them wrongly, {_range(found.missed)} are missed; "
        f"{_basis(found.n_weeks, found.n_held_out)}"
    )


def suspect_lines(found: SuspectReport, names: Mapping[LabelId, str]) -> Iterator[str]:
    """How many there are and what looking at them has brought, then one line each."""
    yield f"{found.n_suspects:,} of {found.n_judged:,} reviewed messages are suspect"
    if found.n_looked_at:
        yield (
            f"looked at {found.n_looked_at:,}, labels changed on {found.n_changed:,} ({_share(found.found)})"
        )
    for one in found.suspects:
        yield f"{one.uid}  {one.kind}  {_doubt(one, names)}"


def _doubt(one: LabelSuspect, names: Mapping[LabelId, str]) -> str:
    parts = []
    for what, label_id, probability in (
        ("said", one.said, one.said_probability),
        ("expected", one.expected, one.expected_probability),
    ):
        if label_id is not None:
            told = "" if probability is None else f" ({probability:.2f})"
            parts.append(f"{what} {names.get(label_id, label_id)}{told}")
    return ", ".join(parts)


def _basis(n_weeks: int, n_held_out: int) -> str:
    weeks = "last week" if n_weeks == 1 else f"last {n_weeks} weeks"
    return f"volumes of the {weeks}, shares from {n_held_out:,} test messages, 95 % intervals"


def _range(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "an unknown number"
    return f"{found.value:,.1f} ({found.low:,.1f} to {found.high:,.1f})"


def _share(found: Estimate) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "no share yet"
    return f"{found.value:.0%}, {found.low:.0%} to {found.high:.0%}"
