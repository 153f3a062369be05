"""From use-case functions to an ``Operations`` object that acts for one caller."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from workbench.domain import ALL_PERMISSIONS, PERMISSIONS, JobId, Operations, Permission
from workbench.errors import AccessError
from workbench.workspace import (
    amending,
    asking,
    buckets,
    catalog,
    comparing,
    deleting,
    discovering,
    excepting,
    exporting,
    guiding,
    importing,
    integrating,
    judging,
    keeping_thresholds,
    languages,
    mail_deleting,
    mail_importing,
    mail_problems,
    monitoring,
    offering,
    overlap,
    predicting,
    quotas,
    reading,
    rebuilding,
    reviewing,
    rolling_back,
    running,
    setting_aside,
    status,
    streaming,
    suspecting,
    taxonomy,
    thresholding,
    training,
    translating,
    uploads,
    usage,
    versions,
)
from workbench.workspace.context import Caller

_ROOMS = (
    amending,
    asking,
    buckets,
    catalog,
    comparing,
    deleting,
    discovering,
    excepting,
    exporting,
    guiding,
    importing,
    mail_deleting,
    mail_importing,
    mail_problems,
    integrating,
    judging,
    keeping_thresholds,
    languages,
    monitoring,
    offering,
    overlap,
    predicting,
    quotas,
    reading,
    rebuilding,
    reviewing,
    rolling_back,
    running,
    setting_aside,
    status,
    streaming,
    suspecting,
    taxonomy,
    thresholding,
    training,
    translating,
    uploads,
    usage,
    versions,
)

USE_CASES: dict[str, Callable[..., Any]] = {
    name: vars(room)[name] for room in _ROOMS for name in PERMISSIONS if name in vars(room)
}
"""Operation name to the function that does it; each takes a ``Caller`` first."""


_JOB_STARTERS = frozenset(name for name in PERMISSIONS if name.startswith("start_")) | {"resume_job"}


def _started_once(caller: Caller, use_case: Callable[..., JobId], *args: object, **kwargs: object) -> JobId:
    """Start a job, unless this very call started it before and only its reply was lost."""
    return caller.started_job() or use_case(caller, *args, **kwargs)


def bind(caller: Caller, *, granted: frozenset[Permission] = ALL_PERMISSIONS) -> Operations:
    """An ``Operations`` whose methods run the use cases for ``caller``, after checking the permission."""
    caller = replace(caller, granted=granted)

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
            if caller.call_id and name in _JOB_STARTERS:
                return functools.partial(_started_once, caller, USE_CASES[name])
            return functools.partial(USE_CASES[name], caller)

    return cast(Operations, Bound())
