"""Completion: the script is one, and what it asks for is answered."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli import main

WORKBENCH = f"""#!{sys.executable}
import sys
from workbench.cli import main
sys.argv[0] = "workbench"
main()
"""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["workbench", "completion", shell])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, None)
    assert "_WORKBENCH_COMPLETE" in capsys.readouterr().out


CASES = pytest.mark.parametrize(
    ("typed", "offered"),
    [(["workbench", "serv"], ["serve"]), (["workbench", "users", "ad"], ["add"]),
     (["workbench", "serve", "w.duckdb", "--the"], ["--theme"])],
)  # fmt: skip


@CASES
def test_what_fits_is_offered(
    typed: list[str], offered: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["workbench"])
    monkeypatch.setenv("_WORKBENCH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(typed))
    monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.split() == offered


@pytest.mark.nightly
@pytest.mark.slow
@CASES
def test_bash_offers_what_fits(tmp_path: Path, typed: list[str], offered: list[str]) -> None:
    bash = shutil.which("bash")
    assert bash
    command = tmp_path / "workbench"
    command.write_text(WORKBENCH, "ascii")
    command.chmod(0o700)
    words = " ".join(f"'{one}'" for one in typed)
    script = (
        f'export PATH="{tmp_path}:$PATH"; eval "$(workbench completion bash)"; '
        f"COMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; "
        '_workbench_completion workbench; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == offered, done.stderr
