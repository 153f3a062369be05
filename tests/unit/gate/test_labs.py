"""Notebook servers of visitors: plans and refusals; and one that runs."""

from __future__ import annotations

import ast
import json
import platform
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.unit.gate.conftest import Gate, running_gate, until
from workbench.errors import LimitError, WorkbenchError
from workbench.gate import LabRules, Labs
from workbench.gate.lab_kernels import free_ports
from workbench.gate.lab_plan import LabPlan
from workbench.gate.labs import free_block
from workbench.gate.sandbox import NEEDED_ABI, landlock_abi

can_confine = pytest.mark.skipif(
    platform.system() != "Linux" or landlock_abi() < NEEDED_ABI, reason="Landlock is missing or too old here"
)


def plan(folder: Path) -> LabPlan:
    return LabPlan(
        folder=folder, base="/lab/ann/", secret="lab-secret", token="token-of-ann", url="http://127.0.0.1:1",
        door_port=1, first_port=21_000, most_kernels=2, kernel_idle_s=60, idle_s=120,
    )  # fmt: skip


def test_a_plan_gives_a_visitor_a_folder_with_a_way_in_and_nothing_of_ours(tmp_path: Path) -> None:
    made = plan(tmp_path / "ann")
    made.write()
    token = tmp_path / "ann" / ".server" / "token"
    assert token.read_text() == "token-of-ann"
    assert token.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ann").stat().st_mode & 0o777 == 0o700
    ours = {
        "WORKBENCH_KEY": "k",
        "WORKBENCH_OPENID_SECRET": "s",
        "AWS_SECRET": "a",
        "LANG": "C.UTF-8",
        "HOME": "/h",
    }
    environment = made.environment(ours)
    assert not {"k", "s", "a", "/h"} & set(environment.values())
    assert environment["LANG"] == "C.UTF-8"
    assert environment["WORKBENCH_TOKEN_FILE"] == str(token)
    assert "lab-secret" not in " ".join(made.command())
    assert "token-of-ann" not in repr(made)
    assert "lab-secret" not in repr(made)
    assert made.sandbox().bind_ports == tuple(range(21_000, 21_011))
    assert made.sandbox().connect_ports == (1, *range(21_000, 21_011))


def test_notebooks_of_a_visitor_stay_when_the_server_is_started_again(tmp_path: Path) -> None:
    made = plan(tmp_path / "ann")
    made.write()
    first = tmp_path / "ann" / "Start.ipynb"
    assert "wb.connect" in json.loads(first.read_text())["cells"][0]["source"]
    first.write_text("mine")
    made.write()
    assert first.read_text() == "mine"


def test_a_link_in_place_of_the_token_is_not_followed(tmp_path: Path) -> None:
    made = plan(tmp_path / "ann")
    made.write()
    token = tmp_path / "ann" / ".server" / "token"
    token.unlink()
    (tmp_path / "other").write_text("kept")
    token.symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic link"):
        made.write()
    assert (tmp_path / "other").read_text() == "kept"


def test_there_are_no_more_kernels_than_ports() -> None:
    first = free_block(10)
    allowed = f"{first}-{first + 9}"
    assert free_ports(allowed) == tuple(range(first, first + 5))
    assert free_ports(allowed) == tuple(range(first + 5, first + 10))
    with pytest.raises(LimitError, match="2 notebooks run already; that is the most") as refused:
        free_ports(allowed)
    assert refused.value.next_step == "Shut one down under 'Running Terminals and Kernels'."


def test_ports_that_somebody_listens_on_are_left_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(WorkbenchError, match="there are no 1 free ports next to each other"):
            free_block(1, [port])


@pytest.fixture
def with_labs(tmp_path: Path) -> Iterator[Gate]:
    hidden = tmp_path / "w.duckdb"
    hidden.write_text("secret")
    folder = tmp_path / "w.duckdb.workbench" / "notebooks"
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as door:

        def greet() -> None:
            while True:
                try:
                    peer, _ = door.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"hello")

        threading.Thread(target=greet, daemon=True).start()
        rules = LabRules(
            folder=folder,
            door_port=door.getsockname()[1],
            secret=(hidden, tmp_path / "w.duckdb.workbench"),
            most=1,
        )
        with running_gate(labs=Labs(rules, secure=False)) as gate:
            yield gate
        door.shutdown(socket.SHUT_RDWR)


@can_confine
def test_the_notebooks_of_another_visitor_do_not_exist(with_labs: Gate) -> None:
    ben = with_labs.visitor("ben")
    for path in ("/lab/ann/lab", "/lab/ann/api/kernels", "/lab/bennet/lab", "/lab/"):
        answer = ben.http.get(path)
        if path == "/lab/":
            assert answer.headers["location"] == "/lab/ben/lab"
        else:
            assert answer.status_code == 404


@can_confine
@pytest.mark.nightly
def test_a_notebook_runs_confined_behind_the_gate(with_labs: Gate, tmp_path: Path) -> None:
    ann, ben = with_labs.visitor("ann"), with_labs.visitor("ben")
    page = ann.http.get("/lab/ann/lab", timeout=120)
    assert page.status_code == 200
    assert "jupyter-config-data" in page.text
    token = (tmp_path / "w.duckdb.workbench/notebooks/ann/.server/token").read_text()
    assert token not in page.text
    refused = ben.http.get("/lab/ben/lab")
    assert refused.status_code == 503
    assert "1 visitors have notebooks open; that is the most." in refused.text
    own = {"Origin": with_labs.address}
    kernel = ann.http.post("/lab/ann/api/kernels", json={"name": "python3"}, headers=own, timeout=60)
    assert kernel.status_code == 201, kernel.text
    kernel_id = kernel.json()["id"]
    code = (
        "import os, socket\n"
        "out = {}\n"
        "def attempt(name, do):\n"
        "    try: out[name] = str(do())\n"
        "    except Exception as error: out[name] = type(error).__name__\n"
        f"attempt('file', lambda: open({str(tmp_path / 'w.duckdb')!r}).read())\n"
        f"attempt('others', lambda: os.listdir({str(tmp_path / 'w.duckdb.workbench/notebooks')!r}))\n"
        "attempt('own', lambda: open('mine', 'w').write('abc'))\n"
        "attempt('token', lambda: len(open(os.environ['WORKBENCH_TOKEN_FILE']).read()))\n"
        "attempt('socket', lambda: socket.socket(socket.AF_UNIX))\n"
        "def knock():\n"
        "    host, port = os.environ['WORKBENCH_URL'].removeprefix('http://').split(':')\n"
        "    peer = socket.create_connection((host, int(port)), 5); said = peer.recv(5).decode(); peer.close(); return said\n"
        "attempt('door', knock)\n"
        "import numpy, polars, workbench\n"
        "attempt('compute', lambda: int(numpy.arange(10).sum()))\n"
        "out"
    )
    found = run_code(ann, kernel_id, code)
    assert found == {
        "file": "PermissionError", "others": "PermissionError", "own": "3", "token": str(len(token)),
        "socket": "OSError", "door": "hello", "compute": "45",
    }  # fmt: skip
    assert ben.http.get("/lab/ann/api/kernels").status_code == 404
    ann.sign_out()
    folder = str(tmp_path)
    until(lambda: not of_folder(folder), patience_s=30)


def run_code(visitor, kernel_id: str, code: str) -> dict[str, str]:
    """What the last expression of some code is, asked for as JupyterLab asks."""
    ask = {
        "channel": "shell", "content": {"code": code, "silent": False, "store_history": False, "stop_on_error": True},
        "header": {"msg_id": secrets.token_hex(8), "msg_type": "execute_request", "session": "s", "username": "u",
                   "version": "5.3", "date": "2026-01-01T00:00:00Z"},
        "metadata": {}, "parent_header": {}, "buffers": [],
    }  # fmt: skip
    with connect(
        f"{visitor.gate.line}/lab/ann/api/kernels/{kernel_id}/channels?session_id=s",
        additional_headers={"Cookie": visitor.cookies}, origin=visitor.gate.address, proxy=None, open_timeout=100,
    ) as line:  # fmt: skip
        line.send(json.dumps(ask))
        while True:
            message = json.loads(line.recv(120))
            if message["header"]["msg_type"] == "error":
                raise AssertionError(message["content"])
            if message["header"]["msg_type"] == "execute_result":
                return ast.literal_eval(message["content"]["data"]["text/plain"])


def of_folder(folder: str) -> list[str]:
    """Processes that work in a folder."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and str((one / "cwd").readlink()).startswith(folder):
                found.append(one.name)
        except OSError:
            continue
    return found
