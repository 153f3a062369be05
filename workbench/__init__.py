"""Communications mining for Jupyter and Voila.

>>> import workbench as wb
>>> ws = wb.open("support.duckdb")          # doctest: +SKIP
>>> ds = ws.dataset("demo/support")         # doctest: +SKIP

Importing this package loads nothing heavy: names are fetched on first use.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.door import Dataset, Workspace, connect, open  # noqa: A004
    from workbench.errors import WorkbenchError

__all__ = ["Dataset", "WorkbenchError", "Workspace", "connect", "open"]

_HOMES = {
    "Dataset": "workbench.door",
    "Workspace": "workbench.door",
    "WorkbenchError": "workbench.errors",
    "connect": "workbench.door",
    "open": "workbench.door",
}


def __getattr__(name: str) -> object:
    """Fetch a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    import importlib  # noqa: PLC0415

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(types.ModuleType):
    """``connect`` stays the function when the room of that name is imported, which would take its place."""

    @property
    def connect(self) -> object:
        return __getattr__("connect")

    @connect.setter
    def connect(self, room: object) -> None:
        """Passed over: the room is found by ``from workbench.connect import …``."""


sys.modules[__name__].__class__ = _Package
