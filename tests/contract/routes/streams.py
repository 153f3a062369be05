"""Streams, under their own name and the old one."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import GONE, Again, Bad, Lacks, Made, Route
from tests.contract.routes.datasets import UNKNOWN
from tests.contract.routes.making import shared, stream, trained
from tests.contract.routes.shapes import COMMENT, OK, PREDICTED, hex_id, moment, probability, some

_READS = Lacks(who="watcher", says="'Dataset - Read'")
_MANAGES = Lacks(who="viewer", says="'Stream - Manage'")
_CONSUMES = Lacks(who="viewer", says="'Stream - Consume'")
_PAST = {"to_comment_created_at": "2000-01-01T00:00:00"}
_SHOWN = {
    "id": hex_id,
    "dataset_id": hex_id,
    "name": str,
    "title": str,
    "description": str,
    "created_at": moment,
    "updated_at": moment,
    "comment_filter?": dict,
    "model?": {"version": int, "label_thresholds": [{"name": some(str), "threshold": probability}]},
}
_NO_STREAM = Bad(status=404, says="'none'", make=lambda _bench, made: made.put(at={**made.at, "n": "none"}))
_CONFIDENCE = {"value": probability, "thresholds": [str]}


def _there(bench: Bench) -> Made:
    made, _, name = stream(bench)
    return Made(at={"o": made.owner, "d": made.name, "n": name}, resource=made.key)


def _with_model(bench: Bench) -> Made:
    made, _, name = stream(bench, with_model=True)
    return Made(at={"o": made.owner, "d": made.name, "n": name}, resource=made.key)


_looked_at = shared(_there)
_model_looked_at = shared(_with_model)


def _path(made: Made, verb: str = "") -> str:
    return f"/api/v1/datasets/id:{made.resource}/streams/{made.at['n']}{verb}"


def _fetched(bench: Bench, made: Made) -> Any:
    return bench.ok("POST", _path(made, "/fetch"), {"size": 2})


def _to_advance(bench: Bench) -> Made:
    made = _there(bench)
    return made.put(body={"sequence_id": _fetched(bench, made)["sequence_id"]})


def _has_advanced(bench: Bench, made: Made, _told: Any) -> None:
    rest = _fetched(bench, made)
    assert [one["comment"]["id"] for one in rest["results"]] == ["c2", "c3"]
    first = made.body["sequence_id"]
    bench.ok("POST", _path(made, "/advance"), {"sequence_id": rest["sequence_id"]})
    bench.ok("POST", _path(made, "/advance"), {"sequence_id": first})
    assert _fetched(bench, made)["results"] == [], "never backwards"


def _was_reset(bench: Bench, made: Made, _told: Any) -> None:
    assert [one["comment"]["id"] for one in _fetched(bench, made)["results"]] == ["c0", "c1"]


def _advanced(bench: Bench) -> Made:
    made = _to_advance(bench)
    bench.ok("POST", _path(made, "/advance"), made.body)
    return made.put(body=_PAST)


def _exception(bench: Bench) -> Made:
    made, of, name = stream(bench)
    body = {"exceptions": [{"uid": f"{of.key}.c0", "metadata": {"type": "no parcel number"}}]}
    return Made(at={"o": made.owner, "d": made.name, "n": name}, resource=made.key, body=body)


def _tagged(bench: Bench) -> Made:
    made = _exception(bench)
    bench.ok("PUT", _path(made, "/exceptions"), made.body)
    return made.put(body=None, query={"uid": made.body["exceptions"][0]["uid"]})


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    assert "unknown stream" in bench.fails(404, "GET", _path(made))


def _under(one: str) -> tuple[Route, ...]:
    home = f"/api/v1/datasets/<o>/<d>/{one}s"
    here = f"{home}/<n>"

    def new(bench: Bench) -> Made:
        made, _ = trained(bench)
        given = {
            "name": bench.fresh("flow"),
            "title": "Refunds",
            "description": "Money back.",
            "comment_filter": {"user_properties": {"string:Team": {"one_of": ["N"]}}},
            "model": {"version": 2, "label_thresholds": [{"name": ["Refund"], "threshold": 0.6}]},
        }
        return Made(at={"o": made.owner, "d": made.name}, resource=made.key, body={one: given})

    def created(_bench: Bench, made: Made, told: Any) -> None:
        assert {key: told[one][key] for key in made.body[one]} == made.body[one]

    def other(bench: Bench, made: Made) -> Made:
        bench.ok("PUT", f"/api/v1/datasets/id:{made.resource}/{one}s", made.body)
        return made.put(body={one: {**made.body[one], "title": "Another"}})

    def with_body(**given: Any) -> dict[str, Any]:
        return {one: given}

    return (
        Route(
            method="PUT",
            path=home,
            made=new,
            shape={**OK, one: _SHOWN},
            bad=(
                UNKNOWN,
                Bad(status=400, says="name", body=with_body(name="a b")),
                Bad(
                    status=404,
                    says="99",
                    body=with_body(name="x", model={"version": 99, "label_thresholds": []}),
                ),
                Bad(
                    status=404,
                    says="'Nothing'",
                    body=with_body(
                        name="x",
                        model={"version": 2, "label_thresholds": [{"name": ["Nothing"], "threshold": 0.5}]},
                    ),
                ),
                Bad(status=409, says="exists already", make=other),
            ),
            lacks=_MANAGES,
            then=created,
        ),
        Route(
            method="GET",
            path=home,
            made=_looked_at,
            shape={**OK, f"{one}s": some(_SHOWN)},
            bad=(UNKNOWN, Bad(status=400, says="unknown field `page`", query={"page": 1})),
            lacks=_READS,
        ),
        Route(
            method="GET",
            path=here,
            made=_model_looked_at,
            shape={**OK, one: _SHOWN},
            bad=(UNKNOWN, _NO_STREAM),
            lacks=_READS,
        ),
        Route(
            method="POST",
            path=here,
            made=lambda bench: _there(bench).put(body=with_body(title="Other")),
            shape={**OK, one: {**_SHOWN, "title": "Other"}},
            bad=(
                UNKNOWN,
                _NO_STREAM,
                Bad(status=400, says="'elsewhere'", body=with_body(name="elsewhere")),
                Bad(status=400, says="title", body=with_body(title="x" * 129)),
            ),
            lacks=_MANAGES,
        ),
        Route(
            method="DELETE",
            path=here,
            made=_there,
            shape=OK,
            bad=(UNKNOWN, _NO_STREAM),
            lacks=_MANAGES,
            again=GONE,
            then=_is_gone,
        ),
        Route(
            method="POST",
            path=f"{here}/fetch",
            made=lambda bench: _model_looked_at(bench).put(body={"size": 2}),
            shape={
                **OK,
                "results": some(
                    {"comment": COMMENT, "sequence_id": str, "labels": [PREDICTED], "entities": []}
                ),
                "filtered": int,
                "sequence_id": str,
                "is_end_sequence": bool,
            },
            bad=(
                UNKNOWN,
                _NO_STREAM,
                Bad(status=400, says="$.size", body={"size": 0}),
                Bad(status=400, says="$.size", body={"size": 1_025}),
            ),
            lacks=_CONSUMES,
        ),
        Route(
            method="POST",
            path=f"{here}/advance",
            made=_to_advance,
            shape={**OK, "sequence_id": str},
            bad=(UNKNOWN, _NO_STREAM, Bad(status=400, says="'garbage'", body={"sequence_id": "garbage"})),
            lacks=_CONSUMES,
            then=_has_advanced,
        ),
        Route(
            method="POST",
            path=f"{here}/reset",
            made=_advanced,
            shape={**OK, "sequence_id": str, one: _SHOWN},
            bad=(
                UNKNOWN,
                _NO_STREAM,
                Bad(status=400, says="to_comment_created_at", body={"to_comment_created_at": "yesterday"}),
            ),
            lacks=_CONSUMES,
            again=Again(written=True, fresh=("sequence_id",)),
            then=_was_reset,
        ),
        Route(
            method="GET",
            path=f"{here}/results",
            made=lambda bench: _model_looked_at(bench).put(query={"max_results": 2}),
            shape={
                **OK,
                "results": some(
                    {
                        "comment": COMMENT,
                        "prediction": {
                            "taxonomies": [
                                {
                                    "name": "default",
                                    "labels": [
                                        {
                                            "name": str,
                                            "occurrence_confidence": _CONFIDENCE,
                                            "extraction_confidence": _CONFIDENCE,
                                            "fields": [],
                                        }
                                    ],
                                    "general_fields": [],
                                }
                            ],
                            "scores": [],
                        },
                        "continuation": str,
                    }
                ),
                "num_filtered": int,
                "more_results": bool,
                "continuation": str,
                "model": {"version": 2},
            },
            bad=(UNKNOWN, _NO_STREAM, Bad(status=400, says="$.max_results", query={"max_results": 1_025})),
            lacks=_CONSUMES,
        ),
        Route(
            method="PUT",
            path=f"{here}/exceptions",
            made=_exception,
            shape=OK,
            bad=(
                UNKNOWN,
                _NO_STREAM,
                Bad(
                    status=404,
                    says="00aa11bb22cc33dd.c0",
                    body={"exceptions": [{"uid": "00aa11bb22cc33dd.c0", "metadata": {"type": "x"}}]},
                ),
                Bad(status=400, says="metadata", body={"exceptions": [{"uid": "00aa11bb22cc33dd.c0"}]}),
            ),
            lacks=_CONSUMES,
        ),
        Route(
            method="DELETE",
            path=f"{here}/exceptions",
            made=_tagged,
            shape=OK,
            bad=(UNKNOWN, _NO_STREAM, Bad(status=400, says="`uid`", query={})),
            lacks=_CONSUMES,
        ),
    )


ROUTES = (*_under("stream"), *_under("trigger"))
