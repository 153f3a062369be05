"""A filter in words, as a screen says what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from math import inf, nextafter

from workbench.domain.conditions import (
    AddressFilter,
    AttachmentFilter,
    ExceptionFilter,
    LabelFilter,
    PropertyFilter,
)
from workbench.domain.filters import MessageFilter
from workbench.domain.ids import LabelId, SourceId
from workbench.domain.threads import Bounds, ThreadFilter

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MOST_NAMED = 3
_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60}
_TO_THE_END = 1.0


def filter_words(
    where: MessageFilter,
    *,
    labels: Mapping[LabelId, str] | None = None,
    sources: Mapping[SourceId, str] | None = None,
    clusters: Mapping[int, str] | None = None,
) -> str:
    """Say in words what a filter passes.

    Parameters
    ----------
    labels, sources, clusters
        Names by id; what is missing is said by its id.

    >>> filter_words(MessageFilter(reviewed=False, sender=AddressFilter(domain_one_of=("a.example",)), text="refund"))
    'unreviewed, sender at a.example, about “refund”'
    """
    parts = [
        *_reviewed(where.reviewed),
        *_times(where.since, where.until),
        *_listed("in", [(sources or {}).get(one, one) for one in where.sources]),
        *_person("sender", where.sender),
        *_person("recipient", where.recipient),
        *_person("cc", where.cc),
        *_person("bcc", where.bcc),
        *_attachments(where.attachments),
        *_thread(where.thread),
        *_translated(where.translated),
        *_exceptions(where.exceptions),
        *(words for wanted in where.properties for words in _property(wanted)),
        *_labels(where, labels or {}),
        *_listed("in the language", where.languages),
        *_listed("in the thread", () if where.thread_id is None else (where.thread_id,)),
        *_listed("in the cluster", [_cluster(one, clusters or {}) for one in where.clusters]),
        *_chosen(where),
        *_about(where),
    ]
    return ", ".join(parts) or "all messages"


def day_words(at: datetime) -> str:
    """A day, with the time of day unless it is midnight: ``1 March 2026``, ``1 March 2026, 14:30``."""
    at = at.astimezone(UTC)
    day = f"{at.day} {MONTHS[at.month - 1]} {at.year}"
    if at.time() == time():
        return day
    return f"{day}, {at:%H:%M}" if not (at.second or at.microsecond) else f"{day}, {at:%H:%M:%S}"


def _reviewed(reviewed: bool | None) -> Iterator[str]:  # noqa: FBT001 - one of three plain answers
    if reviewed is not None:
        yield "reviewed" if reviewed else "unreviewed"


def _translated(translated: bool | None) -> Iterator[str]:  # noqa: FBT001 - one of three plain answers
    if translated is not None:
        yield "translated" if translated else "not translated"


def _about(where: MessageFilter) -> Iterator[str]:
    if where.text:
        yield f"about “{where.text}”" + (" in text or translation" if where.text_in == "any" else "")


def _attachments(condition: AttachmentFilter | None) -> Iterator[str]:
    if condition is None:
        return
    low, high = condition.at_least, condition.at_most
    if high == 0:
        yield "without attachments"
    elif high is None:
        yield "with an attachment" if low == 1 else f"with {low} or more attachments"
    else:
        yield (
            f"with {low} to {high} attachments" if low != high else f"with {low} attachment{'s' * (low != 1)}"
        )
    if condition.types:
        yield f"with a file of type {_either(condition.types)}"


def _exceptions(condition: ExceptionFilter | None) -> Iterator[str]:
    if condition is not None:
        kind = f" of type {_either([f'“{one}”' for one in condition.types])}" if condition.types else ""
        place = f" in the stream {_either(condition.streams)}" if condition.streams else ""
        yield f"{'' if condition.tagged else 'not '}tagged as an exception{kind}{place}"


def _thread(condition: ThreadFilter | None) -> Iterator[str]:
    if condition is None:
        return
    if condition == ThreadFilter():
        yield "in a thread"
    if (bounds := condition.n_messages) is not None:
        yield f"in a thread of {_range(bounds)} message{'' if bounds == Bounds(at_least=1, at_most=1) else 's'}"
    if (bounds := condition.position) is not None:
        is_first = bounds.at_most == 1
        yield "first of its thread" if is_first else f"number {_range(bounds)} in its thread"
    if condition.duration_s is not None:
        yield f"in a thread that lasted {_lasting(condition.duration_s)}"
    if condition.response_s is not None:
        yield f"in a thread answered after {_lasting(condition.response_s)}"
    if condition.answered is not None:
        yield "in a thread with an answer" if condition.answered else "in a thread without an answer"
    yield from _person("first sender of the thread", condition.first_sender)


def _range(bounds: Bounds) -> str:
    low, high = (None if bound is None else f"{bound:g}" for bound in (bounds.at_least, bounds.at_most))
    if low is None or high is None:
        return f"{low} or more" if low is not None else f"{high} or fewer"
    return low if low == high else f"{low} to {high}"


def _lasting(bounds: Bounds) -> str:
    low, high = (None if bound is None else _span(bound) for bound in (bounds.at_least, bounds.at_most))
    if low is None or high is None:
        return f"{low} or more" if low is not None else f"{high} or less"
    return low if low == high else f"{low} to {high}"


def _span(seconds: float) -> str:
    unit, size = next(
        ((unit, size) for unit, size in _SECONDS.items() if seconds and seconds % size == 0), ("second", 1)
    )
    return f"{seconds / size:,.10g} {unit}{'' if seconds == size else 's'}"


def _listed(words: str, values: Sequence[str]) -> Iterator[str]:
    if values:
        yield f"{words} {_either(values)}"


def _labels(where: MessageFilter, names: Mapping[LabelId, str]) -> Iterator[str]:
    if where.labels:
        glue = " and " if where.labels_match == "all" else " or "
        yield glue.join(_label(one, names) for one in where.labels)


def _chosen(where: MessageFilter) -> Iterator[str]:
    if where.uids is not None:
        n = len(where.uids)
        yield f"{n:,} chosen message{'' if n == 1 else 's'}" if n else "no message"


def _times(since: datetime | None, until: datetime | None) -> Iterator[str]:
    is_midnight = until is not None and until.astimezone(UTC).time() == time()
    is_day = since is not None and until is not None and until - since == timedelta(days=1)
    if since is not None and is_day and is_midnight:
        yield f"on {day_words(since)}"
        return
    ends = []
    if since is not None:
        ends.append(f"from {day_words(since)}")
    if until is not None:
        # The end is not included: until midnight is up to the day before.
        last = f"to {day_words(until - timedelta(days=1))}" if is_midnight else f"before {day_words(until)}"
        ends.append(last)
    if ends:
        yield " ".join(ends)


def _person(noun: str, condition: AddressFilter | None) -> Iterator[str]:
    if condition is None:
        return
    if condition.missing == "only":
        yield f"no {noun}"
        return
    lacking = f" or no {noun}" if condition.missing == "include" else ""
    parts = [
        f"{word}{_either(values)}"
        for word, values in (
            ("", condition.one_of),
            ("not ", condition.not_one_of),
            ("at ", condition.domain_one_of),
            ("not at ", condition.domain_not_one_of),
        )
        if values
    ]
    yield (f"{noun} {' and '.join(parts)}" if parts else f"with a {noun}") + lacking


def _property(condition: PropertyFilter) -> Iterator[str]:
    name = condition.name.partition(":")[2]
    if condition.missing == "only":
        yield f"no {name}"
        return
    parts = [
        f"{word}{_either(map(_value, values))}"
        for word, values in (
            ("", condition.one_of),
            ("not ", condition.not_one_of),
            ("at ", condition.domain_one_of),
            ("not at ", condition.domain_not_one_of),
        )
        if values
    ]
    if condition.at_least is not None and condition.at_most is not None:
        parts.append(f"{condition.at_least:g} to {condition.at_most:g}")
    elif condition.at_least is not None:
        above = _plain(nextafter(condition.at_least, -inf)) if not _plain(condition.at_least) else ""
        parts.append(f"above {above}" if above else f"{condition.at_least:g} or more")
    elif condition.at_most is not None:
        below = _plain(nextafter(condition.at_most, inf)) if not _plain(condition.at_most) else ""
        parts.append(f"below {below}" if below else f"{condition.at_most:g} or less")
    lacking = f" or no {name}" if condition.missing == "include" else ""
    yield (f"{name} {' and '.join(parts)}" if parts else f"with {name}") + lacking


def _label(condition: LabelFilter, names: Mapping[LabelId, str]) -> str:
    name = f"“{names.get(condition.label_id, condition.label_id)}”"
    low, high = condition.at_least, condition.at_most
    share = f" at {low:.0%} or more" if high == _TO_THE_END else f" between {low:.0%} and {high:.0%}"
    match condition.status:
        case "assigned" | "dismissed":
            return f"{name} {condition.status}"
        case "not_assigned":
            return f"{name} not assigned"
        case "predicted":
            return f"{name} predicted{share}"
        case "not_predicted":
            return f"{name} not predicted{share}"
        case "present":
            return f"{name} assigned or predicted{share}"
        case "absent":
            return f"{name} neither assigned nor predicted{share}"


def _cluster(cluster_id: int, names: Mapping[int, str]) -> str:
    return names.get(cluster_id, "none" if cluster_id < 0 else str(cluster_id))


def _plain(bound: float) -> str:
    """A bound as it is written where six digits say it exactly, else empty: what is next to one leaves it out."""
    return text if float(text := f"{bound:g}") == bound else ""


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _either(values: Iterable[str]) -> str:
    listed = list(values)
    if len(listed) > _MOST_NAMED:
        return f"{', '.join(listed[:_MOST_NAMED])} or {len(listed) - _MOST_NAMED} more"
    *first, last = listed
    return f"{', '.join(first)} or {last}" if first else last
