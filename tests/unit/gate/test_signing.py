"""Signing in and out, and what somebody without a session sees: nothing."""

from __future__ import annotations

import re

import pytest

from tests.unit.gate.conftest import PASSWORDS, Gate, until


@pytest.mark.parametrize(
    "path", ["/", "/voila/render/train.ipynb", "/voila/static/x.js", "/lab/ann/lab", "/nowhere"]
)
def test_without_a_session_nothing_behind_the_gate_is_asked(gate: Gate, path: str) -> None:
    page = gate.visitor().http.get(path)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")
    other = gate.visitor().http.get(path, headers={"Accept": "application/json"})
    assert other.status_code == 401
    assert gate.voila.requests == []


def test_who_signs_in_is_brought_to_where_they_wanted_to_go(gate: Gate) -> None:
    visitor = gate.visitor()
    away = visitor.http.get("/voila/render/train.ipynb?dataset=demo/support")
    assert away.headers["location"] == "/sign-in?next=/voila/render/train.ipynb%3Fdataset%3Ddemo/support"
    page = visitor.http.get(away.headers["location"])
    target = re.search(r'name="next" value="([^"]+)"', page.text).group(1)
    back = visitor.post("/sign-in", form=visitor.form(), name="ann", password=PASSWORDS["ann"], next=target)
    assert (back.status_code, back.headers["location"]) == (
        303,
        "/voila/render/train.ipynb?dataset=demo/support",
    )
    assert visitor.http.get("/").text == "here"


def test_the_session_cookie_is_for_this_server_alone_and_not_for_scripts(gate: Gate) -> None:
    answer = gate.visitor().sign_in("ann")
    cookie = next(
        one for one in answer.headers.get_list("set-cookie") if one.startswith("workbench-session-t=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie
    assert len(re.match(r"workbench-session-t=([^;]+)", cookie).group(1)) >= 43


def test_a_wrong_password_says_so_and_keeps_the_name(gate: Gate) -> None:
    page = gate.visitor().sign_in("ann", "wrong")
    assert page.status_code == 401
    assert "name, password or code is wrong." in page.text
    assert 'value="ann"' in page.text
    assert "wrong" not in page.headers.get("location", "")


def test_a_one_time_code_goes_to_the_owner(gate: Gate) -> None:
    assert gate.visitor().sign_in("ann", code=" 123456 ").status_code == 303
    assert gate.visitor().sign_in("ann", code="000000").status_code == 401


def test_a_name_that_is_markup_stays_text(gate: Gate) -> None:
    page = gate.visitor().sign_in("ann", "x").request
    assert page is not None
    shown = gate.visitor()
    text = shown.post("/sign-in", form=shown.form(), name='"><script>alert(1)</script>', password="x").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("form", ["", "0" * 64, "ü"])
def test_a_form_of_somebody_else_signs_nobody_in(gate: Gate, form: str) -> None:
    visitor = gate.visitor()
    visitor.form()
    answer = visitor.post("/sign-in", form=form, name="ann", password=PASSWORDS["ann"])
    assert answer.status_code == 403
    assert gate.door.n_tried == 0


def test_a_form_is_good_for_the_browser_that_got_it_only(gate: Gate) -> None:
    form = gate.visitor().form()
    other = gate.visitor()
    other.form()
    assert other.post("/sign-in", form=form, name="ann", password=PASSWORDS["ann"]).status_code == 403


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"]
)
def test_a_form_sent_from_elsewhere_is_refused(gate: Gate, origin: str | None) -> None:
    visitor = gate.visitor("ann")
    form = visitor.form("/sign-out")
    assert visitor.post("/sign-out", origin=origin, form=form).status_code == 403
    assert visitor.http.get("/").text == "here"


def test_signing_out_needs_a_form_of_this_session(gate: Gate) -> None:
    ann, ben = gate.visitor("ann"), gate.visitor("ben")
    assert ann.post("/sign-out", form=ben.form("/sign-out")).status_code == 403
    assert ann.http.get("/").status_code == 200


def test_signing_out_ends_the_session_everywhere(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    stolen = visitor.cookies
    kernel = visitor.open_app()
    assert "Signed in as ann" in visitor.http.get("/sign-out").text
    out = visitor.sign_out()
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert gate.door.tokens == {}
    assert gate.voila.ended == [kernel]
    replayed = gate.visitor().http.get("/", headers={"Cookie": stolen})
    assert replayed.status_code == 303


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a//b", "/sign-out", "/%2f%2fevil", "/x\r\nSet-Cookie: a=b", "javascript:alert(1)", "/x#y", "/ü"],
)  # fmt: skip
def test_nobody_is_sent_to_another_server(gate: Gate, wanted: str) -> None:
    visitor = gate.visitor()
    form = visitor.form()
    back = visitor.post("/sign-in", form=form, name="ann", password=PASSWORDS["ann"], next=wanted)
    assert (back.status_code, back.headers["location"]) == (303, "/")


def test_an_address_that_tries_too_often_must_wait(gate: Gate) -> None:
    visitor = gate.visitor()
    for _ in range(5):
        assert visitor.sign_in("ann", "wrong").status_code == 401
    refused = visitor.sign_in("ann")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "60"
    assert "Too many attempts from your address. Please wait 60 seconds." in refused.text
    assert gate.door.n_tried == 5
    gate.clock.turn(seconds=61)
    assert visitor.sign_in("ann").status_code == 303


def test_a_session_ends_when_it_is_not_used(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    gate.clock.turn(seconds=3599)
    assert visitor.http.get("/").status_code == 200
    gate.clock.turn(seconds=3600)
    assert visitor.http.get("/").status_code == 303


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    for _ in range(2):
        gate.clock.turn(seconds=1700)
        by_itself = visitor.http.get("/voila/static/x.js", headers={"Accept": "application/json"})
        assert by_itself.status_code == 200
    gate.clock.turn(seconds=300)
    assert visitor.http.get("/").status_code == 303


def test_a_session_ends_at_its_time_however_much_it_is_used(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    for _ in range(9):
        gate.clock.turn(minutes=53)
        assert visitor.http.get("/").status_code == 200
    gate.clock.turn(minutes=4)
    assert visitor.http.get("/").status_code == 303


def test_a_session_that_the_owner_has_ended_ends_here(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    kernel = visitor.open_app()
    gate.door.tokens.clear()
    assert visitor.http.get("/").status_code == 303
    until(lambda: gate.voila.ended == [kernel])


def test_signing_in_again_ends_the_session_before(gate: Gate) -> None:
    visitor = gate.visitor("ann")
    before = visitor.cookies
    assert visitor.sign_in("ben").status_code == 303
    assert list(gate.door.tokens.values()) == ["ben"]
    assert gate.visitor().http.get("/", headers={"Cookie": before}).status_code == 303


def test_the_gates_own_pages_allow_no_script_and_no_frame(gate: Gate) -> None:
    page = gate.visitor().http.get("/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "<script" not in page.text
    assert gate.visitor().http.get("/sign-style.css").headers["content-type"].startswith("text/css")


def test_a_server_by_another_name_is_not_this_one(gate: Gate) -> None:
    assert gate.visitor().http.get("/sign-in", headers={"Host": "evil.example"}).status_code == 421
    assert gate.visitor().http.get("/health", headers={"Host": f"localhost:{gate.port}"}).json() == {
        "status": "ok"
    }


def test_a_first_password_must_be_changed_before_anything_else(gate: Gate) -> None:
    gate.door.must_change = True
    visitor = gate.visitor("ann")
    for path in ("/", "/voila/render/train.ipynb", "/lab/ann/lab"):
        assert visitor.http.get(path).headers["location"] == "/sign-in/password"
    new = "a sentence that is long"
    tries = [
        ({"old": PASSWORDS["ann"], "new": new, "again": "another one"}, "are not the same"),
        ({"old": "wrong", "new": new, "again": new}, "that will not do."),
    ]
    for fields, said in tries:
        refused = visitor.post("/sign-in/password", form=visitor.form("/sign-in/password"), **fields)
        assert refused.status_code == 400
        assert said in refused.text
    fields = {"old": PASSWORDS["ann"], "new": new, "again": new}
    assert visitor.post("/sign-in/password", form=visitor.form("/sign-out"), **fields).status_code == 403
    assert gate.voila.requests == []
    done = visitor.post("/sign-in/password", form=visitor.form("/sign-in/password"), **fields)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert gate.door.changed == [("ann", new)]
    assert visitor.http.get("/").text == "here"


def test_the_page_for_a_new_password_needs_a_session(gate: Gate) -> None:
    assert gate.visitor().http.get("/sign-in/password").status_code == 303
    assert gate.visitor().post("/sign-in/password", old="a", new="b").status_code == 401
