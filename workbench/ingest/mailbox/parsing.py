"""One raw mail to its parts: who, when, what was written now, what was quoted, what came with it."""

from __future__ import annotations

from datetime import datetime

from workbench.domain.mail import MailMessage, RawMail
from workbench.errors import InputError
from workbench.ingest.mail import MailContext, clean_mail
from workbench.ingest.mail_quotes import count_earlier
from workbench.ingest.mailbox.addresses import Address, read_addresses
from workbench.ingest.mailbox.bodies import Reading, attachments, body_text, say_wrappers
from workbench.ingest.mailbox.dates import read_date, usable
from workbench.ingest.mailbox.derived import derived_properties
from workbench.ingest.mailbox.headers import Headers
from workbench.ingest.mailbox.identity import bare_ids, bare_subject, is_forward, made_up_id, message_id_of
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.mime import read_parts
from workbench.ingest.mailbox.words import without_reordering

_SINGLE = ("from", "date", "subject", "message-id")


def parse(raw: RawMail, *, limits: MailLimits = DEFAULT_LIMITS) -> MailMessage:
    r"""Read one mail.

    Work and memory grow with the size of the mail and no faster. Damage never fails: it is repaired or left
    out, and ``problems`` of the result says so. Nothing is unpacked, fetched or run.

    Parameters
    ----------
    raw
        The mail as received.
    limits
        How much of it is read.

    Raises
    ------
    InputError
        The mail is empty, or larger than ``limits.mail_bytes``.

    Examples
    --------
    >>> from workbench.domain.mail import RawMail
    >>> mail = parse(RawMail(content=b"From: Kim <kim@shop.example>\n\nHello\n-- \nKim", mailbox="care"))
    >>> mail.sender, mail.body, mail.signature
    ('kim@shop.example', 'Hello', '--\nKim')
    """
    content = _checked(raw, limits)
    reading = Reading(content=content, limits=limits)
    root = read_parts(content, limits, reading.problems)
    headers = root.headers
    _say_duplicates(headers, reading)
    subject = _cut(" ".join(headers.text("subject").split()), "subject", reading)
    internet_id = _internet_id(headers, reading)
    senders = _people(headers, "from", reading) or _people(headers, "sender", reading)
    if not senders:
        reading.say("it names no sender")
    to, cc, bcc = (_people(headers, name, reading) for name in ("to", "cc", "bcc"))
    text = body_text(reading, root).strip("\n")
    without = text.replace("\u202d", "").replace("\u202e", "")
    if len(without) < len(text):
        text = without
        reading.say("characters that reverse the reading direction were removed from its text")
    if not text.strip():
        reading.say("it has no text")
        text = ""
    say_wrappers(reading, root, text)
    references = _references(headers, internet_id, reading)
    author = senders[0].name if senders else ""
    clean = clean_mail(text, context=mail_context(author=author, subject=subject, references=references))
    signature = _cut(clean.signature, "signature", reading)
    sender = senders[0].address if senders else None
    sent_at = _sent_at(headers, raw.received_at, reading)
    if internet_id:
        message_id = message_id_of(internet_id)
    else:
        reading.say("it has no Message-ID; one was made from its sender, date, subject and text")
        message_id = made_up_id(sender=sender, sent_at=sent_at, subject=subject, text=text)
    files = attachments(reading, root)
    return MailMessage(
        message_id=message_id,
        subject=subject,
        body=_cut(clean.body, "body", reading),
        signature=signature,
        full_text=_cut(text, "text", reading),
        sender=sender,
        sender_name=author,
        to=_plain(to),
        cc=_plain(cc),
        bcc=_plain(bcc),
        sent_at=sent_at,
        references=references,
        attachments=files,
        properties=derived_properties(
            raw,
            internet_id=internet_id,
            sender=senders[0] if senders else None,
            recipients=[*to, *cc, *bcc],
            has_signature=bool(signature),
            n_messages=1 + count_earlier(clean.quoted),
            headers=headers,
            has_attachments=any(not one.inline for one in files),
        ),
        problems=tuple(dict.fromkeys(reading.problems)),
    )


def mail_context(*, author: str, subject: str, references: tuple[str, ...]) -> MailContext:
    """What the header of a mail says that helps to read its text."""
    return MailContext(
        author=author,
        answers=bool(references) or bare_subject(subject)[1],
        forwarded=is_forward(subject),
        keep_forwarded=True,
    )


def _checked(raw: RawMail, limits: MailLimits) -> bytes:
    size = len(raw.content)
    where = f"in {raw.mailbox!r}" + (f", {raw.remote_id!r}" if raw.remote_id else "")
    if size > limits.mail_bytes:
        raise InputError(
            f"a mail {where} has {size:,} bytes; at most {limits.mail_bytes:,} are read.",
            next_step="Leave it out, or raise the limit mail_bytes.",
            details={"n_bytes": size, "max_bytes": limits.mail_bytes, "mailbox": raw.mailbox},
        )
    content = raw.content
    if not content.strip(b"\0\r\n\t "):
        raise InputError(
            f"a mail {where} is empty.", next_step="Leave it out.", details={"mailbox": raw.mailbox}
        )
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def _say_duplicates(headers: Headers, reading: Reading) -> None:
    for name in _SINGLE:
        if len(set(headers.values.get(name, ()))) > 1:
            reading.say(f"it has several {name.title()} headers; the first was used")


def _people(headers: Headers, name: str, reading: Reading) -> list[Address]:
    raw = b",".join(headers.values.get(name, [])[: 1 if name in ("from", "sender") else None])
    if not raw:
        return []
    found, more = read_addresses(raw, limit=reading.limits.addresses)
    if more:
        reading.say(
            f"it has more than {reading.limits.addresses:,} addresses in {name.title()}; the rest was left out"
        )
    return found


def _plain(people: list[Address]) -> tuple[str, ...]:
    return tuple(person.address for person in people)


def _internet_id(headers: Headers, reading: Reading) -> str:
    found = bare_ids(without_reordering(headers.text("message-id")))
    if not found and headers.raw("message-id").strip():
        reading.say("its Message-ID cannot be read")
    return found[0] if found else ""


def _references(headers: Headers, internet_id: str, reading: Reading) -> tuple[str, ...]:
    found = dict.fromkeys(bare_ids(headers.text("references")))
    answered = bare_ids(headers.text("in-reply-to"))[:1]
    if answered:  # the parent stands last
        found.pop(answered[0], None)
        found[answered[0]] = None
    found.pop(internet_id, None)
    ids, limit = list(found), reading.limits.references
    if len(ids) > limit:
        reading.say(f"it refers to more than {limit:,} mails; those in the middle were left out")
        first = limit // 2
        ids = ids[:first] + ids[first - limit :]
    return tuple(ids)


def _sent_at(headers: Headers, received_at: datetime | None, reading: Reading) -> datetime | None:
    text = headers.text("date")
    when = read_date(text)
    if when is not None:
        return when
    reading.say("its Date cannot be read" if text else "it has no Date")
    return usable(received_at) or read_date(headers.text("received").rpartition(";")[2])


def _cut(text: str, what: str, reading: Reading) -> str:
    limit = reading.limits.text_characters
    if len(text) <= limit:
        return text
    reading.say(f"its {what} is longer than {limit:,} characters; the rest was left out")
    return text[:limit].rstrip()
