"""Use cases: the only room that knows both the store and the pure rooms.

Names load on first use: worker processes import modules of this room and need no store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.workspace.opening import OpenedWorkspace, open_workspace
    from workbench.workspace.upkeep import check_file, is_source, make_key, restore_copy, rotate_key

__all__ = [
    "OpenedWorkspace",
    "check_file",
    "is_source",
    "make_key",
    "open_workspace",
    "restore_copy",
    "rotate_key",
]

_HOMES = {
    "OpenedWorkspace": "workbench.workspace.opening",
    "check_file": "workbench.workspace.upkeep",
    "is_source": "workbench.workspace.upkeep",
    "make_key": "workbench.workspace.upkeep",
    "open_workspace": "workbench.workspace.opening",
    "restore_copy": "workbench.workspace.upkeep",
    "rotate_key": "workbench.workspace.upkeep",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
