"""The audit log."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Bad, Lacks, Made, Route
from tests.contract.routes.making import shared, stream
from tests.contract.routes.shapes import OK, hex_id, maybe, moment, some

_EVENT = {
    "event_id": hex_id,
    "event_type": str,
    "timestamp": moment,
    "actor_user_id": hex_id,
    "actor_tenant_id": hex_id,
    "tenant_ids": some(hex_id),
    "project_ids": [str],
    "dataset_ids": [hex_id],
    "source_ids": [hex_id],
    "trigger_ids": [hex_id],
    "user_ids": [hex_id],
}
_NAMED = {"id": str, "name": str, "tenant_id": hex_id}


def _asked(bench: Bench) -> Made:
    stream(bench)
    body = {"filter": {"timestamp": {"minimum": "2020-01-01T00:00:00", "maximum": "2100-01-01T00:00:00Z"}}}
    return Made(body={**body, "limit": 20})


def _all_named(_bench: Bench, _made: Made, told: Any) -> None:
    """Every id of an event stands in the lists beside them."""
    for event in told["audit_events"]:
        for kind, ids in (
            ("users", [event["actor_user_id"], *event["user_ids"]]),
            ("tenants", [event["actor_tenant_id"], *event["tenant_ids"]]),
            ("projects", event["project_ids"]),
            ("datasets", event["dataset_ids"]),
            ("sources", event["source_ids"]),
        ):
            assert set(ids) <= {one["id"] for one in told[kind]}
    assert len(told["audit_events"]) == 20 and told["continuation"]


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/audit_events/query",
        made=shared(_asked),
        shape={
            **OK,
            "audit_events": some(_EVENT),
            "users": some(
                {"id": hex_id, "username": str, "display_name": str, "email": str, "tenant_id": hex_id}
            ),
            "datasets": [{"id": hex_id, "name": str, "title": str, "project_id": str}],
            "projects": [_NAMED],
            "sources": [_NAMED],
            "tenants": some({"id": hex_id, "name": str}),
            "continuation": maybe(str),
        },
        bad=(
            Bad(status=400, says="minimum", body={"filter": {"timestamp": {"minimum": "yesterday"}}}),
            Bad(status=400, says="continuation", body={"continuation": "garbage"}),
            Bad(status=400, says="$.limit", body={"limit": 0}),
            Bad(status=400, says="unknown field `actor`", body={"filter": {"actor": "ann"}}),
        ),
        lacks=Lacks(who="viewer", says="'Audit Log - Read'"),
        then=_all_named,
    ),
)
