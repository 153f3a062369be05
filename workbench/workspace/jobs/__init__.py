"""Long work: a queue per lane, one warm worker process per lane, progress, cancel, resume."""

from __future__ import annotations

from workbench.workspace.jobs.lane import ask_aside
from workbench.workspace.jobs.run import JobRun
from workbench.workspace.jobs.supervisor import Body, Supervisor

__all__ = ["Body", "JobRun", "Supervisor", "ask_aside"]
