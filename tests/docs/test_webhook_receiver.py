"""The receiver of the how-to about webhooks, run as it stands: it takes what is signed, and nothing else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from workbench.connect import Push, PushTarget, new_secret

PAGE = Path(__file__).parents[2] / "docs/how-to/receive-webhooks.md"


def test_the_receiver_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    (code,) = (
        one
        for one in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        if "HTTPServer" in one
    )
    (event,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = new_secret()
    (tmp_path / "receiver.py").write_text(code, "utf-8")
    environ = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        running = subprocess.Popen(
            [sys.executable, tmp_path / "receiver.py"], env=environ, stdout=out, stderr=err
        )
        try:
            target = PushTarget(url=f"http://127.0.0.1:{port}/", timeout_s=10, inner=True)
            ends = time.monotonic() + 20
            while True:
                said = Push(target).send(secret, "evt_1", event.encode(), now=time.time())
                if said.ok or time.monotonic() > ends:
                    break
                time.sleep(0.05)
            assert said.ok, (tmp_path / "err").read_text("utf-8")
            wrong = Push(target).send(new_secret(), "evt_1", event.encode(), now=time.time())
            stale = Push(target).send(secret, "evt_1", event.encode(), now=time.time() - 3_600)
            assert wrong.status == 401 == stale.status
        finally:
            running.kill()
            running.wait()
    assert (tmp_path / "out").read_text("utf-8") == "5f3a9c0e12b44d7a.mail-17 ['Refund']\n"
