"""One running job, as its body sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from workbench.domain import JobState
from workbench.errors import JobCancelledError
from workbench.workspace.jobs.lane import Lane

_TELL_EVERY_S = 0.25


class JobRun:
    """Progress, cancel and worker calls of one job.

    Parameters
    ----------
    state
        As queued.
    tell
        Called with the new state at most four times a second, and on each stage.
    """

    def __init__(self, state: JobState, *, lane: Lane, tell: Callable[[JobState], None]) -> None:
        self._state = state
        self._lane = lane
        self._tell = tell
        self._cancel = threading.Event()
        self._stage_started = time.monotonic()
        self._told_at = 0.0

    @property
    def state(self) -> JobState:
        """The state now, progress included."""
        return self._state

    def change(self, **fields: Any) -> JobState:
        """Replace fields of the state and tell."""
        self._state = replace(self._state, **fields)
        self._told_at = time.monotonic()
        self._tell(self._state)
        return self._state

    def stage(self, name: str, total: int = 0, unit: str = "") -> None:
        """Begin a stage of ``total`` units (0 = unknown); raises when cancelled."""
        self.stop_if_cancelled()
        self._stage_started = time.monotonic()
        self.change(stage=name, done=0, total=total, unit=unit, eta_s=None)

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the stage is."""
        total = self._state.total if total is None else total
        spent = time.monotonic() - self._stage_started
        eta = spent * (total - done) / done if 0 < done <= total and spent > 1 else None
        self._state = replace(self._state, done=done, total=total, eta_s=eta)
        if time.monotonic() - self._told_at >= _TELL_EVERY_S:
            self.change()

    def cancel(self) -> None:
        """Ask the job to stop, and say at once that it was heard."""
        self._cancel.set()
        if self._state.status == "running":
            self.change(stage="stopping", done=0, total=0, eta_s=None)

    def cancelled(self) -> bool:
        """Whether somebody asked."""
        return self._cancel.is_set()

    def stop_if_cancelled(self) -> None:
        """Raise ``JobCancelledError`` when somebody asked."""
        if self.cancelled():
            raise JobCancelledError("the job was cancelled.")

    def work(
        self,
        function: str,
        payload: dict[str, Any],
    ) -> Any:
        """Run ``module:function`` of the work room in this lane's worker process."""
        return self._lane.call(
            function,
            payload,
            cancelled=self.cancelled,
            on_progress=self.progress,
            on_stage=self.stage,
        )

    def work_items(
        self, function: str, payload: dict[str, Any], *, cancelled: Callable[[], bool] | None = None
    ) -> Generator[tuple[str, Any], None, None]:
        """Like ``work``, yielding ``("item", value)`` for each item handed over, then ``("result", value)``.

        ``cancelled`` is asked in the place of the job's own switch.
        """
        return self._lane.stream(
            function,
            payload,
            cancelled=cancelled or self.cancelled,
            on_progress=self.progress,
            on_stage=self.stage,
        )
