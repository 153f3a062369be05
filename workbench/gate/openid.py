"""Signing in through an identity provider: OpenID Connect, authorization code with PKCE.

Sources: OpenID Connect Core 1.0, sections 3.1.2 to 3.1.3.7; OpenID Connect Discovery 1.0, section 4; RFC 7636 (PKCE); RFC 9207
(issuer in the answer).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from workbench.errors import AccessError, InputError, MissingExtraError, UnreachableError
from workbench.primitives import Clock

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures that are believed: made with a key that only the provider has. Not ``none``, and no shared secrets."""

_MOST_PENDING = 1_000
_PENDING_FOR = timedelta(minutes=10)
_LEEWAY_S = 60
_TIMEOUT_S = 10.0
_MOST_BYTES = 1 << 20
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_INSTALL = "pip install 'workbench-comms[signin]'"
_AGAIN = "Try again; if it repeats, tell your administrator."


@dataclass(frozen=True, kw_only=True)
class OpenIdSettings:
    """What the provider and we know of each other.

    Attributes
    ----------
    issuer
        Its address, ``https``, or loopback.
    client_id, client_secret
        What it knows us by; a public client has no secret.
    redirect
        Address of ours that it sends visitors back to.
    title
        Its name on the button.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect: str
    title: str

    def __post_init__(self) -> None:
        """Refuse what would send codes or secrets in the clear.

        Raises
        ------
        InputError
            The issuer is no ``https`` address, or the client id is missing.
        """
        _check_address(self.issuer, "openid_issuer")
        if not self.client_id:
            raise InputError(
                "openid_client_id is empty.",
                next_step="Register this server with the identity provider and give the client id it answers.",
                details={"setting": "openid_client_id"},
            )


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Somebody for whom the provider vouches. ``email`` is empty when it was not verified."""

    issuer: str
    subject: str
    email: str
    name: str


@dataclass(frozen=True, kw_only=True)
class _Pending:
    cookie: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    target: str
    begun_at: datetime


class OpenId:
    """Sign-in by OpenID Connect.

    Parameters
    ----------
    settings
        The provider.
    clock
        The present.
    client
        HTTP client, for tests.

    Raises
    ------
    MissingExtraError
        The library that checks signatures is not installed.
    """

    def __init__(
        self, settings: OpenIdSettings, clock: Clock, *, client: httpx.AsyncClient | None = None
    ) -> None:
        _jose()
        self._settings = settings
        self._clock = clock
        self._client = client or httpx.AsyncClient(
            timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False
        )
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._metadata: dict[str, Any] | None = None
        self._keys: dict[str, Any] | None = None
        self._loading = asyncio.Lock()

    @property
    def title(self) -> str:
        """Name of the provider on the button."""
        return self._settings.title

    @property
    def origin(self) -> str:
        """Where visitors are sent, as far as it is known: scheme and host."""
        known = (self._metadata or {}).get("authorization_endpoint", self._settings.issuer)
        parts = urlsplit(known)
        return f"{parts.scheme}://{parts.netloc}"

    async def close(self) -> None:
        """Let go of the provider."""
        await self._client.aclose()

    async def begin(self, cookie: str, target: str) -> str:
        """The address at the provider to send a visitor to.

        Parameters
        ----------
        cookie
            The browser's: only this browser can come back with the answer.
        target
            Where to go afterwards.

        Raises
        ------
        UnreachableError, AccessError
            The provider cannot be reached, or is not who it says.
        """
        metadata = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._clock()
        self._pending[_digest(state)] = _Pending(
            cookie=_digest(cookie), nonce=nonce, verifier=verifier, target=target, begun_at=now
        )
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = str(metadata["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def finish(self, cookie: str, answered: Mapping[str, str]) -> tuple[Identity, str]:
        """Who came back, and where they wanted to go.

        Raises
        ------
        AccessError
            The answer is not to a question of this browser, is too old, came from somebody else, or its token does not
            hold.
        UnreachableError
            The provider cannot be reached.
        """
        pending = self._pending.pop(_digest(answered.get("state", "")), None)
        if (
            pending is None
            or not cookie
            or not hmac.compare_digest(pending.cookie, _digest(cookie))
            or self._clock() - pending.begun_at > _PENDING_FOR
        ):
            raise AccessError(
                "this sign-in was not begun in this browser, or too long ago.", next_step="Sign in again."
            )
        if "iss" in answered and answered["iss"] != self._settings.issuer:
            raise AccessError("the answer came from another identity provider.", next_step=_AGAIN)
        if "code" not in answered:
            raise AccessError(
                f"{self.title} did not sign you in.",
                next_step="Try again, or sign in with name and password.",
            )
        id_token = await self._id_token(answered["code"], pending.verifier)
        return await self._identity(id_token, pending.nonce), pending.target

    async def _id_token(self, code: str, verifier: str) -> str:
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        known = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        secret = self._settings.client_secret
        by_header = bool(secret) and "client_secret_basic" in known
        if secret and not by_header:
            form["client_secret"] = secret
        basic = httpx.BasicAuth(self._settings.client_id, secret) if by_header else httpx.USE_CLIENT_DEFAULT
        answer = await self._fetch("POST", str(metadata["token_endpoint"]), data=form, auth=basic)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise AccessError(f"{self.title} did not say who you are.", next_step=_AGAIN)
        return token

    async def _identity(self, id_token: str, nonce: str) -> Identity:
        claims = await self._checked(id_token)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise AccessError("the identity token answers another question.", next_step=_AGAIN)
        audience, party = claims.get("aud"), claims.get("azp")
        several = isinstance(audience, list) and len(audience) > 1
        if (several and party is None) or (party is not None and party != self._settings.client_id):
            raise AccessError("the identity token is meant for somebody else.", next_step=_AGAIN)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise AccessError("the identity token names nobody.", next_step=_AGAIN)
        verified = claims.get("email_verified") is True
        return Identity(
            issuer=self._settings.issuer,
            subject=subject,
            email=str(claims.get("email", "")) if verified else "",
            name=str(claims.get("name", "")),
        )

    async def _checked(self, id_token: str) -> dict[str, Any]:
        """The claims of a token that the provider signed for us and that has not expired."""
        jwt, registry_of, key_set_of, faults = _jose()
        rules = registry_of(
            now=lambda: int(self._clock().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        problem: Exception | None = None
        for fresh in (False, True):  # a provider changes its keys now and then: look once more
            keys = await self._signing_keys(fresh=fresh)
            try:
                token = jwt.decode(id_token, key_set_of(keys), algorithms=list(ALGORITHMS))
                rules.validate(token.claims)
            except faults as error:
                problem = error
            else:
                return dict(token.claims)
        raise AccessError(
            f"the identity token of {self.title} does not hold ({type(problem).__name__}).",
            next_step=_AGAIN,
        ) from problem

    async def _discovered(self) -> dict[str, Any]:
        async with self._loading:
            if self._metadata is None:
                issuer = self._settings.issuer
                found = await self._fetch("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
                if found.get("issuer") != issuer:
                    raise AccessError(
                        f"the identity provider at {issuer!r} calls itself {found.get('issuer')!r}.",
                        next_step="Correct the setting openid_issuer: it must be the same, to the letter.",
                    )
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    _check_address(str(found.get(name, "")), name)
                self._metadata = found
            return self._metadata

    async def _signing_keys(self, *, fresh: bool) -> dict[str, Any]:
        metadata = await self._discovered()
        if self._keys is None or fresh:
            self._keys = await self._fetch("GET", str(metadata["jwks_uri"]))
        return self._keys

    async def _fetch(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, address, **more)
            found = answer.json() if len(answer.content) <= _MOST_BYTES else None
        except (httpx.HTTPError, ValueError) as error:
            raise UnreachableError(
                f"the identity provider {self.title!r} does not answer as it should ({type(error).__name__}).",
                next_step="Try again later, or sign in with name and password.",
            ) from error
        if answer.status_code != httpx.codes.OK or not isinstance(found, dict):
            raise AccessError(
                f"the identity provider {self.title!r} refused ({answer.status_code}).", next_step=_AGAIN
            )
        return found


def _jose() -> tuple[Any, Any, Any, Any]:
    try:
        from joserfc import jwt  # noqa: PLC0415 - an extra
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("joserfc, which checks identity tokens,", _INSTALL) from error
    return jwt, jwt.JWTClaimsRegistry, KeySet.import_key_set, (JoseError, ValueError, KeyError, TypeError)


def _check_address(address: str, name: str) -> None:
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname:
        raise InputError(
            f"{name} is {address!r}, which is no https address.",
            next_step="Give the identity provider's address with https; http is for this machine only.",
            details={"setting": name},
        )


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode("ascii").rstrip("=")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
