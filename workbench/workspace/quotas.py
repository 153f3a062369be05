"""What is used of the quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workbench.domain import LIMITS, Quota
from workbench.workspace.context import Caller


def quotas(caller: Caller) -> tuple[Quota, ...]:
    """Every quota."""
    with caller.store.read() as session:
        projects, sources = session.catalog.projects(), session.catalog.sources()
        datasets = session.catalog.datasets()
        buckets, integrations = session.buckets.all(), session.integrations.list()
        users = session.users.all()
    homes = Counter(source_id for dataset in datasets for source_id in dataset.source_ids)
    used = {
        "projects": (len(projects), ""),
        "users": (len(users), ""),
        "sources": (len(sources), ""),
        "datasets": (len(datasets), ""),
        "buckets": (len(buckets), ""),
        "integrations": (len(integrations), ""),
        "mailboxes_per_integration": _most((len(one.mailboxes), one.full_name) for one in integrations),
        "messages": (sum(one.n_messages for one in sources), ""),
        "messages_per_source": _most((one.n_messages, one.full_name) for one in sources),
        "sources_per_dataset": _most((len(one.source_ids), one.full_name) for one in datasets),
        "datasets_per_source": _most((homes[one.source_id], one.full_name) for one in sources),
        "labels_per_dataset": _most((one.n_labels, one.full_name) for one in datasets),
        "reviewed_per_dataset": _most((one.n_reviewed, one.full_name) for one in datasets),
    }
    return tuple(
        Quota(
            kind=kind,
            hard_limit=getattr(caller.settings, LIMITS[kind].setting) or None,
            used=n,
            where=where,
            setting=LIMITS[kind].setting,
        )
        for kind, (n, where) in used.items()
    )


def _most(counted: Iterable[tuple[int, str]]) -> tuple[int, str]:
    n, where = max(counted, default=(0, ""))
    return n, where if n else ""
