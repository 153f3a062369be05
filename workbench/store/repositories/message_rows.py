"""Rows to ``Message``: text, judgements, predictions and cluster of one dataset."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import pyarrow as pa

from workbench.domain import (
    DatasetId,
    LabelId,
    LabelPath,
    LabelProbability,
    Message,
    ThreadPlace,
    Uid,
    ancestors,
    read_parts,
    read_properties,
    whole_sentiments,
)
from workbench.store.cursor import Cursor
from workbench.store.filters import Condition
from workbench.store.repositories.attachments import Attachments
from workbench.store.repositories.translations import Translations

LEAST_SHOWN = 0.05
"""Smallest probability worth showing beside a message."""
MOST_SHOWN = 12


def read_messages(
    cursor: Cursor, dataset_id: DatasetId, uids: Sequence[Uid], *, among: tuple[int, int] | None = None
) -> dict[Uid, Message]:
    """Messages of the dataset by uid; unknown uids are left out.

    ``among`` are the first and the last of their numbers, where those are known: they are found sooner then, and come
    without predictions and without their places in threads.
    """
    if not uids:
        return {}
    asked: dict[str, Any] = {"dataset_id": dataset_id, "uids": list(uids)}
    judged: defaultdict[tuple[Uid, bool], list[LabelId]] = defaultdict(list)
    marks: defaultdict[Uid, dict[LabelId, int]] = defaultdict(dict)
    for uid, label_id, is_assigned, mark in cursor.rows("message.judged_labels", **asked):
        judged[uid, is_assigned].append(label_id)
        if mark is not None:
            marks[uid][label_id] = mark
    keys = [key_of(uid) for uid in uids]
    likely = [] if among else cursor.rows("message.predictions", dataset_id=dataset_id, keys=keys)
    paths = _paths(cursor, dataset_id) if likely or marks else {}
    above = _above(paths) if likely else {}
    predicted = {
        uid: _worth_showing(label_ids, probabilities, sentiments, above)
        for uid, probabilities, label_ids, sentiments in likely
    }
    within = None
    if among:
        bounds = {"first_seq": among[0], "last_seq": among[1]}
        within = Condition(sql="m.upload_seq BETWEEN $first_seq AND $last_seq", parameters=bounds)
    rows = cursor.rows("message.get", **asked, keys=keys, within=within)
    with_files = [row[0] for row in rows if row[-3]]
    attachments = Attachments(cursor).of(with_files) if with_files else {}
    translations = Translations(cursor).of([row[0] for row in rows])
    places = (
        {}
        if among
        else _places(cursor, dataset_id, {row[-2]: key_of(row[4]) for row in rows if row[4] is not None})
    )
    found = {}
    for row in rows:
        uid, source_id, message_id, timestamp, thread_id, subject, body, signature, full_text, *rest = row
        (
            sender,
            recipients,
            language,
            properties,
            *known,
            cc,
            bcc,
            sent_at,
            parts,
            created_at,
            updated_at,
            _,
            upload_seq,
            declared_language,
        ) = rest
        reviewed, revision, reviewed_by, reviewed_at, cluster = known
        found[uid] = Message(
            uid=uid,
            source_id=source_id,
            message_id=message_id,
            timestamp=timestamp,
            thread_id=thread_id,
            subject=subject,
            body=body,
            signature=signature,
            full_text=full_text,
            sender=sender,
            recipients=tuple(recipients),
            language=language,
            declared_language=declared_language,
            properties=read_properties(properties),
            predicted=predicted.get(uid, ()),
            assigned=tuple(judged[uid, True]),
            dismissed=tuple(judged[uid, False]),
            reviewed=reviewed,
            revision=revision,
            reviewed_by=reviewed_by,
            reviewed_at=reviewed_at,
            cluster_id=cluster,
            cc=tuple(cc),
            bcc=tuple(bcc),
            sent_at=sent_at,
            parts=read_parts(parts) if parts else (),
            attachments=attachments.get(uid, ()),
            thread=places.get(upload_seq),
            created_at=created_at,
            updated_at=updated_at,
            translation=translations.get(uid),
            sentiments=whole_sentiments(paths, judged[uid, True], marks.get(uid, {})),
        )
    return found


def _places(cursor: Cursor, dataset_id: DatasetId, threads: dict[int, int]) -> dict[int, ThreadPlace]:
    """Places by ``upload_seq``, of messages with the keys of their threads; counted over the dataset."""
    if not threads:
        return {}
    members: defaultdict[int, list[tuple[int, int, str | None]]] = defaultdict(list)
    keys = sorted(set(threads.values()))
    for key, *member in cursor.rows("message.thread_members", dataset_id=dataset_id, keys=keys):
        members[key].append((member[0], member[1], member[2]))
    found = {}
    for one in members.values():
        one.sort(key=lambda member: member[:2])
        first_at, _, first_sender = one[0]
        others = (
            at for at, _, sender in one if None not in (sender, first_sender) and sender != first_sender
        )
        answered_at = next(others, None)
        for position, (_, upload_seq, _) in enumerate(one, 1):
            if upload_seq in threads:
                found[upload_seq] = ThreadPlace(
                    n_messages=len(one),
                    position=position,
                    duration_s=(one[-1][0] - first_at) / 1e6,
                    response_s=None if answered_at is None else (answered_at - first_at) / 1e6,
                    first_sender=first_sender,
                )
    return found


def with_places(cursor: Cursor, dataset_id: DatasetId, messages: pa.Table) -> pa.Table:
    """The messages, ordered by ``upload_seq``, with columns of their places in their threads.

    thread_messages and thread_position (int32), thread_duration_s and thread_response_s (float64, seconds),
    thread_first_sender; null without a thread. They are what ``ThreadPlace`` says.
    """
    with cursor.staged(messages.select(["upload_seq"])):
        places = cursor.table("message.thread_places", dataset_id=dataset_id)
    for name in places.column_names:
        messages = messages.append_column(name, places.column(name))
    return messages


def key_of(text: str) -> int:
    """The number that stands for an id in ``thread_key`` and ``uid_key``: half of its MD5, as in SQL.

    Among n ids two share one with probability n**2 / 2**65.
    """
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _paths(cursor: Cursor, dataset_id: DatasetId) -> dict[LabelId, LabelPath]:
    rows = cursor.rows("label.paths", dataset_id=dataset_id)
    return {label_id: tuple(path) for label_id, path in rows}


def _above(paths: dict[LabelId, LabelPath]) -> dict[LabelId, tuple[LabelId, ...]]:
    """The ancestors of each label of the taxonomy as it is now."""
    ids = {path: label_id for label_id, path in paths.items()}
    return {
        label_id: tuple(ids[step] for step in ancestors(path) if step in ids)
        for path, label_id in ids.items()
    }


def _worth_showing(
    label_ids: list[LabelId],
    probabilities: list[float],
    sentiments: list[float] | None,
    above: dict[LabelId, tuple[LabelId, ...]],
) -> tuple[LabelProbability, ...]:
    """The likeliest labels that there still are; none is likelier than what it hangs from now.

    A version is consistent with the taxonomy it was trained on; labels may have moved since. A parent that is as
    likely as a label below it only because of that takes its sentiment too.
    """
    known = {
        one: (probability, sentiment)
        for one, probability, sentiment in zip(
            label_ids, probabilities, sentiments or repeat(None, len(label_ids)), strict=True
        )
        if probability >= LEAST_SHOWN and one in above
    }
    for one, said in tuple(known.items()):
        for parent in above[one]:
            if parent not in known or known[parent][0] < said[0]:
                known[parent] = said
    shown = [
        LabelProbability(label_id=one, probability=probability, sentiment=sentiment)
        for one, (probability, sentiment) in known.items()
    ]
    shown.sort(key=lambda one: (-one.probability, len(above[one.label_id])))
    return tuple(shown[:MOST_SHOWN])
