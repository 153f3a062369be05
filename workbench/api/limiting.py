"""How much one caller may ask for: buckets of requests and bytes that fill up again by themselves."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from workbench.errors import ThrottledError

_MINUTE_S = 60.0
_MOST_CALLERS = 10_000


@dataclass
class _Bucket:
    """What is left, and when that was so; less than nothing is a debt that has to be waited for."""

    left: float
    at: float


class Allowance:
    """A number of something per minute for each caller; a quiet minute's worth may be used at once.

    Parameters
    ----------
    per_minute
        0 = no limit.
    what
        For the refusal: ``requests``, ``bytes``.
    clock
        Seconds that never go back.
    """

    def __init__(self, per_minute: int, what: str, clock: Callable[[], float]) -> None:
        self._per_minute, self._what, self._clock = per_minute, what, clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, amount: int = 1) -> None:
        """Take from a caller's bucket, beyond its bottom if need be.

        Raises
        ------
        ThrottledError
            It was empty; nothing is taken then. ``retry_after_s`` is when it no longer is.
        """
        if not self._per_minute:
            return
        with self._lock:
            bucket = self._filled(caller)
            if bucket.left < 1:
                wait_s = math.ceil((1 - bucket.left) * _MINUTE_S / self._per_minute)
                raise ThrottledError(
                    f"more than {self._per_minute} {self._what} in a minute.",
                    next_step=f"Send this again in {wait_s} s.",
                    details={"limit": self._per_minute, "retry_after_s": wait_s},
                )
            bucket.left -= amount

    def charge(self, caller: str, amount: int) -> None:
        """Take what is known only afterwards; the next ``take`` waits for it."""
        if self._per_minute:
            with self._lock:
                self._filled(caller).left -= amount

    def _filled(self, caller: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(caller)
        if bucket is None:
            self._forget(now)
            bucket = self._buckets[caller] = _Bucket(self._per_minute, now)
        gained = (now - bucket.at) * self._per_minute / _MINUTE_S
        bucket.left, bucket.at = min(self._per_minute, bucket.left + gained), now
        return bucket

    def _forget(self, now: float) -> None:
        """Make room: who was quiet for a minute starts anew anyway, and of the others the oldest goes."""
        if len(self._buckets) < _MOST_CALLERS:
            return
        for caller in [
            name for name, one in self._buckets.items() if now - one.at > _MINUTE_S and one.left >= 0
        ]:
            del self._buckets[caller]
        while len(self._buckets) >= _MOST_CALLERS:
            del self._buckets[next(iter(self._buckets))]
