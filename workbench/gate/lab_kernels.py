"""Kernels of a confined notebook server.

They speak by TCP on ports that its sandbox names, and there are no more of them than there are ports.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import default

from workbench.errors import LimitError
from workbench.gate.lab_plan import PORTS_PER_KERNEL, PORTS_VARIABLE

_SETTLES_S = 30.0
"""Seconds for which ports count as taken once given: their kernel does not listen at once."""
_given: dict[int, float] = {}
_NAMES = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")


class ConfinedKernelManager(ServerKernelManager):
    """Takes the ports of a new kernel from those that the sandbox allows, instead of any that is free."""

    @default("cache_ports")
    def _no_other_ports(self) -> bool:
        return False

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        """Choose ports, unless the kernel is started again and has some."""
        if not all(getattr(self, name) for name in _NAMES):
            for name, port in zip(_NAMES, free_ports(os.environ[PORTS_VARIABLE]), strict=True):
                setattr(self, name, port)
        return await super()._async_pre_start_kernel(**kw)

    pre_start_kernel = _async_pre_start_kernel  # type: ignore[assignment] # as in the class above


def free_ports(allowed: str) -> tuple[int, ...]:
    """Five ports next to each other of ``"FIRST-LAST"`` that nobody listens on.

    Raises
    ------
    LimitError
        All are taken.
    """
    first, _, last = allowed.partition("-")
    for start in range(int(first), int(last) - PORTS_PER_KERNEL + 2, PORTS_PER_KERNEL):
        block = tuple(range(start, start + PORTS_PER_KERNEL))
        if time.monotonic() > _given.get(start, 0.0) and all(_is_free(port) for port in block):
            _given[start] = time.monotonic() + _SETTLES_S
            return block
    most = (int(last) - int(first) + 1) // PORTS_PER_KERNEL
    raise LimitError(
        f"{most} notebooks run already; that is the most.",
        next_step="Shut one down under 'Running Terminals and Kernels'.",
        details={"limit": most},
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
