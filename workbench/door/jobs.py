"""A job in the hands of an analyst: wait for it, watch it, cancel it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

import msgspec

from workbench.domain import JobId, JobState, Operations
from workbench.door.show import job_line, table
from workbench.errors import JobError, error_from_wire

_BAR = 24
_REDRAW_S = 0.25
_muted: ContextVar[bool] = ContextVar("muted", default=False)


@contextmanager
def muted_progress(muted: bool = True) -> Iterator[None]:  # noqa: FBT001, FBT002  the one thing it says
    """Show no progress of jobs inside, whatever ``wait`` is asked for."""
    before = _muted.set(muted)
    try:
        yield
    finally:
        _muted.reset(before)


def progress_is_muted() -> bool:
    """Whether progress is not to be shown here."""
    return _muted.get()


class Job:
    """A piece of long work.

    Parameters
    ----------
    operations
        Where it runs.
    job_id
        Which it is.
    """

    def __init__(self, operations: Operations, job_id: JobId) -> None:
        self._operations = operations
        self.job_id = job_id

    @property
    def state(self) -> JobState:
        """How it stands now."""
        return self._operations.job(self.job_id)

    def cancel(self) -> JobState:
        """Ask it to stop; what it finished stays."""
        return self._operations.cancel_job(self.job_id)

    def resume(self) -> Job:
        """Queue it again after it was interrupted, failed or cancelled."""
        return Job(self._operations, self._operations.resume_job(self.job_id))

    def wait(self, *, progress: bool = True, stream: TextIO | None = None) -> dict[str, Any]:
        """Wait until it has finished and return its result.

        Parameters
        ----------
        progress
            Show a line per stage with a bar that moves.

        Raises
        ------
        WorkbenchError
            The job failed or was cancelled: the error it ended with, as the same class.
        KeyboardInterrupt
            Somebody stopped waiting. The job goes on; ``cancel`` stops it.
        """
        line = _ProgressLine(stream or sys.stderr) if progress and not _muted.get() else None
        try:
            state = self._watch(line)
        except KeyboardInterrupt:
            if progress:
                _ProgressLine(stream or sys.stderr).leave(self.job_id)
            raise
        if line:
            line.close(state)
        if state.status != "done":
            details = msgspec.json.decode(state.result)
            if not state.error_code:
                raise JobError(f"the job is {state.status}.", next_step="Resume it with .resume().")
            raise error_from_wire(state.error_code, state.error, state.next_step, details)
        result: dict[str, Any] = msgspec.json.decode(state.result)
        return result

    def _watch(self, line: _ProgressLine | None) -> JobState:
        after = 0
        while not (state := self.state).finished:
            if line:
                line.show(state)
            if after == 0:
                after = self._operations.wait_events(timeout_s=0).last_seq
                time.sleep(0.05)
            else:
                after = self._operations.wait_events(after, _REDRAW_S).last_seq
        return state

    def __repr__(self) -> str:
        return f"<Job {self.job_id}: {job_line(self.state)}>"

    def _repr_html_(self) -> str:
        """For notebooks: how it stands, and what can be done about it."""
        state = self.state
        note = state.next_step
        if not state.finished:
            note = "job.wait() waits for it, job.cancel() stops it; what it finished stays."
        elif state.status in ("interrupted", "cancelled"):
            note = "job.resume() goes on where it stopped."
        return table(f"Job {self.job_id}", ("how it stands",), [(job_line(state),)], note)


class _ProgressLine:
    """One text line, redrawn in place on a terminal or notebook, once per stage in a log file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty() or type(stream).__module__.startswith("ipykernel")
        self._stage = ""
        self._width = 0

    def show(self, state: JobState) -> None:
        """Draw."""
        if self._live:
            self._draw(_line(state))
        elif state.stage != self._stage:
            print(f"  {state.kind}: {state.stage}", file=self._stream, flush=True)
        self._stage = state.stage

    def close(self, state: JobState) -> None:
        """Leave a last line behind."""
        started = state.started_at or state.created_at
        spent = (state.finished_at - started).total_seconds() if state.finished_at else 0.0
        text = f"  {state.kind}: {state.status} in {spent:.1f} s"
        if self._live:
            self._draw(text)
            print(file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    def leave(self, job_id: JobId) -> None:
        """Say that the job goes on without anybody waiting."""
        if self._live:
            print(file=self._stream)
        print(
            f"  No longer waiting; job {job_id} goes on. Cancel it by its id.", file=self._stream, flush=True
        )

    def _draw(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)


def _line(state: JobState) -> str:
    if not state.total:
        return f"  {state.kind}: {state.stage or state.status} …"
    filled = round(_BAR * state.done / state.total)
    eta = f"  about {state.eta_s:.0f} s left" if state.eta_s and state.eta_s > 1 else ""
    bar = "█" * filled + "░" * (_BAR - filled)
    return f"  {state.kind}: {state.stage} {bar} {state.done:,}/{state.total:,} {state.unit}{eta}"
