"""Annotations that come with a file: labels are made first, then each message is judged as the file says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.domain import (
    DatasetId,
    Judgement,
    LabelId,
    LabelPath,
    Message,
    MessageId,
    SourceId,
    ancestors,
    format_path,
    make_uid,
    parse_path,
)
from workbench.errors import InputError
from workbench.primitives import batched, hex_digest
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import refuse_beyond
from workbench.workspace.reviewing import judge
from workbench.workspace.taxonomy import create_label

_AT_ONCE = 512


def check_target(session: Session, dataset_id: DatasetId, source_id: SourceId) -> None:
    """Refuse a dataset that does not have the source: its messages could not be judged there.

    Raises
    ------
    InputError, UnknownNameError
        It does not, or there is no such dataset.
    """
    dataset = session.catalog.find_dataset(dataset_id)
    if source_id not in dataset.source_ids:
        raise InputError(
            f"dataset {dataset.full_name!r} does not have the source that the messages go to.",
            next_step="Name a dataset over this source, or import without annotations.",
            details={"dataset_id": dataset_id, "source_id": source_id},
        )


def make_labels(caller: Caller, dataset_id: DatasetId, names: Sequence[str]) -> None:
    """Create what the taxonomy lacks.

    Raises
    ------
    LimitError
        There is no room for all of it; none is created.
    """
    wanted = {step for name in names for step in _closed(name)}
    with caller.store.read() as session:
        known = {label.path for label in session.labels.all(dataset_id, counted=False)}
        where = f"dataset {session.catalog.find_dataset(dataset_id).full_name!r}"
        n_labels = len(known | wanted)
        refuse_beyond(session, "labels_per_dataset", n_labels, where, settings=caller.settings)
    for one in names:
        create_label(caller, dataset_id, one)


def apply_labellings(
    caller: Caller, dataset_id: DatasetId, source_id: SourceId, rows: Sequence[dict[str, Any]]
) -> int:
    """Judge messages (``message_id``, ``assigned``, ``dismissed``: names); returns how many changed.

    A message that is not there (its row was bad), or that stands as the file says already, is passed over.
    ``sentiments`` by name count where the dataset has label sentiment.

    Raises
    ------
    InputError
        It has, and the file says none of a label.
    """
    with caller.store.read() as session:
        has_sentiment = session.catalog.has_sentiment(dataset_id)
        ids = {label.name: label.label_id for label in session.labels.all(dataset_id, counted=False)}
    changed = 0
    for some in batched(rows, _AT_ONCE):
        wanted = {make_uid(source_id, MessageId(row["message_id"])): row for row in some}
        with caller.store.read() as session:
            messages = session.messages.get(dataset_id, tuple(wanted))
        judgements = tuple(
            judgement
            for message in messages
            if (judgement := _judgement(dataset_id, message, _row(wanted[message.uid], has_sentiment), ids))
            is not None
        )
        if judgements:
            judge(caller, dataset_id, judgements)
        changed += len(judgements)
    return changed


def _judgement(
    dataset_id: DatasetId, message: Message, row: dict[str, Any], ids: dict[str, LabelId]
) -> Judgement | None:
    names = {label_id: name for name, label_id in ids.items()}
    wanted = {format_path(step) for name in row["assigned"] for step in _closed(name)}
    stands = {names.get(label_id) for label_id in message.assigned} == wanted
    refused = set(row["dismissed"]) - wanted
    stands = stands and {names.get(label_id) for label_id in message.dismissed} == refused
    sentiments = {ids[name]: said for name, said in row["sentiments"].items() if name in ids}
    if message.reviewed and stands and sentiments.items() <= message.sentiments.items():
        return None
    return Judgement(
        event_id=hex_digest("import", dataset_id, message.uid, str(message.revision), n_digits=16),
        uid=message.uid,
        assigned=tuple(ids[name] for name in row["assigned"] if name in ids),
        dismissed=tuple(ids[name] for name in sorted(refused) if name in ids),
        mode="import",
        revision=message.revision,
        sentiments=sentiments,
    )


def _row(row: dict[str, Any], has_sentiment: bool) -> dict[str, Any]:  # noqa: FBT001
    """A labelling, without its sentiments where the dataset has none: the format has them everywhere."""
    return row if has_sentiment else row | {"sentiments": {}}


def _closed(name: str) -> tuple[LabelPath, ...]:
    """The path of a label and all above it."""
    path = parse_path(name)
    return (*ancestors(path), path)
