"""``create …``: each command as the requests that it makes, and what it reads of the replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.contract.client.comments import AnnotatedComment, ContentHash, Synced
from tests.contract.client.decoding import AnyOk, ExactlyOk, UnreadableError
from tests.contract.client.resources import (
    Bucket,
    Dataset,
    Integration,
    OneBucket,
    OneDataset,
    OneIntegration,
    OneProject,
    OneSource,
    OneStream,
    OneUser,
    Project,
    Projects,
    Source,
    Stream,
    User,
)
from tests.contract.client.session import PRIVATE, V1, Cli, Line, annotations, charge, full_name, new_comment
from tests.contract.client.transport import named

BATCH = 128
THREADS = 32
POLLS = 10


def project(cli: Cli, name: str, user_ids: Sequence[str] = (), **texts: str) -> Project:
    """``create project``: made, and then looked for in the list of all."""
    me = cli.begin(refreshing=True).user
    body = {"project": texts, "user_ids": list(user_ids) or [me.id]}
    made = cli.client.call("PUT", (*PRIVATE, "projects", name), OneProject, body=body).project
    if cli.generation.polls_projects:
        for _ in range(POLLS):
            listed = cli.client.call("GET", (*PRIVATE, "projects"), Projects).projects
            if made.name in {one.name for one in listed}:
                return made
        raise UnreadableError(f"the project {name!r} was made and is not listed")
    return made


def source(cli: Cli, name: str, *, bucket: str = "", **said: Any) -> Source:
    """``create source``; ``said`` are the keys of the body."""
    cli.begin(refreshing=True)
    body = dict(said)
    if bucket:
        body["bucket_id"] = cli.bucket(bucket).id
    return cli.client.call("PUT", (*V1, "sources", name), OneSource, body={"source": body}).source


def dataset(cli: Cli, name: str, sources: Sequence[str] = (), **said: Any) -> Dataset:
    """``create dataset``; groups win over single definitions of labels."""
    cli.begin(refreshing=True)
    ids = [cli.source(one).id for one in sources]
    body = {"source_ids": ids, "has_sentiment": False, **said}
    if "label_groups" in body:
        body.pop("label_defs", None)
    return cli.client.call("PUT", (*V1, "datasets", name), OneDataset, body={"dataset": body}).dataset


def bucket(cli: Cli, name: str, title: str = "") -> Bucket:
    """``create bucket``."""
    cli.begin(refreshing=True)
    body = {"bucket_type": "emails", **({"title": title} if title else {})}
    return cli.client.call("PUT", (*PRIVATE, "buckets", name), OneBucket, body={"bucket": body}).bucket


def comments(
    cli: Cli,
    into: str,
    lines: Sequence[Line],
    *,
    about: str = "",
    overwrite: bool = False,
    allow_duplicates: bool = False,
    no_charge: bool = False,
    resume: bool = False,
    batch_size: int = BATCH,
    files: Mapping[tuple[str, int], bytes] | None = None,
    sounds: Mapping[str, bytes] | None = None,
) -> Synced | None:
    """``create comments``: put what is new, or sync; then sounds, then what is said of them in a dataset."""
    cli.begin(refreshing=True)
    where = cli.source(into)
    of = cli.dataset(about) if about else None
    ids = [one["comment"]["id"] for one in lines]
    repeated = len(set(ids)) < len(ids)
    if repeated and not allow_duplicates:
        raise ValueError("duplicate comments")
    made = [new_comment(one["comment"]) for one in lines]
    for (comment_id, position), content in (files or {}).items():
        path = (*PRIVATE, "sources", f"id:{where.id}", "comments", comment_id, "attachments", str(position))
        told = cli.client.send_file(path, content, ContentHash)
        (one,) = [one for one in made if one["id"] == comment_id]
        one["attachments"][position]["content_hash"] = told.content_hash
    counts = None
    if overwrite or repeated:
        counts = sync(cli, where, made, no_charge=no_charge, resume=resume, batch_size=batch_size)
    else:
        path = (*PRIVATE, "sources", full_name(where), "comments")
        cli.in_batches(
            made,
            batch_size,
            lambda some: cli.client.call(
                "PUT", path, ExactlyOk, body={"comments": some}, query=charge(no_charge)
            ),
            resume=resume,
        )
    for comment_id, sound in (sounds or {}).items():
        path = (*PRIVATE, "sources", f"id:{where.id}", "comments", comment_id, "audio")
        cli.client.send_file(path, sound, AnyOk, single=True)
    if of is not None:
        said(cli, of, where, lines, resume=resume)
    return counts


def sync(
    cli: Cli,
    where: Source,
    made: Sequence[Line],
    *,
    no_charge: bool = False,
    resume: bool = False,
    batch_size: int = BATCH,
) -> Synced:
    """Upload comments and write over those that are there; the sum of what the batches changed."""
    path = (*V1, "sources", full_name(where), "sync")
    told: list[Synced] = cli.in_batches(
        made,
        batch_size,
        lambda some: cli.client.call("POST", path, Synced, body={"comments": some}, query=charge(no_charge)),
        resume=resume,
    )
    return Synced(
        new=sum(one.new for one in told),
        updated=sum(one.updated for one in told),
        unchanged=sum(one.unchanged for one in told),
    )


def said(cli: Cli, of: Dataset, where: Source, lines: Sequence[Line], *, resume: bool = False) -> None:
    """Send what lines say of their comments, many at once."""

    def send(pair: tuple[str, Line]) -> None:
        path = (*PRIVATE, "datasets", full_name(of), "labellings", f"{where.id}.{pair[0]}")
        cli.in_batches(
            [pair[1]],
            1,
            lambda some: cli.client.call("POST", path, AnnotatedComment, body=some[0]),
            resume=resume,
        )

    told = [(one["comment"]["id"], annotations(one)) for one in lines]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(send, [one for one in told if one[1]]))


def annotated(cli: Cli, into: str, about: str, lines: Sequence[Line], *, resume: bool = False) -> None:
    """``create annotations``."""
    cli.begin(refreshing=True)
    where, of = cli.source(into), cli.dataset(about)
    said(cli, of, where, lines, resume=resume)


def emails(
    cli: Cli, into: str, lines: Sequence[Line], *, batch_size: int = BATCH, no_charge: bool = False
) -> None:
    """``create emails``."""
    cli.begin(refreshing=True)
    put_emails(cli, cli.bucket(into), lines, batch_size=batch_size, no_charge=no_charge)


def put_emails(
    cli: Cli, where: Bucket, lines: Sequence[Line], *, batch_size: int = BATCH, no_charge: bool = False
) -> None:
    """Mails into a bucket, in batches."""
    path = (*PRIVATE, "buckets", full_name(where), "emails")
    cli.in_batches(
        lines,
        batch_size,
        lambda some: cli.client.call("PUT", path, AnyOk, body={"emails": some}, query=charge(no_charge)),
        resume=False,
    )


def streams(cli: Cli, of: str, lines: Sequence[Line], version: int) -> list[Stream]:
    """``create streams``: the version of the command line takes the place of that of the file."""
    cli.begin(refreshing=True)
    path = (*V1, "datasets", full_name(cli.dataset(of)), "streams")
    found = []
    for line in lines:
        one = dict(line)
        if one.get("model"):
            one["model"] = {**one["model"], "version": version}
        found.append(cli.client.call("PUT", path, OneStream, body={"stream": one}).stream)
    return found


def stream_exception(cli: Cli, stream: str, kind: str, uid: str) -> None:
    """``create stream-exception``."""
    cli.begin(refreshing=True)
    owner, of, name = stream.split("/")
    path = (*V1, "datasets", f"{owner}/{of}", "streams", name, "exceptions")
    cli.client.call("PUT", path, body={"exceptions": [{"metadata": {"type": kind}, "uid": uid}]})


def user(
    cli: Cli,
    name: str,
    email: str,
    *,
    everywhere: Sequence[str] = (),
    projects: Mapping[str, Sequence[str]] | None = None,
    welcome: bool = False,
) -> User:
    """``create user``."""
    cli.begin(refreshing=True)
    body = {
        "username": name,
        "email": email,
        "global_permissions": list(everywhere),
        "organisation_permissions": {key: list(value) for key, value in (projects or {}).items()},
    }
    made = cli.client.call("PUT", (*PRIVATE, "users"), OneUser, body={"user": body}).user
    if welcome:
        cli.client.call("POST", (*PRIVATE, "users", made.id, "welcome-email"), body={}, single=True)
    return made


def quota(cli: Cli, tenant: str, kind: str, limit: int, **more: int | None) -> None:
    """``create quota``."""
    cli.begin(refreshing=True)
    path = (*PRIVATE, "quotas", tenant, kind)
    cli.client.call("POST", path, ExactlyOk, body={"hard_limit": limit, **more})


def integration(cli: Cli, name: str, line: Line, *, overwrite: bool = False) -> Integration:
    """``create integration``: put, or posted where it is to be written over."""
    cli.begin(refreshing=True)
    path, method = (*PRIVATE, "integrations", named(name)), "POST" if overwrite else "PUT"
    return cli.client.call(method, path, OneIntegration, body={"integration": line}, single=True).integration
