"""What is said of comments."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Bad, Lacks, Made, Route
from tests.contract.routes.datasets import UNKNOWN
from tests.contract.routes.making import dataset, labelling, reviewed_shared
from tests.contract.routes.shapes import ANNOTATED, OK, some

_PATH = "/api/_private/datasets/<o>/<d>/labellings"
_LABEL = {"labelling": [{"group": "default", "assigned": [{"name": "x" * 65, "sentiment": "positive"}]}]}


def _to_say(bench: Bench) -> Made:
    made, of = dataset(bench)
    at = {"o": made.owner, "d": made.name, "uid": f"{of.key}.c0"}
    return Made(at=at, resource=made.key, body=labelling("Refund > Twice", dismissed=("Parcel",)))


def _said(bench: Bench, made: Made, told: Any) -> None:
    (group,) = told["labelling"]
    assert {one["name"] for one in group["assigned"]} == {"Refund", "Refund > Twice"}, (
        "a parent stands with its child"
    )
    assert [one["name"] for one in group["dismissed"]] == ["Parcel"]
    defs = bench.ok("GET", f"/api/v1/datasets/id:{made.resource}")["dataset"]["label_defs"]
    assert {"Refund > Twice", "Parcel"} <= {one["name"] for one in defs}


def _of_source(bench: Bench) -> Made:
    made, of = reviewed_shared(bench)
    query = {"source_id": of.key, "return_predictions": "false", "limit": "2"}
    return Made(at={"o": made.owner, "d": made.name}, resource=made.key, query=query)


def _to_the_end(bench: Bench, made: Made, told: Any) -> None:
    path, seen, marks = f"/api/_private/datasets/id:{made.resource}/labellings", 0, []
    while told["results"]:
        seen += len(told["results"])
        marks.append(told["after"])
        told = bench.ok("GET", path, query={**made.query, "after": told["after"]})
    assert seen == 3 and len(set(marks)) == len(marks) and None not in marks


def _elsewhere(made: Made, uid: str) -> Made:
    return made.put(at={**made.at, "uid": uid})


ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        made=_of_source,
        shape={**OK, "results": some(ANNOTATED), "after": str},
        bad=(
            UNKNOWN,
            Bad(status=400, says="$.limit", query={"limit": 1_000}),
            Bad(status=400, says="'garbage'", query={"after": "garbage"}),
            Bad(
                status=400, says="129 comments", query={"id": [f"00aa11bb22cc33dd.c{n}" for n in range(129)]}
            ),
            Bad(status=404, says="00aa11bb22cc33dd.c0", query={"id": "00aa11bb22cc33dd.c0"}),
        ),
        lacks=Lacks(who="watcher", says="'Dataset - Read'"),
        then=_to_the_end,
    ),
    Route(
        method="POST",
        path=f"{_PATH}/<uid>",
        made=_to_say,
        shape={**OK, **ANNOTATED},
        bad=(
            UNKNOWN,
            Bad(
                status=404,
                says=".c99",
                make=lambda _bench, made: _elsewhere(made, f"{made.at['uid'][:16]}.c99"),
            ),
            Bad(status=404, says="nonsense", make=lambda _bench, made: _elsewhere(made, "nonsense")),
            Bad(status=400, says="x" * 64, body=_LABEL),
            Bad(status=400, says="empty level", body=labelling("A >  > B")),
            Bad(status=400, says="unknown field `labels`", body={"labels": []}),
        ),
        lacks=Lacks(who="viewer", says="'Dataset - Review'"),
        then=_said,
    ),
)
