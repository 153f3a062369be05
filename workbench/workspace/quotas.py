"""What is used of the quotas, and what administrators set of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from workbench.domain import LIMITS, QUOTA_KINDS, Quota, QuotaRule, Unchanged
from workbench.errors import ConflictError, InputError, UnknownNameError
from workbench.metering import limit_of
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import setting_of


def quotas(caller: Caller) -> tuple[Quota, ...]:
    """Every quota."""
    with caller.store.read() as session:
        used, rules = _used(session), session.quotas.all()
    return tuple(_quota(caller, kind, used.get(kind, (0, "")), rules.get(kind)) for kind in QUOTA_KINDS)


def set_quota(
    caller: Caller,
    kind: str,
    hard_limit: int | Unchanged | None = "unchanged",
    auto_increase_up_to: int | Unchanged | None = "unchanged",
) -> Quota:
    """Set a limit."""
    if kind not in QUOTA_KINDS:
        raise UnknownNameError("quota", kind[:100], QUOTA_KINDS)
    with caller.store.write() as session:
        before = session.quotas.get(kind) or QuotaRule(kind=kind)
        made = before
        if hard_limit != "unchanged":
            made = replace(made, hard_limit=_number(kind, hard_limit))
        if auto_increase_up_to != "unchanged":
            made = replace(made, auto_increase_up_to=_number(kind, auto_increase_up_to))
        limit = limit_of(made, setting_of(kind, caller.settings))
        ceiling = made.auto_increase_up_to
        if ceiling is not None and (limit is None or ceiling < limit):
            has = "has no limit" if limit is None else f"has the limit {limit:,}"
            raise ConflictError(
                f"the quota {kind!r} {has} and cannot rise by itself up to {ceiling:,}.",
                next_step="Set a limit below it, or leave the rise out (None).",
                details={"quota": kind, "hard_limit": limit, "auto_increase_up_to": ceiling},
            )
        if made != before:
            session.quotas.put(made)
            caller.audit(
                session,
                "set_quota",
                kind,
                hard_limit=made.hard_limit,
                auto_increase_up_to=ceiling,
                before={"hard_limit": before.hard_limit, "auto_increase_up_to": before.auto_increase_up_to},
            )
        used = _used(session).get(kind, (0, ""))
    return _quota(caller, kind, used, made)


def _number(kind: str, n: int | None) -> int | None:
    if n is not None and n < 0:
        raise InputError(
            f"the quota {kind!r} cannot be {n:,}.",
            next_step="Give 0 for none at all, a larger number, or None for what the settings say.",
            details={"quota": kind, "n": n},
        )
    return n


def _used(session: Session) -> dict[str, tuple[int, str]]:
    """How many there are of each kind that exists, and of a quota per source or dataset where there are most."""
    sources, datasets = session.catalog.sources(), session.catalog.datasets()
    integrations, n_streams = session.integrations.list(), session.quotas.n_streams()
    homes = Counter(source_id for dataset in datasets for source_id in dataset.source_ids)
    return {
        "projects": (len(session.catalog.projects()), ""),
        "users": (len(session.users.all()), ""),
        "sources": (len(sources), ""),
        "datasets": (len(datasets), ""),
        "buckets": (len(session.buckets.all()), ""),
        "integrations": (len(integrations), ""),
        "mailboxes_per_integration": _most((len(one.mailboxes), one.full_name) for one in integrations),
        "messages": (sum(one.n_messages for one in sources), ""),
        "messages_per_source": _most((one.n_messages, one.full_name) for one in sources),
        "sources_per_dataset": _most((len(one.source_ids), one.full_name) for one in datasets),
        "datasets_per_source": _most((homes[one.source_id], one.full_name) for one in sources),
        "labels_per_dataset": _most((one.n_labels, one.full_name) for one in datasets),
        "reviewed_per_dataset": _most((one.n_reviewed, one.full_name) for one in datasets),
        "streams": (sum(n_streams.values()), ""),
        "streams_per_dataset": _most((n_streams.get(one.dataset_id, 0), one.full_name) for one in datasets),
        "pinned_versions": (session.quotas.n_pinned(), ""),
    }


def _quota(caller: Caller, kind: str, used: tuple[int, str], rule: QuotaRule | None) -> Quota:
    n, where = used
    known = QUOTA_KINDS[kind]
    return Quota(
        kind=kind,
        hard_limit=limit_of(rule, setting_of(kind, caller.settings)),
        used=n,
        where=where,
        setting=LIMITS[kind].setting if kind in LIMITS else "",
        auto_increase_up_to=rule.auto_increase_up_to if rule else None,
        peak=max(n, rule.peak if rule else 0),
        is_set=rule is not None and rule.hard_limit is not None,
        published=known.published,
        missing=known.missing,
    )


def _most(counted: Iterable[tuple[int, str]]) -> tuple[int, str]:
    n, where = max(counted, default=(0, ""))
    return n, where if n else ""
