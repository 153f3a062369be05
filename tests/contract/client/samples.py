"""Comments and mails for tests of the client."""

from __future__ import annotations

from typing import Any

MARKUP = {
    "children": [{"tag": "p", "children": ["I want ", {"tag": "b", "children": ["20 EUR"]}, " back ü"]}]
}


def comment(
    comment_id: str, text: str = "Where is parcel 4411?", *, day: int = 1, **more: Any
) -> dict[str, Any]:
    """A comment of one message."""
    return {
        "id": comment_id,
        "timestamp": f"2026-03-{day:02d}T09:15:00Z",
        "messages": [{"body": {"text": text}}],
        **more,
    }


def full_comment(comment_id: str) -> dict[str, Any]:
    """A comment with everything that a comment can have."""
    return {
        "id": comment_id,
        "thread_id": "thread 7/ü",
        "timestamp": "2026-03-05T09:15:00.250000Z",
        "messages": [
            {
                "subject": {"text": "Refund", "translated_from": "Erstattung"},
                "body": {
                    "text": "I want 20 EUR back ü\U0001f4e6",
                    "translated_from": "Ich will 20 EUR zurück",
                    "text_markup": MARKUP,
                    "translated_from_markup": {"children": []},
                },
                "signature": {"text": "Ann\nBuyer", "text_markup": [MARKUP, 1.5, None, True]},
                "from": "ann@buyer.example",
                "to": ["care@store.example", "Boss <boss@store.example>"],
                "cc": ["cc@store.example"],
                "bcc": ["bcc@store.example"],
                "sent_at": "2026-03-05T09:14:58Z",
                "language": "en",
            },
            {"body": {"text": ""}, "from": "care@store.example"},
        ],
        "user_properties": {
            "string:Team": "West",
            "number:NPS": 2.0,
            "number:Share": 0.25,
            "string:a:b": "ü",
        },
    }


def line(comment_id: str, text: str = "Where is parcel 4411?", **said: Any) -> dict[str, Any]:
    """A line of a file of comments."""
    day = said.pop("day", 1)
    more = said.pop("more", {})
    return {"comment": comment(comment_id, text, day=day, **more), **said}


def label(name: str, sentiment: str = "positive") -> dict[str, str]:
    """A label that somebody assigns or dismisses."""
    return {"name": name, "sentiment": sentiment}


def group(*assigned: str, dismissed: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What is said of the labels of the one group."""
    told: dict[str, Any] = {"group": "default", "assigned": [label(one) for one in assigned]}
    if dismissed:
        told["dismissed"] = [label(one) for one in dismissed]
    return [told]


def mail(number: int, *, subject: str = "Refund") -> bytes:
    """A mail as it is received."""
    return (
        f"From: ann@buyer.example\r\nTo: care@store.example\r\nDate: Thu, 05 Mar 2026 09:{number:02d}:00 +0000\r\n"
        f"Message-ID: <m{number}@store.example>\r\nSubject: {subject} {number}\r\n\r\nI want my money back.\r\n"
    ).encode()


def email(number: int) -> dict[str, Any]:
    """A line of a file of mails."""
    return {
        "id": f"<m{number}@store.example>",
        "mailbox": "care@store.example",
        "timestamp": f"2026-03-05T09:{number:02d}:00Z",
        "mime_content": mail(number).decode(),
        "attachments": [],
    }
