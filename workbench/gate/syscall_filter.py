"""The filter of system calls of a confined process (seccomp), as a program of the kernel's small machine.

Refused calls answer "not permitted", so that libraries which try them go on without.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
from dataclasses import dataclass

from workbench.errors import AccessError

_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_KILL = 0x80000000
_EPERM = 1
_ENOSYS = 38
_EOPNOTSUPP = 95
"""The answer that ZeroMQ goes on with when it may not ask for the network's interfaces; at others it aborts."""

_LOAD, _EQUAL, _AT_LEAST, _ANSWER, _AND = 0x20, 0x15, 0x35, 0x06, 0x54
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000
_TYPE_MASK = 0xF  # beside the type of a socket stand flags such as SOCK_CLOEXEC
_TCP = 6
_LONGEST_JUMP = 255


@dataclass(frozen=True, kw_only=True)
class _Machine:
    """Numbers of one architecture."""

    audit: int
    socket: int
    socketpair: int
    prlimit64: int
    refused: tuple[int, ...]
    missing: tuple[int, ...]


# Refused: changing modes, owners and attributes of files by name (Landlock does not look at these), the key ring of the
# kernel, memory of other processes, watching files, namespaces. In this order: chmod fchmodat fchmodat2 chown lchown
# fchownat; setxattr lsetxattr removexattr lremovexattr setxattrat removexattrat; add_key request_key keyctl;
# inotify_add_watch fanotify_mark; shmget shmat; ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp;
# bpf perf_event_open userfaultfd; unshare setns mount; setpriority.
_REFUSED_X86 = (
    *(90, 268, 452, 92, 94, 260),
    *(188, 189, 197, 198, 463, 466),
    *(248, 249, 250, 254, 301, 29, 30),
    *(101, 310, 311, 438, 312, 321, 298, 323, 272, 308, 165, 141),
)
_REFUSED_ARM = (
    *(53, 452, 54),
    *(5, 6, 14, 15, 463, 466),
    *(217, 218, 219, 27, 263, 194, 196),
    *(117, 270, 271, 438, 272, 280, 241, 282, 97, 268, 40, 140),
)
_IO_URING = (425, 426, 427)
"""Answered as missing: it could do by another way what is refused here."""

_MACHINES = {
    "x86_64": _Machine(
        audit=0xC000003E, socket=41, socketpair=53, prlimit64=302, refused=_REFUSED_X86, missing=_IO_URING
    ),
    "aarch64": _Machine(
        audit=0xC00000B7, socket=198, socketpair=199, prlimit64=261, refused=_REFUSED_ARM, missing=_IO_URING
    ),
}


def knows_machine() -> bool:
    """Whether the numbers of this architecture's system calls are known."""
    return platform.machine() in _MACHINES


def confine_calls(libc: ctypes.CDLL) -> None:
    """Install the filter; ``no_new_privs`` must be set.

    Raises
    ------
    AccessError
        The kernel refused it.
    """
    program = _program(_MACHINES[platform.machine()])
    steps = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("n", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    filled = Filter(len(program) // 8, ctypes.cast(steps, ctypes.c_void_p))
    if libc.prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filled), 0, 0):
        raise AccessError(
            f"a notebook server cannot be confined: system calls ({os.strerror(ctypes.get_errno())}).",
            next_step="Serve without --lab.",
        )


def _program(machine: _Machine) -> bytes:
    """The steps, 8 bytes each: operation, jump when true, jump when false, value."""
    refuse = [_step(_ANSWER, _REFUSE | _EPERM)]
    allow = [_step(_ANSWER, _ALLOW)]
    steps = [
        _step(_LOAD, _MACHINE),
        _step(_EQUAL, machine.audit, yes=1),
        _step(_ANSWER, _KILL),  # another architecture's calls have other numbers
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32_BIT, no=1),
        _step(_ANSWER, _KILL),
    ]
    for number in machine.missing:
        steps += [_step(_EQUAL, number, no=1), _step(_ANSWER, _REFUSE | _ENOSYS)]
    for number in machine.refused:
        steps += [_step(_EQUAL, number, no=1), *refuse]
    # Sockets: TCP only. Others would reach servers of this machine by names in the file system, or leave it by UDP.
    steps += _only_if(
        machine.socket,
        [
            *_argument_in(0, (int(socket.AF_INET), int(socket.AF_INET6))),
            *_argument_in(1, (int(socket.SOCK_STREAM),), mask=_TYPE_MASK),
            *_argument_in(2, (0, _TCP)),
            *allow,
        ],
    )
    # A pair of datagram sockets could be turned to any other address afterwards.
    steps += _only_if(
        machine.socketpair, [*_argument_in(1, (int(socket.SOCK_STREAM),), mask=_TYPE_MASK), *allow]
    )
    # Limits of others are not theirs to lower.
    steps += _only_if(machine.prlimit64, [*_argument_in(0, (0,)), *allow])
    return b"".join([*steps, *allow])


def _only_if(number: int, steps: list[bytes]) -> list[bytes]:
    """Steps for one system call; each ends in an answer. The number is loaded again for those that follow."""
    if len(steps) > _LONGEST_JUMP:
        raise ValueError(len(steps))
    return [_step(_EQUAL, number, no=len(steps)), *steps]


def _argument_in(at: int, values: tuple[int, ...], *, mask: int | None = None) -> list[bytes]:
    """Go on when the low half of an argument is one of ``values``, refuse the call when not."""
    steps = [_step(_LOAD, _ARGUMENTS + 8 * at)]
    if mask is not None:
        steps.append(_step(_AND, mask))
    for place, value in enumerate(values):
        steps.append(_step(_EQUAL, value, yes=len(values) - place))
    return [*steps, _step(_ANSWER, _REFUSE | _EOPNOTSUPP)]


def _step(operation: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", operation, yes, no, value)
