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
    facts
        Changes with every write that may have changed anything but the ledger.
    """

    version: int | None
    messages: int | None
    facts: int | None = None


class Changes:
    """Counts the writes of a store: each number is odd while one runs."""

    def __init__(self) -> None:
        self.n_writes = 0
        self._n_of_messages = 0
        self._n_of_facts = 0
        self.n_of_access = 0
        self.n_of_places = 0

    @contextmanager
    def writing(self, *, messages: bool, ledger_only: bool = False) -> Iterator[None]:
        """While a write runs; the flags say whether it may change a message, and anything but the ledger."""
        self._count(messages, ledger_only)
        try:
            yield
        finally:
            self._count(messages, ledger_only)

    def _count(self, messages: bool, ledger_only: bool) -> None:  # noqa: FBT001 - only called above
        self.n_writes += 1
        self._n_of_messages += messages
        self._n_of_facts += not ledger_only

    @property
    def facts(self) -> int | None:
        """The number of the state of all but the ledger, None while a write runs that may change it."""
        n = self._n_of_facts
        return None if n % 2 else n

    def begun(self) -> tuple[int, int, int]:
        """The numbers before a snapshot is taken, for ``seen``."""
        return self.n_writes, self._n_of_messages, self._n_of_facts

    def seen(self, before: tuple[int, int, int]) -> Seen:
        """What a snapshot shows that was taken after ``before`` and before now.

        Two looks at the same even number, and no write has ended between them: the snapshot is that state.
        """
        version, messages, facts = (
            then if then == now and then % 2 == 0 else None
            for then, now in zip(before, self.begun(), strict=True)
        )
        return Seen(version=version, messages=messages, facts=facts)
