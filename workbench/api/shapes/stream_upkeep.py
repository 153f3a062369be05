"""What thresholds of a stream lead to, what another version would change, and how it is kept up with."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from workbench.api.envelope import Ok
from workbench.api.shapes.labels import split_name
from workbench.api.shapes.times import Moment
from workbench.domain import (
    Estimate,
    ExpectedErrors,
    HourlyRates,
    StreamComparison,
    StreamErrors,
    StreamStatus,
    WebhookPause,
    WebhookStatus,
)


class WeeklyEstimate(msgspec.Struct, kw_only=True):
    """Messages a week with the 95 % interval; null = it cannot be estimated."""

    value: float | None
    low: float | None
    high: float | None


class WeeklyErrors(msgspec.Struct, kw_only=True):
    """What to expect in a week, and the test messages that it was learned from."""

    predicted: WeeklyEstimate
    false_positives: WeeklyEstimate
    missed: WeeklyEstimate
    num_weeks: int
    messages_per_week: float
    num_test_messages: int
    num_right: int
    num_wrong: int
    num_missed: int


class LabelErrors(msgspec.Struct, kw_only=True):
    """A label that comes by a threshold; ``errors`` of null = too few test messages to tell."""

    name: list[str]
    threshold: float
    errors: WeeklyErrors | None


class ExpectedErrorsShown(Ok, kw_only=True):
    """By label, in the order of the version."""

    labels: list[LabelErrors]


class ComparisonQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The version that the stream might get, and how many of the newest messages are looked at."""

    version: Annotated[int, Meta(ge=0, le=4_294_967_295)]
    max_messages: Annotated[int, Meta(ge=1, le=10_000)] = 1_000


class LabelDifferenceShown(msgspec.Struct, kw_only=True):
    """A label, now and with the other version; ``known`` = the other version knows it."""

    name: list[str]
    num_now: int
    num_then: int
    num_gained: int
    num_lost: int
    known: bool


class ComparisonShown(Ok, kw_only=True):
    """What would change; the most changed label first."""

    version: int
    other_version: int
    num_compared: int
    num_changed: int
    labels: list[LabelDifferenceShown]


class HourShown(msgspec.Struct, kw_only=True):
    """An hour, and the messages handed on in it."""

    start: Moment
    num_messages: int


class WebhookStatusShown(msgspec.Struct, kw_only=True):
    """How sending goes; ``paused`` is empty while it is sent, else ``user`` or ``failures``."""

    paused: WebhookPause
    num_waiting: int
    oldest_waiting: Moment | None
    num_delivered: int
    rates: list[HourShown]
    num_failures: int
    last_success: Moment | None
    last_failure: Moment | None
    last_error: str
    next_try: Moment | None


class StatusShown(Ok, kw_only=True):
    """How consumers keep up with a stream; the oldest hour of ``rates`` comes first; ``webhook`` of null = none."""

    name: str
    version: int | None
    num_waiting: int
    oldest_waiting: Moment | None
    num_delivered: int
    rates: list[HourShown]
    num_exceptions: int
    last_fetched: Moment | None
    webhook: WebhookStatusShown | None


def expected_errors_of(found: tuple[StreamErrors, ...]) -> ExpectedErrorsShown:
    """As it is read."""
    return ExpectedErrorsShown(
        labels=[
            LabelErrors(
                name=split_name(one.name),
                threshold=one.threshold,
                errors=None if one.errors is None else _weekly(one.errors),
            )
            for one in found
        ]
    )


def comparison_of(found: StreamComparison) -> ComparisonShown:
    """As it is read."""
    return ComparisonShown(
        version=found.version,
        other_version=found.other,
        num_compared=found.n,
        num_changed=found.n_changed,
        labels=[
            LabelDifferenceShown(
                name=split_name(one.name),
                num_now=one.n_now,
                num_then=one.n_then,
                num_gained=one.gained,
                num_lost=one.lost,
                known=one.known,
            )
            for one in found.labels
        ],
    )


def status_of(found: StreamStatus) -> StatusShown:
    """As it is read."""
    return StatusShown(
        name=found.name,
        version=found.version,
        num_waiting=found.n_waiting,
        oldest_waiting=found.oldest_waiting,
        num_delivered=found.n_delivered,
        rates=hours_of(found.rates),
        num_exceptions=found.n_exceptions,
        last_fetched=found.last_fetched,
        webhook=None if found.webhook is None else webhook_status_of(found.webhook),
    )


def webhook_status_of(found: WebhookStatus) -> WebhookStatusShown:
    """As it is read."""
    return WebhookStatusShown(
        paused=found.paused,
        num_waiting=found.n_waiting,
        oldest_waiting=found.oldest_waiting,
        num_delivered=found.n_delivered,
        rates=hours_of(found.rates),
        num_failures=found.n_failures,
        last_success=found.last_success,
        last_failure=found.last_failure,
        last_error=found.last_error,
        next_try=found.next_try,
    )


def hours_of(rates: HourlyRates) -> list[HourShown]:
    """As they are read."""
    return [HourShown(start=start, num_messages=n) for start, n in rates]


def _weekly(found: ExpectedErrors) -> WeeklyErrors:
    return WeeklyErrors(
        predicted=_estimate(found.predicted),
        false_positives=_estimate(found.wrong),
        missed=_estimate(found.missed),
        num_weeks=found.n_weeks,
        messages_per_week=found.n_messages,
        num_test_messages=found.n_held_out,
        num_right=found.n_right,
        num_wrong=found.n_wrong,
        num_missed=found.n_missed,
    )


def _estimate(one: Estimate) -> WeeklyEstimate:
    return WeeklyEstimate(value=one.value, low=one.low, high=one.high)
