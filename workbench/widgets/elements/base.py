"""What every element shares: its files, its messages, its colour theme.

An element is one Python class, one plain ES module and one stylesheet of the same name. The shared
JavaScript (`shared.js` and optional parts) is put in front of the element's own module text and the
shared tokens (`theme.css`) in front of its stylesheet, so nothing is fetched and nothing is built.

Messages between the two halves are JSON objects with a ``type``. A message with an ``id`` is a question:
the handler's return value travels back as ``{"type": "reply", "id": ..., "result": ...}`` and a failure as
``{"type": "reply", "id": ..., "error": {"title": ..., "next": ...}}``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import anywidget
import traitlets

from workbench.errors import WorkbenchError

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
"""Anything that JSON can carry."""

Content = dict[str, JsonValue]
"""One message from or to the browser."""

Handler = Callable[[Content, list[memoryview]], JsonValue]
"""Takes a message and its binary buffers; what it returns answers a question."""

_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)


@cache
def module_text(name: str, *parts: str) -> str:
    """Return the JavaScript of an element with the shared code in front.

    Parameters
    ----------
    name : str
        File name of the element's module without ``.js``.
    *parts : str
        Further shared files that the element uses, for instance ``"virtual"``.
    """
    files = ("shared", *parts, name)
    return "\n".join((_HERE / f"{file}.js").read_text(encoding="utf-8") for file in files)


@cache
def style_text(name: str, *parts: str) -> str:
    """Return the stylesheet of an element with the shared tokens in front."""
    files = ("theme", *parts, name)
    return "\n".join((_HERE / f"{file}.css").read_text(encoding="utf-8") for file in files)


def describe_error(error: BaseException) -> Content:
    """Word a failure for the place where the person looks.

    Errors of the workbench carry their own wording; anything else
    is logged in full and shown by its kind only, because a message of unknown origin may hold text of
    a customer or a path.

    Returns
    -------
    dict
        ``title`` and ``next``, both plain text; ``next`` is empty when nothing can be advised.
    """
    if isinstance(error, WorkbenchError):
        return {"title": error.message, "next": error.next_step}
    _log.error("element callback failed", exc_info=error)
    return {
        "title": f"Something went wrong ({type(error).__name__}).",
        "next": "Try again; the server log has the details.",
    }


class Callbacks:
    """An ordered set of functions to call; adding returns a function that removes."""

    def __init__(self) -> None:
        self._functions: list[Callable[..., object]] = []

    def __len__(self) -> int:
        return len(self._functions)

    def add(self, function: Callable[..., object]) -> Callable[[], None]:
        """Register a function and return the call that takes it off again."""
        self._functions.append(function)

        def remove() -> None:
            if function in self._functions:
                self._functions.remove(function)

        return remove

    def __call__(self, *arguments: object) -> list[object]:
        """Call all functions in the order of registration and return what they returned."""
        return [function(*arguments) for function in tuple(self._functions)]


class Element(anywidget.AnyWidget):
    """Base of all elements.

    Attributes
    ----------
    theme : str
        ``"auto"`` (follow the page), ``"light"`` or ``"dark"``.
    """

    theme = traitlets.Enum(("auto", "light", "dark"), default_value="auto").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._handlers: dict[str, Handler] = {}
        super().__init__(**traits)
        self.on_msg(self._dispatch)

    def handle(self, kind: str, handler: Handler) -> None:
        """Name the function that receives messages of one type; one function per type."""
        self._handlers[kind] = handler

    def emit(self, kind: str, content: Content | None = None, buffers: Sequence[bytes] = ()) -> None:
        """Send a message to every view of this element."""
        self.send({**(content or {}), "type": kind}, list(buffers))

    def _dispatch(self, _widget: object, content: Content, buffers: list[memoryview]) -> None:
        handler = self._handlers.get(str(content.get("type")))
        if handler is None:
            return
        question = content.get("id")
        try:
            result = handler(content, buffers)
        except Exception as error:  # noqa: BLE001  every failure of a callback must reach the screen
            self.emit(
                "failed" if question is None else "reply", {"id": question, "error": describe_error(error)}
            )
            return
        if question is not None:
            self.emit("reply", {"id": question, "result": result})
