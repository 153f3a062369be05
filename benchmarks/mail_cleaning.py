"""How well signatures, quoted history and threads are found in real mails, against marks made by hand.

Input: the raw list mails of the real data folder (WORKBENCH_REAL_DATA, default ``../shared/data``) and
``mail_marks.json``: 160 of them, drawn by hash and read one by one; marked is every line of a signature
(closing phrase, name, notices, list footer) and of quoted history (with the lines that introduce it). The rules
were improved on the first 100, for which it is also marked which mails are one conversation. The other 60
were marked when the rules stood; one rule was added after (a footnote may go on in the next line).

What the marks cannot show: one reader made them, and about a third of the mails are notices of programs. Of
runs of ``>`` lines only the ends were read, and of long own texts (stack traces, patches) the middle was not;
there ``>`` counts as quoted and the rest as body. Conversations were judged from subject, sender and time of
all mails that share a thread or a bare subject, so a link that neither suggests would be missed. Prints precision and recall per written line and per pair of mails with 95 % Wilson
intervals, in how many mails every line is right, and the speed of cleaning beside dropping ``>`` lines.

Lines of one mail and pairs of one conversation are not independent, so those intervals are too narrow; the
one over whole mails is not.
"""

from __future__ import annotations

import hashlib
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from common import machine, real_data

from workbench.domain.mail import MailMessage, RawMail
from workbench.ingest.mail import clean_mail, line_kinds
from workbench.ingest.mailbox import assign_threads, parse, read_mailbox
from workbench.ingest.mailbox.parsing import mail_context

MARKS = Path(__file__).parent / "mail_marks.json"
REPEATS = 5


def mails() -> list[tuple[RawMail, MailMessage]]:
    paths = sorted((real_data() / "emails-apache-lists").glob("*.mbox.gz"))
    return [(raw, parse(raw)) for path in paths for raw in read_mailbox(path)]


def short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def wilson(hits: int, n: int) -> tuple[float, float]:
    z = 1.96
    centre = (hits + z * z / 2) / (n + z * z)
    half = z * math.sqrt(hits * (n - hits) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)


def share(name: str, hits: int, n: int) -> str:
    low, high = wilson(hits, n) if n else (0.0, 1.0)
    return f"{name} {hits / max(n, 1):.2%} of {n:,} ({low:.2%} to {high:.2%})"


def true_kind(mark: dict[str, list[list[int]]], place: int) -> str:
    for kind in ("signature", "quoted"):
        if any(start <= place < end for start, end in mark[kind]):
            return kind
    return "body"


def report_lines(
    name: str, found: list[tuple[RawMail, MailMessage]], marks: list[dict[str, list[list[int]]]]
) -> None:
    by_hash = {short_hash(raw.content): (raw, mail) for raw, mail in found}
    counts: Counter[tuple[str, str]] = Counter()
    n_right = n_changed = 0
    for mark in marks:
        _, mail = by_hash[str(mark["mail"])]
        if short_hash(mail.full_text.encode()) != mark["text"]:
            n_changed += 1
            continue
        lines, place, right = mail.full_text.split("\n"), 0, True
        context = mail_context(author=mail.sender_name, subject=mail.subject, references=mail.references)
        for line, kind in zip(lines, line_kinds(lines, context=context), strict=True):
            if line.strip():
                truth = true_kind(mark, place)
                counts[truth, kind] += 1
                right = right and truth == kind
            place += len(line) + 1
        n_right += right
    n = len(marks) - n_changed
    print(f"{name}: n={n} mails; full text differs from the marked one: {n_changed}")
    for kind in ("signature", "quoted", "body"):
        hits = counts[kind, kind]
        n_found = sum(count for (_, given), count in counts.items() if given == kind)
        n_true = sum(count for (truth, _), count in counts.items() if truth == kind)
        print(f"{kind} lines: {share('precision', hits, n_found)}, {share('recall', hits, n_true)}")
    print(f"mails in which every line is right: {share('', n_right, n).strip()}")


def report_threads(
    found: list[tuple[RawMail, MailMessage]],
    marks: list[dict[str, list[list[int]]]],
    conversations: list[list[str]],
) -> None:
    threads = assign_threads([mail for _, mail in found])
    given = {short_hash(raw.content): threads.thread_of(mail.message_id) for raw, mail in found}
    truth = {name: number for number, names in enumerate(conversations) for name in names}
    counts: Counter[tuple[bool, bool]] = Counter()
    n_right = 0
    for mark in marks:
        one = str(mark["mail"])
        pairs = Counter(
            (truth[one] == truth.get(other), given[one] == given[other]) for other in given if other != one
        )
        counts += pairs
        n_right += not pairs[True, False] and not pairs[False, True]
    hits = counts[True, True]
    print(
        f"thread links: {share('precision', hits, hits + counts[False, True])}, {share('recall', hits, hits + counts[True, False])}"
    )
    print(f"mails with exactly their conversation: {share('', n_right, len(marks)).strip()}")


def report_leftovers(found: list[tuple[RawMail, MailMessage]]) -> None:
    answers = [mail for _, mail in found if mail.references]
    left = sum(any(line.startswith(">") for line in mail.body.split("\n")) for mail in answers)
    wrote = sum("wrote:" in mail.body for mail in answers)
    kept = sum(len(mail.body) for _, mail in found) / sum(len(mail.full_text) for _, mail in found)
    print(
        f"all mails: n={len(found)}, {len(answers)} answer another; of these with '>' lines left: {left}, with 'wrote:' left: {wrote}"
    )
    print(
        f"with a signature found: {sum(bool(mail.signature) for _, mail in found)}; characters kept as body: {kept:.1%}"
    )


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        for text in texts:
            work(text)
        times.append(time.process_time() - start)
    return statistics.median(times)


def drop_marked(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))


def main() -> None:
    print(machine())
    found = mails()
    stored = json.loads(MARKS.read_text("utf-8"))
    report_lines("marked, rules improved on them", found, stored["mails"])
    report_lines("marked, held out", found, stored["held_out"])
    report_threads(found, stored["mails"], stored["conversations"])
    report_leftovers(found)
    texts = [mail.full_text for _, mail in found]
    own, peer = seconds(clean_mail, texts), seconds(drop_marked, texts)
    print(
        f"cleaning: {len(texts) / own:,.0f} mails per core second; {own / peer:.1f} x the time of dropping '>' lines alone"
    )


if __name__ == "__main__":
    main()
