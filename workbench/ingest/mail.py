"""What a mail's author wrote, without quoted history and signature.

Own rules over lines, each looked at a fixed number of times, so that hostile text costs no more than its
length. Nothing is lost: the three parts hold every line, and a message of which nothing would remain keeps
its full text as body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.ingest.mail_quotes import find_history
from workbench.ingest.mail_signature import find_signature, list_footer_start

LineKind = Literal["body", "signature", "quoted"]


@dataclass(frozen=True, kw_only=True)
class CleanText:
    """The parts of a message text, each stripped of outer blank lines; ``body`` is never blank unless all is.

    Attributes
    ----------
    body
        What was written now.
    signature
        From the closing phrase, the author's name or the ``--`` line on; with notices such as "Sent from my
        phone" and the footer of a mailing list.
    quoted
        Earlier messages, with the lines that introduce them.
    """

    body: str
    signature: str = ""
    quoted: str = ""


@dataclass(frozen=True, kw_only=True)
class MailContext:
    """What the header says that helps to read the text; the defaults suit a text without a header.

    Attributes
    ----------
    author
        Name of the sender as displayed; a last line that holds it is the signature.
    answers
        False when the mail answers no other: ``>`` then begins a line of the author, unless introduced.
    forwarded
        The subject says ``Fwd:``: a copied header begins a forwarded mail.
    keep_forwarded
        A forwarded mail stays in the body, with the header lines that tell where it came from; only what it
        quotes itself is history.
    """

    author: str = ""
    answers: bool = True
    forwarded: bool = False
    keep_forwarded: bool = False


NO_CONTEXT = MailContext()


def clean_mail(text: str, *, context: MailContext = NO_CONTEXT) -> CleanText:
    r"""Split one message text.

    Parameters
    ----------
    text
        Sanitised text, lines ending in ``\\n``.
    context
        What is known from the header.

    Returns
    -------
    CleanText
        ``body`` equals ``text`` exactly when nothing was cut off.
    """
    if "\n" not in text:
        return CleanText(body=text)
    lines = text.split("\n")
    kinds = line_kinds(lines, context=context)
    if "signature" not in kinds and "quoted" not in kinds:
        return CleanText(body=text)
    parts: dict[LineKind, list[str]] = {"body": [], "signature": [], "quoted": []}
    for line, kind in zip(lines, kinds, strict=True):
        parts[kind].append(line)
    return CleanText(
        body=_join(parts["body"]), signature=_join(parts["signature"]), quoted=_join(parts["quoted"])
    )


def line_kinds(lines: list[str], *, context: MailContext = NO_CONTEXT) -> list[LineKind]:
    """For each line what it is; at least one written line is ``body`` unless all are blank."""
    end = list_footer_start(lines)
    marked, forward = find_history(
        lines[:end],
        keep_forwarded=context.keep_forwarded,
        forwarded=context.forwarded,
        answers=context.answers,
    )
    kinds: list[LineKind] = ["quoted" if quoted else "body" for quoted in marked]
    own = [place for place in range(forward) if not marked[place]]
    if not any(lines[place].strip() for place in own) and (
        forward == end or not any(lines[place].strip() for place in range(forward, end) if not marked[place])
    ):
        return ["body"] * len(lines)
    signed = find_signature([lines[place] for place in own], author=context.author)
    if forward < end or any(
        lines[place].strip() and not sign for place, sign in zip(own, signed, strict=True)
    ):
        for place, sign in zip(own, signed, strict=True):
            if sign:
                kinds[place] = "signature"
    return kinds + ["signature"] * (len(lines) - end)


def _join(lines: list[str]) -> str:
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join(line.rstrip() for line in lines[first:last])
