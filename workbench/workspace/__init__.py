"""Use cases: the only room that knows both the store and the pure rooms.

Names load on first use: worker processes import modules of this room and need no store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.workspace.opening import OpenedWorkspace, open_workspace

__all__ = ["OpenedWorkspace", "open_workspace"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from workbench.workspace import opening  # noqa: PLC0415 - only when a name is asked for

    return getattr(opening, name)
