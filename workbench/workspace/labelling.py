"""Reading a dataset on, page after page, and saying by name what stands on its messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

import pyarrow as pa

from workbench.domain import (
    DatasetId,
    Label,
    LabelledMessage,
    Labelling,
    Message,
    MessageFilter,
    MessagesAfter,
    MessageSequence,
    Resolution,
    Uid,
    parse_path,
    since_1970,
)
from workbench.domain.times import MESSAGE_TIMES
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.auditing import record_read
from workbench.workspace.context import Caller
from workbench.workspace.gathering import LabelsLackingError, Said, Standing
from workbench.workspace.reviewing import tell_judged
from workbench.workspace.sensitive import check_conditions, hidden_from, hidden_of, without_hidden
from workbench.workspace.taxonomy import create_label

MAX_READ = 1_024
_TRIES = 3


def taxonomy(caller: Caller, dataset_id: DatasetId) -> tuple[Label, ...]:
    """The labels, without what is dear to count."""
    with caller.store.read() as session:
        return session.labels.all(_known(session, dataset_id), counted=False)


def set_labels(caller: Caller, dataset_id: DatasetId, uid: Uid, labelling: Labelling) -> LabelledMessage:
    """Say what stands on a message."""
    paths = {name: parse_path(name) for name in (*labelling.assigned, *labelling.dismissed)}
    stands = _stored(caller, caller.dataset_id(dataset_id), Said(uid=uid, labelling=labelling, paths=paths))
    (message,) = without_hidden((stands.message,), hidden_of(caller, stands.sensitive))
    named = {*message.assigned, *message.dismissed}
    return LabelledMessage(
        message=message, paths={one: path for path, one in stands.ids.items() if one in named}
    )


def _stored(caller: Caller, dataset_id: DatasetId, said: Said) -> Standing:
    """Store it, and make the labels that it lacks; they may be deleted again meanwhile."""
    lacking: tuple[str, ...] = ()
    for _ in range(_TRIES):
        for name in lacking:
            create_label(caller, dataset_id, name)
        try:
            stands = caller.workspace.judgements.say(dataset_id, said, caller.actor)
        except LabelsLackingError as error:
            lacking = error.names
        else:
            tell_judged(caller, dataset_id, (stands.receipt,))
            return stands
    raise UnknownNameError("label", lacking[0])


def query_messages(
    caller: Caller,
    dataset_id: DatasetId,
    where: MessageFilter,
    order: MessageSequence = "recent",
    after: str = "",
    limit: int = 64,
    seed: int = 0,
) -> MessagesAfter:
    """The next messages behind a mark."""
    if order not in get_args(MessageSequence):
        raise UnknownNameError("order", str(order)[:100], get_args(MessageSequence))
    if not 1 <= limit <= MAX_READ:
        raise InputError(f"{limit} messages cannot be had at once.", next_step=f"Use limit 1-{MAX_READ:,}.")
    place = _read_mark(after, order)
    with caller.store.read() as session:
        dataset_id = _known(session, dataset_id)
        check_conditions(caller, session, dataset_id, where)
        messages, mark = _next(session, dataset_id, where, order, place, limit, seed)
        return MessagesAfter(messages=without_hidden(messages, hidden_from(caller, session)), after=mark)


def export_messages(
    caller: Caller,
    dataset_id: DatasetId,
    where: MessageFilter,
    order: MessageSequence = "arrival",
    after: str = "",
    limit: int = 64,
) -> MessagesAfter:
    """The next messages behind a mark, to be taken away."""
    found = query_messages(caller, dataset_id, where, order, after, limit)
    if not after:
        told = {"filtered": where != MessageFilter(), "order": order}
        record_read(caller, "export", dataset_id, dataset_id=dataset_id, **told)
    return found


def label_counts(
    caller: Caller, dataset_id: DatasetId, where: MessageFilter, resolution: Resolution | None = None
) -> pa.Table:
    """On how many messages each label stands."""
    if resolution not in (None, *get_args(Resolution)):
        raise UnknownNameError("resolution", str(resolution)[:100], get_args(Resolution))
    with caller.store.read() as session:
        dataset_id = _known(session, dataset_id)
        check_conditions(caller, session, dataset_id, where)
        return session.messages.label_counts(dataset_id, where, resolution or "")


def _known(session: Session, dataset_id: DatasetId) -> DatasetId:
    """The id of a dataset by its id or full name, without counting what it holds."""
    return session.places.find_dataset(dataset_id).dataset_id


def _next(
    session: Session,
    dataset_id: DatasetId,
    where: MessageFilter,
    order: MessageSequence,
    place: tuple[int, ...],
    limit: int,
    seed: int,
) -> tuple[Sequence[Message], str]:
    if order == "shuffle" or order == "relevance":  # noqa: PLR1714 - so the type is told apart
        offset = place[0] if place else 0
        page = session.messages.page(dataset_id, where, order, offset, limit, seed)
        return page.messages, _mark(order, offset + len(page.messages)) if page.messages else ""
    behind = (MESSAGE_TIMES[0] + timedelta(microseconds=place[0]), place[1]) if place else None
    messages, last = session.messages.following(dataset_id, where, order, behind, limit)
    return messages, "" if last is None else _mark(order, since_1970(last[0]), last[1])


def _mark(order: MessageSequence, *place: int) -> str:
    return ".".join((order, *map(str, place)))


def _read_mark(mark: str, order: MessageSequence) -> tuple[int, ...]:
    """The numbers of a mark of this order; none for an empty one."""
    if not mark:
        return ()
    head, *rest = mark.split(".")
    n_numbers = 1 if order in ("shuffle", "relevance") else 2
    fits = head == order and len(rest) == n_numbers
    if not fits or not all(one.isascii() and one.isdecimal() and len(one) <= _DIGITS for one in rest):
        raise InputError(
            f"{mark[:100]!r} is no mark to go on from in this order.",
            next_step="Go on from the mark that came with the last page, or begin again without one.",
            details={"mark": mark[:100]},
        )
    return tuple(map(int, rest))


_DIGITS = 16
"""Of microseconds since 1970, and more than there are messages."""
