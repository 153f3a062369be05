"""What messages came as: their mail, and their texts before masking. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.domain import DatasetId, Message, Operations, Uid


class Originals:
    """Raw mail and unmasked texts by message."""

    operations: Operations
    dataset_id: DatasetId

    def raw_mail(self, uid: Uid) -> bytes:
        """The mail that a message came as, byte for byte as received; save it as ``.eml``.

        It is as hostile as its sender: open it with a program made for that.

        Raises
        ------
        InputError
            The message came from no mail, or its source reads the bucket no more.
        AccessError
            Its source hides or masks from you what the mail would show.
        """
        return self.operations.raw_mail(self.dataset_id, uid)

    def unmasked(self, uids: Sequence[Uid]) -> tuple[Message, ...]:
        """Messages (at most 256) as they came, without masks; the audit log keeps that you read them.

        Raises
        ------
        AccessError
            You may not unmask one of their sources.
        InputError
            They are more than 256.
        """
        return self.operations.unmasked_messages(self.dataset_id, tuple(uids))
