"""How long somebody has to wait after failures: each wait twice as long as the one before."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta

from workbench.errors import SignInError
from workbench.primitives import Clock, address_group, unit_interval
from workbench.settings import Settings
from workbench.store import Attempts

_FORGOTTEN_AFTER = timedelta(days=1)
_MOST_PEERS = 10_000
_STRANGERS = 4_096


def failed(before: Attempts | None, at: datetime, settings: Settings) -> Attempts:
    """Failures in a row after one more; a day after the last one they are forgotten."""
    n = 1 if before is None or at - before.last_at > _FORGOTTEN_AFTER else before.n_failures + 1
    over = n - settings.sign_in_tries
    if over < 0:
        return Attempts(n_failures=n, last_at=at, locked_until=None)
    pause = min(settings.sign_in_pause_s * 2.0 ** min(over, 40), settings.sign_in_pause_max_s)
    return Attempts(n_failures=n, last_at=at, locked_until=at + timedelta(seconds=pause))


def refuse_locked(attempts: Attempts | None, at: datetime, what: str) -> None:
    """Refuse another try before the wait is over.

    Raises
    ------
    SignInError
        With how long it lasts.
    """
    wait_s = _left_s(attempts, at)
    if not wait_s:
        return
    raise SignInError(
        f"too many failed tries of {what}.",
        next_step=f"Wait {wait_s} s and try again, or ask an administrator to set a new password.",
        details={"reason": "locked", "wait_s": wait_s},
    )


def _left_s(attempts: Attempts | None, at: datetime) -> int:
    if attempts is None or attempts.locked_until is None or at >= attempts.locked_until:
        return 0
    return math.ceil((attempts.locked_until - at).total_seconds())


def stranger(name: str, salt: str) -> str:
    """Under what failures with an unknown name are counted: they wait like those of users, and take bounded room."""
    return f"stranger-{int(unit_interval(salt + name.lower()) * _STRANGERS)}"


class Guesses:
    """Unknown tokens by peer, in memory; the peers heard of last. Not shared between processes.

    Peers of IPv6 count by their network of 64 bits.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock, self._settings = clock, settings
        self._failures: OrderedDict[str, Attempts] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, peer: str) -> int:
        """Seconds for which a peer that guessed too often has to wait; 0 = it need not."""
        return _left_s(self._failures.get(address_group(peer)), self._clock())

    def add(self, peer: str) -> None:
        """Count an unknown token."""
        group = address_group(peer)
        with self._lock:
            self._failures[group] = failed(self._failures.pop(group, None), self._clock(), self._settings)
            while len(self._failures) > _MOST_PEERS:
                self._failures.popitem(last=False)


def undone(before: Attempts | None, now: Attempts) -> Attempts | None:
    """What stands when a try turns out to be none: the failures before it, without a wait."""
    return None if before is None else replace(before, last_at=now.last_at, locked_until=None)
