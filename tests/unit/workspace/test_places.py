"""A place is found the same way whether one message is asked for or all are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from workbench.workspace.picks import Places
from workbench.workspace.picks import places as module


@hypothesis_settings(max_examples=30)
@example(known=[f"{'s' * 16}.m{number}" for number in range(90)], asked=[f"{'s' * 16}.m7", "m7", ""])
@given(
    known=st.lists(st.text(max_size=20), unique=True, max_size=80),
    asked=st.lists(st.text(max_size=20), unique=True, max_size=4),
)
def test_each_message_is_found_where_it_stands(known: list[str], asked: list[str]) -> None:
    # A slice, as part of a larger table comes: its bytes do not begin at the first one.
    among = pa.array(["before", *known], pa.string()).slice(1)
    asked = list(dict.fromkeys([*asked, *known[:2]]))
    wanted = [known.index(one) if one in known else -1 for one in asked]
    assert Places(among).of(pa.array(asked, pa.string())).tolist() == wanted


def test_messages_with_one_print_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_prints", lambda uids: np.full(len(uids), 5, dtype=np.uint64))
    known = [f"m{number}" for number in range(64)]
    found = Places(pa.array(known)).of(pa.array(["m63", "m0", "gone"]))
    assert found.tolist() == [63, 0, -1]
