"""The test messages behind a validation: what a threshold makes of them, one by one and by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from workbench.domain import (
    BREAKDOWNS,
    BreakdownGroup,
    DatasetId,
    JudgedMessage,
    LabelId,
    LabelOutcomes,
    MessageFilter,
    MixedUp,
    Outcome,
    OutcomePage,
    PropertyFilter,
    Uid,
    ValidationBreakdown,
)
from workbench.errors import InputError, NotTrainedError, TooFewAnnotationsError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.reading import MAX_PAGE
from workbench.workspace.sensitive import check_conditions, hidden_from, without_hidden
from workbench.workspace.tested import Tested, read_tested

MOST_GROUPS = 50
_UNKNOWN = 0.5
"""Threshold of a label whose best F1 is not known."""


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """The test part of one version, and the threshold of each label's best F1."""

    version: int
    tested: Tested
    thresholds: np.ndarray

    def column(self, label_id: LabelId) -> int:
        for column, label in enumerate(self.tested.labels):
            if label.label_id == label_id:
                return column
        raise UnknownNameError(
            "label of this version", str(label_id)[:100], [label.name for label in self.tested.labels]
        )

    def at(self, column: int | None, threshold: float | None) -> np.ndarray:
        """Thresholds of all labels, that of ``column`` in the place of its own where one is given."""
        found = self.thresholds.copy()
        if column is not None and threshold is not None:
            found[column] = threshold
        return found


def label_outcomes(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    threshold: float | None = None,
    version: int | None = None,
) -> LabelOutcomes:
    """Counts and confusions at a threshold."""
    from workbench.evaluate import confusions, count_outcomes, passing, share_of  # noqa: PLC0415

    _check_threshold(threshold)
    with caller.store.read() as session:
        judged = _judged(session, dataset_id, version)
    tested, column = judged.tested, judged.column(label_id)
    thresholds = judged.at(column, threshold)
    predicted = passing(tested.scores[0], thresholds)
    counts = count_outcomes(tested.truth[:, column], predicted[:, column])
    return LabelOutcomes(
        dataset_id=dataset_id,
        version=judged.version,
        label_id=label_id,
        name=tested.labels[column].name,
        threshold=float(thresholds[column]),
        counts=counts,
        precision=share_of(counts.true_positive, counts.true_positive + counts.false_positive),
        recall=share_of(counts.true_positive, counts.true_positive + counts.false_negative),
        mixed_up=tuple(
            MixedUp(
                label_id=tested.labels[one.column].label_id,
                name=tested.labels[one.column].name,
                taken_for=one.taken_for,
                taken_from=one.taken_from,
            )
            for one in confusions(tested.truth, predicted, column)
        ),
    )


def outcome_messages(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    outcome: Outcome,
    threshold: float | None = None,
    version: int | None = None,
    offset: int = 0,
    limit: int = 20,
) -> OutcomePage:
    """The messages of one cell."""
    from workbench.evaluate import outcome_rows, passing  # noqa: PLC0415

    _check_threshold(threshold)
    if outcome not in get_args(Outcome):
        raise UnknownNameError("outcome", str(outcome)[:100], get_args(Outcome))
    if not (1 <= limit <= MAX_PAGE and offset >= 0):
        raise InputError(
            f"a page of {limit} from {offset} cannot be had.",
            next_step=f"Use offset >= 0 and limit 1-{MAX_PAGE}.",
        )
    with caller.store.read() as session:
        judged = _judged(session, dataset_id, version)
        tested, column = judged.tested, judged.column(label_id)
        scores = tested.scores[0][:, column]
        rows = outcome_rows(
            tested.truth[:, column], passing(scores, judged.at(column, threshold)[column]), outcome
        )
        rising = outcome == "false_negative"
        ranked = rows[np.argsort(scores[rows] if rising else -scores[rows], kind="stable")]
        shown = ranked[offset : offset + limit]
        uids = tuple(Uid(tested.uids[row]) for row in shown)
        found = {one.uid: one for one in session.messages.get(dataset_id, uids)}
        kept = without_hidden([found[uid] for uid in uids if uid in found], hidden_from(caller, session))
    said = dict(zip(uids, scores[shown].tolist(), strict=True))
    return OutcomePage(
        messages=tuple(JudgedMessage(message=one, probability=said[one.uid]) for one in kept),
        n_total=len(rows),
    )


def validation_breakdown(
    caller: Caller,
    dataset_id: DatasetId,
    by: str,
    label_id: LabelId | None = None,
    threshold: float | None = None,
    version: int | None = None,
) -> ValidationBreakdown:
    """Precision and recall by group."""
    from workbench.evaluate import passing  # noqa: PLC0415

    _check_threshold(threshold)
    kind, _, name = by.partition(":")
    if by not in BREAKDOWNS and not (kind in ("string", "number") and name):
        raise UnknownNameError("breakdown", by[:200], [*BREAKDOWNS, "string:<property>", "number:<property>"])
    with caller.store.read() as session:
        if by not in BREAKDOWNS:
            asked = MessageFilter(properties=(PropertyFilter(name=by),))
            check_conditions(caller, session, dataset_id, asked)
        judged = _judged(session, dataset_id, version)
        value_of = session.values.of_messages(judged.tested.uids, by)
    tested = judged.tested
    column = None if label_id is None else judged.column(label_id)
    predicted = passing(tested.scores[0], judged.at(column, threshold))
    columns = slice(None) if column is None else slice(column, column + 1)
    truth, predicted = tested.truth[:, columns], predicted[:, columns]
    values = np.array([value_of.get(uid, "") for uid in tested.uids], dtype=object)
    groups = [_group(value, truth, predicted, values == value) for value in sorted(set(values))]
    if by != "month":
        groups.sort(key=lambda one: -one.n_messages)
    return ValidationBreakdown(
        dataset_id=dataset_id,
        version=judged.version,
        by=by,
        label_id=label_id,
        groups=tuple(groups[-MOST_GROUPS:] if by == "month" else groups[:MOST_GROUPS]),
        n_groups=len(groups),
        whole=_group("", truth, predicted, np.ones(len(values), dtype=bool)),
    )


def _group(value: str, truth: np.ndarray, predicted: np.ndarray, rows: np.ndarray) -> BreakdownGroup:
    from workbench.evaluate import count_outcomes, share_of  # noqa: PLC0415

    counts = count_outcomes(truth[rows], predicted[rows])
    return BreakdownGroup(
        value=value,
        n_messages=int(rows.sum()),
        counts=counts,
        precision=share_of(counts.true_positive, counts.true_positive + counts.false_positive),
        recall=share_of(counts.true_positive, counts.true_positive + counts.false_negative),
    )


def _judged(session: Session, dataset_id: DatasetId, version: int | None) -> _Judged:
    if version is not None:
        session.models.label_ids(dataset_id, version)  # refuses one that does not exist
    report = session.models.validation(dataset_id, version)
    if report is None:
        raise NotTrainedError(
            "no version of this dataset was validated."
            if version is None
            else f"version {version} was not validated.",
            next_step="Review messages and train; the validation follows the training.",
            details={"version": version},
        )
    tested = read_tested(session, dataset_id, (report.version,))
    if not tested.uids or not tested.labels:
        raise TooFewAnnotationsError(
            f"version {report.version} has no test message that is still reviewed.",
            next_step="Review more messages and train: every fifth thread is kept for the test.",
            details={"version": report.version},
        )
    balanced = {
        one.label_id: next((c.threshold for c in one.choices if c.name == "balanced"), _UNKNOWN)
        for one in report.labels
    }
    return _Judged(
        version=report.version,
        tested=tested,
        thresholds=np.array([balanced.get(label.label_id, _UNKNOWN) for label in tested.labels]),
    )


def _check_threshold(threshold: float | None) -> None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(
            f"{threshold:g} is no threshold.",
            next_step="Use a confidence from 0 to 1, such as 0.7.",
            details={"threshold": threshold},
        )
