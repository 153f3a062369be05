"""The workspace that a command works on."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


def opened(file: Path, *, must_exist: bool = False) -> wb.Workspace:
    """Open a workspace file, so that the ledger and the audit log say it was by command.

    Raises
    ------
    InputError
        It cannot be a workspace file, or is not there although it must be.
    """
    from workbench.door import workspace_file  # noqa: PLC0415 - keeps the start of other commands light

    return wb.open(workspace_file(file, must_exist=must_exist), channel="cli")
