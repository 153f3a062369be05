"""Lists of values are kept while the messages are the same, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, batch, message, uid
from workbench.domain import Judgement, LabelId, MessageChoice
from workbench.store import Session, Store
from workbench.store.cursor import Cursor


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the statements that read values."""
    found: list[str] = []
    rows = Cursor.rows

    def noted(self: Cursor, name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
        if name.startswith("values."):
            found.append(name)
        return rows(self, name, **parameters)

    monkeypatch.setattr(Cursor, "rows", noted)
    return found


def senders(store: Store, n_most: int = 9) -> dict[str, int]:
    with store.read() as session:
        found = session.values.people(DATASET, "sender", "", n_most)
    return {one.value: one.n_messages for one in found.values}


def write(store: Store, work: Callable[[Session], object]) -> None:
    with store.write() as session:
        work(session)


def test_a_list_is_read_again_only_when_a_message_changed(store: Store, reads: list[str]) -> None:
    first = batch(message("1", sender="a@x"), message("2", sender="a@x"), message("3", sender="b@x"))
    write(store, lambda session: session.messages.put(SOURCE, first, at=AT))
    assert senders(store) == senders(store) == {"a@x": 2, "b@x": 1}
    assert reads == ["values.state", "values.senders"]  # with nothing written between, nothing is asked
    judgement = Judgement(event_id="e1", uid=uid("1"), assigned=(LabelId("l1"),))
    write(store, lambda session: session.reviews.judge(DATASET, [judgement], actor="ann", at=AT))
    assert senders(store) == {"a@x": 2, "b@x": 1}
    assert reads[2:] == ["values.state"]
    assert senders(store, n_most=1) == {"a@x": 2}
    assert reads[3:] == ["values.senders"]


def test_a_kept_list_is_never_that_of_other_messages(store: Store) -> None:
    first = batch(message("1", sender="a@x"), message("2", sender="a@x"))
    write(store, lambda session: session.messages.put(SOURCE, first, at=AT))
    assert senders(store) == {"a@x": 2}
    write(store, lambda session: session.messages.put(SOURCE, batch(message("2", sender="b@x")), at=AT))
    assert senders(store) == {"a@x": 1, "b@x": 1}
    other = batch(message("1", sender="c@x"))
    write(store, lambda session: session.messages.put(OTHER_SOURCE, other, at=AT))
    assert senders(store) == {"a@x": 1, "b@x": 1}
    write(store, lambda session: session.catalog.add_sources(DATASET, (OTHER_SOURCE,)))
    assert senders(store) == {"a@x": 1, "b@x": 1, "c@x": 1}
    store.forget_deleted()
    doomed = MessageChoice(message_ids=("2",))
    write(
        store,
        lambda session: session.deletion.messages(session.deletion.chosen(SOURCE, doomed).select(["uid"])),
    )
    assert senders(store) == {"a@x": 1, "c@x": 1}
