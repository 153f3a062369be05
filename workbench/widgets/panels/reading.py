"""Reading one message: all of its text, what came before it, what is known of it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import ipywidgets as ipw

from workbench.domain import DatasetId, Message, Operations
from workbench.widgets.elements import SaveFile

_MOST_FILES = 8
_MAIL_MARK = "string:Has Signature"
"""A property that every mail brings."""


class Reader:
    """A message in full. Its text is hostile: everything is escaped, directions do not leak."""

    def __init__(self) -> None:
        self._page = ipw.HTML()
        self.close_button = ipw.Button(description="Close", tooltip="Close the message")
        self.close_button.add_class("wb-close")
        self.original = SaveFile(layout=ipw.Layout(display="none"))
        self.delete_button = ipw.Button(
            description="Delete original …",
            tooltip="Delete the mail that the message came as",
            layout=ipw.Layout(display="none"),
        )
        self._came_with: list[SaveFile] = []
        self.widget = ipw.HBox([self._page, self.close_button], layout=ipw.Layout(display="none"))
        self.widget.add_class("wb-reader")

    @property
    def shown(self) -> bool:
        """Whether a message is on screen."""
        return bool(self._page.value)

    @property
    def files(self) -> tuple[SaveFile, ...]:
        """Files on offer that came with the message."""
        return tuple(self._came_with)

    def on_close(self, callback: Callable[..., None]) -> None:
        """Call back when the person closes the message."""
        self.close_button.on_click(callback)

    def on_delete_original(self, callback: Callable[..., None]) -> None:
        """Call back when the person wants the mail deleted that the message came as."""
        self.delete_button.on_click(callback)

    def show(self, row: Mapping[str, Any], labels: Iterable[Mapping[str, Any]] = ()) -> None:
        """Show a message given as a row of ``AnnotationCard``, and its labels as those of ``MessageList``."""
        self._page.value = message_html(row, labels)
        self.widget.layout.display = None

    def offer_original(self, name: str, give: Callable[[], bytes] | None) -> None:
        """Offer the mail that the message came as, to save under ``name``; None = there is none."""
        self.original.layout.display = self.delete_button.layout.display = None if give else "none"
        if give is None:
            self.original.caption = ""
        else:
            self.original.on_save(give)
            self.original.name, self.original.caption = name, "Original mail (.eml)"
        self._arrange()

    def offer_files(self, files: Sequence[tuple[str, Callable[[], bytes]]]) -> None:
        """Offer files that came with the message, each as its name and what fetches it."""
        gone = self._came_with
        made = [SaveFile(name=name, caption=name) for name, _ in files]
        for button, (_, give) in zip(made, files, strict=True):
            button.on_save(give)
        self._came_with = made
        self._arrange()
        for button in gone:
            button.close()

    def _arrange(self) -> None:
        """Have on the page only what there is to press: a page of few widgets is a quick one."""
        mail = [self.original, self.delete_button] if self.original.caption else []
        self.widget.children = [self._page, *self._came_with, *mail, self.close_button]

    def hide(self) -> None:
        """Show nothing."""
        self.offer_original("", None)
        self.offer_files(())
        self.widget.layout.display = "none"
        self._page.value = ""


def original_mail(
    operations: Operations, dataset_id: DatasetId, message: Message
) -> tuple[str, Callable[[], bytes] | None]:
    """Name of the file and what fetches it, for a message whose source reads a bucket of mail; else None."""
    readers = {one.source_id for one in operations.sources() if one.bucket_id is not None}
    if message.source_id not in readers or _MAIL_MARK not in message.properties:
        return "", None
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else " " for c in message.subject)
    return f"{'-'.join(kept.split())[:60] or 'mail'}.eml", partial(
        operations.raw_mail, dataset_id, message.uid
    )


def stored_files(
    operations: Operations, dataset_id: DatasetId, message: Message
) -> list[tuple[str, Callable[[], bytes]]]:
    """Name and what fetches it, of the first attachments whose content is kept."""
    kept = [one for one in message.attachments if one.stored][:_MOST_FILES]
    return [
        (one.name, partial(operations.attachment_content, dataset_id, message.uid, one.position))
        for one in kept
    ]


def message_html(row: Mapping[str, Any], labels: Iterable[Mapping[str, Any]] = ()) -> str:
    """The message as HTML; no text in it can become markup."""
    to = f" to {_text(', '.join(row['recipients']))}" if row["recipients"] else ""
    chips = "".join(map(_chip, labels))
    earlier = "".join(
        f"<blockquote><b>{_text(one['sender'] or 'Unknown sender')}</b> {_text(one['at'])}"
        f'<div class="wb-text" dir="auto">{_text(one["body"])}</div></blockquote>'
        for one in row["thread"]
    )
    n = len(row["thread"])
    before = f"{n} earlier message{'s' if n > 1 else ''}"
    facts = "".join(f"<span>{_text(name)}</span><b>{_text(value)}</b>" for name, value in row["meta"])
    return (
        f'<article tabindex="0" aria-label="Message"><h4 dir="auto">{_text(row["subject"] or "No subject")}</h4>'
        f'<p class="wb-status"><b>{_text(row["sender"] or "Unknown sender")}</b>{to} · {_text(row["at"])}</p>'
        f'<p class="wb-chips">{chips}</p>'
        + (f"<details><summary>{before}</summary>{earlier}</details>" if n else "")
        + f'<div class="wb-text" dir="auto">{_underlined(row["body"], row["phrases"])}</div>'
        + (
            f'<div class="wb-text wb-quiet" dir="auto">{_text(row["signature"])}</div>'
            if row["signature"]
            else ""
        )
        + _translated(row.get("translation"))
        + (
            "<details><summary>Whole text, with what was cut off</summary>"
            f'<div class="wb-text wb-quiet" dir="auto">{_text(row["whole"])}</div></details>'
            if row.get("whole")
            else ""
        )
        + (f'<div class="wb-facts">{facts}</div>' if facts else "")
        + "</article>"
    )


def _translated(made: Mapping[str, str] | None) -> str:
    if made is None:
        return ""
    return (
        f"<details open><summary>{_text(made['title'])}</summary>"
        f'<p class="wb-status">by {_text(made["by"])}, for reading only: labels are given to the original</p>'
        f'<div class="wb-text" dir="auto"><b>{_text(made["subject"])}</b>\n{_text(made["body"])}</div></details>'
    )


def _chip(label: Mapping[str, Any]) -> str:
    sure = "" if label["state"] == "assigned" else f" {label['probability']:.0%}"
    return (
        f'<span class="wb-chip wb-chip-{_text(label["state"])}" style="--c:{_text(label["colour"])}">'
        f"{_text(label['path'])}{sure}</span>"
    )


def _underlined(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    cuts = [0, *(cut for span in ranges for cut in span), len(text)]
    pieces = [_text(text[start:end]) for start, end in pairwise(cuts)]
    return "".join(f"<u>{piece}</u>" if place % 2 else piece for place, piece in enumerate(pieces))


def _text(value: object) -> str:
    return html.escape(str(value))
