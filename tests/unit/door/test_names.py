"""What people write is checked before it travels."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench as wb
from workbench.door import workspace_file
from workbench.door.names import message_filter, split_name
from workbench.errors import FilterError, InputError


def test_a_table_is_never_opened_as_a_workspace(tmp_path: Path) -> None:
    table = tmp_path / "mail.csv"
    table.write_text("id,time,text\n1,2026-03-04,hello\n", "utf-8")
    with pytest.raises(InputError, match=r"mail\.csv' is not a workspace file"):
        wb.open(table)
    assert [path.name for path in tmp_path.iterdir()] == ["mail.csv"]


def test_a_new_workspace_is_not_named_like_a_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no name for a workspace file"):
        wb.open(tmp_path / "new.CSV")


def test_a_missing_workspace_offers_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "support.duckdb").touch()
    with pytest.raises(InputError) as caught:
        workspace_file(tmp_path / "suport.duckdb", must_exist=True)
    assert "did you mean 'support.duckdb'?" in caught.value.next_step
    assert workspace_file(tmp_path / "support.duckdb", must_exist=True) == tmp_path / "support.duckdb"


@pytest.mark.parametrize("name", ["mail", "/mail", "demo/", ""])
def test_names_have_two_parts(name: str) -> None:
    with pytest.raises(InputError, match="not of the form 'project/name'"):
        split_name("source", name)


def test_an_unknown_condition_offers_the_nearest() -> None:
    with pytest.raises(FilterError) as caught:
        message_filter({"texts": "refund"})
    assert caught.value.next_step.startswith("did you mean 'text'?")
    assert message_filter({"text": "refund"}).text == "refund"
