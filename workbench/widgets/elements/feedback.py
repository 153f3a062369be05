"""What tells a person how things stand: running work, and news that must not be missed."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, describe_error, module_text, style_text


class JobProgress(Element):
    """One long operation.

    Attributes
    ----------
    kind : str
        What runs, for instance ``"Embed 6,000 messages"``.
    stage : str
        What it does now.
    state : str
        ``queued``, ``running``, ``done``, ``failed``, ``cancelled`` or ``interrupted``.
    done, total : float
        Progress in `unit`; ``total`` 0 means not known (the bar moves without saying how far).
    unit : str
        Noun of the count, for instance ``"messages"``.
    eta_s : float
        Seconds until the estimated end; -1 when not known.
    log : list of str
        Lines of the log, oldest first; the last 500 are shown.
    error, next_step : str
        What went wrong and what to do, for `state` ``failed`` and ``interrupted``.
    cancellable, resumable : bool
        Whether the buttons 'Cancel' and 'Resume' are offered.
    """

    _esm = module_text("job_progress")
    _css = style_text("feedback")

    kind = traitlets.Unicode("").tag(sync=True)
    stage = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Enum(
        ("queued", "running", "done", "failed", "cancelled", "interrupted"), default_value="queued"
    ).tag(sync=True)
    done = traitlets.Float(0.0).tag(sync=True)
    total = traitlets.Float(0.0).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    eta_s = traitlets.Float(-1.0).tag(sync=True)
    log = traitlets.List(traitlets.Unicode()).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    next_step = traitlets.Unicode("").tag(sync=True)
    cancellable = traitlets.Bool(True).tag(sync=True)
    resumable = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._cancel = Callbacks()
        self._resume = Callbacks()
        self._dismiss = Callbacks()
        super().__init__(**traits)
        self.handle("cancel", lambda _content, _buffers: _run(self._cancel))
        self.handle("resume", lambda _content, _buffers: _run(self._resume))
        self.handle("dismiss", lambda _content, _buffers: _run(self._dismiss))

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person cancels; returns the undo."""
        return self._cancel.add(callback)

    def on_resume(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person resumes an interrupted or failed job; returns the undo."""
        return self._resume.add(callback)

    def on_dismiss(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person puts a job away that has ended; returns the undo."""
        return self._dismiss.add(callback)


class Notice(Element):
    """A banner.

    Attributes
    ----------
    level : str
        ``error``, ``warning``, ``info`` or ``success``.
    title, text, next_step : str
        What happened, more about it, and what to do. The banner is hidden while `title` is empty.
    action : str
        Caption of a button; empty for none.
    dismissible : bool
        Whether the person can close it; closing empties `title`.
    """

    _esm = module_text("notice")
    _css = style_text("feedback")

    level = traitlets.Enum(("error", "warning", "info", "success"), default_value="info").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    next_step = traitlets.Unicode("").tag(sync=True)
    action = traitlets.Unicode("").tag(sync=True)
    dismissible = traitlets.Bool(True).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._dismiss = Callbacks()
        self._action = Callbacks()
        super().__init__(**traits)
        self.handle("dismiss", self._dismissed)
        self.handle("action", lambda _content, _buffers: _run(self._action))

    def show_error(self, error: BaseException) -> None:
        """Show a failure in the words of its class."""
        words = describe_error(error)
        with self.hold_sync():
            self.level, self.text = "error", ""
            self.title, self.next_step = str(words["title"]), str(words["next"])

    def clear(self) -> None:
        """Hide the banner."""
        with self.hold_sync():
            self.title = self.text = self.next_step = ""

    def on_dismiss(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the person closes the banner; returns the undo."""
        return self._dismiss.add(callback)

    def on_action(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back when the button of the banner is pressed; returns the undo."""
        return self._action.add(callback)

    def _dismissed(self, _content: Content, _buffers: list[memoryview]) -> JsonValue:
        self.clear()
        self._dismiss()
        return None


def _run(callbacks: Callbacks) -> JsonValue:
    callbacks()
    return None
