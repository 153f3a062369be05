"""From a token that somebody presents to who they are and what they may do."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.domain.people import narrowed
from workbench.domain.principals import Principal
from workbench.domain.rights import Grants
from workbench.errors import SignInError, ThrottledError, WorkbenchError
from workbench.primitives import Clock
from workbench.settings import Settings
from workbench.store import Presented, Store
from workbench.workspace.people.pausing import Guesses

log = logging.getLogger(__name__)
_NOTED_EVERY = timedelta(seconds=60)
_MOST_KNOWN = 4_096
_LATELY = timedelta(days=30)


def secret_hash(secret: str) -> str:
    """The hash under which the secret of a token is kept: SHA-256, since the secret is 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(kw_only=True)
class _Known:
    principal: Principal
    token: Presented
    version: int
    used_at: datetime
    noted_at: datetime | None


class Recogniser:
    """Recognises tokens; what was recognised once is known until somebody's rights change. Thread-safe.

    Parameters
    ----------
    store
        Where users, roles and tokens are.
    clock
        For expiry and waits.
    settings
        How long sessions last, and how often a peer may guess.
    """

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._known: dict[str, _Known] = {}
        self._guesses = Guesses(clock, settings)
        self._guarded: tuple[int, bool] = (-1, False)
        self._familiar: tuple[int, frozenset[str]] = (-1, frozenset())
        self._lock = threading.Lock()
        self._unwritten: dict[str, tuple[Presented, datetime]] = {}
        self._writer: threading.Thread | None = None

    @property
    def guarded(self) -> bool:
        """Whether the workspace has users. Without any, whoever can open the file may do everything."""
        version, found = self._guarded
        if version != self._store.n_access_writes:
            version = self._store.n_access_writes
            with self._store.read() as session:
                found = session.users.any()
            self._guarded = (version, found)
        return found

    def recognise(self, token: str, peer: str = "") -> Principal:
        """Who presents a token.

        Parameters
        ----------
        token
            The secret, of a session or an API token.
        peer
            Where it comes from, an address for instance: who guesses from there has to wait. Empty = from this
            machine, where nobody is counted.

        Raises
        ------
        SignInError
            It is not known, ended, was revoked, or its user is disabled; ``details["reason"]`` says which.
        ThrottledError
            Too many unknown ones came from the peer, and this one was neither made nor used lately: whether it is
            any good is not looked at for ``retry_after_s``.
        """
        digest, now = secret_hash(token), self._clock()
        known = self._known.get(digest)
        if known is None or known.version != self._store.n_access_writes:
            known = self._looked_up(digest, known, peer)
        self._refuse_ended(known, now)
        known.used_at = max(known.used_at, now)
        if known.noted_at is None or now - known.noted_at >= _NOTED_EVERY:
            known.noted_at = now
            self._note(known.token, now)
        return known.principal

    def settle(self) -> None:
        """Wait until what was used is written down."""
        writer = self._writer
        if writer is not None:
            writer.join()

    def _looked_up(self, digest: str, before: _Known | None, peer: str) -> _Known:
        if (
            before is None
            and peer
            and (wait_s := self._guesses.wait_s(peer))
            and not self._is_familiar(digest)
        ):
            raise ThrottledError(
                f"too many unknown tokens came from {peer[:100]}: for a while none that is new is looked at from there.",
                next_step=f"Send this again in {wait_s} s; the token may well be right.",
                details={"retry_after_s": wait_s},
            )
        self._known.pop(digest, None)
        version = self._store.n_access_writes
        with self._store.read() as session:
            token = session.tokens.behind(digest)
            user = session.users.find(user_id=token.user_id) if token else None
            if token is None or user is None:
                if peer:
                    self._guesses.add(peer)
                raise _refused("unknown", "the token is not known here.")
            if token.revoked_at is not None:
                raise _refused("revoked", f"the {_word(token)} of {user.name!r} was revoked.")
            if user.disabled_at is not None:
                raise SignInError(
                    f"user {user.name!r} is disabled.",
                    next_step="Ask an administrator to enable the account.",
                    details={"reason": "disabled", "user": user.name},
                )
            grants = session.roles.grants(user.user_id).get(user.user_id, Grants())
        if token.kind == "session" and user.must_change_password:
            grants = Grants()
        principal = Principal(
            name=user.name,
            grants=narrowed(grants, permissions=token.permissions, projects=token.projects),
            kind="session" if token.kind == "session" else "token",
            credential_id=token.token_id,
        )
        found = _Known(
            principal=principal,
            token=token,
            version=version,
            used_at=max(
                token.last_used_at or token.created_at, before.used_at if before else token.created_at
            ),
            noted_at=before.noted_at if before else token.last_used_at,
        )
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[digest] = found
        return found

    def _is_familiar(self, digest: str) -> bool:
        """Whether a token was made or used lately, for all that is written down: an earlier owner may have known it."""
        version = self._store.n_access_writes
        if self._familiar[0] != version:
            with self._store.read() as session:
                found = session.tokens.made_or_used_since(self._clock() - _LATELY, _MOST_KNOWN)
            self._familiar = (version, found)
        return digest in self._familiar[1]

    def _refuse_ended(self, known: _Known, now: datetime) -> None:
        ends = known.token.expires_at
        if ends is not None and now >= ends:
            raise _refused("expired", f"the {_word(known.token)} of {known.principal.name!r} has expired.")
        idle = timedelta(seconds=self._settings.session_idle_s)
        if known.token.kind == "session" and now - known.used_at >= idle:
            raise _refused("idle", f"the session of {known.principal.name!r} ended, since it was not used.")

    def _note(self, token: Presented, at: datetime) -> None:
        if self._store.read_only:
            return
        with self._lock:
            self._unwritten[token.token_id] = (token, at)
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="token-uses", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        # Beside the call: who only reads must not wait for those who write.
        while True:
            with self._lock:
                uses, self._unwritten = self._unwritten, {}
                if not uses:
                    self._writer = None
                    return
            try:
                with self._store.write(messages=False) as session:
                    for token, at in uses.values():
                        session.token_uses.note(token.token_id, at)
            except WorkbenchError as error:
                log.info("the use of tokens was not written down: %s", error.message)


def _word(token: Presented) -> str:
    return "session" if token.kind == "session" else "token"


def _refused(reason: str, text: str) -> SignInError:
    return SignInError(text, next_step="Sign in again, or make another token.", details={"reason": reason})
