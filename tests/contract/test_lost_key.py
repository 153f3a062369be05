"""A wrong or lost key: every way in says so, nothing is opened, and nothing is changed."""

from __future__ import annotations

import base64
import re
import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbench as wb
from tests.conftest import ROOT
from tests.contract.conftest import TOKEN, run_python, served_over_http, stop_owner
from workbench.cli import main
from workbench.client import SocketDoor, connect_http, connect_local
from workbench.errors import WorkspaceKeyError
from workbench.settings import load_settings
from workbench.store import Key, Store, new_key_file, read_key
from workbench.widgets import apps

WORD = "zqmarkertext"
KEY_FILE = 'encoder = "hash-test"\nfast_encoder = ""\nkey_file = "key"\n'


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    """An encrypted workspace; its settings name its key."""
    path = tmp_path / "w.duckdb"
    key = read_key(new_key_file(tmp_path / "key"))
    with Store.open(path, n_threads=1, key=key) as store:
        store.secrets.put("mailbox", {"password": WORD})
    (tmp_path / "workbench.toml").write_text(KEY_FILE, "utf-8")
    yield path
    stop_owner(path)


def lose(file: Path) -> None:
    (file.parent / "key").unlink()


def confuse(file: Path) -> None:
    lose(file)
    new_key_file(file.parent / "key")


def forget(file: Path) -> None:
    (file.parent / "workbench.toml").write_text("", "utf-8")


def fail(file: Path) -> None:
    (file.parent / "workbench.toml").write_text('key_source = "keyring:none/such"\n', "utf-8")


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (lose, "cannot be read: No such file"),
        pytest.param(confuse, "the key does not open", marks=pytest.mark.nightly),  # as all ways say it below
        pytest.param(forget, "is encrypted, and no key is set", marks=pytest.mark.nightly),
        pytest.param(fail, "'none/such' gave no key", marks=pytest.mark.nightly),
    ],
)
def test_however_it_is_lost(
    file: Path, loss: Callable[[Path], None], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    before = file.read_bytes()
    loss(file)
    with pytest.raises(WorkspaceKeyError, match=text) as caught:
        connect_local(file, settings=load_settings(file)).sources()
    assert caught.value.next_step
    assert file.read_bytes() == before


@pytest.mark.nightly
def test_every_way_in_says_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = (file.parent / "key").read_text("ascii").strip()
    confuse(file)
    text, step = "the key does not open the workspace file", "Use the key it was written with"
    with pytest.raises(WorkspaceKeyError, match=text):  # a notebook
        wb.open(file).sources()
    door = SocketDoor(file, settings=load_settings(file))
    with served_over_http(door) as address, pytest.raises(WorkspaceKeyError, match=text) as caught:
        connect_http(address, token=TOKEN).sources()
    assert step in caught.value.next_step
    door.close()
    monkeypatch.setenv("WORKBENCH_FILE", str(file))
    for name in ("sources", "annotate"):  # an app on the workspace, one on a dataset
        apps.visit.cache_clear()
        page = str(getattr(apps.app(name), "value", ""))
        assert text in page
        assert step in page
        assert 'role="alert"' in page
    apps.visit.cache_clear()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = ""
    for arguments in (
        ["status", str(file)],
        ["key", "check", str(file)],
        ["key", "rotate", str(file), str(new_key_file(file.parent / "third.key"))],
        ["serve", str(file), "--port", str(port)],
    ):
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code, text in said.err, "next:" in said.err) == (1, True, True), arguments
        told += said.out + said.err
    assert key not in told
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))  # nothing serves
    assert not (file.parent / "w.duckdb.workbench" / "owner.pid").exists()
    log = (file.parent / "w.duckdb.workbench" / "owner.log").read_text("utf-8")
    assert text in log
    assert key not in log
    assert "Traceback" not in log


@pytest.mark.nightly
def test_a_key_command_reaches_the_owner_and_is_not_logged(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (file.parent / "key").read_text("ascii").strip()
    (file.parent / "key").unlink()
    (file.parent / "workbench.toml").write_text(re.sub("key_file.*", "", KEY_FILE), "utf-8")
    source = "command:" + shlex.join([sys.executable, "-c", f"print({key!r})"])
    monkeypatch.setenv("WORKBENCH_KEY_SOURCE", source)
    assert connect_local(file, settings=load_settings(file)).sources() == ()
    monkeypatch.delenv("WORKBENCH_KEY_SOURCE")
    stop_owner(file)
    beside = file.with_name("w.duckdb.workbench")
    assert not [p for p in beside.rglob("*") if p.is_file() and key.encode() in p.read_bytes()]


def test_files_in_the_folder_of_a_workspace_are_no_modules(file: Path) -> None:
    """Whoever can put files beside a workspace must not run programs as the one who opens it."""
    for name in ("json", "msgspec", "keyring", "numpy"):
        (file.parent / f"{name}.py").write_text(
            "open('started', 'w').close(); raise SystemExit(9)\n", "utf-8"
        )
    code = f"import workbench as wb; print(len(wb.open({str(file)!r}).sources()))"
    result = run_python(code, PYTHONPATH=str(ROOT))
    assert (result.stdout, result.returncode) == ("0\n", 0), result.stderr
    assert not (file.parent / "started").exists()


def test_a_key_that_is_checked(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(path: Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", "key", "check", str(path)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    key = read_key(file.parent / "key")
    with Store.open(file, n_threads=1, key=key) as store:
        store.publish(file.with_name("copy.duckdb"))
        status, said = check(file)
        assert (status, "workbench stop" in said) == (1, True)
    before = {p.name: p.read_bytes() for p in file.parent.glob("*.duckdb")}
    for path in (file, file.with_name("copy.duckdb")):
        assert check(path) == (0, f"{path.name} is encrypted, and the key that is set opens it.\n")
    assert {p.name: p.read_bytes() for p in file.parent.glob("*.duckdb")} == before
    (file.parent / "workbench.toml").write_text("", "utf-8")
    plain = file.with_name("plain.duckdb")
    Store.open(plain, n_threads=1).close()
    assert check(plain) == (0, "plain.duckdb is not encrypted.\n")
    (file.parent / "table.csv").write_text("id\n", "utf-8")
    for other in ("table.csv", "none.duckdb"):
        assert check(file.parent / other)[0] == 1
    damaged = bytearray(before["w.duckdb"])
    damaged[4096 + 200 : 4096 + 400] = bytes(200)
    file.write_bytes(damaged)
    (file.parent / "workbench.toml").write_text(KEY_FILE, "utf-8")
    assert check(file)[0] == 1


@pytest.mark.nightly
def test_a_new_key_in_a_keyring(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made there, taken by a rotation, and found there when the workspace is opened."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.filed_keyring.FiledKeyring")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TEST_KEYRING", str(file.parent / "ring.json"))
    said = ""
    for arguments, expected in (
        (["key", "new", "keyring:workbench/w"], 0),
        (["key", "new", "keyring:workbench/w"], 1),
        (["key", "new", "command:pass"], 1),
        (["key", "rotate", str(file), "keyring:workbench/w"], 0),
    ):
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert int(ended.value.code or 0) == expected, arguments
        captured = capsys.readouterr()
        said += captured.out + captured.err
    for text in (
        "keep a copy",
        "exists already",
        "a key command gives a key",
        "key_source = 'keyring:workbench/w'",
    ):
        assert text in said
    (file.parent / "workbench.toml").write_text('key_source = "keyring:workbench/w"\n', "utf-8")
    assert wb.open(file).sources().is_empty()
    kept = (file.parent / "ring.json").read_text("utf-8").split('"')[3]
    assert Key(base64.b64decode(kept)).secret == kept
    assert kept not in said
