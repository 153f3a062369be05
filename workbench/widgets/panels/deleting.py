"""Deleting on screen: which messages, what goes with them, and what happens to those that people annotated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from workbench.domain import (
    LIMITS,
    AnnotatedChoice,
    BucketId,
    DatasetId,
    DeletionPreview,
    DeletionReport,
    MailMessages,
    Message,
    MessageChoice,
    MessageId,
    Operations,
    Source,
    SourceId,
    Uid,
)
from workbench.errors import InputError
from workbench.widgets.panels.catalog import counted
from workbench.widgets.panels.questions import Ask
from workbench.widgets.state import read_day, short

Chosen = Sequence[tuple[SourceId, MessageChoice]]

_WHOLE_TIME = MessageChoice(since=datetime(1, 1, 1, tzinfo=UTC))
"""All messages of a source, which itself stays."""


def by_source(uids: Iterable[Uid]) -> list[tuple[SourceId, MessageChoice]]:
    """Messages of any sources as choices of one source each, as many at once as a deletion takes."""
    ids: dict[SourceId, list[MessageId]] = {}
    for uid in uids:
        source_id, _, message_id = uid.partition(".")
        ids.setdefault(SourceId(source_id), []).append(MessageId(message_id))
    most = LIMITS["deleted_ids"].most
    return [
        (source_id, MessageChoice(message_ids=tuple(names[start : start + most])))
        for source_id, names in ids.items()
        for start in range(0, len(names), most)
    ]


def ask_which(operations: Operations, ask: Ask, source: Source) -> None:
    """Ask which days of a source are to be deleted, then show what would go."""
    ask(
        partial(_show_days, operations, ask, source),
        title=f"Delete messages of {source.title or source.full_name}",
        text=f"{source.full_name} itself stays, and may take messages in again.",
        submit="Show what would go",
        fields=[
            {
                "key": "since",
                "kind": "day",
                "title": "From",
                "help": "The first day; empty = from the first message on.",
            },
            {
                "key": "until",
                "kind": "day",
                "title": "To",
                "help": "The last day, itself included; empty = to the last message. Days are those of UTC.",
            },
        ],
        values={"since": "", "until": ""},
    )


def ask_how(operations: Operations, ask: Ask, chosen: Chosen, *, about: str, confirm: str = "") -> None:
    """Show what deleting messages takes and ask what happens to annotated ones; then it is done.

    Raises
    ------
    InputError
        There is no such message.
    """
    previews = [operations.preview_deletion(source_id, which) for source_id, which in chosen]
    n_messages = sum(one.n_messages for one in previews)
    n_annotated = sum(one.n_annotated for one in previews)
    if not n_messages:
        raise InputError("there is no such message.", next_step="Choose others, or read the list again.")
    ask(
        partial(_delete, operations, chosen),
        title=f"Delete {counted(n_messages, 'message')} of {about}",
        text=deletion_words(previews),
        submit="Delete messages",
        confirm=confirm,
        danger=True,
        fields=[_annotated_field(n_annotated)] if n_annotated else [],
        values={"annotated": ""} if n_annotated else {},
    )


def ask_original(operations: Operations, ask: Ask, message: Message) -> None:
    """Show what deleting the mail takes that a message came as, and ask what happens to its messages.

    Raises
    ------
    InputError
        Its source reads no bucket, or the mail is gone.
    """
    found = (one for one in operations.sources() if one.source_id == message.source_id)
    bucket_id = next((one.bucket_id for one in found), None)
    ids = (message.message_id,)
    preview = operations.preview_mail_deletion(bucket_id, ids) if bucket_id else None
    if bucket_id is None or preview is None or not preview.n_mails:
        raise InputError(
            "there is no original mail of this message.",
            next_step="It was deleted, or its source was detached.",
        )
    there = [one.source for one in preview.messages if one.n_messages]
    n_annotated = sum(one.n_annotated for one in preview.messages)
    became = f"a message of {', '.join(there)}; {n_annotated:,} of {len(there):,} annotated by people"
    ask(
        partial(_delete_original, operations, bucket_id, ids),
        title=f"Delete the original of {short(message.subject or 'a message without subject')}",
        text=(
            f"The mail as it was received will be gone from bucket {preview.bucket}, with where it was found and whom it names.\n"
            f"It became {became}.\n"
            "It comes again, as a new mail, where a mailbox or file that still holds it is read from the beginning: "
            "delete it there first.\nNothing of it can be brought back, and no units are returned."
        ),
        submit="Delete mail",
        danger=True,
        fields=[_messages_field(n_annotated)],
        values={"messages": ""},
    )


def _messages_field(n_annotated: int) -> dict[str, Any]:
    some = [{"value": "keep_annotated", "title": "Delete those that nobody annotated"}] if n_annotated else []
    return {
        "key": "messages",
        "kind": "select",
        "title": "Messages that it became",
        "required": True,
        "options": [
            {"value": "", "title": "Choose …"},
            {"value": "keep", "title": "Keep them, without an original"},
            *some,
            {
                "value": "delete",
                "title": "Delete them too" + (", annotated ones included" if n_annotated else ""),
            },
        ],
    }


def _delete_original(
    operations: Operations, bucket_id: BucketId, ids: tuple[MessageId, ...], values: dict[str, Any]
) -> str:
    kept: MailMessages = values["messages"]
    done = operations.delete_mails(bucket_id, ids, kept)
    return f"The original mail is deleted{_with_messages(done)}."


def _with_messages(done: DeletionReport) -> str:
    gone = f" with {counted(done.n_messages, 'message')}" if done.n_messages else ""
    return f"{gone}{_stay(done.n_kept)}"


def _stay(n_kept: int) -> str:
    return f"; {counted(n_kept, 'annotated message')} {'stays' if n_kept == 1 else 'stay'}" if n_kept else ""


def deletion_words(previews: Sequence[DeletionPreview], *, whole: bool = False) -> str:
    """What a deletion takes, a line per thing; ``whole`` = the source itself goes too."""
    n_messages = sum(one.n_messages for one in previews)
    n_annotated = sum(one.n_annotated for one in previews)
    names = list(dict.fromkeys(one.source for one in previews if one.n_messages))
    of = "" if whole or not names[1:] else f" of {', '.join(names)}"
    gone = f"{counted(n_messages, 'message')}{of} will be gone from every dataset"
    lines = [f"{gone}, {n_annotated:,} of them annotated by people."]
    losses: dict[DatasetId, tuple[str, int]] = {}
    for touched in (one for preview in previews for one in preview.datasets):
        before = losses.get(touched.dataset_id, ("", 0))[1]
        losses[touched.dataset_id] = (touched.full_name, before + touched.n_annotated)
    lines += [f"{name} loses them: {n:,} of its annotated messages." for name, n in losses.values()]
    n_unknown = sum(one.n_unknown for one in previews)
    if n_unknown:
        lines.append(
            f"{counted(n_unknown, 'message')} of the choice {'is' if n_unknown == 1 else 'are'} gone already."
        )
    buckets = {one.bucket: one.n_mails for one in previews if one.bucket}
    lines += [
        f"{counted(n, 'mail')} in bucket {name} stay as they were received, with their attachments"
        + ("; delete the bucket too to be rid of them." if whole else ".")
        for name, n in buckets.items()
    ]
    return "\n".join([*lines, "Nothing of it can be brought back, and no units are returned."])


def _annotated_field(n: int) -> dict[str, Any]:
    return {
        "key": "annotated",
        "kind": "select",
        "title": "Annotated messages",
        "required": True,
        "options": [
            {"value": "", "title": "Choose …"},
            {"value": "keep", "title": f"Keep {counted(n, 'annotated message')}"},
            {"value": "delete", "title": f"Delete {counted(n, 'annotated message')} too"},
        ],
        "help": "A model that learnt from a message that is deleted has lost training data.",
    }


def _show_days(operations: Operations, ask: Ask, source: Source, values: dict[str, Any]) -> str:
    since, until = (_bound(values, key) for key in ("since", "until"))
    which = MessageChoice(since=since, until=until) if since or until else _WHOLE_TIME
    about = source.title or source.full_name
    confirm = source.full_name if which is _WHOLE_TIME else ""
    ask_how(operations, ask, [(source.source_id, which)], about=about, confirm=confirm)
    return ""


def _bound(values: dict[str, Any], key: str) -> datetime | None:
    told = values[key]
    if not told:
        return None
    day = read_day(told)
    if day is None:
        raise InputError(f"{told!r} is no day.", next_step="Write it as 2026-03-31.", details={key: told})
    return datetime.combine(day, time.min if key == "since" else time.max, tzinfo=UTC)


def _delete(operations: Operations, chosen: Chosen, values: dict[str, Any]) -> str:
    annotated: AnnotatedChoice = "delete" if values.get("annotated") == "delete" else "keep"
    n_messages = n_kept = 0
    for source_id, which in chosen:
        done = operations.delete_messages(source_id, which, annotated)
        n_messages, n_kept = n_messages + done.n_messages, n_kept + done.n_kept
    return f"{counted(n_messages, 'message')} {'is' if n_messages == 1 else 'are'} deleted{_stay(n_kept)}."
