"""Write the reference pages that are made from code; ``pages()`` is what the freshness test compares."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import typer.main

from workbench import errors
from workbench.cli.main import app
from workbench.domain import LIMITS, PERMISSIONS, operation_methods
from workbench.settings import Settings

HERE = Path(__file__).parent
MADE = "Made from code by `make docs`; a test fails when it is stale.\n\n"


def operations_page() -> str:
    """Every operation with its arguments, permission and docstring."""
    parts = ["# Operations\n\n", MADE]
    parts.append(
        "One method each, the same from Python (`ws.operations`), the command line (`workbench call`) and HTTP "
        "(`POST /rpc/<operation>`).\n\n"
    )
    for name, function in sorted(operation_methods().items()):
        signature = inspect.signature(function)
        arguments = ", ".join(
            str(p).replace("'", "") for p in signature.parameters.values() if p.name != "self"
        )
        answer = str(signature.return_annotation).replace("'", "")
        text = inspect.getdoc(function) or ""
        parts.append(
            f"## {name}\n\n`{name}({arguments}) -> {answer}`\n\n{text}\n\nPermission: {PERMISSIONS[name]}.\n\n"
        )
    return "".join(parts)


def settings_page() -> str:
    """Every setting with type, default and help."""
    rows = "".join(
        f"| `{field.name}` | {type(field.default).__name__} | `{field.default}` | {field.metadata['help']} |\n"
        for field in fields(Settings)
    )
    return (
        f"# Settings\n\n{MADE}Order of strength: `workbench.toml` beside the workspace file, then the environment "
        "(`WORKBENCH_<NAME>`), then arguments of `wb.open`.\n\n"
        f"| name | type | default | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )


def errors_page() -> str:
    """Every error with its code."""
    kinds = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    rows = "".join(
        f"| `{kind.__name__}` | `{kind.code}` | {(inspect.getdoc(kind) or '').splitlines()[0]} |\n"
        for kind in kinds
    )
    return (
        f"# Errors\n\n{MADE}Each carries `code`, `message`, `next_step` and `details`.\n\n"
        f"| class | code | when |\n| --- | --- | --- |\n{rows}"
    )


def limits_page() -> str:
    """Every limit with its number and the words of its refusal."""
    rows = "".join(
        f"| `{limit.name}` | {f'{limit.most:,}' if limit.most else 'none'} "
        f"| {f'`{limit.setting}`' if limit.setting else 'fixed'} | {limit.field} | {limit.refusal} |\n"
        for limit in LIMITS.values()
    )
    return (
        f"# Limits\n\n{MADE}Beyond one comes a `LimitError` that names the limit, what was found and what to do; "
        "nothing of the batch is stored.\n\n"
        f"| name | most | setting | bounds | refusal |\n| --- | --- | --- | --- | --- |\n{rows}"
    )


def cli_page() -> str:
    """Every command with its parameters."""
    group = typer.main.get_command(app)
    parts = ["# Command line\n\n", MADE]
    commands = dict(group.commands)  # type: ignore[attr-defined]
    for name in [name for name, command in commands.items() if hasattr(command, "commands")]:
        commands |= {f"{name} {verb}": command for verb, command in commands.pop(name).commands.items()}
    for name, command in sorted(commands.items()):
        parts.append(f"## workbench {name}\n\n{inspect.cleandoc(command.help or '')}\n\n")
        with command.make_context(name, [], resilient_parsing=True) as context:
            for parameter in command.params:
                record = parameter.get_help_record(context)
                if record:
                    parts.append(f"- `{record[0].strip()}`: {record[1].strip()}\n")
        parts.append("\n")
    return "".join(parts)


def pages() -> dict[str, str]:
    """File name to text."""
    return {
        "operations.md": operations_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "limits.md": limits_page(),
        "cli.md": cli_page(),
    }


if __name__ == "__main__":
    for file, text in pages().items():
        (HERE / "reference" / file).write_text(text, "utf-8")
        print(f"docs/reference/{file}")
