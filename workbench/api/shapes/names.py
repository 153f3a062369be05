"""The resource that an address names: by its owner and name, or by its id."""

from __future__ import annotations

from workbench.api.endpoint import Asked
from workbench.domain import Bucket, Dataset, Source
from workbench.errors import UnknownNameError, WorkbenchError


class NoSuchProjectError(UnknownNameError):
    """In the words that the field's own client waits for, and tries again."""

    def __init__(self, name: str) -> None:
        WorkbenchError.__init__(
            self,
            f"No such project: {name[:100]!r}.",
            next_step="Create it first.",
            details={"name": name[:300]},
        )


def wanted(asked: Asked, kind: str) -> str:
    """``owner/name`` or the id that stands in the address."""
    path = asked.path
    return path[f"{kind}_id"] if f"{kind}_id" in path else f"{path['owner']}/{path[kind]}"


def find_dataset(asked: Asked) -> Dataset:
    """The dataset of an address; ``UnknownNameError`` when there is none. Its messages and reviews are not counted."""
    return asked.operations.dataset(wanted(asked, "dataset"), counted=False)


def find_source(asked: Asked) -> Source:
    """The source of an address; ``UnknownNameError`` when there is none. Its messages are not counted."""
    return asked.operations.source(wanted(asked, "source"))


def find_bucket(asked: Asked) -> Bucket:
    """The bucket of an address; ``UnknownNameError`` when there is none. Its mail is not counted."""
    return asked.operations.bucket(wanted(asked, "bucket"))


def require_project(asked: Asked, name: str) -> None:
    """Refuse to make anything in a project that is not there, or not to be seen."""
    if all(one.name != name for one in asked.operations.projects()):
        raise NoSuchProjectError(name)
