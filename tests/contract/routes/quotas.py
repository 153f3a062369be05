"""Quotas."""

from __future__ import annotations

from typing import Any

from tests.contract.client.generations import NEW_QUOTAS
from tests.contract.routes.bench import Bench
from tests.contract.routes.case import OPEN, Bad, Lacks, Made, Route
from tests.contract.routes.shapes import OK, one_of, some

_QUOTA = {
    "quota_kind": one_of(*sorted(NEW_QUOTAS)),
    "hard_limit": int,
    "current_max_usage": int,
    "auto_increase_up_to?": int,
}
_LISTED = {**OK, "quotas": some(_QUOTA)}
_UNKNOWN_WORD = Bad(status=400, says="unknown field `kind`", query={"kind": "users"})


def _to_set(bench: Bench) -> Made:
    """Another limit each time, far above what is there."""
    limit = 1_000_000 + int(bench.fresh(""))
    return Made(at={"t": "main", "k": "alerts"}, body={"hard_limit": limit, "auto_increase_up_to": None})


def _is_set(bench: Bench, made: Made, _told: Any) -> None:
    listed = {one["quota_kind"]: one for one in bench.ok("GET", "/api/_private/quotas")["quotas"]}
    assert listed["alerts"]["hard_limit"] == made.body["hard_limit"]


ROUTES = (
    Route(
        method="GET",
        path="/api/_private/quotas",
        made=lambda _bench: Made(),
        shape=_LISTED,
        bad=(_UNKNOWN_WORD,),
        lacks=OPEN,
    ),
    Route(
        method="GET",
        path="/api/_private/quotas/<t>",
        made=lambda _bench: Made(at={"t": "00aa11bb22cc33dd"}),
        shape=_LISTED,
        bad=(_UNKNOWN_WORD,),
        lacks=OPEN,
    ),
    Route(
        method="POST",
        path="/api/_private/quotas/<t>/<k>",
        made=_to_set,
        shape=OK,
        bad=(
            Bad(status=404, says="'parrots'", at={"t": "main", "k": "parrots"}),
            Bad(status=400, says="$.hard_limit", body={"hard_limit": -1}),
            Bad(status=400, says="unknown field `soft_limit`", body={"soft_limit": 1}),
        ),
        lacks=Lacks(who="viewer", says="'Tenant - Manage'"),
        then=_is_set,
    ),
)
