"""From use-case functions to an ``Operations`` object that acts for one caller."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, cast

from workbench.domain import PERMISSIONS, JobId, Operations
from workbench.errors import AccessError, EntitlementError, SignInError
from workbench.workspace import (
    amending,
    asking,
    auditing,
    buckets,
    by_source,
    catalog,
    charging,
    comparing,
    deleting,
    discovering,
    emailing,
    excepting,
    exporting,
    guiding,
    importing,
    integrating,
    invoicing,
    judging,
    keeping_thresholds,
    labelling,
    languages,
    mail_deleting,
    mail_importing,
    mail_problems,
    mail_syncing,
    measuring,
    monitoring,
    offering,
    overlap,
    planning,
    predicting,
    quotas,
    reading,
    rebuilding,
    retaining,
    reviewing,
    rolling_back,
    running,
    setting_aside,
    status,
    stored_predictions,
    stream_queues,
    stream_upkeep,
    stream_watching,
    streaming,
    suspecting,
    taxonomy,
    thresholding,
    training,
    translating,
    unmasking,
    unstored,
    uploads,
    usage,
    versions,
    webhooks,
)
from workbench.workspace.auditing import record_refused
from workbench.workspace.authorizing import authorize
from workbench.workspace.context import Caller
from workbench.workspace.people import groups, own_account, roles, signing_in, tokens, users
from workbench.workspace.plan_gate import check_entitlement

_ROOMS = (
    amending,
    asking,
    auditing,
    buckets,
    by_source,
    catalog,
    charging,
    comparing,
    deleting,
    discovering,
    emailing,
    excepting,
    exporting,
    guiding,
    importing,
    mail_deleting,
    mail_importing,
    mail_problems,
    mail_syncing,
    measuring,
    integrating,
    invoicing,
    judging,
    keeping_thresholds,
    labelling,
    languages,
    monitoring,
    offering,
    overlap,
    planning,
    predicting,
    quotas,
    reading,
    rebuilding,
    retaining,
    reviewing,
    rolling_back,
    running,
    setting_aside,
    status,
    stored_predictions,
    stream_queues,
    stream_upkeep,
    stream_watching,
    streaming,
    suspecting,
    taxonomy,
    thresholding,
    training,
    translating,
    unmasking,
    unstored,
    uploads,
    usage,
    versions,
    webhooks,
    groups,
    own_account,
    roles,
    signing_in,
    tokens,
    users,
)

USE_CASES: dict[str, Callable[..., Any]] = {
    name: vars(room)[name] for room in _ROOMS for name in PERMISSIONS if name in vars(room)
}
"""Operation name to the function that does it; each takes a ``Caller`` first."""


_JOB_STARTERS = frozenset(name for name in PERMISSIONS if name.startswith("start_")) | {"resume_job"}


def _started_once(caller: Caller, use_case: Callable[..., JobId], *args: object, **kwargs: object) -> JobId:
    """Start a job, unless this very call started it before and only its reply was lost."""
    return caller.started_job() or use_case(caller, *args, **kwargs)


_SIGNATURES = {name: inspect.signature(use_case) for name, use_case in USE_CASES.items()}


def _perform(caller: Caller, name: str, /, *args: object, **kwargs: object) -> Any:
    """Run a use case for a caller who may do it, and a start of a job only once."""
    asked = _SIGNATURES[name].bind(caller, *args, **kwargs)
    asked.apply_defaults()
    try:
        authorize(caller, name, asked.arguments)
        check_entitlement(caller, name)
        if caller.call_id and name in _JOB_STARTERS:
            return _started_once(caller, USE_CASES[name], *args, **kwargs)
        return USE_CASES[name](caller, *args, **kwargs)
    except (
        SignInError,
        EntitlementError,
    ):  # failed sign-ins are events of their own; a plan is nobody's right
        raise
    except (
        AccessError
    ) as refusal:  # by the rule, or by what only the use case knows: masked texts, hidden properties
        record_refused(caller, name, str(refusal.details.get("permission", "")))
        raise


def bind(caller: Caller) -> Operations:
    """An ``Operations`` whose methods run the use cases for ``caller``, after looking at the rule of each."""

    class Bound:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            if name not in USE_CASES:
                raise AttributeError(name)
            return functools.partial(_perform, caller, name)

    return cast(Operations, Bound())
