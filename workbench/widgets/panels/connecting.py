"""The form of an integration: it asks what the kind of connection needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, cast

from workbench.domain import (
    AnyConnection,
    Connection,
    EwsConnection,
    GraphConnection,
    ImapConnection,
    Integration,
    Mailbox,
    SalesforceConnection,
    Secrets,
)
from workbench.door import with_people
from workbench.errors import InputError
from workbench.widgets.panels.catalog import TITLE, home_fields, options, text_field

Field = dict[str, Any]
KINDS = {
    "imap": "Mailbox by IMAP",
    "graph": "Exchange Online (Microsoft Graph)",
    "ews": "Exchange Server (Web Services)",
    "salesforce": "Cases from Salesforce",
}
_SIGN_IN = {
    "imap": {"password": "User and password", "token": "Access token (OAuth)"},
    "ews": {
        "basic": "User and password (basic)",
        "ntlm": "User and password (NTLM)",
        "app": "Azure application",
    },
    "salesforce": {"app": "Connected app", "password": "User, password and security token"},
}
_ACCESS = {
    "imap": {"own": "The mailbox of the user", "delegate": "Mailboxes of others, in their name"},
    "ews": {"delegate": "Rights on the mailbox", "impersonation": "Impersonation"},
}
_SECURITY = {"tls": "TLS", "starttls": "STARTTLS", "plain": "None"}
_PORTS = {"tls": "993", "starttls": "143", "plain": "143"}
_MOST_PORT = 65_535
_LONGEST_ADDRESS = 320
_SHOWN = 80
SECRETS = ("password", "token", "client_secret", "security_token")


def settled(values: dict[str, Any]) -> dict[str, Any]:
    """The values of the form, with a choice that the kind does not know put back to its first."""
    kind = values.get("kind", "imap")
    after = dict(values, kind=kind)
    for key, choices in (("sign_in", _SIGN_IN), ("access", _ACCESS)):
        known = list(choices.get(kind, {}))
        if known and after.get(key) not in known:
            after[key] = known[0]
    if kind == "imap":
        after.setdefault("security", "tls")
        if after.get("port", "") in ("", *_PORTS.values()):
            after["port"] = _PORTS[after["security"]]
    return after


def can_have_several(connection: Connection) -> bool:
    """Whether more than one mailbox is reached by a connection: not of one's own only, and not cases."""
    if isinstance(connection, ImapConnection):
        return connection.access == "delegate"
    return not isinstance(connection, SalesforceConnection)


def into_field(kind: str, sources: Iterable[str]) -> Field:
    """Where the messages are to appear."""
    return {
        "key": "into",
        "kind": "combo",
        "title": "Into source",
        "options": options(sources),
        "required": True,
        "placeholder": "project/name",
        "help": "Its messages appear there. A new name makes a new source"
        + (", with a bucket of its name." if kind != "salesforce" else "."),
    }


def mailboxes_field() -> Field:
    """Which mailboxes are to be read."""
    return {
        "key": "address",
        "kind": "area",
        "title": "Mailboxes",
        "required": True,
        "help": "One address a line. All of them share what is set here; each can be edited afterwards.",
    }


def new_fields(values: dict[str, Any], projects: Iterable[str], sources: Iterable[str]) -> list[Field]:
    """What is asked for a new integration of the kind chosen in ``values``."""
    kind = {**_select("kind", "Kind", KINDS), "help": "Fixed from here on."}
    test = {
        "key": "test",
        "kind": "check",
        "title": "Test the connection first, and keep nothing where it fails",
    }
    return [
        kind,
        *home_fields(projects, "integration"),
        *_server(values),
        into_field(values["kind"], sources),
        *wanted_fields(values["kind"]),
        test,
    ]


def edit_fields(values: dict[str, Any], *, one_mailbox: bool) -> list[Field]:
    """What may change of an integration; lists of wanted mail where it has one mailbox."""
    title = text_field("title", "Title", most=TITLE, help="What people see; empty = the name.")
    wanted = wanted_fields(values["kind"]) if one_mailbox else []
    return [title, *_server(values, is_set=True), *wanted]


def values_of(found: Integration) -> dict[str, Any]:
    """An integration as values of the form; secrets are not among them."""
    one = found.connection.only
    names = (
        "host",
        "user_name",
        "security",
        "sign_in",
        "endpoint",
        "access",
        "tenant_id",
        "client_id",
        "login_host",
    )
    values: dict[str, Any] = {
        name: getattr(one, name) for name in (*names, "allow_plain", "comments") if hasattr(one, name)
    }
    values |= {"kind": found.connection.kind, "title": found.title}
    if isinstance(one, ImapConnection):
        values["port"] = str(one.port)
    if len(found.mailboxes) == 1:
        values |= values_of_mailbox(found.mailboxes[0].mailbox)
    return values


def values_of_mailbox(box: Mailbox) -> dict[str, Any]:
    """Which mail of a mailbox is wanted, as values of the form."""
    return {
        "start_at": f"{box.start_at:%Y-%m-%d}" if box.start_at else "",
        "folders": "\n".join("/".join(path) for path in box.folder_allow),
        "not_folders": "\n".join("/".join(path) for path in box.folder_deny),
        "people": "\n".join((*box.participant_allow, *box.domain_allow)),
        "not_people": "\n".join((*box.participant_deny, *box.domain_deny)),
    }


def addresses_of(values: dict[str, Any], *, known: Iterable[str] = ()) -> tuple[str, ...]:
    """The mailboxes that were typed, one a line.

    Raises
    ------
    InputError
        There is none, or a line is no address or stands there twice; the line is named.
    """
    there = {one.casefold(): "is read already" for one in known}
    found: list[str] = []
    for number, text in enumerate(values.get("address", "").splitlines(), 1):
        address = text.strip()
        if not address:
            continue
        wrong = there.get(address.casefold()) or _what_is_wrong(address)
        if wrong:
            raise InputError(
                f"line {number}: {address[:_SHOWN]!r} {wrong}.",
                next_step="Write one address a line, such as care@example.com, each once.",
                details={"address": address[:_SHOWN], "line": number},
            )
        there[address.casefold()] = f"stands in line {number} already"
        found.append(address)
    if not found:
        raise InputError(
            "no mailbox is named.",
            next_step="Write one address a line, such as care@example.com.",
            details={"address": ""},
        )
    return tuple(found)


def _what_is_wrong(address: str) -> str:
    """Why a text cannot be the address of a mailbox, empty when it can."""
    if len(address) > _LONGEST_ADDRESS:
        return f"has {len(address):,} characters; at most {_LONGEST_ADDRESS} are allowed"
    if not address.isprintable() or any(one in " ,;<>" for one in address):
        return "holds more than an address"
    name, _, domain = address.rpartition("@")
    return "" if name and domain else "is no address"


def connection_of(values: dict[str, Any], before: Connection | None = None) -> Connection:
    """The connection that the form describes; what it does not ask is as ``before``, else as usual.

    Raises
    ------
    InputError
        The port is no port.
    """
    kind = values["kind"]
    asked = {one["key"] for one in _server(values)} - {*SECRETS, "address", "port"}
    told = {key: values[key] for key in asked if key in values}
    if kind == "imap":
        told["port"] = _port(values.get("port", ""))
    makers: dict[str, type[Any]] = {
        "imap": ImapConnection,
        "graph": GraphConnection,
        "ews": EwsConnection,
        "salesforce": SalesforceConnection,
    }
    return cast("Connection", replace(before, **told) if before else makers[kind](**told))


def amended_mailbox(mailbox: Mailbox, values: dict[str, Any]) -> Mailbox:
    """A mailbox with the lists and the start of the form."""
    changed = replace(
        mailbox,
        start_at=start_of(values),
        folder_allow=tuple(tuple(path.split("/")) for path in lines(values, "folders")),
        folder_deny=tuple(tuple(path.split("/")) for path in lines(values, "not_folders")),
    )
    return with_people(changed, lines(values, "people"), lines(values, "not_people"))


def secrets_of(values: dict[str, Any]) -> Secrets | None:
    """What was typed unseen, None for nothing."""
    given = {name: str(values[name]) for name in SECRETS if values.get(name)}
    return Secrets(**given) if given else None


def start_of(values: dict[str, Any]) -> datetime | None:
    """The start date; ``InputError`` for what is no day."""
    text = values.get("start_at", "")
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no day.",
            next_step="Write it as 2026-03-31, or leave it empty for all mail.",
            details={"start_at": text[:40]},
        ) from None


def lines(values: dict[str, Any], key: str) -> tuple[str, ...]:
    """The lines of a field, without empty ones."""
    return tuple(line.strip() for line in values.get(key, "").splitlines() if line.strip())


def _server(values: dict[str, Any], *, is_set: bool = False) -> list[Field]:
    kind, sign_in = values["kind"], values.get("sign_in", "")
    ways = [_select("sign_in", "Signs in by", _SIGN_IN[kind])] if kind in _SIGN_IN else []
    user = text_field("user_name", "User name", required=True, placeholder="care@example.com")
    app = [
        text_field("client_id", "Application (client) id", required=True),
        _secret("client_secret", "Client secret", is_set=is_set),
    ]
    tenant = text_field("tenant_id", "Directory (tenant) id", required=True)
    mailboxes = [] if is_set else [mailboxes_field()]
    if kind == "imap":
        secret = (
            _secret("token", "Access token", is_set=is_set)
            if sign_in == "token"
            else _secret("password", "Password", is_set=is_set)
        )
        plain = {
            "key": "allow_plain",
            "kind": "check",
            "title": "Send the password unencrypted to another machine",
        }
        return [
            text_field("host", "Server", required=True, placeholder="imap.example.com"),
            text_field("port", "Port", required=True),
            _select("security", "Encryption", _SECURITY),
            *ways,
            user,
            secret,
            {
                **_select("access", "Reads", _ACCESS["imap"]),
                "help": "Of others: by the rights that the user has there.",
            },
            *(mailboxes if values.get("access") == "delegate" else []),
            *([plain] if values.get("security") == "plain" else []),
        ]
    if kind == "graph":
        return [tenant, *app, *mailboxes]
    if kind == "ews":
        address = text_field(
            "endpoint", "Address", required=True, placeholder="https://mail.example.com/EWS/Exchange.asmx"
        )
        access = _select("access", "Access", _ACCESS["ews"])
        who = [tenant, *app] if sign_in == "app" else [user, _secret("password", "Password", is_set=is_set)]
        return [address, *ways, access, *who, *mailboxes]
    host = text_field("login_host", "Sign-in address", required=True, placeholder="example.my.salesforce.com")
    comments = {"key": "comments", "kind": "check", "title": "Read the comments of cases too"}
    by_user = [
        user,
        _secret("password", "Password", is_set=is_set),
        _secret("security_token", "Security token", is_set=is_set, optional=True),
    ]
    return [host, *ways, *(by_user if sign_in == "password" else app), comments]


def wanted_fields(kind: str) -> list[Field]:
    """Which mail is wanted, shared by all mailboxes that are named."""
    start = text_field(
        "start_at", "From day", placeholder="2026-01-31", help="Nothing older is read; empty = everything."
    )
    if kind == "salesforce":
        return [start]
    areas = (
        (
            "folders",
            "Only these folders",
            "One a line, Outer/Inner, each with all below it. Empty = all but drafts, junk and trash.",
        ),
        ("not_folders", "Never these folders", "Stronger than the list before."),
        ("people", "Only mail with", "Addresses or domains, one a line. Empty = everybody."),
        ("not_people", "Never mail with", "Stronger than the list before."),
    )
    return [
        start,
        *(
            {
                "key": key,
                "kind": "area",
                "narrow": True,
                "first": key == "folders",
                "title": title,
                "help": text,
            }
            for key, title, text in areas
        ),
    ]


def _secret(key: str, title: str, *, is_set: bool, optional: bool = False) -> Field:
    told = "Empty = the one that is set." if is_set else "It goes in and is never shown again."
    return {"key": key, "kind": "secret", "title": title, "required": not (is_set or optional), "help": told}


def _select(key: str, title: str, choices: dict[str, str]) -> Field:
    return {
        "key": key,
        "kind": "select",
        "title": title,
        "options": [{"value": value, "title": words} for value, words in choices.items()],
    }


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_PORT:
        raise InputError(
            f"{text[:20]!r} is no port.",
            next_step="Write a number from 1 to 65535; 993 for TLS.",
            details={"port": text[:20]},
        )
    return int(text)


def wrapped(values: dict[str, Any], before: Integration | None = None) -> AnyConnection:
    """The same, wrapped as it travels."""
    return AnyConnection.of(connection_of(values, before.connection.only if before else None))
