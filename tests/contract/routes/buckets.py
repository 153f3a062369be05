"""Buckets and their mails."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import GONE, Again, Bad, Lacks, Made, Route
from tests.contract.routes.making import bucket, email, full_bucket, home, shared
from tests.contract.routes.shapes import OK, hex_id, maybe, moment, some

BUCKET = {
    "id": hex_id,
    "owner": str,
    "name": str,
    "title": str,
    "bucket_type": "emails",
    "created_at": moment,
    "updated_at": moment,
}
EMAIL = {
    "id": str,
    "mailbox": str,
    "timestamp": moment,
    "mime_content": str,
    "attachments": [],
    "created_at": maybe(moment),
    "metadata?": dict,
}
_ALL = "/api/_private/buckets"
_ONE = f"{_ALL}/<o>/<b>"
_READS = Lacks(who="watcher", says="'Bucket - Read'")
_WRITES = Lacks(who="viewer", says="'Bucket - Write'")
_WRITTEN = Again(written=True)
"""Who reads mails as received is written down each time."""
_UNKNOWN = Bad(status=404, says="'nowhere/none'", at={"o": "nowhere", "b": "none"})
_NO_ID = Bad(
    status=404, says="00aa11bb22cc33dd", make=lambda _bench, made: made.put(resource="00aa11bb22cc33dd")
)


def _there(bench: Bench) -> Made:
    made = bucket(bench)
    return Made(at={"o": made.owner, "b": made.name}, resource=made.key)


def _full(bench: Bench) -> Made:
    made = full_bucket(bench)
    return Made(at={"o": made.owner, "b": made.name}, resource=made.key)


_looked_at = shared(_full)


def _new(bench: Bench) -> Made:
    body = {"bucket": {"bucket_type": "emails", "title": "Post"}}
    return Made(at={"o": home(bench), "b": bench.fresh("post")}, body=body)


def _taken(bench: Bench, made: Made) -> Made:
    there = bucket(bench)
    return made.put(at={"o": there.owner, "b": there.name})


def _is_gone(bench: Bench, made: Made, _told: Any) -> None:
    assert "unknown bucket" in bench.fails(404, "GET", f"{_ALL}/id:{made.resource}")


def _handed_in(bench: Bench, made: Made, _told: Any) -> None:
    told = bench.ok("POST", f"{_ALL}/id:{made.resource}/emails", {"limit": 10})["emails"]
    assert [one["mime_content"] for one in told] == [one["mime_content"] for one in made.body["emails"]]


ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        made=_looked_at,
        shape={**OK, "buckets": some(BUCKET)},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=Lacks(who="nobody", hides="buckets"),
    ),
    Route(
        method="GET",
        path=_ONE,
        made=_looked_at,
        shape={**OK, "bucket": BUCKET},
        bad=(_UNKNOWN,),
        lacks=_READS,
    ),
    Route(
        method="PUT",
        path=_ONE,
        by_id=False,
        made=_new,
        shape={**OK, "bucket": {**BUCKET, "title": "Post"}},
        bad=(
            Bad(status=400, says="'files'", body={"bucket": {"bucket_type": "files"}}),
            Bad(status=404, says="No such project", at={"o": "nowhere"}),
            Bad(status=400, says="'a b'", at={"b": "a b"}),
            Bad(status=409, says="exists already", make=_taken),
        ),
        lacks=_WRITES,
    ),
    Route(
        method="GET",
        path=f"{_ALL}/id:<b>",
        made=_looked_at,
        shape={**OK, "bucket": BUCKET},
        bad=(_NO_ID,),
        lacks=_READS,
    ),
    Route(
        method="DELETE",
        path=f"{_ALL}/id:<b>",
        made=_full,
        shape=OK,
        bad=(_NO_ID,),
        lacks=_WRITES,
        again=GONE,
        then=_is_gone,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/statistics",
        made=_looked_at,
        shape={**OK, "statistics": {"count": {"kind": "exact", "value": 2}}},
        bad=(_UNKNOWN,),
        lacks=_READS,
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/emails",
        made=lambda bench: _there(bench).put(
            body={"emails": [email(1), email(2)]}, query={"no_charge": "false"}
        ),
        shape={**OK, "new": 2, "unchanged": 0},
        bad=(
            _UNKNOWN,
            Bad(status=400, says="mailbox", body={"emails": [{"id": "m1"}]}),
            Bad(status=400, says="timestamp", body={"emails": [{**email(1), "timestamp": "soon"}]}),
            Bad(status=400, says="$.no_charge", query={"no_charge": "perhaps"}),
        ),
        lacks=Lacks(who="viewer", says="'Bucket - Append'"),
        again=Again(reply=lambda first: {**first, "new": 0, "unchanged": 2}),
        then=_handed_in,
    ),
    Route(
        method="POST",
        path=f"{_ONE}/emails",
        made=lambda bench: _looked_at(bench).put(body={"limit": 1}),
        shape={**OK, "emails": some(EMAIL), "continuation": maybe(str)},
        bad=(
            _UNKNOWN,
            Bad(status=400, says="limit", body={"limit": 257}),
            Bad(status=400, says="'garbage'", body={"continuation": "garbage"}),
        ),
        lacks=_READS,
        again=_WRITTEN,
    ),
    Route(
        method="GET",
        path=f"{_ONE}/emails",
        made=lambda bench: _looked_at(bench).put(query={"id": email(2)["id"]}),
        shape={**OK, "emails": some(EMAIL), "continuation": None},
        bad=(
            _UNKNOWN,
            Bad(status=400, says="`id`", query={}),
            Bad(status=400, says="129 mails", query={"id": [f"m{one}" for one in range(129)]}),
        ),
        lacks=_READS,
        again=_WRITTEN,
    ),
)
