"""From what the policy proposes to steps for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from workbench.domain import LabelId, NextStep, ReviewMode
from workbench.domain.guide import ExpectedGain, StepKind
from workbench.domain.guide_words import step_reason, step_title
from workbench.review import Proposal, Standing, propose

_FIRST_MODEL = 20
"""Reviewed messages from which a first model is worth a training."""
_BATCH, _CLUSTER_BATCH = 20, 60
_MODES: frozenset[str] = frozenset(get_args(ReviewMode)) - {"import", "search"}
_OF_LABEL = frozenset({"teach", "label", "check", "missed"})
_USUAL_MINUTES = (5 / 60, 20 / 60)
"""Per message, where nobody's pace is known."""


def steps(standing: Standing, *, names: Mapping[str, str], is_pinned: bool = False) -> list[NextStep]:
    """What to do, best first; never empty.

    What the policy proposes among, and ahead of it what that needs: messages, a map for who has reviewed nothing yet,
    a first training. ``names`` are the labels of the taxonomy by id; ``is_pinned`` says it of the newest validated
    version.
    """
    if not standing.n_messages:
        return [_step("import", "import")]
    found = [made for one in propose(standing) if (made := _from_proposal(one, standing, names)) is not None]
    if is_pinned:
        found = [one for one in found if one.kind != "pin"]
    if names and not standing.has_model and standing.n_reviewed >= _FIRST_MODEL:
        found.insert(0, _step("train", "train"))
    if not standing.has_clusters:  # who reviews already may map later
        found.insert(len(found) if standing.n_reviewed else 0, _step("discover", "discover"))
    if not any(one.kind == "batch" for one in found):
        found.append(batch_step("watch" if is_pinned else "shuffle", "shuffle", standing))
    return found


def batch_step(rule: str, mode: ReviewMode, standing: Standing) -> NextStep:
    """A batch in a mode that is about no label, as large as usual."""
    n = _CLUSTER_BATCH if mode == "cluster" else _BATCH
    pace = standing.seconds_per_message
    low, high = _USUAL_MINUTES if pace is None else (0.75 * pace / 60, 1.5 * pace / 60)
    return NextStep(
        kind="batch",
        rule=rule,
        mode=mode,
        n=n,
        minutes_low=n * low,
        minutes_high=n * high,
        title=step_title(rule, mode, ""),
        reason=step_reason(rule),
    )


def _step(kind: StepKind, rule: str) -> NextStep:
    return NextStep(kind=kind, rule=rule, title=step_title(rule, "", ""), reason=step_reason(rule))


def _from_proposal(one: Proposal, standing: Standing, names: Mapping[str, str]) -> NextStep | None:
    if one.rule == "ready":
        return _step("pin", "ready")
    if one.rule == "define":
        return batch_step("define", "cluster" if standing.has_clusters else "shuffle", standing)
    label = names.get(one.label_id or "", "")
    label_id = LabelId(one.label_id) if one.label_id and label else None
    mode = _mode(one.mode)
    if mode is None or (mode in _OF_LABEL and label_id is None):
        return None
    gain = one.gain
    return NextStep(
        kind="batch",
        rule=one.rule,
        mode=mode,
        label_id=label_id,
        label=label,
        n=one.n,
        gain=None if gain is None else ExpectedGain(value=gain.value, low=gain.low, high=gain.high),
        minutes_low=one.minutes[0],
        minutes_high=one.minutes[1],
        title=step_title(one.rule, mode, label),
        reason=step_reason(one.rule),
    )


def _mode(word: str) -> ReviewMode | None:
    known: Iterable[ReviewMode] = get_args(ReviewMode)
    return next((mode for mode in known if mode == word and mode in _MODES), None)
