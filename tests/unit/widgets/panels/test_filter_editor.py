"""Adding and changing conditions in the bar of a screen, by the messages that the page sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.widgets.panels.conftest import mail_csv
from workbench.domain import AddressFilter, LabelFilter, MessageFilter, PropertyFilter, Uid
from workbench.door import Dataset, Workspace
from workbench.errors import FilterError
from workbench.widgets.panels import DiscoverPanel
from workbench.widgets.panels.filtering import FilterBar
from workbench.widgets.state import PanelState


@pytest.fixture
def panel(dataset: Dataset, tmp_path: Path) -> Iterator[DiscoverPanel]:
    """Discover on thirty messages with two labels."""
    door = Workspace(dataset.operations, address="")
    door.import_(mail_csv(tmp_path / "mail.csv", 30), source="demo/mail", progress=False)
    for name in ("Refund", "Refund > Late"):
        dataset.operations.create_label(dataset.dataset_id, name)
    shown = DiscoverPanel(dataset)
    yield shown
    shown.close()


def ask(panel: DiscoverPanel, message: str, /, **content: Any) -> Any:
    """What the page is answered."""
    return panel.filters.chips._handlers[message](content, [])


def add(panel: DiscoverPanel, kind: str, **values: Any) -> Any:
    """Open a new condition, fill it in, press Add; returns the errors by field."""
    opened = ask(panel, "open", kind=kind)
    told = ask(panel, "apply", kind=kind, place=opened["place"], text=opened["text"], values=values)
    return told["errors"]


def test_conditions_are_added_changed_and_removed_and_list_and_address_follow(panel: DiscoverPanel) -> None:
    assert panel.found.total == 30
    assert "'x' is no number" in add(panel, "number:NPS", at_least="x")["at_least"]
    assert set(add(panel, "thread", messages_from="x")) == {"messages_from"}
    assert panel.state.more == MessageFilter()
    assert ask(panel, "values", of="property", part="")[0]["title"] == "tier"
    assert ask(panel, "values", of="string:tier", part="") == [{"value": "gold", "title": "gold", "n": 30}]
    assert add(panel, "string:tier", one_of=["gold"]) == {}
    assert panel.filters.chips.chips == ["tier gold"] and "string:tier=gold" in panel.address.query
    assert add(panel, "sender", one_of=["c7@mail.example"]) == {} and panel.found.total == 1
    again = ask(panel, "open", kind="sender")
    assert again["values"]["one_of"] == ["c7@mail.example"] and again["place"] == 0
    assert add(panel, "sender", one_of=["c7@mail.example", "c8@mail.example"]) == {}
    assert panel.found.total == 2 and len(panel.filters.chips.chips) == 2
    panel.filters.remove(0)
    assert panel.state.more == MessageFilter(
        properties=(PropertyFilter(name="string:tier", one_of=("gold",)),)
    )
    assert PanelState.from_query(panel.address.query).more == panel.state.more


def test_a_condition_opens_only_while_it_says_what_the_person_saw(panel: DiscoverPanel) -> None:
    add(panel, "string:tier", one_of=["gold"])
    opened = ask(panel, "open", place=0, text="tier gold")
    assert opened["kind"] == "string:tier" and opened["title"] == "tier"
    add(panel, "language", values=["en"])
    for message in ("open", "apply"):
        refused: Any = None
        try:
            told = ask(panel, message, kind="", place=0, text="tier gold", values={})
        except FilterError as error:
            refused = str(error)
        assert "changed meanwhile" in (refused or told["errors"][""])
    panel.filters.change(MessageFilter(uids=(Uid("u"),)))
    with pytest.raises(FilterError, match="cannot be changed here"):
        ask(panel, "open", place=0, text="1 chosen message")


def test_alternatives_of_labels_are_not_mixed_with_the_label_of_the_bar(panel: DiscoverPanel) -> None:
    ids = {row["title"]: row["value"] for row in ask(panel, "values", of="label", part="")}
    both = {"values": list(ids.values()), "match": "any", "status": "assigned"}
    panel.filters.label.value = ids["Refund"]
    assert "must be there" in add(panel, "label", **both)["match"]
    panel.filters.label.value = ""
    assert add(panel, "label", **both) == {} and panel.filters.label.disabled
    assert panel.state.more.labels_match == "any" and len(panel.state.more.labels) == 2
    titles = ask(panel, "open", place=0, text=panel.filters.chips.chips[0])["titles"]
    assert titles == {one: name for name, one in ids.items()}
    panel.filters.remove(0)
    assert not panel.filters.label.disabled
    # An address that asks for both is shown as what it finds.
    labels = panel.operations.labels(panel.dataset.dataset_id)
    either = MessageFilter(
        labels=tuple(LabelFilter(label_id=one.label_id) for one in labels), labels_match="any"
    )
    panel.filters.show(PanelState(label="Refund", more=either))
    panel.filters.offer_labels(labels)
    panel.filter()
    assert panel.state.label == "" and panel.filters.where(panel.state) == either


def test_every_kind_opens_and_names_of_ids_are_shown(panel: DiscoverPanel) -> None:
    for one in panel.filters.chips.menu:
        opened = ask(panel, "open", kind=one["kind"])
        assert opened["fields"] and opened["title"] == one["title"] and opened["place"] == -1
        for field in opened["fields"]:
            if field.get("of"):
                assert isinstance(ask(panel, "values", of=field["of"], part=""), list)
    source = ask(panel, "values", of="source", part="MAIL")[0]
    assert source["title"] == "demo/mail" and ask(panel, "values", of="source", part="zz") == []
    add(panel, "source", values=[source["value"]])
    add(panel, "cluster", values=["-1"])
    assert "in demo/mail" in panel.filters.chips.chips


def test_a_bar_without_offers_only_removes() -> None:
    bar = FilterBar(PanelState(more=MessageFilter(sender=AddressFilter(one_of=("a",)))))
    assert bar.chips.menu == [] and bar.chips.chips == ["sender a"]
    assert bar.chips._handlers["values"]({"of": "sender"}, []) == []
