"""Who a call comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.domain import EVERYTHING, Grants, Principal
from workbench.errors import SignInError
from workbench.wire import Call
from workbench.workspace.owner.doorkeeper import Doorkeeper, channel_of, operator_token

ANNA = Principal(name="anna", grants=Grants(), kind="session", credential_id="s1")


class Accounts:
    """Knows one session, of Anna."""

    def __init__(self, *, guarded: bool) -> None:
        self.guarded = guarded

    def recognise(self, token: str, peer: str = "") -> Principal:
        if token != "of anna":
            raise SignInError("the session is over.", next_step="Sign in again.")
        return ANNA


def call(token: str = "", actor: str = "", channel: str = "") -> Call:
    return Call(operation="whoami", arguments=b"", actor=actor, token=token, channel=channel)


@pytest.mark.parametrize("accounts", [None, Accounts(guarded=False)])
def test_without_accounts_whoever_reaches_the_socket_is_the_person_whose_file_it_is(
    accounts: Accounts | None,
) -> None:
    keeper = Doorkeeper(accounts, operator_token="op")
    for token in ("", "op"):
        assert keeper.principal(call(token), "ann") == Principal(name="ann", grants=EVERYTHING)
        assert keeper.principal(call(token, "bob", "http"), "ann").name == "bob"
    with pytest.raises(SignInError, match="the token is wrong: the workspace has no accounts"):
        keeper.principal(call("of anna"), "ann")


def test_with_accounts_everybody_shows_a_token_and_is_who_it_says() -> None:
    keeper = Doorkeeper(Accounts(guarded=True), operator_token="op")
    with pytest.raises(SignInError, match="has accounts, and the call shows no token"):
        keeper.principal(call(actor="anna"), "ann")
    with pytest.raises(SignInError, match="the session is over"):
        keeper.principal(call("op "), "ann")
    assert keeper.principal(call("of anna", actor="bob"), "ann") == ANNA
    operator = keeper.principal(call("op", actor="bob"), "ann")
    assert (operator.name, operator.kind, operator.grants) == ("bob", "operator", EVERYTHING)


def test_the_operators_token_does_not_come_in_over_http_where_there_are_accounts() -> None:
    keeper = Doorkeeper(Accounts(guarded=True), operator_token="op")
    with pytest.raises(SignInError, match="its own token opens it no longer"):
        keeper.principal(call("op", channel="http"), "ann")


def test_the_way_somebody_came_is_one_of_those_there_are() -> None:
    assert [channel_of(call(channel=one)) for one in ("", "cli", "panel", "=SUM(1)")] == [
        "python",
        "cli",
        "panel",
        "python",
    ]


def test_the_operators_token_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "operator.token"
    made = operator_token(file)
    assert len(made) >= 43 and operator_token(file) == made
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_call_shows_its_token_nowhere() -> None:
    shown = call("a secret", "ann")
    assert "secret" not in repr(shown) + str(shown) + f"{shown}"
    assert "op" not in repr(Doorkeeper(None, operator_token="op-erator")).replace("Doorkeeper", "")
