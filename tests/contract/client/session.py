"""What every command of the client does first, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from tests.contract.client.comments import check_properties
from tests.contract.client.decoding import RefusedError, UnreadableError
from tests.contract.client.generations import NEW, Generation
from tests.contract.client.resources import (
    Bucket,
    Dataset,
    OneBucket,
    OneDataset,
    OneSource,
    OneUser,
    Refreshed,
    Source,
)
from tests.contract.client.transport import Client, named

T = TypeVar("T")
Line = dict[str, Any]
"""One line of a file, decoded."""

V1, PRIVATE = ("api", "v1"), ("api", "_private")
NOT_ALLOWED = ("uipath.com", "reinfer.dev")
DEFAULT_GROUP = "default"


class Cli:
    """A command line with an endpoint and a token.

    Attributes
    ----------
    skipped
        Items that were refused and passed over, with ``resume_on_error``.
    """

    def __init__(self, base: str, token: str, generation: Generation = NEW) -> None:
        self.client = Client(base=base, token=token, generation=generation)
        self.generation = generation
        self.skipped = 0

    def begin(self, *, refreshing: bool = False) -> OneUser:
        """Ask who asks; commands that change something ask for their permissions anew."""
        me = self.client.call("GET", ("auth", "user"), OneUser)
        if refreshing and self.generation.refreshes:
            told = self.client.call("POST", ("auth", "refresh-user-permissions"), Refreshed, body={})
            if told.permissions_refreshed is False:
                raise UnreadableError("the client sends its user to sign in again")
        return me

    def source(self, name: str) -> Source:
        """A source by name or id."""
        return self.client.call("GET", (*V1, "sources", named(name)), OneSource).source

    def dataset(self, name: str) -> Dataset:
        """A dataset by name or id."""
        return self.client.call("GET", (*V1, "datasets", named(name)), OneDataset).dataset

    def bucket(self, name: str) -> Bucket:
        """A bucket by name or id."""
        return self.client.call("GET", (*PRIVATE, "buckets", named(name)), OneBucket).bucket

    def in_batches(
        self, items: Sequence[T], size: int, send: Callable[[Sequence[T]], Any], *, resume: bool
    ) -> list[Any]:
        """Send items in batches; a batch that is refused is sent item by item where that is asked for."""
        told = []
        for start in range(0, len(items), size):
            batch = items[start : start + size]
            try:
                told.append(send(batch))
            except RefusedError as refused:
                splits = self.generation.splits_on
                if not resume or (splits and refused.status not in splits):
                    raise
                told += self._one_by_one(batch, send)
        return told

    def _one_by_one(self, batch: Sequence[T], send: Callable[[Sequence[T]], Any]) -> Iterator[Any]:
        for one in batch:
            try:
                yield send([one])
            except RefusedError:
                self.skipped += 1


def full_name(owned: Source | Dataset | Bucket) -> str:
    """``owner/name``."""
    return f"{owned.owner}/{owned.name}"


def charge(no_charge: bool) -> tuple[tuple[str, str], ...]:
    """The query that goes with every upload."""
    return (("no_charge", str(no_charge).lower()),)


_COMMENT = ("id", "thread_id", "timestamp", "messages", "attachments")
_FILE = ("name", "size", "content_type", "attachment_reference", "content_hash")


def new_comment(read: Line) -> Line:
    """A comment of a line as it is uploaded: the keys of replies go, and so do properties of nothing but blanks."""
    made = {key: read[key] for key in _COMMENT if read.get(key) not in (None, [])}
    if "attachments" in made:
        made["attachments"] = [{key: one[key] for key in _FILE if key in one} for one in made["attachments"]]
    properties = read.get("user_properties") or {}
    check_properties(properties)
    kept = {key: value for key, value in properties.items() if not isinstance(value, str) or value.strip()}
    return made | ({"user_properties": kept} if kept else {})


def annotations(line: Line) -> Line:
    """What a line says of its comment, as it is sent; empty = nothing. Forms go instead of labellings."""
    labelling, forms = line.get("labelling"), line.get("moon_forms")
    if isinstance(labelling, dict):  # the form of older files
        labelling = [{"group": DEFAULT_GROUP, **labelling}]
    groups = [_said(one) for one in labelling or () if "assigned" in one or "dismissed" in one]
    entities = {
        key: line["entities"][key] for key in ("assigned", "dismissed") if key in line.get("entities", {})
    }
    told: Line = {"entities": entities} if entities else {}
    if forms:
        return told | {
            "moon_forms": [{"group": one["group"], "assigned": one.get("assigned", [])} for one in forms]
        }
    return told | ({"labelling": groups} if groups else {})


def _said(group: Line) -> Line:
    return {key: group[key] for key in ("group", "assigned", "dismissed") if key in group}
