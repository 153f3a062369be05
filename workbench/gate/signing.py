"""Signing in and out: pages, forms, cookies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

import anyio.to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workbench.errors import AccessError, WorkbenchError
from workbench.gate.attempts import Attempts
from workbench.gate.door import Admission, Door
from workbench.gate.headers import STRICT_POLICY, protection
from workbench.gate.openid import OpenId
from workbench.gate.origins import own_target
from workbench.gate.pages import fault_page, password_page, sign_in_page, sign_out_page
from workbench.gate.sessions import Session, Sessions, new_cookie
from workbench.gate.upstream import body_of

_MOST_FORM_BYTES = 16 * 1024
_MOST_FIELDS = 10
_SIGN_INS_AT_ONCE = 4
_SEE_OTHER = 303
_STALE = "This page was too old. Please try again."

Leave = Callable[[Session], Awaitable[None]]


class Signing:
    """The forms by which visitors come and go.

    Parameters
    ----------
    secure
        Visitors come by https: cookies are marked so that they never travel without it.
    cookie_suffix
        Tells the cookies of two servers on one machine apart, as browsers do not look at the port.
    leave
        Ends what a session had: kernels, notebooks.
    openid
        Identity provider, None = there is none.
    """

    def __init__(
        self,
        door: Door,
        sessions: Sessions,
        attempts: Attempts,
        *,
        secure: bool,
        cookie_suffix: str,
        leave: Leave,
        openid: OpenId | None = None,
    ) -> None:
        self._door = door
        self._sessions = sessions
        self._attempts = attempts
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self._session_cookie = f"{prefix}workbench-session-{cookie_suffix}"
        self._form_cookie = f"{prefix}workbench-form-{cookie_suffix}"
        self._leave = leave
        self._openid = openid
        self._limiter = anyio.CapacityLimiter(_SIGN_INS_AT_ONCE)
        self._protection = {**protection(STRICT_POLICY, secure=secure), "cache-control": "no-store"}

    def session_of(self, connection: HTTPConnection, *, touch: bool = True) -> Session | None:
        """Whose browser this is; with ``touch`` as something that the visitor did."""
        return self._sessions.find(connection.cookies.get(self._session_cookie, ""), touch=touch)

    async def show(self, request: Request) -> Response:
        """``GET /sign-in``."""
        return self._form(request, own_target(request.query_params.get("next", "/")))

    async def sign_in(self, request: Request) -> Response:
        """``POST /sign-in``."""
        fields = await _form_fields(request)
        target, name = own_target(fields.get("next", "/")), fields.get("name", "").strip()
        cookie = request.cookies.get(self._form_cookie, "")
        if not self._sessions.is_form_token(fields.get("form", ""), cookie, "sign-in"):
            return self._form(request, target, fault=_STALE, status=403)
        if (refused := self._too_often(request, target)) is not None:
            return refused
        try:
            admission = await anyio.to_thread.run_sync(
                self._door.sign_in,
                name,
                fields.get("password", ""),
                fields.get("code", "").strip(),
                limiter=self._limiter,
            )
        except AccessError as error:
            return self._form(request, target, name=name, fault=str(error), status=401)
        except WorkbenchError as error:
            return self._form(request, target, name=name, fault=str(error), status=503)
        return await self._admit(request, admission, target)

    async def to_provider(self, request: Request) -> Response:
        """``POST /sign-in/provider``: off to the identity provider."""
        fields = await _form_fields(request)
        target, cookie = own_target(fields.get("next", "/")), request.cookies.get(self._form_cookie, "")
        if self._openid is None:
            return self._fault("There is no identity provider.", "Sign in with name and password.", 404)
        if not self._sessions.is_form_token(fields.get("form", ""), cookie, "sign-in"):
            return self._form(request, target, fault=_STALE, status=403)
        if (refused := self._too_often(request, target)) is not None:
            return refused
        try:
            address = await self._openid.begin(cookie, target)
        except WorkbenchError as error:
            return self._form(request, target, fault=str(error), status=503)
        return RedirectResponse(address, _SEE_OTHER, self._protection)

    async def from_provider(self, request: Request) -> Response:
        """``GET /sign-in/callback``: back from the identity provider, with a code or a refusal."""
        if self._openid is None:
            return self._fault("There is no identity provider.", "Sign in with name and password.", 404)
        try:
            identity, target = await self._openid.finish(
                request.cookies.get(self._form_cookie, ""), request.query_params
            )
            admission = await anyio.to_thread.run_sync(
                self._door.sign_in_external,
                identity.issuer,
                identity.subject,
                identity.email,
                identity.name,
                limiter=self._limiter,
            )
        except AccessError as error:
            return self._form(request, "/", fault=str(error), status=401)
        except WorkbenchError as error:
            return self._form(request, "/", fault=str(error), status=503)
        return await self._admit(request, admission, target)

    async def ask_to_leave(self, request: Request) -> Response:
        """``GET /sign-out``: a page that asks first."""
        session = self.session_of(request)
        if session is None:
            return RedirectResponse("/sign-in", _SEE_OTHER, self._protection)
        cookie = request.cookies.get(self._session_cookie, "")
        page = sign_out_page(
            form_token=self._sessions.form_token(cookie, "sign-out"), username=session.username
        )
        return HTMLResponse(page, headers=self._protection)

    async def sign_out(self, request: Request) -> Response:
        """``POST /sign-out``."""
        fields = await _form_fields(request)
        cookie = request.cookies.get(self._session_cookie, "")
        session = self._sessions.find(cookie)
        if session is not None:
            if not self._sessions.is_form_token(fields.get("form", ""), cookie, "sign-out"):
                return self._fault("This page was too old.", "Go back and sign out again.", 403)
            await self.end(session)
        answer = RedirectResponse("/sign-in", _SEE_OTHER, {**self._protection, "clear-site-data": '"cache"'})
        answer.delete_cookie(
            self._session_cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
        return answer

    async def ask_for_password(self, request: Request) -> Response:
        """``GET /sign-in/password``: a page for a new password."""
        session = self.session_of(request)
        return self.send_away(request) if session is None else self._password_form(request, session)

    async def set_password(self, request: Request) -> Response:
        """``POST /sign-in/password``."""
        session, fields = self.session_of(request), await _form_fields(request)
        if session is None:
            return self.send_away(request)
        cookie = request.cookies.get(self._session_cookie, "")
        if not self._sessions.is_form_token(fields.get("form", ""), cookie, "password"):
            return self._password_form(request, session, fault=_STALE, status=403)
        if fields.get("new", "") != fields.get("again", ""):
            return self._password_form(
                request, session, fault="The two new passwords are not the same.", status=400
            )
        try:
            await anyio.to_thread.run_sync(
                self._door.set_password,
                session.token,
                fields.get("old", ""),
                fields.get("new", ""),
                limiter=self._limiter,
            )
        except WorkbenchError as error:
            return self._password_form(request, session, fault=str(error), status=400)
        session.must_change_password = False
        return RedirectResponse("/", _SEE_OTHER, self._protection)

    async def end(self, session: Session) -> None:
        """End a session here and at the owner, with all that it had."""
        self._sessions.end(session)
        await self._leave(session)
        try:
            await anyio.to_thread.run_sync(self._door.sign_out, session.token)
        except WorkbenchError:
            return  # the owner cannot be reached or has ended it already; here it is over in any case

    async def still_in(self, session: Session) -> bool:
        """Whether the owner still knows the session; when not, it ends here too."""
        try:
            known = await anyio.to_thread.run_sync(self._door.still_in, session.token)
        except WorkbenchError:
            return True  # the owner starts again: kernels ask it themselves
        if not known:
            await self.end(session)
        return known

    def send_away(self, request: Request) -> Response:
        """To the sign-in page, and back here afterwards; in a word for requests that are no pages."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            target = own_target(wanted)
            asked = "" if target == "/" else f"?next={quote(target, safe='/')}"
            return RedirectResponse(f"/sign-in{asked}", _SEE_OTHER, self._protection)
        return Response("Sign in first.\n", 401, self._protection, media_type="text/plain")

    def _password_form(
        self, request: Request, session: Session, *, fault: str = "", status: int = 200
    ) -> Response:
        cookie = request.cookies.get(self._session_cookie, "")
        page = password_page(
            form_token=self._sessions.form_token(cookie, "password"),
            fault=fault,
            must=session.must_change_password,
        )
        return HTMLResponse(page, status, self._protection)

    async def _admit(self, request: Request, admission: Admission, target: str) -> Response:
        before = self._sessions.find(request.cookies.get(self._session_cookie, ""))
        if before is not None:
            await self.end(before)
        cookie, _ = self._sessions.begin(admission)
        answer = RedirectResponse(target, _SEE_OTHER, self._protection)
        self._set_cookie(answer, self._session_cookie, cookie)
        answer.delete_cookie(self._form_cookie, path="/", secure=self._secure, httponly=True, samesite="lax")
        return answer

    def _form(
        self, request: Request, target: str, *, name: str = "", fault: str = "", status: int = 200
    ) -> Response:
        cookie = request.cookies.get(self._form_cookie, "") or new_cookie()
        page = sign_in_page(
            form_token=self._sessions.form_token(cookie, "sign-in"),
            target=target,
            name=name,
            fault=fault,
            provider=self._openid.title if self._openid is not None else "",
        )
        rules = dict(self._protection)
        if self._openid is not None:  # browsers hold a form's redirect to the policy as well
            rules["content-security-policy"] = rules["content-security-policy"].replace(
                "form-action 'self'", f"form-action 'self' {self._openid.origin}"
            )
        answer = HTMLResponse(page, status, rules)
        self._set_cookie(answer, self._form_cookie, cookie)
        return answer

    def _too_often(self, request: Request, target: str) -> Response | None:
        wait_s = self._attempts.wait_s(request.client.host if request.client is not None else "")
        if not wait_s:
            return None
        fault = f"Too many attempts from your address. Please wait {wait_s} seconds."
        answer = self._form(request, target, fault=fault, status=429)
        answer.headers["retry-after"] = str(wait_s)
        return answer

    def _fault(self, title: str, next_step: str, status: int) -> Response:
        return HTMLResponse(fault_page(title, next_step), status, self._protection)

    def _set_cookie(self, answer: Response, name: str, value: str) -> None:
        answer.set_cookie(name, value, path="/", secure=self._secure, httponly=True, samesite="lax")


async def _form_fields(request: Request) -> dict[str, str]:
    """The fields of a form, empty when it is none or too large."""
    raw = await body_of(request, _MOST_FORM_BYTES)
    try:
        fields = parse_qs(
            (raw or b"").decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
