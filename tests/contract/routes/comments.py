"""Comments of a source: uploaded, listed, read, deleted."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import SAME, Again, Bad, Lacks, Made, Route
from tests.contract.routes.making import comment
from tests.contract.routes.shapes import COMMENT, OK, maybe, some
from tests.contract.routes.sources import UNKNOWN, full, looked_at, there

_LISTED = "/api/_private/sources/<o>/<s>/comments"
_PUBLIC = "/api/v1/sources/<o>/<s>"
_READS = Lacks(who="watcher", says="'Source - Read'")
_UPLOADS = Lacks(who="viewer", says="'Message - Manage'")
_COUNTS = {"new": 2, "updated": 0, "unchanged": 0, "updated_properties_only": 0, "updated_text_changed": 0}
_RAW = (
    "From: kim@shop.example\r\nTo: help@carrier.example\r\nSubject: Late\r\nMessage-ID: <m1@shop.example>\r\n"
)
_RAW += "Date: Tue, 5 Mar 2024 09:15:00 +0000\r\n"
_BAD_COMMENTS = (
    UNKNOWN,
    Bad(status=400, says="unknown field `author`", body={"comments": [comment(0, author="x")]}),
    Bad(status=400, says="$.comments[0].id", body={"comments": [{**comment(0), "id": "a b"}]}),
    Bad(status=400, says="'..'", body={"comments": [{**comment(0), "id": ".."}]}),
    Bad(status=400, says="timestamp", body={"comments": [{**comment(0), "timestamp": "soon"}]}),
    Bad(status=400, says="'date:x'", body={"comments": [{**comment(0), "user_properties": {"date:x": "1"}}]}),
    Bad(status=400, says="$.no_charge", query={"no_charge": "perhaps"}),
)


def _new(bench: Bench) -> Made:
    made = there(bench)
    return made.put(body={"comments": [comment(0), comment(1)]}, query={"no_charge": "false"})


def _mails(bench: Bench) -> Made:
    document = {"raw_email": {"headers": {"raw": _RAW}, "body": {"plain": "Where is parcel 4411?"}}}
    body = {"documents": [document], "include_comments": True, "transform_tag": "generic.0.CONVKER5"}
    return there(bench).put(body=body, query={"no_charge": "false"})


def _stored(bench: Bench, made: Made, _told: Any) -> None:
    owner, name = made.at["o"], made.at["s"]
    told = bench.ok("GET", f"/api/_private/sources/{owner}/{name}/comments")["comments"]
    sent = made.body["comments"]
    assert [one["messages"] for one in told] == [one["messages"] for one in sent]
    assert [one["user_properties"] for one in told] == [one["user_properties"] for one in sent]
    assert bench.there.ledger_table()["charged"].to_pylist()[-2:] == [True, True]


def _another(bench: Bench, made: Made) -> Made:
    bench.ok("PUT", f"/api/_private/sources/{made.at['o']}/{made.at['s']}/comments", made.body)
    return made.put(body={"comments": [comment(0, "Quite another text.")]})


def _deleted(bench: Bench, made: Made, _told: Any) -> None:
    told = bench.ok("GET", f"/api/_private/sources/{made.at['o']}/{made.at['s']}/comments")["comments"]
    assert [one["id"] for one in told] == ["c2"]


ROUTES = (
    Route(
        method="PUT",
        path=_LISTED,
        made=_new,
        shape=OK,
        bad=(
            *_BAD_COMMENTS,
            Bad(status=409, says="'c0'", make=_another),
        ),
        lacks=_UPLOADS,
        then=_stored,
    ),
    Route(
        method="GET",
        path=_LISTED,
        made=lambda bench: looked_at(bench).put(query={"limit": 2, "include_markup": "true"}),
        shape={**OK, "comments": some(COMMENT), "continuation": maybe(str)},
        bad=(
            UNKNOWN,
            Bad(status=400, says="$.limit", query={"limit": 257}),
            Bad(status=400, says="'garbage'", query={"after": "garbage"}),
            Bad(status=400, says="'yesterday'", query={"from_timestamp": "yesterday"}),
        ),
        lacks=_READS,
    ),
    Route(
        method="POST",
        path=f"{_PUBLIC}/sync",
        made=_new,
        shape={**OK, **_COUNTS},
        bad=_BAD_COMMENTS,
        lacks=_UPLOADS,
        again=Again(reply=lambda first: {**first, "new": 0, "unchanged": 2}),
        then=_stored,
    ),
    Route(
        method="POST",
        path=f"{_PUBLIC}/sync-raw-emails",
        made=_mails,
        shape={**OK, **_COUNTS, "new": 1, "comments": some(COMMENT)},
        bad=(
            UNKNOWN,
            Bad(
                status=422,
                says="The value 'x.1' is not a valid",
                body={"documents": [], "transform_tag": "x.1"},
            ),
            Bad(
                status=400,
                says="document 0",
                body={"documents": [{"raw_email": {"headers": {}, "body": {"plain": "x"}}}]},
            ),
            Bad(status=400, says="unknown field `mails`", body={"mails": []}),
            Bad(status=400, says="$.no_charge", query={"no_charge": "perhaps"}),
        ),
        lacks=_UPLOADS,
        again=Again(reply=lambda first: {**first, "new": 0, "unchanged": 1}),
    ),
    Route(
        method="GET",
        path=f"{_PUBLIC}/comments/<c>",
        made=lambda bench: _of(looked_at(bench), "c1"),
        shape={**OK, "comment": {**COMMENT, "id": "c1"}},
        bad=(
            UNKNOWN,
            Bad(status=404, says="c99", make=lambda _bench, made: _of(made, "c99")),
            Bad(status=404, says=".a%b", make=lambda _bench, made: _of(made, "a%b")),
            Bad(status=400, says="$.include_markup", query={"include_markup": "perhaps"}),
        ),
        lacks=_READS,
    ),
    Route(
        method="DELETE",
        path=f"{_PUBLIC}/comments",
        made=lambda bench: full(bench).put(query={"id": ["c0", "c1", "never"]}),
        shape=OK,
        bad=(
            UNKNOWN,
            Bad(status=400, says="129 comments", query={"id": [f"c{one}" for one in range(129)]}),
            Bad(status=400, says="0 comments", query={}),
        ),
        lacks=_UPLOADS,
        again=SAME,
        then=_deleted,
    ),
)


def _of(made: Made, comment_id: str) -> Made:
    return made.put(at={**made.at, "c": comment_id})
