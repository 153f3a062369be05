"""Access tokens for an application (OAuth 2.0 client credentials)."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from workbench.connect.failures import protocol_broken, refused
from workbench.connect.hosts import check_address
from workbench.connect.web import Web, check_status, host_of
from workbench.domain.secrets import Secrets

_CODE = re.compile(r"[a-z_]{1,40}")
_VENDOR_CODE = re.compile(r"AADSTS\d{4,9}")


class _Token(msgspec.Struct):
    access_token: str


class _Refusal(msgspec.Struct):
    error: str = ""
    error_description: str = ""


def microsoft_token(
    web: Web,
    secrets: Secrets,
    *,
    authority: str,
    tenant_id: str,
    client_id: str,
    scope: str,
    allow_plain: bool,
) -> str:
    """Ask the authority for a token of an Azure application.

    Raises
    ------
    CredentialsRefusedError
        Tenant, application or secret are not accepted; the authority's own code is shown, its text is not.
    ConnectError
        Anything else the network or the authority does.
    """
    base = check_address(authority, allow_plain=allow_plain)
    url = f"{base}/{quote(tenant_id, safe='')}/oauth2/v2.0/token"
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secrets.client_secret,
        "scope": scope,
    }
    answer = web.post_form(url, form)
    host = host_of(url)
    check_status(answer, host)
    try:
        if answer.status == HTTPStatus.OK:
            token = msgspec.json.decode(answer.body or b"", type=_Token).access_token
            if token and token.isascii() and token.isprintable():
                return token
            raise protocol_broken(host, "a token with strange characters")
        refusal = msgspec.json.decode(answer.body or b"", type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise protocol_broken(host, f"status {answer.status} without a token") from None
    codes = _CODE.findall(refusal.error)[:1] + _VENDOR_CODE.findall(refusal.error_description)[:1]
    raise refused(
        host,
        client_id,
        ", ".join(codes),
        next_step="Check tenant id, application (client) id and client secret; a secret expires.",
    )
