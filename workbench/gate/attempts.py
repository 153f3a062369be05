"""How often one address may try to sign in."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from workbench.primitives import Clock, address_group

_MOST_ADDRESSES = 10_000


class Attempts:
    """Counts attempts per address in a sliding window.

    This stands before the owner's own lock-out of an account: it bounds how much work strangers can cause, and how
    many accounts one address can try. IPv6 addresses count by their network of 64 bits, which one visitor holds whole.

    Parameters
    ----------
    clock
        The present.
    most
        Attempts in a window, at least 1.
    window_s
        Length of the window in seconds.
    """

    def __init__(self, clock: Clock, *, most: int, window_s: float = 60.0) -> None:
        self._clock = clock
        self._most = most
        self._window = timedelta(seconds=window_s)
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Count an attempt; 0 when it may go on, else the seconds until the next one may."""
        now = self._clock()
        group = address_group(address)
        times = self._seen.setdefault(group, deque())
        self._seen.move_to_end(group)
        while times and now - times[0] >= self._window:
            times.popleft()
        if len(times) >= self._most:
            return max(1, round((times[0] + self._window - now).total_seconds()))
        times.append(now)
        while (
            len(self._seen) > _MOST_ADDRESSES
        ):  # memory is bounded; the address seen longest ago is forgotten
            self._seen.popitem(last=False)
        return 0
