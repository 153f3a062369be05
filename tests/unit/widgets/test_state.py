"""The state of a panel: an address, a filter, lines of Python."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import AddressFilter, MessageFilter, PropertyFilter
from workbench.widgets import panels
from workbench.widgets.state import PanelState

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
MORE = MessageFilter(
    sender=AddressFilter(domain_one_of=("shop.example",)),
    properties=(PropertyFilter(name="string:Team", one_of=("A & B",)),),
    languages=("de",),
)
states = st.builds(
    PanelState,
    dataset=texts,
    text=texts,
    since=st.sampled_from(["", "2026-03-01"]),
    until=st.sampled_from(["", "2026-03-02"]),
    review=st.sampled_from(["", "yes", "no"]),
    source=texts,
    mode=texts,
    label=texts,
    version=st.integers(-3, 3),
    threshold=st.floats(-1, 1),
    more=st.sampled_from([MessageFilter(), MORE]),
)


@given(state=states)
def test_a_state_comes_back_from_the_address(state: PanelState) -> None:
    assert PanelState.from_query(state.to_query()) == state
    assert PanelState.from_query("?" + state.to_query()) == state


def test_an_address_reads_well() -> None:
    state = PanelState(dataset="acme/mail", text="refund", more=MORE)
    assert state.to_query() == (
        "dataset=acme%2Fmail&text=refund&sender-domain=shop.example&string:Team=A+%26+B&language=de"
    )
    assert PanelState().to_query() == ""


@pytest.mark.parametrize(
    "query", ["version=x", "colour=red", "since=yesterday", "review=maybe", "min.number:NPS=x", "visitor=ann"]
)
def test_what_is_unknown_or_unreadable_is_ignored(query: str) -> None:
    state = PanelState.from_query(query + "&text=late")
    assert state.with_(text="") == PanelState()
    assert state.where() == MessageFilter(text="late")


def test_controls_go_before_the_rest() -> None:
    state = PanelState.from_query(
        "reviewed=no&text=late&since=2026-03-01&until=2026-03-01&sender=a@b.example"
    )
    where = state.where()
    assert where == MessageFilter(
        reviewed=False,
        text="late",
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 3, 2, tzinfo=UTC),
        sender=AddressFilter(one_of=("a@b.example",)),
    )
    assert state.with_(review="yes").where().reviewed is True


def test_the_lines_of_python_give_the_same_filter() -> None:
    state = PanelState(dataset="acme/mail", text="refund", since="2026-03-01", review="no", more=MORE)
    code = state.code(f"ds.messages({state.conditions()})")
    names: dict[str, object] = {}
    head, call = code.split("import workbench as wb\n", 1)
    exec(head + call.split("\nds =", 1)[0], names)
    assert eval(f"dict({state.conditions()})", names) == {
        "text": "refund",
        "since": datetime(2026, 3, 1, tzinfo=UTC),
        "reviewed": False,
        "languages": ("de",),
        "sender": MORE.sender,
        "properties": MORE.properties,
    }


def test_the_address_gives_up_every_value_of_a_state_before_it_takes_new_ones() -> None:
    script = (Path(panels.__file__).parent / "address.js").read_text("utf-8")
    own = set(json.loads(script.split("const OWN = ")[1].split(";")[0]))
    assert own == {field.name for field in fields(PanelState)} - {"more"}
