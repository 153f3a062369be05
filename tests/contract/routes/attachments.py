"""Files of comments: sounds, and attachments, which may come before their comment."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Again, Bad, Lacks, Made, Route
from tests.contract.routes.making import comment, shared
from tests.contract.routes.shapes import OK
from tests.contract.routes.sources import full, there

CONTENT = b"\x89 what was attached"
_COMMENT = "/api/_private/sources/id:<s>/comments/<c>"
_UPLOADS = Lacks(who="viewer", says="'Message - Manage'")
_NO_ID = Bad(
    status=404, says="00aa11bb22cc33dd", make=lambda _bench, made: made.put(resource="00aa11bb22cc33dd")
)


def _of_comment(bench: Bench) -> Made:
    made = full(bench)
    return made.put(at={**made.at, "c": "c1", "n": "0"}, file=CONTENT)


def _heard(bench: Bench, made: Made, _told: Any) -> None:
    path = f"/api/_private/sources/id:{made.resource}/comments/c1/audio"
    assert bench.send("GET", path).content == CONTENT


def _stored(bench: Bench, made: Made, _told: Any) -> None:
    of = f"/api/v1/sources/id:{made.resource}"
    file = {"name": "slip.pdf", "size": len(CONTENT), "content_type": ".pdf"}
    bench.ok("POST", f"{of}/sync", {"comments": [comment(1, attachments=[file])]})
    (told,) = bench.ok("GET", f"{of}/comments/c1")["comment"]["attachments"]
    assert told["content_hash"] == sha256(CONTENT).hexdigest()


def _attached(bench: Bench) -> Made:
    made = there(bench)
    file = {"name": "slip.pdf", "size": len(CONTENT), "content_type": ".pdf"}
    path = f"/api/_private/sources/id:{made.resource}/comments/c1/attachments/0"
    bench.ok("PUT", path, file=CONTENT)
    of = f"/api/v1/sources/id:{made.resource}"
    bench.ok("POST", f"{of}/sync", {"comments": [comment(1, attachments=[file])]})
    (told,) = bench.ok("GET", f"{of}/comments/c1")["comment"]["attachments"]
    return Made(at={"ref": told["attachment_reference"]})


ROUTES = (
    Route(
        method="PUT",
        path=f"{_COMMENT}/audio",
        made=_of_comment,
        shape=OK,
        bad=(
            _NO_ID,
            Bad(status=400, says="'a b'", make=lambda _bench, made: made.put(at={**made.at, "c": "a b"})),
        ),
        lacks=_UPLOADS,
        then=_heard,
    ),
    Route(
        method="PUT",
        path=f"{_COMMENT}/attachments/<n>",
        made=_of_comment,
        shape={**OK, "content_hash": sha256(CONTENT).hexdigest()},
        bad=(
            _NO_ID,
            Bad(status=400, says="'first'", make=lambda _bench, made: made.put(at={**made.at, "n": "first"})),
        ),
        lacks=_UPLOADS,
        then=_stored,
    ),
    Route(
        method="GET",
        path="/api/v1/attachments/<ref>",
        made=shared(_attached),
        shape=bytes,
        bad=(
            Bad(status=404, says="'nothing'", at={"ref": "nothing"}),
            Bad(status=404, says="00aa11bb22cc33dd", at={"ref": "0.00aa11bb22cc33dd.c1"}),
        ),
        lacks=Lacks(who="watcher", says="'Source - Read'"),
        again=Again(written=True),
    ),
)
