"""The limits of parts, checked one part at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.domain.limits import LIMITS
from workbench.domain.parts import MessagePart
from workbench.domain.times import check_time, since_1970


def check_parts(where: str, parts: Sequence[MessagePart]) -> None:
    """Check the parts of one message, as the reader knows it: ``message 'm7'``.

    Raises
    ------
    InputError
        A part was sent at a time that messages do not have.
    LimitError
        There are too many, or a text or an address is too long; the text names ``where``.
    """
    LIMITS["parts_per_message"].check(len(parts), where)
    for part in parts:
        for text in part.texts:
            for written in (text.text, text.translated_from or ""):
                LIMITS["text_characters"].check(len(written), where)
        if part.sender is not None:
            LIMITS["sender_characters"].check(len(part.sender), where)
        if part.sent_at is not None:
            check_time(where, "sent_at", since_1970(part.sent_at))
        if part.language is not None:
            LIMITS["language_characters"].check(len(part.language), where)
        for name, addresses in (("recipient", part.to), ("cc", part.cc), ("bcc", part.bcc)):
            of_list = "recipients" if name == "recipient" else name
            LIMITS[of_list].check(len(addresses), where)
            _check_each(f"{name}_characters", addresses, where)


def _check_each(limit: str, written: Iterable[str], where: str) -> None:
    for one in written:
        LIMITS[limit].check(len(one), where)
