"""A key from a keyring or a command; whatever goes wrong there, the workspace stays closed and the text says why."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.errors import InputError, MissingExtraError, WorkspaceKeyError
from workbench.settings import Settings, load_settings
from workbench.store import Key, find_key, key_sources, named_key, new_key_file, new_keyring_key

KEY = Key(b"k" * 32)
FILE = Path("w.duckdb")


def python(code: str, *arguments: str) -> str:
    """A key command that runs a line of Python."""
    return "command:" + shlex.join([sys.executable, "-c", code, *arguments])


def found(source: str, limit_s: float = 20) -> Key | None:
    return find_key(Settings(key_source=source, key_source_s=limit_s), workspace=FILE, environ={})


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Passwords lie in a file instead of the system's keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.filed_keyring.FiledKeyring")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    return tmp_path / "keyring.json"


# ---- commands ------------------------------------------------------------------------------------


def test_a_command_prints_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is run without a shell, elsewhere than in the workspace's folder, and without the variable of the key."""
    monkeypatch.setenv("WORKBENCH_KEY", KEY.secret)
    code = (
        "import os, sys\n"
        "assert os.getcwd() == '/' and 'WORKBENCH_KEY' not in os.environ and sys.argv[1] == '$HOME; x'\n"
        f"sys.stderr.write('noise' * 9999)\nprint({KEY.secret!r})"
    )
    key = found(python(code, "$HOME; x"))
    assert key is not None
    assert key.secret == KEY.secret


@pytest.mark.parametrize(
    ("source", "text", "step"),
    [
        ("command:/none/such/program a", "cannot be run: No such file", "whole path"),
        ("command:/etc/passwd", "cannot be run: Permission denied", "executable"),
        (python("import sys; sys.exit(3)"), "ended with status 3", "by hand"),
        (python("import os; os.kill(os.getpid(), 9)"), "ended with status -9", "by hand"),
        (python("print('nonsense')"), "holds no key", "right file"),
        (python("pass"), "holds no key", "right file"),
        (python(f"print({KEY.secret!r}); print({KEY.secret!r})"), "holds no key", "right file"),
        (python("print('é' * 9)"), "holds no key", "right file"),
        (python("while True: print('y' * 9999)"), "far more was printed", "nothing else"),
        (python("import time; time.sleep(60)"), "gave no key within 0.8 s", "'key_source_s'"),
    ],
)
def test_a_command_that_gives_no_key(source: str, text: str, step: str) -> None:
    program = shlex.split(source.removeprefix("command:"))[0]
    with pytest.raises(WorkspaceKeyError, match=text) as caught:
        found(source, limit_s=0.8 if "sleep" in source else 20)
    assert step in caught.value.next_step
    assert program in caught.value.message
    for hidden in ("import", "nonsense", KEY.secret):  # neither arguments nor what was printed
        assert hidden not in repr(caught.value) + caught.value.message + caught.value.next_step
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None


def test_what_a_hanging_command_started_ends_with_it(tmp_path: Path) -> None:
    """A program that leaves at once, while a child of it keeps the pipe open, is no different."""
    mark = tmp_path / "alive"
    child = (
        f"import time, pathlib\nfor _ in range(200): pathlib.Path({str(mark)!r}).touch(); time.sleep(0.05)"
    )
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with pytest.raises(WorkspaceKeyError, match="gave no key within"):
        found(python(code), limit_s=1.5)
    mark.unlink(missing_ok=True)
    time.sleep(0.4)
    assert not mark.exists()


@pytest.mark.parametrize(
    "source", ["command:", "command:'open", "keyring:x", "keyring:/x", "keyring:x/", "vault:a"]
)
def test_a_source_of_no_known_form(source: str) -> None:
    with pytest.raises(WorkspaceKeyError, match="begins with") as caught:
        found(source)
    assert "keyring:SERVICE/NAME or command:PROGRAM" in caught.value.next_step


def test_a_key_that_stands_where_its_source_should_is_not_shown() -> None:
    with pytest.raises(WorkspaceKeyError, match="has 44 characters") as caught:
        found(KEY.secret)
    assert KEY.secret not in repr(caught.value) + caught.value.message


def test_one_place_gives_the_key(tmp_path: Path) -> None:
    both = Settings(key_file=str(new_key_file(tmp_path / "key")), key_source="keyring:a/b")
    with pytest.raises(WorkspaceKeyError, match="both 'key_source' and 'key_file'") as caught:
        find_key(both, workspace=FILE)
    assert "Keep the one" in caught.value.next_step
    # A source that fails is not passed over for the variable.
    with pytest.raises(WorkspaceKeyError, match="cannot be run"):
        find_key(Settings(key_source="command:/none"), workspace=FILE, environ={"WORKBENCH_KEY": KEY.secret})


def test_a_file_beside_a_workspace_starts_no_program(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text('key_source = " command:touch started"\n', "utf-8")
    with pytest.raises(InputError, match="may start no program") as caught:
        load_settings(tmp_path / "w.duckdb", {})
    assert "WORKBENCH_KEY_SOURCE" in caught.value.next_step
    (tmp_path / "workbench.toml").write_text('key_source = "keyring:a/b"\n', "utf-8")
    assert load_settings(tmp_path / "w.duckdb", {}).key_source == "keyring:a/b"
    environ = {"WORKBENCH_KEY_SOURCE": "command:pass show x"}
    assert load_settings(tmp_path / "w.duckdb", environ).key_source == "command:pass show x"


# ---- keyrings ------------------------------------------------------------------------------------


def test_a_keyring_keeps_the_key(keyring: Path) -> None:
    new_keyring_key("keyring:work bench/-ann/x", limit_s=20)
    key = named_key("keyring:work bench/-ann/x", limit_s=20)
    assert key.secret in keyring.read_text("utf-8")
    with pytest.raises(InputError, match="exists already") as caught:
        new_keyring_key("keyring:work bench/-ann/x", limit_s=20)
    assert "never overwritten" in caught.value.next_step
    with pytest.raises(WorkspaceKeyError, match=r"'work bench/other' gave no key: .* status 1"):
        found("keyring:work bench/other")


def test_a_keyring_that_fails(keyring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.write_text('{"a/b": "no key"}', "utf-8")
    with pytest.raises(WorkspaceKeyError, match="holds no key") as caught:
        found("keyring:a/b")
    assert "'no key'" not in repr(caught.value)
    monkeypatch.setenv("TEST_KEYRING_WAITS", "1")
    with pytest.raises(WorkspaceKeyError, match=r"gave no key within 1\.5 s") as caught:
        new_keyring_key("keyring:a/c", limit_s=1.5)
    assert "locked keyring" in caught.value.next_step
    monkeypatch.setattr(key_sources, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"workbench-comms\[encryption\]"):
        found("keyring:a/b")


@pytest.mark.nightly
def test_a_keyring_that_forgets_is_noticed(keyring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEYRING", "/dev/null")
    with pytest.raises(WorkspaceKeyError, match="status 1"):
        new_keyring_key("keyring:a/b", limit_s=20)
    monkeypatch.setattr(key_sources, "read_source", lambda *_, **__: KEY)
    monkeypatch.setenv("TEST_KEYRING", str(keyring))
    with pytest.raises(WorkspaceKeyError, match="does not hold what was put into it"):
        new_keyring_key("keyring:a/d", limit_s=20)
