"""Salesforce's sign-in and query calls, in memory; understands the SOQL of our two questions."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from tests.connect.services import Reply, Request, Service

PASSWORD = "f0rce-pass"
TOKEN = "sec-token"
SECRET = "c0nsumer-secret"
HOST = "shop.my.salesforce.com"


class SalesforceServer(Service):
    """Sessions are numbered; ``calls_per_session`` queries later one has expired."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {"Case": [], "CaseComment": []}
        self.n_sessions = 0
        self.calls_per_session = 10**9
        self.most_rows = 10**9
        self.instance = HOST
        self._calls_left = 0

    def answer(self, request: Request) -> Reply:
        if request.path == "/services/oauth2/token":
            form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
            if form.get("client_secret") != SECRET and SECRET not in _basic(request):
                return _json(
                    {"error": "invalid_client", "error_description": "invalid client credentials"}, 400
                )
            return _json(
                {
                    "access_token": self._session(),
                    "instance_url": f"https://{self.instance}",
                    "token_type": "Bearer",
                }
            )
        if request.path.startswith("/services/Soap/u/"):
            return self._soap(request.body.decode())
        if request.headers["Authorization"] != f"Bearer session-{self.n_sessions}" or self._calls_left <= 0:
            return _json([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
        self._calls_left -= 1
        assert request.path.rstrip("/") == "/services/data/v62.0/query"
        return self._query(request.query["q"])

    def _session(self) -> str:
        self.n_sessions, self._calls_left = self.n_sessions + 1, self.calls_per_session
        return f"session-{self.n_sessions}"

    def _soap(self, text: str) -> Reply:
        if f"<n1:password>{PASSWORD}{TOKEN}</n1:password>" not in text:
            fault = (
                '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
                'xmlns:sf="urn:fault.partner.soap.sforce.com"><e:Body><e:Fault><detail><sf:LoginFault>'
                "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"
                "<sf:exceptionMessage>INVALID_LOGIN: Invalid username, password</sf:exceptionMessage>"
                "</sf:LoginFault></detail></e:Fault></e:Body></e:Envelope>"
            )
            return Reply(fault.encode(), 500, {"Content-Type": "text/xml"})
        answer = (
            '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f"<loginResponse><result><serverUrl>https://{self.instance}/services/Soap/u/62.0/00D</serverUrl>"
            f"<sessionId>{self._session()}</sessionId></result></loginResponse></e:Body></e:Envelope>"
        )
        return Reply(answer.encode(), headers={"Content-Type": "text/xml"})

    def _query(self, soql: str) -> Reply:
        name = re.search(r" FROM (\w+)", soql)[1]  # type: ignore[index]
        limit = int(re.search(r" LIMIT (\d+)$", soql)[1])  # type: ignore[index]
        assert " ORDER BY SystemModstamp ASC, Id ASC" in soql
        rows = sorted(self.rows[name], key=lambda row: (row["SystemModstamp"], row["Id"]))
        after = re.search(r"\(SystemModstamp > (\S+) OR \(SystemModstamp = \1 AND Id > '(\w+)'\)\)", soql)
        if after:
            bound = (_moment(after[1]), after[2])
            rows = [row for row in rows if (_moment(row["SystemModstamp"]), row["Id"]) > bound]
        start = re.search(r"CreatedDate >= (\S+)", soql)
        if start:
            rows = [row for row in rows if _moment(row["CreatedDate"]) >= _moment(start[1])]
        given = rows[: min(limit, self.most_rows)]
        done = len(given) == len(rows[:limit])
        more = {} if done else {"nextRecordsUrl": "/services/data/v62.0/query/01gD-2"}
        return _json({"totalSize": len(rows[:limit]), "done": done, "records": given, **more})


def case(number: int, changed: str = "2026-03-01T10:00:00.000+0000", **more: Any) -> dict[str, Any]:
    return {
        "attributes": {"type": "Case"}, "Id": f"500A{number:014d}", "CaseNumber": f"{number:08d}",
        "Subject": f"Case {number}", "Description": "Where is my parcel?", "Status": "New", "Priority": "High",
        "Origin": "Email", "Type": None, "Reason": None, "SuppliedEmail": "ann@buyer.example",
        "SuppliedName": "Ann", "ContactEmail": None, "CreatedDate": "2026-03-01T09:00:00.000+0000",
        "SystemModstamp": changed, **more,
    }  # fmt: skip


def comment(number: int, parent: int) -> dict[str, Any]:
    return {
        "attributes": {"type": "CaseComment"}, "Id": f"00aA{number:014d}", "ParentId": f"500A{parent:014d}",
        "Parent": {
            "CaseNumber": f"{parent:08d}", "Subject": f"Case {parent}", "SuppliedEmail": "ann@Buyer.example",
            "ContactEmail": None,
        }, "CommentBody": "We found it.",
        "IsPublished": True, "CreatedBy": {"Email": "agent@shop.example"},
        "CreatedDate": "2026-03-01T11:00:00.000+0000", "SystemModstamp": "2026-03-01T11:00:00.000+0000",
    }  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _basic(request: Request) -> str:
    import base64

    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(value).decode() if kind == "Basic" else ""


def _json(value: object, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json"})
