"""Where the key of an encrypted workspace comes from: a file, a keyring, a command, or a variable.

The keyring is asked by the command of the library ``keyring``, in a process of its own like any other command: a
keyring that waits for somebody to unlock it is given up after a while. What a program prints is read as a key and
shown nowhere; of the command itself only the program is named, since its arguments may be secrets.
"""

from __future__ import annotations

import os
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from workbench.errors import InputError, MissingExtraError, WorkspaceKeyError
from workbench.settings import KEY_VARIABLE, Settings, without_key
from workbench.store.encryption import LONGEST, Key, decoded, new_key, read_key

KEYRING, COMMAND = "keyring:", "command:"
_FORMS = "keyring:SERVICE/NAME or command:PROGRAM ARGUMENT …"


def find_key(settings: Settings, *, workspace: Path, environ: Mapping[str, str] | None = None) -> Key | None:
    """The key to open ``workspace`` with, of the one place that is set; else of ``WORKBENCH_KEY``; else none.

    Raises
    ------
    WorkspaceKeyError
        Two places are set, or the one that is set gives no key.
    MissingExtraError
        It is a keyring, and the extra ``encryption`` is not installed.
    """
    if settings.key_source and settings.key_file:
        raise WorkspaceKeyError(
            "both 'key_source' and 'key_file' are set, and a workspace has one key.",
            next_step="Keep the one that gives the key, in workbench.toml or the environment; empty the other.",
        )
    if settings.key_source:
        return read_source(settings.key_source, limit_s=settings.key_source_s)
    if settings.key_file:
        return read_key(workspace.parent / Path(settings.key_file).expanduser())
    text = (os.environ if environ is None else environ).get(KEY_VARIABLE, "")
    return decoded(text, f"the variable {KEY_VARIABLE}") if text.strip() else None


def named_key(name: str, *, limit_s: float) -> Key:
    """The key that a person names: ``keyring:…``, ``command:…``, or a file; raises as ``find_key``."""
    return read_source(name, limit_s=limit_s) if is_source(name) else read_key(Path(name).expanduser())


def is_source(name: str) -> bool:
    """Whether a name means a keyring or a command, not a file."""
    return name.startswith((KEYRING, COMMAND))


def read_source(source: str, *, limit_s: float) -> Key:
    """Ask a keyring or a command, for at most ``limit_s`` seconds; raises as ``find_key``."""
    if source.startswith(KEYRING):
        service, name = _entry(source)
        place = f"the keyring entry '{service}/{name}'"
        return decoded(_run(_keyring("get", service, name), place, limit_s=limit_s), place)
    arguments = _arguments(source)
    place = f"the key command {arguments[0]!r}"
    return decoded(_run(arguments, place, limit_s=limit_s), place)


def new_keyring_key(source: str, *, limit_s: float) -> None:
    """Make a key and keep it in the keyring under a name that has none yet.

    Raises
    ------
    InputError
        There is a key under this name already (a key is never overwritten).
    WorkspaceKeyError
        The keyring does not take it, or gives back something else.
    MissingExtraError
        The extra ``encryption`` is not installed.
    """
    service, name = _entry(source)
    place = f"the keyring entry '{service}/{name}'"
    try:
        _run(_keyring("get", service, name), place, limit_s=limit_s)
    except WorkspaceKeyError as error:
        if "status" not in error.details:  # it did not answer at all
            raise
    else:
        raise InputError(
            f"{place} exists already.",
            next_step="Name a new one; keys are never overwritten.",
            details={"key_source": source},
        )
    made = new_key()
    _run(_keyring("set", service, name), place, limit_s=limit_s, given=made.secret)
    if read_source(source, limit_s=limit_s).secret != made.secret:
        raise WorkspaceKeyError(
            f"{place} does not hold what was put into it.",
            next_step="Look at it with your keyring's own program.",
        )


def _entry(source: str) -> tuple[str, str]:
    service, slash, name = source.removeprefix(KEYRING).partition("/")
    if not (service and slash and name):
        raise _unknown(source)
    return service, name


def _arguments(source: str) -> list[str]:
    if not source.startswith(COMMAND):
        raise _unknown(source)
    try:
        arguments = shlex.split(source.removeprefix(COMMAND))
    except ValueError:
        arguments = []
    if not arguments:
        raise _unknown(source)
    return arguments


def _unknown(source: str) -> WorkspaceKeyError:
    # Not shown whole: somebody may have put the key itself there.
    kind, colon, _ = source.partition(":")
    shown = f"begins with {kind[:20] + colon!r}" if colon else f"has {len(source)} characters"
    return WorkspaceKeyError(
        f"the key source, which {shown}, is none that is known.", next_step=f"Write {_FORMS}."
    )


def _keyring(verb: str, service: str, name: str) -> list[str]:
    if find_spec("keyring") is None:
        raise MissingExtraError("what keys in a keyring need", "pip install 'workbench-comms[encryption]'")
    # -P: nothing that lies in a folder by chance is taken for a module
    return [sys.executable, "-P", "-m", "keyring", verb, "--", service, name]


def _run(arguments: Sequence[str], place: str, *, limit_s: float, given: str = "") -> str:
    """What a program prints, without a shell; it, and what it started, ends when the time is up.

    Raises
    ------
    WorkspaceKeyError
        It cannot be started, fails, takes too long, or prints far more than a key.
    """
    deadline = time.monotonic() + limit_s
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=without_key(os.environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds a character that no program takes"
        raise WorkspaceKeyError(
            f"{place} cannot be run: {why}.",
            next_step="Name the program by its whole path, and make it executable.",
        ) from None
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError), process.stdin:  # it need not wait for what it is given
            process.stdin.write(given.encode("ascii"))
        with process.stdout:
            printed = _read(process.stdout, deadline)
        if len(printed) > LONGEST:
            raise WorkspaceKeyError(
                f"{place} gave no key: far more was printed than one.",
                next_step="Run it by hand, as this user: it must print the key in one line, and nothing else.",
            )
        status = process.wait(max(0.0, deadline - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise WorkspaceKeyError(
            f"{place} gave no key within {limit_s:g} s.",
            next_step="See that it needs nobody to answer (a locked keyring waits for its password), or raise "
            "'key_source_s'.",
        ) from None
    finally:
        _end(process)
    if status:
        raise WorkspaceKeyError(
            f"{place} gave no key: its program ended with status {status}.",
            next_step="Run it by hand, as this user: it must print the key in one line.",
            details={"status": status},
        )
    return printed.decode("ascii", "replace")


def _read(stream: IO[bytes], deadline: float) -> bytes:
    """All that is printed until the end, or a little more than the longest key."""
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while len(printed) <= LONGEST:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            piece = os.read(stream.fileno(), LONGEST)
            if not piece:
                break
            printed += piece
    return printed


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
