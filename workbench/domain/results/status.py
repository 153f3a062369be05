"""How a dataset stands: whose predictions are on screen, and what the model is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.ids import DatasetId, JobId

WorkState = Literal["idle", "queued", "training", "predicting", "validating", "failed"]
"""What the model of a dataset is doing."""


@dataclass(frozen=True, kw_only=True)
class DatasetStatus:
    """The model of a dataset at one moment.

    Attributes
    ----------
    state
        ``idle``: nothing runs or waits. ``failed``: the last work did not end; ``error`` says why, and ``resume_job``
        with ``job_id`` tries again.
    share
        How much of the present step is done, 0-1; None = not known.
    eta_s
        Seconds until the predictions are renewed, from the step's own pace or from how long the last work of the kind
        took; None = not known.
    predicted_by
        The version whose predictions are shown, None before the first.
    validated_by
        The version whose validation is shown, None before the first.
    n_new
        Messages reviewed since that the newest version has not learned from.
    job_id
        What runs, waits or failed; ``cancel_job`` stops it. None when idle.
    error, next_step
        Why it failed, and what to do; empty otherwise.
    """

    dataset_id: DatasetId
    state: WorkState
    share: float | None = None
    eta_s: float | None = None
    predicted_by: int | None = None
    validated_by: int | None = None
    n_new: int = 0
    job_id: JobId | None = None
    error: str = ""
    next_step: str = ""
