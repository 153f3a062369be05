"""Whether the owner of the workspace answers, asked seldom and never waited for long."""

from __future__ import annotations

import time
from collections.abc import Callable

import anyio
import anyio.to_thread

from workbench.api.caller import ACTOR, CHANNEL, Desk
from workbench.errors import WorkbenchError
from workbench.wire import Call, signature

_FRESH_S = 1.0
_PATIENCE_S = 2.0
_LOOK_S = 0.02


class Pulse:
    """Asks the owner at most once a second, whoever wants to know; an owner that is gone is started again by that."""

    def __init__(
        self, desk: Desk, *, patience_s: float = _PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._desk, self._patience_s, self._clock = desk, patience_s, clock
        self._limiter = anyio.CapacityLimiter(1)
        self._asking = self._up = False
        self._found_at = float("-inf")

    async def beats(self) -> bool:
        """Whether the owner answers within ``patience_s`` seconds."""
        if self._clock() - self._found_at < _FRESH_S:
            return self._up
        with anyio.move_on_after(self._patience_s):
            if not self._asking:
                self._asking = True
                await anyio.to_thread.run_sync(self._ask, limiter=self._limiter, abandon_on_cancel=True)
            while self._asking:  # noqa: ASYNC110 - set by a thread, and seldom waited for
                await anyio.sleep(_LOOK_S)
            return self._up
        return False

    def _ask(self) -> None:
        """Any reply will do, also that nobody is recognised."""
        call = Call(
            operation="whoami",
            arguments=signature("whoami").pack((), {}),
            actor=ACTOR,
            channel=CHANNEL,
            token=self._desk.operator,
        )
        try:
            self._desk.ask(call)
            self._up = True
        except WorkbenchError:
            self._up = False
        finally:
            self._found_at = self._clock()
            self._asking = False
