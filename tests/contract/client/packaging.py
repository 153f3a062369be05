"""``package download`` and ``package upload``: a dataset with all that it needs, as a zip file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec

from tests.contract.client import creating, getting
from tests.contract.client.comments import AnnotatedComment, QueryPage
from tests.contract.client.decoding import RefusedError, UnreadableError
from tests.contract.client.resources import Bucket, Dataset, OneDataset, OneProject, OneSource, Source
from tests.contract.client.session import PRIVATE, V1, Cli, Line, full_name, new_comment

T = TypeVar("T")
PAGE = 128
PATIENCE = 3
"""Tries to make a dataset in a project that is not there yet."""
_DEFINED = ("title", "description", "has_sentiment", "model_family", "label_groups")


def download(cli: Cli, name: str, *, reviewed_only: bool = False, skip_emails: bool = False) -> bytes:
    """``package download``."""
    if reviewed_only and not skip_emails:
        raise ValueError("reviewed-only needs skip-emails")
    cli.begin(refreshing=True)
    of = cli.dataset(name)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        _write(package, f"datasets/{of.id}.dataset.json", [of])
        for source_id in of.source_ids:
            source = cli.source(source_id)
            _write(package, f"sources/{source.id}.source.json", [source])
            if source.bucket_id and not skip_emails:
                bucket = cli.bucket(source.bucket_id)
                _write(package, f"buckets/{bucket.id}.buckets.json", [bucket])
                for n, some in enumerate(_pages(getting.all_emails(cli, bucket, PAGE))):
                    _write(package, f"emails/{bucket.id}.{n}.emails.json", some)
            found: Iterable[AnnotatedComment] = (
                getting.reviewed_of(cli, of, source_id) if reviewed_only else _all(cli, of, source_id)
            )
            for n, page in enumerate(_pages(found)):
                _write(package, f"comments/{source.id}.{n}.comments.json", page)
    return packed.getvalue()


def _all(cli: Cli, of: Dataset, source_id: str) -> Iterable[AnnotatedComment]:
    path, after = (*PRIVATE, "datasets", full_name(of), "query"), None
    for _ in range(getting.MOST_PAGES):
        body: Line = {
            "filter": {"sources": [source_id], "timestamp": {}, "messages": {}},
            "order": {"kind": "recent"},
            "limit": PAGE,
        }
        body |= {"continuation": after} if after else {}
        told = cli.client.call("POST", path, QueryPage, body=body)
        yield from told.results
        after = told.continuation
        if not told.results or not after:
            return
    raise UnreadableError("pages without an end")


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, PAGE)):
        yield some


def _write(package: zipfile.ZipFile, name: str, items: Iterable[Any]) -> None:
    package.writestr(name, b"\n".join(msgspec.json.encode(one) for one in items))


def upload(
    cli: Cli,
    packed: bytes,
    project: str,
    *,
    no_charge: bool = False,
    wait: Callable[[], object] = lambda: None,
) -> None:
    """``package upload`` into another project, which is made where it is not there."""
    cli.begin(refreshing=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        files = {name: package.read(name).decode().splitlines() for name in package.namelist()}
    _project(cli, project)
    buckets: dict[str, Bucket] = {}
    for name in _of(files, "buckets/"):
        (told,) = map(json.loads, files[name])
        body = {"bucket": {"bucket_type": "emails"}}
        path = (*PRIVATE, "buckets", f"{project}/{told['name']}")
        buckets[told["id"]] = cli.client.call("PUT", path, creating.OneBucket, body=body).bucket
    for name in _of(files, "emails/"):
        lines = [{**one, "attachments": one.get("attachments", [])} for one in map(json.loads, files[name])]
        creating.put_emails(cli, buckets[_owner_of(name)], lines, batch_size=PAGE, no_charge=no_charge)
    sources: dict[str, Source] = {}
    for name in _of(files, "sources/"):
        (told,) = map(json.loads, files[name])
        body = {key: told[key] for key in ("title", "description", "language", "should_translate", "_kind")}
        if told.get("bucket_id") in buckets:
            body["bucket_id"] = buckets[told["bucket_id"]].id
        path = (*V1, "sources", f"{project}/{told['name']}")
        sources[told["id"]] = cli.client.call("PUT", path, OneSource, body={"source": body}).source
    (name,) = _of(files, "datasets/")
    (told,) = map(json.loads, files[name])
    body = {key: told[key] for key in _DEFINED} | {"source_ids": [one.id for one in sources.values()]}
    made = make_dataset(cli, f"{project}/{told['name']}", body, wait)
    for name in _of(files, "comments/"):
        lines = list(map(json.loads, files[name]))
        where = sources[_owner_of(name)]
        creating.sync(cli, where, [new_comment(one["comment"]) for one in lines], no_charge=no_charge)
        creating.said(cli, made, where, lines)


def _project(cli: Cli, name: str) -> None:
    path = (*PRIVATE, "projects", name)
    try:
        cli.client.call("GET", path, OneProject)
    except RefusedError as refused:
        if refused.status != 404:
            raise
        me = cli.begin().user
        cli.client.call("PUT", path, OneProject, body={"project": {}, "user_ids": [me.id]})


def make_dataset(cli: Cli, name: str, body: Line, wait: Callable[[], object]) -> Dataset:
    """A dataset; as long as its project is not there, which it tells by the words of the refusal, it is tried again."""
    for _ in range(PATIENCE):
        try:
            return cli.client.call("PUT", (*V1, "datasets", name), OneDataset, body={"dataset": body}).dataset
        except RefusedError as refused:
            if "No such project" not in refused.message:
                raise
            wait()
    raise UnreadableError(f"the project of {name!r} did not come")


def _of(files: dict[str, list[str]], folder: str) -> list[str]:
    return sorted(name for name in files if name.startswith(folder))


def _owner_of(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]
