"""One JSON request after another to one address, with a deadline, a size limit and a few tries."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from workbench.errors import JobError

if TYPE_CHECKING:
    import httpx

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_BUSY = frozenset({429, 502, 503, 504})
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0
_CONNECT_S = 5.0
_SPARE_BYTES = 64 * 1024
_BYTES_PER_CHARACTER = 32  # a translation several times as long, in escaped JSON
_OK, _REDIRECT, _ERROR = 200, 300, 400


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """How to talk to one service; see `TranslatorSettings` for the values; ``service`` is what errors call it."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    timeout_s: float
    attempts: int
    service: str = "translator"
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep

    def post(self, path: str, body: Mapping[str, Json], *, n_characters: int) -> Json:
        """Send a body and return the answer; tried again while the service is busy or the line breaks.

        Parameters
        ----------
        n_characters
            Characters of text that were sent: the answer may be so much longer and no more.

        Raises
        ------
        JobError
            No answer in time, a refusal, or something that is not JSON. It holds neither body nor answer.
        """
        import httpx  # noqa: PLC0415 - only where something is sent

        limit = _SPARE_BYTES + _BYTES_PER_CHARACTER * n_characters
        problem = ""
        timeout = httpx.Timeout(self.timeout_s, connect=min(_CONNECT_S, self.timeout_s))
        with httpx.Client(
            transport=self.transport, timeout=timeout, trust_env=False, follow_redirects=False
        ) as client:
            for attempt in range(self.attempts):
                if attempt:
                    self.sleep(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (attempt - 1)))
                try:
                    status, content = self._once(client, path, body, limit)
                except httpx.TransportError as error:
                    problem = (
                        "it did not answer in time"
                        if isinstance(error, httpx.TimeoutException)
                        else "it cannot be reached"
                    )
                    continue
                if status not in _BUSY:
                    return self._read(status, content)
                problem = f"it is busy (status {status})"
        raise self._failed(f"{problem}, {self.attempts} attempt{'s' if self.attempts > 1 else ''}")

    def wrong_answer(self, what: str) -> JobError:
        """Word an answer that is JSON and yet not what was asked for."""
        return self._failed(f"it answered {what}")

    def _once(
        self, client: httpx.Client, path: str, body: Mapping[str, Json], limit: int
    ) -> tuple[int, bytes]:
        import httpx  # noqa: PLC0415 - only where something is sent

        # The client's timeout is per read; a service that drips bytes would never run into it.
        deadline = time.monotonic() + self.timeout_s
        content = bytearray()
        with client.stream("POST", self.url + path, json=body, headers=dict(self.headers)) as answer:
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > limit:
                    raise self._failed(f"its answer is longer than {limit:,} bytes")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("deadline")
            return answer.status_code, bytes(content)

    def _read(self, status: int, content: bytes) -> Json:
        if _REDIRECT <= status < _ERROR:
            raise self._failed(f"it sends us elsewhere (status {status}), which is not followed")
        if status != _OK:
            raise self._failed(f"it refused (status {status})")
        try:
            found: Json = json.loads(content)
        except (ValueError, RecursionError):
            raise self._failed("its answer is not JSON") from None
        return found

    def _failed(self, problem: str) -> JobError:
        return JobError(
            f"the {self.service} at {self.url} failed: {problem}.",
            next_step="Check its address, key and load"
            + ("; what was translated is kept." if self.service == "translator" else "."),
            details={"url": self.url},
        )
