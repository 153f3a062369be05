"""What a mail's author wrote, without quoted history and signature.

Own rules over lines, each looked at a fixed number of times, so that hostile text costs no more than its
length. Nothing is lost: the three parts hold every line, and a message of which nothing would remain keeps
its full text as body.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.ingest.mail_quotes import find_quotes
from workbench.ingest.mail_signature import signature_start


@dataclass(frozen=True, kw_only=True)
class CleanText:
    """The parts of a message text, each stripped of outer blank lines; ``body`` is never blank unless all is.

    Attributes
    ----------
    body
        What was written now.
    signature
        From the closing phrase or ``--`` line on; with notices such as "Sent from my phone".
    quoted
        Earlier messages, with the lines that introduce them.
    """

    body: str
    signature: str = ""
    quoted: str = ""


def clean_mail(text: str) -> CleanText:
    r"""Split one message text.

    Parameters
    ----------
    text
        Sanitised text, lines ending in ``\\n``.

    Returns
    -------
    CleanText
        ``body`` equals ``text`` exactly when nothing was cut off.
    """
    if "\n" not in text:
        return CleanText(body=text)
    lines = text.split("\n")
    is_quoted = find_quotes(lines)
    own = [line for line, quoted in zip(lines, is_quoted, strict=True) if not quoted]
    if not any(map(str.strip, own)):
        return CleanText(body=text)
    start = signature_start(own)
    body = _join(own[:start])
    if not body:
        start, body = len(own), _join(own)
    if len(own) == len(lines) and start == len(lines):
        return CleanText(body=text)
    quoted = [line for line, quoted in zip(lines, is_quoted, strict=True) if quoted]
    return CleanText(body=body, signature=_join(own[start:]), quoted=_join(quoted))


def _join(lines: list[str]) -> str:
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join(line.rstrip() for line in lines[first:last])
