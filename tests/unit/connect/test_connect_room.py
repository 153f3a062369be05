"""What the room may know: no store, no clock, no thread of its own, nothing heavy before it is needed."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import workbench
from workbench.connect import open_connector
from workbench.domain import Secrets, connections
from workbench.domain.connections import EwsConnection, SalesforceConnection
from workbench.door import connect
from workbench.errors import MissingExtraError

workbench_connect = importlib.import_module("workbench.connect")
MODULES = sorted(Path(str(workbench_connect.__file__)).parent.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_clock_no_thread_no_sleep(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not names & {"time", "threading", "asyncio", "concurrent", "multiprocessing", "sched"}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not called & {"now", "utcnow", "today", "sleep"}


def test_libraries_of_the_extra_wait_until_they_are_needed() -> None:
    code = "import sys, workbench.connect; print(' '.join({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"exchangelib", "simple_salesforce", "requests", "lxml", "zeep", "duckdb"} & set(loaded)


@pytest.mark.parametrize(
    ("connection", "library"),
    [
        (EwsConnection(endpoint="https://mail.example/EWS/Exchange.asmx"), "exchangelib"),
        (SalesforceConnection(login_host="login.salesforce.com"), "simple_salesforce"),
    ],
)
def test_a_missing_library_names_the_line_to_install(
    connection: EwsConnection | SalesforceConnection, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = "ews" if library == "exchangelib" else "salesforce"
    for name in list(sys.modules):
        if name.startswith((f"workbench.connect.{room}", library)):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'workbench-comms\[connect\]'"):
        open_connector(connection, Secrets())


def test_the_manual_shows_connections_that_can_be_made() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/connect-a-mailbox.md").read_text("utf-8")
    blocks = re.findall(r"(?s)```python\n(.*?)```", page)
    kinds = {kind.__name__ for kind in get_args(connections.Connection)}
    calls = [
        ast.unparse(node)
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in kinds
    ]
    assert {call.partition("(")[0] for call in calls} == kinds
    for call in calls:
        connection = eval(call, vars(connections))  # our own page
        assert isinstance(connection, connections.Connection), call


def test_the_room_does_not_hide_the_function_of_its_name() -> None:
    assert workbench.connect is connect
    assert sys.modules["workbench.connect"] is workbench_connect
