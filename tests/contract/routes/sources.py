"""Sources."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import GONE, Bad, Lacks, Made, Route
from tests.contract.routes.making import bucket, full_source, home, shared, source
from tests.contract.routes.shapes import OK, hex_id, maybe, moment, one_of, some

SOURCE = {
    "id": hex_id,
    "owner": str,
    "name": str,
    "title": str,
    "description": str,
    "language": one_of("en", "de", "xlm"),
    "should_translate": bool,
    "created_at": moment,
    "updated_at": moment,
    "last_modified": moment,
    "bucket_id": maybe(hex_id),
    "_kind": one_of("call", "chat", "unknown"),
    "sensitive_properties": [str],
    "email_transform_tag?": str,
}
_ONE = "/api/v1/sources/<o>/<s>"
_READS = Lacks(who="watcher", says="'Source - Read'")
_MANAGES = Lacks(who="viewer", says="'Source - Manage'")
NONE = {"o": "nowhere", "s": "none"}
UNKNOWN = Bad(status=404, says="'nowhere/none'", at=NONE)


def there(bench: Bench) -> Made:
    """A source."""
    made = source(bench, title="Mail")
    return Made(at={"o": made.owner, "s": made.name}, resource=made.key)


def full(bench: Bench) -> Made:
    """A source with three comments, which may be changed."""
    made = full_source(bench)
    return Made(at={"o": made.owner, "s": made.name}, resource=made.key)


looked_at = shared(full)
"""The same for all who only look."""


def _new(bench: Bench) -> Made:
    given = {
        "title": "Mail",
        "description": "What comes in.",
        "language": "de",
        "should_translate": False,
        "sensitive_properties": ["string:Name"],
        "_kind": "chat",
        "email_transform_tag": "generic.0.CONVKER5",
    }
    return Made(at={"o": home(bench), "s": bench.fresh("mail")}, body={"source": given})


def _created(_bench: Bench, made: Made, told: Any) -> None:
    wanted, got = made.body["source"], told["source"]
    assert {key: got[key] for key in wanted} == wanted
    assert (got["owner"], got["name"], got["bucket_id"]) == (made.at["o"], made.at["s"], None)


def _taken(bench: Bench, made: Made) -> Made:
    there = source(bench, title="Another")
    return made.put(at={"o": there.owner, "s": there.name})


def _is_changed(bench: Bench, made: Made, told: Any) -> None:
    assert told["source"]["title"] == "Other"
    again = bench.ok("POST", f"/api/v1/sources/{made.at['o']}/{made.at['s']}", {"source": {}})
    assert again == told, "nothing said is nothing changed"


def _bucket_elsewhere(bench: Bench, made: Made) -> Made:
    bucket(bench)
    return made.put(body={"source": {"bucket_id": "00aa11bb22cc33dd"}})


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    assert "unknown source" in bench.fails(404, "GET", f"/api/v1/sources/id:{made.resource}")


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/sources",
        made=looked_at,
        shape={**OK, "sources": some(SOURCE)},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=Lacks(who="nobody", hides="sources"),
    ),
    Route(
        method="GET",
        path=_ONE,
        made=looked_at,
        shape={**OK, "source": SOURCE},
        bad=(UNKNOWN,),
        lacks=_READS,
    ),
    Route(
        method="PUT",
        path=_ONE,
        by_id=False,
        made=_new,
        shape={**OK, "source": SOURCE},
        bad=(
            Bad(status=404, says="No such project", at=NONE),
            Bad(status=400, says="'a b'", at={"s": "a b"}),
            Bad(status=400, says="language", body={"source": {"language": "tlh!"}}),
            Bad(
                status=422,
                says="The value 'nothing.1' is not a valid transform tag.",
                body={"source": {"email_transform_tag": "nothing.1"}},
            ),
            Bad(status=404, says="'00aa11bb22cc33dd'", body={"source": {"bucket_id": "00aa11bb22cc33dd"}}),
            Bad(status=409, says="exists already", make=_taken),
        ),
        lacks=_MANAGES,
        then=_created,
    ),
    Route(
        method="POST",
        path=_ONE,
        made=lambda bench: there(bench).put(body={"source": {"title": "Other"}}),
        shape={**OK, "source": SOURCE},
        bad=(
            UNKNOWN,
            Bad(status=400, says="title", body={"source": {"title": "x" * 129}}),
            Bad(
                status=422,
                says="The value 'nothing.1' is not a valid transform tag.",
                body={"source": {"email_transform_tag": "nothing.1"}},
            ),
            Bad(status=404, says="'00aa11bb22cc33dd'", make=_bucket_elsewhere),
        ),
        lacks=_MANAGES,
        then=_is_changed,
    ),
    Route(
        method="GET",
        path="/api/v1/sources/id:<s>",
        made=looked_at,
        shape={**OK, "source": SOURCE},
        bad=(Bad(status=404, says="00aa11bb22cc33dd", make=lambda _bench, made: _nobody(made)),),
        lacks=_READS,
    ),
    Route(
        method="DELETE",
        path="/api/v1/sources/id:<s>",
        made=there,
        shape=OK,
        bad=(Bad(status=404, says="00aa11bb22cc33dd", make=lambda _bench, made: _nobody(made)),),
        lacks=_MANAGES,
        again=GONE,
        then=_is_gone,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/statistics",
        made=lambda bench: looked_at(bench).put(body={"comment_filter": {"timestamp": {}}}),
        shape={**OK, "statistics": {"num_comments": 3}},
        bad=(
            UNKNOWN,
            Bad(
                status=400,
                says="minimum",
                body={"comment_filter": {"timestamp": {"minimum": "yesterday"}}},
            ),
        ),
        lacks=_READS,
    ),
)


def _nobody(made: Made) -> Made:
    return made.put(resource="00aa11bb22cc33dd")
