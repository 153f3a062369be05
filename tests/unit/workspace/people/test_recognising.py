"""Recognising tokens and sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.people import OTHER, PASSWORD, Time
from workbench.errors import AccessError, SignInError, ThrottledError
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.people import own_account, roles, signing_in, tokens, users
from workbench.workspace.people.recognising import Recogniser


def test_a_workspace_is_guarded_from_its_first_user_to_its_last(root: Caller, recogniser: Recogniser) -> None:
    assert not recogniser.guarded
    users.create_user(root, "ann", password=PASSWORD)
    assert recogniser.guarded
    users.delete_user(root, "ann", "ann")
    assert not recogniser.guarded


def test_a_session_ends_when_it_is_not_used_and_at_last(
    root: Caller, recogniser: Recogniser, time: Time
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    for _ in range(6):
        time.pass_by(7_199)
        found = recogniser.recognise(secret)
        assert (found.name, found.kind) == ("ann", "session")
    time.pass_by(6)
    with pytest.raises(AccessError, match="the session of 'ann' has expired"):
        recogniser.recognise(secret)
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    time.pass_by(7_200)
    with pytest.raises(AccessError, match="the session of 'ann' ended, since it was not used") as caught:
        recogniser.recognise(secret)
    assert caught.value.next_step == "Sign in again, or make another token."
    assert caught.value.details == {"reason": "idle"}


def test_the_last_use_is_written_down_once_a_minute_and_outlives_the_owner(
    root: Caller, recogniser: Recogniser, time: Time, workspace: Workspace
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    made = tokens.create_token(root, "robot", user="ann")
    before = workspace.store.n_writes
    recogniser.recognise(made.secret)
    recogniser.settle()
    first = workspace.store.n_writes
    assert first > before
    time.pass_by(59)
    recogniser.recognise(made.secret)
    recogniser.settle()
    assert workspace.store.n_writes == first
    time.pass_by(1)
    recogniser.recognise(made.secret)
    recogniser.settle()
    (token,) = tokens.tokens(root, "ann")
    assert token.last_used_at == time.now
    assert workspace.store.n_access_writes == recogniser._known[next(iter(recogniser._known))].version


def test_tokens_that_count_for_nothing_say_why(
    root: Caller, recogniser: Recogniser, time: Time, workspace: Workspace
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    users.create_user(root, "bob", password=OTHER, roles=("service_admin",))
    made = tokens.create_token(root, "robot", user="ann", expires_at=time.now + timedelta(hours=1))
    with pytest.raises(AccessError, match="the token is not known here"):
        recogniser.recognise(made.secret + "x")
    assert recogniser.recognise(made.secret).kind == "token"
    users.enable_user(root, "ann", enabled=False)
    with pytest.raises(AccessError, match="user 'ann' is disabled"):
        recogniser.recognise(made.secret)
    users.enable_user(root, "ann", enabled=True)
    assert recogniser.recognise(made.secret).name == "ann"
    time.pass_by(3_600)
    with pytest.raises(AccessError, match="the token of 'ann' has expired"):
        recogniser.recognise(made.secret)
    other = tokens.create_token(root, "robot", user="ann")
    tokens.revoke_token(root, other.token.token_id)
    with pytest.raises(AccessError, match="the token of 'ann' was revoked"):
        recogniser.recognise(other.secret)
    third = tokens.create_token(root, "robot", user="ann")
    users.delete_user(root, "ann", "ann")
    with pytest.raises(AccessError, match="not known here"):
        recogniser.recognise(third.secret)


def test_a_change_of_rights_counts_at_once(root: Caller, recogniser: Recogniser) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    users.create_user(root, "bob", password=OTHER)
    secret = tokens.create_token(root, "robot", user="bob").secret
    assert not recogniser.recognise(secret).grants.may_somewhere("dataset.read")
    given = roles.assign_role(root, "bob", "viewer")
    assert recogniser.recognise(secret).grants.may("dataset.read", "any")
    roles.remove_role_assignment(root, given.assignment_id)
    assert not recogniser.recognise(secret).grants.may_somewhere("dataset.read")


def test_what_is_known_is_not_looked_up_again(
    root: Caller, recogniser: Recogniser, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    first = recogniser.recognise(secret)
    recogniser.settle()
    with monkeypatch.context() as patched:
        patched.setattr(workspace.store, "read", lambda: pytest.fail("looked up"))
        assert recogniser.recognise(secret) is first


def guess(recogniser: Recogniser, peer: str, times: int = 5) -> None:
    for n in range(times):
        with pytest.raises(SignInError, match="not known here"):
            recogniser.recognise(f"guess {n}", peer)


def test_who_guesses_tokens_has_to_wait_and_who_is_known_does_not(
    root: Caller, recogniser: Recogniser, time: Time
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    recogniser.recognise(secret, "10.0.0.9")
    guess(recogniser, "10.0.0.9")
    with pytest.raises(ThrottledError, match=r"too many unknown tokens came from 10\.0\.0\.9: ") as caught:
        recogniser.recognise("guess 6", "10.0.0.9")
    assert caught.value.retry_after_s == 5
    assert caught.value.next_step == "Send this again in 5 s; the token may well be right."
    guess(recogniser, "10.0.0.10", 1)
    assert recogniser.recognise(secret, "10.0.0.9").name == "ann"
    time.pass_by(5)
    guess(recogniser, "10.0.0.9", 1)
    time.pass_by(9)
    with pytest.raises(ThrottledError, match="too many"):
        recogniser.recognise("guess 8", "10.0.0.9")


def test_who_waits_does_not_learn_whether_a_token_is_right(
    root: Caller, recogniser: Recogniser, time: Time
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    unused = tokens.create_token(root, "robot", user="ann", expires_at=time.now + timedelta(days=90)).secret
    revoked = tokens.create_token(root, "old", user="ann")
    tokens.revoke_token(root, revoked.token.token_id)
    time.pass_by(31 * 86_400)
    guess(recogniser, "10.0.0.9")
    said = set()
    for secret in (unused, revoked.secret, "guess 6"):
        with pytest.raises(ThrottledError) as caught:
            recogniser.recognise(secret, "10.0.0.9")
        said.add((str(caught.value), caught.value.retry_after_s))
    assert len(said) == 1
    time.pass_by(5)
    assert recogniser.recognise(unused, "10.0.0.9").name == "ann"
    with pytest.raises(SignInError, match="was revoked"):
        recogniser.recognise(revoked.secret, "10.0.0.9")


def test_what_was_used_lately_is_known_to_the_next_owner_too(
    root: Caller, workspace: Workspace, recogniser: Recogniser, time: Time
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    used = tokens.create_token(root, "robot", user="ann").secret
    time.pass_by(29 * 86_400)
    recogniser.recognise(used, "10.0.0.9")
    recogniser.settle()
    time.pass_by(29 * 86_400)
    second = Recogniser(workspace.store, time, workspace.settings)
    guess(second, "10.0.0.9")
    assert second.recognise(used, "10.0.0.9").name == "ann"
    fresh = tokens.create_token(root, "made meanwhile", user="ann")
    assert second.recognise(fresh.secret, "10.0.0.9").name == "ann"
    tokens.revoke_token(root, fresh.token.token_id)
    with pytest.raises(SignInError, match="was revoked"):  # it was known; what is revoked is no longer
        second.recognise(fresh.secret, "10.0.0.9")
    third = Recogniser(workspace.store, time, workspace.settings)
    guess(third, "10.0.0.9")
    with pytest.raises(ThrottledError):
        third.recognise(fresh.secret, "10.0.0.9")
    second.settle()


def test_guesses_while_waiting_cost_no_look_into_the_file(
    root: Caller, workspace: Workspace, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    guess(recogniser, "10.0.0.9")
    with pytest.raises(ThrottledError):
        recogniser.recognise("guess 6", "10.0.0.9")
    monkeypatch.setattr(workspace.store, "read", lambda: pytest.fail("looked up"))
    with pytest.raises(ThrottledError):
        recogniser.recognise("guess 7", "10.0.0.9")


def test_a_visitor_of_ipv6_guesses_from_one_network(root: Caller, recogniser: Recogniser) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    for n in range(5):
        guess(recogniser, f"2001:db8:1:2::{n}", 1)
    with pytest.raises(ThrottledError, match="too many unknown tokens came from 2001:db8:1:2:9::1"):
        recogniser.recognise("guess", "2001:db8:1:2:9::1")
    guess(recogniser, "2001:db8:1:3::1", 1)


def test_who_must_change_the_password_may_do_nothing_else(
    root: Caller, recogniser: Recogniser, known: Callable[[str], Caller]
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    users.create_user(root, "bob", password=OTHER, roles=("viewer",))
    began = signing_in.sign_in(root, "bob", OTHER)
    assert began.must_change_password
    assert not recogniser.recognise(began.session_token).grants.may_somewhere("dataset.read")
    assert signing_in.my_rights(known(began.session_token)).must_change_password
    for ask in (
        lambda: tokens.create_token(known(began.session_token), "back door"),
        lambda: own_account.begin_code(known(began.session_token)),
    ):
        with pytest.raises(AccessError, match="'bob' must change the password before"):
            ask()
    own_account.set_password(known(began.session_token), "my very own pebble", old=OTHER)
    assert recogniser.recognise(began.session_token).grants.may("dataset.read")
    assert not signing_in.my_rights(known(began.session_token)).must_change_password


def test_a_session_outlives_the_owner_and_its_idle_time_goes_on(
    root: Caller, workspace: Workspace, recogniser: Recogniser, time: Time
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    secret = signing_in.sign_in(root, "ann", PASSWORD).session_token
    time.pass_by(7_000)
    recogniser.recognise(secret)
    recogniser.settle()
    time.pass_by(7_000)
    second = Recogniser(workspace.store, time, workspace.settings)
    assert second.recognise(secret).name == "ann"
    second.settle()
    time.pass_by(7_200)
    with pytest.raises(AccessError, match="was not used"):
        Recogniser(workspace.store, time, workspace.settings).recognise(secret)
