"""Every error a caller may see.

    WorkbenchError
    ├── InputError                    what was handed in cannot be used
    │   ├── UnknownNameError          a project, source, dataset, label … of that name does not exist
    │   │   └── UnknownMessageError   a dataset has no such message
    │   ├── DuplicateNameError        the name is taken
    │   ├── LabelPathError            a label path breaks a taxonomy rule
    │   ├── FilterError               a message filter contradicts itself
    │   ├── FileFormatError           a file as a whole cannot be read
    │   ├── BadRowsError              rows of a file cannot be read (carries every one of them)
    │   ├── UploadError               an upload is incomplete, damaged or unknown
    │   ├── LimitError                more, or fewer, than is allowed
    │   ├── UnsupportedError          understood, but it cannot be done or kept here
    │   ├── ConfirmationError         a deletion was not confirmed with the full name
    │   └── NotEmptyError             it still holds something
    ├── StoreError                    the workspace file
    │   ├── StoreLockedError          another process holds it
    │   ├── SchemaVersionError        written by a newer version
    │   ├── ReadOnlyError             a snapshot cannot be written
    │   ├── QueryLimitError           a query ran past its time or memory limit
    │   └── WorkspaceKeyError         the key is missing, wrong, unreadable, or not needed
    ├── ModelError                    encoders, training, prediction
    │   ├── WeightsError              weights missing, damaged or not the expected ones
    │   ├── NotTrainedError           there is no model version yet
    │   └── TooFewAnnotationsError    not enough reviewed messages
    ├── JobError                      long work
    │   ├── JobCancelledError         somebody cancelled it
    │   └── WorkerDiedError           the worker process ended before its job
    ├── ConnectError                  a mail server or service that is not ours
    │   ├── CertificateError          it cannot prove that it is the one we asked for
    │   ├── CredentialsRefusedError   it knows us and says no
    │   ├── RemoteProtocolError       its answer is not what the protocol allows
    │   ├── ThrottledError            it asks to wait
    │   └── UnreachableError          nobody answers, or the line broke
    ├── ConnectionLostError           the owner or server cannot be reached
    ├── AccessError                   not allowed
    │   └── EntitlementError          the plan of the workspace lacks it
    └── MissingExtraError             an optional dependency is not installed

Each carries a stable ``code`` and its values, so that the API, the command line and the panels word it
once. The text always says what happened, the offending value, the known values and the next step.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import ClassVar

__all__ = [
    "AccessError",
    "BadRowsError",
    "CertificateError",
    "ConfirmationError",
    "ConflictError",
    "ConnectError",
    "ConnectionLostError",
    "CredentialsRefusedError",
    "DuplicateNameError",
    "EntitlementError",
    "FileFormatError",
    "FilterError",
    "InputError",
    "JobCancelledError",
    "JobError",
    "LabelPathError",
    "LimitError",
    "MissingExtraError",
    "ModelError",
    "NotEmptyError",
    "NotTrainedError",
    "QueryLimitError",
    "ReadOnlyError",
    "RemoteProtocolError",
    "SchemaVersionError",
    "SignInError",
    "StoreError",
    "StoreLockedError",
    "ThrottledError",
    "TooFewAnnotationsError",
    "UnknownMessageError",
    "UnknownNameError",
    "UnreachableError",
    "UnsupportedError",
    "UploadError",
    "WeightsError",
    "WorkbenchError",
    "WorkerDiedError",
    "WorkspaceKeyError",
    "error_from_wire",
]

_SHOWN = 10

Detail = str | int | float | bool | None | list[str] | list[dict[str, str | int]]


class WorkbenchError(Exception):
    """Base of every error of this package.

    Parameters
    ----------
    message
        What happened, with the offending value, in one sentence.
    next_step
        What the reader can do about it, in one sentence. Empty when there is nothing to do.
    details
        Machine-readable values: strings, numbers, booleans, lists of strings, or lists of flat records.
    """

    code: ClassVar[str] = "workbench-error"

    def __init__(
        self, message: str, *, next_step: str = "", details: Mapping[str, Detail] | None = None
    ) -> None:
        self.message = message
        self.next_step = next_step
        self.details: dict[str, Detail] = dict(details or {})
        super().__init__(f"{message} {next_step}".strip())

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the three values, so that worker processes can hand errors back."""
        return _rebuild, (type(self), self.message, self.next_step, self.details)


def _rebuild(kind: type[WorkbenchError], text: str, step: str, details: dict[str, Detail]) -> WorkbenchError:
    error = kind.__new__(kind)
    WorkbenchError.__init__(error, text, next_step=step, details=details)
    return error


class InputError(WorkbenchError):
    """What was handed in cannot be used."""

    code = "input"


class UnknownNameError(InputError):
    """Something of that name does not exist.

    Parameters
    ----------
    kind
        The noun: ``"dataset"``, ``"label"``, ``"job"`` …
    name
        What was asked for.
    known
        Names that exist; the nearest is offered.
    """

    code = "unknown-name"

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else ""
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        step = f"{hint} Known: {shown}." if names else f"There is no {kind} yet; create one first."
        super().__init__(
            f"unknown {kind} {name!r}.",
            next_step=step.strip(),
            details={"kind": kind, "name": name, "known": names[:100]},
        )


class UnknownMessageError(UnknownNameError):
    """The dataset has no such message: it never came, was deleted, or its source was removed."""

    code = "unknown-message"

    def __init__(self, uid: str) -> None:
        InputError.__init__(
            self,
            f"unknown message {uid[:200]!r}.",
            next_step="Look for it again: it may have been deleted, or its source removed from the dataset.",
            details={"kind": "message", "name": uid[:1100]},
        )


class DuplicateNameError(InputError):
    """The name is taken."""

    code = "duplicate-name"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"a {kind} named {name!r} exists already.",
            next_step="Choose another name or use the one that exists.",
            details={"kind": kind, "name": name},
        )


class LabelPathError(InputError):
    """A label path breaks a taxonomy rule (empty level, too long, too many labels)."""

    code = "label-path"


class FilterError(InputError):
    """A message filter contradicts itself or names what does not exist."""

    code = "filter"


class FileFormatError(InputError):
    """A file as a whole cannot be read: encoding, delimiter, header, size, missing column."""

    code = "file-format"


class BadRowsError(InputError):
    """Rows of a file cannot be read; nothing was loaded.

    ``details["rows"]`` lists them: ``{"row": 7, "column": "date", "value": "31/31/2026", "problem": "…"}``.
    Row numbers count data rows from 1; the header is row 0.
    """

    code = "bad-rows"


class UploadError(InputError):
    """An upload is incomplete, damaged, too large or unknown."""

    code = "upload"


class LimitError(InputError):
    """There is more, or less, of something than is allowed; ``details`` names the limit and both numbers."""

    code = "limit"


class ConflictError(InputError):
    """It fits in itself, but not with what is there."""

    code = "conflict"


class ConfirmationError(InputError):
    """A deletion was not confirmed with the full name of what goes."""

    code = "confirmation"

    def __init__(self, kind: str, name: str, given: str) -> None:
        super().__init__(
            f"{kind} {name!r} was to be deleted, but {given[:200]!r} was given as its name.",
            next_step=f"Look at what would go, then pass confirm={name!r}.",
            details={"kind": kind, "name": name, "given": given[:300]},
        )


class UnsupportedError(InputError):
    """It is understood, but cannot be done or kept here; the text names what."""

    code = "unsupported"


class NotEmptyError(InputError):
    """Something still holds others and is deleted with them only when asked to; ``details`` counts them."""

    code = "not-empty"


class StoreError(WorkbenchError):
    """Something about the workspace file."""

    code = "store"


class StoreLockedError(StoreError):
    """Another process holds the workspace file."""

    code = "store-locked"


class SchemaVersionError(StoreError):
    """The workspace file was written by a newer version of this package."""

    code = "schema-version"


class ReadOnlyError(StoreError):
    """The workspace is a read-only snapshot."""

    code = "read-only"


class QueryLimitError(StoreError):
    """A query ran past its time or memory limit and was stopped."""

    code = "query-limit"


class WorkspaceKeyError(StoreError):
    """The key of an encrypted workspace is missing, wrong or unreadable, or a plain one was given a key."""

    code = "workspace-key"


class ModelError(WorkbenchError):
    """Encoders, training, prediction."""

    code = "model"


class WeightsError(ModelError):
    """Encoder weights are missing, damaged, or not the ones this version was tested with."""

    code = "weights"


class NotTrainedError(ModelError):
    """The dataset has no model version yet."""

    code = "not-trained"


class TooFewAnnotationsError(ModelError):
    """There are not enough reviewed messages for what was asked."""

    code = "too-few-annotations"


class JobError(WorkbenchError):
    """Long work failed."""

    code = "job"


class JobCancelledError(JobError):
    """The job was cancelled."""

    code = "job-cancelled"


class WorkerDiedError(JobError):
    """The worker process ended before its job did."""

    code = "worker-died"


class ConnectError(WorkbenchError):
    """A connection to a mail server or service failed."""

    code = "connect"


class UnreachableError(ConnectError):
    """The server does not answer, or the connection broke."""

    code = "unreachable"


class CredentialsRefusedError(ConnectError):
    """The server refused the credentials, or lacks a permission for them."""

    code = "credentials-refused"


class ThrottledError(ConnectError):
    """The server asks to wait; ``retry_after_s`` is how long, None = it did not say."""

    code = "throttled"

    @property
    def retry_after_s(self) -> float | None:
        """Seconds the server asked to wait."""
        found = self.details.get("retry_after_s")
        return float(found) if isinstance(found, int | float) else None


class CertificateError(ConnectError):
    """The server's certificate is not valid for it."""

    code = "certificate"


class RemoteProtocolError(ConnectError):
    """The server answered what its protocol does not allow."""

    code = "remote-protocol"


class ConnectionLostError(WorkbenchError):
    """The owner process or the server cannot be reached."""

    code = "connection-lost"


class AccessError(WorkbenchError):
    """The caller may not do this."""

    code = "access"


class SignInError(AccessError):
    """Nobody is recognised: the token, the password or the code is missing, wrong or over."""

    code = "sign-in"


class EntitlementError(AccessError):
    """The plan of the workspace lacks it; ``details`` names the entitlement and the plans that have it."""

    code = "entitlement"


class MissingExtraError(WorkbenchError):
    """An optional dependency is not installed; the text names the exact install line."""

    code = "missing-extra"

    def __init__(self, what: str, install: str) -> None:
        super().__init__(
            f"{what} is not installed.", next_step=f"Run: {install}", details={"install": install}
        )


def _all_kinds(kind: type[WorkbenchError]) -> Iterable[type[WorkbenchError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _all_kinds(child)


def error_from_wire(code: str, message: str, next_step: str, details: Mapping[str, Detail]) -> WorkbenchError:
    """Rebuild an error from its parts, as the same class; an unknown code becomes ``WorkbenchError``."""
    # A class without a code of its own says the same in other words, on one side only.
    kinds = {kind.code: kind for kind in _all_kinds(WorkbenchError) if "code" in vars(kind)}
    return _rebuild(kinds.get(code, WorkbenchError), message, next_step, dict(details))
