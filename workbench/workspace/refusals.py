"""Attempts that were refused: the first few of each actor are events of their own, further ones become a sum."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from workbench.domain import AuditOutcome
from workbench.errors import WorkbenchError
from workbench.primitives import Clock
from workbench.store import Session, Store
from workbench.workspace.recording import record

log = logging.getLogger(__name__)
AT_ONCE = 10
"""Refusals of one kind, actor and channel in a window that are written one by one."""
WINDOW = timedelta(minutes=5)
"""Begins with the first of them; what is counted is written down when it ends at the latest."""
MOST_WINDOWS = 1_000
"""Beyond so many the oldest one ends early."""
MOST_NAMED = 20
"""Operations that a sum names, those refused most often first; the others are one number."""
_LONGEST_OBJECT = 300
_SUMS = {"refused": "refused_more", "sign_in_failed": "sign_in_failed_more"}


class _Key(NamedTuple):
    event_type: str
    actor: str
    channel: str


@dataclass
class _Window:
    began: datetime
    outcome: AuditOutcome
    n_written: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None
    until: datetime | None = None

    def count(self, what: str, at: datetime) -> None:
        self.counted[what] += 1
        self.since = min(self.since or at, at)
        self.until = max(self.until or at, at)


@dataclass(frozen=True)
class _Sum:
    key: _Key
    outcome: AuditOutcome
    counted: Counter[str]
    since: datetime
    until: datetime

    def record(self, session: Session, at: datetime) -> None:
        named = dict(self.counted.most_common(MOST_NAMED))
        n = self.counted.total()
        record(
            session,
            _SUMS[self.key.event_type],
            ", ".join(named)[:_LONGEST_OBJECT],
            actor=self.key.actor,
            channel=self.key.channel,
            at=at,
            details={
                "n": n,
                "of": named,
                "n_others": n - sum(named.values()),
                "since": self.since.isoformat(),
                "until": self.until.isoformat(),
            },
            outcome=self.outcome,
        )


class Refusals:
    """Writes refusals into the audit log without letting anybody fill it. Thread-safe.

    What is counted and not yet written lies in memory only: a process that is killed loses it, of each actor at most
    what came in one window.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._windows: dict[_Key, _Window] = {}
        self._counting = threading.Lock()
        # Held from taking a sum until it is committed: who asks for the log meanwhile waits, and sees it.
        self._writing = threading.Lock()
        self._closed = False

    def note(
        self,
        event_type: str,
        what: str,
        write: Callable[[Session], None],
        *,
        actor: str,
        channel: str,
        outcome: AuditOutcome = "refused",
    ) -> bool:
        """Write a refusal, or count it when there were enough of its kind; whether it was written.

        Parameters
        ----------
        event_type
            ``refused`` or ``sign_in_failed``.
        what
            By what a sum counts it: the operation, or the reason. One of a bounded number of words.
        write
            Writes its own event, in a transaction that is opened for it.
        """
        if self._store.read_only:
            return False
        key, now = _Key(event_type, actor, channel), self._clock()
        self.write_ended(now)
        with self._counting:
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = _Window(now, outcome)
            counted = not self._closed and window.n_written >= AT_ONCE
            if counted:
                window.count(what, now)
            else:
                window.n_written += 1
            crowded = len(self._windows) > MOST_WINDOWS
        if not counted:
            with self._store.write(messages=False) as session:
                write(session)
        if crowded:  # those that began first come first
            self._write(lambda: list(self._windows)[:-MOST_WINDOWS])
        return not counted

    def write_counted(self) -> None:
        """Write down what is counted so far; the windows go on. Before the log is read, copied or checked."""
        self._write(lambda: list(self._windows), ends=False)

    def write_ended(self, now: datetime | None = None) -> None:
        """Write down the sums of windows that are over, and forget these; cheap when there is none."""
        at = now or self._clock()
        with self._counting:
            oldest = next(iter(self._windows.values()), None)
        if oldest is not None and at - oldest.began >= WINDOW:
            self._write(lambda: [key for key, one in self._windows.items() if at - one.began >= WINDOW])

    def close(self) -> None:
        """Write down everything; what is refused from now on is written at once."""
        self._closed = True
        try:
            self._write(lambda: list(self._windows))
        except WorkbenchError as error:
            n = sum(one.counted.total() for one in self._windows.values())
            log.warning(
                "%s refusals that were counted could not be written down: %s", f"{n:,}", error.message
            )

    def _write(self, chosen: Callable[[], Iterable[_Key]], *, ends: bool = True) -> None:
        with self._writing:
            with self._counting:
                keys = list(chosen())
                sums = [made for key in keys if (made := self._taken(key)) is not None]
            try:
                if sums:
                    at = self._clock()
                    with self._store.write(messages=False) as session:
                        for one in sums:
                            one.record(session, at)
            except BaseException:
                with self._counting:
                    for one in sums:
                        self._put_back(one)
                raise
            if ends:
                with self._counting:
                    for key in keys:
                        self._forget(key)

    def _taken(self, key: _Key) -> _Sum | None:
        window = self._windows[key]
        if window.since is None or window.until is None:
            return None
        found = _Sum(key, window.outcome, window.counted, window.since, window.until)
        window.counted, window.since, window.until = Counter(), None, None
        return found

    def _put_back(self, one: _Sum) -> None:
        window = self._windows.setdefault(one.key, _Window(one.since, one.outcome, n_written=AT_ONCE))
        window.counted.update(one.counted)
        window.since = one.since
        window.until = max(window.until or one.until, one.until)

    def _forget(self, key: _Key) -> None:
        """Let a window go, unless something was counted in it since it was written."""
        if not self._windows[key].counted:
            del self._windows[key]
