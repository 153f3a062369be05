"""Which kernel belongs to whose session, and how many there may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.errors import LimitError
from workbench.gate.sessions import Session

KERNEL_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MARK = re.compile(rb'"kernelId":\s*"(' + KERNEL_ID.encode() + rb')"')
_MOST_SEARCHED = 1 << 20


@dataclass(eq=False)
class _Kernel:
    kernel_id: str
    n_connections: int = 0


@dataclass(eq=False)
class _Holding:
    kernels: dict[str, _Kernel] = field(default_factory=dict)
    n_starting: int = 0

    @property
    def n(self) -> int:
        return len(self.kernels) + self.n_starting


class Kernels:
    """Kernels by the session that started them. What is asked for by another session does not exist for it.

    Parameters
    ----------
    per_visitor
        Most kernels of one session, i.e. app pages open at once.
    in_all
        Most kernels of all sessions.
    """

    def __init__(self, *, per_visitor: int, in_all: int) -> None:
        self._per_visitor = per_visitor
        self._in_all = in_all
        self._held: dict[str, _Holding] = {}

    def reserve(self, session: Session) -> tuple[str, ...]:
        """Make room for one more kernel; the ids of kernels of pages left behind, which must end for it.

        Each call is followed by `bind` or `release`.

        Raises
        ------
        LimitError
            The visitor has as many pages open as one may have, or all visitors together have.
        """
        holding = self._held.setdefault(session.key, _Holding())
        left = [one.kernel_id for one in holding.kernels.values() if not one.n_connections]
        room = min(
            self._per_visitor - holding.n,
            self._in_all - sum(other.n for other in self._held.values()),
        )
        ending = left[: max(0, 1 - room)]
        if room + len(ending) < 1:
            mine = holding.n >= self._per_visitor
            most = self._per_visitor if mine else self._in_all
            raise LimitError(
                f"{most} pages are open already{'' if mine else ' by all visitors together'}; that is the most.",
                next_step="Close a page that you no longer need and try again."
                if mine
                else "Try again in a few minutes.",
                details={"limit": most},
            )
        for kernel_id in ending:
            del holding.kernels[kernel_id]
        holding.n_starting += 1
        return tuple(ending)

    def release(self, session: Session) -> None:
        """The page that room was made for came to nothing."""
        holding = self._held.get(session.key)
        if holding is not None and holding.n_starting:
            holding.n_starting -= 1

    def bind(self, session: Session, kernel_id: str) -> None:
        """Note which kernel was started for a session. The first session that a kernel is bound to keeps it."""
        self.release(session)
        if any(kernel_id in holding.kernels for holding in self._held.values()):
            return
        self._held.setdefault(session.key, _Holding()).kernels[kernel_id] = _Kernel(kernel_id)

    def owns(self, session: Session, kernel_id: str) -> bool:
        """Whether the session started this kernel."""
        holding = self._held.get(session.key)
        return holding is not None and kernel_id in holding.kernels

    def n_connections(self, session: Session, kernel_id: str) -> int:
        """Lines that pages of the session hold to one of its kernels."""
        return self._held[session.key].kernels[kernel_id].n_connections

    def connect(self, session: Session, kernel_id: str) -> None:
        """A page of the session holds a line to the kernel."""
        self._held[session.key].kernels[kernel_id].n_connections += 1

    def disconnect(self, session: Session, kernel_id: str) -> None:
        """A page of the session has let go of the kernel."""
        holding = self._held.get(session.key)
        if holding is not None and kernel_id in holding.kernels:
            holding.kernels[kernel_id].n_connections -= 1

    def forget(self, session: Session, kernel_id: str) -> None:
        """The kernel has ended."""
        holding = self._held.get(session.key)
        if holding is not None:
            holding.kernels.pop(kernel_id, None)

    def of(self, session: Session) -> tuple[str, ...]:
        """Ids of the session's kernels."""
        holding = self._held.get(session.key)
        return tuple(holding.kernels) if holding is not None else ()

    def drop(self, session: Session) -> tuple[str, ...]:
        """Forget a session; the ids of its kernels, which must end."""
        holding = self._held.pop(session.key, None)
        return tuple(holding.kernels) if holding is not None else ()


class KernelMark:
    """Finds the id of the kernel in a page while the page passes, piece by piece.

    The first mark counts: Voila writes it before anything that a message could have put into the page.
    """

    def __init__(self) -> None:
        self._kept = b""
        self._searching = True

    def feed(self, piece: bytes) -> str | None:
        """The id when this piece completes it, else None."""
        if not self._searching:
            return None
        self._kept += piece
        found = _MARK.search(self._kept)
        if found is not None or len(self._kept) > _MOST_SEARCHED:
            self._searching = False
            self._kept = b""
        return found.group(1).decode("ascii") if found is not None else None
