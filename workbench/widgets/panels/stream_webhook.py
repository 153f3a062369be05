"""The webhook of a stream: where it is sent to, how that goes, and what can be done about it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Stream, Webhook, WebhookSettings, WebhookStatus
from workbench.errors import WorkbenchError
from workbench.widgets.elements import ShownOnce
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.page import bar, empty, section
from workbench.widgets.panels.stream_part import StreamPart
from workbench.widgets.panels.stream_words import moment, read_moment
from workbench.widgets.panels.threshold_words import number

if TYPE_CHECKING:
    from workbench.widgets.panels.streams import StreamsPanel

_SECRET = "Requests are signed with it. It is shown this once: keep it where the target checks the signature."  # noqa: S105  words
_PAUSED = {"user": "Paused by somebody", "failures": "Paused: the target failed too often"}
_USUAL = {"batch_size": "100", "timeout_s": "10"}


class StreamWebhookView(StreamPart):
    """The webhook of a stream."""

    def __init__(self, panel: StreamsPanel, stream: Stream) -> None:
        super().__init__(panel, stream)
        self.hook: Webhook | None = None
        self.once = ShownOnce()
        self.set_button = _button("Set …", "Where the stream is sent to")
        self.test_button = _button("Test", "Send an event without messages")
        self.pause_button = _button("Pause", "Send nothing until somebody resumes it")
        self.delete_button = _button("Delete …", "Send no more, and forget the target with its secret")
        self.set_button.on_click(panel.guard(self.ask_settings))
        self.test_button.on_click(panel.aside(self.test_button, self.test, busy="Testing …"))
        self.pause_button.on_click(panel.guard(self.pause_or_resume))
        self.delete_button.on_click(panel.guard(self.ask_delete))
        self._controls = bar(self._back)
        title = f"Webhook of {self._title}"
        self.widget = section(title, self._controls, self.words, self.once)
        self.refresh()

    # ---- showing

    def _read_again(self) -> None:
        did, name = self._panel.dataset.dataset_id, self._stream.name
        try:
            status = self._panel.operations.stream_status(did, name)
            self.hook = self._panel.operations.webhook(did, name) if status.webhook else None
        except WorkbenchError as error:
            self.words.say(empty(error.message, error.next_step))
            return
        self._offer()
        if self.hook is None or status.webhook is None:
            self.words.say(
                empty(
                    "This stream is not sent anywhere: consumers fetch it.",
                    "Set an address to have its messages sent there, signed, in order and again until they are taken.",
                )
            )
        else:
            self.words.say(webhook_html(status.webhook), charts.stream_webhook(status, dataset_id=did))

    # ---- doing

    def ask_settings(self) -> None:
        """Ask where the stream is to be sent, and how."""
        panel, name, hook = self._panel, self._stream.name, self.hook

        def save(values: Mapping[str, Any]) -> str:
            settings = WebhookSettings(
                url=str(values["url"]).strip(),
                batch_size=int(number(dict(values), "batch_size") or 0),
                timeout_s=number(dict(values), "timeout_s") or 0.0,
            )
            made = panel.operations.set_webhook(
                panel.dataset.dataset_id, name, settings, _since(values), bool(values.get("new_secret"))
            )
            if made.secret:
                self.once.show(f"Secret of the webhook of {name}", _SECRET, [made.secret])
            return f"The stream {name!r} is sent to {settings.origin}."

        fields: list[dict[str, Any]] = [
            text_field("url", "Address", required=True, placeholder="https://host/path", most=2_048),
            text_field("batch_size", "Messages in one request, at most", required=True, narrow=True),
            text_field("timeout_s", "Seconds to answer", required=True, narrow=True),
        ]
        fields.append(
            {
                "key": "since",
                "kind": "day",
                "title": "Begin with what was stored from",
                "help": "Empty = go on where it is." if hook else "Empty = with what is stored next.",
            }
        )
        if hook:
            fields.append(
                {"key": "new_secret", "kind": "check", "title": "Make a new secret; the old one ends at once"}
            )
        panel.questions.ask(
            save,
            title=f"{'Change' if hook else 'Set'} the webhook of {self._stream.settings.title or name}",
            text="The target gets the messages of the stream, signed, in order, and again until it takes them. The webhook has a "
            "place of its own: who fetches the stream is not disturbed.",
            submit="Save",
            fields=fields,
            values=_USUAL | _values(hook),
        )

    def test(self) -> None:
        """Send an event without messages, and say how the target took it."""
        found = self._panel.operations.test_webhook(self._panel.dataset.dataset_id, self._stream.name)
        if found.ok:
            self._panel.tell(f"The target took the test event ({found.status}, {found.took_ms:.0f} ms).")
            return
        notice = self._panel.notice
        with notice.hold_sync():
            notice.level, notice.title = "error", "The target did not take the test event."
            notice.text, notice.next_step = found.error, "Look at the target, then test again."

    def pause_or_resume(self) -> None:
        """Pause a webhook that sends; resume one that does not."""
        did, name = self._panel.dataset.dataset_id, self._stream.name
        if self.hook and self.hook.status.paused:
            self._panel.operations.resume_webhook(did, name)
            said = "The webhook sends again."
        else:
            self._panel.operations.pause_webhook(did, name)
            said = "The webhook is paused."
        self.refresh()
        self._panel.tell(said)

    def ask_delete(self) -> None:
        """Ask whether the webhook may go."""
        panel, name = self._panel, self._stream.name

        def delete(_values: Mapping[str, Any]) -> str:
            panel.operations.delete_webhook(panel.dataset.dataset_id, name)
            self.once.clear()
            return "The webhook is gone. Consumers can still fetch the stream."

        panel.questions.ask(
            delete,
            title=f"Delete the webhook of {self._stream.settings.title or name}",
            text="Nothing is sent any more. The address, its place and its secret are forgotten; the stream stays.",
            submit="Delete webhook",
            danger=True,
            fields=[],
            values={},
        )

    # ---- inside

    def _offer(self) -> None:
        """What can be done now and would not be refused."""
        hook = self.hook
        self.set_button.description = "Change …" if hook else "Set …"
        self.pause_button.description = "Resume" if hook and hook.status.paused else "Pause"
        offered = {self.set_button: "set_webhook"}
        if hook:
            offered |= {
                self.test_button: "test_webhook",
                self.pause_button: "pause_webhook",
                self.delete_button: "delete_webhook",
            }
        self._controls.children = (
            self._back,
            *(one for one, operation in offered.items() if not self._panel.refusal(operation)),
        )


def webhook_html(status: WebhookStatus) -> str:
    """How sending goes; the address is hostile as every text."""
    state = _PAUSED.get(status.paused, "Trying again" if status.n_failures else "Sending")
    facts = {
        "Waiting": f"{status.n_waiting:,}"
        + (f", the oldest stored {moment(status.oldest_waiting)}" if status.oldest_waiting else ""),
        "Taken": f"{status.n_delivered:,} in all",
        "Last taken": moment(status.last_success) or "never",
        "Failed in a row": f"{status.n_failures:,}",
        "Last failed": moment(status.last_failure) or "never",
        "What went wrong": status.last_error,
        "Next try": moment(status.next_try),
    }
    rows = "".join(
        f"<span>{html.escape(name)}</span><b>{html.escape(text)}</b>" for name, text in facts.items() if text
    )
    return f'<p class="wb-headline" dir="auto"><b>{state}</b>: {html.escape(status.url)}</p><div class="wb-facts">{rows}</div>'


def _values(hook: Webhook | None) -> dict[str, Any]:
    if hook is None:
        return {}
    told = hook.settings
    return {"url": told.url, "batch_size": str(told.batch_size), "timeout_s": f"{told.timeout_s:g}"}


def _since(values: Mapping[str, Any]) -> datetime | None:
    """The day to begin with, None where none was chosen."""
    typed = str(values.get("since") or "")
    return read_moment(typed, "since") if typed else None


def _button(caption: str, tooltip: str) -> ipw.Button:
    return ipw.Button(description=caption, tooltip=tooltip)


__all__ = ["StreamWebhookView", "webhook_html"]
