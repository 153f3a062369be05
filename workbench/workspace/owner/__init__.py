"""The owner process: the one that holds the workspace file and answers everybody else."""

from __future__ import annotations

from workbench.workspace.owner.server import OwnerServer

__all__ = ["OwnerServer"]
