"""News for other clients: a bounded log in memory that they poll."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from workbench.domain import DatasetId, Event, EventPage

KEPT = 10_000


class EventHub:
    """Numbered events, newest 10,000 kept. Numbers rise across restarts of the owner.

    Thread-safe. A client that asks for what is no longer kept gets ``missed`` and reloads its view.
    """

    def __init__(self, *, started_ms: int) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._first = started_ms * 1000
        self._last = self._first
        self._news = threading.Condition()
        self._closed = False
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have ``listener`` called with every event, in the thread that publishes it; it must be quick."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Send everybody who waits away: the owner leaves."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def publish(
        self,
        topic: str,
        subject: str,
        *,
        dataset_id: DatasetId | None = None,
        actor: str = "",
        payload: object | None = None,
    ) -> None:
        """Add an event and wake everybody who waits. ``payload`` must be JSON-able and small."""
        self.publish_all(topic, [(subject, payload)], dataset_id=dataset_id, actor=actor)

    def publish_all(
        self,
        topic: str,
        told: Sequence[tuple[str, object | None]],
        *,
        dataset_id: DatasetId | None = None,
        actor: str = "",
    ) -> None:
        """Add events of one topic, each a subject with its payload, and wake everybody who waits once."""
        texts = [(subject, msgspec.json.encode(payload or {}).decode()) for subject, payload in told]
        with self._news:
            events = [
                Event(seq=seq, topic=topic, dataset_id=dataset_id, subject=subject, actor=actor, payload=text)
                for seq, (subject, text) in enumerate(texts, self._last + 1)
            ]
            self._last += len(events)
            self._events.extend(events)
            self._news.notify_all()
        for event in events:
            for listener in self._listeners:
                listener(event)

    def wait(self, after: int, timeout_s: float, dataset_id: DatasetId | None) -> EventPage:
        """Events after ``after``, waiting up to ``timeout_s`` for the first; 0 = from now on."""
        deadline = time.monotonic() + min(max(timeout_s, 0.0), 30.0)
        with self._news:
            # A number from the future comes from an owner whose clock was ahead: what it said since is not here.
            missed = not self._first <= (after or self._last) <= self._last
            after = self._last if missed or not after else after
            seen = after
            fresh: list[Event] = []
            while True:
                fresh += [
                    e for e in self._since(seen) if dataset_id is None or e.dataset_id in (None, dataset_id)
                ]
                seen = self._last
                left = deadline - time.monotonic()
                if fresh or missed or left <= 0 or self._closed:
                    break
                self._news.wait(left)
            oldest = self._events[0].seq if self._events else self._last + 1
            return EventPage(
                events=tuple(fresh), last_seq=self._last, missed=missed or after + 1 < oldest <= self._last
            )

    def _since(self, seq: int) -> list[Event]:
        # Numbers have no gaps, so only what is new is touched, not all that is kept, for each who waits.
        newest_first = itertools.islice(reversed(self._events), self._last - seq)
        return list(newest_first)[::-1]
