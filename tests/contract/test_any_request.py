"""Requests of every kind that the document allows, and of many that it does not: no answer is outside of it.

Made by Schemathesis from ``/openapi.json`` and sent to a real server. Looked for are server errors, answers that the
document does not know, bad requests that are taken, good ones that are not, and addresses that forget the token.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import served_over_http, stop_owner
from workbench.client import SocketDoor, connect_local
from workbench.settings import Settings

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1200)]
N_REQUESTS = 40
"""Examples of each kind for each address."""


@pytest.fixture
def served(tmp_path: Path, short_runtime: Path) -> Iterator[tuple[str, str]]:
    """An address, and the token of somebody who may do everything there."""
    file = tmp_path / "w.duckdb"
    # Schemathesis shows a wrong token to every address and wants 401: that who goes on doing so is told to wait (429)
    # has tests of its own.
    (tmp_path / "workbench.toml").write_text("sign_in_tries = 1_000_000\n", "utf-8")
    settings = Settings(encoder="hash-test", fast_encoder="", owner_idle_s=60)
    there = connect_local(file, settings=settings)
    there.create_user("boss", "boss@mail.example")
    token = there.create_token("requests", user="boss").secret
    door = SocketDoor(file, settings=settings)
    with served_over_http(door) as found:
        yield found, token
    door.close()
    stop_owner(file)


PEOPLE_AND_MONEY = "^/(auth|api/(v1|_private)/(users|projects|quotas|audit_events))"
"""Addresses whose description says all about what is taken."""


@pytest.mark.parametrize(
    "asked_for",
    [
        # What cannot be kept here, garbage for a continuation, or a property of another type is refused: no schema
        # can say so of the other addresses, and that valid requests are taken has tests of its own.
        pytest.param(("--exclude-checks", "positive_data_acceptance"), id="everywhere"),
        pytest.param(("--include-path-regex", PEOPLE_AND_MONEY), id="people-and-money"),
    ],
)
def test_every_answer_is_as_described(
    served: tuple[str, str], tmp_path: Path, asked_for: tuple[str, ...]
) -> None:
    address, token = served
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json",
            "--header", f"Authorization: Bearer {token}",
            "--checks", "all",
            "--max-examples", str(N_REQUESTS),
            "--seed", "7",
            "--no-color",
            *asked_for,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]
