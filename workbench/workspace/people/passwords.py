"""Passwords: what may be one, and their hashes (argon2id).

Rules after NIST SP 800-63B-4, 3.1.1: length counts, no rule on kinds of characters, nothing that is guessed first.
Parameters after RFC 9106, section 4 (second choice: 64 MiB, 3 passes), with one lane, since sign-ins run beside
other work.
"""

from __future__ import annotations

import functools
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.errors import InputError, SignInError
from workbench.settings import Settings
from workbench.workspace.people.common_words import COMMON_WORDS, KEY_ROWS

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 12, 256
"""Characters."""
_LEAST_OWN = 5
"""Characters that must be left of a password without what is guessed first."""
_RUN = 4
_NAME = 3
"""Letters from which a part of a name counts as one."""
_AT_ONCE = 2
"""Hashes made at the same time: each takes its memory."""
_IN_LINE = 8
"""Hashes made and waited for; more are refused, so that sign-ins do not take every thread there is."""
_LEET = str.maketrans("0134578@$!", "oieastbasi")


def check_password(password: str, *, name: str = "", email: str = "") -> None:
    """Refuse what is no good password; the text never repeats it.

    Parameters
    ----------
    name, email
        Of its user; what is made of them is guessed first.

    Raises
    ------
    InputError
        It is shorter than 12 or longer than 256 characters, or little of it is not guessed first.
    """
    text = _normal(password)
    if not LEAST <= len(text) <= MOST:
        raise InputError(
            f"the password has {len(text)} characters; {LEAST} to {MOST} are needed.",
            next_step="Take four or more unrelated words, or let a password manager make one.",
            details={"least": LEAST, "most": MOST},
        )
    if len(set(text)) < _LEAST_OWN or _own_part(text, name, email) < _LEAST_OWN:
        raise InputError(
            "the password is one of those that are guessed first: common words, rows of keys, or the user's name.",
            next_step="Take four or more unrelated words, or let a password manager make one.",
        )


class Hasher:
    """Makes and checks hashes, at most two at a time. Thread-safe.

    Parameters
    ----------
    memory_kib
        Memory of one hash, in KiB.
    passes
        Passes over it.
    """

    def __init__(self, *, memory_kib: int, passes: int) -> None:
        self._memory_kib, self._passes = memory_kib, passes
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._line = threading.BoundedSemaphore(_IN_LINE)

    @functools.cached_property
    def _argon(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # noqa: PLC0415 - only where people sign in

        return PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1)

    @functools.cached_property
    def _nobodys(self) -> str:
        return self.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The hash of a password with its parameters and salt, as text."""
        with self._turn():
            return self._argon.hash(_normal(password))

    def fits(self, password: str, hashed: str | None) -> bool:
        """Whether it is the password; without a hash the answer is no after the same time."""
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - as above

        nobodys = self._nobodys  # made on the way of every name, so that no first one takes longer
        against = nobodys if hashed is None else hashed
        with self._turn():
            try:
                self._argon.verify(against, _normal(password[: MOST * 4]))
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise SignInError(
                f"more than {_IN_LINE} people sign in at this moment.",
                next_step="Try again in a few seconds.",
                details={"reason": "busy"},
            )
        try:
            with self._room:
                yield
        finally:
            self._line.release()

    def is_weak(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than those in force."""
        return self._argon.check_needs_rehash(hashed)


@functools.cache
def _hasher(memory_kib: int, passes: int) -> Hasher:
    return Hasher(memory_kib=memory_kib, passes=passes)


def hasher_of(settings: Settings) -> Hasher:
    """The one hasher of this process for these settings."""
    return _hasher(settings.password_memory_kib, settings.password_passes)


def _normal(password: str) -> str:
    # The same password typed on two keyboards may arrive as different code points.
    return unicodedata.normalize("NFKC", password)


def _own_part(text: str, name: str, email: str) -> int:
    """Characters left of a password when what is guessed first is taken out."""
    known = [part for part in re.split(r"[^a-z]+", f"{name} {email}".lower()) if len(part) >= _NAME]
    left = text.lower()
    for word in (*sorted(known, key=len, reverse=True), *COMMON_WORDS):
        left = left.replace(word, "\0")
        plain = left.translate(_LEET)
        while (at := plain.find(word)) >= 0:
            left = left[:at] + "\0" + left[at + len(word) :]
            plain = left.translate(_LEET)
    left = _without_runs(left)
    left = re.sub(r"(.)\1{2,}", "\0", left)
    return len(re.sub(r"[\0\d\W_]", "", left)) + len(set(re.findall(r"[\d\W_]", left.replace("\0", ""))))


def _without_runs(text: str) -> str:
    rows = [row for each in KEY_ROWS for row in (each, each[::-1])]
    made, at = "", 0
    while at < len(text):
        n = max((_shared(text[at:], row) for row in rows), default=0)
        made += "\0" if n >= _RUN else text[at]
        at += n if n >= _RUN else 1
    return made


def _shared(text: str, row: str) -> int:
    """How many characters ``text`` goes along a row of keys, from its first on."""
    begin = row.find(text[0])
    if begin < 0:
        return 0
    n = 0
    while n < len(text) and begin + n < len(row) and text[n] == row[begin + n]:
        n += 1
    return n
