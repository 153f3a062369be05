"""What exchangelib raises, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from exchangelib import errors as ews
from exchangelib.protocol import FailFast

from workbench.connect.failures import protocol_broken, refused, throttled, unreachable
from workbench.domain.secrets import Secrets
from workbench.errors import ConnectError, WorkbenchError

_BUSY = (
    ews.ErrorServerBusy, ews.ErrorExceededConnectionCount, ews.ErrorTooManyObjectsOpened, ews.RateLimitError,
    ews.ErrorInternalServerTransientError, ews.ErrorMailboxStoreUnavailable, ews.ErrorMailboxMoveInProgress,
)  # fmt: skip
_NO = (
    ews.UnauthorizedError, ews.ErrorAccessDenied, ews.ErrorNonExistentMailbox, ews.ErrorImpersonateUserDenied,
    ews.ErrorImpersonationDenied, ews.ErrorImpersonationFailed, ews.ErrorMailboxConfiguration,
)  # fmt: skip
_RIGHTS = {
    "ErrorNonExistentMailbox": "Check the address of the mailbox.",
    "UnauthorizedError": "Check user name and password, or application and its permission full_access_as_app.",
}


class StaleStateError(Exception):
    """The server no longer knows where we were."""


class FolderGoneError(Exception):
    """The folder was deleted since it was listed."""


class NoRetry(FailFast):  # type: ignore[misc]  # an untyped library
    """Never waits; knows the statuses that the library would call unknown."""

    def __init__(self, host: str) -> None:
        self._host = host

    def raise_response_errors(self, response: Any) -> None:
        """Word what stands in the status alone."""
        if response.status_code == HTTPStatus.FORBIDDEN:
            raise ews.UnauthorizedError("forbidden")
        if response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
            raise protocol_broken(self._host, f"status {response.status_code}")
        super().raise_response_errors(response)


@contextmanager
def worded(host: str, who: str, secrets: Secrets, *, renew: bool = False) -> Iterator[None]:
    """Turn what the library raises into a `ConnectError`; with ``renew``, let an expired token pass."""
    try:
        yield
    except WorkbenchError:
        raise
    except ews.ErrorInvalidSyncStateData:
        raise StaleStateError from None
    except (ews.ErrorFolderNotFound, ews.ErrorSyncFolderNotFound):
        raise FolderGoneError from None
    except ews.UnauthorizedError as error:
        if renew:
            raise
        raise _word(error, host, who, secrets) from None
    except Exception as error:  # noqa: BLE001  # four libraries read a stranger's bytes in there
        raise _word(error, host, who, secrets) from None


def _word(error: Exception, host: str, who: str, secrets: Secrets) -> ConnectError:
    kind = type(error).__name__
    if isinstance(error, _BUSY):
        back_off = getattr(error, "back_off", None)
        return throttled(host, float(back_off) if isinstance(back_off, int | float) else None)
    if isinstance(error, (*_NO, PermissionError)):
        step = _RIGHTS.get(kind, "Give the service user or application the right to read this mailbox.")
        return refused(host, who, kind, next_step=step)
    if isinstance(error, ews.ErrorTimeoutExpired):
        return unreachable(host, "no answer in time")
    text = secrets.clean(str(error)) if isinstance(error, ews.ResponseMessageError) else ""
    return protocol_broken(host, f"{kind} {text}".strip())
