"""Integrations with Exchange Online."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Bad, Lacks, Made, Route
from tests.contract.routes.making import home, shared
from tests.contract.routes.shapes import OK, hex_id, moment, one_of, some

_ALL = "/api/_private/integrations"
_ONE = f"{_ALL}/<o>/<n>"
_MAILBOX = {
    "email": str,
    "enabled": bool,
    "bucket_specification": {"project_name": str, "name": str, "title": str},
    "start_timestamp?": moment,
    "folder_allowlist?": [[str]],
    "folder_denylist?": [[str]],
    "participant_allowlist?": [str],
    "participant_denylist?": [str],
}
_INTEGRATION = {
    "id": hex_id,
    "owner": str,
    "name": str,
    "title": str,
    "type": "exchange_online",
    "created_at": moment,
    "updated_at": moment,
    "enabled": bool,
    "disabled_reason?": one_of("user", "quota", "sync_error"),
    "configuration": {
        "connection?": {
            "access": {"kind": "user_access", "username": str},
            "application": {"kind": "custom", "client_id": str, "tenant_id": str},
        },
        "mailboxes": [_MAILBOX],
    },
}
_READS = Lacks(who="watcher", says="unknown integration")
_WRITES = Lacks(who="viewer", says="'Integration - Write'")
_UNKNOWN = Bad(status=404, says="'nowhere/none'", at={"o": "nowhere", "n": "none"})


def _given(owner: str) -> dict[str, Any]:
    return {
        "title": "Mail",
        "enabled": False,
        "configuration": {
            "connection": {"access": {"kind": "user_access", "username": "reader@acme.example"}},
            "mailboxes": [
                {
                    "email": "help@acme.example",
                    "enabled": True,
                    "bucket_specification": {"project_name": owner, "name": "post", "title": "Post"},
                    "start_timestamp": "2026-01-02T03:04:05Z",
                    "folder_allowlist": [["Inbox", "Claims"]],
                }
            ],
        },
    }


def _new(bench: Bench) -> Made:
    owner = home(bench)
    return Made(at={"o": owner, "n": bench.fresh("mail")}, body={"integration": _given(owner)})


def _there(bench: Bench) -> Made:
    made = _new(bench)
    told = bench.ok("PUT", f"{_ALL}/{made.at['o']}/{made.at['n']}", made.body)
    return made.put(resource=told["integration"]["id"], body=None)


_looked_at = shared(_there)


def _created(_bench: Bench, made: Made, told: Any) -> None:
    wanted, got = made.body["integration"], told["integration"]
    assert (got["name"], got["title"], got["enabled"]) == (made.at["n"], wanted["title"], wanted["enabled"])
    shown, told_of = got["configuration"], wanted["configuration"]
    assert shown["mailboxes"] == told_of["mailboxes"]
    assert shown["connection"].items() >= told_of["connection"].items()


def _taken(bench: Bench, made: Made) -> Made:
    there = _there(bench)
    return made.put(at=there.at, body={"integration": {**_given(there.at["o"]), "title": "Another"}})


ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        made=_looked_at,
        shape={**OK, "integrations": some(_INTEGRATION), "num_other_types": int},
        bad=(Bad(status=400, says="unknown field `page`", query={"page": 1}),),
        lacks=Lacks(who="nobody", hides="integrations"),
    ),
    Route(
        method="GET",
        path=_ONE,
        made=_looked_at,
        shape={**OK, "integration": _INTEGRATION},
        bad=(_UNKNOWN,),
        lacks=_READS,
    ),
    Route(
        method="PUT",
        path=_ONE,
        by_id=False,
        made=_new,
        shape={**OK, "integration": _INTEGRATION},
        bad=(
            Bad(status=404, says="No such project: 'nowhere'", at={"o": "nowhere"}),
            Bad(status=400, says="title", body={"integration": {"title": "x" * 129}}),
            Bad(status=422, says="'imap'", body={"integration": {"integration_type": "imap"}}),
            Bad(status=409, says="exists already", make=_taken),
        ),
        lacks=_WRITES,
        then=_created,
    ),
    Route(
        method="POST",
        path=_ONE,
        made=lambda bench: _there(bench).put(body={"integration": {"title": "Other"}}),
        shape={**OK, "integration": {**_INTEGRATION, "title": "Other"}},
        bad=(
            _UNKNOWN,
            Bad(status=400, says="title", body={"integration": {"title": "x" * 129}}),
            Bad(status=422, says="'imap'", body={"integration": {"integration_type": "imap"}}),
        ),
        lacks=_WRITES,
    ),
)
