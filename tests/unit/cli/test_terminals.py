"""What a shell and a terminal see: statuses, progress, tables, what is nearest, pipes that nobody reads."""

from __future__ import annotations

import io
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbench as wb
from tests.contract.conftest import TOKEN, served_over_http
from workbench.cli import comments, main, progress
from workbench.cli.opening import address_of, opened
from workbench.cli.printing import laid_out, width
from workbench.door import Job, Workspace, muted_progress
from workbench.errors import InputError
from workbench.settings import Settings
from workbench.wire import perform
from workbench.workspace.opening import OpenedWorkspace, open_workspace

Run = Callable[..., tuple[int, str, str]]
LINE = (
    '{"comment": {"id": "%s", "timestamp": "2024-02-01T08:00:00Z", "messages": [{"body": {"text": "hi"}}]}}\n'
)


class Terminal(io.StringIO):
    """An error output that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as found:
        found.operations("tester").create_source("demo", "mail")
        yield found


@pytest.fixture
def run(
    workspace: OpenedWorkspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    operations = workspace.operations("tester")
    monkeypatch.setattr(wb, "open", lambda *_, **__: Workspace(operations, address="w"), raising=False)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.mark.nightly
def test_what_is_nearest_is_offered(run: Run) -> None:
    for arguments, status, offered in (
        (("sttaus", "w.duckdb"), 2, "'status'"),
        (("streams", "fetsh", "w.duckdb"), 2, "'fetch'"),
        (("status", "w.duckdb", "--ouput", "json"), 2, "--output"),
        (("comments", "export", "w.duckdb", "-", "--source", "demo/mial"), 1, "did you mean 'demo/mail'"),
        (("guide", "w.duckdb", "demo/suport"), 1, "unknown dataset 'demo/suport'"),
        (("status", "v.duckdb"), 1, "did you mean 'w.duckdb'"),
    ):
        found, out, err = run(*arguments)
        assert (found, out) == (status, "")
        assert offered in " ".join(err.replace("│", "").split()), err


@pytest.mark.nightly
def test_a_place_that_cannot_be_written_is_an_error_with_a_next_step(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    status, out, err = run("comments", "export", "w.duckdb", "there", "--source", "demo/mail")
    assert (status, out) == (1, "")
    assert "Is a directory" in err and "next: Check the path" in err
    status, _, err = run("comments", "export", "w.duckdb", "none/x.jsonl", "--source", "demo/mail")
    assert (status, "there is no folder" in err) == (1, True)


def test_ctrl_c_says_what_is_done(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.jsonl").write_text("".join(LINE % n for n in range(300)), "utf-8")
    taken: list[int] = []

    def take(_taker: object, some: list[object]) -> None:
        if taken:
            raise KeyboardInterrupt
        taken.append(len(some))

    monkeypatch.setattr(comments.Taker, "take", take)
    status, out, err = run("comments", "import", "w.duckdb", "in.jsonl", "--source", "demo/mail", "-y")
    assert (status, out) == (130, "")
    assert err.strip() == "comments: stopped; 128 of 300 are done, and stay so."


@pytest.mark.nightly
def test_ctrl_c_while_waiting_for_a_job_says_that_it_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupt(_job: Job, _line: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "m.csv").write_text("id,time,text\n1,2026-03-04,hello there\n", "utf-8")
    monkeypatch.setattr(Job, "_watch", interrupt)
    status, out, err = run("--quiet", "import", "w.duckdb", "m.csv", "--source", "demo/mail", "-y")
    assert (status, out) == (130, "")
    assert "No longer waiting; job " in err and " goes on" in err


def test_progress_is_for_terminals(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.jsonl").write_text(LINE % "a", "utf-8")
    command = ("comments", "import", "w.duckdb", "in.jsonl", "--source", "demo/mail", "-y")
    assert run(*command)[2] == ""
    for quiet, shown in ((("--quiet",), False), ((), True)):
        watched = Terminal()
        monkeypatch.setattr(sys, "stderr", watched)
        assert run(*quiet, *command)[0] == 0
        assert ("comments" in watched.getvalue()) is shown
    with muted_progress(), progress.bar(3, "x") as step:
        step(3)
    watched = Terminal()
    monkeypatch.setattr(sys, "stderr", watched)
    monkeypatch.setattr(progress, "_TICK_S", 0.01)
    with progress.clock("copying"):
        while "copying … 0 s" not in watched.getvalue():
            time.sleep(0.01)


def test_rows_are_aligned_and_cut_to_the_terminal() -> None:
    rows = [
        ("a", "1", "x\x1b[2J"),
        ("漢字", "1,000", "long " * 9),
        "a sentence that is longer than forty columns, and stays so",
    ]
    assert list(laid_out(rows[:1])) == ["a  1  x\\x1b[2J"]
    first, second, sentence = laid_out(rows, 40)
    assert first == "a         1  x\\x1b[2J"
    assert second.startswith("漢字  1,000  long") and second.endswith("…") and width(second) == 40
    assert sentence == rows[2]
    assert list(laid_out([])) == []


@pytest.mark.nightly
def test_nobody_reads_on() -> None:
    """As with ``| head``: no word, and the status that shells know."""
    command = f'"{sys.executable}" -m workbench completion bash | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=300, check=True)
    assert (done.stdout, done.stderr) == ("141\n", "")


def test_an_address_needs_a_token_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of(Path("HTTPS://host:1/a/b")) == "https://host:1/a/b"
    assert address_of(Path("http.duckdb")) is None
    monkeypatch.delenv("WORKBENCH_TOKEN", raising=False)
    with pytest.raises(InputError, match="there is no token for 'http://h:1'"):
        opened(Path("http://h:1"))
    monkeypatch.setenv("WORKBENCH_TOKEN", "secret token\n")
    with pytest.raises(InputError, match="is no token") as refused:
        opened(Path("http://h:1"))
    assert "secret" not in str(refused.value)
    with pytest.raises(InputError, match="holds a name or a password") as refused:
        opened(Path("http://ann:hush@h:1"))
    assert "hush" not in str(refused.value)


def test_commands_work_with_an_address(
    workspace: OpenedWorkspace, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text(LINE % "a", "utf-8")
    monkeypatch.setenv("WORKBENCH_TOKEN", TOKEN)
    with served_over_http(
        lambda call: perform(workspace.operations(call.actor, call.channel, call.call_id), call)
    ) as address:
        assert run("comments", "import", address, "in.jsonl", "--source", "demo/mail", "-y")[0] == 0
        status, out, _ = run("comments", "export", address, "-", "--source", "demo/mail")
        assert (status, '"id": "a"' in out) == (0, True)
        status, _, err = run("publish", address, "copy.duckdb")
        assert (status, "no whole path" in err) == (1, True)
        for here in (("stop",), ("verify",), ("key", "check")):
            status, _, err = run(*here, address)
            assert (status, "needs the file itself" in err) == (1, True)


# ---- completion ----------------------------------------------------------------------------------


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "completed"),
    [("workbench status sup", "workbench status support.duckdb"),
     ("workbench import support.duckdb ma", "workbench import support.duckdb mail.jsonl"),
     ("workbench verif", "workbench verify"),
     ("workbench streams list support.duckdb demo/x --outp", "workbench streams list support.duckdb demo/x --output")],
)  # fmt: skip
def test_tab_completes_in_a_real_shell(tmp_path: Path, typed: str, completed: str) -> None:
    """Names of commands, options and files, as they stand on the line after Tab."""
    bash = shutil.which("bash")
    assert bash
    (tmp_path / "workbench").write_text(
        f"#!{sys.executable}\nimport sys\nfrom workbench.cli import main\nsys.argv[0] = 'workbench'\nmain()\n"
    )
    (tmp_path / "workbench").chmod(0o700)
    for name in ("support.duckdb", "mail.jsonl"):
        (tmp_path / name).touch()
    ours, theirs = os.openpty()
    shell = subprocess.Popen(
        [bash, "--norc", "--noprofile", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, start_new_session=True,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PS1": "", "TERM": "dumb", "PYTHONPATH": str(Path(wb.__file__).parents[1])},
    )  # fmt: skip
    try:
        os.write(ours, b'eval "$(workbench completion bash)"; echo REA""DY\n')
        _until(ours, "READY")
        os.write(ours, f"{typed}\t".encode())
        _until(ours, completed)
        os.write(ours, b"\x01echo GO''T \x05\n")
        assert completed in _until(ours, f"GOT {completed}")
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)
        os.close(theirs)


def _until(terminal: int, text: str) -> str:
    """What is shown, up to a text; the test ends after a minute without it."""
    shown, ends = "", time.monotonic() + 60
    while text not in shown:
        ready, _, _ = select.select([terminal], [], [], 1)
        if ready:
            shown += os.read(terminal, 4096).decode("utf-8", "replace").replace("\r", "")
        assert time.monotonic() < ends, shown
    return shown
