"""A process that can do nothing more than it must: Linux Landlock and a filter of system calls.

A notebook server of a visitor runs as the same system user as the owner of the file, since nothing here may need root.
What keeps it from the file, the keys and everybody else is this module: the process gives up its own rights before it
starts, and all that it starts inherits the loss.

Landlock takes away files, TCP ports, signals and looking into other processes. It does not take away connecting to a
socket that has a name in the file system (an agent that holds keys, the session bus, the owner), other protocols than
TCP, or changing modes and owners of files that cannot be opened: those are system calls that the filter refuses.

Sources: the kernel's documentation, *Landlock: unprivileged access control* (interface 6) and *Seccomp BPF*; system call
numbers from ``asm/unistd_64.h`` and ``asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import AccessError, InputError
from workbench.gate.privileges import drop_privileges
from workbench.gate.syscall_filter import confine_calls, knows_machine

NEEDED_ABI = 6
"""Interface of Landlock that can keep signals in (Linux 6.12)."""

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_RULE_PATH, _RULE_PORT = 1, 2
_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_ALL_OF_FILES = (1 << 16) - 1  # up to IOCTL_DEV, the last right of interface 5
_DEVICES = (1 << 6) | (1 << 11)  # making character and block devices
_TRUNCATE = 1 << 14
_OF_ONE_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = _ALL_OF_FILES & ~_DEVICES & ~(1 << 15)
_BIND, _CONNECT = 1, 2
_SCOPE_SOCKETS, _SCOPE_SIGNALS = 1, 2


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """What a confined process may do; everything else is refused.

    Attributes
    ----------
    readable
        Files, and folders with all that lies in them.
    listable
        Folders whose names, and those below, may be listed, but not read.
    writable
        Files and folders that may be read and written.
    connect_ports
        TCP ports that may be connected to.
    bind_ports
        TCP ports that may be listened on.
    """

    readable: tuple[Path, ...] = ()
    listable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    connect_ports: tuple[int, ...] = ()
    bind_ports: tuple[int, ...] = ()

    def refuse_overlap(self, secret: Iterable[Path]) -> None:
        """Make sure that nothing secret lies in what may be read.

        Raises
        ------
        InputError
            It does, for instance because the workspace lies in the folder of the Python installation.
        """
        opened = [path.resolve() for path in (*self.readable, *self.writable)]
        for path in (one.resolve() for one in secret):
            inside = next((room for room in opened if path.is_relative_to(room)), None)
            if inside is not None:
                raise InputError(
                    f"{str(path)!r} lies in {str(inside)!r}, which notebooks may read.",
                    next_step="Move the workspace and its keys to a folder of their own, or serve without --lab.",
                    details={"path": str(path), "folder": str(inside)},
                )


def landlock_abi() -> int:
    """The interface of Landlock that this kernel offers; 0 = none."""
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))))


def require_confinement() -> None:
    """Make sure that processes can be confined here.

    Raises
    ------
    AccessError
        The kernel lacks what is needed.
    """
    found = landlock_abi() if platform.system() == "Linux" else 0
    if found < NEEDED_ABI or not knows_machine():
        raise AccessError(
            f"notebooks cannot be confined on this system (Landlock interface {found}, {NEEDED_ABI} needed; "
            f"{platform.machine()}).",
            next_step="Serve without --lab, or use Linux 6.12 or newer with Landlock on x86-64 or ARM64.",
            details={"found": found, "needed": NEEDED_ABI},
        )


def confine(sandbox: Sandbox) -> None:
    """Give up everything that ``sandbox`` does not name, for this process and all that it starts, for good.

    Call it while the process has one thread. Paths that do not exist are left out.

    Raises
    ------
    AccessError
        The kernel lacks what is needed, or refused a rule: then nothing may be started.
    """
    require_confinement()
    libc = _libc()
    _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    attributes = (ctypes.c_uint64 * 3)(_ALL_OF_FILES, _BIND | _CONNECT, _SCOPE_SOCKETS | _SCOPE_SIGNALS)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    ruleset = _checked(libc.syscall(_CREATE, ctypes.byref(attributes), size, ctypes.c_uint32(0)), "ruleset")
    try:
        for paths, rights in (
            (sandbox.readable, _READ),
            (sandbox.listable, _READ_DIR),
            (sandbox.writable, _WRITE),
        ):
            for path in paths:
                _allow_path(libc, ruleset, path, rights)
        ports = dict.fromkeys(sandbox.bind_ports, _BIND)
        for port in sandbox.connect_ports:
            ports[port] = ports.get(port, 0) | _CONNECT
        for port, rights in ports.items():
            rule = (ctypes.c_uint64 * 2)(rights, port)
            _checked(_add(libc, ruleset, _RULE_PORT, ctypes.byref(rule)), f"port {port}")
        _checked(libc.syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)), "restriction")
    finally:
        os.close(ruleset)
    drop_privileges(libc)
    confine_calls(libc)


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow_path(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _OF_ONE_FILE
        rule = _PathRule(rights, handle)
        _checked(_add(libc, ruleset, _RULE_PATH, ctypes.byref(rule)), str(path))
    finally:
        os.close(handle)


def _add(libc: ctypes.CDLL, ruleset: int, kind: int, rule: object) -> int:
    return int(libc.syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(kind), rule, ctypes.c_uint32(0)))


def _checked(result: int, what: str) -> int:
    if result < 0:
        problem = os.strerror(ctypes.get_errno())
        raise AccessError(
            f"a notebook server cannot be confined: {what} ({problem}).", next_step="Serve without --lab."
        )
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
