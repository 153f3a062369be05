"""Use cases: the only room that knows both the store and the pure rooms.

Names load on first use: worker processes import modules of this room and need no store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.workspace.converting import Conversion, convert_file
    from workbench.workspace.opening import OpenedWorkspace, open_workspace
    from workbench.workspace.tenancy import Tenant, find_tenant, new_tenant, tenants
    from workbench.workspace.upkeep import (
        VerifiedFile,
        check_file,
        is_source,
        make_key,
        restore_copy,
        rotate_key,
        temporary_folder,
        verify_file,
    )

__all__ = [
    "Conversion",
    "OpenedWorkspace",
    "Tenant",
    "VerifiedFile",
    "check_file",
    "convert_file",
    "find_tenant",
    "is_source",
    "make_key",
    "new_tenant",
    "open_workspace",
    "restore_copy",
    "rotate_key",
    "temporary_folder",
    "tenants",
    "verify_file",
]

_HOMES = {
    "Conversion": "workbench.workspace.converting",
    "OpenedWorkspace": "workbench.workspace.opening",
    "Tenant": "workbench.workspace.tenancy",
    "VerifiedFile": "workbench.workspace.upkeep",
    "check_file": "workbench.workspace.upkeep",
    "verify_file": "workbench.workspace.upkeep",
    "convert_file": "workbench.workspace.converting",
    "find_tenant": "workbench.workspace.tenancy",
    "is_source": "workbench.workspace.upkeep",
    "make_key": "workbench.workspace.upkeep",
    "new_tenant": "workbench.workspace.tenancy",
    "open_workspace": "workbench.workspace.opening",
    "restore_copy": "workbench.workspace.upkeep",
    "rotate_key": "workbench.workspace.upkeep",
    "temporary_folder": "workbench.workspace.upkeep",
    "tenants": "workbench.workspace.tenancy",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
