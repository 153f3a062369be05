"""From use-case functions to an ``Operations`` object that acts for one caller."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from workbench.domain import ALL_PERMISSIONS, PERMISSIONS, Operations, Permission
from workbench.errors import AccessError
from workbench.workspace import (
    catalog,
    discovering,
    importing,
    monitoring,
    reading,
    reviewing,
    running,
    taxonomy,
    training,
    uploads,
    usage,
)
from workbench.workspace.context import Caller

_ROOMS = (
    catalog,
    discovering,
    importing,
    monitoring,
    reading,
    reviewing,
    running,
    taxonomy,
    training,
    uploads,
    usage,
)

USE_CASES: dict[str, Callable[..., Any]] = {
    name: vars(room)[name] for room in _ROOMS for name in PERMISSIONS if name in vars(room)
}
"""Operation name to the function that does it; each takes a ``Caller`` first."""


def bind(caller: Caller, *, granted: frozenset[Permission] = ALL_PERMISSIONS) -> Operations:
    """An ``Operations`` whose methods run the use cases for ``caller``, after checking the permission."""

    class Bound:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            if name not in USE_CASES:
                raise AttributeError(name)
            if PERMISSIONS[name] not in granted:
                raise AccessError(
                    f"{caller.actor!r} may not {name.replace('_', ' ')}.",
                    next_step=f"Ask an administrator for the permission {PERMISSIONS[name]!r}.",
                    details={"permission": PERMISSIONS[name]},
                )
            return functools.partial(USE_CASES[name], caller)

    return cast(Operations, Bound())
