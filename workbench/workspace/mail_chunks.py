"""How much mail is in memory at one time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.domain.mail import RawMail

CHUNK_BYTES = 8 * 1024 * 1024
CHUNK_MAILS = 256


def chunks(mails: Iterable[RawMail]) -> Iterator[list[RawMail]]:
    """Runs of mails of at most 256 and about 8 MiB, or one that is larger; none empty."""
    held: list[RawMail] = []
    n_bytes = 0
    for raw in mails:
        if held and (len(held) >= CHUNK_MAILS or n_bytes + len(raw.content) > CHUNK_BYTES):
            yield held
            held, n_bytes = [], 0
        held.append(raw)
        n_bytes += len(raw.content)
    if held:
        yield held
