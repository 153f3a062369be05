"""``update …`` and ``delete …``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.contract.client import getting
from tests.contract.client.resources import (
    Dataset,
    OneDataset,
    OneProject,
    OneSource,
    OneUser,
    Project,
    Source,
    SyncStateIds,
    User,
)
from tests.contract.client.session import PRIVATE, V1, Cli, Line, full_name
from tests.contract.client.transport import named

DELETED_PAGE, DELETED_AT_ONCE = 256, 32


def project(cli: Cli, name: str, **texts: str) -> Project:
    """``update project``."""
    cli.begin(refreshing=True)
    return cli.client.call("POST", (*PRIVATE, "projects", name), OneProject, body={"project": texts}).project


def source(cli: Cli, name: str, *, bucket: str = "", detach: bool = False, **said: Any) -> Source:
    """``update source``: the newer generation always says the bucket, as it is or as it is to be."""
    cli.begin(refreshing=True)
    body, address = dict(said), named(name)
    if cli.generation.always_sends_bucket:
        before = cli.source(name)
        address = full_name(before)
        body["bucket_id"] = None if detach else before.bucket_id
    if bucket:
        body["bucket_id"] = cli.bucket(bucket).id
    return cli.client.call("POST", (*V1, "sources", address), OneSource, body={"source": body}).source


def dataset(cli: Cli, name: str, sources: Sequence[str] | None = None, **said: Any) -> Dataset:
    """``update dataset``."""
    cli.begin(refreshing=True)
    body = dict(said)
    if sources is not None:
        body["source_ids"] = [cli.source(one).id for one in sources]
    path = (*V1, "datasets", full_name(cli.dataset(name)))
    return cli.client.call("POST", path, OneDataset, body={"dataset": body}).dataset


def users(cli: Cli, lines: Sequence[Line]) -> list[User]:
    """``update users``."""
    cli.begin(refreshing=True)
    found = []
    for line in lines:
        body = {key: value for key, value in line.items() if key != "id"}
        found.append(
            cli.client.call("POST", (*PRIVATE, "users", line["id"]), OneUser, body={"user": body}).user
        )
    return found


def delete_project(cli: Cli, name: str, *, force: bool = False) -> None:
    """``delete project``."""
    cli.begin()
    query = (("force", "true"),) if force else ()
    cli.client.call("DELETE", (*PRIVATE, "projects", name), query=query)


def delete_source(cli: Cli, name: str) -> None:
    """``delete source``: looked up by name, deleted by id."""
    cli.begin()
    cli.client.call("DELETE", (*V1, "sources", f"id:{cli.source(name).id}"))


def delete_dataset(cli: Cli, name: str) -> None:
    """``delete dataset``."""
    cli.begin()
    cli.client.call("DELETE", (*V1, "datasets", f"id:{cli.dataset(name).id}"))


def delete_bucket(cli: Cli, name: str) -> None:
    """``delete bucket``."""
    cli.begin()
    cli.client.call("DELETE", (*PRIVATE, "buckets", f"id:{cli.bucket(name).id}"))


def delete_user(cli: Cli, user_id: str) -> None:
    """``delete user``."""
    cli.begin()
    cli.client.call("DELETE", (*PRIVATE, "users", user_id))


def delete_comments(cli: Cli, name: str, ids: Sequence[str]) -> None:
    """``delete comments``."""
    cli.begin()
    _delete(cli, cli.source(name), ids)


def delete_bulk(
    cli: Cli,
    name: str,
    *,
    include_annotated: bool,
    since: str = "",
    until: str = "",
    page: int = DELETED_PAGE,
) -> int:
    """``delete bulk``: the comments of each page are deleted before the next is read."""
    cli.begin()
    where, n = cli.source(name), 0
    for found in getting.source_pages(cli, where, since=since, until=until, limit=page):
        ids = [one.id for one in found if include_annotated or not one.has_annotations]
        for start in range(0, len(ids), DELETED_AT_ONCE):
            _delete(cli, where, ids[start : start + DELETED_AT_ONCE])
        n += len(ids)
    return n


def _delete(cli: Cli, where: Source, ids: Sequence[str]) -> None:
    path = (*V1, "sources", full_name(where), "comments")
    cli.client.call("DELETE", path, query=[("id", one) for one in ids])


def delete_sync_states(cli: Cli, bucket: str, mailbox: str) -> int:
    """``delete keyed-sync-states``: how many."""
    cli.begin()
    one = (*PRIVATE, "buckets", f"id:{cli.bucket(bucket).id}")
    told = cli.client.call(
        "POST", (*one, "keyed-sync-state-ids"), SyncStateIds, body={"mailbox_name": mailbox}
    )
    for key in told.keyed_sync_state_ids:
        cli.client.call("DELETE", (*one, "keyed-sync-state", key))
    return len(told.keyed_sync_state_ids)
