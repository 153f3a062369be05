"""A form: fields with their meaning beside them, and errors where they belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from workbench.errors import WorkbenchError

from .base import Callbacks, Content, Element, JsonValue, describe_error, module_text, style_text

Values = dict[str, Any]


class Form(Element):
    """Fields, a sentence above them, and two buttons.

    Attributes
    ----------
    fields : list of dict
        ``{"key", "kind", "title", "help", "options", "required", "placeholder", "most", "fixed", "narrow", "first"}``; kind is
        ``text``, ``day`` (as ``2026-03-01``), ``area``, ``select``, ``combo`` (type to search, other texts are allowed), ``check``, ``checks``
        (several of the options) or ``secret`` (typed unseen; told to whom ``on_submit`` calls and kept nowhere). ``options`` are ``{"value", "title", "note"}``; ``most`` bounds characters or
        choices; a ``fixed`` field is shown and cannot be changed; a ``narrow`` area shares its row, a ``first`` field begins one.
    values : dict
        What the fields hold, by key: text, bool, or list of text.
    title, text, warning : str
        Heading, what it is about, and what to be careful about.
    submit : str
        Caption of the button that does it.
    confirm : str
        Text to be typed before the button works; empty for none.
    danger : bool
        Whether it cannot be undone.
    busy : bool
        While what was asked is being done.
    errors : dict
        What is wrong, by key; the key ``""`` is about the whole.
    shown : bool
        Whether the form is on screen.
    """

    _esm = module_text("form")
    _css = style_text("form")

    fields = traitlets.List(traitlets.Dict()).tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    warning = traitlets.Unicode("").tag(sync=True)
    submit = traitlets.Unicode("Save").tag(sync=True)
    confirm = traitlets.Unicode("").tag(sync=True)
    danger = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    errors = traitlets.Dict().tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._submit, self._cancel, self._change = Callbacks(), Callbacks(), Callbacks()
        super().__init__(**traits)
        self.layout.display = None if self.shown else "none"
        self.observe(
            lambda change: setattr(self.layout, "display", None if change["new"] else "none"), "shown"
        )
        self.handle("submit", self._submitted)
        self.handle("cancel", self._cancelled)
        self.handle("change", self._changed)

    def on_submit(self, callback: Callable[[Values], object]) -> Callable[[], None]:
        """Call back with the values when the person wants it done; returns the undo."""
        return self._submit.add(callback)

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person leaves the form; returns the undo."""
        return self._cancel.add(callback)

    def on_change(self, callback: Callable[[Values], object]) -> Callable[[], None]:
        """Call back with the values when a choice changed (not at each key typed); returns the undo."""
        return self._change.add(callback)

    def ask(self, *, fields: list[dict[str, Any]], values: Mapping[str, Any], **traits: object) -> None:
        """Show other fields; what is not named is as in a fresh form."""
        fresh: dict[str, object] = {"text": "", "warning": "", "confirm": "", "danger": False}
        with self.hold_sync():
            self.fields, self.values, self.errors, self.busy = fields, dict(values), {}, False
            for name, value in {**fresh, **traits}.items():
                setattr(self, name, value)
            self.shown = True

    def close_form(self) -> None:
        """Take the form off the screen."""
        self.shown = False

    def fail(self, error: BaseException) -> None:
        """Say what went wrong at the field that the error is about, else below the form."""
        words = describe_error(error)
        about = set(error.details) if isinstance(error, WorkbenchError) else set()
        key = next((one["key"] for one in self.fields if one["key"] in about), "")
        self.errors = {str(key): f"{words['title']} {words['next']}".strip()}

    def _submitted(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        if self.busy or not self.shown:
            return None
        self.values = self._read(content)
        given = {**self.values, **self._secrets(content)}
        missing = {
            str(one["key"]): "This is needed."
            for one in self.fields
            if one.get("required") and not given.get(one["key"])
        }
        if missing:
            self.errors = missing
            return None
        self.errors, self.busy = {}, True
        try:
            self._submit(given)
        except Exception as error:  # noqa: BLE001  every failure must reach the form
            self.fail(error)
        finally:
            self.busy = False
        return None

    def _cancelled(self, _content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.close_form()
        self._cancel()
        return None

    def _changed(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.values = self._read(content)
        self._change(dict(self.values))
        return None

    def _secrets(self, content: Content) -> dict[str, str]:
        """What was typed unseen; it never becomes a value, for values travel back and are kept."""
        told = content.get("values")
        keys = [str(one["key"]) for one in self.fields if one["kind"] == "secret" and not one.get("fixed")]
        return {key: str(told.get(key) or "") for key in keys} if isinstance(told, Mapping) else {}

    def _read(self, content: Content) -> Values:
        """The values of known fields that may be changed, in the type of their kind."""
        told = content.get("values")
        read: Values = dict(self.values)
        for one in self.fields:
            key, kind = one["key"], one["kind"]
            if one.get("fixed") or kind == "secret" or not isinstance(told, Mapping) or key not in told:
                continue
            value = told[key]
            if kind == "check":
                read[key] = bool(value)
            elif kind == "checks":
                known = {option["value"] for option in one["options"]}
                read[key] = [item for item in value if item in known] if isinstance(value, list) else []
            else:
                read[key] = str(value).strip()
        return read
