"""Success, bad input, missing right and repetition of each route, over sockets; by night."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contract.routes.bench import Bench, said
from tests.contract.routes.case import Made, Route
from tests.contract.routes.shapes import OK, check_shape
from tests.contract.routes.tables import TABLES

each = pytest.mark.parametrize(
    "route",
    [
        pytest.param(route, id=f"{subject} {route.name}")
        for subject, routes in TABLES.items()
        for route in routes
    ],
)
pytestmark = pytest.mark.nightly


def _sent(bench: Bench, route: Route, made: Made, address: str = "", **more: Any) -> httpx.Response:
    address = address or route.address(made)
    return bench.send(route.method, address, made.body, query=made.query, file=made.file, **more)


def _told(answer: httpx.Response, shape: Any) -> Any:
    assert answer.status_code == 200, f"{answer.request.url}: {answer.text}"
    told: Any = answer.content if shape is bytes else answer.json()
    check_shape(told, shape)
    return told


@each
def test_success(bench: Bench, route: Route) -> None:
    """In every spelling of the address."""
    tried = set()
    made = route.made(bench)
    for spelling in ("", *route.spellings(made)):
        if tried and route.method != "GET":
            made = route.made(bench)
        address = route.spellings(made).get(spelling, route.address(made))
        told = _told(_sent(bench, route, made, address), route.shape)
        if route.then:
            route.then(bench, made, told)
        tried.add(spelling)
    assert {"", "segments", "prefix"} <= tried
    if route.pair:
        assert "encoded" in tried and ("id" in tried) == route.by_id


@each
def test_bad_input(bench: Bench, route: Route) -> None:
    """Refused with a message that names the value, and nothing is done."""
    for bad in route.bad:
        made = bad.of(bench, route.made(bench))
        before = bench.mark()
        words = said(_sent(bench, route, made), bad.status)
        assert bad.says in words
        assert bench.mark() == before, words


@each
def test_missing_right(bench: Bench, route: Route) -> None:
    """Without a token nobody is anybody; without the right nothing is shown and nothing is done."""
    made = route.made(bench)
    before = bench.mark()
    answer = _sent(bench, route, made, who="")
    assert "the token is missing" in said(answer, 401) and answer.headers["www-authenticate"] == "Bearer"
    lacks = route.lacks
    if lacks.hides:
        told = _sent(bench, route, made, who=lacks.who).json()
        assert told == {
            **OK,
            **{key: value for key, value in told.items() if key != lacks.hides},
            lacks.hides: [],
        }
    elif lacks.who:
        status = 404 if lacks.says.startswith("unknown") else 403
        words = said(_sent(bench, route, made, who=lacks.who), status)
        assert lacks.says in words
        assert status == 404 or f"'{lacks.who}' may not" in words
    else:
        _told(_sent(bench, route, made, who="nobody"), route.shape)
    assert bench.mark() == before


@each
def test_repetition(bench: Bench, route: Route) -> None:
    """The same request again: the same state, nothing charged and nothing written down twice."""
    made, again = route.made(bench), route.again
    first = _told(_sent(bench, route, made, Idempotency_Key="one"), route.shape)
    before = bench.mark()
    answer = _sent(bench, route, made)
    if again.status == 200:
        told = _told(answer, route.shape if again.reply is None else object)
        wanted = first if again.reply is None else again.reply(first)
        for key in again.fresh:
            assert told.pop(key) != wanted.pop(key)
        assert told == wanted
    else:
        assert again.says in said(answer, again.status)
    written, charged = (now - then for now, then in zip(bench.mark(), before, strict=True))
    assert (written > 0) == again.written and charged == again.charged
    if charged:
        assert _told(_sent(bench, route, made, Idempotency_Key="one"), route.shape) == first
        assert bench.mark()[1] - before[1] == charged, "the same call, sent again, is charged once"
