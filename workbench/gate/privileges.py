"""Giving up the privileges of a process that runs as root, as in many containers.

With them it could look into other processes in ways that Landlock leaves open to the privileged. Source:
*capabilities(7)*.
"""

from __future__ import annotations

import ctypes
import os

from workbench.errors import AccessError

_DROP_BOUND, _SET_SECURE_BITS = 24, 28
_VERSION = 0x20080522
_NO_ROOT, _NO_ROOT_LOCKED = 1, 2
_MOST = 64


def drop_privileges(libc: ctypes.CDLL) -> None:
    """Give up every capability, for this process and all that it starts.

    Raises
    ------
    AccessError
        Some are left.
    """
    for capability in range(_MOST):
        libc.prctl(_DROP_BOUND, capability, 0, 0, 0)  # fails for those that hold none: nothing to drop
    libc.prctl(_SET_SECURE_BITS, _NO_ROOT | _NO_ROOT_LOCKED, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    held = (ctypes.c_uint32 * 6)()
    refused = libc.capset(ctypes.byref(header), ctypes.byref(nothing))
    if refused or libc.capget(ctypes.byref(header), ctypes.byref(held)) or any(held):
        raise AccessError(
            f"a notebook server cannot be confined: privileges ({os.strerror(ctypes.get_errno())}).",
            next_step="Serve without --lab.",
        )
