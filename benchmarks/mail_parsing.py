"""Parse and clean 5,000 real raw mails, beside the parser of the standard library in the same run.

Input: the raw list mails of the real data folder (WORKBENCH_REAL_DATA, default ``../shared/data``), repeated up
to 5,000. Own: ``parse``, which decodes headers and bodies, cuts signature and history, keeps attachments. The
standard library is timed twice, with its ``default`` policy and with the older ``compat32``: parse, read five
headers, find and decode the body, decode attachments; no cleaning. The rounds alternate; medians are printed.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
import itertools
import statistics
import time
from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

from common import machine, peak_mib, real_data

from workbench.domain.mail import RawMail
from workbench.ingest.mailbox import parse, read_mailbox

N_MAILS = 5_000
ROUNDS = 3
HEADERS = ("from", "to", "subject", "date", "message-id")


def with_default_policy(raw: RawMail) -> None:
    message = email.message_from_bytes(raw.content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for name in HEADERS:
        str(message[name])
    body = message.get_body(("plain", "html"))
    if body is not None:
        decoded_text(body)
    for part in message.iter_attachments():
        part.get_payload(decode=True)


def with_compat32(raw: RawMail) -> None:
    message = email.message_from_bytes(raw.content)
    for name in HEADERS:
        str(make_header(decode_header(message[name] or "")))
    found = False
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_content_maintype() == "text" and not found:
            found = bool(decoded_text(part))
        else:
            part.get_payload(decode=True)


def decoded_text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace") if isinstance(raw, bytes) else ""
    except LookupError:
        return ""


def seconds(work: Callable[[RawMail], object], raws: list[RawMail]) -> float:
    start = time.process_time()
    for raw in raws:
        work(raw)
    return time.process_time() - start


def main() -> None:
    print(machine())
    paths = sorted((real_data() / "emails-apache-lists").glob("*.mbox.gz"))
    start = time.process_time()
    real = [raw for path in paths for raw in read_mailbox(path)]
    print(f"reading mbox.gz: {len(real) / (time.process_time() - start):,.0f} mails per core second")
    raws = list(itertools.islice(itertools.cycle(real), N_MAILS))
    n_bytes = sum(len(raw.content) for raw in raws)
    print(f"n={len(raws):,} mails ({len(real)} different), {n_bytes / 2**20:.0f} MiB, {ROUNDS} rounds")
    ways = {
        "parse (with cleaning)": parse,
        "email, default policy": with_default_policy,
        "email, compat32": with_compat32,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            times[name].append(seconds(work, raws))
    own = statistics.median(times["parse (with cleaning)"])
    for name, found in times.items():
        median = statistics.median(found)
        print(
            f"{name:24} {len(raws) / median:8,.0f} mails per core second "
            f"({min(found):.2f} to {max(found):.2f} s), {median / own:.1f} x the time of parse"
        )
    print(f"peak memory {peak_mib():.0f} MiB")


if __name__ == "__main__":
    main()
