"""Which parts of a mail are its text, and which its attachments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from workbench.domain.mail import MailAttachment
from workbench.ingest.mailbox.charsets import decode_text
from workbench.ingest.mailbox.flowed import unflow
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.mailbox.mime import Part
from workbench.ingest.mailbox.page import page_to_text
from workbench.ingest.mailbox.transfer import decode_transfer, decoded_bytes_bound
from workbench.ingest.mailbox.words import decode_words, split_parameters, without_reordering
from workbench.ingest.text import sanitise

_TEXT_FACTOR = 16
"""Text is cleaned before it is cut, so up to this many times the limit is looked at."""
_BODY_TYPES = frozenset(["text/plain", "text/html", "text/enriched", "text/markdown", "text/x-amp-html"])
_PAGES = ("text/html", "text/x-amp-html")
_NAME_CHARACTERS = 256
_SHORT = 200
_STUB_SHARE = 20
_MAILS = ("message/rfc822", "message/global")
_EXTENSIONS = {
    "text/calendar": "invitation.ics", "message/rfc822": "message.eml", "message/global": "message.eml",
    "application/ms-tnef": "winmail.dat", "application/pkcs7-mime": "smime.p7m", "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s", "message/delivery-status": "delivery-status.txt",
}  # fmt: skip


@dataclass
class Reading:
    """A mail while its parts are read.

    Attributes
    ----------
    used
        Encoded bytes of parts read so far, as an upper bound of their decoded size.
    problems
        What a person should know, each said once.
    """

    content: bytes
    limits: MailLimits
    problems: list[str] = field(default_factory=list)
    used: int = 0
    texts: dict[int, str] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Note a problem."""
        if text not in self.problems:
            self.problems.append(text)

    def decoded(self, part: Part) -> bytes | None:
        """The content of a leaf; None, and a problem, when it would pass the limit of all parts together."""
        if part.undivided or part.content_type in _MAILS:
            encoding = part.encoding if part.content_type in _MAILS else ""
        else:
            encoding = part.encoding
        bound = decoded_bytes_bound(part.end - part.start, encoding)
        if self.used + bound > self.limits.decoded_bytes:
            self.say(
                f"its parts are larger than {self.limits.decoded_bytes:,} bytes together; the last ones were left out"
            )
            return None
        self.used += bound
        return decode_transfer(self.content[part.start : part.end], encoding, self.problems)

    def text(self, part: Part) -> str:
        """The text of a text part, decoded once."""
        key = id(part)
        if key not in self.texts:
            self.texts[key] = self._text(part)
        return self.texts[key]

    def _text(self, part: Part) -> str:
        raw = self.decoded(part)
        if not raw:
            return ""
        limit = self.limits.text_characters * _TEXT_FACTOR
        is_page = part.content_type in _PAGES
        most = self.limits.html_bytes if is_page else limit * 4
        if len(raw) > most:
            raw = raw[:most]
            what = "HTML text" if is_page else "text"
            self.say(f"its {what} is longer than {most:,} bytes; the rest was left out")
        charset = part.parameters.get("charset", "")
        text = decode_text(raw, charset, self.problems)
        if is_page:
            return page_to_text(sanitise(text), max_characters=limit)
        text = sanitise(text[:limit])
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        return text


def leaves(root: Part) -> list[Part]:
    """Parts without parts, in order; a mail within a mail counts as one."""
    found: list[Part] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if part.content_type in _MAILS or not part.children:
            found.append(part)
        else:
            stack.extend(reversed(part.children))
    return found


def is_body(part: Part) -> bool:
    """Whether a leaf is text of the mail itself, not a file."""
    if part.undivided or part.content_type not in _BODY_TYPES:
        return part.undivided and part.depth == 0
    disposition, more = split_parameters(part.headers.raw("content-disposition"))
    if disposition == "attachment" and part.depth:
        return False
    return not (more.get("filename") or part.parameters.get("name")) or not part.depth


def body_text(reading: Reading, root: Part) -> str:
    """The best text of the mail; of a mail without any, that of its invitation or of the mail within it."""
    blocks = [text for part in _chosen(reading, root) if (text := reading.text(part)).strip()]
    if blocks:
        return "\n".join(block.strip("\n") for block in blocks)
    for part in leaves(root):
        if part.content_type == "text/calendar":
            return _invitation(reading.text(part))
        if part.content_type in _MAILS and part.children:
            inner = part.children[0]
            within = [text for leaf in _chosen(reading, inner) if (text := reading.text(leaf)).strip()]
            if within:
                return "\n".join([*_copied_header(inner), "", *within])
    return ""


def _chosen(reading: Reading, part: Part) -> list[Part]:
    """Text leaves to be read, in order. Recursion is as deep as parts are nested, which is bounded."""
    kind = part.content_type
    if not part.children or kind in _MAILS:
        return [part] if is_body(part) else []
    if kind == "multipart/alternative":
        return _alternative(reading, part)
    if kind == "multipart/signed":
        return _chosen(reading, part.children[0])
    if kind == "multipart/encrypted":
        return []
    if kind == "multipart/related":
        wanted = part.parameters.get("start", "")
        named = [c for c in part.children if wanted and c.headers.text("content-id") == wanted]
        return _chosen(reading, (named or part.children)[0])
    return [leaf for child in part.children for leaf in _chosen(reading, child)]


def _alternative(reading: Reading, part: Part) -> list[Part]:
    plain: list[Part] = []
    pages: list[Part] = []
    for child in part.children:
        found = _chosen(reading, child)
        if found and all(leaf.content_type not in _PAGES for leaf in found):
            plain = plain or found
        elif found:
            pages = found
    if not plain or not pages:
        return plain or pages
    text = "".join(map(reading.text, plain)).strip()
    if len(text) < _SHORT:  # "your program cannot show this mail"
        page = "".join(map(reading.text, pages)).strip()
        if not text or len(page) > _STUB_SHARE * len(text):
            return pages
    return plain


def _copied_header(part: Part) -> list[str]:
    names = {"from": "From", "date": "Date", "to": "To", "subject": "Subject"}
    texts = {shown: sanitise(part.headers.text(name)) for name, shown in names.items()}
    return ["-----Forwarded message-----", *(f"{name}: {text}" for name, text in texts.items() if text)]


def _invitation(text: str) -> str:
    found: dict[str, str] = {}
    for line in text.replace("\n ", "").replace("\n\t", "").split("\n"):
        name, colon, value = line.partition(":")
        name = name.partition(";")[0].upper()
        if colon and name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
            value = value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";")
            found.setdefault(name, value.replace("\\\\", "\\").strip())
    return "\n".join(found[name] for name in ("SUMMARY", "LOCATION", "DESCRIPTION") if found.get(name))


def attachments(reading: Reading, root: Part) -> tuple[MailAttachment, ...]:
    """Every part that is not text of the mail, with its content as it is: nothing is unpacked."""
    found: list[MailAttachment] = []
    for part in leaves(root):
        if is_body(part):
            continue
        if len(found) >= reading.limits.attachments:
            reading.say(
                f"it has more than {reading.limits.attachments:,} attachments; the later ones were left out"
            )
            break
        raw = reading.decoded(part)
        if raw is None:
            break
        disposition, more = split_parameters(part.headers.raw("content-disposition"))
        found.append(
            MailAttachment(
                name=_name(part, more, len(found) + 1),
                content_type=sanitise(part.content_type),
                content=raw,
                content_hash=hashlib.sha256(raw).hexdigest(),
                inline=disposition == "inline" or (not disposition and bool(part.headers.raw("content-id"))),
            )
        )
    return tuple(found)


def _name(part: Part, disposition: dict[str, str], number: int) -> str:
    name = disposition.get("filename") or part.parameters.get("name") or ""
    if "=?" in name:
        name = decode_words(name)
    name = without_reordering(sanitise(name)).replace("\n", " ").replace("\\", "/").rpartition("/")[2].strip()
    if name in ("", ".", ".."):
        name = _EXTENSIONS.get(part.content_type, f"part-{number}")
    if len(name) > _NAME_CHARACTERS:
        stem, dot, extension = name.rpartition(".")
        keep = _NAME_CHARACTERS - len(extension) - 2
        name = (
            f"{stem[:keep]}…{dot}{extension}"
            if stem and keep > _NAME_CHARACTERS // 2
            else name[:_NAME_CHARACTERS]
        )
    return name


def say_wrappers(reading: Reading, root: Part, text: str) -> None:
    """Say what stands around or beside the text: signatures, encryption, invitations, ``winmail.dat``."""
    kinds: set[str] = set()
    stack = [root]
    while stack:
        part = stack.pop()
        kinds.add(part.content_type)
        if part.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            kinds.add(f"smime:{part.parameters.get('smime-type', '').lower()}")
        if part.content_type not in _MAILS:
            stack.extend(part.children)
    if "multipart/encrypted" in kinds or "-----BEGIN PGP MESSAGE-----" in text:
        reading.say("it is encrypted with PGP; its text could not be read")
    if {"application/pkcs7-mime", "application/x-pkcs7-mime"} & kinds:
        signed = "smime:signed-data" in kinds
        what = "is wrapped in an S/MIME signature" if signed else "is encrypted with S/MIME"
        reading.say(f"it {what}; its text could not be read")
    if "multipart/signed" in kinds or "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        reading.say("it carries a digital signature, which was not checked")
    if "text/calendar" in kinds:
        reading.say("it carries a calendar invitation, kept as an attachment")
    if "application/ms-tnef" in kinds:
        reading.say("it carries winmail.dat (TNEF), kept as an attachment and not opened")
