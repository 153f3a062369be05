"""An app behind the gate opens the workspace for its visitor, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.domain import Grants
from workbench.door import Workspace
from workbench.errors import InputError, SignInError
from workbench.settings import Settings
from workbench.widgets import apps
from workbench.wire import GUARDED_VARIABLE
from workbench.workspace import open_workspace

VISIT, VISITOR = "HTTP_X_WORKBENCH_VISIT", "HTTP_X_WORKBENCH_USER"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(
        apps, "open_workspace", lambda path, **more: calls.append({"path": str(path), **more})
    )
    for name in ("VOILA_PREHEAT", "QUERY_STRING", GUARDED_VARIABLE, VISIT, VISITOR):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_FILE", "w.duckdb")
    apps.visit.cache_clear()
    yield calls
    apps.visit.cache_clear()


def test_a_kernel_opens_the_workspace_with_the_token_of_its_visitor(
    opened: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GUARDED_VARIABLE, "1")
    monkeypatch.setenv(VISIT, "token-of-ann")
    monkeypatch.setenv(VISITOR, "ann")
    monkeypatch.setenv("QUERY_STRING", "user=ben")
    assert apps.visit().visitor == "ann"
    assert opened == [{"path": "w.duckdb", "actor": "ann", "channel": "panel", "token": "token-of-ann"}]
    import os

    assert VISIT not in os.environ


@pytest.mark.parametrize(
    "given", [{}, {VISITOR: "ann"}, {VISIT: "token", VISITOR: ""}, {VISIT: "", VISITOR: "ann"}]
)
def test_a_kernel_of_nobody_opens_nothing(
    opened: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    monkeypatch.setenv(GUARDED_VARIABLE, "1")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SignInError, match="nobody is signed in on this page") as refused:
        apps.visit()
    assert refused.value.next_step.startswith("Open it at the address that the server printed")
    assert opened == []


def test_without_accounts_everything_is_as_before(
    opened: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUERY_STRING", "user=ben")
    monkeypatch.setenv(VISIT, "token")
    assert apps.visit().visitor == "ben"
    assert opened == [{"path": "w.duckdb", "actor": "ben", "channel": "panel"}]


def test_who_sees_no_dataset_is_given_none_where_there_are_accounts(tmp_path: Path) -> None:
    with open_workspace(
        tmp_path / "w.duckdb", settings=Settings(encoder="hash-test", fast_encoder="")
    ) as found:
        found.operations("ops").create_user("ann", "ann@mail.example")
        nobody = Workspace(found.operations("vera", grants=Grants()), address="w")
        with pytest.raises(InputError, match="there is no dataset that you may see"):
            apps._dataset(nobody, "")
        assert found.operations("ops").datasets() == ()
