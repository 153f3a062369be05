"""The mail that a message came as. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

from workbench.domain import DatasetId, Operations, Uid


class Originals:
    """Raw mail by message."""

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
            Its source hides properties from you, which the mail would show.
        """
        return self.operations.raw_mail(self.dataset_id, uid)
