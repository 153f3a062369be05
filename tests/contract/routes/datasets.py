"""Datasets, and questions about the comments in them."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import GONE, Again, Bad, Lacks, Made, Route
from tests.contract.routes.making import dataset, full_shared, reviewed, shared, source
from tests.contract.routes.shapes import (
    ANNOTATED,
    COMMENT,
    LABEL,
    OK,
    hex_id,
    mapping,
    maybe,
    moment,
    number,
    one_of,
    probability,
    some,
)

LABEL_DEF = {
    "name": str,
    "title?": str,
    "instructions?": str,
    "external_id?": str,
    "trainable?": bool,
}
DATASET = {
    "id": hex_id,
    "name": str,
    "owner": str,
    "title": str,
    "description": str,
    "created": moment,
    "last_modified": moment,
    "model_family": one_of("english", "german", "transformer-xlm", "random"),
    "source_ids": [hex_id],
    "has_sentiment": bool,
    "entity_defs": [],
    "general_fields": [],
    "label_defs": [LABEL_DEF],
    "label_groups": [{"name": "default", "label_defs": [LABEL_DEF]}],
    "_dataset_flags": [one_of("gpt4", "external_moon_llm", "qos", "zero_shot_labels", "ixp")],
    "_model_config": {"kind": "cm"},
}
_ALL = "/api/v1/datasets"
_ONE = f"{_ALL}/<o>/<d>"
_PRIVATE = "/api/_private/datasets/<o>/<d>"
READS = Lacks(who="watcher", says="'Dataset - Read'")
_MANAGES = Lacks(who="viewer", says="'Dataset - Manage'")
UNKNOWN = Bad(status=404, says="'nowhere/none'", at={"o": "nowhere", "d": "none"})
_NO_ID = Bad(
    status=404, says="00aa11bb22cc33dd", make=lambda _bench, made: made.put(resource="00aa11bb22cc33dd")
)
_BAD_TIME = {"timestamp": {"minimum": "yesterday"}}


def there(bench: Bench) -> Made:
    """A dataset of four comments."""
    made, _ = dataset(bench)
    return Made(at={"o": made.owner, "d": made.name}, resource=made.key)


def said_of(bench: Bench) -> Made:
    """A dataset of four comments, three of them reviewed."""
    made, _ = reviewed(bench)
    return Made(at={"o": made.owner, "d": made.name}, resource=made.key)


looked_at = shared(there)
said_looked_at = shared(said_of)


def _new(bench: Bench) -> Made:
    of = full_shared(bench)
    given = {
        "source_ids": [of.key],
        "has_sentiment": False,
        "title": "All",
        "description": "All that comes in.",
        "label_defs": [{"name": "Refund", "instructions": "Money back."}, {"name": "Parcel > Late"}],
        "model_family": "english",
    }
    return Made(at={"o": of.owner, "d": bench.fresh("all")}, body={"dataset": given})


def _created(_bench: Bench, made: Made, told: Any) -> None:
    wanted, got = made.body["dataset"], told["dataset"]
    for key in ("source_ids", "has_sentiment", "title", "description", "model_family"):
        assert got[key] == wanted[key]
    names = [one["name"] for one in got["label_defs"]]
    assert [name for name in names if name != "Parcel"] == ["Refund", "Parcel > Late"]
    assert got["label_groups"] == [{"name": "default", "label_defs": got["label_defs"]}]


def _taken(bench: Bench, made: Made) -> Made:
    other, _ = dataset(bench, title="Another")
    return made.put(at={"o": other.owner, "d": other.name})


def _changed(bench: Bench) -> Made:
    made, of = dataset(bench)
    more = source(bench, of.owner)
    given = {"title": "Other", "source_ids": [of.key, more.key]}
    return Made(at={"o": made.owner, "d": made.name}, resource=made.key, body={"dataset": given})


def _is_changed(bench: Bench, made: Made, told: Any) -> None:
    wanted, got = made.body["dataset"], told["dataset"]
    assert (got["title"], set(got["source_ids"])) == (wanted["title"], set(wanted["source_ids"]))
    path = f"{_ALL}/id:{made.resource}"
    assert bench.ok("POST", path, {"dataset": {}}) == told, "nothing said is nothing changed"
    assert bench.ok("POST", path, {"dataset": {"source_ids": []}})["dataset"]["source_ids"] == []


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    assert "unknown dataset" in bench.fails(404, "GET", f"{_ALL}/id:{made.resource}")


def _only_reviewed(_bench: Bench, _made: Made, told: Any) -> None:
    assert sorted(one["comment"]["id"] for one in told["results"]) == ["c0", "c1", "c2"]


ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        made=looked_at,
        shape={**OK, "datasets": some(DATASET)},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=Lacks(who="nobody", hides="datasets"),
    ),
    Route(
        method="GET",
        path=_ONE,
        made=looked_at,
        shape={**OK, "dataset": DATASET},
        bad=(UNKNOWN,),
        lacks=READS,
    ),
    Route(
        method="PUT",
        path=_ONE,
        by_id=False,
        made=_new,
        shape={**OK, "dataset": DATASET},
        bad=(
            Bad(status=404, says="No such project", at={"o": "nowhere"}),
            Bad(status=400, says="'a b'", at={"d": "a b"}),
            Bad(
                status=400,
                says="'klingon' is not one of",
                body={"dataset": {"source_ids": [], "has_sentiment": False, "model_family": "klingon"}},
            ),
            Bad(
                status=404,
                says="00aa11bb22cc33dd",
                body={"dataset": {"source_ids": ["00aa11bb22cc33dd"], "has_sentiment": False}},
            ),
            Bad(
                status=400,
                says="empty level",
                body={"dataset": {"source_ids": [], "label_defs": [{"name": "A >  > B"}]}},
            ),
            Bad(status=409, says="exists already", make=_taken),
        ),
        lacks=_MANAGES,
        then=_created,
    ),
    Route(
        method="POST",
        path=_ONE,
        made=_changed,
        shape={**OK, "dataset": DATASET},
        bad=(
            UNKNOWN,
            Bad(status=400, says="title", body={"dataset": {"title": "x" * 129}}),
            Bad(status=404, says="00aa11bb22cc33dd", body={"dataset": {"source_ids": ["00aa11bb22cc33dd"]}}),
        ),
        lacks=_MANAGES,
        then=_is_changed,
    ),
    Route(
        method="GET",
        path=f"{_ALL}/id:<d>",
        made=looked_at,
        shape={**OK, "dataset": DATASET},
        bad=(_NO_ID,),
        lacks=READS,
    ),
    Route(
        method="DELETE",
        path=f"{_ALL}/id:<d>",
        made=said_of,
        shape=OK,
        bad=(_NO_ID,),
        lacks=_MANAGES,
        again=GONE,
        then=_is_gone,
    ),
    Route(
        method="POST",
        path=f"{_PRIVATE}/statistics",
        made=lambda bench: said_looked_at(bench).put(
            body={
                "comment_filter": {"timestamp": {}, "messages": {}},
                "label_property_timeseries": False,
                "label_timeseries": True,
                "time_resolution": "week",
            }
        ),
        shape={
            **OK,
            "statistics": {
                "num_comments": 4,
                "label_counts": mapping({"positive": int, "negative": int}),
                "label_timeseries": some([lambda cell: isinstance(cell, str) or number(cell)]),
                "label_timeseries_labels": [str],
            },
        },
        bad=(
            UNKNOWN,
            Bad(status=400, says="minimum", body={"comment_filter": _BAD_TIME}),
            Bad(status=400, says="'hour'", body={"time_resolution": "hour"}),
        ),
        lacks=READS,
    ),
    Route(
        method="POST",
        path=f"{_PRIVATE}/summary",
        made=lambda bench: looked_at(bench).put(body={"filter": {}}),
        shape={
            **OK,
            "summary": {
                "user_properties": {
                    "string": some(
                        {"full_name": "string:Team", "values": some({"value": str, "num_comments": int})}
                    ),
                    "number": some({"full_name": "number:NPS"}),
                }
            },
        },
        bad=(UNKNOWN, Bad(status=400, says="minimum", body={"filter": _BAD_TIME})),
        lacks=READS,
    ),
    Route(
        method="POST",
        path=f"{_PRIVATE}/query",
        made=lambda bench: said_looked_at(bench).put(
            body={"filter": {"reviewed": "only_reviewed"}, "order": {"kind": "recent"}, "limit": 10}
        ),
        shape={**OK, "results": some(ANNOTATED), "continuation": maybe(str), "entity_defs": []},
        bad=(
            UNKNOWN,
            Bad(status=400, says="'lately'", body={"filter": {}, "order": {"kind": "lately"}}),
            Bad(status=400, says="$.limit", body={"limit": 0}),
            Bad(status=400, says="'garbage'", body={"continuation": "garbage"}),
            Bad(status=404, says="'Nothing'", body={"order": {"kind": "by_label", "label": "Nothing"}}),
        ),
        lacks=READS,
        then=_only_reviewed,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/export",
        made=lambda bench: said_looked_at(bench).put(body={"limit": 2, "order_by": "timestamp"}),
        shape={
            **OK,
            "comments": some(
                {
                    "comment": COMMENT,
                    "annotations": {"labels": {"assigned": [LABEL]}},
                    "predictions": {"labels": [{"name": str, "probability": probability}]},
                    "thread_properties?": dict,
                }
            ),
            "continuation": maybe(str),
        },
        bad=(
            UNKNOWN,
            Bad(status=400, says="'size'", body={"order_by": "size"}),
            Bad(status=400, says="'garbage'", body={"continuation": "garbage"}),
            Bad(status=400, says="comment_uids", body={"comment_uids": []}),
        ),
        lacks=Lacks(who="viewer", says="'Dataset - Export'"),
        again=Again(written=True),
    ),
)
