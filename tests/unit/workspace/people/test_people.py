"""Users, groups, roles and tokens: who may change what, and what can never be lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.people import OTHER, PASSWORD, Time, caller_of
from workbench.domain import BUILT_IN_ROLES
from workbench.domain.ids import AssignmentId, TokenId
from workbench.errors import (
    AccessError,
    ConfirmationError,
    ConflictError,
    DuplicateNameError,
    InputError,
    LimitError,
    NotEmptyError,
    UnknownNameError,
    WorkbenchError,
)
from workbench.workspace import catalog, deleting
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.people import groups, own_account, roles, signing_in, tokens, users
from workbench.workspace.people.recognising import Recogniser

Known = Callable[[str], Caller]


@pytest.fixture
def ann(root: Caller) -> str:
    users.create_user(root, "ann", "ann@buyer.example", password=PASSWORD)
    return "ann"


def session_of(root: Caller, known: Known, name: str, password: str) -> Caller:
    """Somebody who signed in, and has a password of their own."""
    me = known(signing_in.sign_in(root, name, password).session_token)
    own_account.set_password(me, f"{password} too", old=password)
    return known(signing_in.sign_in(root, name, f"{password} too").session_token)


# ---- users


def test_the_first_user_may_manage_people_and_annotate(root: Caller, ann: str, known: Known) -> None:
    me = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    for permission in ("tenant.manage", "audit.read", "source.manage", "dataset.review", "model.manage"):
        assert me.may(permission)  # type: ignore[arg-type]
    given = [(one.subject, one.role, one.project) for one in roles.role_assignments(root)]
    assert sorted(given) == sorted(("ann", role, None) for role in users.FIRST_ROLES)
    rights = signing_in.my_rights(me)
    assert (rights.name, rights.kind, rights.guarded) == ("ann", "session", True)


def test_a_first_user_who_could_not_let_others_in_is_refused(root: Caller, recogniser: Recogniser) -> None:
    with pytest.raises(InputError, match="'ann' would be the first user and may not manage people"):
        users.create_user(root, "ann", roles=("viewer",))
    assert not recogniser.guarded and users.users(root) == ()


def test_names_and_e_mails_are_taken_once_in_any_case(root: Caller, ann: str) -> None:
    with pytest.raises(DuplicateNameError, match="a user named 'ANN' exists already"):
        users.create_user(root, "ANN")
    with pytest.raises(DuplicateNameError, match=r"a user with the e-mail named 'ANN@buyer\.example'"):
        users.create_user(root, "bob", "ANN@buyer.example")
    users.create_user(root, "bob")
    with pytest.raises(DuplicateNameError):
        users.amend_user(root, "bob", email="ann@Buyer.example")
    changed = users.amend_user(root, "ann", email="Ann@buyer.example", title="<b>Ann</b>")
    assert (changed.email, changed.title) == ("Ann@buyer.example", "<b>Ann</b>")


@pytest.mark.parametrize("name", ["", "a b", "ann@x", "a\n"])
def test_names_are_plain(root: Caller, name: str) -> None:
    with pytest.raises(InputError, match=r"user name .* cannot be used"):
        users.create_user(root, name)


@pytest.mark.parametrize("email", ["ann", "a@b@c", "<a@b>", "a" * 250 + "@b.example"])
def test_e_mails_are_plain(root: Caller, email: str) -> None:
    with pytest.raises(InputError, match="is no e-mail address"):
        users.create_user(root, "ann", email)


def test_the_history_keeps_the_name_of_who_was_deleted(root: Caller, ann: str, workspace: Workspace) -> None:
    users.create_user(root, "bob", "bob@buyer.example", password=OTHER, roles=("viewer",))
    key = f"user-{users.users(root)[1].user_id}"
    assert root.store.secrets.get(key)
    with pytest.raises(ConfirmationError, match="user 'bob' was to be deleted, but 'bo' was given"):
        users.delete_user(root, "bob", "bo")
    users.delete_user(root, "BOB", "bob")
    assert not root.store.secrets.get(key)
    assert [one.name for one in users.users(root)] == ["ann"]
    assert "bob" not in [one.subject for one in roles.role_assignments(root)]
    with pytest.raises(
        InputError, match="user 'bob' was deleted, and what that one did stands under this name"
    ):
        users.create_user(root, "bob")
    again = users.create_user(root, "bob", "bob@buyer.example", again=True)
    assert not again.has_password
    with root.store.read() as session:
        assert session.roles.grants(again.user_id) == {}


def test_users_have_a_quota(root: Caller, ann: str, workspace: Workspace) -> None:
    workspace.settings = replace(workspace.settings, most_users=1)
    with pytest.raises(LimitError, match="user bob would be user number 2; at most 1 are allowed"):
        users.create_user(root, "bob")


def test_a_call_that_comes_twice_creates_one_user(root: Caller, workspace: Workspace) -> None:
    same = Caller(workspace=workspace, actor="root", call_id="c1")
    assert users.create_user(same, "ann") == users.create_user(same, "ann")


# ---- somebody can always let others in


def losses(root: Caller) -> dict[str, Callable[[], object]]:
    admin = next(one for one in roles.role_assignments(root) if one.role == "service_admin")
    return {
        "disabling 'ann'": lambda: users.enable_user(root, "ann", enabled=False),
        "deleting 'ann'": lambda: users.delete_user(root, "ann", "ann"),
        "taking role 'service_admin' from 'ann'": lambda: roles.remove_role_assignment(
            root, admin.assignment_id
        ),
    }


def test_the_last_who_may_manage_people_stays(root: Caller, ann: str) -> None:
    users.create_user(root, "bob", roles=("project_admin",))
    for what, lose in losses(root).items():
        with pytest.raises(ConflictError, match=f"{what} would leave nobody who may manage people") as caught:
            lose()
        assert caught.value.next_step == "Give another user the role 'service_admin' first."
    assert users.users(root)[0].disabled_at is None
    roles.assign_role(root, "bob", "service_admin")
    users.enable_user(root, "ann", enabled=False)
    with pytest.raises(ConflictError, match="disabling 'bob' would leave nobody"):
        users.enable_user(root, "bob", enabled=False)


def test_nor_is_that_right_lost_through_groups_and_roles(root: Caller, ann: str) -> None:
    roles.create_role(root, "lead", ("tenant.manage",), scope="tenant")
    groups.create_group(root, "leads", members=("ann",))
    roles.assign_role(root, "leads", "lead", subject_kind="group")
    admin = next(one for one in roles.role_assignments(root) if one.role == "service_admin")
    roles.remove_role_assignment(root, admin.assignment_id)
    with pytest.raises(ConflictError, match="these members of group 'leads' would leave nobody"):
        groups.amend_group(root, "leads", members=())
    with pytest.raises(ConflictError, match="deleting group 'leads' would leave nobody"):
        groups.delete_group(root, "leads", "leads")
    with pytest.raises(ConflictError, match="changing role 'lead' would leave nobody"):
        roles.amend_role(root, "lead", permissions=("audit.read",))
    assert groups.groups(root)[0].members == ("ann",)


def test_of_two_who_disable_each_other_at_once_one_stays(root: Caller, ann: str) -> None:
    users.create_user(root, "bob", roles=("service_admin",))

    def disable(name: str) -> bool:
        try:
            users.enable_user(root, name, enabled=False)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            assert sorted(pool.map(disable, ("ann", "bob"))) == [False, True]
            for name in ("ann", "bob"):
                users.enable_user(root, name, enabled=True)


def test_only_who_owns_the_file_deletes_the_last_user(root: Caller, ann: str, known: Known) -> None:
    me = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    with pytest.raises(ConflictError, match="'ann' is the last user; without users everybody"):
        users.delete_user(me, "ann", "ann")
    users.delete_user(root, "ann", "ann")
    assert users.users(root) == () and not signing_in.my_rights(root).guarded


# ---- groups and roles


def test_groups_from_their_creation_to_their_end(root: Caller, ann: str) -> None:
    users.create_user(root, "bob")
    made = groups.create_group(root, "team", "The team", ("bob", "ann", "bob"))
    assert made.members == ("ann", "bob") and users.users(root)[0].groups == ("team",)
    with pytest.raises(DuplicateNameError, match="a group named 'team' exists already"):
        groups.create_group(root, "team")
    with pytest.raises(UnknownNameError, match="unknown user 'carl'"):
        groups.amend_group(root, "team", members=("carl",))
    assert groups.amend_group(root, "team", title="T").members == ("ann", "bob")
    assert groups.amend_group(root, "team", members=("bob",)).members == ("bob",)
    users.delete_user(root, "bob", "bob")
    assert groups.groups(root)[0].members == ()
    with pytest.raises(ConfirmationError):
        groups.delete_group(root, "team", "x")
    roles.assign_role(root, "team", "viewer", subject_kind="group")
    groups.delete_group(root, "team", "team")
    assert groups.groups(root) == () and "team" not in [one.subject for one in roles.role_assignments(root)]
    with pytest.raises(UnknownNameError, match="unknown group 'team'"):
        groups.delete_group(root, "team", "team")


def test_a_group_gives_its_members_its_roles(root: Caller, ann: str, known: Known) -> None:
    catalog.create_project(root, "demo")
    users.create_user(root, "bob", password=OTHER)
    groups.create_group(root, "team", members=("bob",))
    roles.assign_role(root, "team", "viewer", "demo", "group")
    me = session_of(root, known, "bob", OTHER)
    assert (
        me.may("dataset.read", "demo") and not me.may("dataset.read", "other") and not me.may("dataset.read")
    )


def test_roles_are_made_changed_and_deleted_but_not_the_built_in(root: Caller, ann: str) -> None:
    made = roles.create_role(root, "reader", ("dataset.read", "dataset.read", "source.read"), title="Reads")
    assert made.permissions == ("dataset.read", "source.read")
    assert [one.name for one in roles.roles(root)] == [*BUILT_IN_ROLES, "reader"]
    for name in ("reader", "viewer"):
        with pytest.raises(DuplicateNameError):
            roles.create_role(root, name, ("dataset.read",))
    with pytest.raises(InputError, match="role 'viewer' is built in and stays as it is"):
        roles.amend_role(root, "viewer", title="x")
    with pytest.raises(InputError, match="is built in"):
        roles.delete_role(root, "viewer", "viewer")
    with pytest.raises(InputError, match="is a right of the tenant"):
        roles.amend_role(root, "reader", permissions=("tenant.manage",))
    with pytest.raises(UnknownNameError, match=r"unknown permission 'x'"):
        roles.create_role(root, "odd", ("x",))  # type: ignore[arg-type]
    given = roles.assign_role(root, "ann", "reader")
    with pytest.raises(NotEmptyError, match="role 'reader' is still given to ann"):
        roles.delete_role(root, "reader", "reader")
    roles.remove_role_assignment(root, given.assignment_id)
    with pytest.raises(ConfirmationError):
        roles.delete_role(root, "reader", "x")
    roles.delete_role(root, "reader", "reader")
    with pytest.raises(UnknownNameError, match="unknown role 'reader'"):
        roles.assign_role(root, "ann", "reader")


def test_a_role_is_given_where_it_can_count_and_once(root: Caller, ann: str) -> None:
    catalog.create_project(root, "demo")
    given = roles.assign_role(root, "ANN", "viewer", "demo")
    assert (given.subject, given.given_by) == ("ann", "root")
    assert roles.assign_role(root, "ann", "viewer", "demo") == given
    assert roles.role_assignments(root, "demo") == (given,)
    with pytest.raises(
        InputError, match="role 'service_admin' is one of the tenant and cannot be given in project"
    ):
        roles.assign_role(root, "ann", "service_admin", "demo")
    with pytest.raises(UnknownNameError, match="unknown project 'x'"):
        roles.assign_role(root, "ann", "viewer", "x")
    with pytest.raises(UnknownNameError, match="unknown group 'ann'"):
        roles.assign_role(root, "ann", "viewer", subject_kind="group")
    with pytest.raises(UnknownNameError, match="unknown assignment 'x'"):
        roles.remove_role_assignment(root, AssignmentId("x"))


def test_a_new_project_is_not_open_to_those_who_had_an_old_one_of_its_name(root: Caller, ann: str) -> None:
    catalog.create_project(root, "demo")
    roles.assign_role(root, "ann", "viewer", "demo")
    deleting.delete_project(root, "demo", "demo")
    catalog.create_project(root, "demo")
    assert roles.role_assignments(root, "demo") == ()


# ---- tokens


def test_a_token_may_be_good_for_less_than_its_user(root: Caller, ann: str, known: Known) -> None:
    for project in ("demo", "other"):
        catalog.create_project(root, project)
    me = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    whole = known(tokens.create_token(me, "whole").secret)
    assert whole.may("tenant.manage") and whole.may("dataset.manage", "other")
    narrow = known(tokens.create_token(me, "narrow", None, ("demo",), ("dataset.review",)).secret)
    assert narrow.may("dataset.read", "demo") and narrow.may("dataset.review", "demo")
    for permission, project in (
        ("dataset.read", "other"),
        ("dataset.manage", "demo"),
        ("dataset.read", None),
    ):
        assert not narrow.may(permission, project)  # type: ignore[arg-type]
    with pytest.raises(AccessError, match=r"user 'ann' does not have the permission 'tenant\.manage'"):
        tokens.create_token(me, "odd", None, ("demo",), ("tenant.manage",))
    with pytest.raises(AccessError, match=r"user 'ann' does not have the permission 'source\.unmask'"):
        tokens.create_token(me, "odd", None, None, ("source.unmask",))
    with pytest.raises(UnknownNameError, match="unknown project 'x'"):
        tokens.create_token(me, "odd", None, ("x",))


def test_a_token_makes_no_token_and_changes_no_password(root: Caller, ann: str, known: Known) -> None:
    robot = known(tokens.create_token(root, "robot", user="ann").secret)
    asks: tuple[Callable[[], object], ...] = (
        lambda: tokens.create_token(robot, "another"),
        lambda: own_account.set_password(robot, OTHER, old=PASSWORD),
        lambda: own_account.begin_code(robot),
        lambda: own_account.confirm_code(robot, "123456"),
        lambda: own_account.renew_recovery_codes(robot, PASSWORD),
        lambda: own_account.remove_code(robot, PASSWORD),
    )
    for ask in asks:
        with pytest.raises(AccessError, match=r"'ann' came with a token, and .* needs a sign-in"):
            ask()


def test_everybody_sees_and_ends_their_own_tokens_and_administrators_all(
    root: Caller, ann: str, known: Known
) -> None:
    users.create_user(root, "bob", password=OTHER)
    boss = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    me = session_of(root, known, "bob", OTHER)
    mine = tokens.create_token(me, "mine")
    theirs = tokens.create_token(boss, "theirs")
    assert [one.title for one in tokens.tokens(me) if one.kind == "api"] == ["mine"]
    assert {one.title for one in tokens.tokens(boss, everybody=True) if one.kind == "api"} == {
        "mine",
        "theirs",
    }
    for ask in (
        lambda: tokens.tokens(me, "ann"),
        lambda: tokens.create_token(me, "x", user="ann"),
        lambda: own_account.set_password(me, PASSWORD, user="ann"),
        lambda: own_account.remove_code(me, user="ann"),
    ):
        with pytest.raises(AccessError, match="'bob' may not act for user 'ann'"):
            ask()
    with pytest.raises(AccessError, match="'bob' may not see everybody's tokens"):
        tokens.tokens(me, everybody=True)
    for unknown in (theirs.token.token_id, TokenId("x")):
        with pytest.raises(UnknownNameError, match=f"unknown token '{unknown}'"):
            tokens.revoke_token(me, unknown)
    assert tokens.revoke_token(boss, mine.token.token_id).revoked_at is not None
    with pytest.raises(AccessError, match="was revoked"):
        known(mine.secret)


def test_a_token_ends_when_it_is_told_to(root: Caller, ann: str, time: Time, workspace: Workspace) -> None:
    assert tokens.create_token(root, "a", user="ann").token.expires_at == time.now + timedelta(days=365)
    for ends in (time.now, time.now + timedelta(days=366), time.now.replace(tzinfo=None)):
        with pytest.raises(InputError, match="token 'a' cannot end at"):
            tokens.create_token(root, "a", ends, user="ann")
    workspace.settings = replace(workspace.settings, token_days=0)
    assert tokens.create_token(root, "a", user="ann").token.expires_at is None


def test_a_call_that_comes_twice_makes_one_token_with_the_second_secret(
    root: Caller, ann: str, workspace: Workspace, known: Known
) -> None:
    same = Caller(workspace=workspace, actor="root", call_id="c1")
    first, second = (tokens.create_token(same, "robot", user="ann") for _ in range(2))
    assert first.token.token_id == second.token.token_id and len(tokens.tokens(root, "ann")) == 1
    assert known(second.secret).actor == "ann"
    with pytest.raises(AccessError, match="not known here"):
        known(first.secret)
    assert second.secret.startswith(second.token.prefix) and len(second.secret) == 47


def test_secrets_are_256_bits(root: Caller, ann: str) -> None:
    import base64

    for secret in (
        signing_in.sign_in(root, "ann", PASSWORD).session_token,
        tokens.create_token(root, "a", user="ann").secret,
    ):
        assert len(base64.urlsafe_b64decode(secret[4:] + "=")) == 32


# ---- passwords of others


def test_an_administrator_sets_a_first_password_that_must_be_changed(
    root: Caller, ann: str, known: Known, recogniser: Recogniser
) -> None:
    users.create_user(root, "bob", roles=("viewer",))
    secret = tokens.create_token(root, "robot", user="bob").secret
    with pytest.raises(AccessError, match="user 'bob' has no password yet"):
        own_account.set_password(replace(root, actor="bob"), PASSWORD, old="x")
    boss = known(signing_in.sign_in(root, "ann", PASSWORD).session_token)
    assert own_account.set_password(boss, OTHER, user="bob").must_change_password
    began = signing_in.sign_in(root, "bob", OTHER)
    me = known(began.session_token)
    with pytest.raises(InputError, match="guessed first"):
        own_account.set_password(me, "bobbobbob-bob", old=OTHER)
    assert not own_account.set_password(me, PASSWORD, old=OTHER).must_change_password
    own_account.set_password(boss, OTHER, user="bob")
    with pytest.raises(AccessError, match="was revoked"):
        recogniser.recognise(began.session_token)
    assert recogniser.recognise(secret).name == "bob"


def test_every_change_is_in_the_audit_log(root: Caller, ann: str) -> None:
    catalog.create_project(root, "demo")
    users.create_user(root, "bob")
    groups.create_group(root, "team")
    groups.amend_group(root, "team", members=("bob",))
    roles.create_role(root, "reader", ("dataset.read",))
    roles.amend_role(root, "reader", title="x")
    given = roles.assign_role(root, "bob", "reader", "demo")
    roles.remove_role_assignment(root, given.assignment_id)
    roles.delete_role(root, "reader", "reader")
    groups.delete_group(root, "team", "team")
    own_account.set_password(root, OTHER, user="bob")
    own_account.remove_code(root, user="bob")
    made = tokens.create_token(root, "a", user="bob")
    tokens.revoke_token(root, made.token.token_id)
    users.amend_user(root, "bob", title="B")
    users.enable_user(root, "bob", enabled=False)
    users.delete_user(root, "bob", "bob")
    with root.store.read() as session:
        events = session.audit.table().to_pylist()
        assert session.audit.verify() is None
    found = [row["action"] for row in events if row["action"] != "create_project"][4:]
    assert found == [
        "create_user", "create_group", "amend_group", "create_role", "amend_role", "assign_role",
        "remove_role_assignment", "delete_role", "delete_group", "set_password", "remove_code", "create_token",
        "revoke_token", "amend_user", "disable_user", "delete_user",
    ]  # fmt: skip
    assert all(row["actor"] == "root" for row in events)
    assert json.loads(events[-1]["details"])["guarded"] is True
    assert issubclass(AccessError, WorkbenchError)


def test_a_token_that_has_ended_is_ended_without_a_trace(root: Caller, workspace: Workspace) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    made = tokens.create_token(root, "robot", user="ann")
    ended = tokens.revoke_token(root, made.token.token_id)
    before, known = workspace.store.n_writes, workspace.store.n_access_writes
    for _ in range(3):
        assert tokens.revoke_token(root, made.token.token_id) == ended
    assert (workspace.store.n_writes, workspace.store.n_access_writes) == (before, known)
    with root.store.read() as session:
        actions = session.audit.table().column("action").to_pylist()
    assert actions.count("revoke_token") == 1


def test_a_token_that_asks_for_what_needs_a_sign_in_begins_no_write(
    root: Caller, workspace: Workspace, recogniser: Recogniser
) -> None:
    users.create_user(root, "ann", password=PASSWORD)
    secret = tokens.create_token(root, "robot", user="ann").secret
    robot = caller_of(workspace, recogniser, secret)
    recogniser.settle()
    before = workspace.store.n_writes
    for ask in (
        lambda: tokens.create_token(robot, "another"),
        lambda: own_account.begin_code(robot),
        lambda: own_account.confirm_code(robot, "123456"),
    ):
        with pytest.raises(AccessError, match=r"'ann' came with a token, and .* needs a sign-in"):
            ask()
    with pytest.raises(UnknownNameError, match="unknown token 'nonsense'"):
        tokens.revoke_token(robot, TokenId("nonsense"))
    assert workspace.store.n_writes == before
