"""Quotas over HTTP. The tenant is always this workspace, whatever it is called in the address."""

from __future__ import annotations

from typing import Annotated

import msgspec

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.domain import QUOTA_KINDS, Quota
from workbench.errors import UnknownNameError

NO_LIMIT = 2**53 - 1
"""What clients read where there is no limit: the field is a number, and this is the largest that JSON carries exactly."""

Count = Annotated[int, msgspec.Meta(ge=0, le=NO_LIMIT)]
_BY_PUBLISHED = {kind.published: kind.name for kind in QUOTA_KINDS.values() if kind.published}


class ShownQuota(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A quota as clients read it."""

    quota_kind: str
    hard_limit: int
    current_max_usage: int
    auto_increase_up_to: int | None = None


class Quotas(Ok, kw_only=True):
    """All of them."""

    quotas: list[ShownQuota]


class QuotaChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Left out = as it is; null = as the settings say."""

    hard_limit: Count | msgspec.UnsetType | None = msgspec.UNSET
    auto_increase_up_to: Count | msgspec.UnsetType | None = msgspec.UNSET


_NEWER = ("comments_in_ixp_designtime", "comments_in_ixp_runtime")
"""Kinds that older clients do not know, and cannot read any quota beside; they mean nothing here until they are set."""


def _listed(asked: Asked) -> Quotas:
    return Quotas(quotas=[_shown(one) for one in asked.operations.quotas() if _is_told(one)])


def _is_told(quota: Quota) -> bool:
    is_set = quota.hard_limit is not None or quota.auto_increase_up_to is not None
    return bool(quota.published) and (is_set or quota.published not in _NEWER)


def _shown(quota: Quota) -> ShownQuota:
    return ShownQuota(
        quota_kind=quota.published,
        hard_limit=NO_LIMIT if quota.hard_limit is None else quota.hard_limit,
        current_max_usage=max(quota.peak, quota.used),
        auto_increase_up_to=quota.auto_increase_up_to,
    )


def _set(asked: Asked) -> Ok:
    change = asked.body
    limit, up_to = change.hard_limit, change.auto_increase_up_to
    asked.operations.set_quota(
        _kind(asked),
        "unchanged" if limit is msgspec.UNSET else limit,
        "unchanged" if up_to is msgspec.UNSET else up_to,
    )
    return Ok()


def _reset(asked: Asked) -> Ok:
    asked.operations.set_quota(_kind(asked), None, None)
    return Ok()


def _kind(asked: Asked) -> str:
    wanted = asked.path["kind"]
    if wanted not in _BY_PUBLISHED:
        raise UnknownNameError("quota", wanted, _BY_PUBLISHED)
    return _BY_PUBLISHED[wanted]


_TENANT = {"tenant": "^[^/]{1,256}$"}
_KIND = {"kind": f"^({'|'.join(sorted(_BY_PUBLISHED))})$"}
_ONE = "/api/_private/quotas/{tenant}/{kind}"

ENDPOINTS = (
    Endpoint(method="GET", path="/api/_private/quotas", summary="Quotas", handle=_listed, reply=Quotas),
    Endpoint(
        method="GET",
        path="/api/_private/quotas/{tenant}",
        summary="Quotas",
        handle=_listed,
        reply=Quotas,
        names=_TENANT,
    ),
    Endpoint(
        method="POST",
        path=_ONE,
        summary="Set a quota",
        handle=_set,
        body=QuotaChange,
        names={**_TENANT, **_KIND},
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        summary="Leave a quota to the settings again",
        handle=_reset,
        names={**_TENANT, **_KIND},
    ),
)
