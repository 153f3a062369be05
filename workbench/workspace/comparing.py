"""Two model versions on the same test messages."""

from __future__ import annotations

import numpy as np

from workbench.domain import DatasetId, Label, LabelComparison, LabelId, ValidationReport, VersionComparison
from workbench.errors import TooFewAnnotationsError
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.tested import read_tested

LEAST_COMPARED = 10


def compare_versions(caller: Caller, dataset_id: DatasetId, first: int, second: int) -> VersionComparison:
    """Judge what both said of their common test messages by what people say now."""
    return compared(caller.workspace, dataset_id, first, second)


def compared(workspace: Workspace, dataset_id: DatasetId, first: int, second: int) -> VersionComparison:
    """As :func:`compare_versions`, in nobody's name."""
    from workbench.evaluate import compare  # noqa: PLC0415

    with workspace.store.read() as session:
        labels = session.labels.all(dataset_id, counted=False)
        orders = [session.models.label_ids(dataset_id, one) for one in (first, second)]
        reports = [session.models.validation(dataset_id, one) for one in (first, second)]
        tested = read_tested(session, dataset_id, (first, second))
    if len(tested.uids) < LEAST_COMPARED:
        raise TooFewAnnotationsError(
            f"versions {first} and {second} have {len(tested.uids)} reviewed test messages in common; "
            f"at least {LEAST_COMPARED} are needed.",
            next_step="Review more messages and train, then compare with the new version.",
            details={"first": first, "second": second, "n": len(tested.uids), "least": LEAST_COMPARED},
        )
    enough = [_with_enough(report) for report in reports]
    counts = np.array(
        [all(label.label_id in one for one in enough) for label in tested.labels],
        dtype=bool,
    )
    overall, pairs = compare(tested.truth, *tested.scores, counts=counts, groups=tested.groups)
    return VersionComparison(
        dataset_id=dataset_id,
        first=first,
        second=second,
        n=len(tested.uids),
        n_first=tested.n_tested[0],
        n_second=tested.n_tested[1],
        overall=overall,
        labels=tuple(
            LabelComparison(label_id=label.label_id, name=label.name, counts=bool(count), precision=pair)
            for label, count, pair in zip(tested.labels, counts, pairs, strict=True)
        ),
        only_first=_only(labels, orders[0], orders[1]),
        only_second=_only(labels, orders[1], orders[0]),
        seed=workspace.settings.random_seed,
    )


def _with_enough(report: ValidationReport | None) -> set[LabelId]:
    return set() if report is None else {label.label_id for label in report.labels if label.has_enough}


def _only(labels: tuple[Label, ...], has: tuple[LabelId, ...], lacks: tuple[LabelId, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in labels if one.label_id in has and one.label_id not in lacks)
