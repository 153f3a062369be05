"""Serving and stopping: what is refused before anything starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench.cli.serving import LOOPBACK, run_server, stop, watch
from workbench.cli.serving_gate import (
    guarded_voila_config,
    inner_voila,
    openid_secret,
    refuse_open_network,
)
from workbench.domain.people import MyRights
from workbench.errors import AccessError, InputError
from workbench.settings import Settings, without_key
from workbench.store import Store
from workbench.widgets.template import voila_config, write_voila_config
from workbench.wire import VISIT_HEADER, VISITOR_HEADER, Call, Reply, companion_folder, encode


@pytest.mark.parametrize("further", [0, 1])
def test_a_port_that_is_taken_is_named(tmp_path: Path, further: int) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken"):
            run_server(tmp_path / "w.duckdb", settings=Settings(serve_port=port - further))
    assert not (tmp_path / "w.duckdb").exists()


def test_an_unknown_theme_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown theme 'pink'") as refused:
        run_server(tmp_path / "w.duckdb", settings=Settings(), theme="pink")
    assert refused.value.next_step == "Use one of: light, dark, auto."


@pytest.mark.parametrize("left", ["nonsense", "999999999", "another process"])
def test_stop_ends_no_process_but_an_owner(
    tmp_path: Path, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "w.duckdb"
    Store.open(file).close()
    companion_folder(file).mkdir(parents=True, exist_ok=True)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        number = str(other.pid) if left == "another process" else left
        (companion_folder(file) / "owner.pid").write_text(number, "ascii")
        stop(file)
        assert capsys.readouterr().out == "no owner runs\n"
        assert other.poll() is None
        os.kill(other.pid, 0)
    finally:
        other.kill()
        other.wait()


def test_apps_and_passwords_are_not_shown_to_the_network() -> None:
    away = Settings(serve_host="0.0.0.0")
    with pytest.raises(InputError, match="would show the apps to the network without sign-in") as refused:
        refuse_open_network(away, guarded=False, loopback=LOOPBACK)
    assert refused.value.next_step.startswith("Create accounts first")
    with pytest.raises(InputError, match="would send passwords over the network in the clear") as refused:
        refuse_open_network(away, guarded=True, loopback=LOOPBACK)
    assert "set serve_address" in refused.value.next_step
    behind = Settings(serve_host="0.0.0.0", serve_address="https://mining.example.org")
    refuse_open_network(behind, guarded=True, loopback=LOOPBACK)
    refuse_open_network(Settings(), guarded=False, loopback=LOOPBACK)


def test_voila_behind_the_gate_asks_for_a_secret_that_only_this_user_can_read(tmp_path: Path) -> None:
    inner = inner_voila()
    config = guarded_voila_config(inner, Settings(), theme="auto", lab=True)
    path = write_voila_config(tmp_path, config)
    assert path.stat().st_mode & 0o777 == 0o600
    assert config["Voila"]["token"] == inner.secret
    assert config["Voila"]["ip"] == "127.0.0.1"
    assert inner.secret not in repr(inner)
    assert config["VoilaConfiguration"]["http_header_envs"] == [VISIT_HEADER, VISITOR_HEADER]
    assert "token" not in voila_config(port=1)["Voila"]


def test_a_server_without_sign_in_stops_when_accounts_are_made(tmp_path: Path) -> None:
    class Guarded:
        def ask(self, call: Call) -> Reply:
            assert call.operation == "my_rights"
            rights = MyRights(
                name="root",
                kind="operator",
                guarded=True,
                everywhere=(),
                projects={},
                must_change_password=False,
            )
            return Reply(answer=encode(rights))

    with pytest.raises(AccessError, match="has accounts now, and is served without sign-in") as refused:
        watch([], Guarded(), threading.Event(), guarded=False, pause_s=0)
    assert refused.value.next_step == "Start the server again."


def test_the_secret_for_the_provider_comes_from_a_file_or_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "w.duckdb"
    monkeypatch.setenv("WORKBENCH_OPENID_SECRET", "from the variable")
    assert openid_secret(file, Settings()) == "from the variable"
    (tmp_path / "secret.txt").write_text("from the file\n")
    assert openid_secret(file, Settings(openid_secret_file="secret.txt")) == "from the file"
    with pytest.raises(InputError, match=r"cannot be read from .* \(FileNotFoundError\)") as refused:
        openid_secret(file, Settings(openid_secret_file="missing.txt"))
    assert refused.value.next_step.startswith("Correct openid_secret_file")
    assert "WORKBENCH_OPENID_SECRET" not in without_key(os.environ)
