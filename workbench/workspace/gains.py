"""What batches of reviews are promised to bring, and what they brought."""

from __future__ import annotations

from workbench.domain import DatasetId, LabelId, MeasuredGain, ReviewMode, ValidationReport
from workbench.domain.guide import ExpectedGain
from workbench.errors import TooFewAnnotationsError, UnknownNameError
from workbench.review import Standing, forecast
from workbench.workspace.comparing import compared
from workbench.workspace.context import Workspace


def promised(standing: Standing, mode: ReviewMode, label_id: LabelId | None, n: int) -> ExpectedGain | None:
    """What a batch of ``n`` messages is expected to bring; None = there is no forecast for its mode."""
    gain = forecast(standing, mode, label_id, n)
    return None if gain is None else ExpectedGain(value=gain.value, low=gain.low, high=gain.high)


def measure_gained(workspace: Workspace, report: ValidationReport) -> None:
    """Keep what changed since before the batches that the version of the report is the first to have learned from.

    Of a batch whose version before is gone, or shares too few test messages with this one, nothing is kept.
    """
    dataset_id = report.dataset_id
    with workspace.store.read() as session:
        due = {
            batch.batch_id: batch.before.version
            for batch in session.review_batches.newest(dataset_id)
            if batch.before and batch.after and batch.after.version == report.version
        }
    found = {
        version: _gained(workspace, dataset_id, version, report.version) for version in set(due.values())
    }
    with workspace.store.write() as session:
        for batch_id, version in due.items():
            gained = found[version]
            if gained is not None:
                session.review_batches.put_gained(dataset_id, batch_id, gained)


def _gained(workspace: Workspace, dataset_id: DatasetId, before: int, after: int) -> MeasuredGain | None:
    try:
        both = compared(workspace, dataset_id, before, after)
    except (TooFewAnnotationsError, UnknownNameError):
        return None
    change = both.overall
    if change.difference is None or change.difference_low is None or change.difference_high is None:
        return None
    return MeasuredGain(
        value=change.difference, low=change.difference_low, high=change.difference_high, n=both.n
    )
