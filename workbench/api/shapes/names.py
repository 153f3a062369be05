"""The resource that an address names: by its owner and name, or by its id."""

from __future__ import annotations

from workbench.api.endpoint import Asked
from workbench.domain import Bucket, Dataset, Source
from workbench.errors import UnknownNameError


def wanted(asked: Asked, kind: str) -> str:
    """``owner/name`` or the id that stands in the address."""
    path = asked.path
    return path[f"{kind}_id"] if f"{kind}_id" in path else f"{path['owner']}/{path[kind]}"


def find_dataset(asked: Asked) -> Dataset:
    """The dataset of an address; ``UnknownNameError`` when there is none."""
    return asked.operations.dataset(wanted(asked, "dataset"))


def find_source(asked: Asked) -> Source:
    """The source of an address; ``UnknownNameError`` when there is none."""
    name = wanted(asked, "source")
    found = asked.operations.sources()
    for one in found:
        if name in (one.full_name, one.source_id):
            return one
    raise UnknownNameError("source", name, (one.full_name for one in found))


def find_bucket(asked: Asked) -> Bucket:
    """The bucket of an address; ``UnknownNameError`` when there is none."""
    name = wanted(asked, "bucket")
    found = asked.operations.buckets()
    for one in found:
        if name in (f"{one.project}/{one.name}", one.bucket_id):
            return one
    raise UnknownNameError("bucket", name, (f"{one.project}/{one.name}" for one in found))
