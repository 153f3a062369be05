"""Forms, cards, roles and chips without a browser: what comes from outside is read with care."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.errors import InputError
from workbench.widgets.elements import CatalogCards, ColumnRoles, FilterChips, Form

FIELDS: list[dict[str, Any]] = [
    {"key": "name", "kind": "text", "title": "Name", "required": True},
    {"key": "kind", "kind": "text", "title": "Kind", "fixed": True},
    {"key": "on", "kind": "check", "title": "On"},
    {"key": "some", "kind": "checks", "title": "Some", "options": [{"value": "a", "title": "A"}]},
]


@pytest.fixture
def form() -> Form:
    made = Form()
    made.ask(title="New", fields=FIELDS, values={"kind": "mail"})
    return made


def test_values_have_the_type_of_their_field_and_fixed_ones_stay(form: Form) -> None:
    heard: list[dict[str, Any]] = []
    form.on_submit(heard.append)
    told = {"name": "  x ", "kind": "chat", "on": 1, "some": ["a", "b"], "other": "y"}
    form._submitted({"values": told}, [])
    assert heard == [{"name": "x", "kind": "mail", "on": True, "some": ["a"]}]
    form._submitted({"values": "no object"}, [])
    form._submitted({"values": {"some": "a"}}, [])
    assert heard[-1]["some"] == [] and heard[1]["name"] == "x"


def test_what_is_needed_is_asked_for_before_anything_is_done(form: Form) -> None:
    heard: list[dict[str, Any]] = []
    form.on_submit(heard.append)
    form._submitted({"values": {"name": " "}}, [])
    assert form.errors == {"name": "This is needed."} and heard == []


def test_a_failure_stands_at_its_field_else_below_and_no_secret_is_told(form: Form) -> None:
    errors = [
        InputError("name is taken.", next_step="Take another.", details={"name": "x"}),
        InputError("too late."),
        RuntimeError("password 1234"),
    ]

    def fail(_values: object) -> None:
        raise errors.pop(0)

    form.on_submit(fail)
    form._submitted({"values": {"name": "x"}}, [])
    assert form.errors == {"name": "name is taken. Take another."} and not form.busy
    form._submitted({"values": {"name": "x"}}, [])
    assert form.errors == {"": "too late."}
    form._submitted({"values": {"name": "x"}}, [])
    assert "RuntimeError" in form.errors[""] and "1234" not in form.errors[""]


def test_a_form_that_is_closed_takes_nothing(form: Form) -> None:
    heard: list[str] = []
    form.on_submit(lambda _values: heard.append("done"))
    form.on_cancel(lambda: heard.append("left"))
    assert form.layout.display is None
    form._cancelled({}, [])
    form._submitted({"values": {"name": "x"}}, [])
    assert heard == ["left"] and form.layout.display == "none"


def test_changes_are_told_with_all_values(form: Form) -> None:
    heard: list[dict[str, Any]] = []
    form.on_change(heard.append)
    form._changed({"values": {"on": True}}, [])
    assert heard == [{"kind": "mail", "on": True}]


def test_a_role_of_which_there_is_one_moves_and_unknown_ones_change_nothing() -> None:
    roles = ColumnRoles(
        columns=[{"name": "a"}, {"name": "b"}],
        roles=[{"key": "", "title": "-", "many": True}, {"key": "id", "title": "Id"}],
        chosen={"a": "id", "b": ""},
    )
    heard: list[int] = []
    roles.on_change(lambda: heard.append(1))
    roles._chose({"column": "b", "role": "id"}, [])
    assert roles.chosen == {"a": "", "b": "id"} and heard == [1]
    roles._chose({"column": "c", "role": "id"}, [])
    roles._chose({"column": "a", "role": "x"}, [])
    assert roles.chosen == {"a": "", "b": "id"} and heard == [1]


def test_a_chip_goes_only_while_it_says_what_the_person_saw() -> None:
    chips, heard = FilterChips(chips=["one", "two"]), []
    chips.on_remove(heard.append)
    for place, text in ((1, "two"), (1, "one"), (2, "two"), ("1", "two")):
        chips._removed({"place": place, "text": text}, [])
    assert heard == [1]


def test_a_card_tells_what_was_pressed() -> None:
    cards, heard = CatalogCards(), []
    undo = cards.on_act(lambda key, card: heard.append((key, card)))
    cards._acted({"key": "amend", "card": "x"}, [])
    undo()
    cards._acted({"key": "amend", "card": "y"}, [])
    assert heard == [("amend", "x")]


def test_what_is_typed_unseen_is_told_once_and_is_no_value() -> None:
    form, told = Form(), []
    form.on_submit(told.append)
    fields = [
        {"key": "name", "kind": "text", "title": "Name"},
        {"key": "password", "kind": "secret", "title": "Password", "required": True},
    ]
    form.ask(title="Sign in", fields=fields, values={"name": "ann"})
    form._submitted({"values": {"name": "ann", "password": ""}}, [])
    assert form.errors == {"password": "This is needed."} and told == []
    form._submitted({"values": {"name": "ann", "password": " s3cret "}}, [])
    assert told == [{"name": "ann", "password": " s3cret "}]
    form._changed({"values": {"name": "bob", "password": "s3cret"}}, [])
    assert form.values == {"name": "bob"} and "s3cret" not in repr(form.get_state())
