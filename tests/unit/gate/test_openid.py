"""Sign-in by OpenID Connect: against a provider that runs, and against providers that lie."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.unit.gate.conftest import Gate, Time, free_port, running_gate
from workbench.errors import AccessError, InputError, UnreachableError
from workbench.gate import OpenId, OpenIdSettings
from workbench.gate.openid import Identity
from workbench.primitives import utc_now

Answer = TypeVar("Answer")
ISSUER = "https://id.example"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})


def settings(**more: str) -> OpenIdSettings:
    given = {
        "issuer": ISSUER, "client_id": "bench", "client_secret": "s3cret-of-ours",
        "redirect": "https://bench.example/sign-in/callback", "title": "Example ID",
    }  # fmt: skip
    return OpenIdSettings(**{**given, **more})


class Liar:
    """A provider whose answers a test bends."""

    def __init__(self, clock: Time) -> None:
        self.clock = clock
        self.metadata = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        self.keys: list[dict[str, object]] = [KEY.as_dict(private=False)]
        self.claims: dict[str, object] = {}
        self.dropped: tuple[str, ...] = ()
        self.sign: Callable[[dict[str, object]], str] = lambda claims: jwt.encode(
            {"alg": "ES256", "kid": "one"}, claims, KEY
        )
        self.asked: dict[str, str] = {}
        self.token_request: httpx.Request | None = None
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json=self.metadata)
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": self.keys})
        self.token_request = request
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER, "aud": "bench", "sub": "ann", "iat": now, "exp": now + 300, "nonce": self.asked["nonce"],
            "email": "ann@example.com", "email_verified": True, "name": "Ann", **self.claims,
        }  # fmt: skip
        kept = {name: value for name, value in claims.items() if name not in self.dropped}
        return httpx.Response(self.status, json={"access_token": "a", "id_token": self.sign(kept)})


def token_part(values: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def liar(clock: Time) -> Liar:
    return Liar(clock)


def in_a_loop(go: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run to the end in a thread of its own: a browser's tests in the same process have a loop in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(go())).result()


def visit(liar: Liar, clock: Time, *, cookie: str = "c", **answered: str) -> tuple[Identity, str]:
    """Go to the provider and come back with what it answers."""

    async def go() -> tuple[Identity, str]:
        client = httpx.AsyncClient(transport=httpx.MockTransport(liar))
        openid = OpenId(settings(), clock, client=client)
        liar.asked = dict(parse_qsl(urlsplit(await openid.begin("c", "/voila/tree")).query))
        clock.turn(seconds=float(answered.pop("seconds", "1")))
        given = {"code": "code-1", "state": liar.asked["state"], **answered}
        out = await openid.finish(cookie, {name: value for name, value in given.items() if value})
        await openid.close()
        return out

    return in_a_loop(go)


def test_somebody_the_provider_vouches_for_comes_in(liar: Liar, clock: Time) -> None:
    identity, target = visit(liar, clock)
    assert identity == Identity(issuer=ISSUER, subject="ann", email="ann@example.com", name="Ann")
    assert target == "/voila/tree"
    assert liar.asked["response_type"] == "code"
    assert liar.asked["code_challenge_method"] == "S256"
    sent = parse_qs(liar.token_request.content.decode())
    verifier = sent["code_verifier"][0].encode()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
    assert challenge == liar.asked["code_challenge"]
    assert sent["redirect_uri"] == ["https://bench.example/sign-in/callback"]
    assert "client_secret" not in sent
    basic = base64.b64encode(b"bench:s3cret-of-ours").decode()
    assert liar.token_request.headers["authorization"] == f"Basic {basic}"


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(liar: Liar, clock: Time) -> None:
    liar.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    visit(liar, clock)
    assert parse_qs(liar.token_request.content.decode())["client_secret"] == ["s3cret-of-ours"]
    assert "authorization" not in liar.token_request.headers


def test_an_address_that_was_not_verified_is_left_out(liar: Liar, clock: Time) -> None:
    liar.claims = {"email_verified": "true"}
    assert visit(liar, clock)[0].email == ""


@pytest.mark.parametrize(
    ("claims", "dropped"),
    [
        ({"iss": "https://evil.example"}, ()), ({"aud": "another"}, ()), ({"aud": ["another"]}, ()),
        ({"exp": 1}, ()), ({"iat": 4_000_000_000}, ()), ({}, ("exp",)), ({}, ("iss",)), ({}, ("aud",)), ({}, ("sub",)),
    ],
)  # fmt: skip
def test_a_token_that_does_not_hold_is_refused(
    liar: Liar, clock: Time, claims: dict[str, object], dropped: tuple[str, ...]
) -> None:
    liar.claims, liar.dropped = claims, dropped
    with pytest.raises(AccessError, match="the identity token of Example ID does not hold"):
        visit(liar, clock)


@pytest.mark.parametrize("nonce", ["other", "", None, 7])
def test_a_token_for_another_question_is_refused(liar: Liar, clock: Time, nonce: object) -> None:
    liar.claims = {"nonce": nonce}
    with pytest.raises(AccessError, match="answers another question"):
        visit(liar, clock)


@pytest.mark.parametrize("claims", [{"aud": ["bench", "other"]}, {"azp": "other"}])
def test_a_token_made_for_another_party_is_refused(
    liar: Liar, clock: Time, claims: dict[str, object]
) -> None:
    liar.claims = claims
    with pytest.raises(AccessError, match="meant for somebody else"):
        visit(liar, clock)


def test_a_token_that_nobody_signed_is_refused(liar: Liar, clock: Time) -> None:
    liar.sign = lambda claims: f"{token_part({'alg': 'none', 'typ': 'JWT'})}.{token_part(claims)}."
    with pytest.raises(AccessError, match="does not hold"):
        visit(liar, clock)


def test_a_token_signed_with_a_key_of_somebody_else_is_refused(liar: Liar, clock: Time) -> None:
    other = ECKey.generate_key("P-256", {"kid": "one"})
    liar.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "one"}, claims, other)
    with pytest.raises(AccessError, match="does not hold"):
        visit(liar, clock)


def test_a_public_key_is_no_password(liar: Liar, clock: Time) -> None:
    """The classic mix-up: a token signed by HMAC with the published key as its secret."""
    public = RSAKey.generate_key(2048, {"kid": "one"})
    liar.keys = [public.as_dict(private=False)]

    def mixed_up(claims: dict[str, object]) -> str:
        head = token_part({"alg": "HS256", "kid": "one"}) + "." + token_part(claims)
        made = hmac.new(public.as_pem(private=False), head.encode(), hashlib.sha256).digest()
        return f"{head}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"

    liar.sign = mixed_up
    with pytest.raises(AccessError, match="does not hold"):
        visit(liar, clock)


@pytest.mark.parametrize(
    "answered", [{"state": "other"}, {"state": ""}, {"cookie": "d"}, {"cookie": ""}, {"seconds": "601"}]
)
def test_an_answer_to_somebody_else_or_too_late_is_refused(
    liar: Liar, clock: Time, answered: dict[str, str]
) -> None:
    with pytest.raises(AccessError, match="was not begun in this browser, or too long ago"):
        visit(liar, clock, **answered)


def test_an_answer_from_another_provider_is_refused(liar: Liar, clock: Time) -> None:
    with pytest.raises(AccessError, match="came from another identity provider"):
        visit(liar, clock, iss="https://evil.example")


def test_a_refusal_of_the_provider_is_told(liar: Liar, clock: Time) -> None:
    with pytest.raises(AccessError, match="Example ID did not sign you in"):
        visit(liar, clock, code="", error="access_denied")
    liar.status = 400
    with pytest.raises(AccessError, match=r"refused \(400\)"):
        visit(liar, clock)


def test_an_answer_counts_once(liar: Liar, clock: Time) -> None:
    async def go() -> None:
        openid = OpenId(settings(), clock, client=httpx.AsyncClient(transport=httpx.MockTransport(liar)))
        liar.asked = dict(parse_qsl(urlsplit(await openid.begin("c", "/")).query))
        answered = {"code": "x", "state": liar.asked["state"]}
        await openid.finish("c", answered)
        with pytest.raises(AccessError, match="not begun in this browser"):
            await openid.finish("c", answered)
        await openid.close()

    in_a_loop(go)


def test_new_keys_of_the_provider_are_fetched(liar: Liar, clock: Time) -> None:
    async def go() -> None:
        openid = OpenId(settings(), clock, client=httpx.AsyncClient(transport=httpx.MockTransport(liar)))
        for kid in ("one", "two"):
            key = ECKey.generate_key("P-256", {"kid": kid})
            liar.keys = [key.as_dict(private=False)]
            liar.sign = lambda claims, key=key, kid=kid: jwt.encode({"alg": "ES256", "kid": kid}, claims, key)
            liar.asked = dict(parse_qsl(urlsplit(await openid.begin("c", "/")).query))
            await openid.finish("c", {"code": "x", "state": liar.asked["state"]})
        await openid.close()

    in_a_loop(go)


def test_a_provider_that_calls_itself_differently_is_refused(liar: Liar, clock: Time) -> None:
    liar.metadata["issuer"] = "https://evil.example"
    with pytest.raises(AccessError, match=r"at 'https://id.example' calls itself 'https://evil.example'"):
        visit(liar, clock)


def test_a_provider_that_would_send_secrets_in_the_clear_is_refused(liar: Liar, clock: Time) -> None:
    liar.metadata["token_endpoint"] = "http://id.example/token"
    with pytest.raises(InputError, match=r"token_endpoint is 'http://id\.example/token', which is no https"):
        visit(liar, clock)
    with pytest.raises(InputError, match=r"openid_issuer is 'http://id\.example'"):
        settings(issuer="http://id.example")
    with pytest.raises(InputError, match="openid_client_id is empty"):
        settings(client_id="")


def test_a_provider_that_does_not_answer_is_named(clock: Time) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    async def go() -> None:
        openid = OpenId(settings(), clock, client=httpx.AsyncClient(transport=httpx.MockTransport(down)))
        with pytest.raises(UnreachableError, match="'Example ID' does not answer as it should") as told:
            await openid.begin("c", "/")
        assert told.value.next_step == "Try again later, or sign in with name and password."
        await openid.close()

    in_a_loop(go)


def test_secrets_stand_in_no_representation() -> None:
    assert "s3cret" not in repr(settings())


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider of its own package in its own process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False).raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def with_provider(provider: str) -> Iterator[Gate]:
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    given = settings(issuer=provider, redirect=f"{here}/sign-in/callback")
    with running_gate(port=port, openid=OpenId(given, utc_now)) as gate:
        yield gate


def there_and_back(gate: Gate, provider: str, subject: str) -> tuple[httpx.Response, str]:
    visitor = gate.visitor()
    page = visitor.http.get("/sign-in")
    assert "Sign in with Example ID" in page.text
    assert f"form-action 'self' {provider}" in page.headers["content-security-policy"]
    away = visitor.post("/sign-in/provider", form=visitor.form(), next="/voila/tree")
    assert away.status_code == 303
    with httpx.Client(trust_env=False) as browser:
        given = browser.post(away.headers["location"], data={"sub": subject, "action": "authorize"})
    back = given.headers["location"]
    assert back.startswith(f"{gate.address}/sign-in/callback?"), given.text
    return visitor.http.get(back.removeprefix(gate.address)), back


def test_a_real_provider_signs_somebody_in(with_provider: Gate, provider: str) -> None:
    answer, _ = there_and_back(with_provider, provider, "ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/voila/tree")
    assert with_provider.visitors[0].http.get("/").text == "here"
    ((issuer, subject, _, _),) = with_provider.door.external
    assert (issuer, subject) == (provider, "ann")


def test_who_has_no_account_stays_out(with_provider: Gate, provider: str) -> None:
    answer, back = there_and_back(with_provider, provider, "stranger")
    assert answer.status_code == 401
    assert "nobody here belongs to this identity." in answer.text
    replayed = with_provider.visitor().http.get(back.removeprefix(with_provider.address))
    assert replayed.status_code == 401
    assert "was not begun in this browser" in replayed.text


def test_without_a_provider_its_addresses_say_so(gate: Gate) -> None:
    visitor = gate.visitor()
    assert "Sign in with" not in visitor.http.get("/sign-in").text
    assert visitor.post("/sign-in/provider", form=visitor.form()).status_code == 404
    assert visitor.http.get("/sign-in/callback?code=x&state=y").status_code == 404


def test_going_to_the_provider_needs_a_form_of_this_browser(with_provider: Gate) -> None:
    visitor = with_provider.visitor()
    visitor.form()
    assert visitor.post("/sign-in/provider", form="0" * 64).status_code == 403
    assert re.match(r"http://localhost:\d+", with_provider.visitor().http.get("/sign-in").text) is None
