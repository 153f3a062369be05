"""The commands of the page about HTTP run as they are printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.conftest import TOKEN, served_over_http
from workbench.api.envelope import _STATUS
from workbench.settings import Settings
from workbench.wire import Call, Reply, perform
from workbench.workspace import open_workspace

PAGE = (Path(__file__).parents[2] / "docs/how-to/use-the-http-api.md").read_text("utf-8")
COMMANDS = re.findall(r"(?ms)^```sh\n(.*?)^```", PAGE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_commands_run(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="")
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:

        def ask(call: Call) -> Reply:
            return perform(opened.operations(call.actor, call.channel, call.call_id), call)

        with served_over_http(ask) as address:
            shell = {**os.environ, "WORKBENCH": address, "TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
            script = "set -eu\n" + "echo\necho ====\n".join(COMMANDS)
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=tmp_path,
                env=shell,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
    assert done.returncode == 0, done.stderr
    told = [one.strip() for one in done.stdout.split("====")]
    assert len(told) == len(COMMANDS) == 8
    me, answers, projects, events, again, changed, well, marked = told
    assert json.loads(me)["user"]["email"] == "http@localhost"
    assert answers.count('"status":"ok"') == answers.count('"status":"error"') == 1
    assert answers.endswith(" 404")
    assert [one["name"] for one in json.loads(projects)["projects"]] == ["claims"]
    assert len(json.loads(events)["audit_events"]) >= 1
    assert json.loads(again)["status"] == "ok"
    assert json.loads(changed)["project"]["description"] == "What customers claim."
    assert well == '{"status":"ok"}' * 2
    assert "workbench_owner_up 1.0" in (tmp_path / "metrics.txt").read_text("utf-8")
    assert "x-request-id: nightly-7" in marked.lower() and "server-timing: total;dur=" in marked.lower()


def test_each_status_is_explained() -> None:
    rows = " ".join(re.findall(r"(?m)^\| ([\d, ]+) \|", PAGE))
    assert {str(status) for _, status in _STATUS} | {"200", "405", "500"} <= set(re.findall(r"\d{3}", rows))
