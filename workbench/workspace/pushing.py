"""Sending streams to their targets: one thread that looks whose turn has come, and a few that send.

Of each stream one batch is under way at a time. Before it is sent first, where it ends is written down; so it is the
same batch, under the same id, until the target took it, whatever happens to this process in between.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workbench.connect import Push, Pushed
from workbench.domain import ALL_PERMISSIONS, Dataset, Grants, Stream, StreamId
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.settings import Settings
from workbench.store import DueHook, HookRow, Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.following import ACTOR
from workbench.workspace.sensitive import PERMISSION
from workbench.workspace.webhook_batches import PushBatch, next_batch
from workbench.workspace.webhook_secrets import signing_secret
from workbench.workspace.webhooks import in_time, target_of

log = logging.getLogger(__name__)
_TICK_S = 0.5
_SLICE_S = 10.0
"""Seconds after which a stream with much to send lets the next one have its turn."""
_LOOK_AGAIN_S = 30.0
"""Seconds after which a stream that had nothing to send is looked at again though no message came."""
_ASK_AGAIN_S = 30.0
_FINISH_S = 5.0
_LONGEST_ASKED_S = 3_600.0
_GONE = 410
_SENT = 200


@dataclass(frozen=True, kw_only=True)
class _Next:
    """What a stream has to send, as it was read."""

    dataset: Dataset
    stream: Stream
    row: HookRow
    batch: PushBatch
    last: int


class Pusher:
    """Sends what streams hold to their targets, until stopped."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._caller = Caller(
            workspace=workspace,
            actor=ACTOR,
            # A target is no person: what is sensitive stays here.
            grants=Grants(everywhere=ALL_PERMISSIONS - {PERMISSION}),
        )
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[StreamId, Future[None]] = {}
        self._pushes: set[Push] = set()
        self._rested: dict[StreamId, tuple[int, float]] = {}
        self._asked_at: dict[StreamId, float] = {}
        self._chance = random.Random()  # noqa: S311 - spreads retries
        self._pool = ThreadPoolExecutor(max(workspace.settings.webhooks_at_once, 1), "push")
        self._thread = threading.Thread(target=self._watch, name="pusher", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def busy(self) -> bool:
        """Whether something is being sent."""
        with self._lock:
            return bool(self._running)

    def stop(self) -> None:
        """Begin nothing more; what is under way has a few seconds to be answered, then it is broken off."""
        if self._stop.is_set():
            return
        self._stop.set()
        with self._lock:
            running = list(self._running.values())
        wait(running, _FINISH_S)
        with self._lock:
            pushes = list(self._pushes)
        for push in pushes:
            push.abort()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._thread.is_alive():
            self._thread.join(5)

    def look(self) -> int:
        """Begin to send to all targets whose turn has come; how many these are.

        Raises
        ------
        EntitlementError
            The plan of the workspace does not have messages.
        """
        workspace = self._workspace
        with workspace.store.read() as session:
            last = session.stream_queues.last_seq()
            due = session.webhooks.due(workspace.clock(), last)
        n = 0
        for hook in due:
            if not self._rests(hook, last):
                workspace.plan.check("communications_data")
                n += self._begin(hook)
        return n

    def _rests(self, hook: DueHook, last: int) -> bool:
        """Whether it had nothing to send a moment ago, and no message came since."""
        seen, at = self._rested.get(hook.stream_id, (-1, 0.0))
        return seen == last and time.monotonic() - at < _LOOK_AGAIN_S

    def _begin(self, hook: DueHook) -> bool:
        with self._lock:
            if self._stop.is_set() or hook.stream_id in self._running:
                return False
            self._running[hook.stream_id] = self._pool.submit(self._deliver, hook)
            return True

    def _deliver(self, hook: DueHook) -> None:
        """Send batch after batch, until there is nothing more, one fails, or others wait."""
        ends = time.monotonic() + _SLICE_S
        try:
            while not self._stop.is_set() and time.monotonic() < ends and self._one(hook):
                pass
        except WorkbenchError as error:
            log.warning("cannot send the stream %s: %s", hook.stream_id, error.message)
            self._rested[hook.stream_id] = (self._last(), time.monotonic())
        except Exception:
            log.exception("sending the stream %s failed", hook.stream_id)
            self._rested[hook.stream_id] = (self._last(), time.monotonic())
        finally:
            with self._lock:
                self._running.pop(hook.stream_id, None)

    def _one(self, hook: DueHook) -> bool:
        """Send the next batch; whether to go on at once."""
        found = self._read(hook)
        if found is None:
            return False
        batch, row = found.batch, found.row
        if not batch.n_messages:
            if batch.end > row.position:
                self._settle(found, Pushed(status=_SENT))
            if batch.awaits:
                self._ask_for_predictions(found.stream)
            if batch.is_end:
                self._rested[hook.stream_id] = (found.last, time.monotonic())
            return not (batch.is_end or batch.awaits)
        if row.batch_end != batch.end and not self._note(found):
            return False
        pushed = self._send(found)
        if self._stop.is_set() and not pushed.ok and pushed.status is None:
            return False  # broken off here: it is sent again after the next start
        return self._settle(found, pushed) and pushed.ok

    def _read(self, hook: DueHook) -> _Next | None:
        with self._workspace.store.read() as session:
            row = session.webhooks.get(hook.stream_id)
            if row is None or row.paused:
                return None
            try:
                dataset = session.catalog.find_dataset(hook.dataset_id)
                stream = session.streams.get(hook.dataset_id, hook.name)
            except UnknownNameError:
                return None
            last = session.stream_queues.last_seq()
            most = self._workspace.settings.webhook_batch_max_bytes
            batch = next_batch(self._caller, session, dataset, stream, row, max_bytes=most)
        return _Next(dataset=dataset, stream=stream, row=row, batch=batch, last=last)

    def _note(self, found: _Next) -> bool:
        """Write down where the batch ends, before it is sent first; False where the target was changed meanwhile."""
        with self._workspace.store.write(messages=False) as session:
            if session.webhooks.get(found.stream.stream_id) != found.row:
                return False
            session.webhooks.put(replace(found.row, batch_end=found.batch.end))
        return True

    def _send(self, found: _Next) -> Pushed:
        workspace = self._workspace
        try:
            target = target_of(workspace.settings, found.row)
            secret = signing_secret(workspace.store, found.stream)
        except WorkbenchError as error:
            return Pushed(error=error.message)
        push, now = Push(target), workspace.clock().timestamp()
        with self._lock:
            self._pushes.add(push)
        try:
            with in_time(push, target.timeout_s):
                return push.send(secret, found.batch.event_id, found.batch.body, now=now)
        finally:
            with self._lock:
                self._pushes.discard(push)

    def _settle(self, found: _Next, pushed: Pushed) -> bool:
        """Write down what became of a batch; False where the target was set to another place meanwhile."""
        now, batch = self._workspace.clock(), found.batch
        with self._workspace.store.write(messages=False) as session:
            row = session.webhooks.get(found.stream.stream_id)
            if row is None or (row.webhook_id, row.position) != (found.row.webhook_id, found.row.position):
                return False
            if pushed.ok:
                after = replace(row, position=batch.end, batch_end=None)
                if batch.n_messages:
                    after = replace(after, n_failures=0, last_success=now, last_error="", next_try=None)
                    session.stream_deliveries.add(found.stream, "push", batch.n_messages, now)
            else:
                after = self._failed(session, found, row, pushed, now)
            session.webhooks.put(after)
        if after.paused != found.row.paused or after.n_failures != found.row.n_failures:
            self._caller.tell("stream", found.stream.stream_id, dataset_id=found.stream.dataset_id)
        return True

    def _failed(self, session: Session, found: _Next, row: HookRow, pushed: Pushed, now: datetime) -> HookRow:
        settings = self._workspace.settings
        n = row.n_failures + 1
        gives_up = pushed.status == _GONE or 0 < settings.webhook_failures <= n
        row = replace(row, n_failures=n, last_failure=now, last_error=pushed.error)
        if row.paused:  # by somebody, while it was under way
            return row
        if gives_up:
            self._caller.audit(
                session,
                "pause_webhook",
                found.dataset.full_name,
                stream_id=found.stream.stream_id,
                stream=found.stream.name,
                why="failures",
                n_failures=n,
            )
            return replace(row, paused="failures", next_try=None)
        waits = retry_after(settings, n, pushed.retry_after_s, self._chance.random())
        return replace(row, next_try=now + timedelta(seconds=waits))

    def _ask_for_predictions(self, stream: Stream) -> None:
        """See to it that they are made; they follow by themselves, but for an owner that died."""
        if time.monotonic() - self._asked_at.get(stream.stream_id, -_ASK_AGAIN_S) >= _ASK_AGAIN_S:
            self._asked_at[stream.stream_id] = time.monotonic()
            self._caller.tell(
                "stream", stream.stream_id, dataset_id=stream.dataset_id, awaits_predictions=True
            )

    def _last(self) -> int:
        with self._workspace.store.read() as session:
            return session.stream_queues.last_seq()

    def _watch(self) -> None:
        """Look twice a second while a stream has a target; without any, only news of streams is waited for."""
        after, any_there = 0, True
        while not self._stop.is_set():
            page = self._workspace.events.wait(after, _TICK_S, None)
            after = page.last_seq
            try:
                if page.missed or any(event.topic == "stream" for event in page.events):
                    any_there = True
                    self._rested.clear()
                if any_there:
                    with self._workspace.store.read() as session:
                        any_there = session.webhooks.any()
                    self.look()
            except WorkbenchError as error:
                log.warning("cannot send streams: %s", error.message)
                self._stop.wait(_LOOK_AGAIN_S)
            self._stop.wait(_TICK_S / 10)


def retry_after(settings: Settings, n_failures: int, asked_s: float | None, chance: float) -> float:
    """Seconds until the next try.

    Parameters
    ----------
    n_failures
        In a row, from 1.
    asked_s
        What the target asks for; None = nothing. At most an hour of it is heeded.
    chance
        In [0, 1): spreads the wait between half and all of it, so that what failed together does not come back together.
    """
    full = min(settings.webhook_retry_max_s, settings.webhook_retry_s * 2.0 ** min(n_failures - 1, 30))
    return max(full * (0.5 + 0.5 * chance), min(asked_s or 0.0, _LONGEST_ASKED_S))
