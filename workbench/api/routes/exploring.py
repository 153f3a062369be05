"""Looking into a dataset over HTTP: queries, counts, properties, comparisons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Content, Ok
from workbench.api.shapes.annotated import AnnotatedComment
from workbench.api.shapes.filters import CommentFilter, message_filter
from workbench.api.shapes.names import find_dataset
from workbench.api.shapes.queries import AttributeFilters, Query, RecentQuery, page_of
from workbench.api.shapes.tables import CSV, comments_csv
from workbench.domain import MessageFilter, Operations, Resolution
from workbench.errors import UnsupportedError

_MOST_VALUES = 128


class Found(Ok, kw_only=True):
    """A page of comments; ``continuation`` is null on the last."""

    results: list[AnnotatedComment]
    continuation: str | None = None
    entity_defs: list[Any] = msgspec.field(default_factory=list)


class SignCounts(msgspec.Struct, kw_only=True):
    """On how many comments; without label sentiment all are positive."""

    positive: int
    negative: int


class Statistics(msgspec.Struct, kw_only=True):
    """Counts of comments.

    ``label_timeseries`` has a row per period: its first day, then a number for each of ``label_timeseries_labels``.
    """

    num_comments: int
    label_counts: dict[str, SignCounts]
    label_timeseries: list[list[str | int]]
    label_timeseries_labels: list[str]


class Counted(Ok, kw_only=True):
    """Counts of comments."""

    statistics: Statistics


class StatisticsQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which comments to count, and whether by period."""

    comment_filter: CommentFilter = msgspec.field(default_factory=CommentFilter)
    attribute_filters: AttributeFilters | None = None
    label_timeseries: bool = False
    label_property_timeseries: bool = False
    time_resolution: Literal["day", "week", "month", "year"] | None = None
    by_labels: bool = True
    by_label_properties: bool = False
    string_user_property_counts: Any = None
    email_property_counts: Any = None
    source_counts: Any = None
    thread_histogram: Any = None
    nps_property: Any = None
    thread_mode: Any = None
    timezone: str | None = None


class SummaryQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Of all comments: a filter has to be empty."""

    filter: CommentFilter = msgspec.field(default_factory=CommentFilter)
    attribute_filters: AttributeFilters | None = None


class PropertyValue(msgspec.Struct, kw_only=True):
    """A value of a property, and how many comments have it."""

    value: str
    num_comments: int


class StringProperty(msgspec.Struct, kw_only=True):
    """A property of texts with its most frequent values."""

    full_name: str
    values: list[PropertyValue]


class NumberProperty(msgspec.Struct, kw_only=True):
    """A property of numbers."""

    full_name: str


class Properties(msgspec.Struct, kw_only=True):
    """All properties by their type."""

    string: list[StringProperty]
    number: list[NumberProperty]


class Summary(msgspec.Struct, kw_only=True):
    """What comments can be filtered by."""

    user_properties: Properties


class Summed(Ok, kw_only=True):
    """What comments can be filtered by."""

    summary: Summary


class CountedProperty(msgspec.Struct, kw_only=True):
    """A property, and how many comments have it."""

    full_name: str
    num_comments: int


class PropertyNames(Ok, kw_only=True):
    """All properties."""

    user_properties: list[CountedProperty]


class ValuesQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A property by its full name, as ``string:Team``; ``part`` must occur in its values."""

    full_name: Annotated[str, Meta(min_length=8)]
    part: str = ""
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 50


class PropertyValues(Ok, kw_only=True):
    """Values, most frequent first; bounds of a property of numbers."""

    values: list[PropertyValue]
    num_values: int
    minimum: float | None = None
    maximum: float | None = None


class Cohort(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Some comments."""

    comment_filter: CommentFilter = msgspec.field(default_factory=CommentFilter)
    attribute_filters: AttributeFilters | None = None


class Cohorts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to compare."""

    cohort_a: Cohort
    cohort_b: Cohort


class Comparison(msgspec.Struct, kw_only=True):
    """Numbers of the first cohort and of the second."""

    num_comments: tuple[int, int]
    label_counts: dict[str, tuple[int, int]]


class Compared(Ok, kw_only=True):
    """Two cohorts side by side."""

    compare: Comparison


def _query(asked: Asked) -> Found | Content:
    there, dataset, query = asked.operations, find_dataset(asked), asked.body
    if CSV in asked.accept:
        return Content(data=comments_csv(there, dataset, query), media_type=f"{CSV}; charset=utf-8")
    page = page_of(there, dataset, query)
    return Found(results=page.results, continuation=page.continuation)


def _recent(asked: Asked) -> Found:
    given: RecentQuery = asked.body
    query = Query(filter=given.filter, limit=given.limit, continuation=given.continuation)
    page = page_of(asked.operations, find_dataset(asked), query)
    return Found(results=page.results, continuation=page.continuation)


_UNKEPT = (
    "label_property_timeseries",
    "by_label_properties",
    "string_user_property_counts",
    "email_property_counts",
    "source_counts",
    "thread_histogram",
    "nps_property",
    "thread_mode",
)


def _statistics(asked: Asked) -> Counted:
    there, dataset = asked.operations, find_dataset(asked)
    given: StatisticsQuery = asked.body
    for key in _UNKEPT:
        if getattr(given, key):
            raise _uncounted(key)
    if given.timezone not in (None, "UTC"):
        raise _uncounted("timezone")
    resolution: Resolution | None = None
    if given.label_timeseries:
        if given.time_resolution == "year":
            raise _uncounted("time_resolution: year")
        resolution = given.time_resolution or "day"
    where = message_filter(given.comment_filter, there, dataset, given.attribute_filters or ())
    rows = there.label_counts(dataset.dataset_id, where, resolution).to_pylist()
    counts: dict[str, SignCounts] = {}
    for row in rows:
        told = counts.setdefault(row["label"], SignCounts(positive=0, negative=0))
        told.positive += row["positive"]
        told.negative += row["negative"]
    names = sorted(counts) if resolution else []
    periods: dict[str, dict[str, int]] = {}
    for row in rows if resolution else ():
        periods.setdefault(row["period"].isoformat(), {})[row["label"]] = row["positive"] + row["negative"]
    return Counted(
        statistics=Statistics(
            num_comments=there.count_messages(dataset.dataset_id, where),
            label_counts=counts,
            label_timeseries=[
                [day, *(told.get(name, 0) for name in names)] for day, told in sorted(periods.items())
            ],
            label_timeseries_labels=names,
        )
    )


def _uncounted(key: str) -> UnsupportedError:
    return UnsupportedError(
        f"comments cannot be counted by {key!r} here.",
        next_step="Leave it out, or empty; times are in UTC.",
        details={"key": key},
    )


def _summary(asked: Asked) -> Summed:
    there, dataset = asked.operations, find_dataset(asked)
    given: SummaryQuery = asked.body
    if message_filter(given.filter, there, dataset, given.attribute_filters or ()) != MessageFilter():
        raise UnsupportedError(
            "a summary is of all comments of a dataset, not of some.",
            next_step="Send an empty filter; 'statistics' counts some.",
        )
    found = there.filter_values(dataset.dataset_id, "property", n_most=1_000)
    names = [one.value for one in found.values]
    return Summed(
        summary=Summary(
            user_properties=Properties(
                string=[
                    StringProperty(full_name=name, values=_values(there, dataset.dataset_id, name))
                    for name in names
                    if name.startswith("string:")
                ],
                number=[NumberProperty(full_name=name) for name in names if name.startswith("number:")],
            )
        )
    )


def _values(there: Operations, dataset_id: Any, name: str) -> list[PropertyValue]:
    found = there.filter_values(dataset_id, name, n_most=_MOST_VALUES)
    return [PropertyValue(value=one.value, num_comments=one.n_messages) for one in found.values]


def _properties(asked: Asked) -> PropertyNames:
    found = asked.operations.filter_values(find_dataset(asked).dataset_id, "property", n_most=1_000)
    return PropertyNames(
        user_properties=[
            CountedProperty(full_name=one.value, num_comments=one.n_messages) for one in found.values
        ]
    )


def _property_values(asked: Asked) -> PropertyValues:
    given: ValuesQuery = asked.body
    found = asked.operations.filter_values(
        find_dataset(asked).dataset_id, given.full_name, given.part, given.limit
    )
    return PropertyValues(
        values=[PropertyValue(value=one.value, num_comments=one.n_messages) for one in found.values],
        num_values=found.n_values,
        minimum=found.lowest,
        maximum=found.highest,
    )


def _compare(asked: Asked) -> Compared:
    there, dataset = asked.operations, find_dataset(asked)
    totals: list[int] = []
    counts: list[dict[str, int]] = []
    for one in (asked.body.cohort_a, asked.body.cohort_b):
        where = message_filter(one.comment_filter, there, dataset, one.attribute_filters or ())
        rows = there.label_counts(dataset.dataset_id, where).to_pylist()
        totals.append(there.count_messages(dataset.dataset_id, where))
        counts.append({row["label"]: row["positive"] + row["negative"] for row in rows})
    first, second = counts
    return Compared(
        compare=Comparison(
            num_comments=(totals[0], totals[1]),
            label_counts={
                name: (first.get(name, 0), second.get(name, 0)) for name in sorted({*first, *second})
            },
        )
    )


_PATH = "/api/_private/datasets/{dataset}"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{_PATH}/query",
        summary="Comments that pass, in an order; as CSV for who accepts text/csv",
        handle=_query,
        reply=Found,
        body=Query,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/recent",
        summary="The newest comments that pass",
        handle=_recent,
        reply=Found,
        body=RecentQuery,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/statistics",
        summary="How many comments pass, and how many carry each label",
        handle=_statistics,
        reply=Counted,
        body=StatisticsQuery,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/summary",
        summary="What comments can be filtered by",
        handle=_summary,
        reply=Summed,
        body=SummaryQuery,
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/user-properties",
        summary="Properties of comments",
        handle=_properties,
        reply=PropertyNames,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/user-properties/values",
        summary="Values of a property",
        handle=_property_values,
        reply=PropertyValues,
        body=ValuesQuery,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/compare",
        summary="Two sets of comments side by side",
        handle=_compare,
        reply=Compared,
        body=Cohorts,
    ),
)
