"""One signed-in session: list, examine, search, fetch; nothing that changes the mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.connect.failures import protocol_broken, throttled, unreachable
from workbench.connect.imap.answers import Head, read_bodies, read_heads, read_uids, write_day
from workbench.connect.imap.line import hang_up, open_line, worded
from workbench.connect.imap.names import ListedFolder, quote, read_list
from workbench.connect.protocol import Cancelled, FetchLimits, stop_if
from workbench.domain.connections import ImapConnection
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError

_WINDOW = 10_000
"""Mails per SEARCH: its answer is one line, which must stay short."""
_SLACK = 4 * 2**20
_BACKOFF = re.compile(r"BACKOFF TIME: (\d{1,8}) MILLISECONDS")
"""Exchange Online's way of saying how long to wait."""
T = TypeVar("T")
_HEAD = "(UID RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[HEADER.FIELDS (FROM SENDER TO CC BCC)])"


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What a folder says of itself; ``next_uid`` is above every UID it holds."""

    validity: int
    next_uid: int
    n_mails: int


class ImapSession:
    """A line that is open from ``with`` to its end; ``address`` is the mailbox, where the access is ``delegate``."""

    def __init__(
        self,
        connection: ImapConnection,
        secrets: Secrets,
        limits: FetchLimits,
        cancelled: Cancelled | None = None,
        *,
        address: str = "",
    ) -> None:
        self._connection, self._secrets = connection, secrets
        self._limits, self._cancelled = limits, cancelled
        self._host = f"{connection.host}:{connection.port}"
        self._address = address if connection.access == "delegate" else ""

    def __enter__(self) -> Self:
        stop_if(self._cancelled)
        self._line = open_line(self._connection, self._secrets, self._limits.timeout_s, address=self._address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        hang_up(self._line, politely=not isinstance(error, ConnectError))

    def list_folders(self) -> tuple[ListedFolder, ...]:
        """Every folder that can be opened."""
        kind, answers = self._call(lambda: self._line.list('""', "*"))
        self._insist(kind, answers)
        return read_list(answers)

    def examine(self, raw: bytes) -> Examined | None:
        """Open a folder for reading only; None when it is gone."""
        kind, answers = self._call(lambda: self._line.select(quote(raw), readonly=True))  # type: ignore[arg-type]
        if kind == "NO":
            self._refuse_when_busy(answers)
            return None
        self._insist(kind, answers)
        validity, next_uid = self._number("UIDVALIDITY"), self._number("UIDNEXT")
        n_mails = max(read_uids(answers), default=0)
        if validity is None:
            raise protocol_broken(self._host, "a folder has no UIDVALIDITY")
        if next_uid is None:
            newest = self._search(["*"]) if n_mails else []
            next_uid = max(newest, default=0) + 1
        return Examined(validity=validity, next_uid=next_uid, n_mails=n_mails)

    def uids(self, examined: Examined, *, above: int, start_at: datetime | None) -> NDArray[np.int64]:
        """UIDs above a bound that may lie after the start date (to the day): int64 ``(n,)``, ascending.

        Asked in windows of positions from the newest down: positions only move down when mail is deleted
        meanwhile, so that nothing is passed over.
        """
        since = ["SINCE", write_day(start_at - timedelta(days=1))] if start_at is not None else []
        bound = ["UID", f"{above + 1}:*"] if above else []
        found = [np.zeros(0, np.int64)]
        for last in range(examined.n_mails, 0, -_WINDOW):
            window = self._search([f"{max(1, last - _WINDOW + 1)}:{last}", *bound, *since])
            found.append(np.array([uid for uid in window if above < uid < examined.next_uid], np.int64))
            if bound and not since and not window:
                break
        return np.unique(np.concatenate(found))

    def heads(self, uids: Sequence[int]) -> tuple[dict[int, Head], list[int]]:
        """Size, time and people of some mails, and which of them the server cannot give; the rest is gone."""
        return self._fetch(uids, _HEAD, read_heads)

    def bodies(self, uids: Sequence[int]) -> tuple[dict[int, bytes], list[int]]:
        """Raw text of some mails, and which of them the server cannot give; the rest is gone."""
        return self._fetch(uids, "(UID BODY.PEEK[])", read_bodies)

    def _fetch(
        self, uids: Sequence[int], what: str, read: Callable[[Sequence[object]], dict[int, T]]
    ) -> tuple[dict[int, T], list[int]]:
        """Ask for all, then singly for those that are still there but did not come."""
        found = self._ask(uids, what, read)
        missing = [uid for uid in uids if uid not in found]
        left = set(self._search(["UID", _write_set(missing)])) if missing else set[int]()
        for uid in missing:
            if uid in left:
                found |= self._ask([uid], what, read)
        return found, [uid for uid in missing if uid in left and uid not in found]

    def _ask(
        self, uids: Sequence[int], what: str, read: Callable[[Sequence[object]], dict[int, T]]
    ) -> dict[int, T]:
        kind, answers = self._call(lambda: self._line.uid("FETCH", _write_set(uids), what))
        if kind == "NO":  # some were deleted meanwhile or are damaged: the others came all the same
            self._refuse_when_busy(answers)
            answers = list(self._line.untagged_responses.pop("FETCH", []))
        else:
            self._insist(kind, answers)
        wanted = set(uids)
        return {uid: value for uid, value in read(answers).items() if uid in wanted}

    def _search(self, criteria: list[str]) -> list[int]:
        kind, answers = self._call(lambda: self._line.uid("SEARCH", *criteria))
        self._insist(kind, answers)
        return read_uids(answers)

    def _number(self, name: str) -> int | None:
        numbers = read_uids(self._line.untagged_responses.get(name, []))
        return numbers[-1] if numbers else None

    def _call(self, function: Callable[[], tuple[str, Iterable[object]]]) -> tuple[str, list[object]]:
        stop_if(self._cancelled)
        self._line.untagged_responses.clear()
        self._line.bytes_left = self._limits.page_bytes + self._limits.mail_bytes + _SLACK
        with worded(self._connection, self._secrets):
            kind, answers = function()
            return kind, list(answers)

    def _insist(self, kind: str, answers: Sequence[object]) -> None:
        if kind != "OK":
            self._refuse_when_busy(answers)
            raise protocol_broken(self._host, f"{kind} {self._said(answers)}")

    def _refuse_when_busy(self, answers: Sequence[object]) -> None:
        text = self._said(answers).upper()
        if any(word in text for word in ("[UNAVAILABLE]", "[SERVERBUG]", "NOT CONNECTED")):
            raise unreachable(self._host, self._said(answers))
        if any(word in text for word in ("[LIMIT]", "[INUSE]", "[OVERQUOTA]", "THROTTLED")):
            wait = _BACKOFF.search(text)
            raise throttled(self._host, int(wait[1]) / 1000 if wait else None)

    def _said(self, answers: Sequence[object]) -> str:
        return self._secrets.clean(_text(answers).decode("utf-8", "replace"))


def _text(answers: Sequence[object]) -> bytes:
    return b" ".join(answer for answer in answers if isinstance(answer, bytes))


def _write_set(uids: Sequence[int]) -> str:
    """A UID set with runs written short; for few hundred UIDs."""
    parts: list[list[int]] = []
    for uid in sorted(uids):
        if parts and uid == parts[-1][1] + 1:
            parts[-1][1] = uid
        else:
            parts.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in parts)
