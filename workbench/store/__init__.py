"""The workspace file: the only room that loads DuckDB.

``Store.open`` takes the lock, opens and migrates the file; ``store.read()`` and ``store.write()`` hand out
sessions whose attributes are the repositories. Names load on first use, so that importing the room is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.store.repositories.messages import PutOutcome
    from workbench.store.repositories.preparing import PreparedBatch, prepare
    from workbench.store.session import Session
    from workbench.store.store import Store

__all__ = ["PreparedBatch", "PutOutcome", "Session", "Store", "prepare"]

_HOMES = {
    "PreparedBatch": "workbench.store.repositories.preparing",
    "PutOutcome": "workbench.store.repositories.messages",
    "Session": "workbench.store.session",
    "Store": "workbench.store.store",
    "prepare": "workbench.store.repositories.preparing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
