"""Predictions: of what is handed in, charged; of stored comments, free."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Again, Bad, Lacks, Made, Route
from tests.contract.routes.datasets import READS, UNKNOWN
from tests.contract.routes.making import LATE, REFUND, trained
from tests.contract.routes.models import NO_VERSION, there
from tests.contract.routes.shapes import OK, PREDICTED, moment, one_of, some

_ONE = "/api/v1/datasets/<o>/<d>/labellers/<v>"
_MODEL = {"version": 2, "time": moment}
_EXECUTES = Lacks(who="viewer", says="'Project - Execute'")
_RAW = {"headers": {"parsed": {"Subject": "Refund", "From": "ann@buyer.example"}}, "body": {"plain": REFUND}}
_BAD = (
    UNKNOWN,
    NO_VERSION,
    Bad(status=400, says="$.documents", body={"documents": "all"}),
    Bad(status=422, says="0 messages", body={"documents": []}),
    Bad(status=400, says="unknown field `text`", body={"documents": [{"text": "x"}]}),
)


def _documents(bench: Bench) -> Made:
    documents = [{"messages": [{"body": {"text": text}}]} for text in (REFUND, LATE)]
    return there(bench).put(body={"documents": documents, "threshold": 0})


def _comments(bench: Bench) -> Made:
    _, of = trained(bench)
    uids = [f"{of.key}.c59", f"{of.key}.c0", f"{of.key}.c58"]
    return there(bench).put(body={"uids": uids, "threshold": "auto"})


def _in_order(_bench: Bench, made: Made, told: Any) -> None:
    assert [one["uid"] for one in told["predictions"]] == made.body["uids"]


def _charged(n: int) -> Any:
    def check(bench: Bench, made: Made, told: Any) -> None:
        assert len(told["predictions"]) == n
        entries = bench.there.ledger_table().to_pylist()[-n:]
        assert [(one["charged"], one["actor"], one["units"]) for one in entries] == [(True, "boss", 1)] * n
        assert {one["source"] for one in entries} == {made.resource}

    return check


ROUTES = (
    Route(
        method="POST",
        path=f"{_ONE}/predict",
        made=_documents,
        shape={**OK, "predictions": some(some(PREDICTED)), "model": _MODEL},
        bad=(
            *_BAD,
            Bad(status=400, says="threshold", body={"documents": [], "threshold": 1.5}),
            Bad(
                status=404,
                says="'Nothing'",
                make=lambda _bench, made: made.put(body={**made.body, "labels": [{"name": ["Nothing"]}]}),
            ),
        ),
        lacks=_EXECUTES,
        again=Again(charged=2),
        then=_charged(2),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/predict-raw-emails",
        made=lambda bench: there(bench).put(body={"documents": [{"raw_email": _RAW}], "threshold": 0}),
        shape={**OK, "predictions": some(some(PREDICTED)), "model": _MODEL},
        bad=(
            *_BAD,
            Bad(
                status=422,
                says="The value 'x.1' is not a valid transform tag.",
                make=lambda _bench, made: made.put(body={**made.body, "transform_tag": "x.1"}),
            ),
        ),
        lacks=_EXECUTES,
        again=Again(charged=1),
        then=_charged(1),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/predict-comments",
        made=_comments,
        shape={
            **OK,
            "predictions": some(
                {
                    "uid": str,
                    "labels": [
                        {
                            **PREDICTED,
                            "auto_thresholds": [one_of("high_recall", "balanced", "high_precision")],
                        }
                    ],
                }
            ),
            "model": _MODEL,
        },
        bad=(
            UNKNOWN,
            NO_VERSION,
            Bad(status=404, says="00aa11bb22cc33dd.c0", body={"uids": ["00aa11bb22cc33dd.c0"]}),
            Bad(status=400, says="$.uids", body={"uids": "all"}),
            Bad(status=400, says="$.threshold", body={"uids": [], "threshold": "most"}),
        ),
        lacks=READS,
        then=_in_order,
    ),
)
