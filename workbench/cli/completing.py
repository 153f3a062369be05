"""``workbench completion``: words that a shell completes when Tab is pressed."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script

_NAME = "workbench"
_VARIABLE = "_WORKBENCH_COMPLETE"
Shell = Literal["bash", "zsh", "fish"]


def register(app: typer.Typer) -> None:
    """Add the command, and the answers to the shell's questions."""
    completion_init()
    app.command("completion")(completion)


def completion(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.")],
) -> None:
    """Print what a shell needs to complete commands and options.

    Add it where the shell starts: eval "$(workbench completion bash)" in .bashrc, or for zsh in .zshrc after compinit;
    fish reads ~/.config/fish/completions/workbench.fish.
    """
    print(get_completion_script(prog_name=_NAME, complete_var=_VARIABLE, shell=shell))
