"""The tables hold every route that is owed first, each with its four tests; all other routes keep strangers out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.contract.routes import test_each_route
from tests.contract.routes.bench import Bench, said
from tests.contract.routes.case import KINDS, Route
from tests.contract.routes.tables import TABLES
from workbench.api.openapi import description
from workbench.api.routes import ENDPOINTS

OWED = """
GET /auth/user
POST /auth/refresh-user-permissions
GET PUT /api/_private/users
GET POST DELETE /api/_private/users/<id>
GET /api/v1/users
GET /api/_private/projects
GET PUT POST DELETE /api/_private/projects/<p>
GET /api/v1/sources
GET PUT POST /api/v1/sources/<o>/<s>
GET DELETE /api/v1/sources/id:<s>
POST /api/v1/sources/<o>/<s>/statistics
GET /api/_private/buckets
GET PUT /api/_private/buckets/<o>/<b>
GET DELETE /api/_private/buckets/id:<b>
GET /api/_private/buckets/<o>/<b>/statistics
PUT POST GET /api/_private/buckets/<o>/<b>/emails
PUT GET /api/_private/sources/<o>/<s>/comments
POST /api/v1/sources/<o>/<s>/sync
POST /api/v1/sources/<o>/<s>/sync-raw-emails
GET /api/v1/sources/<o>/<s>/comments/<c>
DELETE /api/v1/sources/<o>/<s>/comments
PUT /api/_private/sources/id:<s>/comments/<c>/audio
PUT /api/_private/sources/id:<s>/comments/<c>/attachments/<n>
GET /api/v1/attachments/<ref>
GET /api/v1/datasets
GET PUT POST /api/v1/datasets/<o>/<d>
GET DELETE /api/v1/datasets/id:<d>
POST /api/_private/datasets/<o>/<d>/statistics
POST /api/_private/datasets/<o>/<d>/summary
POST /api/_private/datasets/<o>/<d>/query
POST /api/_private/datasets/<o>/<d>/labellers
GET /api/_private/datasets/<o>/<d>/labellings
POST /api/_private/datasets/<o>/<d>/labellings/<uid>
GET /api/_private/datasets/<o>/<d>/labellers/latest/validation
GET /api/_private/datasets/<o>/<d>/labellers/<v>/validation
POST /api/_private/datasets/<o>/<d>/labellers/<v>/label-validation
POST /api/v1/datasets/<o>/<d>/labellers/<v>/predict
POST /api/v1/datasets/<o>/<d>/labellers/<v>/predict-raw-emails
POST /api/v1/datasets/<o>/<d>/labellers/<v>/predict-comments
PUT DELETE /api/_private/datasets/<o>/<d>/labellers/<v>/pin
PUT GET /api/v1/datasets/<o>/<d>/streams
GET POST DELETE /api/v1/datasets/<o>/<d>/streams/<n>
POST /api/v1/datasets/<o>/<d>/streams/<n>/fetch
POST /api/v1/datasets/<o>/<d>/streams/<n>/advance
POST /api/v1/datasets/<o>/<d>/streams/<n>/reset
GET /api/v1/datasets/<o>/<d>/streams/<n>/results
PUT DELETE /api/v1/datasets/<o>/<d>/streams/<n>/exceptions
PUT GET /api/v1/datasets/<o>/<d>/triggers
GET POST DELETE /api/v1/datasets/<o>/<d>/triggers/<n>
POST /api/v1/datasets/<o>/<d>/triggers/<n>/fetch
POST /api/v1/datasets/<o>/<d>/triggers/<n>/advance
POST /api/v1/datasets/<o>/<d>/triggers/<n>/reset
GET /api/v1/datasets/<o>/<d>/triggers/<n>/results
PUT DELETE /api/v1/datasets/<o>/<d>/triggers/<n>/exceptions
POST /api/v1/datasets/<o>/<d>/export
POST /api/v1/audit_events/query
GET /api/_private/quotas
GET /api/_private/quotas/<t>
POST /api/_private/quotas/<t>/<k>
GET /api/_private/integrations
GET PUT POST /api/_private/integrations/<o>/<n>
"""
"""Every route that a first run of the field's client needs."""

_OPEN = {
    ("GET", "/auth/user"),
    ("POST", "/auth/refresh-user-permissions"),
    ("GET", "/api/_private/users"),
    ("GET", "/api/v1/users"),
    ("GET", "/api/_private/quotas"),
    ("GET", "/api/_private/quotas/{tenant}"),
}
"""What everybody with an account may ask; nothing of it belongs to a project."""
_LISTS = {
    "/api/_private/projects": "projects",
    "/api/v1/projects": "projects",
    "/api/v1/sources": "sources",
    "/api/v1/sources/{owner}": "sources",
    "/api/_private/buckets": "buckets",
    "/api/_private/buckets/{owner}": "buckets",
    "/api/v1/datasets": "datasets",
    "/api/v1/datasets/{owner}": "datasets",
    "/api/_private/integrations": "integrations",
}
"""What everybody may ask for and gets what they may see of: nothing."""
_DOCUMENT = description(ENDPOINTS)
_VALUES = {
    "owner": "acme",
    "version": "1",
    "uid": "00aa11bb22cc33dd.c0",
    "reference": "0.00aa11bb22cc33dd.c0",
    "position": "0",
    "kind": "alerts",
    "tag": "live",
    "group": "default",
}


def _owed() -> list[str]:
    lines = (line.rpartition(" ") for line in OWED.split("\n") if line)
    return [f"{method} {path}" for methods, _, path in lines for method in methods.split()]


def _all() -> Iterator[tuple[str, str]]:
    for path, methods in _DOCUMENT["paths"].items():
        for method in methods:
            yield method.upper(), path


def _shape(path: str) -> str:
    """A path with every parameter alike."""
    return re.sub(r"<\w+>|\{\w+\}|(?<=/labellers/)latest(?=/)", "*", path)


def _listed() -> dict[str, Route]:
    return {route.name: route for routes in TABLES.values() for route in routes}


def test_every_route_that_is_owed_is_in_a_table_and_served() -> None:
    assert len(_owed()) == len(set(_owed())) == 89
    assert set(_listed()) == set(_owed())
    assert len(_listed()) == sum(map(len, TABLES.values())), "none stands twice"
    served = {(method, _shape(path)) for method, path in _all()}
    for name in _owed():
        method, path = name.split()
        assert (method, _shape(path)) in served, name


def test_every_route_has_its_four_tests() -> None:
    for kind in KINDS:
        test = getattr(test_each_route, f"test_{kind}")
        (marked,) = (mark for mark in test.pytestmark if mark.name == "parametrize")
        tried = {one.values[0].name for one in marked.args[1]}
        assert tried == set(_owed()), kind
    for route in _listed().values():
        assert route.bad and all(400 <= one.status < 500 and one.says for one in route.bad), route.name
        lacks = route.lacks
        assert bool(lacks.who) == bool(lacks.says or lacks.hides), route.name
        assert route.again.status in (200, 404), route.name


def test_strangers_get_nothing_anywhere(bench: Bench) -> None:
    """Of all routes, with no token and with that of somebody without any right."""
    tried = 0
    for method, template in _all():
        path = re.sub(
            r"\{(\w+)\}",
            lambda found: _VALUES.get(found[1], "00aa11bb22cc33dd" if found[1].endswith("id") else "x"),
            template,
        )
        assert "the token is missing" in bench.fails(401, method, path, who=""), (method, path)
        body = {} if "requestBody" in _DOCUMENT["paths"][template][method.lower()] else None
        answer = bench.send(method, path, body, who="nobody")
        if (method, template) in _OPEN:
            assert answer.status_code == 200, (method, path)
        elif method == "GET" and template in _LISTS:
            assert answer.json()[_LISTS[template]] == [], (method, path)
        else:
            assert answer.status_code in (400, 403, 404), (method, path, answer.text)
            said(answer, answer.status_code)
        tried += 1
    assert tried == len(list(_all())) > 220


@pytest.mark.parametrize("token", ["wbt_nonsense", "Bearer", "a b"])
def test_a_token_of_nobody_opens_nothing(bench: Bench, token: str) -> None:
    answer = bench.send("GET", "/auth/user", who=token)
    assert "token" in said(answer, 401) and answer.headers["www-authenticate"] == "Bearer"
