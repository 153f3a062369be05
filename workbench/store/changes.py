"""What state a store is in, as numbers that change with every write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The state that a read sees; None = a write ran when it began, so nothing may be kept under its number.

    Attributes
    ----------
    version
        Changes with every write.
    messages
        Changes with every write that may have changed a message.
    """

    version: int | None
    messages: int | None


class Changes:
    """Counts the writes of a store: each number is odd while one runs."""

    def __init__(self) -> None:
        self.n_writes = 0
        self._n_of_messages = 0
        self.n_of_access = 0

    @contextmanager
    def writing(self, *, messages: bool) -> Iterator[None]:
        """While a write runs; ``messages`` says whether it may change one."""
        self.n_writes += 1
        self._n_of_messages += messages
        try:
            yield
        finally:
            self.n_writes += 1
            self._n_of_messages += messages

    def begun(self) -> tuple[int, int]:
        """The numbers before a snapshot is taken, for ``seen``."""
        return self.n_writes, self._n_of_messages

    def seen(self, before: tuple[int, int]) -> Seen:
        """What a snapshot shows that was taken after ``before`` and before now.

        Two looks at the same even number, and no write has ended between them: the snapshot is that state.
        """
        version, messages = (
            then if then == now and then % 2 == 0 else None
            for then, now in zip(before, self.begun(), strict=True)
        )
        return Seen(version=version, messages=messages)
