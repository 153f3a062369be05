"""What a confined process can and cannot do, tried in a real one."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import AccessError, InputError
from workbench.gate import sandbox as module
from workbench.gate.confined import as_line
from workbench.gate.sandbox import NEEDED_ABI, Sandbox, landlock_abi, require_confinement

can_confine = pytest.mark.skipif(
    platform.system() != "Linux" or landlock_abi() < NEEDED_ABI, reason="Landlock is missing or too old here"
)

PROBE = """
import ctypes, json, os, resource, socket, subprocess, sys
secret, own, other, allowed, denied, owner, runtime = json.loads(sys.argv[1])
def unix():
    peer = socket.socket(socket.AF_UNIX); peer.connect(runtime); return "connected"
def connect(port):
    peer = socket.create_connection(("127.0.0.1", port), 2); out = peer.recv(5).decode(); peer.close(); return out
tries = {
    "read": lambda: open(secret).read(),
    "read in a child": lambda: subprocess.run(["/bin/cat", secret], check=True, capture_output=True).stdout.decode(),
    "write": lambda: open(secret, "w").write("x"),
    "truncate": lambda: os.truncate(secret, 0),
    "delete": lambda: os.unlink(secret),
    "rename": lambda: os.rename(secret, own + "/taken"),
    "link": lambda: os.link(secret, own + "/link"),
    "follow a link": lambda: (os.symlink(secret, own + "/way"), open(own + "/way").read()),
    "change mode": lambda: os.chmod(secret, 0o666),
    "change attribute": lambda: os.setxattr(secret, "user.x", b"1"),
    "list": lambda: os.listdir(os.path.dirname(secret)),
    "another's folder": lambda: os.listdir(other),
    "environment of another": lambda: open(f"/proc/{owner}/environ", "rb").read(),
    "memory of another": lambda: open(f"/proc/{owner}/mem", "rb").read(1),
    "files of another": lambda: os.listdir(f"/proc/{owner}/root/"),
    "end another": lambda: os.kill(owner, 0),
    "limits of another": lambda: resource.prlimit(owner, resource.RLIMIT_NOFILE, (1, 1)),
    "socket with a name": unix,
    "datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "pair of datagrams": lambda: socket.socketpair(type=socket.SOCK_DGRAM),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "several paths": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262),
    "other port": lambda: connect(denied),
    "listen": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "look into /tmp": lambda: os.listdir("/tmp"),
    "compute": lambda: str(sum(range(10))),
    "own file": lambda: (open(own + "/a", "w").write("mine"), open(own + "/a").read())[1],
    "own child": lambda: subprocess.run(["/bin/echo", "hi"], check=True, capture_output=True).stdout.decode(),
    "own pair": lambda: [one.close() for one in socket.socketpair()] and "ok",
    "the door": lambda: connect(allowed),
}
out = {}
for name, attempt in tries.items():
    try:
        out[name] = str(attempt())
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        out[name] = "refused"
out["variables"] = ",".join(sorted(os.environ))
uring = ctypes.CDLL(None).syscall(425, 1, None)
out["io_uring"] = "refused" if uring < 0 else "ok"
print(json.dumps(out))
"""
MAY = {
    "compute": "45", "own file": "mine", "own child": "hi\n", "own pair": "ok", "the door": "hello",
}  # fmt: skip


@pytest.fixture
def greeter() -> Iterator[int]:
    """A server that says hello to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"hello")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def keeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "workbench.gate.confined"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "SECRET": "k"},
    )  # fmt: skip


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", *arguments]


def room(own: Path, **more: tuple[int, ...]) -> Sandbox:
    system = ("/usr", "/lib", "/lib64", "/bin", "/proc", "/etc/ld.so.cache", sys.prefix, sys.base_prefix)
    return Sandbox(readable=tuple(map(Path, system)), writable=(own, Path("/dev/null")), **more)


@can_confine
def test_a_confined_process_can_compute_and_knock_at_one_door_and_nothing_else(
    tmp_path: Path, greeter: int, short_runtime: Path
) -> None:
    own, other, hidden = (tmp_path / name for name in ("ann", "ben", "workspace"))
    for folder in (own, other, hidden):
        folder.mkdir()
    secret = hidden / "w.duckdb"
    secret.write_text("secret")
    secret.chmod(0o644)
    (other / "notes").write_text("private")
    named = short_runtime / "owner.sock"
    named.unlink(missing_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as closed, socket.socket(socket.AF_UNIX) as owner:
        owner.bind(str(named))
        owner.listen()
        given = [str(secret), str(own), str(other), greeter, closed.getsockname()[1], os.getpid(), str(named)]
        line = as_line(room(own, connect_ports=(greeter,)), python(PROBE, json.dumps(given)), {"LANG": "C"})
        with keeper() as process:
            process.stdin.write(line)
            process.stdin.flush()
            said, problem = process.stdout.read(), process.stderr.read()
    assert said, problem.decode()
    found = json.loads(said)
    assert {name: found[name] for name in MAY} == MAY
    assert found.pop("variables") in ("LANG", "LANG,LC_CTYPE")
    assert {name for name, result in found.items() if name not in MAY and result != "refused"} == set()
    assert secret.read_text() == "secret"
    assert secret.stat().st_mode & 0o777 == 0o644


@can_confine
def test_nothing_that_a_confined_program_started_outlives_it(tmp_path: Path) -> None:
    own = tmp_path / "ann"
    own.mkdir()
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen(['/bin/sleep', '300'], start_new_session=True)\n"
        "open(sys.argv[1] + '/pid', 'w').write(str(child.pid))\n"
        "os.rename(sys.argv[1] + '/pid', sys.argv[1] + '/ready')\n"
        "import signal; signal.signal(signal.SIGTERM, lambda *_: os._exit(0))\n"
        "time.sleep(300)\n"
    )
    with keeper() as process:
        process.stdin.write(as_line(room(own), python(code, str(own)), {}))
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not (own / "ready").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        pid = int((own / "ready").read_text())
        os.kill(pid, 0)
        process.stdin.close()  # what also happens when the server dies
        assert process.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(("abi", "machine"), [(0, "x86_64"), (5, "x86_64"), (9, "riscv64")])
def test_where_nothing_can_be_confined_there_are_no_notebooks(
    monkeypatch: pytest.MonkeyPatch, abi: int, machine: str
) -> None:
    monkeypatch.setattr(module, "landlock_abi", lambda: abi)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(AccessError, match="notebooks cannot be confined on this system") as refused:
        require_confinement()
    assert refused.value.next_step.startswith("Serve without --lab, or use Linux 6.12 or newer")
    assert refused.value.details == {"found": abi, "needed": 6}


def test_a_workspace_in_a_folder_that_notebooks_read_is_refused(tmp_path: Path) -> None:
    box = Sandbox(readable=(tmp_path / "python",), writable=(tmp_path / "w" / "ann",))
    box.refuse_overlap((tmp_path / "w", tmp_path / "w" / "w.duckdb"))
    with pytest.raises(InputError, match="which notebooks may read") as refused:
        box.refuse_overlap((tmp_path / "python" / "w.duckdb",))
    assert refused.value.next_step.startswith("Move the workspace and its keys")


def test_no_secret_stands_on_a_command_line() -> None:
    line = as_line(Sandbox(), ["/bin/true"], {"JUPYTER_TOKEN": "hidden"})
    assert b"hidden" in line
    assert line.count(b"\n") == 1
