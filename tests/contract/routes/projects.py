"""Projects."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Again, Bad, Lacks, Made, Route
from tests.contract.routes.making import project, source, user
from tests.contract.routes.shapes import OK, moment, some

PROJECT = {
    "id": str,
    "name": str,
    "title": str,
    "description": str,
    "created_at": moment,
    "updated_at": moment,
}
_ADMIN = Lacks(who="viewer", says="'Tenant - Manage'")
_ONE = "/api/_private/projects/<p>"


def _there(bench: Bench) -> Made:
    return Made(at={"p": project(bench, title="Claims")})


def _new(bench: Bench) -> Made:
    body = {
        "project": {"title": "Claims", "description": "What they claim."},
        "user_ids": [user(bench)["id"]],
    }
    return Made(at={"p": bench.fresh("claims")}, body=body)


def _created(bench: Bench, made: Made, told: Any) -> None:
    assert told["project"]["name"] == made.at["p"]
    assert told["project"]["description"] == "What they claim."
    member = bench.ok("GET", f"/api/_private/users/{made.body['user_ids'][0]}")["user"]
    assert made.at["p"] in member["organisation_permissions"]


def _taken(bench: Bench, made: Made) -> Made:
    return made.put(at={"p": project(bench, title="Another")})


def _filled(bench: Bench, made: Made) -> Made:
    source(bench, made.at["p"])
    return made


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    assert "unknown project" in bench.fails(404, "GET", f"/api/_private/projects/{made.at['p']}")


ROUTES = (
    Route(
        method="GET",
        path="/api/_private/projects",
        made=_there,
        shape={**OK, "projects": some(PROJECT)},
        bad=(Bad(status=400, says="$.cm_only", query={"cm_only": "maybe"}),),
        lacks=Lacks(who="nobody", hides="projects"),
    ),
    Route(
        method="GET",
        path=_ONE,
        made=_there,
        shape={**OK, "project": PROJECT},
        bad=(Bad(status=404, says="unknown project 'nowhere'", at={"p": "nowhere"}),),
        lacks=Lacks(who="nobody", says="unknown project"),
    ),
    Route(
        method="PUT",
        path=_ONE,
        made=_new,
        shape={**OK, "project": PROJECT},
        bad=(
            Bad(status=400, says="title", body={"project": {"title": "x" * 129}}),
            Bad(status=400, says="'a b'", at={"p": "a b"}),
            Bad(
                status=404,
                says="unknown user '00aa11bb22cc33dd'",
                body={"project": {}, "user_ids": ["00aa11bb22cc33dd"]},
            ),
            Bad(status=409, says="exists already", make=_taken),
        ),
        lacks=_ADMIN,
        then=_created,
    ),
    Route(
        method="POST",
        path=_ONE,
        made=lambda bench: _there(bench).put(body={"project": {"title": "Other"}}),
        shape={**OK, "project": PROJECT},
        bad=(
            Bad(status=404, says="unknown project 'nowhere'", at={"p": "nowhere"}),
            Bad(status=400, says="unknown field `name`", body={"project": {"name": "x"}}),
        ),
        lacks=_ADMIN,
        then=lambda _bench, _made, told: _is_other(told),
    ),
    Route(
        method="DELETE",
        path=_ONE,
        made=_there,
        shape=OK,
        bad=(
            Bad(status=404, says="unknown project 'nowhere'", at={"p": "nowhere"}),
            Bad(
                status=409,
                says='Project contains child resources but force deletion was not requested: {"sources": 1}',
                make=_filled,
            ),
        ),
        lacks=_ADMIN,
        again=Again(status=404, says="unknown project"),
        then=_is_gone,
    ),
)


def _is_other(told: Any) -> None:
    assert told["project"]["title"] == "Other"
