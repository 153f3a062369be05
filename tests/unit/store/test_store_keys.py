"""Lists of keys reach the database whole, few or many, whatever is written in them."""

from __future__ import annotations

import pytest

from tests.stores import AT, SOURCE, batch, message
from workbench.store import Store


@pytest.mark.parametrize("n", [1, 64, 65, 256, 257])
@pytest.mark.parametrize("odd", ["", "';DROP--", "\\x1f", ","])
def test_lists_of_keys_are_found(store: Store, n: int, odd: str) -> None:
    names = [f"{odd}{i}" for i in range(n)]
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(name) for name in names)), at=AT)
        cursor = session.messages._cursor
        asked = {"dataset_id": "d" * 16, "uids": [f"{SOURCE}.{name}" for name in names], "keys": []}
        assert {row[2] for row in cursor.rows("message.get", **asked)} == set(names)


def test_numbers_stay_numbers(store: Store) -> None:
    with store.write() as session:
        session.messages.put(SOURCE, batch(*(message(str(i), thread_id=f"t{i}") for i in range(100))), at=AT)
        cursor = session.messages._cursor
        keys = [row[0] for row in cursor._connection.execute("SELECT thread_key FROM message").fetchall()]
        found = cursor.rows("message.thread_members", dataset_id="d" * 16, keys=[*keys, 2**64 - 1])
        assert sorted(row[0] for row in found) == sorted(keys)
