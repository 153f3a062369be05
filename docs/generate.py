"""Write the reference pages that are made from code; ``pages()`` is what the freshness test compares."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import typer.main

from workbench import errors
from workbench.cli.main import app
from workbench.domain import (
    BUILT_IN_ROLES,
    ENTITLED,
    ENTITLEMENT_TITLES,
    JOB_CHANGERS,
    LIMITS,
    PERMISSIONS,
    QUOTA_KINDS,
    RIGHTS,
    Role,
    Rule,
    operation_methods,
)
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
            f"## {name}\n\n`{name}({arguments}) -> {answer}`\n\n{text}\n\nPermission: {_needs(PERMISSIONS[name])}."
            f"{_plan(name)}\n\n"
        )
    return "".join(parts)


def _plan(name: str) -> str:
    entitlement = ENTITLED.get(name)
    return f" Needs a plan with {ENTITLEMENT_TITLES[entitlement]}." if entitlement else ""


def _needs(rule: Rule) -> str:
    """A rule in words."""
    parts = []
    if rule.needs:
        joined = " or " if rule.place == "upload" else " and "
        parts.append(f"{joined.join(f'`{one}`' for one in rule.needs)}{_PLACES[rule.place]}")
    elif rule.place == "job":
        parts.append("that of the operation that starts such a job; your own jobs always")
    else:
        parts.append("none" if rule.place == "anybody" else "none; the answer holds what you may see")
    if rule.sources:
        parts.append(f"{' and '.join(f'`{one}`' for one in rule.sources)} in the project of each source")
    if rule.target:
        parts.append(f"{' and '.join(f'`{one}`' for one in rule.target)} in the project named")
    return "; ".join(parts)


_PLACES = {
    "tenant": " everywhere",
    "project": " in the project named",
    "source": " in the source's project",
    "bucket": " in the bucket's project",
    "integration": " in the integration's project",
    "dataset": " in the dataset's project",
    "job": " in the project of what the job works on",
    "upload": " in some project",
    "listed": "; the answer holds only what lies where it is held",
}


def permissions_page() -> str:
    """Every permission and role, and which role reaches which operation."""
    rights = "".join(
        f"| `{right.name}` | {right.title} | {right.scope} | {', '.join(f'`{one}`' for one in right.includes)} "
        f"| {right.help} |\n"
        for right in RIGHTS.values()
    )
    roles = "".join(
        f"| `{role.name}` | {role.title} | {role.scope} | {', '.join(f'`{one}`' for one in role.permissions)} "
        f"| {role.description} |\n"
        for role in BUILT_IN_ROLES.values()
    )
    rows = "".join(
        f"| `{name}` | {' | '.join('yes' if _reaches(role, PERMISSIONS[name]) else '' for role in BUILT_IN_ROLES.values())} |\n"
        for name in sorted(PERMISSIONS)
    )
    return (
        f"# Permissions\n\n{MADE}Permissions are given by roles only. A role of a project is given in one project, or "
        "for the whole workspace.\n\n"
        f"| permission | title | scope | includes | what it lets do |\n| --- | --- | --- | --- | --- |\n{rights}\n"
        f"## Roles\n\n| role | title | scope | permissions | for |\n| --- | --- | --- | --- | --- |\n{roles}\n"
        "## Operations\n\nWhat each built-in role reaches when it is given in the projects concerned (roles of the tenant: "
        "for the whole workspace). What an operation needs stands with it in [operations](operations.md).\n\n"
        f"| operation | {' | '.join(role.title for role in BUILT_IN_ROLES.values())} |\n"
        f"| --- |{' --- |' * len(BUILT_IN_ROLES)}\n{rows}"
    )


def _reaches(role: Role, rule: Rule) -> bool:
    """Whether a role, given where the operation looks, is enough."""
    if rule.place == "upload":
        return bool(role.grants.intersection(rule.needs))
    if rule.place == "tenant" and role.scope == "project":
        return False
    wanted = {*rule.needs, *rule.sources, *rule.target}
    if rule.place == "job" and not rule.needs:
        return bool(role.grants.intersection(JOB_CHANGERS.values()))
    return wanted <= role.grants


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
        f"| name | most | setting | bounds | refusal |\n| --- | --- | --- | --- | --- |\n{rows}\n"
        "## Quotas\n\nLimits on what there is, which an administrator may set: see "
        "[plans and quotas](../how-to/plans-and-quotas.md). What the workbench does not have yet counts as none.\n\n"
        f"| quota | in the exchange format | begins at | |\n| --- | --- | --- | --- |\n{_quota_rows()}"
    )


def _quota_rows() -> str:
    return "".join(
        f"| `{kind.name}` | `{kind.published}` "
        f"| {f'`{LIMITS[kind.name].setting}`' if kind.name in LIMITS else 'no limit'} | {kind.missing} |\n"
        for kind in QUOTA_KINDS.values()
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
        "permissions.md": permissions_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "limits.md": limits_page(),
        "cli.md": cli_page(),
    }


if __name__ == "__main__":
    for file, text in pages().items():
        (HERE / "reference" / file).write_text(text, "utf-8")
        print(f"docs/reference/{file}")
