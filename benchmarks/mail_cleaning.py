"""How well and how fast quoted history is cut from real mails.

Input: the raw list mails of the real data folder (WORKBENCH_REAL_DATA, default ``../shared/data``). Prints n,
the machine, the share of mails with lines that still begin with ``>`` (with a 95 % Wilson interval), how
many had any before, what is cut, and the speed beside the cheapest possible rule: dropping ``>`` lines.
"""

from __future__ import annotations

import email
import email.policy
import gzip
import math
import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from workbench.ingest import clean_mail

DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
REPEATS = 5


def mails() -> list[str]:
    texts = []
    for path in sorted((DATA / "emails-apache-lists").glob("*.mbox.gz")):
        raw = gzip.decompress(path.read_bytes())
        for part in re.split(rb"(?m)^From (?=\S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} )", raw):
            message = email.message_from_bytes(part.split(b"\n", 1)[-1], policy=email.policy.default)
            text = plain_text(message) if isinstance(message, EmailMessage) else ""
            if text.strip():
                texts.append(text.replace("\r\n", "\n"))
    return texts


def plain_text(message: EmailMessage) -> str:
    try:
        body = message.get_body(("plain",))
        return "" if body is None else str(body.get_content())
    except (LookupError, UnicodeError, KeyError, AttributeError):
        return ""


def has_quotes(text: str) -> bool:
    return any(line.lstrip().startswith(">") for line in text.split("\n"))


def wilson(hits: int, n: int) -> tuple[float, float]:
    z = 1.96
    centre = (hits + z * z / 2) / (n + z * z)
    half = z * math.sqrt(hits * (n - hits) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), centre + half


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
    if not DATA.is_dir():
        print(f"no real data at {DATA}; set WORKBENCH_REAL_DATA")
        return
    texts = mails()
    cleaned = [clean_mail(text) for text in texts]
    n = len(texts)
    before = sum(map(has_quotes, texts))
    left = sum(has_quotes(part.body) for part in cleaned)
    low, high = wilson(left, n)
    wrote = sum("wrote:" in part.body for part in cleaned)
    kept = sum(len(part.body) for part in cleaned) / sum(map(len, texts))
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"mails: n={n}; with '>' lines before: {before} ({before / n:.1%})")
    print(f"with '>' lines after: {left} ({left / n:.2%}, 95% interval {low:.2%} to {high:.2%})")
    print(f"with 'wrote:' after: {wrote} ({wrote / n:.2%})")
    print(f"with a signature found: {sum(bool(part.signature) for part in cleaned)} ({n} mails)")
    print(
        f"nothing of the author's found, full text kept: {sum(p.body == t for p, t in zip(cleaned, texts, strict=True) if has_quotes(t))}"
    )
    print(f"characters kept as body: {kept:.1%}")
    own, peer = seconds(clean_mail, texts), seconds(drop_marked, texts)
    print(
        f"speed: {n / own:,.0f} mails per core second; {own / peer:.1f} x the time of dropping '>' lines alone"
    )


if __name__ == "__main__":
    main()
