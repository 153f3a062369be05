"""What passes the gate and what does not: paths, headers, bodies, kernels, lines."""

from __future__ import annotations

import json
import socket
import struct

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.unit.gate.conftest import Gate, Visitor, until

V1 = "v1.kernel.websocket.jupyter.org"
TOKEN = "secret-token-"


def talk(visitor: Visitor, kernel: str, origin: str | None = "", **more: object) -> ClientConnection:
    return connect(
        f"{visitor.gate.line}/api/kernels/{kernel}/channels?session_id=s",
        additional_headers={"Cookie": visitor.cookies},
        origin=visitor.gate.address if origin == "" else origin,
        proxy=None,
        **more,
    )


def message(kind: str) -> str:
    return json.dumps({"channel": "shell", "header": {"msg_type": kind}, "content": {}})


def v1_message(kind: str) -> bytes:
    parts = [b"shell", json.dumps({"msg_type": kind}).encode(), b"{}", b"{}", b"{}"]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


def test_a_page_comes_with_the_visitors_token_for_the_kernel_and_without_it_for_the_browser(
    gate: Gate,
) -> None:
    visitor = gate.visitor("ann")
    page = visitor.http.get("/voila/render/train.ipynb?dataset=d&user=ben&token=x")
    method, path, headers = gate.voila.requests[-1]
    assert (method, path) == ("GET", "/voila/render/train.ipynb")
    assert headers["x-workbench-visit"].startswith(TOKEN + "ann")
    assert headers["x-workbench-user"] == "ann"
    assert '"q": "dataset=d"' in page.text
    assert TOKEN not in page.text
    assert TOKEN not in str(page.headers)
    assert page.headers["cache-control"] == "no-store"
    assert "connect-src 'self'" in page.headers["content-security-policy"]


def test_what_a_browser_claims_about_itself_does_not_pass(gate: Gate) -> None:
    claimed = {
        "X-Workbench-Visit": "mine", "X-Workbench-User": "ben", "X_Workbench_Visit": "mine", "X-Forwarded-User": "ben",
        "X-Remote-User": "ben", "X-Forwarded-For": "1.2.3.4", "Authorization": "token other", "Forwarded": "for=1.2.3.4",
        "Connection": "close, X-Secret", "X-Secret": "1",
    }  # fmt: skip
    visitor = gate.visitor("ann")
    visitor.http.get("/voila/render/train.ipynb", headers=claimed)
    _, _, headers = gate.voila.requests[-1]
    assert headers["x-workbench-user"] == "ann"
    assert "mine" not in headers.values()
    assert not {
        "cookie",
        "x-forwarded-user",
        "x-remote-user",
        "x-forwarded-for",
        "forwarded",
        "x-secret",
    } & set(headers)
    assert not [name for name in headers if "_" in name]


def test_what_the_server_behind_says_of_itself_does_not_pass(gate: Gate) -> None:
    answer = gate.visitor("ann").http.get("/")
    assert answer.text == "here"
    assert not {"set-cookie", "server", "x-secret"} & set(answer.headers)


def test_redirects_stay_on_this_server(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    assert visitor.http.get("/voila/static/away").status_code == 404
    assert visitor.http.get("/voila/static/near").headers["location"] == "/voila/static/x.js"


@pytest.mark.parametrize(
    "path",
    [
        "/voila/static/..%2f..%2fapi/kernels", "/voila/static/%2e%2e/api/kernels", "/voila/static/../api/kernels",
        "/voila/static/..%5capi", "/voila/static/%252e%252e/x", "/voila//static/x", "/voila/static/x%00.js",
        "/voila/static/\\x", "/voila/render/..%2Ftrain.ipynb", "/voila/static/%ff",
    ],
)  # fmt: skip
def test_paths_that_climb_or_hide_are_not_there(gate: Gate, path: str) -> None:
    visitor = gate.visitor("ann")
    status, _ = raw(
        gate, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nCookie: {visitor.cookies}\r\n\r\n"
    )
    assert status in (400, 404)
    assert gate.voila.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/kernels"), ("POST", "/api/kernels"), ("GET", "/api/contents"), ("GET", "/voila/files/x"),
        ("GET", "/voila/api/contents/"), ("GET", "/voila/query/00000000-0000-4000-8000-000000000000"),
        ("POST", "/voila/render/train.ipynb"), ("HEAD", "/voila/render/train.ipynb"), ("PUT", "/voila/static/x"),
        ("GET", "/login"), ("GET", "/lab/ann/lab"), ("GET", "/voila/render/deep/train.ipynb"),
    ],
)  # fmt: skip
def test_other_addresses_of_voila_do_not_exist(gate: Gate, method: str, path: str) -> None:
    visitor = gate.visitor("ann")
    answer = visitor.http.request(method, path, headers={"Origin": gate.address})
    assert answer.status_code in (404, 405)
    assert gate.voila.requests == []


def test_a_page_streams_as_it_is_made(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    gate.voila.hold.clear()
    with visitor.http.stream("GET", "/voila/render/train.ipynb") as page:
        seen = b""
        pieces = page.iter_raw()
        while b"first" not in seen:
            seen += next(pieces)
        assert b"last" not in seen
        gate.voila.hold.set()
        assert b"last" in b"".join(pieces)


def test_the_kernel_of_a_page_that_was_left_half_way_is_ended(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    gate.voila.hold.clear()
    with visitor.http.stream("GET", "/voila/render/train.ipynb") as page:
        next(page.iter_raw())
    gate.voila.hold.set()
    until(lambda: gate.voila.ended == list(gate.voila.kernels))


def test_a_large_request_is_refused(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    large = visitor.http.post(
        f"/voila/api/shutdown/{kernel}", content=b"x" * 1001, headers={"Origin": gate.address}
    )
    assert large.status_code == 413
    assert gate.voila.ended == []


def test_a_kernel_of_another_visitor_does_not_exist(gate: Gate) -> None:
    ann, ben = gate.visitor("ann"), gate.visitor("ben")
    kernel = ann.open_app()
    own = {"Origin": gate.address}
    assert ann.http.get(f"/api/kernels/{kernel}").status_code == 200
    assert ben.http.get(f"/api/kernels/{kernel}").status_code == 404
    assert ben.http.delete(f"/api/kernels/{kernel}", headers=own).status_code == 404
    assert ben.http.post(f"/voila/api/shutdown/{kernel}", headers=own).status_code == 404
    with pytest.raises(InvalidStatus, match="403"):
        talk(ben, kernel)
    second_browser_of_ann = gate.visitor("ann")
    assert second_browser_of_ann.http.get(f"/api/kernels/{kernel}").status_code == 404
    assert gate.voila.ended == []


def test_an_id_in_the_contents_of_a_page_binds_nothing(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    visitor.open_app()
    assert visitor.http.get("/api/kernels/99999999-0000-4000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1"])
def test_a_line_from_a_page_elsewhere_is_refused(gate: Gate, origin: str | None) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    with pytest.raises(InvalidStatus, match="403"):
        talk(visitor, kernel, origin=origin)


def test_a_line_needs_a_session(gate: Gate) -> None:
    kernel = gate.visitor("ann").open_app()
    with pytest.raises(InvalidStatus, match="403"):
        talk(gate.visitor(), kernel)


def test_widgets_talk_and_code_is_not_run(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    with talk(visitor, kernel) as line:
        line.send(message("comm_msg"))
        assert line.recv(5) == message("comm_msg")
        line.send(message("execute_request"))
        with pytest.raises(ConnectionClosed):
            line.recv(5)
    assert gate.voila.frames == [message("comm_msg")]


def test_widgets_talk_and_code_is_not_run_in_the_newer_protocol(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    with talk(visitor, kernel, subprotocols=["other", V1]) as line:
        assert line.subprotocol == V1
        line.send(v1_message("comm_msg"))
        assert line.recv(5) == v1_message("comm_msg")
        line.send(v1_message("execute_request"))
        with pytest.raises(ConnectionClosed):
            line.recv(5)
    assert gate.voila.frames == [v1_message("comm_msg")]


def test_a_line_ends_with_the_session(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    with talk(visitor, kernel) as line:
        visitor.sign_out()
        with pytest.raises(ConnectionClosed):
            line.recv(5)
    assert gate.voila.ended == [kernel]


def test_a_visitor_has_so_many_kernels_and_no_more(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    first, second = visitor.open_app(), visitor.open_app()
    with talk(visitor, first), talk(visitor, second):
        refused = visitor.http.get("/voila/render/train.ipynb")
        assert refused.status_code == 503
        assert "2 pages are open already; that is the most." in refused.text
        assert "Close a page that you no longer need" in refused.text
    until(lambda: "2 pages" not in visitor.http.get("/voila/render/train.ipynb").text)
    until(lambda: gate.voila.ended != [])


def test_all_visitors_together_have_so_many_kernels_and_no_more(gate: Gate) -> None:
    ann, ben = gate.visitor("ann"), gate.visitor("ben")
    kernels = [ann.open_app(), ann.open_app(), ben.open_app()]
    with talk(ann, kernels[0]), talk(ann, kernels[1]), talk(ben, kernels[2]):
        refused = ben.http.get("/voila/render/train.ipynb")
    assert refused.status_code == 503
    assert "3 pages are open already by all visitors together" in refused.text


def test_a_page_that_is_closed_makes_room(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    closed = visitor.http.post(f"/voila/api/shutdown/{kernel}", headers={"Origin": gate.address})
    assert closed.status_code == 204
    visitor.open_app()
    visitor.open_app()
    assert gate.voila.ended == [kernel]


def test_a_request_cannot_hide_another_one(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    n_before = len(gate.voila.requests)
    hidden = "GET /voila/static/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    head = (
        f"POST /voila/api/shutdown/{kernel} HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nOrigin: {gate.address}\r\n"
        f"Cookie: {visitor.cookies}\r\n"
    )
    for framing, body in (
        (f"Content-Length: {len(hidden) + 5}\r\nTransfer-Encoding: chunked\r\n", f"0\r\n\r\n{hidden}"),
        ("Content-Length: 0\r\nContent-Length: 60\r\n", hidden),
        ("Transfer-Encoding: chunked, identity\r\n", f"0\r\n\r\n{hidden}"),
        ("Transfer-Encoding : chunked\r\n", f"0\r\n\r\n{hidden}"),
    ):
        raw(gate, f"{head}{framing}Connection: close\r\n\r\n{body}")
    paths = {path for _, path, _ in gate.voila.requests[n_before:]}
    assert paths <= {f"/voila/api/shutdown/{kernel}"}


def test_two_names_of_the_server_in_one_request_are_refused(gate: Gate) -> None:
    status, _ = raw(gate, f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nHost: evil\r\n\r\n")
    assert status in (400, 421)


def test_no_secret_is_in_the_log(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    with talk(visitor, kernel) as line:
        line.send(message("comm_msg"))
        line.recv(5)
    gate.visitor().sign_in("ann", "wrong password 77")
    visitor.sign_out()
    ours = "\n".join(
        one.getMessage() for one in caplog.records if one.name.startswith(("workbench", "uvicorn"))
    )
    for secret in (TOKEN, "a long password", "wrong password 77"):
        assert secret not in ours


def raw(gate: Gate, text: str) -> tuple[int, bytes]:
    """The status and all bytes that come back for bytes that no library would send."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as peer:
        peer.sendall(text.encode("latin-1"))
        peer.settimeout(2)
        out = b""
        while b"\r\n\r\n" not in out:
            piece = peer.recv(65536)
            if not piece:
                break
            out += piece
    return int(out.split()[1]) if out else 0, out
