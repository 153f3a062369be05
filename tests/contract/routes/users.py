"""Who asks, and everybody with an account."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import GONE, OPEN, Bad, Lacks, Made, Route
from tests.contract.routes.making import project, user
from tests.contract.routes.shapes import OK, hex_id, mapping, maybe, moment, some

USER = {
    "id": hex_id,
    "username": str,
    "display_name": str,
    "email": str,
    "created": moment,
    "global_permissions": [str],
    "organisation_permissions": mapping([str]),
    "sso_global_permissions": [],
    "verified": True,
}
_ADMIN = Lacks(who="viewer", says="'Tenant - Manage'")
_NOBODY = "00aa11bb22cc33dd"


def _somebody(bench: Bench) -> Made:
    return Made(at={"id": user(bench)["id"]})


def _new(bench: Bench) -> Made:
    name = bench.fresh("ann")
    given = {
        "username": name,
        "email": f"{name}@mail.example",
        "global_permissions": ["audit-read"],
        "organisation_permissions": {project(bench): ["sources-read", "voc-readonly"]},
    }
    return Made(body={"user": given})


def _created(_bench: Bench, made: Made, told: Any) -> None:
    wanted, got = made.body["user"], told["user"]
    assert (got["username"], got["email"]) == (wanted["username"], wanted["email"])
    assert got["global_permissions"] == ["audit-read"]
    (owner,) = wanted["organisation_permissions"]
    assert set(wanted["organisation_permissions"][owner]) <= set(got["organisation_permissions"][owner])


def _changed(bench: Bench) -> Made:
    body = {"user": {"organisation_permissions": {project(bench): ["sources-read"]}}}
    return _somebody(bench).put(body=body)


def _is_changed(_bench: Bench, made: Made, told: Any) -> None:
    assert told["user"]["organisation_permissions"] == made.body["user"]["organisation_permissions"]


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    listed = bench.ok("GET", "/api/_private/users")["users"]
    assert made.at["id"] not in {one["id"] for one in listed}


ROUTES = (
    Route(
        method="GET",
        path="/auth/user",
        made=lambda _bench: Made(),
        shape={**OK, "user": USER},
        bad=(Bad(status=400, says="unknown field `verbose`", query={"verbose": 1}),),
        lacks=OPEN,
        then=lambda _bench, _made, told: _is_boss(told),
    ),
    Route(
        method="POST",
        path="/auth/refresh-user-permissions",
        made=lambda _bench: Made(body={}),
        shape={**OK, "permissions_refreshed": True},
        bad=(Bad(status=400, says="unknown field `now`", body={"now": True}),),
        lacks=OPEN,
    ),
    Route(
        method="GET",
        path="/api/_private/users",
        made=lambda _bench: Made(),
        shape={**OK, "users": some(USER)},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=OPEN,
    ),
    Route(
        method="PUT",
        path="/api/_private/users",
        made=_new,
        shape={**OK, "user": USER},
        bad=(
            Bad(status=400, says="username", body={"user": {"username": "a b", "email": "a@mail.example"}}),
            Bad(status=400, says="email", body={"user": {"username": "abc", "email": "nowhere"}}),
            Bad(
                status=404,
                says="'fly'",
                body={"user": {"username": "abc", "email": "a@mail.example", "global_permissions": ["fly"]}},
            ),
        ),
        lacks=_ADMIN,
        then=_created,
    ),
    Route(
        method="GET",
        path="/api/_private/users/<id>",
        made=_somebody,
        shape={**OK, "user": USER},
        bad=(Bad(status=404, says=_NOBODY, at={"id": _NOBODY}),),
        lacks=OPEN,
    ),
    Route(
        method="POST",
        path="/api/_private/users/<id>",
        made=_changed,
        shape={**OK, "user": USER},
        bad=(
            Bad(status=404, says=_NOBODY, at={"id": _NOBODY}),
            Bad(status=404, says="'fly'", body={"user": {"global_permissions": ["fly"]}}),
            Bad(
                status=404,
                says="'nowhere'",
                body={"user": {"organisation_permissions": {"nowhere": ["voc"]}}},
            ),
            Bad(status=400, says="unknown field `name`", body={"user": {"name": "eve"}}),
        ),
        lacks=_ADMIN,
        then=_is_changed,
    ),
    Route(
        method="DELETE",
        path="/api/_private/users/<id>",
        made=_somebody,
        shape=OK,
        bad=(Bad(status=404, says=_NOBODY, at={"id": _NOBODY}),),
        lacks=_ADMIN,
        again=GONE,
        then=_is_gone,
    ),
    Route(
        method="GET",
        path="/api/v1/users",
        made=lambda _bench: Made(),
        shape={**OK, "users": some({"username": str, "email": str, "last_login_at": maybe(moment)})},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=OPEN,
    ),
)


def _is_boss(told: Any) -> None:
    assert told["user"]["username"] == "boss" and "tenant-admin" in told["user"]["global_permissions"]
