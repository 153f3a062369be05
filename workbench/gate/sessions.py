"""Who is signed in: what a browser's cookie stands for, kept in memory only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workbench.gate.door import Admission
from workbench.primitives import Clock

_ID_BYTES = 32


@dataclass(eq=False, kw_only=True)
class Session:
    """One signed-in browser. ``token`` is the owner's and stays in this process and in kernels of this visitor."""

    key: str = field(repr=False)
    token: str = field(repr=False)
    username: str
    expires_at: datetime
    seen_at: datetime
    must_change_password: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)


class Sessions:
    """Sessions by the hash of their cookie: who reads this memory's keys cannot make a cookie of them.

    Parameters
    ----------
    clock
        The present.
    idle_s
        Seconds without a request after which a session ends; positive.
    """

    def __init__(self, clock: Clock, *, idle_s: float) -> None:
        self._clock = clock
        self._idle = timedelta(seconds=idle_s)
        self._known: dict[str, Session] = {}
        self._secret = secrets.token_bytes(_ID_BYTES)

    def begin(self, admission: Admission) -> tuple[str, Session]:
        """The cookie of a new session, and the session. Each sign-in makes a new cookie: none can be planted."""
        cookie = secrets.token_urlsafe(_ID_BYTES)
        session = Session(
            key=_key(cookie),
            token=admission.session_token,
            username=admission.username,
            expires_at=admission.expires_at,
            seen_at=self._clock(),
            must_change_password=admission.must_change_password,
        )
        self._known[session.key] = session
        return cookie, session

    def find(self, cookie: str, *, touch: bool = True) -> Session | None:
        """The session of a cookie, None when there is none or it has expired.

        Parameters
        ----------
        touch
            This is something that the visitor did, which keeps the session from idling out. What a page asks for by
            itself, now and then, is not.
        """
        session = self._known.get(_key(cookie)) if cookie else None
        if session is None or self._is_over(session):
            return None
        if touch:
            session.seen_at = self._clock()
        return session

    def touch(self, session: Session) -> None:
        """Note that its visitor did something."""
        session.seen_at = self._clock()

    def end(self, session: Session) -> None:
        """Forget a session, and tell everything that serves it."""
        self._known.pop(session.key, None)
        session.ended.set()

    def over(self) -> tuple[Session, ...]:
        """Sessions that are past their time and were not ended yet."""
        return tuple(session for session in self._known.values() if self._is_over(session))

    def all(self) -> tuple[Session, ...]:
        """Every session that was not ended."""
        return tuple(self._known.values())

    def form_token(self, cookie: str, purpose: str) -> str:
        """What a form of this browser must carry: follows from its cookie and a secret of this process."""
        text = f"{purpose}\0{cookie}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def is_form_token(self, given: str, cookie: str, purpose: str) -> bool:
        """Whether a form came from a page that this gate made for this browser. Compared in constant time."""
        wanted = self.form_token(cookie, purpose)
        return bool(cookie) and hmac.compare_digest(given.encode(), wanted.encode())

    def _is_over(self, session: Session) -> bool:
        now = self._clock()
        return now >= session.expires_at or now - session.seen_at >= self._idle


def new_cookie() -> str:
    """A cookie for a browser that has not signed in yet: forms and sign-in elsewhere are tied to it."""
    return secrets.token_urlsafe(_ID_BYTES)


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()
