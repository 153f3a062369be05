"""What requests of streams are signed with: in the file of secrets, and shown once."""

from __future__ import annotations

from workbench.connect import new_secret
from workbench.domain import Stream, StreamId
from workbench.errors import InputError
from workbench.store import Store

_SIGNING = "signing"


def signing_secret(store: Store, stream: Stream) -> str:
    """What requests of a stream are signed with.

    Raises
    ------
    InputError
        There is none: the workspace was restored from a copy, which has no secrets.
    """
    secret = store.secrets.get(_owner(stream.stream_id)).get(_SIGNING)
    if not secret:
        raise InputError(
            f"the secret of the webhook of stream {stream.name[:100]!r} is not here.",
            next_step="Set the webhook again with a new secret, and give that to its receiver.",
            details={"stream": stream.name[:100]},
        )
    return secret


def forget_secret(store: Store, stream_id: StreamId) -> None:
    """Remove the secret of a target, where there is one."""
    if store.secrets.get(_owner(stream_id)):
        store.secrets.put(_owner(stream_id), {})


def renewed_secret(store: Store, stream_id: StreamId, *, always: bool) -> str:
    """A new secret, kept; empty = there is one, and it stays."""
    if not always and store.secrets.get(_owner(stream_id)).get(_SIGNING):
        return ""
    secret = new_secret()
    store.secrets.put(_owner(stream_id), {_SIGNING: secret})
    return secret


def _owner(stream_id: StreamId) -> str:
    return f"webhook {stream_id}"
