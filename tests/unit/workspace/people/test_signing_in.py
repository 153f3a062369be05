"""Signing in: waits, one-time codes, who is told what, and what is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pyotp import TOTP

from tests.people import OTHER, PASSWORD, Time
from workbench.errors import AccessError, InputError
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.people import own_account, signing_in, tokens, users
from workbench.workspace.people.recognising import Recogniser
from workbench.workspace.refusals import AT_ONCE

Known = Callable[[str], Caller]


@pytest.fixture
def ann(root: Caller) -> str:
    users.create_user(root, "ann", "ann@buyer.example", password=PASSWORD)
    return "ann"


def events(root: Caller) -> list[tuple[str, str, str]]:
    with root.store.read() as session:
        rows = session.audit.table().to_pylist()
    return [(row["action"], row["object"], row["details"]) for row in rows]


@pytest.mark.parametrize("name", ["ann", "ANN", "Ann@Buyer.example"])
def test_a_session_begins_by_name_or_e_mail(
    root: Caller, ann: str, known: Known, name: str, time: Time
) -> None:
    began = signing_in.sign_in(root, name, PASSWORD)
    assert began.username == "ann" and not began.must_change_password
    assert known(began.session_token).actor == "ann"
    assert began.session_token not in repr(began)
    assert users.users(root)[0].last_sign_in_at == time.now


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer_and_the_same_wait(
    root: Caller, ann: str, time: Time
) -> None:
    users.create_user(root, "off", password=OTHER)
    users.enable_user(root, "off", enabled=False)
    users.create_user(root, "none")
    said = {}
    for name in ("ann", "nobody", "off", "none"):
        texts = []
        for _ in range(6):
            with pytest.raises(AccessError) as caught:
                signing_in.sign_in(root, name, "nonsense" if name == "ann" else OTHER)
            texts.append(str(caught.value))
        said[name] = texts
    assert said["ann"] == said["nobody"] == said["off"] == said["none"]
    assert said["ann"][4].startswith("name or password is wrong, or the account is disabled.")
    assert said["ann"][5].startswith("too many failed tries of a password. Wait 5 s and try again")


@pytest.mark.nightly
def test_the_wait_doubles_up_to_its_longest_and_a_good_sign_in_ends_it(
    root: Caller, ann: str, time: Time
) -> None:
    waits = []
    for n in range(14):
        with pytest.raises(AccessError) as caught:
            signing_in.sign_in(root, "ann", "nonsense")
        assert caught.value.details["reason"] == "password"
        if n >= 4:
            with pytest.raises(AccessError) as caught:
                signing_in.sign_in(root, "ann", PASSWORD)
            waits.append(caught.value.details["wait_s"])
            time.pass_by(float(str(waits[-1])))
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    signing_in.sign_in(root, "ann", PASSWORD)
    for _ in range(4):
        with pytest.raises(AccessError, match="name or password is wrong"):
            signing_in.sign_in(root, "ann", "nonsense")
    signing_in.sign_in(root, "ann", PASSWORD)


@pytest.mark.nightly
def test_failures_are_forgotten_after_a_day_or_when_an_administrator_helps(
    root: Caller, ann: str, time: Time
) -> None:
    for _ in range(5):
        with pytest.raises(AccessError):
            signing_in.sign_in(root, "ann", "nonsense")
    assert users.users(root)[0].locked_until is not None
    users.enable_user(root, "ann", enabled=True)
    assert users.users(root)[0].locked_until is None
    for _ in range(4):
        with pytest.raises(AccessError):
            signing_in.sign_in(root, "ann", "nonsense")
    time.pass_by(86_401)
    with pytest.raises(AccessError):
        signing_in.sign_in(root, "ann", "nonsense")
    signing_in.sign_in(root, "ann", PASSWORD)


def test_many_guesses_at_once_are_no_more_than_as_many_one_by_one(root: Caller, ann: str) -> None:
    def reason(n: int) -> str:
        with pytest.raises(AccessError) as caught:
            signing_in.sign_in(root, "ann", f"nonsense {n}")
        return str(caught.value.details["reason"])

    with ThreadPoolExecutor(12) as pool:
        reasons = list(pool.map(reason, range(12)))
    assert reasons.count("password") == 5 and reasons.count("locked") == 7


def test_what_is_secret_is_in_no_event_error_or_table(root: Caller, ann: str, known: Known) -> None:
    typed = "the-password-in-the-wrong-box"
    with pytest.raises(AccessError) as wrong:
        signing_in.sign_in(root, typed, PASSWORD)
    with pytest.raises(AccessError):
        signing_in.sign_in(root, "ann", typed)
    began = signing_in.sign_in(root, "ann", PASSWORD)
    me = known(began.session_token)
    made = tokens.create_token(me, "robot")
    setup = own_account.begin_code(me)
    written = (
        json.dumps(events(root)) + str(wrong.value) + repr(made) + repr(setup) + repr(root.store.secrets)
    )
    with root.store.read() as session:
        names = [row[0] for row in session._cursor._connection.execute("SHOW TABLES").fetchall()]
        for name in names:
            written += str(
                session._cursor._connection.execute(f'SELECT * FROM "{name}"').to_arrow_table().to_pylist()
            )
    for secret in (typed, PASSWORD, began.session_token, made.secret, setup.secret, "argon2id"):
        assert secret not in written
    assert "argon2id" in str(root.store.secrets.get(f"user-{users.users(root)[0].user_id}"))


def test_events_of_sign_ins(root: Caller, ann: str) -> None:
    for _ in range(5):
        with pytest.raises(AccessError):
            signing_in.sign_in(root, "ann", "nonsense")
    users.enable_user(root, "ann", enabled=True)
    signing_in.sign_in(root, "ann", PASSWORD)
    actions = [(action, subject) for action, subject, _ in events(root)][-8:]
    assert actions == [
        *[("sign_in_failed", "ann")] * 5,
        ("sign_in_locked", "ann"),
        ("enable_user", "ann"),
        ("sign_in", "ann"),
    ]
    with root.store.read() as session:
        who = {row["action"]: row["actor"] for row in session.audit.table().to_pylist()}
    assert (who["sign_in"], who["enable_user"]) == ("ann", root.actor)


def test_made_up_names_cannot_fill_the_log_and_take_as_much_work_as_others(
    root: Caller, workspace: Workspace
) -> None:
    names = [f"known {n}" for n in range(3)]
    for name in names:
        users.create_user(root, name.replace(" ", "-"), password=PASSWORD)

    def work(name: str) -> int:
        before = workspace.store.n_writes
        with pytest.raises(AccessError, match="name or password is wrong"):
            signing_in.sign_in(root, name, "nonsense")
        return workspace.store.n_writes - before

    with root.store.read() as session:
        began = session.audit.head().seq
    made_up = [work(f"made up {n}") for n in range(AT_ONCE + 20)]
    known = [work(name.replace(" ", "-")) for name in names]
    assert set(made_up) == set(known)
    workspace.refusals.write_counted()
    written = [one for one in events(root)[began:] if one[1] not in ("known-0", "known-1", "known-2")]
    assert [one[0] for one in written] == ["sign_in_failed"] * AT_ONCE + ["sign_in_failed_more"]
    assert json.loads(written[-1][2])["of"] == {"password": 20}
    assert "made up" not in json.dumps(written)


def test_whom_a_provider_vouches_for_in_vain_cannot_fill_the_log(root: Caller, workspace: Workspace) -> None:
    for n in range(AT_ONCE + 5):
        with pytest.raises(AccessError, match="has no account here, or it is disabled"):
            signing_in.sign_in_external(root, "https://id.example", f"subject {n}", f"{n}@far.example")
    workspace.refusals.write_counted()
    written = events(root)
    assert [one[0] for one in written] == ["sign_in_failed"] * AT_ONCE + ["sign_in_failed_more"]
    assert json.loads(written[-1][2])["of"] == {"external": 5}


def test_who_has_to_wait_makes_nobody_wait_who_writes(root: Caller, ann: str, workspace: Workspace) -> None:
    for _ in range(5):
        with pytest.raises(AccessError):
            signing_in.sign_in(root, "ann", "nonsense")
    before = workspace.store.n_writes
    with pytest.raises(AccessError, match="too many failed tries of a password"):
        signing_in.sign_in(root, "ann", "nonsense")
    assert workspace.store.n_writes == before


def with_codes(root: Caller, known: Known, time: Time) -> tuple[TOTP, tuple[str, ...]]:
    me = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    app = TOTP(own_account.begin_code(me).secret)
    with pytest.raises(InputError, match="does not fit what was set up"):
        own_account.confirm_code(me, "000000" if app.at(time.now) != "000000" else "111111")
    recovery = own_account.confirm_code(me, app.at(time.now))
    time.pass_by(30)
    return app, recovery


def test_a_one_time_code_is_asked_for_and_counts_once(
    root: Caller, ann: str, known: Known, time: Time
) -> None:
    app, _ = with_codes(root, known, time)
    assert users.users(root)[0].has_code
    with pytest.raises(AccessError, match="signs in with a one-time code") as caught:
        signing_in.sign_in(root, "ann", PASSWORD)
    assert caught.value.details["reason"] == "code-needed"
    code = app.at(time.now)
    signing_in.sign_in(root, "ann", PASSWORD, code)
    with pytest.raises(AccessError, match="the one-time code is wrong, or was used before"):
        signing_in.sign_in(root, "ann", PASSWORD, code)
    with pytest.raises(AccessError, match="name or password is wrong"):
        signing_in.sign_in(root, "ann", "nonsense", app.at(time.now.timestamp() + 30))


def test_codes_cannot_be_guessed_by_taking_turns_with_leaving_them_out(
    root: Caller, ann: str, known: Known, time: Time
) -> None:
    app, _ = with_codes(root, known, time)
    reasons = []
    for n in range(6):
        for code in ("", f"{(int(app.at(time.now)) + 7 + n) % 1_000_000:06}"):
            with pytest.raises(AccessError) as caught:
                signing_in.sign_in(root, "ann", PASSWORD, code)
            reasons.append(caught.value.details["reason"])
    assert reasons == ["code-needed", "code"] * 5 + ["locked"] * 2


def test_recovery_codes_open_once_and_are_renewed(root: Caller, ann: str, known: Known, time: Time) -> None:
    _, recovery = with_codes(root, known, time)
    began = signing_in.sign_in(root, "ann", PASSWORD, recovery[0])
    with pytest.raises(AccessError, match="one-time code is wrong"):
        signing_in.sign_in(root, "ann", PASSWORD, recovery[0])
    me = known(began.session_token)
    with pytest.raises(AccessError, match="the present password of user 'ann' is wrong"):
        own_account.renew_recovery_codes(me, "nonsense")
    renewed = own_account.renew_recovery_codes(me, PASSWORD)
    with pytest.raises(AccessError, match="one-time code is wrong"):
        signing_in.sign_in(root, "ann", PASSWORD, recovery[1])
    signing_in.sign_in(root, "ann", PASSWORD, renewed[1])
    with pytest.raises(AccessError, match="present password"):
        own_account.remove_code(me, "nonsense")
    own_account.remove_code(me, PASSWORD)
    signing_in.sign_in(root, "ann", PASSWORD)
    with pytest.raises(InputError, match="has no one-time codes that could be recovered"):
        own_account.renew_recovery_codes(me, PASSWORD)


def test_codes_are_set_up_once(root: Caller, ann: str, known: Known, time: Time) -> None:
    _, recovery = with_codes(root, known, time)
    me = known(signing_in.sign_in(root, "ann", PASSWORD, recovery[0]).session_token)
    with pytest.raises(InputError, match="has one-time codes already"):
        own_account.begin_code(me)
    own_account.remove_code(root, user="ann")
    assert not users.users(root)[0].has_code


def test_a_new_password_ends_other_sessions_and_needs_the_old_one(
    root: Caller, ann: str, known: Known, recogniser: Recogniser
) -> None:
    mine = signing_in.sign_in(root, "ann", PASSWORD).session_token
    stolen = signing_in.sign_in(root, "ann", PASSWORD).session_token
    with pytest.raises(AccessError, match="present password"):
        own_account.set_password(known(stolen), OTHER, old="nonsense")
    with pytest.raises(AccessError, match="present password"):
        own_account.set_password(known(stolen), OTHER, user="ann")
    own_account.set_password(known(mine), OTHER, old=PASSWORD)
    assert recogniser.recognise(mine).name == "ann"
    with pytest.raises(AccessError, match="was revoked"):
        recogniser.recognise(stolen)
    with pytest.raises(AccessError, match="name or password"):
        signing_in.sign_in(root, "ann", PASSWORD)
    signing_in.sign_in(root, "ann", OTHER)


def test_hashes_follow_when_parameters_rise(root: Caller, ann: str, workspace: Workspace) -> None:
    workspace.settings = replace(workspace.settings, password_passes=2)
    key = f"user-{users.users(root)[0].user_id}"
    assert ",t=1," in root.store.secrets.get(key)["password"]
    signing_in.sign_in(root, "ann", PASSWORD)
    assert ",t=2," in root.store.secrets.get(key)["password"]
    signing_in.sign_in(root, "ann", PASSWORD)


def test_signing_out_ends_the_session_and_no_token(
    root: Caller, ann: str, known: Known, recogniser: Recogniser
) -> None:
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    made = tokens.create_token(known(secret), "robot")
    signing_in.sign_out(known(made.secret))
    signing_in.sign_out(root)
    assert recogniser.recognise(made.secret).name == "ann"
    signing_in.sign_out(known(secret))
    with pytest.raises(AccessError, match="the session of 'ann' was revoked"):
        recogniser.recognise(secret)


def test_a_provider_vouches_for_whom_an_administrator_entered(
    root: Caller, ann: str, workspace: Workspace, recogniser: Recogniser
) -> None:
    users.create_user(root, "bob", "bob@buyer.example")
    began = signing_in.sign_in_external(root, "https://id.example", "s-1", "BOB@buyer.example", "Robert")
    assert began.username == "bob"
    assert signing_in.sign_in_external(root, "https://id.example", "s-1").username == "bob"
    with pytest.raises(AccessError, match=r"'bob@buyer\.example' has no account here"):
        signing_in.sign_in_external(root, "https://evil.example", "s-1", "bob@buyer.example")
    with pytest.raises(AccessError, match="has no account here"):  # ann has a password of her own
        signing_in.sign_in_external(root, "https://id.example", "s-2", "ann@buyer.example")
    with pytest.raises(AccessError, match="'s-3' has no account here"):
        signing_in.sign_in_external(root, "https://id.example", "s-3")
    users.enable_user(root, "bob", enabled=False)
    with pytest.raises(AccessError, match="'s-1' has no account here, or it is disabled"):
        signing_in.sign_in_external(root, "https://id.example", "s-1")
    with pytest.raises(InputError, match="named nobody"):
        signing_in.sign_in_external(root, "https://id.example", "")
    workspace.settings = replace(workspace.settings, external_users="any")
    came = signing_in.sign_in_external(root, "https://id.example", "s-4", "new@buyer.example", "Ann <b>")
    assert came.username == "Ann-b"
    assert not recogniser.recognise(came.session_token).grants.may_somewhere("dataset.read")
    assert signing_in.sign_in_external(root, "https://id.example", "s-5", "", "ann").username == "ann-2"


def test_nobody_but_the_server_vouches(root: Caller, ann: str, known: Known) -> None:
    me = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    with pytest.raises(AccessError, match="'ann' may not vouch for others"):
        signing_in.sign_in_external(me, "https://id.example", "s", "x@y.example")
