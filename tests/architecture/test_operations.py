"""One declaration of the operations feeds permissions, wire, workspace and documentation."""

from __future__ import annotations

import inspect
from pathlib import Path

from workbench.domain import PERMISSIONS, Operations, operation_methods
from workbench.settings import Settings
from workbench.wire import signatures
from workbench.workspace.binding import USE_CASES

ROOT = Path(__file__).parent.parent.parent
NAMES = set(operation_methods())


def test_each_operation_has_a_permission_a_signature_and_a_use_case() -> None:
    assert NAMES == set(PERMISSIONS) == set(signatures()) == set(USE_CASES)


def test_use_cases_take_what_the_protocol_says() -> None:
    for name in NAMES:
        promised = list(inspect.signature(getattr(Operations, name)).parameters.values())[1:]
        given = list(inspect.signature(USE_CASES[name]).parameters.values())[1:]
        assert [(p.name, p.default) for p in promised] == [(p.name, p.default) for p in given], name


def test_each_operation_and_setting_is_documented() -> None:
    operations = (ROOT / "docs/reference/operations.md").read_text("utf-8")
    settings = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert not [name for name in NAMES if f"`{name}(" not in operations]
    assert not [name for name in Settings.__dataclass_fields__ if f"`{name}`" not in settings]
