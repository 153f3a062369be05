"""A form that asks one thing after the other, each with what its button does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from workbench.widgets.elements import Form

Action = Callable[[dict[str, Any]], str]
"""Does what a form asks for and says that it is done; nothing said = it asked something else."""


class Ask(Protocol):
    """Shows a form whose button does ``action``; the rest is what ``Form.ask`` takes."""

    def __call__(self, action: Action, /, **form: Any) -> None:
        """Ask."""
        ...


class Questions:
    """What a form is for at the moment.

    Parameters
    ----------
    form
        Where it is asked; its ``on_submit`` is to call ``save``.
    done
        Called with what was said when something was done and the form is closed.
    """

    def __init__(self, form: Form, done: Callable[[str], None]) -> None:
        self._form, self._done = form, done
        self._action: Action | None = None

    def ask(self, action: Action, /, **form: Any) -> None:
        """Show a form whose button does ``action``."""
        self._action = action
        self._form.ask(**form)

    def save(self, values: dict[str, Any]) -> None:
        """Do what the form is for; its errors appear in it."""
        if self._action is None:
            return
        said = self._action(values)
        if said:
            self._form.close_form()
            self._done(said)
