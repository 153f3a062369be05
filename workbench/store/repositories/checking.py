"""What a batch of messages must keep to before any of it is stored: the limits of the domain."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import LIMITS, check_time
from workbench.errors import InputError

_ID = r"^[\w\x21-\x2e\x3a-\x40\x5b-\x60\x7b-\x7e]+\z"
_ADDRESSES = (
    ("recipients", "recipients", "recipient_characters"),
    ("cc", "cc", "cc_characters"),
    ("bcc", "bcc", "bcc_characters"),
)


def check_columns(batch: pa.Table) -> None:
    """Check ids, times, texts and addresses of a batch, column by column.

    A body, subject or signature of a message with parts gathers those of its parts, which are checked one by
    one instead.

    Raises
    ------
    InputError
        An id has a character that ids do not have, or a time is one that messages do not have.
    LimitError
        Something is too long or too many; the text names the message.
    """
    ids = batch.column("message_id")
    _check_ids(ids)
    for name in ("timestamp", "sent_at"):
        if name in batch.column_names:
            _check_times(name, ids, batch.column(name))
    whole = batch
    if "parts" in batch.column_names and batch.column("parts").null_count < batch.num_rows:
        whole = batch.filter(pc.is_null(batch.column("parts")))
    for name in ("subject", "body", "signature"):
        _check("text_characters", whole.column("message_id"), pc.utf8_length(whole.column(name)))
    _check("full_text_characters", ids, pc.utf8_length(batch.column("full_text")))
    _check("sender_characters", ids, pc.utf8_length(batch.column("sender")))
    _check("language_characters", ids, pc.utf8_length(batch.column("language")))
    for column, of_list, of_one in _ADDRESSES:
        if column in batch.column_names:
            _check_addresses(of_list, of_one, whole.column("message_id"), whole.column(column))


def _check_ids(ids: pa.ChunkedArray) -> None:
    _check("message_id_characters", ids, pc.utf8_length(ids))
    fits = pc.match_substring_regex(ids, _ID)
    if pc.all(fits).as_py() is False:
        wrong = ids.filter(pc.invert(fits))[0].as_py()
        raise InputError(
            f"{wrong[:200]!r} cannot be the id of a message.",
            next_step="Use printable ASCII characters, no space and no '/'.",
            details={"message_id": wrong[:1024]},
        )


def _check_times(name: str, ids: pa.ChunkedArray, times: pa.ChunkedArray) -> None:
    found = times.cast(pa.int64())
    for us in pc.min_max(found).as_py().values():
        if us is not None:
            check_time(_named(ids[pc.index(found, us).as_py()].as_py()), name, us)


def _check(limit: str, ids: pa.ChunkedArray, found: pa.ChunkedArray) -> None:
    bounds = pc.min_max(found).as_py()
    for value in (bounds["max"], bounds["min"]):
        if value is not None and not LIMITS[limit].least <= value <= LIMITS[limit].most:
            LIMITS[limit].check(value, _named(ids[pc.index(found, value).as_py()].as_py()))


def _check_addresses(of_list: str, of_one: str, ids: pa.ChunkedArray, lists: pa.ChunkedArray) -> None:
    _check(of_list, ids, pc.list_value_length(lists))
    owners = ids.take(pc.list_parent_indices(lists))
    _check(of_one, owners, pc.utf8_length(pc.list_flatten(lists)))


def _named(message_id: str) -> str:
    return f"message {message_id[:200]!r}"
