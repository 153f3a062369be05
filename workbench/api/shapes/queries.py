"""Queries: which comments of a dataset, and in which order, as the clients of this field ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from workbench.api.shapes.annotated import AnnotatedComment, annotated_of, label_paths
from workbench.api.shapes.attributes import AttributeFilter, LabelBook
from workbench.api.shapes.filters import CommentFilter, message_filter
from workbench.api.shapes.labels import joined, split_name
from workbench.domain import (
    Dataset,
    LabelFilter,
    LabelId,
    Message,
    MessageFilter,
    MessageSequence,
    Operations,
    ReviewMode,
)
from workbench.errors import FilterError, InputError, UnsupportedError

MOST = 1_024
_MOST_PICKED = 256
Limit = Annotated[int, Meta(ge=1, le=MOST)]
AttributeFilters = Annotated[list[AttributeFilter], Meta(max_length=128)]


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An order; which of the keys it needs depends on its kind. ``label`` is a name, or its levels."""

    kind: Literal[
        "recent",
        "by_label",
        "sample",
        "learning",
        "check",
        "missed",
        "text_search",
        "any_label_asc",
        "label_property",
        "attachment_text_search",
        "diagnostic",
    ] = "recent"
    label: str | list[str] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    query: Annotated[str, Meta(max_length=2_000)] | None = None
    label_property_id: str | None = None
    direction: str | None = None


class Query(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which comments; ``continuation`` goes on from the last page."""

    filter: CommentFilter = msgspec.field(default_factory=CommentFilter)
    attribute_filters: AttributeFilters | None = None
    order: Order = msgspec.field(default_factory=Order)
    limit: Limit = 64
    continuation: str | None = None


class RecentQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The newest comments that pass."""

    filter: CommentFilter = msgspec.field(default_factory=CommentFilter)
    limit: Limit = 64
    continuation: str | None = None


class Page(msgspec.Struct, kw_only=True):
    """Some comments, and where to go on; None = these were the last."""

    results: list[AnnotatedComment]
    continuation: str | None = None


def page_of(there: Operations, dataset: Dataset, asked: Query) -> Page:
    """What a query finds.

    Raises
    ------
    UnsupportedError
        Nothing here has this order, or not together with this filter.
    InputError
        A key is missing that the order needs, or the continuation is none.
    """
    where = message_filter(asked.filter, there, dataset, asked.attribute_filters or ())
    messages, mark = _found(there, dataset, where, asked)
    paths = label_paths(there.taxonomy(dataset.dataset_id))
    version = dataset.model_version
    return Page(
        results=[
            annotated_of(one, paths, predicted=one.predicted if version else None, model_version=version)
            for one in messages
        ],
        continuation=mark or None,
    )


def _found(
    there: Operations, dataset: Dataset, where: MessageFilter, asked: Query
) -> tuple[tuple[Message, ...], str]:
    sequence: MessageSequence
    seed = 0
    match asked.order.kind:
        case "recent":
            sequence = "recent"
        case "sample":
            sequence, seed = "shuffle", _needed(asked.order, "seed")
        case "by_label":
            sequence, where = "relevance", _led_by(where, _label(there, dataset, asked.order))
        case "text_search":
            sequence, where = "relevance", _searched(where, _needed(asked.order, "query"))
        case "learning" | "check" | "missed":
            return _picked(there, dataset, where, asked), ""
        case other:
            raise UnsupportedError(
                f"comments cannot be ordered by {other!r} here.",
                next_step="Order them by recent, by_label, sample, learning, check, missed or text_search.",
                details={"order": other},
            )
    found = there.query_messages(
        dataset.dataset_id, where, sequence, asked.continuation or "", asked.limit, seed
    )
    return found.messages, found.after if len(found.messages) == asked.limit else ""


def _needed(order: Order, key: str) -> Any:
    value = getattr(order, key)
    if value is None:
        raise InputError(
            f"the order {order.kind!r} needs {key!r}.", next_step="Say it, or order by 'recent'."
        )
    return value


def _label(there: Operations, dataset: Dataset, order: Order) -> LabelId:
    label = _needed(order, "label")
    name = joined(split_name(label if isinstance(label, str) else joined(label)))
    book = LabelBook({one.name: one.label_id for one in there.taxonomy(dataset.dataset_id)})
    return book.ids([name])[0]


def _led_by(where: MessageFilter, label_id: LabelId) -> MessageFilter:
    """The filter with conditions on a label in front, which lead the order and pass everything."""
    if not where.labels:
        either = tuple(LabelFilter(label_id=label_id, status=one) for one in ("assigned", "not_assigned"))
        return replace(where, labels=either, labels_match="any")
    first = [one for one in where.labels if one.label_id == label_id]
    if not first:
        raise UnsupportedError(
            "comments that are filtered by other labels cannot be ordered by this one.",
            next_step="Filter by the same label, or order by 'recent'.",
        )
    return replace(where, labels=(*first, *(one for one in where.labels if one.label_id != label_id)))


def _searched(where: MessageFilter, words: str) -> MessageFilter:
    if where.text:
        raise FilterError(
            "the words are said twice: in the order and in '_query'.", next_step="Say them in one place."
        )
    return replace(where, text=words)


def _picked(there: Operations, dataset: Dataset, where: MessageFilter, asked: Query) -> tuple[Message, ...]:
    """What a query strategy offers for review: one page, as what it offers depends on what was said since."""
    kind = asked.order.kind
    label_id = None
    if asked.order.label is not None or kind != "learning":
        label_id = _label(there, dataset, asked.order)
    modes: dict[str, ReviewMode] = {
        "learning": "low_confidence" if label_id is None else "teach",
        "check": "check",
        "missed": "missed",
    }
    batch = there.next_batch(
        dataset.dataset_id,
        modes[kind],
        min(asked.limit, _MOST_PICKED),
        label_id,
        asked.order.seed,
        where,
    )
    return there.get_messages(dataset.dataset_id, batch.uids) if batch.uids else ()
