"""The Python door: what an analyst types in a notebook."""

from __future__ import annotations

from workbench.door.admitting import ask_twice
from workbench.door.dataset import Dataset
from workbench.door.integrating import Integration, folder_row, mailbox_row, state_of, with_people
from workbench.door.jobs import Job, muted_progress, progress_is_muted
from workbench.door.names import workspace_file
from workbench.door.packing import PackageReport, export_package, import_package
from workbench.door.workspace import Workspace, connect, open  # noqa: A004

__all__ = [
    "Dataset",
    "Integration",
    "Job",
    "PackageReport",
    "Workspace",
    "ask_twice",
    "connect",
    "export_package",
    "folder_row",
    "import_package",
    "mailbox_row",
    "muted_progress",
    "open",
    "progress_is_muted",
    "state_of",
    "with_people",
    "workspace_file",
]
