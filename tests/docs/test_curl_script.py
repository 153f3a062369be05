"""The script of the how-to about curl, run as it stands against a server of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.contract.conftest import TOKEN, served_over_http, stop_owner
from workbench.client import SocketDoor, connect_local
from workbench.settings import Settings

PAGE = Path(__file__).parents[2] / "docs/how-to/automate-with-curl.md"

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]


def test_the_script_goes_all_the_way(tmp_path: Path, short_runtime: Path) -> None:
    (script,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "w.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", owner_idle_s=60)
    there = connect_local(file, settings=settings)
    door = SocketDoor(file, settings=settings)
    with served_over_http(door) as address:
        run = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "WORKBENCH_URL": address, "WORKBENCH_TOKEN": TOKEN},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-4_000:] + run.stderr[-2_000:]
        answers = run.stdout.splitlines()
        assert all('"status":"ok"' in one for one in answers if one.startswith("{")), answers
        counts = [one for one in answers if '"unchanged"' in one]
        assert '"new":120' in counts[0] and '"new":0' in counts[1] and '"unchanged":120' in counts[1]
        assert there.projects() == () and there.datasets() == () and there.sources() == ()
    door.close()
    stop_owner(file)
