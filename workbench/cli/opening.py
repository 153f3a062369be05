"""The workspace that a command works on: a file here, or an address that ``workbench serve`` answers at."""

from __future__ import annotations

import os
import re
from pathlib import Path

import workbench as wb
from workbench.errors import InputError
from workbench.settings import TOKEN_VARIABLE

_ADDRESS = re.compile(r"(https?):/+(.+)", re.IGNORECASE)


def opened(file: Path, *, must_exist: bool = False) -> wb.Workspace:
    """Open a workspace, so that the ledger and the audit log say how it was used.

    Parameters
    ----------
    file
        A workspace file, or the address of one that is served: its token stands in ``WORKBENCH_TOKEN``.

    Raises
    ------
    InputError
        It cannot be a workspace file, or is not there although it must be; or there is no token for the address.
    """
    from workbench.door import workspace_file  # noqa: PLC0415 - keeps the start of other commands light

    address = address_of(file)
    if address is not None:
        return wb.connect(address, token=_token(address))
    return wb.open(workspace_file(file, must_exist=must_exist), channel="cli")


def address_of(file: Path) -> str | None:
    """The address that a path spells: paths lose one of two slashes. None = it is the name of a file."""
    found = _ADDRESS.fullmatch(str(file))
    return None if found is None else f"{found[1].lower()}://{found[2]}"


def local_file(file: Path, *, must_exist: bool = False) -> Path:
    """The absolute path of a workspace file, for what needs the file itself.

    Raises
    ------
    InputError
        It is an address, cannot be a workspace file, or is not there although it must be.
    """
    from workbench.door import workspace_file  # noqa: PLC0415 - as above

    address = address_of(file)
    if address is not None:
        raise InputError(
            f"{address[:100]!r} is an address, and this needs the file itself.",
            next_step="Run it on the machine where the file lies.",
            details={"address": address[:300]},
        )
    return workspace_file(file, must_exist=must_exist)


def _token(address: str) -> str:
    if "@" in address.partition("://")[2].partition("/")[0]:
        raise InputError(
            "the address holds a name or a password.",
            next_step=f"Write it without, and set {TOKEN_VARIABLE} to an API token.",
        )
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise InputError(
            f"there is no token for {address[:100]!r}.",
            next_step=f"Set {TOKEN_VARIABLE} to an API token of your account, or, without accounts, to the one that "
            "'workbench serve' prints.",
            details={"address": address[:300]},
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise InputError(
            f"what {TOKEN_VARIABLE} holds is no token: it has characters that no token has.",
            next_step="Copy the token again, without blanks or line ends.",
        )
    return token
